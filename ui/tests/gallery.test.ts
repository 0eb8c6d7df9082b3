import { describe, expect, test } from "vitest";

import { findings, reportOf } from "../gallery/accessibility";
import { difference, type Image } from "../gallery/compare";
import { indexPage } from "../gallery/index-page";
import {
  audited,
  checked,
  MAX_REFERENCES,
  nameOf,
  ofReadme,
  pages,
  references,
  sizes,
  webkitViews,
} from "../gallery/plan";
import { lineDifference, treeOf, type AxNode } from "../gallery/tree";

type Color = [number, number, number];

const GROUND: Color = [245, 246, 244];
const INK: Color = [24, 32, 29];
const LINE: Color = [134, 142, 138];
const HALF: Color = [134, 139, 136];

/** A picture of a window with an outlined button, whose label has upright strokes. */
function windowWithButton({ left = 40, top = 60, noise = false } = {}): Image {
  const [width, height] = [200, 160];
  const data = new Uint8Array(width * height * 4).fill(255);
  const fill = (x: number, y: number, w: number, h: number, color: Color) => {
    for (let row = y; row < y + h; row += 1)
      for (let column = x; column < x + w; column += 1) data.set(color, (row * width + column) * 4);
  };
  fill(0, 0, width, height, GROUND);
  fill(left, top, 120, 36, LINE);
  fill(left + 1, top + 1, 118, 34, GROUND);
  for (let stroke = 0; stroke < 10; stroke += 1) {
    const x = left + 30 + stroke * 6;
    fill(x, top + 12, 2, 12, INK);
    // One more pixel beside each stroke: the anti-aliasing of another machine.
    if (noise) fill(x + 2, top + 12, 1, 12, HALF);
  }
  if (noise) fill(left, top - 1, 120, 1, [210, 213, 211]);
  return { width, height, data };
}

describe("the comparison of pictures", () => {
  test("finds nothing in the same picture", () => {
    expect(difference(windowWithButton(), windowWithButton())).toBeNull();
  });

  test.each([
    ["to the side", { left: 44 }],
    ["down", { top: 64 }],
  ])("finds a button that is moved by 4 pixels %s", (_, moved) => {
    expect(difference(windowWithButton(), windowWithButton(moved))).toMatch(/pixels differ/);
  });

  test("passes one pixel of smoothing at each edge", () => {
    expect(difference(windowWithButton(), windowWithButton({ noise: true }))).toBeNull();
  });

  test("finds another size", () => {
    const lower = { ...windowWithButton(), height: 80 };
    expect(difference(windowWithButton(), lower)).toBe("it is 200 × 80 pixels, and was 200 × 160");
  });
});

const list = {
  scenes: Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`s${at}`, `scene=s${at}`])),
  languages: ["ar", "en", "xx"],
};
const all = sizes({ width: 440, height: 660, minWidth: 360, minHeight: 480 });

describe("the plan of pictures", () => {
  test("has each scene in each language and theme at the default size", () => {
    const planned = pages(list, all, [], false);
    expect(planned).toHaveLength(25 * 3);
    for (const { themes } of planned) expect(themes).toEqual(["light", "dark", "forced"]);
  });

  test("has the other sizes in the languages that are chosen", () => {
    const other = pages(list, all, ["ar"], false).filter(({ size }) => size !== all[0]);
    expect(other).toHaveLength(25 * 4);
    expect(new Set(other.map(({ language }) => language))).toEqual(new Set(["ar"]));
  });

  test("draws text at 200 % in a window of the same pixels", () => {
    const pixels = (name: string) => {
      const size = all.find((size) => size.name === name);
      return size && [size.width * size.zoom, size.height * size.zoom];
    };
    expect(pixels("default-200")).toEqual(pixels("default"));
    expect(pixels("minimum-200")).toEqual(pixels("minimum"));
  });
});

