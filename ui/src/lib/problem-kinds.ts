import type { ProblemCode } from "tauri-plugin-scalekit-api";

/** How much a problem matters: the user needs to know, to take care, or to act. */
export type Level = "information" | "caution" | "alarm";

/** The way on: what its button does. */
export type Remedy =
  | "signIn"
  | "signInAgain"
  | "retry"
  | "refresh"
  | "checkLinks"
  | "openSettings"
  | "copyLink"
  | "continueWithoutKeychain";

/** What is done about a problem. */
export type Kind = {
  level: Level;
  /** The ways on, the best one first. */
  remedies: readonly Remedy[];
  /** The message stays until what it tells is over. */
  stays: boolean;
  /** Where the detail is what the environment said; everywhere else it is what this computer said. */
  saidByService: boolean;
};

function kind(level: Level, ...remedies: Remedy[]): Kind {
  return { level, remedies, stays: false, saidByService: false };
}

const information = kind.bind(null, "information");
const caution = kind.bind(null, "caution");
const alarm = kind.bind(null, "alarm");
const staying = (kind: Kind): Kind => ({ ...kind, stays: true });
const said = (kind: Kind): Kind => ({ ...kind, saidByService: true });

/** Every code has its row: a new one does not compile without. */
const KINDS: Record<ProblemCode, Kind> = {
  environmentUrlMissing: caution("openSettings"),
  environmentUrlMalformed: caution("openSettings"),
  environmentUrlInvalid: caution("openSettings"),
  environmentUrlNotHttps: caution("openSettings"),
  environmentUrlHasUserName: caution("openSettings"),
  clientIdInvalid: caution("openSettings"),
  settingsLocked: information(),
  settingsFileUnreadable: caution(),
  settingsFileSlow: caution(),
  settingsNotSaved: caution(),
  settingsUnavailable: caution(),
  environmentInvalid: caution("openSettings"),
  environmentNotFound: caution("openSettings"),
  environmentRenamed: caution("openSettings"),
  environmentRedirects: caution("openSettings"),
  signUpUnavailable: information(),
  offline: caution("signIn", "refresh", "openSettings"),
  signInOffline: caution("signIn"),
  refreshOffline: caution("refresh"),
  proxySignIn: caution("signIn", "refresh"),
  networkSignIn: caution("signIn", "refresh"),
  certificateNotYetValid: alarm("signIn", "refresh"),
  certificateExpired: alarm("signIn", "refresh"),
  certificateUnknownIssuer: alarm("signIn", "refresh"),
  certificateOtherName: alarm("openSettings", "refresh"),
  certificateRevoked: alarm(),
  certificateRefused: alarm(),
  serviceTrouble: caution("signIn", "refresh"),
  signingKeysUnavailable: caution("signIn"),
  refreshUnavailable: caution("refresh"),
  refreshSlow: caution(),
  entropyUnavailable: alarm("signIn"),
  accessDenied: said(information("signIn")),
  signInRefused: said(caution("signIn")),
  accountNotAllowed: said(caution("signIn")),
  connectionSetup: said(caution()),
  applicationSetup: said(caution()),
  signInUnfinished: said(information("signIn")),
  signInTimedOut: information("signIn"),
  answerRejected: alarm("signIn"),
  refreshResponseRejected: alarm("refresh"),
  clockWrong: caution("signIn"),
  sessionClockWrong: caution(),
  invitationDeclined: information("signIn"),
  invitationElsewhere: caution(),
  invitationExpired: information("signIn"),
  invitationFailed: caution("signIn"),
  invitationUnavailable: caution("signIn"),
  // The page itself has the link then.
  browserUnavailable: caution(),
  noLinkToCopy: information(),
  copyFailed: caution("copyLink"),
  linksTaken: staying(alarm("checkLinks")),
  linksPerhapsTaken: caution("checkLinks"),
  linksLost: caution("checkLinks"),
  linksUnreachable: caution(),
  sessionEnded: said(information("signInAgain")),
  sessionExpired: information("signInAgain"),
  sessionInterrupted: said(information("signInAgain")),
  notRefreshable: caution("signInAgain"),
  refreshRefused: caution("signInAgain"),
  identityChanged: alarm("signInAgain"),
  storedByNewerVersion: caution(),
  storedSessionDamaged: caution("signInAgain"),
  sessionFiles: caution("retry"),
  otherProcess: caution(),
  saveBlocked: caution(),
  keychainLocked: caution("retry"),
  keychainMissing: caution("retry"),
  keychainNotSetUp: staying(caution("retry", "continueWithoutKeychain")),
  keychainSlow: caution("retry"),
  keychainFailed: caution("retry"),
  refreshKeychainUnavailable: caution("retry"),
  signInKeychainUnavailable: caution("signIn"),
  notSaved: caution("retry"),
  notCleared: staying(alarm("retry")),
  endNotWritten: caution(),
  earlierEndNotWritten: caution(),
  signOutBrowserUnavailable: caution(),
  callRefused: alarm(),
  tooOften: information(),
};

/** What is done about a problem. One of a newer core, or what is no problem of the core, can only be read. */
export function kindOf(code: ProblemCode | null): Kind {
  const kinds = new Map<string | null, Kind>(Object.entries(KINDS));
  return kinds.get(code) ?? kind("caution");
}
