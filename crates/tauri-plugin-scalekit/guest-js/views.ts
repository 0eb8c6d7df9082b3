// Generated from the Rust types by the tests of tauri-plugin-scalekit. Do not edit.

/**
 * The session as a user may see it.
 */
export type SessionView = { "status": "notConfigured" } | { "status": "starting" } | { "status": "signedOut", 
/**
 * How it came to that.
 */
reason: SignedOutReason, 
/**
 * The only organization that the configuration lets users sign in to, if it names one.
 */
organization: Organization | null, 
/**
 * Whether the environment lets a user create an account, as far as that was determined.
 */
offersSignUp: boolean, 
/**
 * Social providers that the configuration offers.
 */
providers: Array<string>, 
/**
 * What went wrong, if anything did.
 */
problem: Problem | null, } | { "status": "invited", 
/**
 * Which prompt this is. The decision names it, so that it applies to no other.
 */
question: number, 
/**
 * The organization to sign in to, if one is named.
 */
organization: Organization | null, 
/**
 * The connection to sign in with (`conn_…`), if one is named.
 */
connection: string | null, 
/**
 * The user who is expected to sign in, if known.
 */
loginHint: string | null, 
/**
 * The parameters of the link that are passed on to the sign-in page; untrusted.
 */
parameters: Array<Parameter>, 
/**
 * Who is signed in now, and stays so until another sign-in is complete.
 */
signedInAs: string | null, 
/**
 * What was to be read before the question came, and still is.
 */
problem: Problem | null, } | { "status": "signingIn", 
/**
 * How far it is.
 */
step: SignInStep, 
/**
 * Which page the browser was opened at.
 */
intent: SignInIntent, 
/**
 * The requested organization, if there is one.
 */
organization: Organization | null, 
/**
 * When the sign-in is given up, in milliseconds since the Unix epoch.
 */
waitsUntil: number | null, 
/**
 * Whether a link arrived that does not belong to this sign-in, which still waits: an authorization response
 * without its `state`, or a login initiation. The browser may show that it is done.
 */
unusableCallback: boolean, 
/**
 * Whether the browser can return by another redirect than a deep link.
 */
loopback: LoopbackView, 
/**
 * The problem while the sign-in continues, e.g. that no browser could be opened.
 */
problem: Problem | null, } | { "status": "signedIn", 
/**
 * Who.
 */
profile: Profile, 
/**
 * Whether the session is stored over a restart.
 */
stored: Stored, 
/**
 * When the session is refreshed, and how that goes.
 */
refresh: RefreshView, 
/**
 * When the environment ends the session, in milliseconds since the Unix epoch, where it has announced
 * that and the end is near, so that the user should sign in again to stay signed in.
 */
announcedEnd: number | null, 
/**
 * Whether refreshing has been refused so often that another sign-in should be offered beside the
 * session, which continues until that one is complete.
 */
signInAgain: boolean, 
/**
 * Other organizations that this user has signed in to, to switch to one of them. Absent where the
 * application is for one organization.
 */
organizations: Array<Organization> | null, 
/**
 * The environment's pages that this user is offered.
 */
pages: Array<HostedPage>, 
/**
 * The problem while the session continues, e.g. that it could not be saved.
 */
problem: Problem | null, } | { "status": "signingOut" } | { "status": "keychainUnavailable", 
/**
 * What is the matter with it.
 */
problem: Problem, };

/**
 * Why nobody is signed in.
 */
export type SignedOutReason = "fresh" | "signedOut" | "cancelled" | "signInFailed" | "sessionEnded";

/**
 * Whether a session is stored over a restart of the program.
 */
export type Stored = "yes" | "saving" | "no" | "inMemory";

/**
 * How far a sign-in is.
 */
export type SignInStep = "preparing" | "waitingForBrowser" | "finishing";

/**
 * Which page of the environment a sign-in starts at.
 */
export type SignInIntent = "signIn" | "signUp" | "selectOrganization" | "useAnotherAccount";

/**
 * Which page a sign-in starts at, and which parameters the environment gets. The environment may
 * prompt all the same; of the result, the organization is verified where one was requested.
 *
 * Where several are given, Scalekit takes the provider before the connection, the organization, the domain and the
 * hint (`sso/guides/authorization-url.mdx`).
 */
