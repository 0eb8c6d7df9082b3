import { createContext } from "svelte";

import type { Locale } from "./locale.svelte";
import { failureFrom, type Failure } from "./problems";
import { readPreferences, savePreferences, setZoom } from "./preferences";
import type { Language, Preferences as Preferred, Theme } from "./settings-types";

export const [usePreferences, providePreferences] = createContext<Preferences>();

/** The factor of one zoom step, as in browsers. */
const ZOOM_STEP = 1.1;

/** The user's preferences for the window. The core stores them; until they are read, those of the system apply. */
export class Preferences {
  /** A tag of `languages`; `null` is the system's language. */
  language = $state<Language | null>(null);
  theme = $state<Theme>("system");

  /** Why the last change could not be stored, until it is dismissed. */
  refusal = $state.raw<Failure | null>(null);

  #zoom = 1;
  #locale: Locale;

  constructor(locale: Locale) {
    this.#locale = locale;
  }

  /** Reads the preferences. Does not reject: after a failure those of the system apply. */
  async read(): Promise<void> {
    try {
      await this.#apply(await readPreferences());
    } catch {
      // The language and theme of the system apply already.
    }
  }

  /** Applies and stores another language or theme. */
  async change(changed: { language?: Language | null; theme?: Theme }): Promise<void> {
    const { language, theme } = { language: this.language, theme: this.theme, ...changed };
    await this.#apply({ language, theme, zoom: this.#zoom });
    try {
      await savePreferences(language, theme);
      this.refusal = null;
    } catch (rejection) {
      // The controls show the stored values, not a rejected change.
      this.refusal = failureFrom(rejection);
      await this.read();
    }
  }

  /** Zooms in or out, or resets the zoom. */
  async zoom(way: "in" | "out" | "reset"): Promise<void> {
    const factor = { in: this.#zoom * ZOOM_STEP, out: this.#zoom / ZOOM_STEP, reset: 1 }[way];
    try {
      this.#zoom = await setZoom(factor);
    } catch {
      // A repeated key can exceed the rate limit of the core; the next press continues from the last zoom.
    }
  }

  async #apply({ language, theme, zoom }: Preferred): Promise<void> {
    this.language = language;
    this.theme = theme;
    this.#zoom = zoom;
    await this.#locale.change(language ?? navigator.language);
  }
}

/** The zoom command of a key, if it has one: the shortcuts of browsers, on each keyboard layout. */
export function zoomOf(event: KeyboardEvent): "in" | "out" | "reset" | null {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  if (event.key === "+" || event.key === "=") return "in";
  if (event.key === "-" || event.key === "_") return "out";
  return event.key === "0" ? "reset" : null;
}
