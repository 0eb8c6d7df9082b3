/** Whether the Tab key reaches each control, and whether the focus is seen there. */

/** The stops of the Tab key that are no controls: the document, and elements that scroll. */
const OTHER_STOPS = 8;

/** A page in a browser. */
type Tab = {
  evaluate: <R>(page: () => R | Promise<R>) => Promise<R>;
  pressTab: () => Promise<void>;
};

/** Presses Tab until each control had the focus. Returns what is wrong. */
export async function walk(tab: Tab): Promise<string[]> {
  const controls = await tab.evaluate(listControls);
  const left = new Set(controls.keys());
  const problems: string[] = [];
  // Where the whole page scrolls, its heading is to be seen first.
  const scrolls = await tab.evaluate(
    () => document.documentElement.scrollHeight > document.documentElement.clientHeight,
  );
  const first = await tab.evaluate(focused);
  if (!scrolls && first.problem === "is hidden")
    problems.push(`the first focus, on ${controls[first.at]}, is hidden`);
  for (let press = 0; left.size > 0 && press < controls.length + OTHER_STOPS; press += 1) {
    await tab.pressTab();
    const { at, problem } = await tab.evaluate(focused);
    if (left.delete(at) && problem !== null)
      problems.push(`the focus on ${controls[at]} ${problem}`);
  }
  return [...problems, ...[...left].map((at) => `the Tab key does not reach ${controls[at]}`)];
}

type Listed = { controls?: HTMLElement[] };

/** The name of each control that can have the focus; within a dialog, if one is open. Runs in the page. */
function listControls(): string[] {
  const root = document.querySelector("dialog[open]") ?? document;
  const all = root.querySelectorAll<HTMLElement>(
    "a[href], button, input, select, summary, [tabindex]",
  );
  const controls = [...all].filter(
    (it) => it.tabIndex >= 0 && it.checkVisibility({ visibilityProperty: true }),
  );
  (window as unknown as Listed).controls = controls;
  return controls.map(
    ({ localName, textContent, id }) =>
      `${localName} ${JSON.stringify(textContent.trim().slice(0, 40) || id)}`,
  );
}

/** The control that has the focus, by its number, and what is wrong with the focus there. Runs in the page. */
async function focused(): Promise<{ at: number; problem: string | null }> {
  const { controls = [] } = window as unknown as Listed;
  const at = controls.indexOf(document.activeElement as HTMLElement);
  const control = controls[at];
  if (!control) return { at, problem: null };
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(control);
  const isTransparent = / 0\)$|^transparent$/.test(outlineColor);
  if (outlineStyle === "none" || parseFloat(outlineWidth) < 2 || isTransparent)
    return { at, problem: "is not marked" };
  // WCAG 2.2, 2.4.12: not hidden, as by a sticky element.
  const isSeen = () => {
    const { left, top, width, height } = control.getBoundingClientRect();
    return [0.1, 0.5, 0.9].every((share) => {
      const hit = document.elementFromPoint(left + width / 2, top + height * share);
      return hit !== null && (control.contains(hit) || hit.contains(control));
    });
  };
  // WebKitGTK scrolls to the focus some frames after it has moved there.
  for (let frame = 0; frame < 30 && !isSeen(); frame += 1)
    await new Promise((resolve) => requestAnimationFrame(resolve));
  return { at, problem: isSeen() ? null : "is hidden" };
}
