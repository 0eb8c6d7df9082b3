/** The sizes of the text, relative to that of a low window. The smallest window is never zoomed to less than half. */
const SCALES = Array.from({ length: 11 }, (_, step) => 1 - step / 20);

/** The parts of a question that are in the window as it opens. */
export type Parts = { heading: string; sender: string; foot: string; warning: string };

/**
 * Keeps the heading, the sender and the warning of a question in the window as it opens: where these do not fit beside
 * the buttons, the class `low` lets the buttons follow the text, and `--fit` makes the text smaller.
 */
export function fitInView(parts: Parts): (page: HTMLElement) => () => void {
  return (page) => {
    const fit = () => {
      const is = (name: keyof Parts) => page.querySelector(parts[name])?.getBoundingClientRect();
      const fits = (last: "foot" | "warning") => {
        const [heading, sender, end] = [is("heading"), is("sender"), is(last)];
        if (!heading || !sender || !end) return true;
        const { top, bottom } = visible(page);
        return heading.top - top + (sender.bottom - heading.top) + end.height <= bottom;
      };
      page.style.setProperty("--fit", "1");
      page.classList.remove("low");
      if (fits("foot")) return;
      page.classList.add("low");
      for (const scale of SCALES) {
        page.style.setProperty("--fit", String(scale));
        if (fits("warning")) return;
      }
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
    const { overflowY } = getComputedStyle(at);
    if (overflowY === "auto") bottom = Math.min(bottom, at.getBoundingClientRect().bottom);
  }
  return { top, bottom };
}
