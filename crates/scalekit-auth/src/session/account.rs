//! An account: the session with one environment and application, its refresh, and the pending sign-in, if any.
//! The accounts together form the [`crate::session::Machine`].
//!
//! A sign-in replaces the session only after it is complete and verified. A sign-in that began outside the
//! application requires the user's confirmation first.

use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

use crate::{
    configuration::Configuration,
    fingerprint::{Fingerprint, SessionId},
    problem::Problem,
    protocol::claims::Clocks,
    rate_limit::RateLimiter,
    storage::{
        delete_only::DeleteOnly,
        journal::Journal,
        record::{AccountKey, RecordKind, StorageKey},
        tombstones::EndedSessions,
    },
    time::Now,
};

#[cfg(feature = "seeded-bugs")]
use crate::session::seeded_bug::SeededBug;
use crate::session::{
    event::{Effect, Network, Operation},
    provider::cache::ProviderCache,
    state::{
        backoff::Backoff,
        lock::Lock,
        login_prompt::{LoginPrompt, PendingInitiations},
        queued_links::QueuedLinks,
        refresh::{RETRY_HINT_INTERVAL, RETRY_HINTS_IN_A_ROW},
        session::{Session, SignedOut},
        sign_in::{PendingRevocation, SignInAttempt},
        token_request::PendingTokenRequest,
        tombstone::TombstoneWrite,
    },
};

/// The exit waits for the next attempt to store a left account only if it is made within this time.
const MAX_EXIT_RETRY: Duration = Duration::from_secs(5);

/// A session with one environment and application.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) struct Account {
    pub(super) configuration: Option<Configuration>,
    /// Whether the application is in use.
    pub(super) in_use: bool,
    pub(super) network: Network,
    /// Identifies the account's storage entries; set with its first configuration.
    pub(super) key: Option<AccountKey>,
    /// Another account is current, or the process ends: operations in progress are completed and none begins.
    pub(super) leaving: bool,
    pub(super) provider: ProviderCache,
    pub(super) session: Session,
    pub(super) attempt: SignInAttempt,
    /// The nonces of the sign-ins that this process has read from the entry or stored there, without those that a later
    /// one has certainly replaced.
    pub(super) stored_sign_ins: Vec<Fingerprint>,
    pub(super) login_prompt: LoginPrompt,
    pub(super) initiations: PendingInitiations,
    /// The operation that listens at the loopback redirect URI.
    pub(super) listening: Option<Operation>,
    pub(super) lock: Lock,
    /// The journal as it was read under the present lock.
    pub(super) journal: Journal,
    pub(super) ended: EndedSessions,
    pub(super) token_requests: Vec<PendingTokenRequest>,
    pub(super) retry_hints: RateLimiter,
    /// The number of access tokens in a row whose lifetime is shorter than the minimum interval of refreshes.
    pub(super) short_lived: u32,
    /// The user has agreed that the session is not stored.
    pub(super) in_memory: bool,
    /// Deep links go to another application, and the user has not dismissed the problem yet.
    pub(super) links_problem: Option<Problem>,
    pub(super) early_links: QueuedLinks,
    /// The signed-out state when this account was left, until the stored entries have been read again.
    pub(super) left_signed_out: Option<SignedOut>,
    /// Tombstones that are not written yet.
    pub(super) tombstone_writes: Vec<TombstoneWrite>,
    /// Token requests whose tokens are revoked on receipt.
    pub(super) dropped: Vec<PendingRevocation>,
    /// The sessions that are being deleted from the keychain, or were deleted last.
    pub(super) clearing: Vec<SessionId>,
    /// The consecutive failures to read the stored entries.
    pub(super) reading: Backoff,
    number: u64,
    operations: u64,
    jitter: u64,
    pub(super) now: Now,
    pub(super) effects: Vec<Effect>,
    #[cfg(feature = "seeded-bugs")]
    pub(super) seeded_bug: Option<SeededBug>,
}

/// Whether this machine has this seeded bug; always false without the feature `seeded-bugs`.
macro_rules! has_bug {
    ($machine:expr, $seeded_bug:ident) => {{
        #[cfg(feature = "seeded-bugs")]
        let with_bug =
            $machine.seeded_bug == Some($crate::session::seeded_bug::SeededBug::$seeded_bug);
        #[cfg(not(feature = "seeded-bugs"))]
        let with_bug = false;
        with_bug
    }};
}
pub(super) use has_bug;

