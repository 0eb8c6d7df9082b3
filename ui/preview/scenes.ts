import type {
  Finding,
  Problem,
  Profile,
  SelfCheckReport,
  SessionView,
} from "tauri-plugin-scalekit-api";

import type { Reports, Settings } from "../src/lib/settings-types";

/** Sessions as the core may show them, for the preview page and for the tests. */

const MINUTE = 60_000;

export const offline: Problem = {
  code: "offline",
  message:
    "There is no connection to https://acme.scalekit.com. Check your internet connection, then try again.",
  parameters: { environment: "https://acme.scalekit.com" },
  detail: "dns error: failed to lookup address information",
};

export const renamed: Problem = {
  code: "environmentRenamed",
  message: "",
  parameters: { environment: "https://acme.scalekit.com", address: "https://auth.acme.example" },
  detail: null,
};

const orbit = { id: "org_59615193906282638", name: "Orbit", externalId: null };

export const ada: Profile = {
  subject: "usr_52093210010",
  name: "Ada Lovelace",
  email: "ada@analytical.example",
  emailVerified: true,
  initials: "AL",
  picture: null,
  organization: { id: "org_59615193906282635", name: "Analytical Engines", externalId: "acme-1" },
  roles: ["admin", "billing manager"],
  permissions: ["invoices:read", "invoices:write", "members:invite", "reports:read"],
  claims: { plan: "team" },
};

export const bare: Profile = {
  subject: "usr_52093210011",
  name: null,
  email: "grace@navy.example",
  emailVerified: false,
  initials: "G",
  picture: null,
  organization: null,
  roles: [],
  permissions: [],
  claims: {},
};

/** With an opaque access token, and without a claim for the organization's name. */
export const untold: Profile = {
  ...bare,
  organization: { id: "org_59615193906282635", name: null, externalId: null },
  roles: null,
  permissions: null,
};

const long = "\u202e<img src=x onerror=alert(1)>\u2066 {@html} &amp; ".repeat(300);

export const hostile: Profile = {
  subject: "usr_1",
  name: long,
  email: `${"a".repeat(10_000)}@example.com`,
  emailVerified: null,
  initials: "\u202eX",
  picture: "https://tracker.example/pixel.png",
  organization: { id: `org_${"9".repeat(10_000)}`, name: long, externalId: long },
  roles: [long, "</ul><script>alert(1)</script>"],
  permissions: Array.from({ length: 500 }, (_, i) => `resource-${i}:${"w".repeat(i)}`),
  claims: { [long]: long },
};

const green =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Crect width='8' height='8' fill='%23576cbc'/%3E%3Ccircle cx='4' cy='3' r='1.6' fill='%23fff'/%3E%3Cellipse cx='4' cy='8' rx='3' ry='2.6' fill='%23fff'/%3E%3C/svg%3E";

