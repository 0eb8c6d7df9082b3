import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import type { ProblemCode, SessionView } from "tauri-plugin-scalekit-api";
import { expect, vi } from "vitest";

import { PretendedCore, type Answers } from "../preview/core";
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

/** Opens the window over a core that shows `view`, and waits for its heading. */
export async function open(
  view: SessionView,
  { language = "en", answers = {} }: { language?: string; answers?: Answers } = {},
) {
  document.title = "Latchkey";
  // The system's language is the one that is asked for: nothing else is preferred.
  vi.spyOn(navigator, "language", "get").mockReturnValue(language);
  const core = new PretendedCore(view, { settings: () => settings, ...answers });
  const user = userEvent.setup();
  const { container, unmount } = render(App, { locale: await Locale.load(language) });
  await screen.findByRole("heading", { level: 1 });
  return { core, user, container, unmount };
}

export const button = (name: string) => screen.getByRole("button", { name });
/** Opens whatever is folded away. */
export function expandAll() {
  for (const summary of document.querySelectorAll<HTMLElement>("details:not([open]) summary"))
    summary.click();
}
/** What a button is called: what is hidden from screen readers is no part of it. */
export function nameOf(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const hidden of copy.querySelectorAll("[aria-hidden]")) hidden.remove();
  return element.getAttribute("aria-label") ?? copy.textContent.trim();
}
/** What an element is called by its own label, or by that of another. */
export function labelOf(element: HTMLElement): string {
  const ids = element.getAttribute("aria-labelledby")?.split(" ") ?? [];
  const labels = ids.map((id) => document.getElementById(id)?.textContent.trim());
  return labels.length > 0 ? labels.join(" ") : nameOf(element);
}
export const noButton = (name: string) =>
  expect(screen.queryByRole("button", { name })).not.toBeInstanceOf(HTMLElement);
export const heading = () => screen.getByRole("heading", { level: 1 });
/** What has the focus when a place comes, and is read. */
export const opening = () => document.getElementById("opening");
/** What is told beside or in a view, whether it interrupts or the focus tells of it. */
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

/** Fails on whatever axe finds in the document; colours are not known without a layout. */
export async function expectAccessible() {
  const { violations } = await axe.run(document, {
    rules: { "color-contrast": { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" ")}`)).toEqual(
    [],
  );
}

/** A promise that is settled from outside. */
export function pending() {
  let resolve: (value?: unknown) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
