import loopbackPage from "tauri-plugin-scalekit-api/loopback-page.en.json";
import problems from "tauri-plugin-scalekit-api/problems.en.json";
import selfCheck from "tauri-plugin-scalekit-api/self-check.en.json";

import type { Language, OutsideTexts } from "./messages";

const en: Language = {
  tag: "en",
  direction: "ltr",
  punctuation: { colon: ": ", sentences: " " },
  messages: {
    actions: {
      signIn: "Sign in",
      signInAgain: "Sign in again",
      switchOrganization: "Switch organization",
      chooseOrganization: "Choose another organization",
      useAnotherAccount: "Use another account",
      signInWithCompany: "Sign in with your company",
      continueToCompany: "Continue",
      useLoopback: "Open browser with another way back",
      pasteLink: "Paste from clipboard",
      staySignedIn: "Stay signed in",
      signOutHere: "Sign out only on this computer",
      useAddress: "Use this address",
      createAccount: "Create account",
      openBrowserAgain: "Open browser again",
      copyLink: "Copy link",
      copy: "Copy",
      copied: "Copied",
      copyDetails: "Copy details",
      cancel: "Cancel",
      acceptInvitation: "Continue",
      declineInvitation: "Not now",
      showQuestion: "Show",
      refreshNow: "Renew now",
      continueWithoutKeychain: "Continue without a keychain",
      signOut: "Sign out",
      tryAgain: "Try again",
      unlock: "Unlock",
      checkAgain: "Check again",
      dismiss: "Dismiss",
      settings: "Settings",
      openSettings: "Open settings",
      save: "Save",
      saveAnyway: "Save anyway",
      signOutAndSave: "Sign out and save",
      discard: "Discard",
      keepEditing: "Keep editing",
      stopSignIn: "Stop signing in",
      goOn: "Keep signing in",
      close: "Close",
      details: "Details",
    },
    levels: { information: "Information", caution: "Caution", alarm: "Warning" },
    statuses: {
      notConfigured: "Not set up yet.",
      starting: "Starting.",
      signedOut: "Nobody is signed in.",
      invited: "A link asks you to sign in.",
      signingIn: "Signing in.",
      signedIn: "You are signed in.",
      signingOut: "Signing out.",
      keychainUnavailable: "Your sign-in cannot be read.",
    },
    signedOut: {
      fresh: "Welcome",
      signedOut: "You are signed out",
      cancelled: "Welcome",
      signInFailed: "Sign in",
      sessionEnded: "Please sign in again",
      youCancelled: "You cancelled the sign-in.",
      lede: "You sign in with your browser and come back to {app} when you are done.",
      at: "Sign-in service: {host}",
      organization: "Organization: {organization}",
      continueWith: "Continue with {provider}",
      company: "Work e-mail or company domain",
      companyHint:
        "Such as ada@acme.example or acme.example. It is used to find your company’s sign-in page.",
      companyUnusable: "This is neither an e-mail address nor a domain, so nothing was started.",
    },
    invited: {
      heading: "Sign in to {organization} at {host}?",
      headingAt: "Sign in to {host}?",
      lede: "A link asks {app} to sign you in:",
      ledeForAnybody: "A link asks {app} to sign you in. It does not say who sent it.",
      account: "Account",
      organizationId: "Organization ID",
      connection: "Connection ID",
      signedInAs:
        "You are signed in as {name}. If you finish the new sign-in, it replaces this one.",
      parameters: "The link brings this for the sign-in page:",
      notYou:
        "Continue only if you just opened this link yourself. If you did not expect it, choose Not now.",
    },
    signingIn: {
      preparing: "Preparing…",
      waitingForBrowser: "Continue in your browser",
      finishing: "Finishing sign-in…",
      ledes: {
        preparing: "Your browser opens in a moment.",
        waitingForBrowser:
          "Finish signing in on the page of {host} that we opened. If your browser asks, allow it to open {app}.",
        withoutLinks: "Finish signing in on the page of {host} that we opened.",
        selectOrganization:
          "Finish signing in on the page of {host} that we opened. If it asks, choose an organization or an invitation there. If your browser asks, allow it to open {app}. If you are signed in already, you stay so until the new sign-in is complete.",
        selectOrganizationWithoutLinks:
          "Finish signing in on the page of {host} that we opened. If it asks, choose an organization or an invitation there. If you are signed in already, you stay so until the new sign-in is complete.",
        finishing: "Almost done.",
      },
      sameBrowser: "If you are sent a link by e-mail, open it in that same browser.",
      noBrowser: "Open this link in your browser",
      noBrowserLede: "Finish signing in there, at {host}.",
      minutesLeft:
        "{minutes, plural, one {# minute left to finish signing in} other {# minutes left to finish signing in}}",
      unusableCallback:
        "Something came back from the browser that does not belong to this sign-in. If the browser says that it is done, choose Open browser again.",
      help: {
        heading: "Browser did not return?",
        nothingYet: "Nothing has come back from the browser so far.",
        noHurry:
          "If you are still signing in there, there is no hurry. Otherwise try these in turn:",
        links: {
          linksTaken:
            "Links from your browser open another program, so the browser cannot return to {app} with one. Try these in turn:",
          linksPerhapsTaken:
            "Links from your browser may open another program, so the browser may not return to {app} with one. If it does not, try these in turn:",
          linksLost:
            "No program on this computer opens the links to {app}, so the browser cannot return with one. Try these in turn:",
          linksUnreachable:
            "Links from your browser do not reach {app}, so the browser cannot return with one. Try these in turn:",
        },
        openAgain:
          "If no page opened, or the browser did not ask to open {app}: choose Open browser again, and allow it there. A browser from Snap or Flatpak may not be able to. Use another one then.",
        loopback:
          "If the browser says that it cannot open {app}: the page opens once more and comes back to an address on this computer, without such a link.",
        listening:
          "The browser now comes back to an address on this computer. Finish signing in on the page that opened last.",
        paste:
          "If that does not help: copy the whole address at which the sign-in ended from the browser’s address bar, then paste it here.",
        pasteFirefox: "Firefox shows it when no program opens it. It begins with {address}.",
        pasteLoopback: "After the other way back, every browser shows it, on another computer too.",
        pasteChromium:
          "Chrome, Edge and other Chromium browsers show no address for a link that no program opened.",
        otherAccount: "The browser signs in the wrong account: begin again with another one.",
        otherBrowser:
          "You want another browser or profile, or a link from an e-mail opened in one: choose Copy link, open it there, and do everything there.",
      },
      stop: "Stop signing in?",
      stopLede: "The page in your browser will not work after that. You can start again.",
    },
    signedIn: {
      notVerified: "E-mail not verified",
      notVerifiedMeans: "The sign-in service has not verified this e-mail address.",
      organization: "Organization",
      signInService: "Sign-in service",
      organizationId: "Organization ID",
      externalId: "External ID",
      subject: "User ID",
      account: "Account",
      noOrganization: "No organization",
      roles: "Roles",
      noRoles: "No roles",
      permissions: "Permissions",
      noPermissions: "No permissions",
      filter: "Filter {count, number} permissions",
      found: "{count, plural, =0 {None found} one {# found} other {# found}}",
      claims: "More from the sign-in service",
      notGiven: "Not told to {app}",
      session: "Renewal",
      notStored: "Your sign-in is not saved. You sign in again each time you open {app}.",
      notSaved: "Your sign-in is not saved yet, and not renewed until it is.",
      refreshesIn:
        "Renews by itself, {minutes, plural, =0 {shortly} one {next in about # minute} other {next in about # minutes}}",
      refreshing: "Renewing…",
      refreshed: "Renewed.",
      nextTryIn:
        "{minutes, plural, =0 {Tried again shortly} one {Tried again in about # minute} other {Tried again in about # minutes}}",
      nextTryWithNetwork: "Tried again when this computer has a network",
      endsAt: "Your sign-in ends at {time}",
      switchLede:
        "Your choice opens in your browser. Choose another organization lists your organizations and pending invitations there. You stay signed in as now until the new sign-in is complete.",
      inBrowser: "In your browser",
      pages: {
        account: "Manage account",
        passkeys: "Passkeys",
        security: "Where you are signed in",
        organization: "Manage organization",
      },
      securityHint: "Choose Security there to see other devices and sign out on them.",
      signOutMeans: "This signs you out here and in your browser.",
      otherSignOuts: "Other ways to sign out",
      onlyHere:
        "Only on this computer: your browser stays signed in, so anyone who uses it can sign in without a password.",
      otherDevices: "On other devices: choose Where you are signed in below.",
      endsSoon: "Your sign-in ends soon",
      endsSoonLede: "It ends at {time} and cannot be renewed. Sign in once more to stay signed in.",
    },
    reports: {
      heading: "Reports",
      lede: "From your company's service, with your sign-in.",
      show: "Show reports",
      reload: "Load again",
      loading: "Loading the reports…",
      count: "{count, plural, =0 {There are no reports.} one {# report} other {# reports}}",
      forbidden: "You need the permission {permission} to see the reports.",
      forbiddenUnnamed: "Your access is not enough to see the reports.",
      wayOn: "Ask your administrator for the permission, then renew your sign-in.",
      wayOnElsewhere: "Or switch to an organization where you have it.",
      refreshAndRetry: "Renew and try again",
      stillForbidden: "Your sign-in was renewed. The permission is still missing.",
    },
    starting: "Starting…",
    signingOut: "Signing out…",
    keychainUnavailable: "Your sign-in cannot be read",
    withoutKeychain: "You can continue without it. You will then sign in each time you open {app}.",
    notConnected: "This window is not connected",
    setUp: {
      heading: "Set up {app}",
      askAdministrator:
        "Do you only want to work with {app}? Ask your administrator to set it up for you.",
      register: "Register these addresses",
      registerLede:
        "In your Scalekit dashboard, add them to your native application, exactly as they are.",
      dashboard: "Scalekit dashboard",
      enter: "Enter two values from the dashboard",
      enterLede: "Both are shown in the dashboard, and neither is secret.",
      finishLede: "The address is checked first. Then you can sign in.",
    },
    settings: {
      connection: "Connection",
      environmentUrl: "Environment URL",
      environmentUrlHint: "Such as https://your-company.scalekit.com",
      environmentUrlMissing: "Enter the environment URL from your Scalekit dashboard.",
      clientId: "Client ID",
      clientIdHint: "Shown in your Scalekit dashboard under the native application",
      clientIdMissing: "Enter the client ID of your application.",
      found: "Found {host}.",
      saved: "Settings saved.",
      addresses: "Addresses to register",
      addressesLede: "Add these addresses to your application in the Scalekit dashboard.",
      redirectUri: "Post login URL (allowed callback URL)",
      loopbackRedirectUri: "Second post login URL (allowed callback URL)",
      postLogoutRedirectUri: "Post logout URL",
      initiateLoginUri: "Initiate login URL",
      initiateLoginOptional:
        "The last one may be left out. Sign-ins that begin at a company portal or with an invitation then do not arrive here.",
      locked: "Set by your administrator.",
      lockedDetails:
        "The values come from the environment variables {urlVariable} and {clientVariable}. To change them, set these and start {app} again.",
      lockedByPolicy:
        "The values come from the policy {path}. To change them, change that file and start {app} again.",
      renamed:
        "After that you sign in once more. A sign-in at the address before is not signed out. It is there again if you change the address back.",
      renamedLocked:
        "For your administrator: once it is certain that this is the company's address, set {urlVariable} to exactly the value below and start {app} again. Everybody then signs in once more. Sign-ins at the address before are not signed out.",
      signsOut: "Sign out and save?",
      signsOutLede: "Saving signs {name} out of {host}.",
      discard: "Discard what you entered?",
      appearance: "Language and appearance",
      language: "Language",
      theme: "Appearance",
      themes: { system: "System setting", light: "Light", dark: "Dark" },
      systemLanguage: "System setting ({language})",
      sources: {
        policy: "Set by the policy of this computer",
        environment: "Set by environment variables",
        file: "Entered in this window",
        builtIn: "Built into {app}",
        none: "Not set yet",
      },
      version: "Version {version}",
      closing: "Closing this window ends {app}. A saved sign-in is kept.",
    },
    selfCheck: {
      heading: "Check this computer",
      lede: "Checks what a sign-in needs. It signs nobody in or out.",
      intro: "If a sign-in does not work, see what is in the way.",
      checking: "Checking… This can take up to a minute.",
      copyReport: "Copy report",
      inOrder: "In order",
      results: {
        ok: "Everything is in order",
        information: "No problems found",
        caution: "A sign-in may fail",
        alarm: "A sign-in fails here",
      },
      remedies: {
        checkLinks: "Set up links again",
        openSettings: "Open settings",
        checkAgain: "Check again",
      },
      checks: selfCheck.checks,
      findings: selfCheck.findings,
    },
    presence: {
      heading: "In the background",
      closeToTray: "Keep running when the window is closed",
      closeToTrayHint:
        "Closing the window leaves {app} in the tray. Its menu opens the window again and quits {app}.",
      startAtLogin: "Start when I log in",
      startAtLoginHint:
        "{app} starts in the tray, or with its window where the desktop has no tray.",
      closing: "Closing this window leaves {app} running in the tray.",
    },
    details: {
      code: "Code",
      serviceText: "The service said",
      cause: "Cause",
      time: "Time",
      version: "Version",
    },
    problems,
    unexpected: {
      heading: "Something went wrong",
      sentence: "That did not work. Try again. If it happens again, restart {app}.",
    },
  },
};

