import { createContext, tick } from "svelte";

export const [useAnnouncer, provideAnnouncer] = createContext<Announcer>();

/** How long a sentence stays in the region: later it would be read as news. */
const STAYS = 3000;

/** What the window's one live region says. */
export class Announcer {
  text = $state("");
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Says something, even if it is what was said last. */
  async say(text: string): Promise<void> {
    clearTimeout(this.#timer);
    this.text = "";
    await tick();
    this.text = text;
    this.#timer = setTimeout(() => (this.text = ""), STAYS);
  }
}
