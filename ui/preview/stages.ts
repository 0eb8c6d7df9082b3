import type { SessionView } from "tauri-plugin-scalekit-api";

import type { Answers } from "./core";
import { lockedSettings, noSettings, offline, scenes, settings } from "./scenes";

/** What no session shows by itself, for the preview page and for the tests. */
export type Stage = {
  /** The session that is shown first. */
  view: SessionView;
  answers: Answers;
  /** What the user does there. */
  acts: () => Promise<void>;
};

/** Each stage by its name, at a moment in milliseconds since the Unix epoch. */
export function stages(now: number): Record<string, Stage> {
  const { signedOut, notConfigured } = scenes(now);
  if (!signedOut || !notConfigured) throw new Error("a scene is missing");
  return {
    settingsNone: {
      view: notConfigured,
      answers: { settings: () => noSettings },
      acts: () => Promise.resolve(),
    },
    settings: {
      view: signedOut,
      answers: { settings: () => settings },
      acts: opensSettings,
    },
    settingsLocked: {
      view: signedOut,
      answers: { settings: () => lockedSettings },
      acts: opensSettings,
    },
    settingsUnanswered: {
      view: signedOut,
      answers: {
        settings: () => settings,
        check_environment: () => {
          throw offline;
        },
      },
      acts: async () => {
        await opensSettings();
        const [, clientId] = document.querySelectorAll<HTMLInputElement>("form input");
        if (clientId) enters(clientId, "skc_60312549771520012");
        document.querySelector<HTMLElement>("form [type=submit]")?.click();
        await appears("form [role=alert]");
      },
    },
  };
}

async function opensSettings(): Promise<void> {
  (await appears("[data-opens-settings] button")).click();
  await appears("form input");
}

function enters(field: HTMLInputElement, text: string): void {
  field.value = text;
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
