/** The checks of a page beside its layout, its picture and axe. */
import type { Opened } from "./browser";
import {
  DEFAULT_SIZE,
  isQuestion,
  isSmallest,
  questionIn,
  TREE_LANGUAGE,
  TREE_THEME,
  type Page,
} from "./plan";

/** Returns what is wrong. The keyboard moves the focus, a notice changes the page, and motion
 * needs it anew: they come last. */
export async function examine(opened: Opened, page: Page): Promise<string[]> {
  const { scene, language, size } = page;
  const isDefault = size.name === DEFAULT_SIZE && language === TREE_LANGUAGE;
  const problems = await opened.faults();
  problems.push(...(await opened.hiddenOfQuestion(questionIn(size))));
  problems.push(...(await opened.hiddenParts()));
  if (size.name === DEFAULT_SIZE) problems.push(...(await opened.misplacedButtons()));
  if (isDefault || isSmallest(page)) problems.push(...(await opened.lostInForcedColors()));
  if (isSmallest(page)) problems.push(...(await opened.keyboard("forced")));
  if (isDefault) problems.push(...(await opened.keyboard(TREE_THEME)));
  if (isDefault || isSmallest(page)) problems.push(...(await opened.movedByNotice()));
  if (isQuestion(scene)) {
    const hidden = await opened.hiddenWithMotion(questionIn(size));
    problems.push(...hidden.map((problem) => `with motion, ${problem}`));
  }
  return problems;
}
