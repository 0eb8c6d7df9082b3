//! The events and effects of the machine.

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
        delete_only::DeleteOnly,
        record::{AccountKey, StorageKey},
    },
    time::Monotonic,
    view::{HostedPage, SessionView, SignOutScope},
};

/// An event. Its `Debug` output contains no secret.
#[expect(clippy::large_enum_variant, reason = "there are few at a time, and a queue boxes them")]
pub enum Event {
    /// The application starts, or its settings have changed.
    Configured(Option<Configuration>),
    /// The user starts a sign-in or sign-up.
    SignIn {
        /// The intent and the hints.
        request: SignInRequest,
        /// Fresh random bytes.
        entropy: Entropy,
    },
    /// The user accepts the pending login initiation.
    AcceptInvitation {
        /// The prompt that the decision is about.
        question: u32,
        /// Fresh random bytes.
        entropy: Entropy,
    },
    /// The user declines it.
    DeclineInvitation {
        /// The prompt that the decision is about.
        question: u32,
    },
    /// The user cancels the sign-in.
    CancelSignIn,
    /// The user asks for the browser to be opened again.
    OpenBrowserAgain,
    /// The deep link did not arrive: the user requests the loopback redirect URI in addition, if the
    /// configuration has one.
    UseLoopback {
        /// Fresh random bytes.
        entropy: Entropy,
    },
    /// The user has pasted the URL that the browser shows.
    LinkPasted(Zeroizing<Vec<u8>>),
    /// The user opens one of the environment's hosted pages.
    OpenHostedPage(HostedPage),
    /// The user requests a refresh now.
    Refresh,
    /// The user signs out.
    SignOut {
        /// The scope of the sign-out.
        scope: SignOutScope,
        /// Fresh random bytes.
        entropy: Entropy,
    },
    /// The user requests another access to the keychain.
    Retry,
    /// The keychain is missing, not set up, or does not take the session, and the user accepts a session that ends
    /// with the process.
    ContinueWithoutKeychain,
    /// The user dismisses the problem that is shown.
    Dismiss,
    /// A link that any process passed to this application.
    Link(Zeroizing<Vec<u8>>),
    /// An HTTP request to the environment has completed.
    HttpCompleted(Operation, HttpOutcome),
    /// Something changed: a delayed operation may succeed now.
    RetryHint,
    /// The window was focused, the screen was unlocked or the computer resumed: a [`Self::RetryHint`], and a reason
    /// to check that the session continues.
    UserReturned,
    /// Whether the application is in use: its window is shown.
    InUse(bool),
    /// The process is about to end, as soon as [`crate::Machine::is_quiescent`]: nothing new begins.
    Exit,
    /// The networks of this computer have changed. A present network is a [`Self::RetryHint`].
    NetworkChanged(Network),
    /// The application that the desktop passes this application's links to.
    SchemeHandlerChanged(SchemeHandler),
    /// A caller requests an access token. [`Effect::CompleteTokenRequest`] returns it.
    AccessTokenRequested {
        /// The caller's request.
        caller: TokenRequestId,
        /// The caller's token, if a protected resource has rejected it.
        rejected_token: Option<Secret>,
    },
    /// The lock was acquired, or no lock can be acquired for the given reason.
    Locked(Operation, Result<(), LockError>),
    /// An entry was read.
    Loaded(Operation, Result<Option<Zeroizing<Vec<u8>>>, KeychainError>),
    /// An entry was written.
    Stored(Operation, Result<(), KeychainError>),
    /// An entry was removed.
    Deleted(Operation, Result<(), KeychainError>),
    /// The browser was opened, or could not be opened for the given reason.
    BrowserOpened(Operation, Result<(), OpenBrowserError>),
    /// The application listens on this port of 127.0.0.1, or cannot listen.
    Listening(Operation, Result<u16, ListenError>),
    /// The query of a request to the loopback redirect URI that has the expected `state`.
    LoopbackResponse(Operation, Zeroizing<Vec<u8>>),
    /// The picture was fetched, as a `data:` URL.
    PictureFetched(Operation, Option<String>),
    /// A deadline was reached, or the computer resumed.
    TimerFired,
}

/// Whether this computer has a network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Network {
    /// It has an address besides its loopback addresses, or this is unknown.
    #[default]
    Present,
    /// It has none: no remote host is reachable.
    Absent,
}

