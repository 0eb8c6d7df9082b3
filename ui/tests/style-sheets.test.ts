import { afterEach, expect, test } from "vitest";

import { styleSheets } from "../src/lib/style-sheets";

afterEach(() => document.head.replaceChildren());

/** A style sheet that is not loaded, as jsdom loads none. */
function link(): HTMLLinkElement {
  const element = document.createElement("link");
  element.rel = "stylesheet";
  element.href = "/index.css";
  document.head.append(element);
  return element;
}

test.each(["load", "error"])(
  "style sheets: the window waits for the event %s of each",
  async (type) => {
    const [first, second] = [link(), link()];
    let applied = false;
    const waiting = styleSheets().then(() => (applied = true));
    first.dispatchEvent(new Event("load"));
    await Promise.resolve();
    expect(applied).toBe(false);
    second.dispatchEvent(new Event(type));
    await waiting;
    expect(applied).toBe(true);
  },
);

test("style sheets: a loaded one is not waited for", async () => {
  const element = link();
  Object.defineProperty(element, "sheet", { value: new CSSStyleSheet() });
  await styleSheets();
});
