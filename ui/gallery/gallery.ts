/**
 * Pictures of every view, and the findings of axe in each: `cargo xtask gallery`. They are written to the folders
 * `--pictures` and `--accessibility`; the stored pictures are in `reference` and, for the README, in `docs`, the stored
 * accessibility trees in `trees`.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { PNG } from "pngjs";

import type { PreviewList } from "../preview/list";
import { findings, reportOf, sentenceOf, type Engine, type Finding } from "./accessibility";
import { CHROMIUM, serve, startBrowser, Tabs, type Opened } from "./browser";
import { difference } from "./compare";
import { examine } from "./examine";
import { indexPage } from "./index-page";
import {
  audited,
  checked,
  nameOf,
  pages,
  ofReadme,
  references,
  sizes,
  webkitViews,
  TREE_LANGUAGE,
  TREE_THEME,
  type Page,
  type Picture,
  type Size,
  type WindowConfig,
} from "./plan";
import { lineDifference } from "./tree";
import { examineInWebKit } from "./webkit";

/** The number of pages that are open at the same time. */
const WORKERS = 3;

const UI = fileURLToPath(new URL("..", import.meta.url));
const REFERENCE = join(UI, "gallery/reference");
const README_PICTURE = join(UI, "../docs/window.png");
const TREES = join(UI, "gallery/trees");

/** Returns the exit code. */
export async function main(commandLine: string[]): Promise<number> {
  const { values } = parseArgs({
    args: commandLine,
    options: {
      check: { type: "boolean", default: false },
      update: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      pictures: { type: "string", default: join(UI, "../target/gallery") },
      accessibility: { type: "string", default: join(UI, "../target/a11y") },
    },
  });
  const { url, close } = await serve(UI, join(values.pictures, "site"));
  const browser = await startBrowser();
  try {
    const run = await Run.start(Array.from({ length: WORKERS }, () => new Tabs(browser, url)));
    if (values.update) await run.update();
    else if (values.check) await run.check(join(values.pictures, "check"));
    else await run.draw(values.pictures, values.full);
    if (!values.update) {
      await run.examineInWebKit(url, join(values.pictures, "webkit"));
      await run.report(values.accessibility, browser.version());
    }
    for (const problem of run.problems) console.error(problem);
    return run.problems.length > 0 ? 1 : 0;
  } finally {
    await browser.close();
    await close();
  }
}

class Run {
  readonly problems: string[] = [];
  readonly #workers: Tabs[];
  readonly #list: PreviewList;
  readonly #sizes: [Size, ...Size[]];
  readonly #findings: Finding[] = [];
  readonly #engines: Engine[] = [];
  #views = 0;

  private constructor(workers: Tabs[], list: PreviewList, sizes: [Size, ...Size[]]) {
    this.#workers = workers;
    this.#list = list;
    this.#sizes = sizes;
  }

  static async start(workers: Tabs[]): Promise<Run> {
    const list = await workers[0]?.list();
    if (!list) throw new Error("there is no worker");
    const file = await readFile(join(UI, "../tauri.conf.json"), "utf8");
    const { app } = JSON.parse(file) as { app: { windows: [WindowConfig] } };
    return new Run(workers, list, sizes(app.windows[0]));
  }

