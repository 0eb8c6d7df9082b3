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
 * The redirect URI to register with the environment.
 */
redirectUri: string, 
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
 * What is wrong with the settings, if anything is.
 */
problem: Problem | null, };

/**
 * Where the settings come from.
 */
export type SettingsSource = "environment" | "file" | "builtIn" | "none";

/**
 * An environment that has answered.
 */
export type CheckedEnvironment = { 
/**
 * What it calls itself.
 */
issuer: string, };
