import { invoke } from "@tauri-apps/api/core";
import { createContext, tick } from "svelte";

export const [useAnnouncer, provideAnnouncer] = createContext<Announcer>();

/** How long a sentence stays in the region: later it would be read as news. */
const STAYS = 3000;

/** What a screen reader speaks without the focus being there, one way or the other, never both. */
export class Announcer {
  /** What the window's one live region says. */
  text = $state("");
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Says something, even if it is what was said last. */
  async say(text: string): Promise<void> {
    if (await hasSpoken(text)) return;
    clearTimeout(this.#timer);
    this.text = "";
    await tick();
    this.text = text;
    this.#timer = setTimeout(() => (this.text = ""), STAYS);
  }

  /** Says what an alert of the page says, where the webview tells screen readers of none. */
  async sayAlert(text: string): Promise<void> {
    await hasSpoken(text);
  }
}

/** Whether the application itself has it spoken, as it does where the webview tells nobody of its live regions. */
async function hasSpoken(text: string): Promise<boolean> {
  try {
    return await invoke<boolean>("announce", { text });
  } catch {
    // Too many at once: better in the region than nowhere.
    return false;
  }
}
