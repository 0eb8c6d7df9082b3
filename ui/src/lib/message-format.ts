/**
 * The subset of the ICU MessageFormat that the sentences of this window use: values in braces, `number`, and `plural`
 * with exact numbers, categories and `#`. A library for the full format would be an eighth of the code loaded at
 * start; the tests compare each sentence with such a library.
 */

/** A piece of a sentence: literal text, or a value. */
export type Part = { words: string } | { value: string };

type Node =
  | { kind: "words"; words: string }
  | { kind: "value"; name: string }
  | { kind: "number"; name: string | null }
  | { kind: "plural"; name: string; options: Map<string, Node[]> };

const parsed = new Map<string, Node[]>();

/**
 * The sentence in pieces. Adjacent literal text and numbers are one piece; a string value is a separate piece, which is
 * never parsed.
 */
export function partsOf(
  template: string,
  values: Record<string, string | number>,
  constants: Record<string, string>,
  locale: string,
): Part[] {
  let nodes = parsed.get(template);
  if (!nodes) parsed.set(template, (nodes = parse(template)));
  const [known, fixed] = [new Map(Object.entries(values)), new Map(Object.entries(constants))];
  const parts: Part[] = [];
  write(nodes, 0);
  return parts;

  function write(nodes: Node[], count: number) {
    for (const node of nodes) {
      if (node.kind === "words") words(node.words);
      else if (node.kind === "number") {
        const number = node.name === null ? count : Number(valueOf(node.name));
        words(new Intl.NumberFormat(locale).format(number));
      } else if (node.kind === "plural") {
        const number = Number(valueOf(node.name));
        const category = new Intl.PluralRules(locale).select(number);
        const { options } = node;
        const chosen = options.get(`=${number}`) ?? options.get(category) ?? options.get("other");
        if (!chosen) throw new Error(`There is no form for ${category}: ${template}`);
        write(chosen, number);
      } else if (fixed.has(node.name)) words(fixed.get(node.name) ?? "");
      else {
        const value = valueOf(node.name);
        if (typeof value === "string") parts.push({ value });
        else words(String(value));
      }
    }
  }

  function valueOf(name: string): string | number {
    const value = known.get(name);
    if (value === undefined) throw new Error(`There is no value for {${name}}: ${template}`);
    return value;
  }

  function words(more: string) {
    const last = parts[parts.length - 1];
    if (last && "words" in last) last.words += more;
    else if (more !== "") parts.push({ words: more });
  }
}

function parse(template: string): Node[] {
  let at = 0;
  const nodes = sentence(false);
  if (at < template.length) fail();
  return nodes;

  function sentence(inPlural: boolean): Node[] {
    const nodes: Node[] = [];
    const end = inPlural ? /[{}#]/g : /[{}]/g;
    for (;;) {
      end.lastIndex = at;
      const stop = end.exec(template)?.index ?? template.length;
      if (stop > at) nodes.push({ kind: "words", words: template.slice(at, stop) });
      at = stop;
      if (template[at] === "#") {
        at += 1;
        nodes.push({ kind: "number", name: null });
      } else if (template[at] === "{") nodes.push(argument());
      else return nodes;
    }
  }

  function argument(): Node {
    const name = read(/\{\s*(\w+)\s*/y);
    if (template[at] === "}") {
      at += 1;
      return { kind: "value", name };
    }
    const format = read(/,\s*(plural|number)\s*/y);
    if (format === "number") {
      read(/(\})/y);
      return { kind: "number", name };
    }
    read(/(,)\s*/y);
    const options = new Map<string, Node[]>();
    while (template[at] !== "}") {
      const selector = read(/(=\d+|[a-z]+)\s*\{/y);
      options.set(selector, sentence(true));
      read(/(\})\s*/y);
    }
    at += 1;
    return { kind: "plural", name, options };
  }

  /** Reads the expected token. */
  function read(expected: RegExp): string {
    expected.lastIndex = at;
    const found = expected.exec(template);
    if (!found) fail();
    at = expected.lastIndex;
    return found[1] ?? "";
  }

  function fail(): never {
    throw new Error(`This cannot be read at ${at}: ${template}`);
  }
}
