//! One account: a session with one environment and application, what keeps it fresh, and the attempt to
//! sign in beside it. The whole is [`crate::session::Machine`].
//!
//! An attempt replaces the session only when it is complete and verified. Before an attempt that began
//! outside the program stands a question to the user.

use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

use crate::{
    configuration::Configuration,
    problem::Problem,
    protocol::{
        claims::Clocks,
        http_response::HttpOutcome,
        jwks::{self, JwkSet},
        metadata::{self, Metadata},
    },
    rate_limit::RateLimiter,
    storage::{
        journal::{EndedSessions, Fingerprint, Journal, SessionId},
        record::{AccountKey, RecordKind, StorageKey},
    },
    time::{Monotonic, Now},
    view::SessionView,
};

#[cfg(feature = "seeded-bugs")]
use crate::session::SeededBug;
use crate::session::{
    Effect, Event, Operation, RequestPurpose, present,
    problems::scheme_handler_problem,
    provider::cache::{Cached, ProviderCache},
    refresh::{
        access_tokens::PendingTokenRequest,
        backoff::Backoff,
        lock::Lock,
        schedule::{NUDGE_AGAIN, NUDGES_IN_A_ROW},
    },
    sign_in::{
        SignInAttempt,
        initiation::{LoginPrompt, PendingInitiations},
        queued_links::QueuedLinks,
    },
    sign_out::tombstones::TombstoneWrite,
    state::{Session, SignedOut},
};

/// Numbers the operations of each account apart from those of the others.
const OPERATIONS: u32 = 40;

/// A session with one environment and application.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(super) struct Account {
    pub(super) configuration: Option<Configuration>,
    /// Whether the program is in use.
    pub(super) in_use: bool,
    /// Names its entries, from its first configuration on.
    pub(super) key: Option<AccountKey>,
    /// Another account is current: this one finishes what it has begun, and begins nothing.
    pub(super) leaving: bool,
    pub(super) provider: ProviderCache,
    pub(super) session: Session,
    pub(super) attempt: SignInAttempt,
    pub(super) invitation: LoginPrompt,
    pub(super) initiations: PendingInitiations,
    pub(super) lock: Lock,
    /// As it was read in this turn.
    pub(super) journal: Journal,
    pub(super) ended: EndedSessions,
    pub(super) token_requests: Vec<PendingTokenRequest>,
    pub(super) nudges: RateLimiter,
    /// The user has agreed that nothing is kept.
    pub(super) in_memory: bool,
    /// Another program gets the links, and the user has not read of it yet.
    pub(super) links_taken: Option<Problem>,
    pub(super) early_links: QueuedLinks,
    /// What was shown when this account was left, until what is kept has been read again.
    pub(super) left_signed_out: Option<SignedOut>,
    /// Ends of sessions that are not written yet.
    pub(super) tombstone_writes: Vec<TombstoneWrite>,
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