/** Each scene by its name, at a moment in milliseconds since the Unix epoch. */
export function scenes(now: number): Record<string, SessionView> {
  const waiting = {
    status: "signingIn",
    step: "waitingForBrowser",
    intent: "signIn",
    organization: null,
    waitsUntil: now + 9 * MINUTE + 41_000,
    unusableCallback: false,
    loopback: "notConfigured",
    problem: null,
  } as const;
  const invited: Extract<SessionView, { status: "invited" }> = {
    status: "invited",
    question: 7,
    organization: { id: "org_59615193906282635", name: null, externalId: null },
    connection: "conn_88351643129225005",
    loginHint: "ada@analytical.example",
    parameters: [],
    signedInAs: null,
    problem: null,
  };
  const ofUser = {
    organizations: [
      { id: "org_59615193906282636", name: "Difference Works", externalId: null },
      { id: "org_59615193906282637", name: null, externalId: null },
    ],
    pages: ["account", "passkeys", "security"],
  } satisfies Partial<Extract<SessionView, { status: "signedIn" }>>;
  const scheduled = { state: "scheduled", at: now + 3 * MINUTE + 20_000 } as const;
  return {
    notConfigured: { status: "notConfigured" },
    starting: { status: "starting" },
    signedOut: {
      status: "signedOut",
      reason: "fresh",
      organization: null,
      offersSignUp: true,
      providers: [],
      problem: null,
    },
    signedOutAgain: {
      status: "signedOut",
      reason: "signedOut",
      organization: null,
      offersSignUp: true,
      providers: [],
      problem: null,
    },
    providers: {
      status: "signedOut",
      reason: "fresh",
      organization: null,
      offersSignUp: true,
      providers: ["google", "microsoft", "of-tomorrow"],
      problem: null,
    },
    signedOutPinned: {
      status: "signedOut",
      reason: "fresh",
      organization: { id: "org_59615193906282635", name: null, externalId: null },
      offersSignUp: true,
      providers: [],
      problem: null,
    },
    cancelled: {
      status: "signedOut",
      reason: "cancelled",
      organization: null,
      offersSignUp: true,
      providers: [],
      problem: null,
    },
    signInFailed: {
      status: "signedOut",
      reason: "signInFailed",
      organization: null,
      offersSignUp: true,
      providers: [],
      problem: offline,
    },
    linksLost: {
      status: "signedOut",
      reason: "fresh",
      organization: null,
      offersSignUp: true,
      providers: [],
      problem: { code: "linksLost", message: "", parameters: {}, detail: null },
    },
    sessionEnded: {
      status: "signedOut",
      reason: "sessionEnded",
      organization: null,
      offersSignUp: true,
      providers: [],
      problem: {
        code: "sessionEnded",
        message: "",
        parameters: {},
        detail: "refresh token revoked",
      },
    },
    invited,
    invitedByName: { ...invited, organization: orbit, connection: null },
    invitedWhileSignedIn: { ...invited, signedInAs: "Ada Lovelace" },
    invitedByAnybody: { ...invited, organization: null, connection: null, loginHint: null },
    invitedByAnybodyWhileSignedIn: {
      ...invited,
      organization: null,
      connection: null,
      loginHint: null,
      parameters: [{ name: "intent", value: "join the team" }],
      signedInAs: "Ada Lovelace",
    },
    invitedByConnection: { ...invited, organization: null, loginHint: null },
    preparing: { ...waiting, step: "preparing", waitsUntil: null },
    waitingForBrowser: waiting,
    unusableCallback: { ...waiting, unusableCallback: true },
    switching: { ...waiting, intent: "selectOrganization" },
    loopbackOffered: {
      ...waiting,
      loopback: "offered",
      problem: { code: "linksTaken", message: "", parameters: {}, detail: "/opt/other" },
    },
    loopbackListening: {
      ...waiting,
      loopback: "listening",
    },
    pastedLink: {
      ...waiting,
      loopback: "offered",
      problem: {
        code: "pastedLinkUnusable",
        message: "",
        parameters: { address: "io.latchkey.desktop://callback" },
        detail: null,
      },
    },
    noBrowser: {
      ...waiting,
      problem: {
        code: "browserUnavailable",
        message: "",
        parameters: {},
        detail: "xdg-open: not found",
      },
    },
    finishing: { ...waiting, step: "finishing", waitsUntil: null },
    signedIn: {
      status: "signedIn",
      profile: ada,
      stored: "yes",
      refresh: scheduled,
      announcedEnd: null,
      signInAgain: false,
      ...ofUser,
      problem: null,
    },
    withPicture: {
      status: "signedIn",
      profile: { ...ada, picture: green, emailVerified: null },
      stored: "yes",
      refresh: { state: "refreshing" },
      announcedEnd: null,
      signInAgain: false,
      ...ofUser,
      problem: null,
    },
    bare: {
      status: "signedIn",
      profile: bare,
      stored: "no",
      refresh: { state: "impossible", endsAt: now + 40 * MINUTE, soon: false },
      announcedEnd: null,
      signInAgain: false,
      ...ofUser,
      problem: { code: "notSaved", message: "", parameters: {}, detail: null },
    },
    endsSoon: {
      status: "signedIn",
      profile: untold,
      stored: "yes",
      refresh: { state: "impossible", endsAt: now + 4 * MINUTE, soon: true },
      announcedEnd: null,
      signInAgain: false,
      ...ofUser,
      problem: null,
    },
    announcedEnd: {
      status: "signedIn",
      profile: ada,
      stored: "yes",
      refresh: scheduled,
      announcedEnd: now + 4 * MINUTE,
      signInAgain: false,
      ...ofUser,
      problem: null,
    },
    pinned: {
      status: "signedIn",
      profile: ada,
      stored: "yes",
      refresh: scheduled,
      announcedEnd: null,
      signInAgain: false,
      organizations: null,
      pages: [...ofUser.pages, "organization"],
      problem: null,
    },
    delayed: {
      status: "signedIn",
      profile: ada,
      stored: "yes",
      refresh: {
        state: "delayed",
        retryAt: now + 12_000,
        problem: { ...offline, code: "refreshOffline" },
      },
      announcedEnd: null,
      signInAgain: false,
      ...ofUser,
      problem: null,
    },
    refused: {
      status: "signedIn",
      profile: ada,
      stored: "yes",
      refresh: {
        state: "delayed",
        retryAt: now + 4 * MINUTE,
        problem: {
          code: "refreshRefused",
          message: "",
          parameters: {},
          detail: "Status 403, invalid_grant",
        },
      },
      announcedEnd: null,
      signInAgain: true,
      ...ofUser,
      problem: null,
    },
    untold: {
      status: "signedIn",
      profile: untold,
      stored: "yes",
      refresh: scheduled,
      announcedEnd: null,
      signInAgain: false,
      ...ofUser,
      problem: null,
    },
    inMemory: {
      status: "signedIn",
      profile: ada,
      stored: "inMemory",
      refresh: scheduled,
      announcedEnd: null,
      signInAgain: false,
      ...ofUser,
      problem: null,
    },
    noKeyring: {
      status: "signedIn",
      profile: ada,
      stored: "no",
      refresh: scheduled,
      announcedEnd: null,
      signInAgain: false,
      ...ofUser,
      problem: { code: "keychainNotSetUp", message: "", parameters: {}, detail: null },
    },
    hostile: {
      status: "signedIn",
      profile: hostile,
      stored: "yes",
      refresh: scheduled,
      announcedEnd: null,
      signInAgain: false,
      ...ofUser,
      problem: null,
    },
    signingOut: { status: "signingOut" },
    noKeychain: {
      status: "keychainUnavailable",
      problem: { code: "keychainMissing", message: "", parameters: {}, detail: null },
    },
    keychainUnavailable: {
      status: "keychainUnavailable",
      problem: {
        code: "keychainLocked",
        message: "",
        parameters: {},
        detail: "org.freedesktop.Secret.Error.IsLocked",
      },
    },
  };
}