export const outside: OutsideTexts = {
  tray: {
    starting: "Starting…",
    notConfigured: "Not set up yet",
    signedOut: "Signed out",
    signingIn: "Signing in…",
    signedInAs: "Signed in as {name}",
    signedIn: "Signed in",
    endsSoon: "Your sign-in ends soon",
    ended: "Your sign-in has ended",
    signingOut: "Signing out…",
    asks: "A question for you in the window",
    open: "Open {app}",
    signIn: "Sign in",
    staySignedIn: "Stay signed in",
    signOut: "Sign out",
    quit: "Quit",
  },
  notifications: {
    endsSoon: "Your sign-in ends soon",
    endsSoonBody: "Sign in once more in your browser to stay signed in as {name}.",
    ended: "Your sign-in has ended",
    endedBody: "Sign in once more in your browser to go on.",
    signInAgain: "Please sign in again",
    signInAgainBody: "Your sign-in could not be renewed. Sign in once more in your browser.",
    keychain: "Your sign-in cannot be read",
    keychainBody: "Your keychain does not answer. Open {app} to see what you can do.",
  },
  loopbackPage: {
    received: loopbackPage.received.heading,
    receivedLede: loopbackPage.received.sentence,
    unexpected: loopbackPage.unexpected.heading,
    unexpectedLede: loopbackPage.unexpected.sentence,
  },
  messageBox: {
    cannotGoOn: "{app} cannot go on",
    problem: "{app} has a problem",
    close: "Close",
    crashed:
      "{app} was stopped by an error. Your sign-in is kept. Start {app} again. If it stops again, report it where you got {app}, with what it wrote to standard error.",
    pageCrashed:
      "The part of {app} that draws its window has stopped twice within a minute. Your sign-in is not affected. Close this message to load the window again. If it stops again, close other programs, which may need too much memory, or restart the computer.",
    cannotStart:
      "{app} cannot start: {why}. Your sign-in is kept. Restart the computer and try again. If that does not help, install {app} again.",
    folderMissing:
      "{app} cannot start. It needs a folder for its data, and this computer names none. Log in to the computer as yourself, or set HOME to your folder. Then start {app} again.",
    folderUnusable:
      "{app} cannot start. It needs the folder {folder} for its data, and cannot create it: {why}. Make sure that your home folder is there, that you may write to it, and that the disk is not full. Then start {app} again.",
    folderSilent:
      "{app} cannot start. The folder {folder} does not answer. It may be on a network or a disk that is not connected. Your sign-in is kept. Make sure that you can open your home folder. Then start {app} again.",
    root: "{app} does not run as root: its window would have all rights on this computer. Start it as yourself, without sudo. In a container that has no other user, set {variable}=1.",
    silent:
      "{app} is running already, but does not answer. If you opened a link, it has not arrived. Wait a moment and try again. If that does not help, end {app} in the list of processes, and start it again.",
    unreachable:
      "{app} is running already, but cannot be reached: it has no socket in its folder or in the runtime folder. If you opened a link, it has not arrived. Make sure that XDG_RUNTIME_DIR names a folder of yours on a local disk. Then end {app}, and start it again.",
    notFound:
      "{app} is running already, but this start cannot find it: the two have different folders for their data, or may not use the same one. If you opened a link, it has not arrived. Make sure that XDG_DATA_HOME is the same everywhere, and that the folder {folder} is yours.",
    mayBeRunning:
      "{app} cannot find out whether it is running already. The folder {folder} is not yours or cannot be written, and the session bus does not answer. If you opened a link, it has not arrived. Make that folder yours again (sudo chown), and open the link once more.",
  },
};

export default en;