/// Whether this machine is with_bug in this way; never, but for the simulation.
macro_rules! has_bug {
    ($machine:expr, $seeded_bug:ident) => {{
        #[cfg(feature = "seeded-bugs")]
        let with_bug = $machine.seeded_bug == Some($crate::session::SeededBug::$seeded_bug);
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
            key: None,
            leaving: false,
            provider: ProviderCache::default(),
            session: Session::AwaitingSettings,
            attempt: SignInAttempt::None,
            invitation: LoginPrompt::None,
            initiations: PendingInitiations::default(),
            lock: Lock::Free,
            journal: Journal::default(),
            ended: EndedSessions::default(),
            token_requests: Vec::new(),
            nudges: RateLimiter::new(NUDGES_IN_A_ROW, NUDGE_AGAIN),
            in_memory: false,
            links_taken: None,
            early_links: QueuedLinks::default(),
            left_signed_out: None,
            tombstone_writes: Vec::new(),
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

    /// Moves on: what happened, when, and what to do about it.
    #[cfg(feature = "seeded-bugs")]
    pub(super) fn with_bug(number: u64, seed: u64, seeded_bug: Option<SeededBug>) -> Self {
        Self { seeded_bug, ..Self::new(number, seed) }
    }

    pub(super) fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        self.now = now;
        match event {
            // The machine's own.
            Event::Configured(_) | Event::TimerFired => {}
            Event::SignIn { intent, entropy } => self.begin_sign_in(intent, &entropy),
            Event::AcceptInvitation { question, entropy } => {
                self.accept_invitation(question, &entropy);
            }
            Event::DeclineInvitation { question } => self.decline_invitation(question),
            Event::CancelSignIn => self.cancel_sign_in(),
            Event::OpenBrowserAgain => self.open_browser_again(),
            Event::Refresh => self.refresh(),
            Event::SignOut { entropy } => self.sign_out(&entropy),
            Event::Retry => self.retry(),
            Event::ContinueWithoutKeychain => self.continue_without_keychain(),
            Event::Dismiss => self.dismiss(),
            Event::Link(link) => self.link(link),
            Event::HttpCompleted(operation, outcome) => self.answered(operation, outcome),
            Event::RetryHint => self.nudged(),
            Event::InUse(in_use) => self.in_use = in_use,
            Event::SchemeHandlerChanged(handler) => {
                self.links_taken = scheme_handler_problem(handler)
            }
            Event::AccessTokenRequested { caller, rejected_token } => {
                self.access_token_requested(caller, rejected_token);
            }
            Event::Locked(operation, outcome) => self.locked(operation, outcome),
            Event::Loaded(operation, outcome) => self.loaded(operation, outcome),
            Event::Stored(operation, outcome) => self.stored(operation, outcome),
            Event::Deleted(operation, outcome) => self.cleared(operation, outcome),
            Event::BrowserOpened(operation, outcome) => {
                self.sign_out_opened(operation, &outcome);
                self.attempt_opened(operation, outcome);
            }
            Event::PictureFetched(operation, picture) => self.picture_fetched(operation, picture),
        }
        self.end_step()
    }

    /// Whatever happened, a deadline that has passed has passed: a late timer loses nothing.
    pub(super) fn end_step(&mut self) -> Vec<Effect> {
        self.attempt_deadline();
        self.invitation_deadline();
        self.session_deadlines();
        self.tombstone_deadlines();
        self.answer_token_requests();
        self.update_lock();
        std::mem::take(&mut self.effects)
    }

    /// Whether this account has asked for that.
    pub(super) fn asked(&self, operation: Operation) -> bool {
        operation.0 >> OPERATIONS == self.number
    }

    /// What to show of it.
    pub(super) fn view(&self) -> SessionView {
        let links_taken = self.links_taken.as_ref();
        let known = self.provider.last_good_metadata();
        let offers_sign_up = known.is_none_or(|metadata| metadata.offers_sign_up);
        let (session, attempt) = (&self.session, &self.attempt);
        present::view(session, attempt, &self.invitation, links_taken, offers_sign_up)
    }

    pub(super) fn deadline(&self) -> Option<Monotonic> {
        let deadlines = [
            self.attempt.deadline(),
            self.invitation.deadline(),
            self.session.deadline(self.refreshes_by_itself()),
            self.token_requests_deadline(),
            self.tombstone_writes.iter().filter_map(TombstoneWrite::deadline).min(),
        ];
        deadlines.into_iter().flatten().min()
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

    /// Whether nothing is between being sent and being kept, so that the program may end.
    pub(super) fn is_quiescent(&self) -> bool {
        self.session.is_quiescent() && !self.attempt.has_spent_code()
    }

    fn answered(&mut self, operation: Operation, outcome: HttpOutcome) {
        let now = self.now.monotonic;
        let may_be_cached = [self.provider.discovering, self.provider.fetching_keys];
        // RFC 6749 §5.1: token responses are `no-store`.
        let is_fresh = self.provider.asking_time == Some(operation)
            || self.attempt.exchanges(operation)
            || self.session.refreshes_with(operation);
        if is_fresh {
            self.provider.clock.observe_fresh_date(&outcome, now);
        } else if may_be_cached.contains(&Some(operation)) {
            self.provider.clock.observe_cached_date(&outcome, now);
        }
        if self.provider.asking_time == Some(operation) {
            self.provider.asking_time = None;
            self.time_asked();
        } else if self.provider.discovering == Some(operation) {
            self.provider.discovering = None;
            self.discovered(outcome);
        } else if self.provider.fetching_keys == Some(operation) {
            self.provider.fetching_keys = None;
            self.jwks_fetched(outcome);
        } else if self.attempt.exchanges(operation) {
            self.code_exchanged(outcome);
        } else if self.session.refreshes_with(operation) {
            self.refresh_responded(outcome);
        }
    }

    /// Asks for the endpoints unless that is under way. Both an attempt and a refresh may wait for them.
    pub(super) fn discover(&mut self) {
        let Some(configuration) = &self.configuration else { return };
        if self.provider.discovering.is_none() {
            let request = metadata::request(&configuration.environment);
            let operation = self.operation();
            self.provider.discovering = Some(operation);
            self.effects.push(Effect::Send(operation, RequestPurpose::Discovery, request));
        }
    }

    pub(super) fn discovered(&mut self, outcome: HttpOutcome) {
        let Some(configuration) = &self.configuration else { return };
        let body = outcome.as_ref().ok().map(|answer| answer.body.clone());
        let wall = self.now.wall;
        let retry_after = outcome.as_ref().ok().and_then(|answer| answer.retry_after(wall));
        match metadata::read(&configuration.environment, outcome) {
            Ok(metadata) => {
                if let Some(body) = body {
                    self.store_endpoints(&metadata, body);
                }
                let since = self.now.monotonic;
                self.provider.metadata = Some(Cached { value: metadata, since });
                self.attempt_discovered();
                self.refresh_discovered();
                self.invitation_discovered();
            }
            Err(problem) => {
                let now = self.now.monotonic;
                self.provider.left_alone_until = retry_after.map(|wait| now.after(wait));
                self.attempt_not_discovered(&problem);
                self.refresh_not_discovered(problem, retry_after);
                self.invitation_not_discovered();
            }
        }
    }

    /// Asks for the time past every cache, unless that is under way.
    pub(super) fn ask_time(&mut self) {
        let Some(configuration) = &self.configuration else { return };
        if self.provider.asking_time.is_none() {
            let request = metadata::time_request(&configuration.environment);
            let operation = self.operation();
            self.provider.asking_time = Some(operation);
            self.provider.clock.asking(self.now.monotonic);
            self.effects.push(Effect::Send(operation, RequestPurpose::Time, request));
        }
    }

    /// The environment has said how late it is, or has not: then this computer's clock is the best there is.
    fn time_asked(&mut self) {
        self.attempt_time_asked();
        self.verify_invitations();
    }

    /// For a start at which the environment cannot be asked.
    pub(super) fn store_endpoints(&mut self, metadata: &Metadata, description: Zeroizing<Vec<u8>>) {
        let known = self.provider.kept.as_ref() == Some(metadata);
        if !known && !self.in_memory && description.len() <= metadata::MAX_STORED_BYTES {
            self.provider.kept = Some(metadata.clone());
            self.store(RecordKind::Endpoints, description);
        }
    }

    pub(super) fn fetch_jwks(&mut self) {
        if self.provider.fetching_keys.is_some() {
            return;
        }
        let Some(request) = self.provider.last_good_metadata().map(jwks::request) else {
            return;
        };
        let operation = self.operation();
        self.provider.fetching_keys = Some(operation);
        self.effects.push(Effect::Send(operation, RequestPurpose::Jwks, request));
    }

    pub(super) fn jwks_fetched(&mut self, outcome: HttpOutcome) {
        if let Ok(keys) = JwkSet::read(outcome) {
            self.provider.keys = Some(Cached { value: keys, since: self.now.monotonic });
        }
        self.verify_sign_in();
        self.verify_refresh();
        self.verify_invitations();
    }

    pub(super) fn operation(&mut self) -> Operation {
        self.operations += 1;
        Operation((self.number << OPERATIONS) + self.operations)
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

    /// A duration spread by ±5 %.
    pub(super) fn spread(&mut self, duration: Duration) -> Duration {
        let thousandths = u32::try_from(self.draw() % 101).unwrap_or(50);
        duration * (950 + thousandths) / 1000
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