export type SignInRequest = { 
/**
 * Which page.
 */
intent?: SignInIntent, 
/**
 * Whom to expect. The environment finds the connection by its domain, so it is not sent with the route of the
 * configuration, which would take precedence.
 */
loginHint?: string, 
/**
 * The social provider to go straight to.
 */
provider?: string, 
/**
 * The connection to go straight to.
 */
connectionId?: string, 
/**
 * The organization to sign in to: the tokens must be of it.
 */
organizationId?: string, 
/**
 * The domain whose company's connection is used.
 */
domain?: string, };

/**
 * Whether the browser can return to a loopback redirect URI.
 */
export type LoopbackView = "notConfigured" | "offered" | "listening";

/**
 * A page of the environment about the user or their organization.
 */
export type HostedPage = "account" | "passkeys" | "security" | "organization";

/**
 * How far a user signs out.
 */
export type SignOutScope = "sharedSession" | "thisComputer";

/**
 * Who is signed in.
 */
export type Profile = { 
/**
 * The subject (`usr_…`), the user's identity together with the issuer.
 */
subject: string, 
/**
 * The user's name, if the environment returned it.
 */
name: string | null, 
/**
 * The user's e-mail address, if the environment returned it. Never an identity.
 */
email: string | null, 
/**
 * Whether the environment has verified the address; absent without that claim.
 */
emailVerified: boolean | null, 
/**
 * Up to two letters to show where there is no picture.
 */
initials: string, 
/**
 * The picture as a `data:` URL, fetched by the core; the webview loads nothing remote.
 */
picture: string | null, 
/**
 * The organization the user signed in to.
 */
organization: Organization | null, 
/**
 * Roles in that organization. Absent where the access token could not be read, as an opaque one.
 */
roles: Array<string> | null, 
/**
 * Permissions in that organization, each `resource:action`. Absent where the roles are.
 */
permissions: Array<string> | null, 
/**
 * The custom claims that the application has named, as they are in the tokens.
 */
claims: Record<string, unknown>, };

/**
 * An organization, by the ids that the environment sends.
 */
export type Organization = { 
/**
 * Scalekit's id (`org_…`).
 */
id: string, 
/**
 * The organization's name, where a custom claim that the application has named contains it, or
 * `org_metadata.name`. No default claim does.
 */
name: string | null, 
/**
 * The customer's own id for it (`xoid`), if one is set.
 */
externalId: string | null, };

/**
 * A parameter as it came with a link, and as it goes into the request.
 */
export type Parameter = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its value.
 */
value: string, };

/**
 * When the session is refreshed, and how that goes.
 */
export type RefreshView = { "state": "scheduled", 
/**
 * When, in milliseconds since the Unix epoch.
 */
at: number, } | { "state": "refreshing" } | { "state": "delayed", 
/**
 * When, in milliseconds since the Unix epoch; not set while the computer has no network, as it is then
 * tried when one is there.
 */
retryAt: number | null, 
/**
 * What was in the way.
 */
problem: Problem, } | { "state": "impossible", 
/**
 * When it ends, in milliseconds since the Unix epoch.
 */
endsAt: number, 
/**
 * Whether that is soon, so that the user should sign in again to stay signed in.
 */
soon: boolean, };

/**
 * Something that went wrong: a stable code to branch on and a sentence to read.
 *
 * The sentence is the code's own ([`ProblemCode::english`]). Text from outside is in [`Problem::detail`] and, where
 * the sentence needs a value, in [`Problem::parameters`], shortened and stripped of control characters.
 */
export type Problem = { 
/**
 * What kind of problem it is.
 */
code: ProblemCode, 
/**
 * What happened, what it means and what to do, in English.
 */
message: string, 
/**
 * The values of the sentence by their names, for a catalogue in another language.
 */
parameters: Record<string, string>, 
/**
 * What the other side reported about it, if anything.
 */
detail: string | null, };

/**
 * The kinds of problems a user can meet.
 */