describe("the plan of a check", () => {
  const scenes = { signedOut: "scene=signedOut", invited: "scene=invited" };
  const planned = checked({ scenes, languages: ["ar", "de", "en"] }, all, ["ar", "de"]);
  const runs = planned.flatMap((page) =>
    audited(page).map((theme) => `${page.scene} ${page.language} ${page.size.name} ${theme}`),
  );

  test("runs axe in each scene and language in the light and the dark theme", () => {
    for (const scene of Object.keys(scenes))
      for (const language of ["ar", "de", "en"])
        for (const theme of ["light", "dark"])
          expect(runs).toContain(`${scene} ${language} default ${theme}`);
  });

  test.each(Object.keys(scenes))("runs axe in %s at 200 % and in forced colours", (scene) => {
    const ofScene = runs.filter((run) => run.startsWith(`${scene} `));
    expect(ofScene.filter((run) => run.includes("minimum-200"))).toHaveLength(1);
    expect(ofScene.filter((run) => run.endsWith("forced"))).toHaveLength(1);
  });

  test("opens a question in each small window", () => {
    const sizesOf = (scene: string) =>
      planned
        .filter((page) => page.scene === scene && page.language === "de")
        .map(({ size }) => size.name);
    expect(sizesOf("invited")).toEqual([
      "default",
      "minimum",
      "default-200",
      "minimum-200",
      "default-300",
      "minimum-300",
    ]);
    const ofEach = ["default", "minimum", "default-200", "minimum-200"];
    expect(sizesOf("signedOut")).toEqual(ofEach);
  });
});

describe("the plan for WebKitGTK", () => {
  const ofScene = (scene: string) =>
    webkitViews(list, all)
      .filter((view) => view.scene === scene)
      .map(({ language, size, theme }) => `${language} ${size.name} ${theme}`);

  test("has each scene in both themes and directions, and once in the smallest window", () => {
    for (const [at, scene] of Object.keys(list.scenes).entries())
      expect(ofScene(scene)).toEqual([
        "en default light",
        "en default dark",
        "ar default dark",
        `de minimum-200 ${at % 2 === 0 ? "light" : "dark"}`,
      ]);
  });
});

describe("the stored pictures", () => {
  const names = references(list, all[0]).map(nameOf);

  test("are different ones, as many as may be stored", () => {
    expect(new Set(names).size).toBe(MAX_REFERENCES);
  });

  test("show each scene, language and theme", () => {
    for (const scene of Object.keys(list.scenes))
      expect(names.some((name) => name.startsWith(`${scene}.`))).toBe(true);
    for (const word of [...list.languages, "light", "dark"])
      expect(names.some((name) => name.includes(`.${word}.`))).toBe(true);
  });

  test("have that of the README, once", () => {
    const scenes = { ...list.scenes, signedIn: "scene=signedIn" };
    const stored = references({ scenes, languages: ["en"] }, all[0]).map(nameOf);
    const readme = nameOf(ofReadme(all[0]));
    expect(stored.filter((name) => name === readme)).toEqual([readme]);
  });

  test("stay when a scene is added, but for the last of them", () => {
    const more = { ...list, scenes: { first: "scene=first", ...list.scenes } };
    const added = references(more, all[0]).map(nameOf);
    expect(names.filter((name) => !added.includes(name)).length).toBeLessThan(4);
  });
});

