//! The view: the only values of this crate that may be shown outside the Rust core.
//!
//! A view contains no token, code, verifier, `state` or link. Only the session machine creates one; the webview
//! reads it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    problem::Problem, protocol::forwarded_parameters::Parameter, sign_in_hints::SocialProvider,
};

/// The session as a user may see it.
#[expect(clippy::large_enum_variant, reason = "there is one of them")]
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SessionView {
    /// No environment or client id is configured yet.
    NotConfigured,
    /// The keychain is being read.
    Starting,
    /// Nobody is signed in.
    SignedOut {
        /// How it came to that.
        reason: SignedOutReason,
        /// The only organization that the configuration lets users sign in to, if it names one.
        organization: Option<Organization>,
        /// Whether the environment lets a user create an account, as far as that was determined.
        offers_sign_up: bool,
        /// Social providers that the configuration offers.
        #[cfg_attr(feature = "typescript", ts(type = "Array<string>"))]
        providers: Vec<SocialProvider>,
        /// What went wrong, if anything did.
        problem: Option<Problem>,
    },
    /// A sign-in that began outside the program, as at a company's portal or with an invitation,
    /// waits for the user to agree. Nothing has been begun yet.
    Invited {
        /// Which prompt this is. The decision names it, so that it applies to no other.
        question: u32,
        /// The organization to sign in to, if one is named.
        organization: Option<Organization>,
        /// The connection to sign in with (`conn_…`), if one is named.
        connection: Option<String>,
        /// The user who is expected to sign in, if known.
        login_hint: Option<String>,
        /// The parameters of the link that are passed on to the sign-in page; untrusted.
        parameters: Vec<Parameter>,
        /// Who is signed in now, and stays so until another sign-in is complete.
        signed_in_as: Option<String>,
        /// What was to be read before the question came, and still is.
        problem: Option<Problem>,
    },
    /// A sign-in is under way.
    SigningIn {
        /// How far it is.
        step: SignInStep,
        /// Which page the browser was opened at.
        intent: SignInIntent,
        /// The requested organization, if there is one.
        organization: Option<Organization>,
        /// When the sign-in is given up, in milliseconds since the Unix epoch.
        waits_until: Option<f64>,
        /// Whether a link arrived that does not belong to this sign-in, which still waits: an authorization response
        /// without its `state`, or a login initiation. The browser may show that it is done.
        unusable_callback: bool,
        /// Whether the browser can return by another redirect than a deep link.
        loopback: LoopbackView,
        /// The problem while the sign-in continues, e.g. that no browser could be opened.
        problem: Option<Problem>,
    },
    /// A user is signed in.
    SignedIn {
        /// Who.
        profile: Profile,
        /// Whether the session is stored over a restart.
        stored: Stored,
        /// When the session is refreshed, and how that goes.
        refresh: RefreshView,
        /// When the environment ends the session, in milliseconds since the Unix epoch, where it has announced
        /// that and the end is near, so that the user should sign in again to stay signed in.
        announced_end: Option<f64>,
        /// Whether refreshing has been refused so often that another sign-in should be offered beside the
        /// session, which continues until that one is complete.
        sign_in_again: bool,
        /// Other organizations that this user has signed in to, to switch to one of them. Absent where the
        /// application is for one organization.
        organizations: Option<Vec<Organization>>,
        /// The environment's pages that this user is offered.
        pages: Vec<HostedPage>,
        /// The problem while the session continues, e.g. that it could not be saved.
        problem: Option<Problem>,
    },
    /// The session is being cleared.
    SigningOut,
    /// The keychain cannot be read, so whether a user is signed in is unknown.
    KeychainUnavailable {
        /// What is the matter with it.
        problem: Problem,
    },
}

/// Why nobody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SignedOutReason {
    /// Nobody has signed in yet.
    Fresh,
    /// The user signed out.
    SignedOut,
    /// The user cancelled the sign-in.
    Cancelled,
    /// The sign-in failed; the problem contains the reason.
    SignInFailed,
    /// The environment ended the session; the problem contains the reason.
    SessionEnded,
}

