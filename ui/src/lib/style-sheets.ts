/**
 * Resolves when the document's style sheets are applied. Scripts do not wait for them: not with `async`, and in WebKit
 * without it neither. A focus before that scrolls to where the element is without styles.
 */
export async function styleSheets(): Promise<void> {
  const links = document.querySelectorAll<HTMLLinkElement>("link[rel~=stylesheet]");
  await Promise.all([...links].map(applied));
}

/** Resolves in an error, too: the window is better without styles than empty. */
function applied(link: HTMLLinkElement): Promise<void> {
  // https://drafts.csswg.org/cssom/#dom-linkstyle-sheet: null until it is loaded.
  if (link.sheet !== null) return Promise.resolve();
  return new Promise((resolve) => {
    for (const type of ["load", "error"])
      link.addEventListener(type, () => resolve(), { once: true });
  });
}
