import { invoke } from "@tauri-apps/api/core";
import { createContext } from "svelte";

import type { CheckedEnvironment, OfferedResource, Reports, Settings } from "./settings-types";

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

/** Fetches the protected resource of the settings. Rejects with a `Problem`. */
export function fetchReports(): Promise<Reports> {
  return invoke<Reports>("reports");
}

/** The environment variables that lock the settings. */
export const URL_VARIABLE = "SCALEKIT_ENVIRONMENT_URL";
export const CLIENT_VARIABLE = "SCALEKIT_CLIENT_ID";

/** The host that a user trusts when signing in, such as `acme.scalekit.com`; the address itself if it has none. */
export function hostOf(address: string): string {
  return urlOf(address)?.host ?? address;
}

/** Whether two addresses are the same environment, however they are written. */
export function isSameAddress(one: string, other: string): boolean {
  return one === other || (urlOf(one) !== null && urlOf(one)?.origin === urlOf(other)?.origin);
}

/** The core takes an address without its scheme, too. */
function urlOf(address: string): URL | null {
  const whole = address.includes("://") ? address : `https://${address}`;
  return URL.canParse(whole) ? new URL(whole) : null;
}

/** What becomes of the settings that are being entered. */
export type Saving = {
  /** Something is entered that is not saved, or no longer. */
  onedit: (dirty: boolean) => void;
  /** Saving has begun, or has come to an end. */
  onbusy: (busy: boolean) => void;
  /** The environment at this host has answered; none where that is not known any more. */
  onfound: (host: string | null) => void;
  onsaved: (settings: Settings) => void;
};

export const [useConnection, provideConnection] = createContext<Connection>();

/** Which services this window is about, how the browser comes back, and which version of the application it is. */
export type Connection = {
  readonly host: string | null;
  readonly redirectUri: string | null;
  readonly version: string | null;
  readonly resource: OfferedResource | null;
};
