/**
 * Writes a text to the clipboard. To be called in a click handler: the webview requires transient user activation.
 *
 * @returns whether it was written
 */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** `execCommand`, for a webview that denies the Clipboard API to pages of a custom scheme. */
function copySelected(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "off-screen";
  // Outside of an open modal dialog the document is inert, and nothing can be selected.
  (focused?.closest("dialog") ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return copied;
}
