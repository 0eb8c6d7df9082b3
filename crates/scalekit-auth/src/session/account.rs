//! One account: a session with one environment and application, what keeps it fresh, and the attempt to
//! sign in beside it. The whole is [`crate::session::Machine`].
//!
//! An attempt replaces the session only when it is complete and verified. Before an attempt that began
//! outside the program stands a question to the user.

use url::Url;
use zeroize::Zeroizing;

use crate::{
    configuration::Configuration,
    problem::Problem,
    protocol::claims::Clocks,
    rate_limit::RateLimiter,
    storage::{
        journal::{EndedSessions, Fingerprint, Journal, SessionId},
        record::{AccountKey, RecordKind, StorageKey},
    },
    time::Now,
};

#[cfg(feature = "seeded-bugs")]
use crate::session::seeded_bug::SeededBug;
use crate::session::{
    event::{Effect, Network, Operation},
    provider::cache::ProviderCache,
    refresh::backoff::Backoff,
    state::{
        lock::Lock,
        login_prompt::{LoginPrompt, PendingInitiations},
        queued_links::QueuedLinks,
        refresh::{RETRY_HINT_INTERVAL, RETRY_HINTS_IN_A_ROW},
        session::{Session, SignedOut},
        sign_in::SignInAttempt,
        token_request::PendingTokenRequest,
        tombstone::TombstoneWrite,
    },
};

/// A session with one environment and application.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) struct Account {
    pub(super) configuration: Option<Configuration>,
    /// Whether the program is in use.
    pub(super) in_use: bool,
    pub(super) network: Network,
    /// Names its entries, from its first configuration on.
    pub(super) key: Option<AccountKey>,
    /// Another account is current: this one finishes what it has begun, and begins nothing.
    pub(super) leaving: bool,
    pub(super) provider: ProviderCache,
    pub(super) session: Session,
    pub(super) attempt: SignInAttempt,
    pub(super) login_prompt: LoginPrompt,
    pub(super) initiations: PendingInitiations,
    /// What listens at the loopback redirect URI.
    pub(super) listening: Option<Operation>,
    pub(super) lock: Lock,
    /// As it was read in this turn.
    pub(super) journal: Journal,
    pub(super) ended: EndedSessions,
    pub(super) token_requests: Vec<PendingTokenRequest>,
    pub(super) retry_hints: RateLimiter,
    /// The user has agreed that nothing is kept.
    pub(super) in_memory: bool,
    /// Another program gets the links, and the user has not read of it yet.
    pub(super) links_problem: Option<Problem>,
    pub(super) early_links: QueuedLinks,
    /// What was shown when this account was left, until what is kept has been read again.
    pub(super) left_signed_out: Option<SignedOut>,
    /// Ends of sessions that are not written yet.
    pub(super) tombstone_writes: Vec<TombstoneWrite>,
    /// Token requests whose tokens nobody wants any more when they come.
    pub(super) dropped: Vec<Operation>,
    /// The session that is being removed from the keychain, or was last.
    pub(super) clearing: Option<SessionId>,
    /// How often what is kept could not be read, in a row.
    pub(super) reading: Backoff,
    number: u64,
    operations: u64,
    jitter: u64,
    pub(super) now: Now,
    pub(super) effects: Vec<Effect>,
    #[cfg(feature = "seeded-bugs")]
    pub(super) seeded_bug: Option<SeededBug>,
}

/// Whether this machine has this seeded bug; only in the simulation.
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
            login_prompt: LoginPrompt::None,
            initiations: PendingInitiations::default(),
            listening: None,
            lock: Lock::Free,
            journal: Journal::default(),
            ended: EndedSessions::default(),
            token_requests: Vec::new(),
            retry_hints: RateLimiter::new(RETRY_HINTS_IN_A_ROW, RETRY_HINT_INTERVAL),
            in_memory: false,
            links_problem: None,
            early_links: QueuedLinks::default(),
            left_signed_out: None,
            tombstone_writes: Vec::new(),
            dropped: Vec::new(),
            clearing: None,
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

    /// Whether this account has asked for that.
    pub(super) fn asked(&self, operation: Operation) -> bool {
        operation.account() == self.number
    }

    /// The address the browser was opened at, while a sign-in waits for it. For the user's
    /// clipboard, never for the webview or a log.
    pub(super) fn sign_in_link(&self) -> Option<Url> {
        let pending = self.attempt.waiting()?;
        pending.authorization_url(self.configuration.as_ref()?, self.provider.metadata()?)
    }

    /// Names the session and the refresh token in hand, for whoever watches; neither gives anything away.
    pub(super) fn debug_ids(&self) -> Option<(SessionId, Option<Fingerprint>)> {
        let record = self.session.record()?;
        Some((record.session.clone(), record.refresh_token.as_ref().map(Fingerprint::of)))
    }

    /// Whether no token is in flight or unsaved, so that the program may end.
    pub(super) fn is_quiescent(&self) -> bool {
        self.session.is_quiescent() && !self.attempt.has_spent_code()
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

    pub(super) fn clear(&mut self, kind: RecordKind) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::Delete(operation, self.entry(kind), None));
        operation
    }

    pub(super) fn entry(&self, kind: RecordKind) -> StorageKey {
        StorageKey { account: self.key.clone().unwrap_or_default(), kind }
    }

    pub(super) fn open_browser(&mut self, url: Url) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::OpenBrowser(operation, url));
        operation
    }

    /// The time, by each clock that may be right.
    pub(super) fn clocks(&self) -> Clocks {
        Clocks { environment: self.provider.clock.time(self.now), own: self.now.wall }
    }

    /// The next of some numbers (xorshift) that only have to differ between desktops.
    pub(super) fn draw(&mut self) -> u64 {
        self.jitter ^= self.jitter << 13;
        self.jitter ^= self.jitter >> 7;
        self.jitter ^= self.jitter << 17;
        self.jitter
    }

    /// Ends an attempt that went wrong. A session that was there before stays.
    pub(super) fn sign_in_failed(&mut self, problem: Problem) {
        self.attempt = SignInAttempt::None;
        self.clear(RecordKind::SignIn);
        self.session.sign_in_failed(problem);
    }
}

#[cfg(feature = "testing")]
impl Account {
    pub(super) fn number(&self) -> u64 {
        self.number
    }
}