export type ProblemCode = "environmentUrlMissing" | "environmentUrlMalformed" | "environmentUrlInvalid" | "environmentUrlNotHttps" | "environmentUrlHasUserName" | "clientIdInvalid" | "settingsLocked" | "settingsLockedByPolicy" | "policyUnusable" | "settingsFileUnreadable" | "settingsFileSlow" | "settingsNotSaved" | "settingsUnavailable" | "environmentInvalid" | "environmentNotFound" | "environmentForbidden" | "environmentRenamed" | "environmentRedirects" | "signUpUnavailable" | "hostedPageNotOpened" | "pastedLinkUnusable" | "pastedLinkOfAnotherSignIn" | "clipboardUnreadable" | "loopbackUnavailable" | "offline" | "signInOffline" | "refreshOffline" | "proxySignIn" | "proxyRejected" | "networkSignIn" | "certificateNotYetValid" | "certificateExpired" | "certificateUnknownIssuer" | "certificateOtherName" | "certificateRevoked" | "certificateRefused" | "serviceUnavailable" | "signingKeysUnavailable" | "refreshUnavailable" | "refreshSlow" | "entropyUnavailable" | "accessDenied" | "signInRefused" | "accountNotAllowed" | "connectionSetup" | "organizationUnknown" | "providerUnavailable" | "applicationSetup" | "signInUnfinished" | "signInTimedOut" | "browserUnavailable" | "signOutBrowserUnavailable" | "noLinkToCopy" | "copyFailed" | "answerRejected" | "refreshResponseRejected" | "invitationExpired" | "invitationElsewhere" | "invitationDeclined" | "invitationUnavailable" | "invitationFailed" | "clockWrong" | "sessionClockWrong" | "sessionEnded" | "sessionExpired" | "storedSessionDamaged" | "sessionInterrupted" | "otherProcess" | "keychainLocked" | "keychainMissing" | "keychainNotSetUp" | "keychainSlow" | "keychainFailed" | "signInKeychainUnavailable" | "refreshKeychainUnavailable" | "sessionFiles" | "notSignedIn" | "permissionMissing" | "permissionsUnknown" | "resourceUrlInvalid" | "resourcePermissionInvalid" | "resourceNotAllowed" | "resourceOffline" | "resourceCertificate" | "resourceUnavailable" | "resourceResponseInvalid" | "resourceRejectedSignIn" | "settingsChanged" | "notRefreshable" | "refreshRefused" | "storedByNewerVersion" | "notSaved" | "saveBlocked" | "notCleared" | "endNotWritten" | "earlierEndNotWritten" | "tooOften" | "callRefused" | "linksTaken" | "linksPerhapsTaken" | "linksLost" | "linksUnreachable";

/**
 * What all checks have found.
 */
export type SelfCheckReport = { 
/**
 * That of the worst finding.
 */
level: FindingLevel, 
/**
 * One for each check, in the order of [`CheckName`]; an optional one may be left out.
 */
findings: Array<Finding>, };

/**
 * What one check has found.
 */
export type Finding = { 
/**
 * Which check.
 */
check: CheckName, 
/**
 * What it has found.
 */
code: FindingCode, 
/**
 * How much that matters.
 */
level: FindingLevel, 
/**
 * What it has found, in English.
 */
message: string, 
/**
 * What to do, in English, where there is something to do.
 */
advice: string | null, 
/**
 * The values of the sentences by their names, for a catalogue in another language.
 */
parameters: Record<string, string>, 
/**
 * What the system or the environment reported about it, if anything.
 */
detail: string | null, 
/**
 * The problem with the advice, where one does.
 */
problem: Problem | null, 
/**
 * What mends it, if an application can do something about it.
 */
remedy: Remedy | null, };

/**
 * A part of the computer or of the environment that a sign-in depends on.
 */
export type CheckName = "scheme" | "instance" | "keychain" | "discovery" | "proxy" | "certificate" | "clock" | "redirectUri" | "loopbackRedirectUri";

/**
 * What a check has found.
 */
export type FindingCode = "schemeProved" | "schemeNamed" | "schemeBusy" | "schemeInDoubt" | "schemeTaken" | "schemeNobody" | "schemeNoOpener" | "schemeLost" | "instanceAnswers" | "instanceNotRunning" | "instanceUnknown" | "instanceSilent" | "instanceNoSocket" | "keychainWorks" | "keychainLocked" | "keychainMissing" | "keychainNotSetUp" | "keychainSlow" | "keychainFailed" | "keychainNotDeleted" | "keychainAltered" | "discoveryValid" | "notConfigured" | "discoveryUnreached" | "discoveryRejected" | "proxyNone" | "proxyUsed" | "proxyInDoubt" | "proxySignIn" | "certificateTrusted" | "certificateLocal" | "certificateRejected" | "clockRight" | "clockUnknown" | "clockAhead" | "clockBehind" | "clockFarAhead" | "clockFarBehind" | "redirectUriRegistered" | "redirectUriUnknown" | "redirectUriRejected" | "loopbackRedirectUriRejected" | "loopbackPortCompared" | "notChecked" | "timedOut" | "checkFailed";

/**
 * How much a finding matters. The worst one is that of a report.
 */
export type FindingLevel = "ok" | "information" | "caution" | "alarm";

/**
 * What an application can do about a finding.
 */
export type Remedy = "checkLinks" | "openSettings" | "checkAgain";