export const settings: Settings = {
  environmentUrl: "https://acme.scalekit.com",
  clientId: "ntvc_58327482062864390",
  source: "file",
  locked: false,
  policy: null,
  redirectUri: "io.latchkey.desktop://callback",
  loopback: null,
  postLogoutRedirectUri: "io.latchkey.desktop://signed-out",
  initiateLoginUri: "io.latchkey.desktop://login",
  version: "0.1.0",
  resource: null,
  problem: null,
};

export const noSettings: Settings = {
  ...settings,
  environmentUrl: null,
  clientId: null,
  source: "none",
};

export const loopbackSettings: Settings = {
  ...noSettings,
  loopback: "http://127.0.0.1:49152/callback",
};

export const lockedSettings: Settings = { ...settings, source: "environment", locked: true };

export const policySettings: Settings = {
  ...settings,
  source: "policy",
  locked: true,
  policy: "/etc/io.latchkey.desktop/policy.json",
};

/** With a policy that names a member that does not exist. */
export const unusablePolicySettings: Settings = {
  ...policySettings,
  environmentUrl: null,
  clientId: null,
  problem: {
    code: "policyUnusable",
    message: "",
    parameters: { path: "/etc/io.latchkey.desktop/policy.json" },
    detail: "unknown field `organisationId`, expected one of `environmentUrl`, `clientId`",
  },
};

