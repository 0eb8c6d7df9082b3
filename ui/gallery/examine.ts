/** The checks of a page beside its layout, its picture and axe. */
import type { Opened } from "./browser";
import {
  DEFAULT_SIZE,
  fitsQuestion,
  isSmallest,
  TREE_LANGUAGE,
  TREE_THEME,
  type Page,
} from "./plan";

/** Returns what is wrong. The keyboard moves the focus, and a notice changes the page: they come last. */
export async function examine(opened: Opened, page: Page): Promise<string[]> {
  const { language, size } = page;
  const isDefault = size.name === DEFAULT_SIZE && language === TREE_LANGUAGE;
  const problems = await opened.faults();
  problems.push(...(await opened.hiddenOfQuestion(fitsQuestion(size))));
  if (size.name === DEFAULT_SIZE) problems.push(...(await opened.misplacedButtons()));
  if (isDefault || isSmallest(page)) problems.push(...(await opened.lostInForcedColors()));
  if (isSmallest(page)) problems.push(...(await opened.keyboard("forced")));
  if (isDefault) problems.push(...(await opened.keyboard(TREE_THEME)));
  if (isDefault || isSmallest(page)) problems.push(...(await opened.movedByNotice()));
  return problems;
}
