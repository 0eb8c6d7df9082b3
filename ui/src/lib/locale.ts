import { createContext } from "svelte";

import { ar } from "../messages/ar";
import { en } from "../messages/en";
import type { Messages } from "../messages/messages";

/** A language to speak: what is said, in which direction, and how numbers and times look. */
export type Locale = {
  language: "en" | "ar";
  direction: "ltr" | "rtl";
  text: Messages;
  /** A whole number. */
  number: (value: number) => string;
  /** A span of time, rounded up to whole seconds, such as "9 min 41 sec". */
  duration: (milliseconds: number) => string;
  /** A moment, in milliseconds since the Unix epoch: the time of day, with the date unless it is today. */
  moment: (milliseconds: number, now: number) => string;
};

export const [useLocale, provideLocale] = createContext<Locale>();

/** The locale for a language tag such as `navigator.language`: Arabic for `ar`, else English. */
export function localeFor(tag: string): Locale {
  const language = /^ar\b/i.test(tag) ? "ar" : "en";
  // The user's own region decides about digits and clocks, if the language is theirs.
  const region = tag.toLowerCase().startsWith(language) ? supported(tag, language) : language;

  const number = new Intl.NumberFormat(region);
  const hours = unit(region, "hour");
  const minutes = unit(region, "minute");
  const seconds = unit(region, "second");
  const join = new Intl.ListFormat(region, { type: "unit", style: "narrow" });
  const time = new Intl.DateTimeFormat(region, { timeStyle: "short" });
  const dateAndTime = new Intl.DateTimeFormat(region, { dateStyle: "medium", timeStyle: "short" });

  return {
    language,
    direction: language === "ar" ? "rtl" : "ltr",
    text: language === "ar" ? ar : en,
    number: (value) => number.format(value),
    duration(milliseconds) {
      const whole = Math.max(0, Math.ceil(milliseconds / 1000));
      const h = Math.floor(whole / 3600);
      const m = Math.floor((whole % 3600) / 60);
      const s = whole % 60;
      if (h > 0)
        return join.format(m > 0 ? [hours.format(h), minutes.format(m)] : [hours.format(h)]);
      if (m > 0) return join.format([minutes.format(m), seconds.format(s)]);
      return seconds.format(s);
    },
    moment(milliseconds, now) {
      const sameDay = new Date(milliseconds).toDateString() === new Date(now).toDateString();
      return (sameDay ? time : dateAndTime).format(milliseconds);
    },
  };
}

function unit(region: string, unit: "hour" | "minute" | "second") {
  return new Intl.NumberFormat(region, { style: "unit", unit, unitDisplay: "short" });
}

function supported(tag: string, otherwise: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag)[0] ?? otherwise;
  } catch {
    // Not a language tag at all.
    return otherwise;
  }
}
