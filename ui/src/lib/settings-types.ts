// Generated from the Rust types by the tests of latchkey. Do not edit.
import type { Problem } from "tauri-plugin-scalekit-api";

/**
 * What the application is set to.
 */
export type Settings = { environmentUrl: string | null, clientId: string | null, source: SettingsSource, locked: boolean, redirectUri: string, postLogoutRedirectUri: string, version: string, problem: Problem | null, };

/**
 * Where the settings come from.
 */
export type SettingsSource = "environment" | "file" | "builtIn" | "none";

/**
 * What a check of an environment found.
 */
export type CheckedEnvironment = { issuer: string, };
