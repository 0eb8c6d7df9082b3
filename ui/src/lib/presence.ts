import { invoke } from "@tauri-apps/api/core";

import type { PresenceSettings } from "./settings-types";

/** Reads whether there is a tray, and whether the application starts at login. */
export function readPresence(): Promise<PresenceSettings> {
  return invoke<PresenceSettings>("presence");
}

/** Stores both settings, and returns the effective ones. */
export function savePresence(
  closeToTray: boolean,
  startAtLogin: boolean,
): Promise<PresenceSettings> {
  return invoke<PresenceSettings>("save_presence", { closeToTray, startAtLogin });
}