/// Whether a session is stored over a restart of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Stored {
    /// The keychain holds it as it is.
    Yes,
    /// The keychain is being given it.
    Saving,
    /// The keychain has not taken it; the problem contains the reason, and it is tried again.
    No,
    /// Nothing is stored: there is no keychain, and the user has agreed to that.
    InMemory,
}

/// How far a sign-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SignInStep {
    /// The discovery document of the environment is being fetched.
    Preparing,
    /// The user is in the browser.
    WaitingForBrowser,
    /// The authorization response was received; the code is being exchanged and the response verified.
    Finishing,
}

/// Whether the browser can return to a loopback redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum LoopbackView {
    /// The configuration has none.
    NotConfigured,
    /// It can be used.
    Offered,
    /// It is used.
    Listening,
}

/// A page of the environment about the user or their organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum HostedPage {
    /// The user's account.
    Account,
    /// The user's passkeys.
    Passkeys,
    /// Where the user is signed in.
    Security,
    /// The organization: its members, sign-in and settings.
    Organization,
}

/// How far a user signs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SignOutScope {
    /// Here, and of the session in the browser, which the environment's other applications share.
    #[default]
    SharedSession,
    /// Only here: the browser stays signed in.
    ThisComputer,
}

/// Which page of the environment a sign-in starts at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SignInIntent {
    /// The sign-in page.
    #[default]
    SignIn,
    /// The sign-up page (`prompt=create`).
    SignUp,
    /// The page with the user's organizations (`prompt=select_account`).
    SelectOrganization,
    /// The sign-in page, whichever user is signed in in the browser (`prompt=login`, OpenID Connect Core §3.1.2.1).
    UseAnotherAccount,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// The subject (`usr_…`), the user's identity together with the issuer.
    pub subject: String,
    /// The user's name, if the environment returned it.
    pub name: Option<String>,
    /// The user's e-mail address, if the environment returned it. Never an identity.
    pub email: Option<String>,
    /// Whether the environment has verified the address; absent without that claim.
    pub email_verified: Option<bool>,
    /// Up to two letters to show where there is no picture.
    pub initials: String,
    /// The picture as a `data:` URL, fetched by the core; the webview loads nothing remote.
    pub picture: Option<String>,
    /// The organization the user signed in to.
    pub organization: Option<Organization>,
    /// Roles in that organization. Absent where the access token could not be read, as an opaque one.
    pub roles: Option<Vec<String>>,
    /// Permissions in that organization, each `resource:action`. Absent where the roles are.
    pub permissions: Option<Vec<String>>,
    /// The custom claims that the application has named, as they are in the tokens.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown>"))]
    pub claims: BTreeMap<String, serde_json::Value>,
}

/// An organization, by the ids that the environment sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Scalekit's id (`org_…`).
    pub id: String,
    /// The organization's name, where a custom claim that the application has named contains it, or
    /// `org_metadata.name`. No default claim does.
    pub name: Option<String>,
    /// The customer's own id for it (`xoid`), if one is set.
    pub external_id: Option<String>,
}

/// When the session is refreshed, and how that goes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RefreshView {
    /// It will be refreshed.
    Scheduled {
        /// When, in milliseconds since the Unix epoch.
        at: f64,
    },
    /// It is being refreshed.
    Refreshing,
    /// It could not be refreshed and will be tried again; the session stays.
    Delayed {
        /// When, in milliseconds since the Unix epoch; not set while the computer has no network, as it is then
        /// tried when one is there.
        retry_at: Option<f64>,
        /// What was in the way.
        problem: Problem,
    },
    /// The environment gave no refresh token: the session ends when the access token does.
    Impossible {
        /// When it ends, in milliseconds since the Unix epoch.
        ends_at: f64,
        /// Whether that is soon, so that the user should sign in again to stay signed in.
        soon: bool,
    },
}
