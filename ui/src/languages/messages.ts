import type {
  CheckName,
  FindingCode,
  FindingLevel,
  HostedPage,
  ProblemCode,
  Remedy,
  SessionView,
  SignedOutReason,
  SignInStep,
} from "tauri-plugin-scalekit-api";

import type { LinksCode } from "../lib/problem-kinds";
import type { SettingsSource } from "../lib/settings-types";

/**
 * A sentence in the ICU MessageFormat, with the names of the values that stand in it. `{app}` is the name of this
 * application and may stand in each.
 */
export type Template<Values extends string = never> = string & { readonly values?: Values };

/** What a problem is called, and what to do about it. `{name}` in the sentence is a parameter of the problem. */
export type ProblemText = { heading: string; sentence: string };

/** What a check has found, and what to do, if there is something. `{name}` is a parameter of the finding. */
export type FindingText = { finding: string; advice: string };

/** The window's side of a language: one file of this folder, which exports it as its default. */
export type Language = {
  /** BCP 47, such as `de`. The name of its file. */
  tag: string;
  direction: "ltr" | "rtl";
  /** What stands between a label and its value, and between two sentences of a paragraph. */
  punctuation: { colon: string; sentences: string };
  messages: Messages;
};

/** Everything the window says in one language. A missing sentence does not compile. */
export type Messages = {
  actions: {
    signIn: string;
    signInAgain: string;
    switchOrganization: string;
    /** Opens the environment's own list. */
    chooseOrganization: string;
    useAnotherAccount: string;
    signInWithCompany: string;
    continueToCompany: string;
    /** By a loopback redirect URI. */
    useLoopback: string;
    pasteLink: string;
    staySignedIn: string;
    signOutHere: string;
    /** Takes the address that the environment calls itself by. */
    useAddress: string;
    createAccount: string;
    openBrowserAgain: string;
    copyLink: string;
    copy: string;
    /** Stands on the button for a moment. */
    copied: string;
    copyDetails: string;
    cancel: string;
    acceptInvitation: string;
    declineInvitation: string;
    /** Leads to the question of a link that has come while something was entered. */
    showQuestion: string;
    refreshNow: string;
    continueWithoutKeychain: string;
    signOut: string;
    tryAgain: string;
    unlock: string;
    /** Looks again whether links arrive here. */
    checkAgain: string;
    dismiss: string;
    settings: string;
    openSettings: string;
    save: string;
    /** Saves an address that could not be checked. */
    saveAnyway: string;
    signOutAndSave: string;
    discard: string;
    keepEditing: string;
    stopSignIn: string;
    goOn: string;
    close: string;
    details: string;
  };
  /** Before the heading of a notice, for those who do not see its icon. */
  levels: Record<"information" | "caution" | "alarm", string>;
  /** What the live region says when the session comes to a new status and the focus stays where it is. */
  statuses: Record<SessionView["status"], string>;
  signedOut: Record<SignedOutReason, string> & {
    /** Below the heading after a cancelled sign-in. */
    youCancelled: string;
    lede: Template;
    /** Where one signs in. */
    at: Template<"host">;
    /** Which organization one signs in to, if only one can be or is asked for. */
    organization: Template<"organization">;
    continueWith: Template<"provider">;
    /** The label of the field for an e-mail address or a domain, by which single sign-on is found. */
    company: string;
    companyHint: string;
    companyUnusable: string;
  };
  invited: {
    heading: Template<"organization" | "host">;
    /** With no organization that is known by its name. */
    headingAt: Template<"host">;
    lede: Template;
    ledeForAnybody: Template;
    account: string;
    organizationId: string;
    connection: string;
    /** Of the user who is signed in now. */
    signedInAs: Template<"name">;
    /** Before what an unsigned link brings for the sign-in page. */
    parameters: string;
    notYou: string;
  };
  signingIn: Record<SignInStep, string> & {
    ledes: Record<Exclude<SignInStep, "waitingForBrowser">, string> & {
      waitingForBrowser: Template<"host">;
      /** Where the browser has no link to open. */
      withoutLinks: Template<"host">;
      /** The page may ask for an organization or go straight to one. */
      selectOrganization: Template<"host">;
      selectOrganizationWithoutLinks: Template<"host">;
    };
    /** Where a magic link is of use. */
    sameBrowser: string;
    /** No browser could be opened. */
    noBrowser: string;
    noBrowserLede: Template<"host">;
    /** In the last minutes of the wait. */
    minutesLeft: Template<"minutes">;
    /** Something came back from the browser that is of no use. Names the button for that. */
    unusableCallback: string;
    /** For a browser that does not return: what failed, then what to do, in this order. */
    help: {
      heading: string;
      nothingYet: string;
      noHurry: string;
      links: Record<LinksCode, Template>;
      openAgain: Template;
      loopback: Template;
      /** In the place of `loopback`, once it is used. */
      listening: string;
      paste: string;
      pasteFirefox: Template<"address">;
      pasteLoopback: string;
      pasteChromium: string;
      otherAccount: string;
      otherBrowser: string;
    };
    stop: string;
    stopLede: string;
  };
  signedIn: {
    notVerified: string;
    notVerifiedMeans: string;
    organization: string;
    signInService: string;
    organizationId: string;
    externalId: string;
    subject: string;
    account: string;
    noOrganization: string;
    roles: string;
    noRoles: string;
    permissions: string;
    noPermissions: string;
    /** The label of the field that filters a long list. */
    filter: Template<"count">;
    /** After filtering. */
    found: Template<"count">;
    claims: string;
    /** Of what this application cannot read. */
    notGiven: Template;
    session: string;
    notStored: Template;
    notSaved: string;
    refreshesIn: Template<"minutes">;
    refreshing: string;
    refreshed: string;
    nextTryIn: Template<"minutes">;
    nextTryWithNetwork: string;
    endsAt: Template<"time">;
    /** Before a list of organizations to switch to. */
    switchLede: string;
    /** Over the pages of the environment. */
    inBrowser: string;
    pages: Record<HostedPage, string>;
    /** There is no address for that page alone. */
    securityHint: string;
    signOutMeans: string;
    otherSignOuts: string;
    onlyHere: string;
    otherDevices: string;
    endsSoon: string;
    endsSoonLede: Template<"time">;
  };
  /** The protected resource, beside the profile. */
  reports: {
    heading: string;
    lede: string;
    show: string;
    /** Once they are shown. */
    reload: string;
    loading: string;
    count: Template<"count">;
    forbidden: Template<"permission">;
    /** Where nobody says which permission is missing. */
    forbiddenUnnamed: string;
    wayOn: string;
    /** Follows `wayOn` where the user can switch. */
    wayOnElsewhere: string;
    /** Renews the sign-in, which brings a new permission, and asks once more. */
    refreshAndRetry: string;
    /** After that, where it has brought none. */
    stillForbidden: string;
  };
  starting: string;
  signingOut: string;
  keychainUnavailable: string;
  withoutKeychain: Template;
  notConnected: string;
  setUp: {
    heading: Template;
    /** For somebody who only wants to work. */
    askAdministrator: Template;
    register: string;
    registerLede: string;
    dashboard: string;
    enter: string;
    enterLede: string;
    finishLede: string;
  };
  settings: {
    connection: string;
    environmentUrl: string;
    environmentUrlHint: string;
    environmentUrlMissing: string;
    clientId: string;
    clientIdHint: string;
    clientIdMissing: string;
    found: Template<"host">;
    saved: string;
    addresses: string;
    addressesLede: string;
    redirectUri: string;
    loopbackRedirectUri: string;
    postLogoutRedirectUri: string;
    initiateLoginUri: string;
    initiateLoginOptional: string;
    locked: string;
    lockedDetails: Template<"urlVariable" | "clientVariable">;
    /** The same, where the values come from the policy of the computer. */
    lockedByPolicy: Template<"path">;
    /** Before the click that takes an environment's own address. */
    renamed: string;
    /** Before that address, where an administrator has to set it. */
    renamedLocked: Template<"urlVariable">;
    /** The question before another address or client id is saved. */
    signsOut: string;
    signsOutLede: Template<"name" | "host">;
    discard: string;
    appearance: string;
    language: string;
    theme: string;
    themes: Record<"system" | "light" | "dark", string>;
    /** The language of the system, with its name. */
    systemLanguage: Template<"language">;
    sources: Record<SettingsSource, Template>;
    version: Template<"version">;
    closing: Template;
  };
  selfCheck: {
    /** Stands on the button that opens the view, too. */
    heading: string;
    lede: string;
    /** Before that button in the settings. */
    intro: string;
    checking: string;
    copyReport: string;
    /** Before the name of a check that has found nothing, for those who do not see its icon. */
    inOrder: string;
    /** By the worst finding. */
    results: Record<FindingLevel, string>;
    remedies: Record<Remedy, string>;
    checks: Record<CheckName, string>;
    /** English is generated from the codes of the core. */
    findings: Record<FindingCode, FindingText>;
  };
  /** The tray, and starting at login. */
  presence: {
    heading: string;
    closeToTray: string;
    closeToTrayHint: Template;
    startAtLogin: string;
    startAtLoginHint: Template;
    /** In place of `settings.closing` while closing leaves the application in the tray. */
    closing: Template;
  };
  details: {
    code: string;
    /** Before what the environment said. */
    serviceText: string;
    /** Before what this computer said. */
    cause: string;
    time: string;
    version: string;
  };
  /** English is generated from the codes of the core. */
  problems: Record<ProblemCode, ProblemText>;
  /** For what is no known problem: a newer core, or a call the webview may not make. */
  unexpected: ProblemText;
};

