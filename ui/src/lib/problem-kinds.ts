import type { ProblemCode } from "tauri-plugin-scalekit-api";

/** The severity of a problem: the user can read it, must take care, or must act. */
export type Level = "information" | "caution" | "alarm";

/** A next step that a problem offers. */
export type Remedy =
  /** The retry of the rejected command, the refresh, the keychain access, the page, or the sign-in. */
  | "tryAgain"
  | "signIn"
  | "signInAgain"
  | "useAnotherAccount"
  | "chooseOrganization"
  | "checkLinks"
  | "openSettings"
  | "continueWithoutKeychain"
  | "pasteLink"
  | "useLoopback";

/** Links from the browser do not, or may not, reach the application: the authorization response may not arrive by one. */
const LINKS_CODES = ["linksTaken", "linksPerhapsTaken", "linksLost", "linksUnreachable"] as const;

export type LinksCode = (typeof LINKS_CODES)[number];

/** Whether a problem is one of these. */
export function isOfLinks(code: ProblemCode | undefined): code is LinksCode {
  return (LINKS_CODES as readonly (ProblemCode | undefined)[]).includes(code);
}

/** How a problem is presented. */
export type Kind = {
  level: Level;
  /** The next steps, the best one first. */
  remedies: readonly Remedy[];
  /** Whether the message cannot be dismissed: it stays until the problem is solved. */
  stays: boolean;
  /** The cause, where it determines which command is retried. */
  about: "keychain" | "hostedPage" | null;
  /** Whether the detail is text of the environment; otherwise it is text of this computer. */
  isFromService: boolean;
  /** Whether the details are open, as the sentence refers to them. */
  showsDetails: boolean;
};

function kind(level: Level, ...remedies: Remedy[]): Kind {
  return { level, remedies, stays: false, about: null, isFromService: false, showsDetails: false };
}

const information = kind.bind(null, "information");
const caution = kind.bind(null, "caution");
const alarm = kind.bind(null, "alarm");
const staying = (kind: Kind): Kind => ({ ...kind, stays: true });
const keychain = (kind: Kind): Kind => ({ ...kind, about: "keychain" });
const fromService = (kind: Kind): Kind => ({ ...kind, isFromService: true });
const detailed = (kind: Kind): Kind => ({ ...kind, showsDetails: true });

