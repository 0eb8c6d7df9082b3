/** Which pictures there are. */
import type { PreviewList } from "../preview/list";

export const THEMES = ["light", "dark"] as const;

/** A theme, or the forced colours of a system with high contrast. */
export type Theme = (typeof THEMES)[number] | "forced";

export type Size = {
  name: string;
  /** In CSS pixels. */
  width: number;
  height: number;
  /** The zoom factor. At 2 a window has half the CSS pixels: text at 200 %. */
  zoom: number;
  /** Whether a heading outside of the window fails, or is reported only. */
  needsHeading: boolean;
};

/** The window's sizes in `tauri.conf.json`. */
export type WindowConfig = {
  width: number;
  height: number;
  minWidth: number;
  minHeight: number;
};

/** One state of the preview page, to be loaded once for all themes. */
export type Page = { scene: string; language: string; size: Size; themes: Theme[] };

export type Picture = Omit<Page, "themes"> & { theme: Theme };

/** How many pictures are stored at most, with that of the README. */
export const MAX_REFERENCES = 60;

export const DEFAULT_SIZE = "default";

/** The language and the theme in which the accessibility trees are stored. */
export const TREE_LANGUAGE = "en";
export const TREE_THEME = "light";

/** The narrowest size, in which content overflows first. */
export const NARROWEST = "minimum-200";

/** The sizes at the largest zoom of the application, in which questions are examined. */
const LARGEST: readonly string[] = ["default-300", "minimum-300"];

/** The language with the longest words, in which the smallest window is examined. */
export const LONG_WORDS = "de";

/** The language of the other direction in which WebKitGTK shows the window. */
export const RIGHT_TO_LEFT = "ar";

/**
 * The themes in which axe examines a page: at the default size light and dark, and forced colours in one language; with
 * text at 200 % in the smallest window, where other rules of the style sheets apply, the one in which it is drawn.
 */
export function audited(page: Page): Theme[] {
  if (page.size.name === DEFAULT_SIZE)
    return page.language === TREE_LANGUAGE ? [...THEMES, "forced"] : [...THEMES];
  return isSmallest(page) ? page.themes.slice(0, 1) : [];
}

/**
 * The views that are examined in WebKitGTK, too, which takes three times as long as Chromium: each scene at the default
 * size in both themes, in a language of the other direction in one, and in the smallest window at 200 % in one, in turn.
 */
export function webkitViews(list: PreviewList, sizes: readonly Size[]): Picture[] {
  const scenes = Object.keys(list.scenes);
  const turn = (at: number): Theme => THEMES[at % THEMES.length] ?? TREE_THEME;
  return sizes.flatMap((size) =>
    scenes.flatMap((scene, at): Picture[] => {
      const isLargest = isQuestion(scene) && LARGEST.includes(size.name);
      if (size.name === NARROWEST || isLargest)
        return [{ scene, language: LONG_WORDS, size, theme: turn(at) }];
      if (size.name !== DEFAULT_SIZE) return [];
      return [
        ...THEMES.map((theme): Picture => ({ scene, language: TREE_LANGUAGE, size, theme })),
        { scene, language: RIGHT_TO_LEFT, size, theme: "dark" },
      ];
    }),
  );
}

/** Whether a scene is a question, whose text fits itself into the window. */
export function isQuestion(scene: string): boolean {
  return scene.startsWith("invited");
}

/** The zoom of a question, and whether its buttons fit beside its text. */
export function questionIn({ name, zoom }: Size): { fits: boolean; zoom: number } {
  return { fits: name !== NARROWEST && !LARGEST.includes(name), zoom };
}

export function isSmallest({ size, language }: Page): boolean {
  return size.name === NARROWEST && language === LONG_WORDS;
}

/**
 * The pages of a check: each scene at the default and the narrowest size, and in the language with the longest words in
 * the other small windows; a question in each small or zoomed window.
 */
export function checked(list: PreviewList, sizes: readonly Size[], everySize: readonly string[]) {
  const all = pages(list, sizes, everySize, false);
  return all.filter(({ scene, language, size }) => {
    if ([DEFAULT_SIZE, NARROWEST].includes(size.name)) return true;
    if (["minimum", "default-200"].includes(size.name))
      return language === LONG_WORDS || isQuestion(scene);
    return isQuestion(scene) && LARGEST.includes(size.name);
  });
}

/** In whole CSS pixels, as a browser's window has them. */
function third(width: number, height: number): Pick<Size, "width" | "height"> {
  return { width: Math.floor(width / 3), height: Math.floor(height / 3) };
}

/** The sizes in which each scene is drawn. */
export function sizes(window: WindowConfig): [Size, ...Size[]] {
  const { width, height, minWidth, minHeight } = window;
  return [
    { name: DEFAULT_SIZE, width, height, zoom: 1, needsHeading: true },
    { name: "minimum", width: minWidth, height: minHeight, zoom: 1, needsHeading: false },
    { name: "wide", width: 1280, height: 800, zoom: 1, needsHeading: true },
    { name: "default-200", width: width / 2, height: height / 2, zoom: 2, needsHeading: false },
    { name: NARROWEST, width: minWidth / 2, height: minHeight / 2, zoom: 2, needsHeading: false },
    { name: "default-300", ...third(width, height), zoom: 3, needsHeading: false },
    { name: "minimum-300", ...third(minWidth, minHeight), zoom: 3, needsHeading: false },
  ];
}

/**
 * Every scene in every language: at the default size in all themes, at the other sizes in `everySize` only, and there
 * in one theme, in turn.
 */
export function pages(
  list: PreviewList,
  sizes: readonly Size[],
  everySize: readonly string[],
  allThemes: boolean,
): Page[] {
  const scenes = Object.keys(list.scenes);
  return scenes.flatMap((scene, at) =>
    list.languages.flatMap((language) =>
      sizes
        .filter(({ name }) => name === DEFAULT_SIZE || everySize.includes(language))
        .filter(({ name }) => isQuestion(scene) || !LARGEST.includes(name))
        .map((size, turn): Page => {
          if (size.name === DEFAULT_SIZE)
            return { scene, language, size, themes: [...THEMES, "forced"] };
          const theme = THEMES[(at + turn) % THEMES.length] ?? "light";
          return { scene, language, size, themes: allThemes ? [...THEMES] : [theme] };
        }),
    ),
  );
}

/**
 * The pictures that are stored: that of the README, then each scene in one language and theme, in turn, then each in
 * the next, until there are `max`. A scene's turn depends on its name alone, so that a new scene changes no other picture.
 */
export function references(list: PreviewList, size: Size, max = MAX_REFERENCES): Picture[] {
  const scenes = Object.keys(list.scenes);
  const ways = list.languages.flatMap((language) => THEMES.map((theme) => ({ language, theme })));
  const all = ways.flatMap((_, round) =>
    scenes.flatMap((scene) => {
      const way = ways[(turnOf(scene) + round) % ways.length];
      return way ? [{ scene, size, ...way }] : [];
    }),
  );
  const isFirst = (picture: Picture) => nameOf(picture) === nameOf(ofReadme(size));
  return [...all.filter(isFirst), ...all.filter((one) => !isFirst(one))].slice(0, max);
}

function turnOf(scene: string): number {
  return [...scene].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 0);
}

/** The picture in the README: a user whose organization has a name. */
export function ofReadme(size: Size): Picture {
  return { scene: "signedIn", language: TREE_LANGUAGE, size, theme: TREE_THEME };
}

export function nameOf({ scene, language, theme, size }: Picture): string {
  return `${scene}.${language}.${theme}.${size.name}.png`;
}
