/** Moves the focus to the beginning of the place, from which a screen reader reads on. */
export function focusOpening(): void {
  document.getElementById("opening")?.focus();
}
