import { invoke } from "@tauri-apps/api/core";
import { createContext, tick } from "svelte";

export const [useAnnouncer, provideAnnouncer] = createContext<Announcer>();

/** How long a text stays in the live region, in milliseconds: a user who browses the page later must not find it. */
const STAYS = 3000;

/** Announcements without focus: by the application or by the live region, never by both. */
export class Announcer {
  /** The text of the window's only live region. */
  text = $state("");
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Announces a text, even if it is equal to the last one. */
  async announce(text: string): Promise<void> {
    if (await hasSpoken(text)) return;
    clearTimeout(this.#timer);
    this.text = "";
    await tick();
    this.text = text;
    this.#timer = setTimeout(() => (this.text = ""), STAYS);
  }

  /** Announces the text of an alert where the webview does not expose alerts to screen readers. */
  async announceAlert(text: string): Promise<void> {
    await hasSpoken(text);
  }
}

/** Whether the application has announced the text, as it does where the webview does not expose live regions. */
async function hasSpoken(text: string): Promise<boolean> {
  try {
    return await invoke<boolean>("announce", { text });
  } catch {
    // The command is rate limited: the live region is the fallback.
    return false;
  }
}
