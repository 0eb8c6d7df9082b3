import type { Problem, ProblemCode } from "tauri-plugin-scalekit-api";

import type { Locale } from "./locale";

/** A problem of the core, or whatever else a call was rejected with. */
export type Trouble = Problem | { code: null; message: string; detail: string | null };

/** What is shown of a trouble. */
export type TroubleText = {
  heading: string;
  sentence: string;
  /** What somebody else said about it, and the words before that, which say who. */
  detail: { said: string; quote: string } | null;
  code: string | null;
};

/** Where it is the environment that spoke; everywhere else it is this application's own verdict. */
const saidByService: ReadonlySet<ProblemCode | null> = new Set<ProblemCode>([
  "accessDenied",
  "signInRefused",
  "accountNotAllowed",
  "connectionSetup",
  "applicationSetup",
  "signInUnfinished",
  "sessionEnded",
  "sessionInterrupted",
]);

/** Takes what a command was rejected with: a problem, or something that should not happen. */
export function troubleFrom(rejection: unknown): Trouble {
  if (isProblem(rejection)) return rejection;
  const detail = rejection instanceof Error ? rejection.message : String(rejection);
  return { code: null, message: "", detail };
}

/**
 * Says what the trouble is. English has the core's own sentence, which knows more than the
 * code; other languages have one sentence for each code.
 */
export function describe(trouble: Trouble, { language, text }: Locale): TroubleText {
  const { code, message, detail } = trouble;
  const known = new Map(Object.entries(text.problems)).get(code ?? "");
  const { heading, sentence } = known ?? text.unexpected;
  const coreKnowsMore = message !== "" && (language === "en" || !known);
  const said = saidByService.has(code) ? text.serviceSaid : text.detail;
  return {
    heading,
    sentence: coreKnowsMore ? message : sentence,
    detail: detail === null ? null : { said, quote: detail },
    code,
  };
}

/** Whether two troubles would read the same. */
export function isSame(one: Trouble, other: Trouble): boolean {
  return one.code === other.code && one.message === other.message && one.detail === other.detail;
}

/** Whether the keychain stands in the way, which can be tried again at any time. */
export function isOfKeychain(trouble: Trouble): boolean {
  return trouble.code !== null && ofKeychain.has(trouble.code);
}

const ofKeychain: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "keychainLocked",
  "keychainMissing",
  "keychainNotSetUp",
  "keychainSlow",
  "keychainFailed",
  "notSaved",
]);

/** Whether links from the browser may not arrive here, which can be looked at again at any time. */
export function isOfLinks(trouble: Trouble): boolean {
  return trouble.code !== null && ofLinks.has(trouble.code);
}

const ofLinks: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "linksTaken",
  "linksPerhapsTaken",
  "linksLost",
]);

/** Whether the user can choose to have the session kept nowhere. */
export function canGoOnWithoutKeychain(trouble: Trouble): boolean {
  return trouble.code === "keychainMissing" || trouble.code === "keychainNotSetUp";
}

/** Which input of the settings a trouble belongs to, if it belongs to one. */
export function fieldOf(trouble: Trouble): "environmentUrl" | "clientId" | null {
  const fields: Partial<Record<ProblemCode, "environmentUrl" | "clientId">> = {
    environmentUrlInvalid: "environmentUrl",
    environmentInvalid: "environmentUrl",
    environmentRenamed: "environmentUrl",
    environmentRedirects: "environmentUrl",
    clientIdInvalid: "clientId",
  };
  return trouble.code === null ? null : (fields[trouble.code] ?? null);
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== "object" || value === null) return false;
  const { code, message, detail } = value as Record<string, unknown>;
  return (
    typeof code === "string" &&
    typeof message === "string" &&
    (typeof detail === "string" || detail === null)
  );
}
