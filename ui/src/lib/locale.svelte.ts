import { createContext } from "svelte";

import type { Language, Messages, Template } from "../languages/messages";
import { isSameDay } from "./clock";
import { isolated } from "./isolated";
import { partsOf, type Part } from "./message-format";

export type { Part };

/** A value of a placeholder. */
type Value = string | number;

// The default alone, so that the texts outside of the window are left out of its code.
const files = import.meta.glob<Language>(["../languages/*.ts", "!../languages/messages.ts"], {
  import: "default",
});

/** The languages there are, each by its BCP 47 tag: one for each file. */
export const languages: readonly string[] = Object.keys(files).map(tagOf).sort();

/** The name of a language in that language. */
export function nameOf(tag: string): string {
  return new Intl.DisplayNames(tag, { type: "language" }).of(tag) ?? tag;
}

export const [useLocale, provideLocale] = createContext<Locale>();

/** The window's language: its messages, its direction, and the format of numbers and times. */
export class Locale {
  #spoken = $state.raw() as Spoken;

  private constructor(spoken: Spoken) {
    this.#spoken = spoken;
  }

  /** Loads the best language for a tag such as `navigator.language`: English, if there is none. */
  static async load(tag: string): Promise<Locale> {
    return new Locale(await load(tag));
  }

  /** Switches to another language. */
  async change(tag: string): Promise<void> {
    this.#spoken = await load(tag);
  }

  get language(): string {
    return this.#spoken.language.tag;
  }

  get direction(): "ltr" | "rtl" {
    return this.#spoken.language.direction;
  }

  get punctuation(): Language["punctuation"] {
    return this.#spoken.language.punctuation;
  }

  get text(): Messages {
    return this.#spoken.language.messages;
  }

  /** A paragraph of these sentences. */
  paragraph(sentences: readonly string[]): string {
    return sentences.join(this.punctuation.sentences);
  }

  /** The sentence with its values, each isolated from the direction of the text around it. */
  format<V extends string>(template: Template<V>, values: Record<NoInfer<V>, Value>): string {
    return this.parts(template, values)
      .map((part) => ("words" in part ? part.words : isolated(part.value)))
      .join("");
  }

  /** The sentence in pieces, so that each untrusted value gets its own element. */
  parts<V extends string>(template: Template<V>, values: Record<NoInfer<V>, Value>): Part[] {
    return partsOf(template, values, { app: APP }, this.#spoken.region);
  }

  /** A moment, in milliseconds since the Unix epoch: the time of day, with the date unless it is today. */
  moment(milliseconds: number, now: number): string {
    const style = { timeStyle: "short" } as const;
    const shown = isSameDay(milliseconds, now)
      ? style
      : ({ dateStyle: "medium", ...style } as const);
    return new Intl.DateTimeFormat(this.#spoken.region, shown).format(milliseconds);
  }
}

/** The name of this application in its configuration. */
export const APP: string = __APP_NAME__;

/** The language there is for a tag: one of `languages`. */
export function languageFor(tag: string): string {
  const [primary] = tag.toLowerCase().split("-");
  return languages.find((language) => language === primary) ?? "en";
}

type Spoken = {
  language: Language;
  /** The user's region determines digits and the clock format, if the language is the user's. */
  region: string;
};

async function load(tag: string): Promise<Spoken> {
  const chosen = languageFor(tag);
  const file = files[`../languages/${chosen}.ts`];
  if (!file) throw new Error(`There is no language ${chosen}`);
  const region = tag.toLowerCase().startsWith(chosen) ? supported(tag, chosen) : chosen;
  return { language: await file(), region };
}

function supported(tag: string, otherwise: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag)[0] ?? otherwise;
  } catch {
    // Not a valid language tag.
    return otherwise;
  }
}

function tagOf(path: string): string {
  return path.replace(/^.*\/|\.ts$/g, "");
}
