/** The views in WebKitGTK, which draws the window on Linux: what axe and the checks of `checks.ts` find there. */
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { COLOR_RULES, findings, RULES, type Engine, type Finding } from "./accessibility";
import { AXE_FILE } from "./browser";
import {
  cutTexts,
  hiddenByNotices,
  hiddenOfDialog,
  hiddenOfQuestion,
  motions,
  movedByNotice,
  strayCopyButtons,
  strayPunctuation,
  unmarkedScrolls,
} from "./checks";
import { Guarded, type Environment } from "./guarded";
import { walk } from "./keyboard";
import { audit, layout, loadScript, media, pageErrors, settle } from "./page";
import {
  DEFAULT_SIZE,
  NARROWEST,
  questionIn,
  THEMES,
  TREE_LANGUAGE,
  TREE_THEME,
  type Picture,
  type Theme,
} from "./plan";
import { CommandError, Session } from "./webdriver";

const WEBKIT = "WebKitGTK";

/** MiniBrowser of Debian and Ubuntu, in the package of the library. */
const LIBRARIES = "/usr/lib";
const MINI_BROWSER = "webkit2gtk-4.1/MiniBrowser";

/** GTK's settings, as WebKitGTK reads them: reduced motion. */
const SETTINGS = "[Settings]\ngtk-enable-animations=0\n";

/** MiniBrowser's hidden search bar would make the window no narrower than 334 pixels. */
const STYLE =
  "searchbar, searchbar * { min-width: 0; padding: 0; border-width: 0; margin-left: -60px; }\n";

/**
 * The server chooses a free display number and writes it. Without a window manager, the window under the pointer has the
 * focus: the pointer is in the middle of the screen, which is in every window, and there at its edge.
 */
const SCREEN = ["-displayfd", "1", "-screen", "0", "16x16x24", "-nolisten", "tcp"];

/** The system gives the driver a free port. */
const DRIVER = ["--host=127.0.0.1", "--port=0"];

/** A view, and the URL of its page. */
export type View = Picture & { url: string };

export type WebKitRun = {
  engine: Engine;
  findings: Finding[];
  problems: string[];
};

/**
 * Opens and examines each view. Each theme has a browser, as MiniBrowser cannot change it, and a screen, on which no
 * other window takes the focus.
 */
export async function examineInWebKit(views: readonly View[], folder: string): Promise<WebKitRun> {
  const binary = await findMiniBrowser();
  const environment = await prepare(folder);
  const run: WebKitRun = {
    engine: { engine: WEBKIT, version: "", views: 0 },
    findings: [],
    problems: [],
  };
  const started: Guarded[] = [];
  const start = (name: string, options: string[], more: Environment, log: string) => {
    const process = new Guarded(name, options, { ...environment, ...more }, join(folder, log));
    started.push(process);
    return process;
  };
  const ofTheme = async (theme: Theme) => {
    const display = await start("Xvfb", SCREEN, {}, `${theme}.screen.log`).announced();
    const more = { DISPLAY: `:${display}` };
    const driver = start("WebKitWebDriver", DRIVER, more, `${theme}.driver.log`);
    const session = await Session.start(driver, binary, browserOptions(theme));
    run.engine.version = session.version;
    await session.openWindow();
    for (const view of views) if (view.theme === theme) await visit(session, view, run);
  };
  try {
    await Promise.all(THEMES.map(ofTheme));
    return run;
  } finally {
    await Promise.all(started.map((process) => process.close()));
  }
}

async function findMiniBrowser(): Promise<string> {
  const folders = await readdir(LIBRARIES);
  const files = ["", ...folders].map((folder) => join(LIBRARIES, folder, MINI_BROWSER));
  const found = files.find((file) => existsSync(file));
  if (found === undefined)
    throw new Error("there is no MiniBrowser of WebKitGTK; `cargo xtask gallery` installs it");
  return found;
}

/** The variables for the browser, whose files are in the folder: nothing of the user's desktop has an effect. */
async function prepare(folder: string): Promise<Environment> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "gtk-3.0"), { recursive: true });
  await writeFile(join(folder, "gtk-3.0/settings.ini"), SETTINGS);
  await writeFile(join(folder, "gtk-3.0/gtk.css"), STYLE);
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    XDG_CACHE_HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_RUNTIME_DIR: folder,
    LANG: "C.UTF-8",
    TZ: "UTC",
    GDK_BACKEND: "x11",
    GSETTINGS_BACKEND: "memory",
    DBUS_SESSION_BUS_ADDRESS: "disabled:",
    NO_AT_BRIDGE: "1",
    WEBKIT_DISABLE_DMABUF_RENDERER: "1",
  };
}

function browserOptions(theme: Theme): string[] {
  return ["--automation", "--private", "--javascript-can-open-windows-automatically=true"].concat(
    theme === "dark" ? ["--dark-mode"] : [],
  );
}

/** Examines a view. What is wrong with it is a problem; throws if the browser fails. */
async function visit(session: Session, view: View, run: WebKitRun): Promise<void> {
  const { scene, language, theme, size } = view;
  const where = `${WEBKIT}, ${scene}, ${language}, ${theme}, ${size.name}`;
  try {
    await session.resize(size);
    await session.open(view.url);
    await session.evaluate(settle);
    const problems = await examine(session, view);
    await session.evaluate(loadScript, `/${AXE_FILE}`);
    const named = { engine: WEBKIT, scene, language, theme, size: size.name };
    run.findings.push(...findings(named, await session.evaluate(audit, rulesFor(view))));
    run.engine.views += 1;
    if (hasKeyboardCheck(view)) problems.push(...(await walk(session)));
    if (hasKeyboardCheck(view)) problems.push(...(await session.evaluate(movedByNotice)));
    problems.push(...(await session.evaluate(pageErrors)));
    run.problems.push(...problems.map((problem) => `${where}: ${problem}`));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    run.problems.push(`${where}: ${error.message}`);
  }
}

/** What axe does not check. */
async function examine(session: Session, { size, theme }: View): Promise<string[]> {
  const { width, height, isDark, isReduced, hasFocus } = await session.evaluate(media);
  const hasSize = width === size.width && height === size.height;
  if (!hasSize || isDark !== (theme === "dark") || !isReduced || !hasFocus)
    throw new Error(
      `${WEBKIT} does not show the page in the size, the theme and with the focus that the view needs`,
    );
  const { overflow, heading } = await session.evaluate(layout);
  return [
    ...overflow,
    ...(heading !== null && size.needsHeading ? [heading] : []),
    ...(await session.evaluate(cutTexts)),
    ...(await session.evaluate(unmarkedScrolls)),
    ...(await session.evaluate(strayPunctuation)),
    ...(await session.evaluate(motions)),
    ...(await session.evaluate(hiddenOfQuestion, questionIn(size))),
    ...(await session.evaluate(hiddenByNotices)),
    ...(await session.evaluate(hiddenOfDialog)),
    ...(size.name === DEFAULT_SIZE ? await session.evaluate(strayCopyButtons) : []),
  ];
}

/** Every rule once at the default size in each language; in the other theme, the rules whose result depends on it. */
function rulesFor({ language, theme, size }: Picture) {
  const isFurther = size.name !== NARROWEST && language === TREE_LANGUAGE && theme !== TREE_THEME;
  return isFurther ? COLOR_RULES : RULES;
}

/** In one language, and where the window is smallest. */
function hasKeyboardCheck({ language, theme, size }: Picture): boolean {
  return size.name === NARROWEST || (language === TREE_LANGUAGE && theme === TREE_THEME);
}
