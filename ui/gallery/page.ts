/** Functions that run in the page. They are sent as text, so they cannot use names of this module. */
import type { AxeResults, RunOptions } from "axe-core";

/**
 * Stops the clock, so that each picture shows the same times, and shortens the timers, which saves the wait, but
 * for long ones, which no picture waits for. Runs before the page's own scripts, as `noteErrors` does.
 */
export function stopClock(now: number): void {
  window.Date = class extends Date {
    constructor(...given: []) {
      super(...(given.length > 0 ? given : ([now] as unknown as [])));
    }
    static override now = () => now;
  } as DateConstructor;
  const schedule = window.setTimeout.bind(window) as (...given: unknown[]) => number;
  const soon = (handler: unknown, delay = 0, ...given: unknown[]) =>
    schedule(handler, Number(delay) < 30_000 ? Math.min(Number(delay), 10) : delay, ...given);
  window.setTimeout = soon as unknown as typeof window.setTimeout;
}

type Noted = { pageErrors?: string[] };

/** Collects the errors that the page does not handle. */
export function noteErrors(): void {
  const errors: string[] = [];
  (window as unknown as Noted).pageErrors = errors;
  window.addEventListener("error", ({ message }) => errors.push(message));
  window.addEventListener("unhandledrejection", ({ reason }) => errors.push(String(reason)));
}

/** The errors that the page did not handle. */
export function pageErrors(): string[] {
  const { pageErrors } = window as unknown as Noted;
  return pageErrors?.map((error) => `error in the page: ${error}`) ?? ["no errors are collected"];
}

/** Waits until the page is at its stage, and has its heading, its fonts, and no change for a moment. */
export async function settle(): Promise<void> {
  const quiet = 60;
  const deadline = performance.now() + 10_000;
  let changed = performance.now();
  const observer = new MutationObserver(() => (changed = performance.now()));
  const what = { subtree: true, childList: true, attributes: true, characterData: true };
  observer.observe(document, what);
  const isThere = () => document.querySelector("h1") && !document.querySelector("[data-staging]");
  const isQuiet = () => performance.now() - changed > quiet && isThere();
  while (!isQuiet()) {
    if (performance.now() > deadline)
      throw new Error("the page has no heading or stage, or does not rest");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  observer.disconnect();
  await document.fonts.ready;
  await Promise.allSettled([...document.images].map((image) => image.decode()));
}

/** Waits for the colours of another theme. */
export async function rest(): Promise<void> {
  for (let frame = 0; frame < 2; frame += 1)
    await new Promise((resolve) => requestAnimationFrame(resolve));
}

/** The conditions that the style sheets ask for. */
export function media() {
  return {
    width: innerWidth,
    height: innerHeight,
    isDark: matchMedia("(prefers-color-scheme: dark)").matches,
    isReduced: matchMedia("(prefers-reduced-motion: reduce)").matches,
    hasFocus: document.hasFocus(),
  };
}

export type Layout = {
  height: number;
  direction: string;
  /** Elements whose content is wider than they are. */
  overflow: string[];
  /** The position of the heading, if its beginning is outside of the window. */
  heading: string | null;
};

/** The problems of the layout, and the height of the page. */
export function layout(): Layout {
  const page = document.documentElement;
  const overflow = [page, document.body, ...document.querySelectorAll("main, dialog")]
    .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth)
    .map(
      (element) => `${element.localName} overflows by ${element.scrollWidth - element.clientWidth}`,
    );
  const found = document.querySelector("h1")?.getBoundingClientRect();
  const isShown =
    found &&
    found.top >= 0 &&
    found.top < innerHeight &&
    found.left >= 0 &&
    found.left < innerWidth;
  const heading = isShown
    ? null
    : `the heading is outside of the window, at ${found?.top} of ${innerHeight}`;
  return { height: page.scrollHeight, direction: page.dir, overflow, heading };
}

/** The page's fonts that are not installed: with such a font, text is as wide as in the fallback font. */
export function missingFonts(): string[] {
  const code = document.body.appendChild(document.createElement("code"));
  const named = [document.documentElement, code].map((it) => getComputedStyle(it).fontFamily);
  code.remove();
  const context = document.createElement("canvas").getContext("2d");
  const width = (families: string) => {
    if (!context) throw new Error("the page has no canvas");
    context.font = `100px ${families}`;
    return ["Wimpel", "0123456789", "ضغط", "日本語かな"].map(
      (text) => context.measureText(text).width,
    );
  };
  const isMissing = (family: string) =>
    ["serif", "monospace"].every(
      (other) => `${width(other)}` === `${width(`${family}, ${other}`)}`,
    );
  return named.flatMap((families) => families.split(", ")).filter(isMissing);
}

/** Loads a script of the site. */
export async function loadScript(file: string): Promise<void> {
  const script = document.createElement("script");
  script.src = file;
  const loaded = new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${file} is not loaded`));
  });
  document.head.append(script);
  await loaded;
}

/** Runs axe, which the page must have loaded. */
export async function audit(options: RunOptions): Promise<Pick<AxeResults, "violations">> {
  const { axe } = window as unknown as {
    axe: { run: (page: Document, options: RunOptions) => Promise<AxeResults> };
  };
  const { violations } = await axe.run(document, options);
  return { violations };
}
