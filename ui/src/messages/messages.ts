import type {
  ProblemCode,
  SessionView,
  SignedOutReason,
  SignInStep,
} from "tauri-plugin-scalekit-api";

import type { SettingsSource } from "../lib/settings-types";

/** What a problem is called, and what to do about it. `{name}` in the sentence is a parameter of the problem. */
export type ProblemText = { heading: string; sentence: string };

/** Everything the window says in one language. A missing sentence does not compile. */
export type Messages = {
  app: string;
  actions: {
    signIn: string;
    signInAgain: string;
    switchOrganization: string;
    /** Takes the address that the environment calls itself by. */
    useAddress: string;
    createAccount: string;
    openBrowserAgain: string;
    copyLink: string;
    cancel: string;
    acceptInvitation: string;
    declineInvitation: string;
    renewNow: string;
    continueWithoutKeychain: string;
    signOut: string;
    tryAgain: string;
    /** Looks again whether links arrive here. */
    checkAgain: string;
    dismiss: string;
    settings: string;
    check: string;
    save: string;
    close: string;
    showAll: (count: string) => string;
    showFewer: string;
  };
  /** What the live region says when the session comes to a new status. */
  statuses: Record<SessionView["status"], string>;
  signedOut: Record<SignedOutReason, string> & { lede: string };
  invited: {
    /** With an organization or a person named, and with nobody. */
    heading: string;
    headingForAnybody: string;
    lede: string;
    ledeForAnybody: string;
    organization: string;
    organizationId: string;
    connection: string;
    loginHint: string;
    /** Around the name of whoever is signed in now. */
    signedInAs: (name: string) => [before: string, name: string, after: string];
    /** Before what an unsigned link brings for the sign-in page. */
    parameters: string;
    notYou: string;
  };
  signingIn: Record<SignInStep, string> & {
    ledes: Record<SignInStep, string>;
    waiting: (duration: string) => string;
    /** Something came back from the browser that is of no use. Names the button for that. */
    unusableCallback: string;
    linkCopied: string;
  };
  signedIn: {
    verified: string;
    notVerified: string;
    organization: string;
    organizationId: string;
    externalId: string;
    organizationNotTold: string;
    noOrganization: string;
    roles: string;
    noRoles: string;
    permissions: string;
    noPermissions: string;
    /** Of roles and permissions that this application cannot read. */
    notTold: string;
    session: string;
    notKept: string;
    notSaved: string;
    renewsIn: (duration: string) => string;
    renewsSoon: string;
    renewing: string;
    renewed: string;
    nextTryIn: (duration: string) => string;
    nextTrySoon: string;
    endsAt: (time: string) => string;
  };
  starting: string;
  signingOut: string;
  keychainUnavailable: string;
  withoutKeychain: string;
  notWatching: string;
  settings: {
    welcome: string;
    welcomeLede: string;
    environmentUrl: string;
    environmentUrlHint: string;
    environmentUrlMissing: string;
    clientId: string;
    clientIdHint: string;
    clientIdMissing: string;
    answers: string;
    saved: string;
    addresses: string;
    addressesLede: string;
    redirectUri: string;
    postLogoutRedirectUri: string;
    initiateLoginUri: string;
    locked: string;
    /** Before the click that takes an environment's own address. */
    renamed: string;
    /** Before that address, where an administrator has to set it. */
    renamedLocked: string;
    sources: Record<SettingsSource, string>;
    version: (version: string) => string;
  };
  code: string;
  /** Before what the environment said. */
  serviceSaid: string;
  /** Before what this computer said. */
  detail: string;
  /** English is generated from the codes of the core. */
  problems: Record<ProblemCode, ProblemText>;
  /** For what is no known problem: a newer core, or a call the webview may not make. */
  unexpected: ProblemText;
};
