import type { Problem, ProblemCode } from "tauri-plugin-scalekit-api";

import { isolated } from "./isolated";
import type { Locale } from "./locale.svelte";
import { kindOf } from "./problem-kinds";
import { hostOf } from "./settings";

/** A problem of the core, or any other value with which a call was rejected. */
export type Failure = Problem | (Omit<Problem, "code"> & { code: null });

/** The displayed text of a failure. */
export type FailureText = {
  heading: string;
  sentence: string;
  /** Text of another party (`quote`), and the label that names its source (`source`). */
  detail: { source: string; quote: string } | null;
  code: string | null;
};

/** Converts the value with which a command was rejected: a problem, or an unexpected error. */
export function failureFrom(rejection: unknown): Failure {
  if (isProblem(rejection)) return rejection;
  const detail = rejection instanceof Error ? rejection.message : String(rejection);
  return { code: null, message: "", parameters: {}, detail };
}

/** The text of a failure. A code of a newer core, which the catalogue lacks, has the core's English sentence. */
export function describe(failure: Failure, locale: Locale): FailureText {
  const { text } = locale;
  const { code, message, parameters, detail } = failure;
  const known = new Map(Object.entries(text.problems)).get(code ?? "");
  const source = kindOf(code).isFromService ? text.details.serviceText : text.details.cause;
  return {
    heading: (known ?? text.unexpected).heading,
    sentence: known
      ? fill(known.sentence, code === "offline" ? withHost(parameters) : parameters)
      : message || locale.format(text.unexpected.sentence, {}),
    detail: detail === null ? null : { source, quote: detail },
    code,
  };
}

/** Users know the host, not the URL. */
function withHost({ environment, ...others }: Record<string, string>): Record<string, string> {
  return environment === undefined ? others : { ...others, environment: hostOf(environment) };
}

/** Replaces the placeholders by the parameters, each isolated from the direction of the text around it. */
export function fill(sentence: string, parameters: Record<string, string>): string {
  const values = new Map(Object.entries(parameters));
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values.get(name);
    return value === undefined ? place : isolated(value);
  });
}

/** Whether two failures have the same text. */
export function isSame(one: Failure, other: Failure): boolean {
  return one.code === other.code && one.message === other.message && one.detail === other.detail;
}

/** Whether the user can continue with a session that is not stored. */
export function canGoOnWithoutKeychain(failure: Failure): boolean {
  return failure.code === "keychainMissing" || failure.code === "keychainNotSetUp";
}

/** Whether the address could not be reached, so that it may still be correct. */
export function isUnreachable(failure: Failure): boolean {
  return failure.code !== null && unreachable.has(failure.code);
}

const unreachable: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "offline",
  "proxySignIn",
  "proxyRejected",
  "networkSignIn",
  "environmentForbidden",
  "serviceUnavailable",
]);

/** The field of the settings that a failure belongs to, if any. */
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
