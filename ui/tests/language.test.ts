import { readFileSync } from "node:fs";

import { IntlMessageFormat } from "intl-messageformat";
import type { Problem, ProblemCode } from "tauri-plugin-scalekit-api";
import { describe, expect, test } from "vitest";

// The problem codes of the core's types, so that none can be missing here.
import views from "../../crates/tauri-plugin-scalekit/guest-js/views.ts?raw";
import { languageFor, languages, Locale, nameOf } from "../src/lib/locale.svelte";
import types from "../src/lib/settings-types.ts?raw";
import { partsOf } from "../src/lib/message-format";
import { describe as describeProblem, failureFrom } from "../src/lib/problems";

const codes = [...(/type ProblemCode = ([^;]+);/.exec(views)?.[1] ?? "").matchAll(/"(\w+)"/g)].map(
  (match) => match[1] as ProblemCode,
);
const spoken = await Promise.all(languages.map((tag) => Locale.load(tag)));
const [en, ar] = [await Locale.load("en-US"), await Locale.load("ar-EG")];
/** Characters or words that a text in this language has and an English text lacks. */
const scripts: Record<string, RegExp> = {
  ar: /\p{Script=Arabic}/u,
  ja: /[\p{Script=Hiragana}\p{Script=Han}\p{Script=Katakana}]/u,
};

describe("every kind of problem", () => {
  test("is known here", () => {
    expect(codes.length).toBeGreaterThan(20);
    for (const { text } of spoken)
      expect(Object.keys(text.problems).sort()).toEqual([...codes].sort());
  });

  test.each(codes)("%s has its own words in every language", (code) => {
    const problem: Problem = { code, message: "", parameters: {}, detail: null };
    for (const locale of spoken) {
      const { heading, sentence } = describeProblem(problem, locale);
      expect(heading).toBe(locale.text.problems[code].heading);
      expect(sentence.length).toBeGreaterThan(10);
      if (locale.language === "en") continue;
      expect(sentence).not.toBe(describeProblem(problem, en).sentence);
      expect(heading + sentence).toMatch(scripts[locale.language] ?? /./);
    }
  });

  test.each(codes)("%s names the same parameters in every language", (code) => {
    const places = ({ text }: Locale) =>
      [...text.problems[code].sentence.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
    for (const locale of spoken) expect(places(locale), locale.language).toEqual(places(en));
  });

  test("has words that no other one has", () => {
    for (const { text } of spoken)
      expect(new Set(Object.values(text.problems).map((it) => it.heading)).size).toBe(codes.length);
  });

  test.each(codes)("%s does not begin by repeating its heading", (code) => {
    const plain = (text: string) => text.toLowerCase().replace(/[.。!?]+$/, "");
    for (const { text, language } of spoken) {
      const { heading, sentence } = text.problems[code];
      expect(plain(sentence).startsWith(plain(heading)), `${language}: ${sentence}`).toBe(false);
    }
  });
});

test("question of a link is announced by its content, not by who opened it", () => {
  const opened: Record<string, RegExp> = { en: /open/, de: /öffne/, ja: /開/, ar: /فُتح|فتح/ };
  for (const { text, language } of spoken)
    expect(text.statuses.invited).not.toMatch(opened[language] ?? /^$/);
});

test("addresses to register have the names of the Scalekit dashboard, as in the README", () => {
  const readme = readFileSync("../README.md", "utf8");
  for (const { text } of spoken) {
    const { redirectUri, loopbackRedirectUri, postLogoutRedirectUri, initiateLoginUri } =
      text.settings;
    const labels: Record<string, string[]> = {
      "Post login URL": [redirectUri, loopbackRedirectUri],
      "Allowed callback URL": [redirectUri, loopbackRedirectUri],
      "Post logout URL": [postLogoutRedirectUri],
      "Initiate login URL": [initiateLoginUri],
    };
    for (const [name, all] of Object.entries(labels)) {
      expect(readme).toMatch(new RegExp(`\\*\\*${name}s?\\*\\*`));
      for (const label of all) expect(label.toLowerCase()).toContain(name.toLowerCase());
    }
  }
});

describe("every sentence", () => {
  const sentences = leaves({ ...en.text, problems: {} });

  test.each(sentences)(
    "%s has the same values in every language, and can be read",
    (path, english) => {
      for (const locale of spoken) {
        const [, sentence] = leaves(locale.text).find(([other]) => other === path) ?? [];
        expect(sentence, locale.language).toBeTypeOf("string");
        expect(argumentsOf(sentence ?? ""), locale.language).toEqual(argumentsOf(english));
      }
    },
  );

  test.each(sentences)("%s is read as the ICU MessageFormat is", (path, english) => {
    const names = argumentsOf(english);
    for (const locale of spoken) {
      const [, sentence = ""] = leaves(locale.text).find(([other]) => other === path) ?? [];
      for (const value of /plural|number/.test(sentence) ? [0, 1, 2, 3, 11, 1234] : ["<b>{x}"]) {
        const values = Object.fromEntries(names.map((name) => [name, value]));
        const expected = new IntlMessageFormat(sentence, locale.language).format({
          ...values,
          app: "A",
        });
        const parts = partsOf(sentence, values, { app: "A" }, locale.language);
        const texts = parts.map((part) => ("words" in part ? part.words : part.value)).join("");
        expect(texts).toBe(expected);
      }
    }
  });

  test("of the window itself names the application, which the core cannot", () => {
    const others = /this application|diese[rns]? Anwendung|このアプリ|هذا التطبيق/i;
    for (const { text, language } of spoken)
      for (const [path, sentence] of leaves({ ...text, problems: {}, selfCheck: {} }))
        expect(sentence, `${language} ${path}`).not.toMatch(others);
  });

  test("cannot be half a sentence", () => {
    for (const broken of [
      "{",
      "}",
      "{a",
      "{a,}",
      "{a, plural}",
      "{a, plural, one {x}",
      "{a, select, b {c}}",
    ])
      expect(() => partsOf(broken, { a: 1 }, {}, "en"), broken).toThrow();
    expect(() => partsOf("{a}", {}, {}, "en")).toThrow();
    expect(() => partsOf("{toString}", {}, {}, "en")).toThrow();
  });

  test("has a form for every number", () => {
    const { text } = ar;
    const texts = [0, 1, 2, 3, 11, 100].map((count) => ar.format(text.signedIn.found, { count }));
    expect(new Set(texts).size).toBe(texts.length);
    expect(en.format(en.text.signingIn.minutesLeft, { minutes: 1 })).toBe(
      "1 minute left to finish signing in",
    );
    expect(en.format(en.text.signingIn.minutesLeft, { minutes: 2 })).toBe(
      "2 minutes left to finish signing in",
    );
  });

  test("isolates what comes from outside, and takes it as it is", () => {
    const texts = en.format(en.text.settings.found, { host: "{app}<b>\u202e" });
    expect(texts).toBe("Found \u2068{app}<b>\u202e\u2069.");
  });
});

/** Each sentence with its path. */
function leaves(node: unknown, path = ""): [path: string, sentence: string][] {
  if (typeof node === "string") return [[path, node]];
  return Object.entries(node as object).flatMap(([name, one]) => leaves(one, `${path}.${name}`));
}

/** The names of a sentence's placeholders. */
function argumentsOf(sentence: string): string[] {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== "object" || node === null) return;
    const { type, value, options } = node as { type?: number; value?: string; options?: object };
    // A literal and the number sign have no name.
    if (type !== undefined && type !== 0 && type !== 7 && value !== undefined) names.add(value);
    for (const option of Object.values(options ?? {})) visit((option as { value: unknown }).value);
  };
  visit(new IntlMessageFormat(sentence).getAst());
  return [...names].sort();
}

