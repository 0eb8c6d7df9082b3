import { invoke } from "@tauri-apps/api/core";
import { createContext } from "svelte";

import type { CheckedEnvironment, OfferedResource, Reports, Settings } from "./settings-types";

/** Reads the settings of the application and their source. */
export function readSettings(): Promise<Settings> {
  return invoke<Settings>("settings");
}

/** Fetches the environment's discovery document, and returns its issuer. Rejects with a `Problem`. */
export function checkEnvironment(environmentUrl: string): Promise<CheckedEnvironment> {
  return invoke<CheckedEnvironment>("check_environment", { environmentUrl });
}

/** Stores the entered settings. Rejects with a `Problem`. */
export function saveSettings(environmentUrl: string, clientId: string): Promise<Settings> {
  return invoke<Settings>("save_settings", { environmentUrl, clientId });
}

/** Fetches the protected resource of the settings. Rejects with a `Problem`. */
export function fetchReports(): Promise<Reports> {
  return invoke<Reports>("reports");
}

/** The environment variables that lock the settings. */
export const URL_VARIABLE = "SCALEKIT_ENVIRONMENT_URL";
export const CLIENT_VARIABLE = "SCALEKIT_CLIENT_ID";

/** The host that the user signs in at, such as `acme.scalekit.com`; the address itself if it has none. */
export function hostOf(address: string): string {
  return urlOf(address)?.host ?? address;
}

/** Whether two addresses have the same origin. */
export function isSameAddress(one: string, other: string): boolean {
  return one === other || (urlOf(one) !== null && urlOf(one)?.origin === urlOf(other)?.origin);
}

/** The core accepts an address without a scheme, too. */
function urlOf(address: string): URL | null {
  const whole = address.includes("://") ? address : `https://${address}`;
  return URL.canParse(whole) ? new URL(whole) : null;
}

/** The callbacks of the settings form. */
export type Saving = {
  /** Whether the form has unsaved changes. */
  onedit: (dirty: boolean) => void;
  /** A save has started or ended. */
  onbusy: (busy: boolean) => void;
  /** The environment at this host was reached; `null` resets that. */
  onfound: (host: string | null) => void;
  onsaved: (settings: Settings) => void;
};

export const [useConnection, provideConnection] = createContext<Connection>();

/** The configured environment and resource, the redirect URI, and the version of the application. */
export type Connection = {
  readonly host: string | null;
  readonly redirectUri: string | null;
  readonly version: string | null;
  readonly resource: OfferedResource | null;
};
