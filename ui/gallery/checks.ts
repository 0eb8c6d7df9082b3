/**
 * What axe does not check. These functions run in the page. They are sent as text, so they cannot use names of this
 * module.
 */

/** The elements whose text, or a part of it, is outside of the window or of an element that cuts it. */
export function cutTexts(): string[] {
  const cuts = (overflow: string) => overflow === "hidden" || overflow === "clip";
  const isHeardOnly = (element: Element) => element.closest(".heard, .off-screen") !== null;
  const boxes = new Map<Element, DOMRect | null>();
  /** The box outside of which an element cuts its content to the left and to the right. */
  const boxOf = (element: Element) => {
    const known = boxes.get(element);
    if (known !== undefined) return known;
    const box = cuts(getComputedStyle(element).overflowX) ? element.getBoundingClientRect() : null;
    boxes.set(element, box);
    return box;
  };
  const page = new DOMRect(0, 0, document.documentElement.clientWidth, 0);
  const isCut = (rects: DOMRect[], box: DOMRect) =>
    rects.some(({ left, right }) => left < box.left - 1 || right > box.right + 1);
  const found = new Set<string>();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    if (!parent?.checkVisibility({ visibilityProperty: true }) || isHeardOnly(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const rects = [...range.getClientRects()].filter(({ width }) => width > 0);
    const around = [page];
    for (let at: Element | null = parent; at; at = at.parentElement) {
      const box = boxOf(at);
      if (box) around.push(box);
    }
    if (around.some((box) => isCut(rects, box)))
      found.add(`the text ${JSON.stringify(range.toString().slice(0, 60))} is cut`);
  }
  return [...found];
}

/**
 * The parts of a question that are not in the window as it opens, or smaller than without zoom: its heading, its sender
 * and its warning, the rest of its text as long as the button that accepts is there, and where the window is not too
 * small, the buttons if these are only two.
 */
export function hiddenOfQuestion({ fits, zoom }: { fits: boolean; zoom: number }): string[] {
  const question = document.querySelector("#opening[role=alertdialog]");
  if (!question) return [];
  /** The font sizes at 100 %, in pixels. */
  const [textSize, headingSize] = [16, 24];
  const isHidden = (part: Element) => {
    const { left, right, top, bottom } = part.getBoundingClientRect();
    return [top + 2, bottom - 2].some((y) => {
      const hit = document.elementFromPoint((left + right) / 2, y);
      return hit === null || !(part.contains(hit) || hit.contains(part));
    });
  };
  const all = (selector: string) => [...question.querySelectorAll(selector)];
  const buttons = all(".actions button");
  const more = all(".words > .content > :not(.who)");
  const accepts = buttons.at(-1);
  const hasRoom = fits && buttons.length === 2 && (zoom === 1 || more.length === 0);
  const needed = [
    ...all("h1, .who, .warning"),
    ...(accepts && !isHidden(accepts) ? more : []),
    ...(hasRoom ? buttons : []),
  ];
  const isSmall = (part: Element) => {
    const least = part.localName === "h1" ? headingSize : textSize;
    return parseFloat(getComputedStyle(part).fontSize) * zoom < least;
  };
  const quote = ({ textContent }: Element) => JSON.stringify(textContent.trim().slice(0, 60));
  return [
    ...needed.filter(isHidden).map((part) => `${quote(part)} is hidden`),
    ...all("h1, .words > .content > *, .warning")
      .filter(isSmall)
      .map((part) => `${quote(part)} is smaller than without zoom`),
  ];
}

/** The texts that scroll and do not show at their end that more follows. */
export function unmarkedScrolls(): string[] {
  return [...document.querySelectorAll(".untrusted")]
    .filter((it) => it.scrollTop + it.clientHeight < it.scrollHeight - 1)
    .filter((it) => it !== document.activeElement && getComputedStyle(it).maskImage === "none")
    .map(
      ({ textContent }) =>
        `the text ${JSON.stringify(textContent.slice(0, 60))} ends without a sign that it scrolls`,
    );
}

/** The untrusted texts whose following punctuation begins a line. */
export function strayPunctuation(): string[] {
  const afterIt = (element: Element) => {
    let next = element.nextSibling;
    while (next && (next instanceof Comment || next.textContent === "")) next = next.nextSibling;
    return next instanceof Text && /^[\p{Pe}\p{Pf}\p{Pi}\p{Po}]/u.test(next.data) ? next : null;
  };
  const isStray = (element: Element) => {
    const text = afterIt(element);
    if (!text || !element.checkVisibility()) return false;
    const range = document.createRange();
    range.setStart(text, 0);
    range.setEnd(text, 1);
    const { top, height } = range.getBoundingClientRect();
    return height > 0 && top + height / 2 > element.getBoundingClientRect().bottom;
  };
  return [...document.querySelectorAll("bdi")]
    .filter(isStray)
    .map(
      ({ textContent }) =>
        `the punctuation after ${JSON.stringify(textContent.slice(0, 60))} begins a line`,
    );
}

/** The buttons that copy an address and are beside neither it nor its name. */
export function strayCopyButtons(): string[] {
  const isBeside = (one: Element, other: Element) => {
    const [{ top, bottom }, place] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    return top < place.bottom && bottom > place.top;
  };
  return [...document.querySelectorAll("code + button")]
    .filter((button) => {
      const labels =
        button.closest("dl > div, .dashboard")?.querySelectorAll("dt, .name, code") ?? [];
      return button.checkVisibility() && ![...labels].some((label) => isBeside(button, label));
    })
    .map((button) => `the button ${button.getAttribute("aria-label")} is beside no address`);
}

/**
 * What the first notice has to show as the window opens, and does not: its heading, or a line that shows it, in a low
 * window, which scrolls as a whole; else two lines of its sentence, and where the window is high enough for these, the
 * first button of the page and its own.
 */
export function hiddenByNotices(): string[] {
  const notices = document.querySelector("aside:has(.notice)");
  if (!notices || document.querySelector("dialog[open]")) return [];
  const isLow = getComputedStyle(notices).overflowY === "visible";
  const isHigh = innerHeight >= 35 * 16;
  const isHit = (part: Element, { left, right }: DOMRect, y: number) => {
    const hit = document.elementFromPoint((left + right) / 2, y);
    return hit !== null && part.contains(hit);
  };
  const isShown = (part: Element) => {
    const box = part.getBoundingClientRect();
    return [box.top + 2, box.bottom - 2].every((y) => isHit(part, box, y));
  };
  const nameOf = ({ textContent }: Element) => JSON.stringify(textContent.trim().slice(0, 60));
  const heading = notices.querySelector(".notice .heading");
  const sentence = notices.querySelector(".notice .heading + p");
  if (!heading || !sentence) return ["a notice has no heading or no sentence"];
  if (isLow) {
    const line = document.querySelector(".below");
    return isShown(heading) || (line && isShown(line))
      ? []
      : [`the notice ${nameOf(heading)} is outside of the window, and no line shows it`];
  }
  const text = document.createRange();
  text.selectNodeContents(sentence);
  const lines = new Map(
    [...text.getClientRects()]
      .filter(({ width }) => width > 1)
      .map((line) => [Math.round(line.top), line]),
  );
  const cut = [...lines.values()]
    .slice(0, 2)
    .filter((line) => !isHit(sentence, line, (line.top + line.bottom) / 2));
  const places = isHigh ? ["main:not([hidden]) button", "aside .actions button"] : [];
  const buttons = places.map((place) => document.querySelector(place));
  return [
    ...cut.map(() => `a line of the sentence ${nameOf(sentence)} is hidden`),
    ...buttons
      .filter((button) => button !== null)
      .filter((button) => !isShown(button))
      .map((button) => `the button ${nameOf(button)} is hidden beside a notice`),
  ];
}

/** The parts of an open dialog that are not in the window as it opens: its heading, where it scrolls. */
export function hiddenOfDialog(): string[] {
  const dialog = document.querySelector("dialog[open]");
  const heading = dialog?.querySelector("h2");
  if (!dialog || !heading) return [];
  const isAbove = heading.getBoundingClientRect().top < dialog.getBoundingClientRect().top;
  return isAbove ? [`the heading ${JSON.stringify(heading.textContent)} is scrolled away`] : [];
}

/** The buttons of the page that move when a notice appears, and that a pointer may be about to press. Changes the page. */
export async function movedByNotice(): Promise<string[]> {
  const { showNotice } = window as unknown as { showNotice?: () => void };
  if (!showNotice) return [];
  // The page scrolls to a focused button that the notice would hide (WCAG 2.2, 2.4.12).
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  // At the end of a page that scrolls, a shorter notice in the place of another leaves no text to scroll to.
  for (const page of document.querySelectorAll("main")) page.scrollTop = 0;
  const buttons = [...document.querySelectorAll("header button, main button")].filter((it) =>
    it.checkVisibility(),
  );
  const placeOf = (button: Element) => {
    const { x, y, width, height } = button.getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join(" ");
  };
  const before = buttons.map(placeOf);
  showNotice();
  // Some screens show no notices.
  for (let frame = 0; frame < 10; frame += 1)
    await new Promise((resolve) => requestAnimationFrame(resolve));
  return buttons
    .filter((button, at) => placeOf(button) !== before[at])
    .map(({ textContent }) => `the button ${textContent.trim()} moves when a notice appears`);
}

/** What moves although the system requests reduced motion, and what only a motion shows. */
export function motions(): string[] {
  const moving = document.getAnimations().filter(({ effect }) => {
    const { duration, iterations } = effect?.getComputedTiming() ?? {};
    return Number(duration) > 1 || iterations === Infinity;
  });
  for (const animation of document.getAnimations())
    if (!moving.includes(animation)) animation.finish();
  const nameOf = ({ effect }: Animation) => {
    const { target, pseudoElement } = effect as KeyframeEffect;
    return `${target?.localName}.${target?.classList.value}${pseudoElement ?? ""}`;
  };
  const busy = [...document.querySelectorAll("button[aria-busy=true]")];
  const unmarked = busy.filter(
    (button) => Number(getComputedStyle(button, "::after").opacity) === 0,
  );
  return [
    ...moving.map((animation) => `${nameOf(animation)} moves with reduced motion`),
    ...unmarked.map(({ textContent }) => `${textContent.trim()} does not show that it is busy`),
  ];
}

export type Marks = {
  /** Each shape that CSS draws in the current colours: by borders of several colours, or by a filled empty box. */
  shapes: string[];
  /** Controls and icons that do not stand out from their ground. */
  lost: string[];
};

/** What is to be seen in the current colours beside text. */
export function marks(): Marks {
  /** WCAG 2.2, 1.4.3 and 1.4.11. */
  const [textContrast, shapeContrast] = [4.5, 3];
  type Color = [number, number, number, number];
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const colors = new Map<string, Color>();
  const parse = (color: string): Color => {
    const known = colors.get(color);
    if (known) return known;
    if (!context) throw new Error("the page has no canvas");
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const parsed = [...context.getImageData(0, 0, 1, 1).data] as Color;
    colors.set(color, parsed);
    return parsed;
  };
  const luminance = (color: Color) => {
    const [r = 0, g = 0, b = 0] = color.slice(0, 3).map((level) => {
      const part = level / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one: string, other: string) => {
    if (parse(one)[3] < 128) return 1;
    const [a, b] = [luminance(parse(one)), luminance(parse(other))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  /** The colour behind an element. */
  const groundOf = (element: Element | null): string => {
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (parse(backgroundColor)[3] >= 128) return backgroundColor;
    }
    return "Canvas";
  };
  const sides = ["top", "right", "bottom", "left"];
  const borders = (style: CSSStyleDeclaration) =>
    sides
      .filter((side) => parseFloat(style.getPropertyValue(`border-${side}-width`)) > 0)
      .map((side) => style.getPropertyValue(`border-${side}-color`));
  const isShape = (style: CSSStyleDeclaration, isEmpty: boolean, ground: string) => {
    const isFilled = contrast(style.backgroundColor, ground) >= shapeContrast;
    return new Set(borders(style)).size > 1 || (isEmpty && isFilled);
  };
  const hasBorder = (element: Element) => {
    const ground = groundOf(element.parentElement);
    const all = borders(getComputedStyle(element));
    return all.length === 4 && all.every((color) => contrast(color, ground) >= shapeContrast);
  };
  const hasText = (element: HTMLElement) =>
    element.innerText.trim() !== "" &&
    contrast(getComputedStyle(element).color, groundOf(element)) >= textContrast;
  const isIconSeen = (icon: Element) =>
    [...icon.querySelectorAll("*")].some(
      (shape) => contrast(getComputedStyle(shape).fill, groundOf(icon)) >= shapeContrast,
    );
  const isSeen = (control: HTMLElement) => {
    if (control.matches("input[type=checkbox]")) return true;
    if (hasBorder(control)) return true;
    const icon = control.querySelector("svg");
    return !control.matches("input, select") && (hasText(control) || (icon && isIconSeen(icon)));
  };
  const visible = [...document.querySelectorAll("body *:not(bdi, wbr)")].filter((it) =>
    it.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
  );
  const nameOf = (element: Element, at: number) =>
    `${element.localName}.${element.classList.item(0) ?? ""} (${at})`;
  const shapes = visible.flatMap((element, at) => {
    if (element.closest("svg")) return [];
    const own = isShape(
      getComputedStyle(element),
      element.childNodes.length === 0 && !element.matches("input, select, img"),
      groundOf(element.parentElement),
    );
    const generated = ["::before", "::after"].filter((pseudo) => {
      const style = getComputedStyle(element, pseudo);
      return style.content === '""' && isShape(style, true, groundOf(element));
    });
    return [...(own ? [""] : []), ...generated].map((pseudo) => nameOf(element, at) + pseudo);
  });
  const controls = visible.filter((it) => it.matches("button, a[href], input, select, summary"));
  const lost = [
    ...controls.filter((control) => !isSeen(control as HTMLElement)),
    ...visible.filter((it) => it.matches("svg") && !isIconSeen(it)),
  ];
  return {
    shapes,
    lost: lost.map((it) => `${nameOf(it, visible.indexOf(it))} does not stand out`),
  };
}
