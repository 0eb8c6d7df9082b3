/** The rules that axe runs, and the evaluation of its findings. */
import type { AxeResults, RunOptions } from "axe-core";

/** Whether a contrast below AAA (WCAG 2.2, 1.4.6) fails, or is reported only. */
export const AAA_CONTRAST_FAILS = true;

const CONTRAST_AAA = "color-contrast-enhanced";

/** WCAG 2.2 A and AA, with the two rules that axe leaves out unless they are named. */
export const RULES: RunOptions = {
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
  rules: { [CONTRAST_AAA]: { enabled: true }, "target-size": { enabled: true } },
  resultTypes: ["violations"],
};

/** The rules whose result depends on the theme. */
export const COLOR_RULES: RunOptions = {
  runOnly: { type: "rule", values: ["color-contrast", CONTRAST_AAA, "link-in-text-block"] },
  resultTypes: ["violations"],
};

/**
 * The rules in forced colours, where a style sheet can hide or move content. Without contrast: axe reads the text's
 * `-webkit-text-fill-color`, for which Chromium returns the colour that is not used then.
 */
export const FORCED_COLORS_RULES: RunOptions = {
  ...RULES,
  rules: {
    ...RULES.rules,
    "color-contrast": { enabled: false },
    [CONTRAST_AAA]: { enabled: false },
  },
};

export type Finding = {
  engine: string;
  scene: string;
  language: string;
  theme: string;
  size: string;
  rule: string;
  level: "A or AA" | "AAA";
  fails: boolean;
  target: string;
  html: string;
  summary: string;
};

/** Each element that breaks a rule. */
export function findings(
  view: Pick<Finding, "engine" | "scene" | "language" | "theme" | "size">,
  { violations }: Pick<AxeResults, "violations">,
  aaaFails = AAA_CONTRAST_FAILS,
): Finding[] {
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary = "" }) => ({
      ...view,
      rule: id,
      level: id === CONTRAST_AAA ? "AAA" : "A or AA",
      fails: id !== CONTRAST_AAA || aaaFails,
      target: target.join(" "),
      html: html.slice(0, 300),
      summary: failureSummary,
    })),
  );
}

/** A browser engine, and the number of views that axe examined in it. */
export type Engine = { engine: string; version: string; views: number };

/** The content of `report.json`: totals, and the numbers of each engine. */
export function reportOf(examined: readonly Engine[], details: readonly Finding[]) {
  const failing = details.filter(({ fails }) => fails);
  const engines = examined.map((of) => ({
    ...of,
    violations: failing.filter(({ engine }) => engine === of.engine).length,
  }));
  return {
    views: engines.reduce((sum, { views }) => sum + views, 0),
    violations: failing.length,
    belowAaaContrast: details.filter(({ level }) => level === "AAA").length,
    engines,
    details,
  };
}

export function sentenceOf(finding: Finding): string {
  const { engine, scene, language, theme, size, rule, target, summary } = finding;
  return `${engine}, ${scene}, ${language}, ${theme}, ${size}: ${rule} at ${target}: ${summary}`;
}