/**
 * What the application says outside of its window: each file of this folder exports it as `outside`. A value stands in
 * it as `{name}`, without plurals. `src-tauri/src/texts/languages.rs` is generated from it.
 */
export type OutsideTexts = {
  /** The menu and the title of the tray icon. */
  tray: {
    starting: string;
    notConfigured: string;
    signedOut: string;
    signingIn: string;
    signedInAs: Template<"name">;
    signedIn: string;
    endsSoon: string;
    ended: string;
    signingOut: string;
    asks: string;
    open: Template;
    signIn: string;
    staySignedIn: string;
    signOut: string;
    quit: string;
  };
  /** Headings, each with its instruction. */
  notifications: {
    endsSoon: string;
    endsSoonBody: Template<"name">;
    ended: string;
    endedBody: string;
    signInAgain: string;
    signInAgainBody: string;
    keychain: string;
    keychainBody: Template;
  };
  /** The page at the loopback redirect URI. Headings, each with its instruction. */
  loopbackPage: {
    received: string;
    receivedLede: Template;
    unexpected: string;
    unexpectedLede: Template;
  };
  /** Errors that are shown beside the window or before there is one, and the titles of their boxes. */
  messageBox: {
    cannotGoOn: Template;
    problem: Template;
    close: string;
    crashed: Template;
    pageCrashed: Template;
    cannotStart: Template<"why">;
    folderMissing: Template;
    folderUnusable: Template<"folder" | "why">;
    folderSilent: Template<"folder">;
    root: Template<"variable">;
    silent: Template;
    unreachable: Template;
    notFound: Template<"folder">;
    mayBeRunning: Template<"folder">;
  };
};
