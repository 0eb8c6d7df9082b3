/** The accessibility tree of a page as Chromium passes it to a screen reader, as text that can be compared. */

type Value = { value?: unknown };

/** A node of `Accessibility.getFullAXTree`, as far as it is read here. */
export type AxNode = {
  nodeId: string;
  ignored: boolean;
  role?: Value;
  name?: Value;
  description?: Value;
  value?: Value;
  properties?: { name: string; value: Value }[];
  childIds?: string[];
};

/** The states that are written. Others follow from the role, or from how the page is laid out. */
const STATES = [
  "level",
  "checked",
  "pressed",
  "selected",
  "expanded",
  "hasPopup",
  "disabled",
  "readonly",
  "required",
  "invalid",
  "multiline",
  "modal",
  "busy",
  "live",
  "focused",
];

/** Values with which a state is not written. */
const NOTHING: unknown[] = [undefined, "", false, "false", "off"];

/** States that a screen reader announces when they are false, too. */
const TWO_WAYS = ["checked", "pressed", "expanded"];

/** Roles without a meaning: their children take their place. */
const ROLES_WITHOUT_MEANING = [
  "generic",
  "none",
  "GenericContainer",
  "LabelText",
  "LineBreak",
  "InlineTextBox",
];

/** A longer text is truncated: untrusted text can have any length. */
const MAX_TEXT = 400;

/** One line for each node: its role, name, value, states and description. */
export function treeOf(nodes: readonly AxNode[]): string {
  const [root] = nodes;
  if (!root) return "";
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  return `${branches(root, byId).flatMap(linesOf).join("\n")}\n`;
}

/** A text, or a node with a role. */
type Branch = { text: string } | { line: string; names: string[]; below: Branch[] };

function branches(node: AxNode, byId: ReadonlyMap<string, AxNode>): Branch[] {
  const role = text(node.role);
  if (role === "StaticText") return [{ text: text(node.name) }];
  const children = (node.childIds ?? []).flatMap((id) => byId.get(id) ?? []);
  const below = joined(children.flatMap((child) => branches(child, byId)));
  if (node.ignored || ROLES_WITHOUT_MEANING.includes(role)) return below;
  return [{ line: words(node, role), names: [node.name, node.value].map(text), below }];
}

/** Joins adjacent texts: their boundaries depend on the layout. */
function joined(all: Branch[]): Branch[] {
  return all.reduce<Branch[]>((done, next) => {
    const last = done.at(-1);
    if (last && "text" in last && "text" in next)
      return [...done.slice(0, -1), { text: `${last.text} ${next.text}` }];
    return [...done, next];
  }, []);
}

function linesOf(branch: Branch): string[] {
  if ("text" in branch) return [`text ${quoted(branch.text)}`];
  const { line, names, below } = branch;
  const [only, ...others] = below;
  // A name or a value equal to the content is written once.
  if (only && "text" in only && others.length === 0 && names.map(solid).includes(solid(only.text)))
    return [line];
  return [line, ...below.flatMap(linesOf).map((it) => `  ${it}`)];
}

function words(node: AxNode, role: string): string {
  const properties = new Map(node.properties?.map(({ name, value }) => [name, value.value]));
  const states = STATES.flatMap((name) => {
    const value = properties.get(name);
    // The document is focused whenever an element in it is.
    if (name === "focused" && role === "RootWebArea") return [];
    if (value === undefined || (NOTHING.includes(value) && !TWO_WAYS.includes(name))) return [];
    return value === true || value === "true" ? [name] : [`${name}=${String(value)}`];
  });
  const [named, value, description] = [node.name, node.value, node.description].map(text);
  return [
    role,
    ...(named ? [quoted(named)] : []),
    ...(value ? [`value=${quoted(value)}`] : []),
    ...(states.length > 0 ? [`[${states.join(", ")}]`] : []),
    ...(description ? [`described as ${quoted(description)}`] : []),
  ].join(" ");
}

/** Spaces between the pieces of a name in Chromium depend on the layout. */
function solid(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

function text(value: Value | undefined): string {
  return typeof value?.value === "string" ? value.value.trim() : "";
}

/** Invisible characters, such as bidirectional isolates, are written as code points. */
function quoted(text: string): string {
  const letters = [...text];
  const left = letters.length - MAX_TEXT;
  const shown = left > 0 ? `${letters.slice(0, MAX_TEXT).join("")}… (${left} more)` : text;
  return JSON.stringify(shown).replace(
    /\p{Cf}/gu,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** How many lines around a change are shown. */
const AROUND = 2;

/** The removed lines (`-`) and the added lines (`+`), with the lines around them; `null` if all are equal. */
export function lineDifference(expected: string, actual: string): string | null {
  if (expected === actual) return null;
  const [was, is] = [expected.split("\n"), actual.split("\n")];
  const common = commonLines(was, is);
  const all: string[] = [];
  let [at, to] = [0, 0];
  while (at < was.length || to < is.length) {
    const [gone, added] = [was[at], is[to]];
    if (gone !== undefined && gone === added) {
      all.push(`  ${gone}`);
      at += 1;
      to += 1;
    } else if (
      added === undefined ||
      (gone !== undefined && left(common, at + 1, to) >= left(common, at, to + 1))
    ) {
      all.push(`- ${gone ?? ""}`);
      at += 1;
    } else {
      all.push(`+ ${added}`);
      to += 1;
    }
  }
  const isNear = (line: number) =>
    all.slice(Math.max(0, line - AROUND), line + AROUND + 1).some((it) => !it.startsWith("  "));
  return all
    .flatMap((line, number) => {
      if (isNear(number)) return [line];
      return number === 0 || isNear(number - 1) ? ["  …"] : [];
    })
    .join("\n");
}

/** The length of the longest common subsequence of both rests, for each pair of positions. */
function commonLines(was: readonly string[], is: readonly string[]): number[][] {
  const common = Array.from({ length: was.length + 1 }, () =>
    new Array<number>(is.length + 1).fill(0),
  );
  for (let at = was.length - 1; at >= 0; at -= 1)
    for (let to = is.length - 1; to >= 0; to -= 1) {
      const row = common[at];
      if (!row) continue;
      row[to] =
        was[at] === is[to]
          ? left(common, at + 1, to + 1) + 1
          : Math.max(left(common, at + 1, to), left(common, at, to + 1));
    }
  return common;
}

function left(common: readonly number[][], at: number, to: number): number {
  return common[at]?.[to] ?? 0;
}
