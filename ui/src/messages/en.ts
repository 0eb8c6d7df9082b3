import type { Messages } from "./messages";

export const en: Messages = {
  app: "Latchkey",
  actions: {
    signIn: "Sign in",
    signInAgain: "Sign in again",
    switchOrganization: "Switch organization",
    useAddress: "Use this address",
    createAccount: "Create account",
    openBrowserAgain: "Open browser again",
    copyLink: "Copy link",
    cancel: "Cancel",
    acceptInvitation: "Continue",
    declineInvitation: "Not now",
    renewNow: "Renew now",
    continueWithoutKeychain: "Continue without a keychain",
    signOut: "Sign out",
    tryAgain: "Try again",
    checkAgain: "Check again",
    dismiss: "Dismiss",
    settings: "Settings",
    check: "Check",
    save: "Save",
    close: "Close",
    showAll: (count) => `Show all ${count}`,
    showFewer: "Show fewer",
  },
  statuses: {
    notConfigured: "Latchkey is not set up yet.",
    starting: "Starting.",
    signedOut: "Nobody is signed in.",
    invited: "A link asks you to sign in.",
    signingIn: "Signing in.",
    signedIn: "You are signed in.",
    signingOut: "Signing out.",
    keychainUnavailable: "Your session cannot be read.",
  },
  signedOut: {
    fresh: "Welcome",
    signedOut: "You are signed out.",
    cancelled: "You cancelled the sign-in.",
    signInFailed: "You are not signed in",
    sessionEnded: "Your session has ended",
    lede: "Signing in happens in your browser. You come back here when it is done.",
  },
  invited: {
    heading: "You were invited to sign in",
    headingForAnybody: "Sign in?",
    lede: "A link from outside this window asks you to sign in to:",
    ledeForAnybody:
      "A link from outside this window asks you to sign in. It does not say who has sent it.",
    organization: "Organization",
    organizationId: "Organization ID",
    connection: "Connection ID",
    loginHint: "As",
    signedInAs: (name) => [
      "You are signed in as ",
      name,
      ". That stays so until the new sign-in is complete.",
    ],
    parameters: "The link brings this for the sign-in page:",
    notYou: "Continue only if you have just opened it yourself and know this sign-in.",
  },
  signingIn: {
    preparing: "Preparing…",
    waitingForBrowser: "Continue in your browser",
    finishing: "Finishing sign-in…",
    ledes: {
      preparing: "Your browser opens in a moment.",
      waitingForBrowser: "Sign in on the page that has opened. This window goes on by itself.",
      finishing: "Checking the answer and keeping your session safe.",
    },
    waiting: (duration) => `Waiting for ${duration} more`,
    unusableCallback:
      "Something came back from the browser that does not belong to this sign-in. If the browser says that it is done, press “Open browser again”.",
    linkCopied: "Link copied.",
  },
  signedIn: {
    verified: "Verified",
    notVerified: "Not verified",
    organization: "Organization",
    organizationId: "ID",
    externalId: "External ID",
    organizationNotTold: "Not told to this application",
    noOrganization: "No organization",
    roles: "Roles",
    noRoles: "No roles",
    permissions: "Permissions",
    noPermissions: "No permissions",
    notTold: "Not told to this application",
    session: "Session",
    notKept: "Not saved: you are signed in until this application is closed.",
    notSaved: "Not saved, and not renewed until it is.",
    renewsIn: (duration) => `Renews in ${duration}`,
    renewsSoon: "Renews any moment now",
    renewing: "Renewing…",
    renewed: "Session renewed.",
    nextTryIn: (duration) => `Next try in ${duration}`,
    nextTrySoon: "Next try any moment now",
    endsAt: (time) => `This session ends at ${time}`,
  },
  starting: "Starting…",
  signingOut: "Signing out…",
  keychainUnavailable: "Your session cannot be read",
  withoutKeychain:
    "You can also continue without one. Your session is then saved nowhere, and you sign in again whenever this application is started.",
  notWatching: "This window is not connected",
  settings: {
    welcome: "Connect to Scalekit",
    welcomeLede: "Two values from your Scalekit dashboard, and you can sign in.",
    environmentUrl: "Environment URL",
    environmentUrlHint: "Such as https://your-company.scalekit.com",
    environmentUrlMissing: "Enter the environment URL from your Scalekit dashboard.",
    clientId: "Client ID",
    clientIdHint: "Of the Native Application in your Scalekit dashboard",
    clientIdMissing: "Enter the client ID of your application.",
    answers: "This environment answers:",
    saved: "Settings saved.",
    addresses: "Register these addresses",
    addressesLede:
      "Enter all three with the application in your Scalekit dashboard, exactly as they are.",
    redirectUri: "Redirect address",
    postLogoutRedirectUri: "Address after sign-out",
    initiateLoginUri: "Initiate-login address",
    locked:
      "These settings are managed outside this window, so they cannot be changed here. To change them, set SCALEKIT_ENVIRONMENT_URL and SCALEKIT_CLIENT_ID and start again.",
    renamed:
      "After that you sign in once more. A session at the address before is not signed out: it stays kept, and is there again if you change the address back.",
    renamedLocked:
      "For your administrator: once it is certain that this is the company's address, set SCALEKIT_ENVIRONMENT_URL to exactly the value below and start again. Everybody then signs in once more; sessions at the address before stay kept and are not signed out.",
    sources: {
      environment: "Set by environment variables",
      file: "Entered in this window",
      builtIn: "Built into this application",
      none: "Not set yet",
    },
    version: (version) => `Version ${version}`,
  },
  code: "Code",
  serviceSaid: "The service said:",
  detail: "Detail:",
  problems: {
    environmentUrlInvalid: {
      heading: "The environment URL is not right",
      sentence:
        "Enter the https address from your Scalekit dashboard, without anything after the host name.",
    },
    clientIdInvalid: {
      heading: "The client ID is not right",
      sentence: "Copy it from the application in your Scalekit dashboard.",
    },
    settingsLocked: {
      heading: "These settings are locked",
      sentence:
        "They are set by environment variables or by your administrator. Change them there.",
    },
    settingsFile: {
      heading: "The settings file cannot be used",
      sentence: "It could not be read or written. Check its permissions, then try again.",
    },
    environmentInvalid: {
      heading: "This is not a Scalekit environment",
      sentence: "What answered is not the environment it should be. Check the environment URL.",
    },
    offline: {
      heading: "The environment cannot be reached",
      sentence: "Check your network connection, then try again.",
    },
    proxySignIn: {
      heading: "The proxy wants a sign-in",
      sentence:
        "The proxy between this computer and the environment does not let this application through. Enter its user name and password in the system's proxy settings, or ask your administrator, then try again.",
    },
    certificateRefused: {
      heading: "The certificate cannot be trusted",
      sentence:
        "The environment's certificate was refused, so nothing was sent. Check this computer's clock. Where a network inspects its traffic, ask your administrator to install its certificate on this computer.",
    },
    serviceTrouble: {
      heading: "The environment has trouble",
      sentence: "It answered, but not as it should. Try again in a little while.",
    },
    accessDenied: {
      heading: "The sign-in was declined",
      sentence: "Start again, or ask your administrator for access.",
    },
    signInRefused: {
      heading: "The sign-in was refused",
      sentence:
        "The environment did not accept it. Start again; if it stays so, tell your administrator.",
    },
    accountNotAllowed: {
      heading: "This account may not sign in",
      sentence:
        "The environment does not let it sign in to this application. Use another account, or ask your administrator to allow this one.",
    },
    connectionSetup: {
      heading: "Your company's single sign-on does not work here",
      sentence:
        "It is not set up for this application. You cannot change that here: tell your administrator, with the code below.",
    },
    applicationSetup: {
      heading: "This application is not registered properly",
      sentence:
        "The environment cannot sign you in to it. You cannot change that here: tell your administrator, with the code below.",
    },
    signInUnfinished: {
      heading: "The sign-in was not finished",
      sentence:
        "It did not come to its end in the browser. Start again, and finish it on the page that opens.",
    },
    environmentRenamed: {
      heading: "The environment has another address",
      sentence:
        "It calls itself by the address below. If that is your company's, use it. Where you cannot change it, tell your administrator.",
    },
    environmentRedirects: {
      heading: "The address leads elsewhere",
      sentence:
        "It leads on to the address below, which was not followed. If that is your company's, enter it; where you cannot change it, tell your administrator. If you do not know it, a network with a sign-in page of its own may have answered: sign in there first.",
    },
    signUpUnavailable: {
      heading: "No accounts are created here",
      sentence:
        "The environment lets nobody create one. Sign in with the account you have, or ask your administrator for one.",
    },
    signInTimedOut: {
      heading: "The sign-in took too long",
      sentence: "It was not finished in the browser in time. Start again when you are ready.",
    },
    browserUnavailable: {
      heading: "No browser could be opened",
      sentence: "Copy the link and open it in a browser on this computer.",
    },
    copyFailed: {
      heading: "The link could not be copied",
      sentence: "Try once more, or open the browser again.",
    },
    answerRejected: {
      heading: "The answer could not be trusted",
      sentence:
        "It did not pass the security checks, so nobody was signed in. Try again; if it stays so, tell your administrator.",
    },
    invitationExpired: {
      heading: "The link is too old",
      sentence:
        "It asked you to sign in, and nothing was begun. Open it again where you found it, or sign in here; if it is new, check this computer's clock.",
    },
    invitationElsewhere: {
      heading: "The link is for another organization",
      sentence:
        "It asked you to sign in there, and this application is for another one, so nothing was begun. Open it with the application of that organization, or ask whoever sent it.",
    },
    invitationFailed: {
      heading: "The sign-in from outside did not come about",
      sentence: "Sign in here; if that does not help, tell your administrator.",
    },
    clockWrong: {
      heading: "The clock is wrong",
      sentence:
        "This computer's clock and the environment's are too far apart. Set the clock, then try again.",
    },
    sessionEnded: {
      heading: "The session was ended",
      sentence: "The environment no longer accepts it. Sign in again.",
    },
    identityChanged: {
      heading: "Somebody else was signed in",
      sentence: "The session came back for another person, so it was ended. Sign in again.",
    },
    keychainLocked: {
      heading: "The keychain is locked",
      sentence: "It holds your session. Unlock it, then try again.",
    },
    keychainMissing: {
      heading: "There is no keychain",
      sentence:
        "This computer has no keychain service running. Start one, such as GNOME Keyring or KWallet, then try again.",
    },
    keychainNotSetUp: {
      heading: "There is no keyring yet",
      sentence:
        "This computer's keychain service has nothing to save your session in, so it is neither saved nor renewed. Try again, and choose a password for a new keyring when you are asked; or continue without a keychain, and sign in again whenever this application is started.",
    },
    keychainSlow: {
      heading: "The keychain does not answer",
      sentence: "It may be waiting for you to unlock it. Look for its window, then try again.",
    },
    keychainFailed: {
      heading: "The keychain failed",
      sentence: "Try again; if it stays so, restart the computer.",
    },
    sessionFiles: {
      heading: "Your session is not used for now",
      sentence:
        "The file that says which sessions are over cannot be read. It is tried again. If it stays so, make sure that this application may read its own data folder and that the disk is well.",
    },
    refreshRefused: {
      heading: "The session is not renewed any more",
      sentence:
        "The environment refuses again and again. You stay signed in here, but get no access elsewhere. Sign in again.",
    },
    notRefreshable: {
      heading: "The session cannot be renewed",
      sentence: "The environment gives this application no means to. Sign in again.",
    },
    storedByNewerVersion: {
      heading: "Your session is from a newer version",
      sentence: "A newer version of this application saved it. Update this one, or sign in again.",
    },
    notSaved: {
      heading: "Your session is not saved",
      sentence:
        "You are signed in, but only until this application is closed, and the session is not renewed until it is saved.",
    },
    saveBlocked: {
      heading: "Your session is not saved yet",
      sentence:
        "Another program on this computer keeps the session's lock. You are signed in until this application is closed. Close its other windows; saving goes on by itself then.",
    },
    sessionInterrupted: {
      heading: "Your session could not be continued",
      sentence:
        "The connection was lost, or this application ended, in the middle of renewing your session, and the environment does not accept the renewal a second time. Sign in again.",
    },
    otherProcess: {
      heading: "Another program is using this session",
      sentence:
        "It does not let go of it, so the session is not renewed for now. You stay signed in. Close other windows of this application if it stays so.",
    },
    linksTaken: {
      heading: "Another program has taken the links",
      sentence:
        "A sign-in may not arrive here from the browser. Remove that program, or choose this one for these links, then check again.",
    },
    linksPerhapsTaken: {
      heading: "Links may not lead back here",
      sentence:
        "They are opened by a script or another program, and none has arrived by it so far. If a sign-in does not come back from the browser, choose this program for these links, then check again.",
    },
    linksLost: {
      heading: "Links do not lead back here",
      sentence:
        "Nothing on this computer opens them, so a sign-in would not arrive from the browser. Install this application with its package, or make sure that it may write into your folder for applications and that xdg-utils is installed; then check again.",
    },
    linksUnreachable: {
      heading: "Links cannot reach this program",
      sentence:
        "No socket could be made for it, so a second start cannot hand its link over, and a sign-in would not arrive from the browser. Make sure that XDG_RUNTIME_DIR names a folder of yours on a local disk; then start this program again.",
    },
    notCleared: {
      heading: "Your session is still in the keychain",
      sentence:
        "You are signed out, but the keychain would not remove the saved session. It is tried again; unlock the keychain, and do not leave this computer to others until this message is gone.",
    },
    endNotWritten: {
      heading: "Other copies may not know that you signed out",
      sentence:
        "You are signed out here, but that could not be written down. Make sure that the disk is not full; it is tried again. Close other copies of this application if this stays.",
    },
    tooOften: {
      heading: "That was a little too fast",
      sentence:
        "The same was asked for too often in a short time, so nothing was done. Wait a few seconds, then try again.",
    },
    callRefused: {
      heading: "The window and the program do not fit together",
      sentence:
        "The window asked for something this program does not know, so nothing was done. Restart the application; if it stays so, install it again.",
    },
  },
  unexpected: {
    heading: "Something went wrong",
    sentence: "That did not work. Try again; if it stays so, restart the application.",
  },
};
