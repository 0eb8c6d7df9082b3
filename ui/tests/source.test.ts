import { expect, test } from "vitest";

import page from "../index.html?raw";

const sources = import.meta.glob<string>(
  ["../src/**/*.svelte", "../src/**/*.ts", "../src/**/*.css"],
  {
    query: "?raw",
    import: "default",
    eager: true,
  },
);

test("the sources are found", () => {
  expect(Object.keys(sources).length).toBeGreaterThan(25);
});

test.each(Object.entries(sources))("%s writes no HTML and loads nothing remote", (_, source) => {
  expect(source).not.toMatch(/\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
  expect(source).not.toMatch(/\beval\(|new Function|\bfetch\(|XMLHttpRequest|WebSocket/);
  expect(source).not.toMatch(/localStorage|sessionStorage|indexedDB|document\.cookie/);
  expect(source).not.toMatch(/@import|url\(\s*["']?(https?:)?\/\//);
});

test.each(Object.entries(sources))("%s has no inline style", (_, source) => {
  expect(source).not.toMatch(/<[a-z][^>]*\sstyle\s*=/);
});

test.each(Object.entries(sources))("%s leaves the direction to the attribute", (_, source) => {
  expect(source).not.toMatch(/:dir\((ltr|rtl)\)/);
});

test("the page has neither inline scripts nor inline styles", () => {
  expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/);
  for (const script of page.match(/<script[^>]*>[^<]*/g) ?? []) expect(script).toMatch(/src=.*>$/);
});
