/**
 * Keeps the focused control within a place that scrolls (WCAG 2.2, 2.4.12): as the place gets smaller beside a notice,
 * and after the Tab key in WebKit, which scrolls to a field's text only. A button that the pointer has pressed stays where
 * it is.
 */
export function keepFocusVisible(place: HTMLElement): () => void {
  const reveal = () => {
    const focused = document.activeElement;
    if (focused?.matches(":focus-visible") && place.contains(focused))
      focused.scrollIntoView({ block: "nearest" });
  };
  let height = Infinity;
  const observer = new ResizeObserver(() => {
    if (place.clientHeight < height && place.scrollHeight > place.clientHeight) reveal();
    height = place.clientHeight;
  });
  const afterTab = ({ key }: KeyboardEvent) => {
    if (key === "Tab") reveal();
  };
  observer.observe(place);
  place.addEventListener("keyup", afterTab);
  return () => {
    observer.disconnect();
    place.removeEventListener("keyup", afterTab);
  };
}

/** Moves the focus to the beginning of the place, from which a screen reader reads on. */
export function focusOpening(): void {
  document.getElementById("opening")?.focus();
}