describe("an accessibility tree", () => {
  const node = (nodeId: string, role: string, more: Partial<AxNode> & { named?: string } = {}) => {
    const { named = "", ...rest } = more;
    return { nodeId, ignored: false, role: { value: role }, name: { value: named }, ...rest };
  };

  test("has a line for each role with its name, value, states and description", () => {
    const tree = treeOf([
      node("1", "main", { childIds: ["2", "3"] }),
      node("2", "textbox", {
        named: "Client ID",
        value: { value: "ntvc_1" },
        description: { value: "Such as ntvc_0" },
        properties: [
          { name: "required", value: { value: true } },
          { name: "invalid", value: { value: "false" } },
          { name: "focusable", value: { value: true } },
        ],
      }),
      node("3", "button", {
        named: "Settings",
        properties: [{ name: "expanded", value: { value: false } }],
      }),
    ]);
    expect(tree.split("\n")).toEqual([
      "main",
      '  textbox "Client ID" value="ntvc_1" [required] described as "Such as ntvc_0"',
      '  button "Settings" [expanded=false]',
      "",
    ]);
  });

  test("has no ignored node, no name twice and no text in pieces", () => {
    const tree = treeOf([
      node("1", "main", { childIds: ["2", "5"] }),
      node("2", "heading", { named: "Sign in", childIds: ["3"] }),
      { nodeId: "3", ignored: true, childIds: ["4"] },
      node("4", "StaticText", { named: "Sign in" }),
      node("5", "paragraph", { childIds: ["6", "7"] }),
      node("6", "StaticText", { named: "\u2068ada@\u2069" }),
      node("7", "generic", { childIds: ["8"] }),
      node("8", "StaticText", { named: "example" }),
    ]);
    const text = '    text "\\u2068ada@\\u2069 example"';
    expect(tree.split("\n")).toEqual(["main", '  heading "Sign in"', "  paragraph", text, ""]);
  });

  test("truncates a long text", () => {
    const tree = treeOf([node("1", "main", { named: "x".repeat(1000) })]);
    expect(tree.length).toBeLessThan(500);
    expect(tree).toContain("(600 more)");
  });

  test("is compared by its lines", () => {
    const [was, is] = ["a\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\nE\nf\n"];
    expect(lineDifference(was, was)).toBeNull();
    expect(lineDifference(was, is)?.split("\n")).toEqual([
      "  …",
      "  c",
      "  d",
      "- e",
      "+ E",
      "  f",
      "  ",
    ]);
    expect(lineDifference(was, `${was}g\n`)).toContain("+ g");
  });
});

describe("a finding of axe", () => {
  const view = {
    engine: "Chromium",
    scene: "signedIn",
    language: "en",
    theme: "dark",
    size: "default",
  };
  const violation = (id: string) =>
    ({ id, nodes: [{ target: ["h1"], html: "<h1></h1>", failureSummary: "" }] }) as never;

  test.each(["color-contrast", "target-size"])("%s fails", (rule) => {
    const found = findings(view, { violations: [violation(rule)] }, false);
    expect(found).toMatchObject([{ ...view, rule, fails: true }]);
  });

  test.each([true, false])("of AAA contrast fails only if it is to: %s", (fails) => {
    const found = findings(view, { violations: [violation("color-contrast-enhanced")] }, fails);
    expect(found).toMatchObject([{ level: "AAA", fails }]);
  });
});

test("the report of axe has totals and the numbers of each engine", () => {
  const engines = ["Chromium", "WebKitGTK"].map((engine, at) => {
    return { engine, version: "1.2", views: 10 + at };
  });
  const nodes = [{ target: ["h1"], html: "<h1></h1>", failureSummary: "" }];
  const violations = [{ id: "color-contrast", nodes }] as never;
  const view = { scene: "signedIn", language: "en", theme: "dark", size: "default" };
  const details = findings({ ...view, engine: "WebKitGTK" }, { violations });
  expect(reportOf(engines, details)).toMatchObject({
    views: 21,
    violations: 1,
    engines: [
      { engine: "Chromium", version: "1.2", views: 10, violations: 0 },
      { engine: "WebKitGTK", version: "1.2", views: 11, violations: 1 },
    ],
    details,
  });
});

test("the gallery's page groups the pictures by scene and offers each filter", () => {
  const pictures = references(list, all[0]);
  const page = new DOMParser().parseFromString(indexPage(pictures), "text/html");
  expect(page.querySelectorAll("section")).toHaveLength(25);
  expect([...page.querySelectorAll("img")].map((it) => it.getAttribute("src")).sort()).toEqual(
    pictures.map(nameOf).sort(),
  );
  const values = [...page.querySelectorAll("input")].map((it) => it.value);
  expect(values.sort()).toEqual(["ar", "dark", "default", "en", "light", "xx"]);
});

test("the gallery's page links the pictures of the real window", () => {
  const html = indexPage(references(list, all[0]), ["window/profile.dark.png"]);
  const page = new DOMParser().parseFromString(html, "text/html");
  const link = page.querySelector("a[href='window/profile.dark.png']");
  expect(link?.querySelector("img")?.getAttribute("src")).toBe("window/profile.dark.png");
});