impl Account {
    pub(super) fn new(number: u64, seed: u64) -> Self {
        Self {
            configuration: None,
            in_use: false,
            network: Network::default(),
            key: None,
            leaving: false,
            provider: ProviderCache::default(),
            session: Session::AwaitingSettings,
            attempt: SignInAttempt::None,
            stored_sign_ins: Vec::new(),
            login_prompt: LoginPrompt::None,
            initiations: PendingInitiations::default(),
            listening: None,
            lock: Lock::Free,
            journal: Journal::default(),
            ended: EndedSessions::default(),
            token_requests: Vec::new(),
            retry_hints: RateLimiter::new(RETRY_HINTS_IN_A_ROW, RETRY_HINT_INTERVAL),
            short_lived: 0,
            in_memory: false,
            links_problem: None,
            early_links: QueuedLinks::default(),
            left_signed_out: None,
            tombstone_writes: Vec::new(),
            dropped: Vec::new(),
            clearing: Vec::new(),
            reading: Backoff::default(),
            number,
            operations: 0,
            jitter: seed | 1,
            now: Now::default(),
            effects: Vec::new(),
            #[cfg(feature = "seeded-bugs")]
            seeded_bug: None,
        }
    }

    /// An account with a seeded bug.
    #[cfg(feature = "seeded-bugs")]
    pub(super) fn with_bug(number: u64, seed: u64, seeded_bug: Option<SeededBug>) -> Self {
        Self { seeded_bug, ..Self::new(number, seed) }
    }

    /// Whether this account issued the operation.
    pub(super) fn has_requested(&self, operation: Operation) -> bool {
        operation.account() == self.number
    }

    /// The URL of the pending authorization request. For the user's clipboard, never for the webview or a log.
    pub(super) fn sign_in_link(&self) -> Option<Url> {
        let pending = self.attempt.waiting()?;
        pending.authorization_url(self.configuration.as_ref()?, self.provider.metadata()?)
    }

    /// Whether no session is lost with this account: none is signed in, and no authorization response was received.
    pub(super) fn holds_no_session(&self) -> bool {
        self.session.record().is_none() && !self.attempt.has_response()
    }

    /// Whether no token is in flight or unsaved, so that the process may exit.
    pub(super) fn is_quiescent(&self) -> bool {
        self.session.is_quiescent() && !self.attempt.has_response()
    }

    /// Whether the keychain has just refused the session, and another attempt follows soon.
    pub(super) fn saves_again_soon(&self) -> bool {
        matches!(&self.session, Session::SignedIn(signed_in)
            if signed_in.saved.is_retried_within(MAX_EXIT_RETRY, self.now.monotonic))
    }

    pub(super) fn operation(&mut self) -> Operation {
        self.operations += 1;
        Operation::new(self.number, self.operations)
    }

    pub(super) fn store(&mut self, kind: RecordKind, bytes: Zeroizing<Vec<u8>>) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::Store(operation, self.entry(kind), bytes));
        operation
    }

    /// Deletes the pending sign-in, unless another process has stored one since.
    pub(super) fn delete_sign_in(&mut self) {
        if self.in_memory && self.stored_sign_ins.is_empty() {
            return;
        }
        let operation = self.operation();
        let only = DeleteOnly::SignIns(self.stored_sign_ins.clone());
        self.effects.push(Effect::Delete(operation, self.entry(RecordKind::SignIn), only));
    }

    pub(super) fn entry(&self, kind: RecordKind) -> StorageKey {
        StorageKey { account: self.key.clone().unwrap_or_default(), kind }
    }

    pub(super) fn open_browser(&mut self, url: Url) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::OpenBrowser(operation, url));
        operation
    }

    /// The time by each clock that may be correct.
    pub(super) fn clocks(&self) -> Clocks {
        Clocks { environment: self.provider.clock().time(self.now), own: self.now.wall }
    }

    /// The next pseudorandom number (xorshift). The numbers only have to differ between computers.
    pub(super) fn draw(&mut self) -> u64 {
        self.jitter ^= self.jitter << 13;
        self.jitter ^= self.jitter >> 7;
        self.jitter ^= self.jitter << 17;
        self.jitter
    }

    /// Ends a failed sign-in. An existing session stays.
    pub(super) fn sign_in_failed(&mut self, problem: Problem) {
        self.attempt = SignInAttempt::None;
        self.delete_sign_in();
        self.session.sign_in_failed(problem);
    }

    /// The user begins something else, or the environment changes.
    pub(super) fn withdraw_invitation(&mut self) {
        self.login_prompt = LoginPrompt::None;
        self.initiations.waiting.clear();
    }
}

#[cfg(feature = "testing")]
impl Account {
    pub(super) fn number(&self) -> u64 {
        self.number
    }
}