  /** All pictures, and the page that shows them. */
  async draw(folder: string, full: boolean): Promise<void> {
    await removePictures(folder);
    const everySize = full ? this.#list.languages : await this.#oneOfEachDirection();
    const all = pages(this.#list, this.#sizes, everySize, full);
    const drawn = all.flatMap(({ themes, ...page }) =>
      themes.map((theme): Picture => ({ ...page, theme })),
    );
    await this.#visit(all, async (opened, page) => {
      for (const theme of page.themes)
        await writeFile(join(folder, nameOf({ ...page, theme })), await opened.picture(theme));
    });
    const ofWindow = pngs(await readdir(join(folder, "window")).catch((): string[] => []));
    const files = ofWindow.sort().map((name) => `window/${name}`);
    await writeFile(join(folder, "index.html"), indexPage(drawn, files));
    console.log(`  ${drawn.length} pictures: ${join(folder, "index.html")}`);
  }

  /** Compares with the stored pictures, and checks every layout. Writes the differences. */
  async check(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    await removePictures(folder);
    const chosen = this.#references();
    const stored = new Set(await referenceFiles());
    if (existsSync(README_PICTURE)) stored.add(nameOf(ofReadme(this.#sizes[0])));
    const needed = new Map(chosen.map((picture) => [nameOf(picture), picture]));
    const missing = [...needed.keys()].filter((name) => !stored.has(name));
    if (missing.length > 0)
      this.problems.push(
        `${missing.length} reference pictures are missing: ${missing.slice(0, 3).join(", ")}, … ` +
          "`cargo xtask gallery --update` draws them.",
      );
    for (const name of stored)
      if (!needed.has(name))
        this.problems.push(
          `${name} is compared with nothing. \`cargo xtask gallery --update\` deletes it.`,
        );
    const all = checked(this.#list, this.#sizes, await this.#oneOfEachDirection());
    const trees = await this.#storedTrees();
    await this.#visit(all, async (opened, page) => {
      if (this.#hasTree(page)) this.#compareTree(page.scene, trees, await opened.tree());
      for (const theme of page.themes) {
        const name = nameOf({ ...page, theme });
        if (!needed.has(name) || !stored.has(name)) continue;
        const actual = await opened.picture(theme);
        const expected = await readFile(this.#placeOf(name));
        await this.#compare(folder, name, expected, actual);
      }
    });
    console.log(
      `  ${needed.size - missing.length} pictures and ${trees.size} accessibility trees compared`,
    );
  }

  /** Draws the stored pictures anew. */
  async update(): Promise<void> {
    await mkdir(REFERENCE, { recursive: true });
    for (const name of await referenceFiles()) await rm(join(REFERENCE, name));
    const chosen = this.#references();
    await this.#each(chosen, async (tabs, picture) => {
      const opened = await tabs.open(picture, this.#query(picture.scene), picture.theme);
      const file = this.#placeOf(nameOf(picture));
      await writeFile(file, small(await opened.picture(picture.theme)));
    });
    await mkdir(TREES, { recursive: true });
    for (const name of await treeFiles()) await rm(join(TREES, name));
    const scenes = Object.keys(this.#list.scenes);
    await this.#each(scenes, async (tabs, scene) => {
      const page = { scene, language: TREE_LANGUAGE, size: this.#sizes[0] };
      const opened = await tabs.open(page, this.#query(scene), TREE_THEME);
      await writeFile(join(TREES, treeFile(scene)), await opened.tree());
    });
    console.log(
      `  ${chosen.length} reference pictures drawn, ${scenes.length} accessibility trees written`,
    );
  }

  /** Each stored tree by its scene. Those that are missing or left over are problems. */
  async #storedTrees(): Promise<Map<string, string>> {
    const scenes = new Map(Object.keys(this.#list.scenes).map((scene) => [treeFile(scene), scene]));
    const names = await treeFiles();
    for (const name of scenes.keys())
      if (!names.includes(name))
        this.problems.push(
          `trees/${name} is missing. \`cargo xtask gallery --update\` writes it; review and commit it.`,
        );
    const stored = new Map<string, string>();
    for (const name of names) {
      const scene = scenes.get(name);
      if (scene !== undefined) stored.set(scene, await readFile(join(TREES, name), "utf8"));
      else
        this.problems.push(
          `trees/${name} is compared with nothing. \`cargo xtask gallery --update\` deletes it.`,
        );
    }
    return stored;
  }

  #hasTree({ language, size, themes }: Page): boolean {
    return language === TREE_LANGUAGE && size === this.#sizes[0] && themes[0] === TREE_THEME;
  }

  #compareTree(scene: string, stored: ReadonlyMap<string, string>, actual: string): void {
    const expected = stored.get(scene);
    const differs = expected === undefined ? null : lineDifference(expected, actual);
    if (differs === null) return;
    const file = join(TREES, treeFile(scene));
    this.problems.push(
      `The accessibility tree of ${scene} is not that of ${file}:\n${differs}\n` +
        "If it is meant to: `cargo xtask gallery --update`.",
    );
  }

  /** Examines a choice of the views in WebKitGTK. */
  async examineInWebKit(url: string, folder: string): Promise<void> {
    const views = webkitViews(this.#list, this.#sizes).map((view) => ({
      ...view,
      url: `${url}?${this.#query(view.scene)}&lang=${view.language}`,
    }));
    try {
      const { engine, findings, problems } = await examineInWebKit(views, folder);
      this.#engines.push(engine);
      this.#findings.push(...findings);
      this.problems.push(...problems);
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      this.problems.push(`WebKitGTK fails: ${why}. See ${folder}/*.log.`);
    }
  }

  /** Writes the findings of axe. */
  async report(folder: string, version: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    const chromium = { engine: CHROMIUM, version, views: this.#views };
    const report = reportOf([chromium, ...this.#engines], this.#findings);
    const file = join(folder, "report.json");
    await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
    for (const { engine, version, views, violations } of report.engines)
      console.log(`  axe in ${engine} ${version}: ${views} views, ${violations} violations`);
    console.log(`  ${report.belowAaaContrast} elements below AAA contrast: ${file}`);
    for (const finding of this.#findings.filter(({ fails }) => fails))
      this.problems.push(sentenceOf(finding));
  }

  /** Opens each page, checks its layout, calls `inspect`, runs axe, and checks what axe does not. */
  async #visit(all: Page[], inspect: (opened: Opened, page: Page) => Promise<void>): Promise<void> {
    await this.#each(all, async (tabs, page) => {
      const where = `${page.scene}, ${page.language}, ${page.size.name}`;
      try {
        const opened = await tabs.open(page, this.#query(page.scene), page.themes[0] ?? "light");
        this.#noteLayout(where, opened, page.size);
        await inspect(opened, page);
        await this.#audit(opened, page);
        const problems = await examine(opened, page);
        this.problems.push(...problems.map((problem) => `${where}: ${problem}`));
      } catch (error) {
        this.problems.push(`${where}: ${error instanceof Error ? error.message : error}`);
      }
    });
  }

  #noteLayout(where: string, { errors, layout }: Opened, { needsHeading }: Size): void {
    const problems = [...errors, ...layout.overflow];
    if (layout.heading !== null && needsHeading) problems.push(layout.heading);
    else if (layout.heading !== null) console.log(`  ${where}: ${layout.heading}`);
    this.problems.push(...problems.map((problem) => `${where}: ${problem}`));
  }

  async #audit(opened: Opened, page: Page): Promise<void> {
    const { scene, language, size } = page;
    for (const theme of audited(page)) {
      const view = { engine: CHROMIUM, scene, language, theme, size: size.name };
      this.#findings.push(...findings(view, await opened.audit(theme)));
      this.#views += 1;
    }
  }

  async #compare(folder: string, name: string, was: Buffer, is: Buffer): Promise<void> {
    const [expected, actual] = [PNG.sync.read(was), PNG.sync.read(is)];
    const drawn = new PNG({ width: actual.width, height: actual.height });
    const differs = difference(expected, actual, drawn.data);
    if (differs === null) return;
    const at = join(folder, name.replace(/\.png$/, ""));
    await writeFile(`${at}.expected.png`, was);
    await writeFile(`${at}.actual.png`, is);
    await writeFile(`${at}.difference.png`, PNG.sync.write(drawn));
    this.problems.push(
      `${name}: ${differs}. See ${at}.*.png. If it is meant to: \`cargo xtask gallery --update\`.`,
    );
  }

  #references(): Picture[] {
    return references(this.#list, this.#sizes[0]);
  }

  /** Where the stored picture of this name is. */
  #placeOf(name: string): string {
    return name === nameOf(ofReadme(this.#sizes[0])) ? README_PICTURE : join(REFERENCE, name);
  }

  #query(scene: string): string {
    return this.#list.scenes[scene] ?? "";
  }

  /** The first language of each direction. */
  async #oneOfEachDirection(): Promise<string[]> {
    const first = new Map<string, string>();
    const [scene = ""] = Object.keys(this.#list.scenes);
    const [tabs] = this.#workers;
    for (const language of this.#list.languages) {
      const page = { scene, language, size: this.#sizes[0] };
      const opened = await tabs?.open(page, this.#query(scene), "light");
      if (opened && !first.has(opened.layout.direction))
        first.set(opened.layout.direction, language);
    }
    return [...first.values()];
  }

  /** Each worker processes the next element until there is none. */
  async #each<T>(all: T[], work: (tabs: Tabs, one: T) => Promise<void>): Promise<void> {
    const left = all.values();
    await Promise.all(
      this.#workers.map(async (tabs) => {
        for (const one of left) await work(tabs, one);
      }),
    );
  }
}

/** The picture in fewer bytes: without the alpha channel, as all are opaque, and with rounded colours. */
function small(picture: Buffer): Buffer {
  const image = PNG.sync.read(picture);
  image.data = Buffer.from(image.data.map((level) => Math.min(255, Math.round(level / 8) * 8)));
  const flat = { filterType: 0, deflateLevel: 9, deflateStrategy: 0 } as const;
  return PNG.sync.write(image, { ...flat, colorType: 2 });
}

function treeFile(scene: string): string {
  return `${scene}.txt`;
}

async function treeFiles(): Promise<string[]> {
  return readdir(TREES).catch((): string[] => []);
}

async function referenceFiles(): Promise<string[]> {
  return pngs(await readdir(REFERENCE).catch(() => []));
}

async function removePictures(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of pngs(await readdir(folder))) await rm(join(folder, name));
}

function pngs(names: string[]): string[] {
  return names.filter((name) => name.endsWith(".png"));
}
