import type { Problem, ProblemCode } from "tauri-plugin-scalekit-api";

import { isolated } from "./isolated";
import type { Locale } from "./locale.svelte";
import { kindOf } from "./problem-kinds";

/** A problem of the core, or whatever else a call was rejected with. */
export type Failure = Problem | (Omit<Problem, "code"> & { code: null });

/** What is shown of a failure. */
export type FailureText = {
  heading: string;
  sentence: string;
  /** What somebody else said about it, and the words before that, which say who. */
  detail: { said: string; quote: string } | null;
  code: string | null;
};

/** Takes what a command was rejected with: a problem, or something that should not happen. */
export function failureFrom(rejection: unknown): Failure {
  if (isProblem(rejection)) return rejection;
  const detail = rejection instanceof Error ? rejection.message : String(rejection);
  return { code: null, message: "", parameters: {}, detail };
}

/** Says what the failure is. A code that the catalogue lacks, of a newer core, has the core's English sentence. */
export function describe(failure: Failure, locale: Locale): FailureText {
  const { text } = locale;
  const { code, message, parameters, detail } = failure;
  const known = new Map(Object.entries(text.problems)).get(code ?? "");
  const said = kindOf(code).saidByService ? text.details.serviceSaid : text.details.cause;
  return {
    heading: (known ?? text.unexpected).heading,
    sentence: known
      ? fill(known.sentence, parameters)
      : message || locale.say(text.unexpected.sentence, {}),
    detail: detail === null ? null : { said, quote: detail },
    code,
  };
}

/** Puts the parameters into their places, each isolated from the direction of the text around it. */
export function fill(sentence: string, parameters: Record<string, string>): string {
  const values = new Map(Object.entries(parameters));
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values.get(name);
    return value === undefined ? place : isolated(value);
  });
}

/** Whether two failures would read the same. */
export function isSame(one: Failure, other: Failure): boolean {
  return one.code === other.code && one.message === other.message && one.detail === other.detail;
}

/** Whether the user can choose to have the session kept nowhere. */
export function canGoOnWithoutKeychain(failure: Failure): boolean {
  return failure.code === "keychainMissing" || failure.code === "keychainNotSetUp";
}

/** Whether an address could only not be asked, so that it may be right. */
export function isUnreachable(failure: Failure): boolean {
  return failure.code !== null && unreachable.has(failure.code);
}

const unreachable: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "offline",
  "proxySignIn",
  "networkSignIn",
  "environmentForbidden",
  "serviceTrouble",
]);

/** Which input of the settings a failure belongs to, if it belongs to one. */
export function fieldOf(failure: Failure): "environmentUrl" | "clientId" | null {
  const fields: Partial<Record<ProblemCode, "environmentUrl" | "clientId">> = {
    environmentUrlMissing: "environmentUrl",
    environmentUrlMalformed: "environmentUrl",
    environmentUrlInvalid: "environmentUrl",
    environmentUrlNotHttps: "environmentUrl",
    environmentUrlHasUserName: "environmentUrl",
    environmentInvalid: "environmentUrl",
    environmentNotFound: "environmentUrl",
    environmentRenamed: "environmentUrl",
    environmentRedirects: "environmentUrl",
    clientIdInvalid: "clientId",
  };
  return failure.code === null ? null : (fields[failure.code] ?? null);
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== "object" || value === null) return false;
  const { code, message, parameters, detail } = value as Record<string, unknown>;
  return (
    typeof code === "string" &&
    typeof message === "string" &&
    typeof parameters === "object" &&
    parameters !== null &&
    (typeof detail === "string" || detail === null)
  );
}
