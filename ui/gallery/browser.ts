/** The preview page, built and served, and the browser that shows it. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

import type { AxeResults } from "axe-core";
import { chromium, type Browser, type Page as Tab } from "playwright-core";
import { build, preview, type Plugin } from "vite";

import type { PreviewList } from "../preview/list";
import { COLOR_RULES, FORCED_COLORS_RULES, RULES } from "./accessibility";
import {
  cutTexts,
  hiddenByNotices,
  hiddenOfDialog,
  hiddenOfQuestion,
  marks,
  motions,
  movedByNotice,
  strayCopyButtons,
  strayPunctuation,
  unmarkedScrolls,
} from "./checks";
import { walk } from "./keyboard";
import {
  audit,
  layout,
  missingFonts,
  noteErrors,
  rest,
  settle,
  stopClock,
  type Layout,
} from "./page";
import type { Page, Size, Theme } from "./plan";
import { treeOf, type AxNode } from "./tree";

export const CHROMIUM = "Chromium";

/** The fixed time of each page's clock. */
const NOW = Date.parse("2026-03-02T14:05:00Z");

/** Axe, in the served site. */
export const AXE_FILE = "axe.js";

/** A picture has at most this many window heights. */
const MAX_WINDOWS = 3;

/** Options that make pictures independent of the machine: no hinting, no colours at the edges of letters. */
const OPTIONS = [
  "--font-render-hinting=none",
  "--disable-lcd-text",
  "--force-color-profile=srgb",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--hide-scrollbars",
];

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * Runs functions before the page's own scripts, as WebDriver cannot, and adds axe to the site, which is quicker than to
 * send it to each page.
 */
const examined: Plugin = {
  name: "examined-page",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: AXE_FILE, source: axe });
  },
  transformIndexHtml: () => [
    {
      tag: "script",
      children: `(${stopClock})(${NOW}); (${noteErrors})();`,
      injectTo: "head-prepend",
    },
  ],
};

/** Builds the preview page as the window is built, and serves it on a free port. */
export async function serve(ui: string, site: string) {
  const shared = { root: ui, configFile: join(ui, "vite.config.ts"), logLevel: "error" } as const;
  const input = join(ui, "preview/index.html");
  const output = { outDir: site, emptyOutDir: true };
  await build({
    ...shared,
    plugins: [examined],
    build: { ...output, rolldownOptions: { input } },
  });
  const server = await preview({
    ...shared,
    build: output,
    preview: { host: "127.0.0.1", port: 0, strictPort: true },
  });
  const address = server.httpServer.address();
  if (!address || typeof address === "string") throw new Error("the preview has no port");
  const url = `http://127.0.0.1:${address.port}/preview/`;
  return { url, close: () => server.close() };
}

export async function startBrowser(): Promise<Browser> {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const executablePath = (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((file) => existsSync(file));
  if (!executablePath) throw new Error("there is no Chromium; `cargo xtask gallery` installs it");
  return chromium.launch({ executablePath, args: OPTIONS });
}

/** A worker's tabs, one for each zoom: a tab cannot change it. */
export class Tabs {
  readonly #browser: Browser;
  readonly #url: string;
  readonly #tabs = new Map<number, Promise<Tab>>();

  constructor(browser: Browser, url: string) {
    this.#browser = browser;
    this.#url = url;
  }

  /** The scenes and languages of the preview page. Throws if a font is missing. */
  async list(): Promise<PreviewList> {
    const tab = await this.#tab(1);
    await tab.goto(this.#url);
    await tab.evaluate(settle);
    const missing = await tab.evaluate(missingFonts);
    if (missing.length > 0)
      throw new Error(
        `the fonts ${missing.join(", ")} are missing; \`cargo xtask gallery\` installs them`,
      );
    return tab.evaluate(() => (window as unknown as { previewList: PreviewList }).previewList);
  }

  /** Loads the page again, as a newly opened window does. */
  async open(page: Omit<Page, "themes">, query: string, theme: Theme): Promise<Opened> {
    const { width, height, zoom } = page.size;
    const tab = await this.#tab(zoom);
    const errors: string[] = [];
    const failed = (error: Error) => errors.push(`error in the page: ${error.message}`);
    tab.on("pageerror", failed);
    try {
      await tab.setViewportSize({ width, height });
      await tab.emulateMedia(media(theme));
      await tab.goto(`${this.#url}?${query}&lang=${page.language}`);
      await tab.evaluate(settle);
      return new Opened(tab, page.size, theme, await tab.evaluate(layout), errors);
    } finally {
      tab.off("pageerror", failed);
    }
  }

  #tab(zoom: number): Promise<Tab> {
    const known = this.#tabs.get(zoom);
    if (known) return known;
    const tab = this.#start(zoom);
    this.#tabs.set(zoom, tab);
    return tab;
  }

  async #start(deviceScaleFactor: number): Promise<Tab> {
    const options = { deviceScaleFactor, reducedMotion: "reduce", timezoneId: "UTC" } as const;
    const context = await this.#browser.newContext(options);
    return context.newPage();
  }
}

