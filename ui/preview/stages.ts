import type { SessionView } from "tauri-plugin-scalekit-api";

import type { Results, PretendedCore } from "./core";
import {
  lockedSettings,
  loopbackSettings,
  noSettings,
  offline,
  otherResourceSettings,
  renamed,
  report,
  reports,
  resourceSettings,
  scenes,
  settings,
  unusablePolicySettings,
  wrongResourceSettings,
} from "./scenes";

/** Window states that a user action leads to, for the preview page and for the tests. */
export type Stage = {
  /** The first view. */
  view: SessionView;
  results: Results;
  /** The user actions. */
  acts: (core: PretendedCore) => Promise<void>;
};

/** Each stage by its name, at a moment in milliseconds since the Unix epoch. */
export function stages(now: number): Record<string, Stage> {
  const { signedOut, signedIn, notConfigured, invited, waitingForBrowser } = scenes(now);
  if (!signedOut || !signedIn || !notConfigured || !invited || !waitingForBrowser)
    throw new Error("a scene is missing");
  const saved = { settings: () => settings };
  return {
    settingsNone: {
      view: notConfigured,
      results: { settings: () => noSettings },
      acts: () => Promise.resolve(),
    },
    settingsLoopback: {
      view: notConfigured,
      results: { settings: () => loopbackSettings },
      acts: () => Promise.resolve(),
    },
    reports: {
      view: signedIn,
      results: { settings: () => resourceSettings, reports: () => reports },
      acts: async () => {
        await appears("section.card button");
        document.querySelector<HTMLElement>("section.card button")?.click();
      },
    },
    reportsForbidden: {
      view: signedIn,
      results: { settings: () => otherResourceSettings },
      acts: () => Promise.resolve(),
    },
    reportsNotAllowed: {
      view: signedIn,
      results: { settings: () => wrongResourceSettings },
      acts: () => Promise.resolve(),
    },
    selfCheck: {
      view: signedOut,
      results: { settings: () => settings, self_check: () => report },
      acts: async () => {
        await opensSettings();
        (await appears("main [data-opens-self-check] button")).click();
        await appears("#check ~ ul");
      },
    },
    settings: {
      view: signedOut,
      results: { settings: () => settings },
      acts: opensSettings,
    },
    settingsLocked: {
      view: signedOut,
      results: { settings: () => lockedSettings },
      acts: opensSettings,
    },
    policyUnusable: {
      view: notConfigured,
      results: { settings: () => unusablePolicySettings },
      acts: () => Promise.resolve(),
    },
    settingsUnanswered: {
      view: signedOut,
      results: {
        settings: () => settings,
        check_environment: () => {
          throw offline;
        },
      },
      acts: async () => {
        await opensSettings();
        entersClientId();
        document.querySelector<HTMLElement>("form [type=submit]")?.click();
        await appears("form [role=alert]");
      },
    },
    settingsRenamed: {
      view: signedOut,
      results: {
        settings: () => settings,
        check_environment: () => {
          throw renamed;
        },
      },
      acts: async () => {
        await opensSettings();
        document.querySelector<HTMLElement>("form [type=submit]")?.click();
        await appears("form .note");
      },
    },
    settingsPresence: {
      view: signedOut,
      results: {
        settings: () => settings,
        presence: () => ({ tray: true, closeToTray: true, startAtLogin: false }),
      },
      acts: async () => {
        await opensSettings();
        await appears("input[type=checkbox]");
      },
    },
    waitingHelp: {
      view: waitingForBrowser,
      results: saved,
      acts: async () => {
        (await appears(".help summary")).click();
        await appears(".help details[open]");
      },
    },
    savedSettings: {
      view: signedOut,
      results: {
        settings: () => settings,
        check_environment: () => ({ issuer: "https://acme.scalekit.com" }),
        save_settings: () => settings,
      },
      acts: async () => {
        await opensSettings();
        document.querySelector<HTMLElement>("form [type=submit]")?.click();
        await appears("aside .saving span + span");
      },
    },
    settingsQuestion: {
      view: signedOut,
      results: { settings: () => settings },
      acts: async (core) => {
        await opensSettings();
        entersClientId();
        core.show(invited);
        await appears("aside section");
      },
    },
    settingsDiscard: {
      view: signedOut,
      results: saved,
      acts: async () => {
        await opensSettings();
        entersClientId();
        (await appears("[data-opens-settings] button")).click();
        await appears("dialog[open]");
      },
    },
    settingsSignOut: {
      view: signedIn,
      results: { ...saved, check_environment: () => ({ issuer: settings.environmentUrl }) },
      acts: async () => {
        await opensSettings();
        entersClientId();
        document.querySelector<HTMLElement>("form [type=submit]")?.click();
        await appears("dialog[open]");
      },
    },
    stop: {
      view: waitingForBrowser,
      results: saved,
      acts: async () => {
        await appears("main h1");
        window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
        await appears("dialog[open]");
      },
    },
    company: {
      view: signedOut,
      results: saved,
      acts: async () => {
        (await appears("main [aria-expanded=false]")).click();
        enters(await appears("form input"), "Analytical Engines");
        document.querySelector<HTMLElement>("form [type=submit]")?.click();
        await appears("form [aria-invalid]");
      },
    },
    organizations: {
      view: signedIn,
      results: saved,
      acts: async () => {
        (await appears("main [aria-expanded=false]")).click();
        await appears(".others");
      },
    },
    details: {
      view: signedIn,
      results: saved,
      acts: async () => {
        await appears("summary");
        for (const summary of document.querySelectorAll("summary")) summary.click();
        await appears("details[open]:last-of-type");
      },
    },
    pending: {
      view: signedOut,
      results: { ...saved, sign_in: () => new Promise(() => {}) },
      acts: async () => {
        (await appears("main button")).click();
        await appears("main [aria-busy=true]");
      },
    },
  };
}

async function opensSettings(): Promise<void> {
  (await appears("[data-opens-settings] button")).click();
  await appears("form input");
}

function entersClientId(): void {
  const [, field] = document.querySelectorAll<HTMLInputElement>("form input");
  if (!field) throw new Error("there is no client ID");
  enters(field, "ntvc_60312549771520012");
}

function enters(field: HTMLElement, text: string): void {
  (field as HTMLInputElement).value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Waits for an element. */
function appears(selector: string): Promise<HTMLElement> {
  return new Promise((resolve) => {
    const observer = new MutationObserver(look);
    function look() {
      const found = document.querySelector<HTMLElement>(selector);
      if (!found) return;
      observer.disconnect();
      resolve(found);
    }
    observer.observe(document, { subtree: true, childList: true, attributes: true });
    look();
  });
}
