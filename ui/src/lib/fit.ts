/** The sizes of the text. A window in which half of the size is needed is zoomed to more than twice. */
const SCALES = Array.from({ length: 24 }, (_, step) => 1 - step / 40);

/** The sizes at which the buttons stay at the end of a low window, which is a zoomed one. */
const SCALES_BESIDE_BUTTONS = SCALES.slice(0, 5);

/** The height of a low window in the style sheets, in pixels. */
const LOW = 24 * 16;

/** The parts of a question: those that are in the window as it opens, and all of its text. */
export type Parts = {
  heading: string;
  sender: string;
  text: string;
  foot: string;
  warning: string;
};

/**
 * Keeps the heading, the sender and the warning of a question in the window as it opens, and its buttons, if all of its
 * text fits beside these: otherwise the class `low` lets the buttons follow the text. `--fit` makes the text smaller.
 */
export function fitInView(parts: Parts): (page: HTMLElement) => () => void {
  return (page) => {
    const fit = () => {
      const is = (name: keyof Parts) => page.querySelector(parts[name])?.getBoundingClientRect();
      const fits = (first: "sender" | "text", last: "foot" | "warning") => {
        const [heading, words, end] = [is("heading"), is(first), is(last)];
        if (!heading || !words || !end) return true;
        const { top, bottom } = visible(page);
        return heading.top - top + (words.bottom - heading.top) + end.height <= bottom;
      };
      const fitsAt = (scale: number, ...parts: Parameters<typeof fits>) => {
        page.style.setProperty("--fit", String(scale));
        return fits(...parts);
      };
      page.classList.remove("low");
      const beside = innerHeight <= LOW ? SCALES_BESIDE_BUTTONS : [1];
      if (beside.some((scale) => fitsAt(scale, "text", "foot"))) return;
      page.classList.add("low");
      SCALES.some((scale) => fitsAt(scale, "sender", "warning"));
    };
    // Not by its size, which this changes, nor by that of the visible part: a notice would move the buttons.
    const observer = new MutationObserver(fit);
    observer.observe(page, { childList: true, characterData: true, subtree: true });
    addEventListener("resize", fit);
    fit();
    return () => {
      observer.disconnect();
      removeEventListener("resize", fit);
    };
  };
}

/** Where the window's part with this page begins, before it was scrolled, and where it ends. */
function visible(page: HTMLElement): { top: number; bottom: number } {
  let [top, bottom] = [0, innerHeight];
  for (let at = page.parentElement; at; at = at.parentElement) {
    top -= at.scrollTop;
    const { overflowY, paddingBottom } = getComputedStyle(at);
    if (overflowY !== "auto") continue;
    // Where a sticky element ends.
    bottom = Math.min(bottom, at.getBoundingClientRect().bottom - parseFloat(paddingBottom));
  }
  return { top, bottom };
}
