import { selfCheck, type Finding, type SelfCheckReport } from "tauri-plugin-scalekit-api";

import { APP, type Locale } from "./locale.svelte";
import { describe, fill } from "./problems";

/** The displayed text of a finding. */
export type FindingInWords = { check: string; finding: string; advice: string };

/** Checks this computer. Rejects with a `Problem`. */
export function checkComputer(): Promise<SelfCheckReport> {
  return selfCheck();
}

/** The text of a finding. A code of a newer core, which the catalogue lacks, has the core's English sentences. */
export function inWords({ check, code, ...found }: Finding, locale: Locale): FindingInWords {
  const { checks, findings } = locale.text.selfCheck;
  const known = new Map(Object.entries(findings)).get(code);
  const advice = known ? fill(known.advice, found.parameters) : (found.advice ?? "");
  return {
    check: new Map(Object.entries(checks)).get(check) ?? check,
    finding: known ? fill(known.finding, found.parameters) : found.message,
    advice: found.problem ? describe(found.problem, locale).sentence : advice,
  };
}

/** The text for support: in English, with the codes. */
export function forSupport(report: SelfCheckReport, version: string | null, at: number): string {
  const lines = report.findings.flatMap(({ check, code, level, message, advice, detail }) => [
    `${level} ${check} (${code}): ${message}`,
    ...(advice === null ? [] : [`    ${advice}`]),
    ...(detail === null ? [] : [`    (${detail})`]),
  ]);
  return [`${APP} ${version ?? ""}`.trim(), new Date(at).toISOString(), ...lines].join("\n");
}
