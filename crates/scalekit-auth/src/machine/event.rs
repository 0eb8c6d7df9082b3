//! What can happen to the machine, and what it can ask for.

use url::Url;
use zeroize::Zeroizing;

use super::callers::{Caller, NoAccessToken};
use crate::{
    answer::HttpOutcome,
    authorization::Entropy,
    configuration::Configuration,
    problem::{Problem, ProblemCode},
    record::Slot,
    secret::Secret,
    time::Monotonic,
    view::{SessionView, SignInIntent},
};

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// The program starts, or its settings have changed.
    Configured(Option<Configuration>),
    /// The person wants to sign in or up.
    SignIn {
        /// Which page to open.
        intent: SignInIntent,
        /// Fresh random bytes.
        entropy: Entropy,
    },
    /// The person agrees to the sign-in that began outside.
    AcceptInvitation {
        /// Which question they have answered.
        question: u32,
        /// Fresh random bytes.
        entropy: Entropy,
    },
    /// The person does not agree to it.
    DeclineInvitation {
        /// Which question they have answered.
        question: u32,
    },
    /// The person no longer wants to sign in.
    CancelSignIn,
    /// The person lost the browser's page.
    OpenBrowserAgain,
    /// The person wants the session renewed now.
    Renew,
    /// The person wants to sign out.
    SignOut {
        /// Fresh random bytes.
        entropy: Entropy,
    },
    /// The person wants the keychain tried again.
    Retry,
    /// There is no keychain, and the person agrees to a session that ends with the program.
    GoOnWithoutKeychain,
    /// The person has read what went wrong.
    Dismiss,
    /// A link was handed to this program, by whomever.
    Link(Zeroizing<Vec<u8>>),
    /// An exchange with the environment ended.
    Answered(Operation, HttpOutcome),
    /// The person has come back to the window, the computer woke up, or the network changed: what
    /// waits for better times may be worth another try.
    Nudged,
    /// The desktop gives this program's links to another one, of this name, or does not any more.
    LinksGoTo(Option<String>),
    /// Somebody needs an access token. Answered by [`Effect::GiveAccessToken`].
    AccessTokenWanted {
        /// Who.
        caller: Caller,
        /// The token they have, which a service has refused.
        instead_of: Option<Secret>,
    },
    /// The lock is this process's, or there is none to be had, for the reason given.
    Locked(Operation, Result<(), String>),
    /// An entry was read.
    Loaded(Operation, Result<Option<Zeroizing<Vec<u8>>>, KeychainFailure>),
    /// An entry was written.
    Stored(Operation, Result<(), KeychainFailure>),
    /// An entry was removed.
    Cleared(Operation, Result<(), KeychainFailure>),
    /// The browser was opened, or was not, for the reason given.
    BrowserOpened(Operation, Result<(), String>),
    /// The picture was fetched, as a `data:` URL.
    PictureFetched(Operation, Option<String>),
    /// Time has passed: a deadline was reached, or the computer woke up.
    Woke,
}

/// Something to be done outside. What has an [`Operation`] is answered by an event with the same one.
#[derive(Debug)]
pub enum Effect {
    /// Exchange this with the environment.
    Send(Operation, http::Request<Vec<u8>>),
    /// Open this in the system browser.
    OpenBrowser(Operation, Url),
    /// Get the lock of this environment and application; answered when it is there, however long
    /// another process keeps it.
    Lock(Operation),
    /// Give the lock of this operation back.
    Unlock(Operation),
    /// Read an entry.
    Load(Operation, Slot),
    /// Write an entry whole. What concerns entries is carried out in its order.
    Store(Operation, Slot, Zeroizing<Vec<u8>>),
    /// Add a line to an entry; what is there, of whichever process, stays. Answered like a store.
    Append(Operation, Slot, Vec<u8>),
    /// Remove an entry.
    Clear(Operation, Slot),
    /// Give a caller the access token, or the reason why there is none.
    GiveAccessToken(Caller, Result<Secret, NoAccessToken>),
    /// Fetch a picture.
    FetchPicture(Operation, String),
    /// Come back with [`Event::Woke`] at this moment; replaces the moment before.
    WakeAt(Option<Monotonic>),
    /// The person's own link came back, or one that the environment has signed: bring the window to
    /// the front.
    BringToFront,
    /// Show this.
    Publish(SessionView),
}

/// Ties an answer to what was asked. An answer to something that is no longer waited for is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation(pub u64);

/// Why the keychain did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeychainFailure {
    /// It is locked, or the person did not unlock it.
    Locked(String),
    /// There is no keychain service.
    Missing(String),
    /// It did not answer in time.
    Slow,
    /// Anything else.
    Failed(String),
}

impl KeychainFailure {
    /// What a person reads when the session could not be read.
    pub(super) fn problem(&self) -> Problem {
        match self {
            Self::Locked(detail) => Problem::new(
                self.code(),
                "The keychain is locked, so your session cannot be read. Unlock the keychain, then try again.",
            )
            .with_detail(detail),
            Self::Missing(detail) => Problem::new(
                self.code(),
                "This computer has no keychain service running, so your session cannot be read. Start one, such as GNOME Keyring or KWallet, then try again.",
            )
            .with_detail(detail),
            Self::Slow => Problem::new(
                self.code(),
                "The keychain does not answer. It may be waiting for you to unlock it. Look for its window, then try again.",
            ),
            Self::Failed(detail) => Problem::new(
                self.code(),
                "The keychain failed, so your session cannot be read. Try again; if it stays so, restart the computer.",
            )
            .with_detail(detail),
        }
    }

    /// What a person reads when the session could not be renewed for it.
    pub(super) fn delays_renewal(&self) -> Problem {
        Problem::new(
            self.code(),
            "The keychain does not give or take your session, so it is not renewed for now. You stay signed in. Unlock the keychain, then try again.",
        )
        .with_detail(self.detail())
    }

    pub(super) fn code(&self) -> ProblemCode {
        match self {
            Self::Locked(_) => ProblemCode::KeychainLocked,
            Self::Missing(_) => ProblemCode::KeychainMissing,
            Self::Slow => ProblemCode::KeychainSlow,
            Self::Failed(_) => ProblemCode::KeychainFailed,
        }
    }

    pub(super) fn detail(&self) -> &str {
        match self {
            Self::Locked(detail) | Self::Missing(detail) | Self::Failed(detail) => detail,
            Self::Slow => "The keychain did not answer in time",
        }
    }
}