describe("a problem's sentence", () => {
  const problem: Problem = {
    code: "offline",
    message: "No route to acme.",
    parameters: { environment: "https://{environment}\u202d" },
    detail: null,
  };

  test("is the catalogue's in every language, with the parameters isolated in their places", () => {
    for (const locale of [en, ar])
      expect(describeProblem(problem, locale).sentence).toBe(
        locale.text.problems.offline.sentence.replace(
          "{environment}",
          "\u2068https://{environment}\u202d\u2069",
        ),
      );
  });

  test("leaves a place open that no parameter fills", () => {
    for (const name of ["toString", "__proto__", "other"])
      expect(describeProblem({ ...problem, parameters: { [name]: "x" } }, en).sentence).toBe(
        en.text.problems.offline.sentence,
      );
  });

  test.each(["fromTheFuture", "toString", "__proto__"])(
    "is shown in every language for a kind that is not known: %s",
    (code) => {
      const unknown = { ...problem, code: code as ProblemCode };
      expect(describeProblem(unknown, ar)).toMatchObject({
        heading: ar.text.unexpected.heading,
        sentence: "No route to acme.",
        code,
      });
    },
  );
});

describe("a rejection that is no problem", () => {
  test.each([
    ["not allowed", "not allowed"],
    [new Error("lost"), "lost"],
    [undefined, "undefined"],
    [{ code: 7 }, "[object Object]"],
  ])("%s becomes one", (rejection, quote) => {
    const { heading, detail } = describeProblem(failureFrom(rejection), en);
    expect(heading).toBe("Something went wrong");
    expect(detail?.quote).toBe(quote);
  });
});

describe("the language", () => {
  test.each([
    ["ar", "ar"],
    ["ar-EG", "ar"],
    ["AR-sa", "ar"],
    ["en-GB", "en"],
    ["de-AT", "de"],
    ["ja-JP", "ja"],
    ["tlh", "en"],
    ["arn", "en"],
    ["", "en"],
    ["en_US.UTF-8", "en"],
  ])("for %s is %s", async (tag, language) => {
    expect(languageFor(tag)).toBe(language);
    expect(await Locale.load(tag)).toMatchObject({
      language,
      direction: language === "ar" ? "rtl" : "ltr",
    });
  });

  test("has its name in that language", () => {
    expect(["ar", "de", "en", "ja"].map(nameOf)).toEqual([
      "العربية",
      "Deutsch",
      "English",
      "日本語",
    ]);
    for (const tag of languages) expect(nameOf(tag)).not.toBe(tag);
  });

  test("is one that the core stores, for each file", () => {
    const generated = /type Language = ([^;]+);/.exec(types)?.[1] ?? "";
    expect([...generated.matchAll(/"(\w+)"/g)].map(([, tag]) => tag).sort()).toEqual(languages);
  });

  test("changes while the window is open", async () => {
    const locale = await Locale.load("en");
    await locale.change("de-CH");
    expect(locale.language).toBe("de");
    expect(locale.text.actions.save).toBe("Speichern");
  });

  test("has its digits", () => {
    const count = { count: 1234 };
    expect(en.format("{count, number}", count)).toBe("1,234");
    expect(ar.format("{count, number}", count)).toBe("١٬٢٣٤");
  });

  test("shows the date of a moment unless it is today", () => {
    const noon = new Date(2026, 4, 4, 12).getTime();
    expect(en.moment(noon, noon)).toMatch(/^12:00\sPM$/);
    expect(en.moment(noon, noon + 86_400_000)).toMatch(/^May 4, 2026, 12:00\sPM$/);
  });
});