export class Opened {
  readonly #tab: Tab;
  readonly #size: Size;
  #theme: Theme;
  readonly layout: Layout;
  readonly errors: readonly string[];

  constructor(tab: Tab, size: Size, theme: Theme, layout: Layout, errors: readonly string[]) {
    this.#tab = tab;
    this.#size = size;
    this.#theme = theme;
    this.layout = layout;
    this.errors = errors;
  }

  /** A PNG of the page in this theme, from its top. */
  async picture(theme: Theme): Promise<Buffer> {
    await this.#wear(theme);
    // Focus may have scrolled the page; the picture begins with the header.
    await this.#tab.evaluate(() => window.scrollTo({ top: 0, behavior: "instant" }));
    const { width, height } = this.#size;
    const shown = Math.min(this.layout.height, MAX_WINDOWS * height);
    const clip = { x: 0, y: 0, width, height: Math.max(shown, height) };
    return this.#tab.screenshot({ clip, fullPage: true, animations: "disabled" });
  }

  /** The accessibility tree of the page. */
  async tree(): Promise<string> {
    const client = await this.#tab.context().newCDPSession(this.#tab);
    try {
      await client.send("Accessibility.enable");
      const { nodes } = await client.send("Accessibility.getFullAXTree");
      return treeOf(nodes as AxNode[]);
    } finally {
      await client.detach();
    }
  }

  /** Runs every rule in the first theme, and in further themes those that depend on the theme. */
  async audit(theme: Theme): Promise<Pick<AxeResults, "violations">> {
    await this.#wear(theme);
    const isFirst = !(await this.#tab.evaluate(() => "axe" in window));
    if (isFirst) await this.#tab.evaluate(axe);
    const further = theme === "forced" ? FORCED_COLORS_RULES : COLOR_RULES;
    return this.#tab.evaluate(audit, isFirst ? RULES : further);
  }

  /** The text that is cut, scrolls without a sign or is torn off, and what moves although it is not to. */
  async faults(): Promise<string[]> {
    const found: string[] = [];
    for (const check of [cutTexts, unmarkedScrolls, strayPunctuation, motions])
      found.push(...(await this.#tab.evaluate(check)));
    return found;
  }

  /** The parts of a question that are not in the window as it opens, and have to be. */
  async hiddenOfQuestion(where: { fits: boolean; zoom: number }): Promise<string[]> {
    return this.#tab.evaluate(hiddenOfQuestion, where);
  }

  /** The same in the page as it opens where the system does not request reduced motion. */
  async hiddenWithMotion(where: { fits: boolean; zoom: number }): Promise<string[]> {
    await this.#tab.emulateMedia({ reducedMotion: "no-preference" });
    try {
      // A reload would restore how far the page was scrolled.
      await this.#tab.goto(this.#tab.url());
      await this.#tab.evaluate(settle);
      return await this.hiddenOfQuestion(where);
    } finally {
      await this.#tab.emulateMedia({ reducedMotion: "reduce" });
    }
  }

  /** The parts of a notice or of a dialog that are not in the window as it opens, and have to be. */
  async hiddenParts(): Promise<string[]> {
    const hidden = await this.#tab.evaluate(hiddenByNotices);
    return [...hidden, ...(await this.#tab.evaluate(hiddenOfDialog))];
  }

  /** The buttons that are not beside what they copy. */
  async misplacedButtons(): Promise<string[]> {
    return this.#tab.evaluate(strayCopyButtons);
  }

  /** The buttons that move when a notice appears, which stays. */
  async movedByNotice(): Promise<string[]> {
    return this.#tab.evaluate(movedByNotice);
  }

  /** What is not to be seen in forced colours, beside the text that axe checks. */
  async lostInForcedColors(): Promise<string[]> {
    await this.#wear("light");
    const { shapes } = await this.#tab.evaluate(marks);
    await this.#wear("forced");
    const forced = await this.#tab.evaluate(marks);
    const gone = shapes.filter((shape) => !forced.shapes.includes(shape));
    return [...forced.lost, ...gone.map((shape) => `the shape of ${shape} is lost`)];
  }

  /** What is wrong with the Tab key in this theme. */
  async keyboard(theme: Theme): Promise<string[]> {
    await this.#wear(theme);
    const tab = this.#tab;
    return walk({
      evaluate: (page) => tab.evaluate(page),
      pressTab: () => tab.keyboard.press("Tab"),
    });
  }

  async #wear(theme: Theme): Promise<void> {
    if (theme === this.#theme) return;
    this.#theme = theme;
    await this.#tab.emulateMedia(media(theme));
    await this.#tab.evaluate(rest);
  }
}

function media(theme: Theme) {
  return {
    colorScheme: theme === "light" ? "light" : "dark",
    forcedColors: theme === "forced" ? "active" : "none",
  } as const;
}
