import { createContext } from "svelte";

import type { Locale } from "./locale.svelte";
import { failureFrom, type Failure } from "./problems";
import { readPreferences, savePreferences, setZoom } from "./preferences";
import type { Language, Preferences as Preferred, Theme } from "./settings-types";

export const [usePreferences, providePreferences] = createContext<Preferences>();

/** What a step of the zoom keys multiplies or divides by, as browsers do it. */
const ZOOM_STEP = 1.1;

/** What the user prefers of the window. The core keeps it; until it has answered, the system decides. */
export class Preferences {
  /** A tag of `languages`; none is the system's. */
  language = $state<Language | null>(null);
  theme = $state<Theme>("system");

  /** Why the last choice could not be kept, until the user has read it. */
  refusal = $state.raw<Failure | null>(null);

  #zoom = 1;
  #locale: Locale;

  constructor(locale: Locale) {
    this.#locale = locale;
  }

  /** Asks the core. Does not reject: without an answer everything is as the system has it. */
  async read(): Promise<void> {
    try {
      await this.#apply(await readPreferences());
    } catch {
      // The system's language and theme are there already.
    }
  }

  /** Uses and keeps another language or theme. */
  async change(changed: { language?: Language | null; theme?: Theme }): Promise<void> {
    const { language, theme } = { language: this.language, theme: this.theme, ...changed };
    await this.#apply({ language, theme, zoom: this.#zoom });
    try {
      await savePreferences(language, theme);
      this.refusal = null;
    } catch (rejection) {
      // What is not kept is not shown as if it were.
      this.refusal = failureFrom(rejection);
      await this.read();
    }
  }

  /** Makes everything larger, smaller, or as large as it was. */
  async zoom(way: "in" | "out" | "reset"): Promise<void> {
    const factor = { in: this.#zoom * ZOOM_STEP, out: this.#zoom / ZOOM_STEP, reset: 1 }[way];
    try {
      this.#zoom = await setZoom(factor);
    } catch {
      // A key that is held asks faster than the core answers; the next press goes on from here.
    }
  }

  async #apply({ language, theme, zoom }: Preferred): Promise<void> {
    this.language = language;
    this.theme = theme;
    this.#zoom = zoom;
    await this.#locale.change(language ?? navigator.language);
  }
}

/** What a key asks of the zoom, if it does: the keys of browsers, on each keyboard. */
export function zoomOf(event: KeyboardEvent): "in" | "out" | "reset" | null {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  if (event.key === "+" || event.key === "=") return "in";
  if (event.key === "-" || event.key === "_") return "out";
  return event.key === "0" ? "reset" : null;
}
