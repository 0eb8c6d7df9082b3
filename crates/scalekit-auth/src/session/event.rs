//! What can happen to the machine, and what it can ask for.

use std::fmt;

use url::Url;
use zeroize::Zeroizing;

use crate::session::{
    access_token::{IssuedToken, TokenRequestId, TokenUnavailable},
    scheme_handler::SchemeHandler,
};
use crate::{
    configuration::{Configuration, LoopbackPort},
    problem::{Problem, ProblemCode},
    protocol::{authorization_request::Entropy, http_response::HttpOutcome},
    secret::Secret,
    sign_in_request::SignInRequest,
    storage::{
        journal::SessionId,
        record::{AccountKey, StorageKey},
    },
    time::Monotonic,
    view::{HostedPage, SessionView, SignOutScope},
};

/// Something that happened. What is printed of one holds nothing of a secret.
#[expect(clippy::large_enum_variant, reason = "there are few at a time, and a queue boxes them")]
pub enum Event {
    /// The program starts, or its settings have changed.
    Configured(Option<Configuration>),
    /// The user wants to sign in or up.
    SignIn {
        /// Which page to open, and with what.
        request: SignInRequest,
        /// Fresh random bytes.
        entropy: Entropy,
    },
    /// The user agrees to the sign-in that began outside.
    AcceptInvitation {
        /// Which question they have answered.
        question: u32,
        /// Fresh random bytes.
        entropy: Entropy,
    },
    /// The user does not agree to it.
    DeclineInvitation {
        /// Which question they have answered.
        question: u32,
    },
    /// The user no longer wants to sign in.
    CancelSignIn,
    /// The user lost the browser's page.
    OpenBrowserAgain,
    /// The browser did not come back by the deep link: the user wants the loopback redirect URI used too, if the
    /// configuration has one.
    UseLoopback {
        /// Fresh random bytes.
        entropy: Entropy,
    },
    /// The user has pasted the address at which the browser ended.
    LinkPasted(Zeroizing<Vec<u8>>),
    /// The user wants to see one of the environment's pages about them.
    OpenHostedPage(HostedPage),
    /// The user wants the session refreshed now.
    Refresh,
    /// The user wants to sign out.
    SignOut {
        /// How far.
        scope: SignOutScope,
        /// Fresh random bytes.
        entropy: Entropy,
    },
    /// The user wants the keychain tried again.
    Retry,
    /// There is no keychain, or nothing in it to keep anything in, and the user agrees to a session that
    /// ends with the program.
    ContinueWithoutKeychain,
    /// The user has read what went wrong.
    Dismiss,
    /// A link was handed to this program, by any process.
    Link(Zeroizing<Vec<u8>>),
    /// An exchange with the environment ended.
    HttpCompleted(Operation, HttpOutcome),
    /// The computer woke up, or the network changed: what waits for better times may be worth another try.
    RetryHint,
    /// The user has come back to the window: a [`Self::RetryHint`], and what a hosted page has changed is fetched.
    WindowFocused,
    /// Whether the program is in use: its window is shown.
    InUse(bool),
    /// The networks of this computer have changed. One that is there is a [`Self::RetryHint`].
    NetworkChanged(Network),
    /// Who gets this program's links from the desktop.
    SchemeHandlerChanged(SchemeHandler),
    /// Somebody needs an access token. Answered by [`Effect::CompleteTokenRequest`].
    AccessTokenRequested {
        /// Who.
        caller: TokenRequestId,
        /// The token they have, which a service has refused.
        rejected_token: Option<Secret>,
    },
    /// The lock is this process's, or there is none to be had, for the reason given.
    Locked(Operation, Result<(), LockError>),
    /// An entry was read.
    Loaded(Operation, Result<Option<Zeroizing<Vec<u8>>>, KeychainError>),
    /// An entry was written.
    Stored(Operation, Result<(), KeychainError>),
    /// An entry was removed.
    Deleted(Operation, Result<(), KeychainError>),
    /// The browser was opened, or was not, for the reason given.
    BrowserOpened(Operation, Result<(), OpenBrowserError>),
    /// Requests to this port of 127.0.0.1 are answered, or cannot be.
    Listening(Operation, Result<u16, ListenError>),
    /// The query of a request to the loopback redirect URI that has the expected `state`.
    LoopbackResponse(Operation, Zeroizing<Vec<u8>>),
    /// The picture was fetched, as a `data:` URL.
    PictureFetched(Operation, Option<String>),
    /// Time has passed: a deadline was reached, or the computer woke up.
    TimerFired,
}

