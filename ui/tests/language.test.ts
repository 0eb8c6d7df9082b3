import type { Problem, ProblemCode } from "tauri-plugin-scalekit-api";
import { describe, expect, test } from "vitest";

// The kinds of problems as the core's types list them, so that none can be forgotten here.
import views from "../../crates/tauri-plugin-scalekit/guest-js/views.ts?raw";
import { localeFor } from "../src/lib/locale";
import { describe as tell, troubleFrom } from "../src/lib/problems";

const codes = [...(/type ProblemCode = ([^;]+);/.exec(views)?.[1] ?? "").matchAll(/"(\w+)"/g)].map(
  (match) => match[1] as ProblemCode,
);
const [en, ar] = [localeFor("en-US"), localeFor("ar-EG")];

describe("every kind of problem", () => {
  test("is known here", () => {
    expect(codes.length).toBeGreaterThan(20);
    for (const { text } of [en, ar])
      expect(Object.keys(text.problems).sort()).toEqual([...codes].sort());
  });

  test.each(codes)("%s has its own words in both languages", (code) => {
    const problem: Problem = { code, message: "", parameters: {}, detail: null };
    for (const locale of [en, ar]) {
      const { heading, sentence } = tell(problem, locale);
      expect(heading).toBe(locale.text.problems[code].heading);
      expect(sentence.length).toBeGreaterThan(10);
    }
    expect(tell(problem, ar).heading).toMatch(/\p{Script=Arabic}/u);
    expect(tell(problem, ar).sentence).toMatch(/\p{Script=Arabic}/u);
  });

  test.each(codes)("%s names the same parameters in both languages", (code) => {
    const [english, arabic] = [en, ar].map(({ text }) =>
      [...text.problems[code].sentence.matchAll(/\{\w+\}/g)].map(([place]) => place).sort(),
    );
    expect(arabic).toEqual(english);
  });

  test("has words that no other one has", () => {
    for (const { text } of [en, ar])
      expect(new Set(Object.values(text.problems).map((it) => it.heading)).size).toBe(codes.length);
  });
});

describe("a problem's sentence", () => {
  const problem: Problem = {
    code: "offline",
    message: "No route to acme.",
    parameters: { environment: "https://{environment}\u202d" },
    detail: null,
  };

  test("is the catalogue's in every language, with the parameters isolated in their places", () => {
    for (const locale of [en, ar])
      expect(tell(problem, locale).sentence).toBe(
        locale.text.problems.offline.sentence.replace(
          "{environment}",
          "\u2068https://{environment}\u202d\u2069",
        ),
      );
  });

  test("leaves a place open that no parameter fills", () => {
    for (const name of ["toString", "__proto__", "other"])
      expect(tell({ ...problem, parameters: { [name]: "x" } }, en).sentence).toBe(
        en.text.problems.offline.sentence,
      );
  });

  test.each(["fromTheFuture", "toString", "__proto__"])(
    "is shown in every language for a kind that is not known: %s",
    (code) => {
      const unknown = { ...problem, code: code as ProblemCode };
      expect(tell(unknown, ar)).toMatchObject({
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
    const { heading, detail } = tell(troubleFrom(rejection), en);
    expect(heading).toBe("Something went wrong");
    expect(detail?.quote).toBe(quote);
  });
});

describe("the language", () => {
  test.each([
    ["ar", "ar", "rtl"],
    ["ar-EG", "ar", "rtl"],
    ["AR-sa", "ar", "rtl"],
    ["en-GB", "en", "ltr"],
    ["de-DE", "en", "ltr"],
    ["arn", "en", "ltr"],
    ["", "en", "ltr"],
    ["en_US.UTF-8", "en", "ltr"],
  ])("for %s is %s, written %s", (tag, language, direction) => {
    expect(localeFor(tag)).toMatchObject({ language, direction });
  });

  test("has its digits and units", () => {
    expect(en.duration(581_000)).toBe("9 min 41 sec");
    expect(ar.duration(581_000)).toBe("٩ د و٤١ ث");
    expect(en.number(1234)).toBe("1,234");
    expect(ar.number(1234)).toBe("١٬٢٣٤");
  });

  test.each([
    [0, "0 sec"],
    [-5_000, "0 sec"],
    [1, "1 sec"],
    [1_000, "1 sec"],
    [59_001, "1 min 0 sec"],
    [3_600_000, "1 hr"],
    [3_900_000, "1 hr 5 min"],
  ])("tells %i milliseconds as %s", (milliseconds, told) => {
    expect(en.duration(milliseconds)).toBe(told);
  });

  test("tells the date of a moment unless it is today", () => {
    const noon = new Date(2026, 4, 4, 12).getTime();
    expect(en.moment(noon, noon)).toMatch(/^12:00\sPM$/);
    expect(en.moment(noon, noon + 86_400_000)).toMatch(/^May 4, 2026, 12:00\sPM$/);
  });
});
