import { createContext, tick } from "svelte";

export const [useAnnouncer, provideAnnouncer] = createContext<Announcer>();

/** What the window's one live region says. */
export class Announcer {
  text = $state("");

  /** Says something, even if it is what was said last. */
  async say(text: string): Promise<void> {
    this.text = "";
    await tick();
    this.text = text;
  }
}