/// Whether this computer has a network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Network {
    /// It has an address besides its own loopback addresses, or it is not known whether it has one.
    #[default]
    Present,
    /// It has none: nothing outside can be reached.
    Absent,
}

/// Something to be done outside. What has an [`Operation`] is answered by an event with the same one.
/// What is printed of one holds nothing of a secret.
#[cfg_attr(feature = "testing", derive(Clone))]
#[expect(clippy::large_enum_variant, reason = "a step returns a few of them")]
pub enum Effect {
    /// Exchange this with the environment.
    Send(Operation, RequestPurpose, http::Request<Vec<u8>>),
    /// Open this in the system browser.
    OpenBrowser(Operation, Url),
    /// Listen on this port of 127.0.0.1 for a response with this `state`. Answered by [`Event::Listening`], and
    /// then by [`Event::LoopbackResponse`] for each.
    Listen(Operation, LoopbackPort, Secret),
    /// Listen no longer.
    StopListening(Operation),
    /// Get the lock of this account; answered when it is there, however long another process keeps it.
    Lock(Operation, AccountKey),
    /// Give the lock of this operation back.
    Unlock(Operation),
    /// Read an entry.
    Load(Operation, StorageKey),
    /// Write an entry whole. What concerns entries is carried out in its order.
    Store(Operation, StorageKey, Zeroizing<Vec<u8>>),
    /// Add a line to an entry; what is there, of whichever process, stays. Answered like a store.
    Append(Operation, StorageKey, Vec<u8>),
    /// Remove an entry. Where a session is named, only if the entry is of that one, or of none that can be
    /// read: another process may have signed in anew.
    Delete(Operation, StorageKey, Option<SessionId>),
    /// Give a caller the access token, or the reason why there is none.
    CompleteTokenRequest(TokenRequestId, Result<IssuedToken, TokenUnavailable>),
    /// Fetch a picture; from this computer itself only where its environment is here too (`true`).
    FetchPicture(Operation, String, bool),
    /// Come back with [`Event::TimerFired`] at this moment; replaces the moment before.
    SetTimer(Option<Monotonic>),
    /// The user's own link came back, or one that the environment has signed: bring the window to
    /// the front.
    BringToFront,
    /// Show this.
    PublishView(SessionView),
}

/// What a request to the environment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestPurpose {
    /// The discovery document.
    Discovery,
    /// The discovery document past every cache, for the `Date` of its response.
    Time,
    /// The signing keys.
    Jwks,
    /// An authorization code is exchanged at the token endpoint.
    CodeExchange,
    /// A refresh token is used at the token endpoint.
    Refresh,
    /// A refresh token is revoked. Whatever the answer is, nothing depends on it.
    Revocation,
}

