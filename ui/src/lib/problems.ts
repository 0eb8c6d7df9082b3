import type { Problem, ProblemCode } from "tauri-plugin-scalekit-api";

import type { Locale } from "./locale";

/** A problem of the core, or whatever else a call was rejected with. */
export type Trouble = Problem | (Omit<Problem, "code"> & { code: null });

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
  return { code: null, message: "", parameters: {}, detail };
}

/** Says what the trouble is. A code that the catalogue lacks, of a newer core, has the core's English sentence. */
export function describe(trouble: Trouble, { text }: Locale): TroubleText {
  const { code, message, parameters, detail } = trouble;
  const known = new Map(Object.entries(text.problems)).get(code ?? "");
  const said = saidByService.has(code) ? text.serviceSaid : text.detail;
  return {
    heading: (known ?? text.unexpected).heading,
    sentence: known ? fill(known.sentence, parameters) : message || text.unexpected.sentence,
    detail: detail === null ? null : { said, quote: detail },
    code,
  };
}

/** Puts the parameters into their places, each isolated from the direction of the text around it. */
function fill(sentence: string, parameters: Record<string, string>): string {
  const values = new Map(Object.entries(parameters));
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values.get(name);
    return value === undefined ? place : `\u2068${value}\u2069`;
  });
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
  "refreshKeychainUnavailable",
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
  return trouble.code === null ? null : (fields[trouble.code] ?? null);
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
