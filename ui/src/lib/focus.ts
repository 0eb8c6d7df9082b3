/** Moves the focus to the beginning of what is shown, which is read from there. */
export function focusOpening(): void {
  document.getElementById("opening")?.focus();
}