impl Event {
    /// What it answers, if it answers something.
    pub(super) fn operation(&self) -> Option<Operation> {
        match self {
            Self::HttpCompleted(operation, _)
            | Self::Locked(operation, _)
            | Self::Loaded(operation, _)
            | Self::Stored(operation, _)
            | Self::Deleted(operation, _)
            | Self::BrowserOpened(operation, _)
            | Self::Listening(operation, _)
            | Self::LoopbackResponse(operation, _)
            | Self::PictureFetched(operation, _) => Some(*operation),
            Self::Configured(_)
            | Self::SignIn { .. }
            | Self::AcceptInvitation { .. }
            | Self::DeclineInvitation { .. }
            | Self::CancelSignIn
            | Self::OpenBrowserAgain
            | Self::UseLoopback { .. }
            | Self::LinkPasted(_)
            | Self::OpenHostedPage(_)
            | Self::Refresh
            | Self::SignOut { .. }
            | Self::Retry
            | Self::ContinueWithoutKeychain
            | Self::Dismiss
            | Self::Link(_)
            | Self::RetryHint
            | Self::WindowFocused
            | Self::InUse(_)
            | Self::NetworkChanged(_)
            | Self::SchemeHandlerChanged(_)
            | Self::AccessTokenRequested { .. }
            | Self::TimerFired => None,
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configured(configuration) => write!(f, "Configured({configuration:?})"),
            Self::SignIn { request, .. } => write!(f, "SignIn({:?})", request.intent),
            Self::AcceptInvitation { question, .. } => write!(f, "AcceptInvitation({question})"),
            Self::DeclineInvitation { question } => write!(f, "DeclineInvitation({question})"),
            Self::CancelSignIn => f.write_str("CancelSignIn"),
            Self::OpenBrowserAgain => f.write_str("OpenBrowserAgain"),
            Self::UseLoopback { .. } => f.write_str("UseLoopback"),
            Self::LinkPasted(link) => write!(f, "LinkPasted({} bytes)", link.len()),
            Self::OpenHostedPage(page) => write!(f, "OpenHostedPage({page:?})"),
            Self::Refresh => f.write_str("Refresh"),
            Self::SignOut { scope, .. } => write!(f, "SignOut({scope:?})"),
            Self::Retry => f.write_str("Retry"),
            Self::ContinueWithoutKeychain => f.write_str("ContinueWithoutKeychain"),
            Self::Dismiss => f.write_str("Dismiss"),
            Self::Link(link) => write!(f, "Link({} bytes)", link.len()),
            Self::HttpCompleted(operation, outcome) => {
                write!(f, "HttpCompleted({operation:?}, {outcome:?})")
            }
            Self::RetryHint => f.write_str("RetryHint"),
            Self::WindowFocused => f.write_str("WindowFocused"),
            Self::InUse(in_use) => write!(f, "InUse({in_use})"),
            Self::NetworkChanged(network) => write!(f, "NetworkChanged({network:?})"),
            Self::SchemeHandlerChanged(other) => write!(f, "SchemeHandlerChanged({other:?})"),
            Self::AccessTokenRequested { caller, rejected_token } => {
                write!(f, "AccessTokenRequested({caller:?}, refused: {})", rejected_token.is_some())
            }
            Self::Locked(operation, outcome) => write!(f, "Locked({operation:?}, {outcome:?})"),
            Self::Loaded(operation, outcome) => {
                let found = outcome.as_ref().map(|found| found.as_ref().map(|bytes| bytes.len()));
                write!(f, "Loaded({operation:?}, {found:?} bytes)")
            }
            Self::Stored(operation, outcome) => write!(f, "Stored({operation:?}, {outcome:?})"),
            Self::Deleted(operation, outcome) => write!(f, "Deleted({operation:?}, {outcome:?})"),
            Self::BrowserOpened(operation, outcome) => {
                write!(f, "BrowserOpened({operation:?}, {outcome:?})")
            }
            Self::Listening(operation, outcome) => {
                write!(f, "Listening({operation:?}, {outcome:?})")
            }
            Self::LoopbackResponse(operation, query) => {
                write!(f, "LoopbackResponse({operation:?}, {} bytes)", query.len())
            }
            Self::PictureFetched(operation, picture) => {
                write!(f, "PictureFetched({operation:?}, found: {})", picture.is_some())
            }
            Self::TimerFired => f.write_str("TimerFired"),
        }
    }
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(operation, purpose, request) => {
                let (method, path) = (request.method(), request.uri().path());
                write!(f, "Send({operation:?}, {purpose:?}, {method} {path})")
            }
            Self::OpenBrowser(operation, url) => {
                write!(f, "OpenBrowser({operation:?}, {})", url.path())
            }
            Self::Listen(operation, port, _) => write!(f, "Listen({operation:?}, {port:?})"),
            Self::StopListening(operation) => write!(f, "StopListening({operation:?})"),
            Self::Lock(operation, account) => write!(f, "Lock({operation:?}, {account:?})"),
            Self::Unlock(operation) => write!(f, "Unlock({operation:?})"),
            Self::Load(operation, entry) => write!(f, "Load({operation:?}, {entry:?})"),
            Self::Store(operation, entry, bytes) => {
                write!(f, "Store({operation:?}, {entry:?}, {} bytes)", bytes.len())
            }
            Self::Append(operation, entry, line) => {
                write!(f, "Append({operation:?}, {entry:?}, {} bytes)", line.len())
            }
            Self::Delete(operation, entry, session) => {
                write!(f, "Delete({operation:?}, {entry:?}, {session:?})")
            }
            Self::CompleteTokenRequest(caller, answer) => {
                write!(f, "CompleteTokenRequest({caller:?}, {answer:?})")
            }
            Self::FetchPicture(operation, ..) => write!(f, "FetchPicture({operation:?})"),
            Self::SetTimer(at) => write!(f, "SetTimer({at:?})"),
            Self::BringToFront => f.write_str("BringToFront"),
            Self::PublishView(view) => write!(f, "PublishView({view:?})"),
        }
    }
}

