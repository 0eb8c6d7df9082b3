import { invoke } from "@tauri-apps/api/core";

import type { Language, Preferences, Theme } from "./settings-types";

/** Reads the user's preferences for the window. */
export function readPreferences(): Promise<Preferences> {
  return invoke<Preferences>("preferences");
}

/** Stores the language (`null` is the system's) and the theme, which the window applies at once. */
export function savePreferences(language: Language | null, theme: Theme): Promise<Preferences> {
  return invoke<Preferences>("save_preferences", { language, theme });
}

/** Shows the page in this zoom and stores it. Returns the zoom in use, which has limits. */
export function setZoom(zoom: number): Promise<number> {
  return invoke<number>("set_zoom", { zoom });
}