/** One row for each code: a new code without a row is a compile error. */
const KINDS: Record<ProblemCode, Kind> = {
  environmentUrlMissing: caution("openSettings"),
  environmentUrlMalformed: caution("openSettings"),
  environmentUrlInvalid: caution("openSettings"),
  environmentUrlNotHttps: caution("openSettings"),
  environmentUrlHasUserName: caution("openSettings"),
  clientIdInvalid: caution("openSettings"),
  settingsLocked: information(),
  settingsLockedByPolicy: information(),
  policyUnusable: staying(detailed(caution())),
  settingsFileUnreadable: caution(),
  settingsFileSlow: caution(),
  settingsNotSaved: caution(),
  settingsUnavailable: caution(),
  environmentInvalid: caution("openSettings"),
  environmentNotFound: caution("openSettings"),
  environmentForbidden: caution("tryAgain"),
  environmentRenamed: caution("openSettings"),
  environmentRedirects: caution("openSettings"),
  signUpUnavailable: information(),
  offline: caution("tryAgain", "openSettings"),
  signInOffline: caution("tryAgain"),
  refreshOffline: caution("tryAgain"),
  proxySignIn: caution("tryAgain"),
  proxyRejected: caution("tryAgain"),
  networkSignIn: caution("tryAgain"),
  certificateNotYetValid: alarm("tryAgain"),
  certificateExpired: alarm("tryAgain"),
  certificateUnknownIssuer: detailed(alarm("tryAgain")),
  certificateOtherName: alarm("tryAgain", "openSettings"),
  certificateRevoked: alarm(),
  certificateRefused: detailed(alarm()),
  serviceUnavailable: caution("tryAgain"),
  signingKeysUnavailable: caution("tryAgain"),
  refreshUnavailable: caution("tryAgain"),
  refreshSlow: caution("tryAgain"),
  entropyUnavailable: alarm("tryAgain"),
  accessDenied: fromService(information("tryAgain")),
  signInRefused: fromService(caution("tryAgain")),
  accountNotAllowed: fromService(caution("useAnotherAccount")),
  connectionSetup: detailed(fromService(caution())),
  organizationUnknown: fromService(caution("chooseOrganization")),
  providerUnavailable: detailed(fromService(caution())),
  applicationSetup: detailed(fromService(caution())),
  signInUnfinished: fromService(information("tryAgain")),
  signInTimedOut: information("tryAgain"),
  answerRejected: alarm("tryAgain"),
  refreshResponseRejected: alarm("tryAgain"),
  clockWrong: caution("tryAgain"),
  sessionClockWrong: caution(),
  invitationDeclined: information("signIn"),
  invitationElsewhere: caution(),
  invitationExpired: information("signIn"),
  invitationFailed: caution("signIn"),
  invitationUnavailable: caution("signIn"),
  // The view itself has the link then, and the core reports the problem until a browser opens.
  browserUnavailable: staying(caution()),
  noLinkToCopy: information("signIn"),
  copyFailed: caution("tryAgain"),
  linksTaken: staying(alarm("useLoopback", "checkLinks")),
  linksPerhapsTaken: caution("useLoopback", "checkLinks"),
  linksLost: caution("useLoopback", "checkLinks"),
  linksUnreachable: caution("useLoopback"),
  hostedPageNotOpened: { ...caution("tryAgain"), about: "hostedPage" },
  pastedLinkUnusable: caution("pasteLink"),
  pastedLinkOfAnotherSignIn: caution("pasteLink"),
  clipboardUnreadable: caution("pasteLink"),
  loopbackUnavailable: caution("useLoopback"),
  sessionEnded: fromService(information("signInAgain")),
  sessionExpired: information("signInAgain"),
  sessionInterrupted: fromService(information("signInAgain")),
  notRefreshable: caution("signInAgain"),
  refreshRefused: caution("signInAgain"),
  storedByNewerVersion: caution(),
  storedSessionDamaged: caution("signInAgain"),
  sessionFiles: keychain(caution("tryAgain")),
  otherProcess: caution(),
  saveBlocked: caution(),
  keychainLocked: keychain(caution("tryAgain")),
  keychainMissing: keychain(caution("tryAgain")),
  keychainNotSetUp: keychain(staying(caution("tryAgain", "continueWithoutKeychain"))),
  keychainSlow: keychain(caution("tryAgain")),
  keychainFailed: keychain(caution("tryAgain")),
  refreshKeychainUnavailable: keychain(caution("tryAgain")),
  signInKeychainUnavailable: caution("tryAgain"),
  notSaved: keychain(caution("tryAgain", "continueWithoutKeychain")),
  notCleared: keychain(staying(alarm("tryAgain"))),
  endNotWritten: caution(),
  earlierEndNotWritten: caution(),
  signOutBrowserUnavailable: caution(),
  notSignedIn: information("signIn"),
  permissionMissing: information("chooseOrganization"),
  permissionsUnknown: information(),
  resourceUrlInvalid: caution(),
  resourcePermissionInvalid: caution(),
  resourceNotAllowed: caution(),
  resourceCertificate: detailed(alarm("tryAgain")),
  resourceOffline: caution("tryAgain"),
  resourceUnavailable: caution("tryAgain"),
  resourceResponseInvalid: caution(),
  resourceRejectedSignIn: fromService(caution("signInAgain")),
  settingsChanged: information("tryAgain"),
  callRefused: alarm(),
  tooOften: information("tryAgain"),
};

/** How a problem is presented. A code of a newer core, or a failure without a code, has no remedy. */
export function kindOf(code: ProblemCode | null): Kind {
  const kinds = new Map<string | null, Kind>(Object.entries(KINDS));
  return kinds.get(code) ?? kind("caution");
}