/// Ties an answer to what was asked. An answer to something that is no longer waited for is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation(pub u64);

/// The low bits of an operation count within its account, the bits above name the account.
const ACCOUNT_SHIFT: u32 = 40;

impl Operation {
    pub(super) fn new(account: u64, count: u64) -> Self {
        Self((account << ACCOUNT_SHIFT) + count)
    }

    /// The number of the account that asked.
    pub(super) fn account(self) -> u64 {
        self.0 >> ACCOUNT_SHIFT
    }

    /// One of this account that nobody waits for.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn unawaited(account: u64) -> Self {
        Self::new(account, (1 << ACCOUNT_SHIFT) - 1)
    }
}

/// There is no lock to be had, for the reason given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LockError(pub String);

/// No browser could be opened, for the reason given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OpenBrowserError(pub String);

/// The loopback redirect URI cannot be listened at, for the reason given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ListenError(pub String);

/// Why the keychain did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeychainError {
    /// It is locked, or the user did not unlock it.
    Locked(String),
    /// There is no keychain service.
    Missing(String),
    /// The service is there and has no keyring to keep anything in, and the user made none.
    NotSetUp(String),
    /// It did not answer in time.
    Slow,
    /// Anything else.
    Failed(String),
}

impl KeychainError {
    /// What a user reads when the session could not be read.
    pub(super) fn problem(&self) -> Problem {
        Problem::new(self.code()).with_detail(self.detail())
    }

    /// What a user reads when the list of sessions that are over could not be read.
    pub(super) fn tombstones_problem(&self) -> Problem {
        Problem::new(ProblemCode::SessionFiles).with_detail(self.detail())
    }

    /// What a user reads who comes back from the browser to a sign-in that cannot be read.
    pub(super) fn sign_in_problem(&self) -> Problem {
        Problem::new(ProblemCode::SignInKeychainUnavailable).with_detail(self.detail())
    }

    /// What a user reads when the session could not be refreshed for it.
    pub(super) fn refresh_problem(&self) -> Problem {
        match self {
            Self::NotSetUp(detail) => {
                Problem::new(ProblemCode::KeychainNotSetUp).with_detail(detail)
            }
            Self::Locked(_) | Self::Missing(_) | Self::Slow | Self::Failed(_) => {
                Problem::new(ProblemCode::RefreshKeychainUnavailable).with_detail(self.detail())
            }
        }
    }

    /// What a user reads whose session was not taken.
    pub(super) fn save_problem(&self) -> Problem {
        match self {
            Self::NotSetUp(detail) => {
                Problem::new(ProblemCode::KeychainNotSetUp).with_detail(detail)
            }
            Self::Locked(_) | Self::Missing(_) | Self::Slow | Self::Failed(_) => {
                Problem::new(ProblemCode::NotSaved).with_detail(self.detail())
            }
        }
    }

    pub(super) fn code(&self) -> ProblemCode {
        match self {
            Self::Locked(_) => ProblemCode::KeychainLocked,
            Self::Missing(_) => ProblemCode::KeychainMissing,
            Self::NotSetUp(_) => ProblemCode::KeychainNotSetUp,
            Self::Slow => ProblemCode::KeychainSlow,
            Self::Failed(_) => ProblemCode::KeychainFailed,
        }
    }

    pub(super) fn detail(&self) -> &str {
        match self {
            Self::Locked(detail)
            | Self::Missing(detail)
            | Self::NotSetUp(detail)
            | Self::Failed(detail) => detail,
            Self::Slow => "The keychain did not answer in time",
        }
    }
}