/// An operation that the caller performs. One with an [`Operation`] is completed by an event with the same
/// `Operation`. Its `Debug` output contains no secret.
#[cfg_attr(feature = "testing", derive(Clone))]
#[expect(clippy::large_enum_variant, reason = "a step returns a few of them")]
pub enum Effect {
    /// Send this HTTP request to the environment.
    Send(Operation, RequestPurpose, http::Request<Vec<u8>>),
    /// Open this URL in the system browser.
    OpenBrowser(Operation, Url),
    /// Listen on this port of 127.0.0.1 for responses with this `state`. Completed by [`Event::Listening`];
    /// each response is an [`Event::LoopbackResponse`].
    Listen(Operation, LoopbackPort, Secret),
    /// Stop listening.
    StopListening(Operation),
    /// Acquire the lock of this account; completed when it is acquired, however long another process holds it.
    Lock(Operation, AccountKey),
    /// Release the lock of this operation.
    Unlock(Operation),
    /// Read an entry.
    Load(Operation, StorageKey),
    /// Replace an entry atomically. Operations on entries are performed in their order.
    Store(Operation, StorageKey, Zeroizing<Vec<u8>>),
    /// Append a line to an entry, also while other processes write to it. Completed like a store.
    Append(Operation, StorageKey, Vec<u8>),
    /// Delete an entry, if it contains one of these records or a damaged one.
    Delete(Operation, StorageKey, DeleteOnly),
    /// Return the access token to a caller, or the reason there is none.
    CompleteTokenRequest(TokenRequestId, Result<IssuedToken, TokenUnavailable>),
    /// Fetch a picture; from a loopback address only where the environment has one too (`true`).
    FetchPicture(Operation, String, bool),
    /// Send [`Event::TimerFired`] at this time; replaces the previous timer.
    SetTimer(Option<Monotonic>),
    /// Bring the window to the front: a link with the `state` of this application or a token of the environment
    /// was received.
    BringToFront,
    /// Publish this view.
    PublishView(SessionView),
}

/// The purpose of a request to the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestPurpose {
    /// The discovery document.
    Discovery,
    /// The discovery document, bypassing caches, for the `Date` header of the response.
    Time,
    /// The JWKS.
    Jwks,
    /// The exchange of an authorization code at the token endpoint.
    CodeExchange,
    /// A refresh at the token endpoint.
    Refresh,
    /// The revocation of a refresh token. Its response has no effect.
    Revocation,
}

impl Event {
    /// The operation that this event completes, if any.
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
            | Self::UserReturned
            | Self::InUse(_)
            | Self::Exit
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
            Self::UserReturned => f.write_str("UserReturned"),
            Self::Exit => f.write_str("Exit"),
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
            Self::Delete(operation, entry, only) => {
                write!(f, "Delete({operation:?}, {entry:?}, {only:?})")
            }
            Self::CompleteTokenRequest(caller, response) => {
                write!(f, "CompleteTokenRequest({caller:?}, {response:?})")
            }
            Self::FetchPicture(operation, ..) => write!(f, "FetchPicture({operation:?})"),
            Self::SetTimer(at) => write!(f, "SetTimer({at:?})"),
            Self::BringToFront => f.write_str("BringToFront"),
            Self::PublishView(view) => write!(f, "PublishView({view:?})"),
        }
    }
}

/// Associates an event with its effect. An event for an operation that is no longer pending is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation(pub u64);

/// The low bits number the operations of an account, the high bits the account.
const ACCOUNT_SHIFT: u32 = 40;

impl Operation {
    pub(super) fn new(account: u64, count: u64) -> Self {
        Self((account << ACCOUNT_SHIFT) + count)
    }

    /// The number of the account that issued the operation.
    pub(super) fn account(self) -> u64 {
        self.0 >> ACCOUNT_SHIFT
    }

    /// An operation of this account that is not pending.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn unawaited(account: u64) -> Self {
        Self::new(account, (1 << ACCOUNT_SHIFT) - 1)
    }
}

/// The reason a lock was not acquired. A lock that another process holds is awaited, which is no error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// There are no locks here, such as in a folder that is not writable: the process continues without one.
    #[error("{0}")]
    Unsupported(String),
    /// The system failed, such as for want of a file descriptor. Another process may hold the lock.
    #[error("{0}")]
    Failed(String),
}

/// No browser could be opened, for the given reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OpenBrowserError(pub String);

/// The application cannot listen at the loopback redirect URI, for the given reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ListenError(pub String);

/// The reason a keychain operation failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeychainError {
    /// The keychain is locked, or the user did not unlock it.
    Locked(String),
    /// There is no keychain service.
    Missing(String),
    /// The service has no keyring to store secrets in, and the user created none.
    NotSetUp(String),
    /// The operation timed out.
    Slow,
    /// Any other reason.
    Failed(String),
}

impl KeychainError {
    /// The problem when the session cannot be read.
    pub(super) fn problem(&self) -> Problem {
        Problem::new(self.code()).with_detail(self.detail())
    }

    /// The problem when the tombstones cannot be read.
    pub(super) fn tombstones_problem(&self) -> Problem {
        Problem::new(ProblemCode::SessionFiles).with_detail(self.detail())
    }

    /// The problem when the pending sign-in cannot be read after an authorization response.
    pub(super) fn sign_in_problem(&self) -> Problem {
        Problem::new(ProblemCode::SignInKeychainUnavailable).with_detail(self.detail())
    }

    /// The problem when the session cannot be refreshed because of the keychain.
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

    /// The problem when the session cannot be stored.
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
            Self::Slow => "The keychain did not respond in time",
        }
    }
}
