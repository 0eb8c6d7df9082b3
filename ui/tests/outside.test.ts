import { readFileSync, writeFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import type { Language, OutsideTexts } from "../src/languages/messages";
import { languages } from "../src/lib/locale.svelte";

const files = import.meta.glob<{ default: Language; outside: OutsideTexts }>(
  ["../src/languages/*.ts", "!../src/languages/messages.ts"],
  { eager: true },
);
const spoken = languages.map((tag) => {
  const file = files[`../src/languages/${tag}.ts`];
  if (!file?.outside) throw new Error(`${tag}.ts does not export outside`);
  return { tag, direction: file.default.direction, texts: groupsOf(file.outside) };
});
const english = spoken.find(({ tag }) => tag === "en")?.texts ?? [];

/** Each sentence with its name, by group. */
function groupsOf(
  texts: OutsideTexts,
): [group: string, sentences: [name: string, text: string][]][] {
  return Object.entries(texts).map(([group, sentences]) => [group, Object.entries(sentences)]);
}

function placesOf(sentence: string): string[] {
  return [...new Set(sentence.match(/\{\w+\}/g))].sort();
}

describe("each sentence outside of the window", () => {
  test.each(spoken)("is there in $tag, with the values of English", ({ texts }) => {
    const shape = (of: typeof texts) =>
      of.map(([group, all]) => [group, all.map(([name, text]) => [name, placesOf(text)])]);
    expect(shape(texts)).toEqual(shape(english));
  });

  test.each(spoken)("is translated in $tag", ({ tag, texts }) => {
    const originals = new Set(english.flatMap(([, all]) => all.map(([, text]) => text)));
    for (const [group, all] of texts)
      for (const [name, text] of all) {
        expect(text.trim(), `${group}.${name}`).not.toBe("");
        if (tag !== "en") expect(originals, `${group}.${name}`).not.toContain(text);
      }
  });

  test.each(spoken)(
    "has the name of the application from its configuration in $tag",
    ({ texts }) => {
      for (const [, all] of texts)
        for (const [, text] of all) expect(text.replaceAll("{app}", "")).not.toMatch(/latchkey/i);
    },
  );
});

test("languages.rs has the languages of this folder", () => {
  const file = "../src-tauri/src/texts/languages.rs";
  const expected = rustSource();
  if (process.env["REGENERATE"]) writeFileSync(file, expected);
  const stale =
    "src-tauri/src/texts/languages.rs is stale: run REGENERATE=1 npm test -- outside in ui";
  expect(readFileSync(file, "utf8") === expected, stale).toBe(true);
});

/** The source of the Rust module: a member that a language lacks does not compile. */
function rustSource(): string {
  const nameIn = (language: string, tag: string) =>
    new Intl.DisplayNames(language, { type: "language" }).of(tag) ?? tag;
  const lines = [
    "//! Generated from ui/src/languages by the tests of ui. Do not edit.",
    "",
    "use serde::{Deserialize, Serialize};",
    "",
    "/// A language of the window, by its tag (BCP 47).",
    "#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]",
    "#[cfg_attr(test, derive(ts_rs::TS))]",
    '#[serde(rename_all = "lowercase")]',
    "pub enum Language {",
    ...spoken.flatMap(({ tag }) => [`    /// ${nameIn("en", tag)}.`, `    ${pascal(tag)},`]),
    "}",
    "",
    "impl Language {",
    "    /// All languages, in the order of the type.",
    `    pub const ALL: &[Self] = &[${spoken.map(({ tag }) => `Self::${pascal(tag)}`).join(", ")}];`,
    "",
    "    /// The tag.",
    "    #[must_use]",
    "    pub const fn tag(self) -> &'static str {",
    "        match self {",
    ...spoken.map(({ tag }) => `            Self::${pascal(tag)} => ${literal(tag)},`),
    "        }",
    "    }",
    "",
    "    /// Whether it is written from right to left.",
    "    #[must_use]",
    "    pub const fn is_rtl(self) -> bool {",
    "        match self {",
    ...spoken.map(
      ({ tag, direction }) => `            Self::${pascal(tag)} => ${direction === "rtl"},`,
    ),
    "        }",
    "    }",
    "",
    "    /// Its texts outside of the window.",
    "    #[must_use]",
    "    pub const fn texts(self) -> &'static Texts {",
    "        match self {",
    ...spoken.map(({ tag }) => `            Self::${pascal(tag)} => &${tag.toUpperCase()},`),
    "        }",
    "    }",
    "}",
    "",
    "/// The texts outside of the window.",
    "#[derive(Debug)]",
    "pub struct Texts {",
    ...english.map(([group]) => `    pub ${snake(group)}: ${pascal(group)}Texts,`),
    "}",
    ...english.flatMap(([group, all]) => [
      "",
      `/// The member \`${group}\` of the languages.`,
      "#[derive(Debug)]",
      `pub struct ${pascal(group)}Texts {`,
      ...all.map(([name]) => `    pub ${snake(name)}: &'static str,`),
      "}",
    ]),
    ...spoken.flatMap(({ tag, texts }) => [
      "",
      `static ${tag.toUpperCase()}: Texts = Texts {`,
      ...texts.flatMap(([group, all]) => [
        `    ${snake(group)}: ${pascal(group)}Texts {`,
        ...all.map(([name, text]) => `        ${snake(name)}: ${literal(text)},`),
        "    },",
      ]),
      "};",
    ]),
    "",
  ];
  return lines.join("\n");
}

function pascal(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A Rust string literal. The compiler rejects characters in it that control the direction of text. */
function literal(text: string): string {
  const escaped = text.replace(/["\\]/g, "\\$&");
  const unseen = /[\p{Cc}\p{Cf}]/gu;
  return `"${escaped.replace(unseen, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`)}"`;
}
