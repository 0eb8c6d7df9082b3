// Generated from the Rust types by the tests of latchkey. Do not edit.

import type { Problem } from "tauri-plugin-scalekit-api";

/**
 * The settings as the window shows them. Nothing in them is secret.
 */
export type Settings = { 
/**
 * The environment's address, as it was entered.
 */
environmentUrl: string | null, 
/**
 * The client id, as it was entered.
 */
clientId: string | null, 
/**
 * Where the two come from.
 */
source: SettingsSource, 
/**
 * Whether they can only be changed where they come from.
 */
locked: boolean, 
/**
 * The path of the computer's policy, if it has one: only built-in values count beside it.
 */
policy: string | null, 
/**
 * The redirect URI to register with the environment.
 */
redirectUri: string, 
/**
 * The loopback redirect URI to register beside it, where one is configured.
 */
loopback: string | null, 
/**
 * The post-logout redirect URI to register with the environment.
 */
postLogoutRedirectUri: string, 
/**
 * The initiate-login address to register with the environment.
 */
initiateLoginUri: string, 
/**
 * The version of this application.
 */
version: string, 
/**
 * The protected resource that is offered to a signed-in user, if one is set.
 */
resource: OfferedResource | null, 
/**
 * What is wrong with the settings, if anything is.
 */
problem: Problem | null, };

/**
 * Where the settings come from.
 */
export type SettingsSource = "policy" | "environment" | "file" | "builtIn" | "none";

/**
 * The resource as the window offers it.
 */
export type OfferedResource = { 
/**
 * The permission that it needs, if the settings name one.
 */
permission: string | null, 
/**
 * What is wrong with its settings, if anything is.
 */
problem: Problem | null, };

/**
 * What came of fetching the reports.
 */
export type Reports = { "outcome": "allowed", 
/**
 * Their titles, as the service has them.
 */
items: Array<string>, } | { "outcome": "forbidden", 
/**
 * What is missing, if it is known.
 */
permission: string | null, } | { "outcome": "unavailable", 
/**
 * Why.
 */
problem: Problem, };

/**
 * An environment that has responded.
 */
export type CheckedEnvironment = { 
/**
 * What it calls itself.
 */
issuer: string, };

/**
 * What the user prefers, as the window gets it.
 */
export type Preferences = { 
/**
 * The language; `null` is the system's.
 */
language: Language | null, 
/**
 * The colours.
 */
theme: Theme, 
/**
 * How large everything is; 1 is the usual size.
 */
zoom: number, };

/**
 * A language of the window, by its tag (BCP 47).
 */
export type Language = "ar" | "de" | "en" | "ja";

/**
 * Which colours the window is shown in.
 */
export type Theme = "system" | "light" | "dark";

/**
 * How the application stays with its user when the window is closed, and after a login.
 */
export type PresenceSettings = { 
/**
 * Whether the desktop has a tray, so that the window can be closed to it.
 */
tray: boolean, 
/**
 * Whether closing the window leaves the application in the tray.
 */
closeToTray: boolean, 
/**
 * Whether the desktop starts the application at login; `null` where the application cannot change that.
 */
startAtLogin: boolean | null, };
