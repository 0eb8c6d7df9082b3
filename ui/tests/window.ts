import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import type { ProblemCode, SessionView } from "tauri-plugin-scalekit-api";
import { expect, vi } from "vitest";

import { PretendedCore, type Results } from "../preview/core";
import { offline, scenes, settings } from "../preview/scenes";
import App from "../src/App.svelte";
import { Locale } from "../src/lib/locale.svelte";
import { describe } from "../src/lib/problems";

export const english = await Locale.load("en");

/** The scene of this name, now. */
export function scene(name: string): SessionView {
  const view = scenes(Date.now())[name];
  if (!view) throw new Error(`There is no scene ${name}`);
  return view;
}

/** Opens the window with a fake of the core that sends `view`, and waits for its heading. */
export async function open(
  view: SessionView,
  { language = "en", results = {} }: { language?: string; results?: Results } = {},
) {
  document.title = "Latchkey";
  // The requested language is that of the system: the preferences set no other.
  vi.spyOn(navigator, "language", "get").mockReturnValue(language);
  const core = new PretendedCore(view, { settings: () => settings, ...results });
  const user = userEvent.setup();
  const { container, unmount } = render(App, { locale: await Locale.load(language) });
  await screen.findByRole("heading", { level: 1 });
  return { core, user, container, unmount };
}

export const button = (name: string) => screen.getByRole("button", { name });
/** Opens all closed details. */
export function expandAll() {
  for (const summary of document.querySelectorAll<HTMLElement>("details:not([open]) summary"))
    summary.click();
}
/** The accessible name from `aria-label`, or from the content without `aria-hidden` parts. */
export function nameOf(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const hidden of copy.querySelectorAll("[aria-hidden]")) hidden.remove();
  return element.getAttribute("aria-label") ?? copy.textContent.trim();
}
/** The accessible name from `aria-labelledby`; without it, as `nameOf`. */
export function labelOf(element: HTMLElement): string {
  const ids = element.getAttribute("aria-labelledby")?.split(" ") ?? [];
  const labels = ids.map((id) => document.getElementById(id)?.textContent.trim());
  return labels.length > 0 ? labels.join(" ") : nameOf(element);
}
export const noButton = (name: string) =>
  expect(screen.queryByRole("button", { name })).not.toBeInstanceOf(HTMLElement);
export const heading = () => screen.getByRole("heading", { level: 1 });
/** The element that gets the focus when a place is shown. */
export const opening = () => document.getElementById("opening");
/** The notices beside or in a view: alerts, and regions that the focus announces. */
export const notices = () => [...document.querySelectorAll<HTMLElement>("section.notice")];
export function notice(): HTMLElement {
  const [one, ...others] = notices();
  if (!one || others.length > 0) throw new Error(`There are ${notices().length} notices`);
  return one;
}
export const findNotice = () => waitFor(notice);
export const announced = () => screen.getByRole("status").textContent;
export const field = (name: string) => screen.getByRole<HTMLInputElement>("textbox", { name });
export const description = (element: HTMLElement) =>
  (element.getAttribute("aria-describedby") ?? "")
    .split(" ")
    .map((id) => document.getElementById(id)?.textContent.trim())
    .join(" ");
/** The English sentence of a code, about the environment of the scenes. */
export const sentence = (code: ProblemCode) => describe({ ...offline, code }, english).sentence;
export { screen, within };

/** Fails on each finding of axe in the document; colours are not checked without a layout. */
export async function expectAccessible() {
  const { violations } = await axe.run(document, {
    rules: { "color-contrast": { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`)).toEqual(
    [],
  );
}

/** A promise with its settling functions. */
export function pending() {
  let resolve: (value?: unknown) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