/** With a protected resource for which Ada has the permission. */
export const resourceSettings: Settings = {
  ...settings,
  resource: { permission: "reports:read", problem: null },
};

/** With a protected resource for which Ada lacks the permission. */
export const otherResourceSettings: Settings = {
  ...settings,
  resource: { permission: "audits:read", problem: null },
};

/** With a protected resource at a URL to which no access token is sent. */
export const wrongResourceSettings: Settings = {
  ...settings,
  resource: {
    permission: null,
    problem: {
      code: "resourceNotAllowed",
      message: "",
      parameters: { address: "https://api.elsewhere.example" },
      detail: null,
    },
  },
};

export const reports: Reports = {
  outcome: "allowed",
  items: ["On the Analytical Engine, 1843", "On the numbers of Bernoulli, 1843"],
};

function found(
  check: Finding["check"],
  code: Finding["code"],
  level: Finding["level"],
  more: Partial<Finding> = {},
): Finding {
  const nothing = { message: "", advice: null, parameters: {}, detail: null };
  return { check, code, level, ...nothing, problem: null, remedy: null, ...more };
}

/** A self-check with a few failures. */
export const report: SelfCheckReport = {
  level: "alarm",
  findings: [
    found("scheme", "schemeTaken", "alarm", {
      message: "Links from the browser open another program: /opt/other/tool.",
      parameters: { program: "/opt/other/tool" },
      remedy: "checkLinks",
    }),
    found("instance", "instanceAnswers", "ok"),
    found("keychain", "keychainLocked", "caution", {
      message: "The keychain is locked.",
      advice: "Unlock it, then check again.",
      detail: "org.freedesktop.Secret.Error.IsLocked",
      remedy: "checkAgain",
    }),
    found("discovery", "discoveryValid", "ok", {
      parameters: { environment: "https://acme.scalekit.com" },
    }),
    found("proxy", "proxyUsed", "ok", {
      parameters: { proxy: "http://proxy.acme.example:3128" },
    }),
    found("certificate", "certificateTrusted", "ok", {
      parameters: { issuer: "C=US, O=Acme Inspection, CN=Acme Issuing 3" },
      detail: "C=US, O=Acme Inspection, CN=Acme Root",
    }),
    found("clock", "clockAhead", "caution", {
      parameters: { apart: "0:02:41" },
      remedy: "checkAgain",
    }),
    found("redirectUri", "redirectUriRejected", "alarm", {
      parameters: { address: "io.latchkey.desktop://callback" },
      detail: "Status 400",
      remedy: "openSettings",
    }),
    found("loopbackRedirectUri", "loopbackPortCompared", "caution", {
      parameters: { address: "http://127.0.0.1/callback" },
    }),
  ],
};

/** A self-check without a failure. */
export const goodReport: SelfCheckReport = {
  level: "ok",
  findings: [
    found("scheme", "schemeProved", "ok"),
    found("instance", "instanceAnswers", "ok"),
    found("keychain", "keychainWorks", "ok"),
    found("discovery", "discoveryValid", "ok", {
      parameters: { environment: "https://acme.scalekit.com" },
    }),
    found("proxy", "proxyNone", "ok"),
    found("certificate", "certificateTrusted", "ok", { parameters: { issuer: "O=Acme" } }),
    found("clock", "clockRight", "ok"),
    found("redirectUri", "redirectUriRegistered", "ok", {
      parameters: { address: "io.latchkey.desktop://callback" },
    }),
  ],
};
