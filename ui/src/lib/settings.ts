import { invoke } from "@tauri-apps/api/core";

import type { CheckedEnvironment, Settings } from "./settings-types";

/** What the application is set to, and where that comes from. */
export function readSettings(): Promise<Settings> {
  return invoke<Settings>("settings");
}

/** Asks the environment who it is. Rejects with a `Problem`. */
export function checkEnvironment(environmentUrl: string): Promise<CheckedEnvironment> {
  return invoke<CheckedEnvironment>("check_environment", { environmentUrl });
}

/** Keeps what the user entered. Rejects with a `Problem`. */
export function saveSettings(environmentUrl: string, clientId: string): Promise<Settings> {
  return invoke<Settings>("save_settings", { environmentUrl, clientId });
}
