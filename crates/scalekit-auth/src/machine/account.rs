//! One account: a session with one environment and application, what keeps it fresh, and the attempt to
//! sign in beside it. The whole is [`super::Machine`].
//!
//! An attempt replaces the session only when it is complete and verified. Before an attempt that began
//! outside the program stands a question to the user.

use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

use crate::{
    answer::HttpOutcome,
    claims::Clocks,
    configuration::Configuration,
    journal::{Ended, Fingerprint, Journal, SessionId},
    keys::{self, KeySet},
    metadata::{self, Metadata},
    pace::Pace,
    problem::Problem,
    record::{AccountKey, Entry, Slot},
    time::{Monotonic, Now},
    view::SessionView,
};

#[cfg(feature = "broken")]
use super::Breakage;
use super::{
    Effect, Event, Operation,
    attempt::Attempt,
    backoff::Backoff,
    callers::Waiting,
    environment::{Environment, Known},
    invitation::{Invitation, Letters},
    links::EarlyLinks,
    notes::Note,
    presentation,
    reasons::links_lost,
    refresh::{NUDGE_AGAIN, NUDGES_IN_A_ROW},
    session::{Session, SignedOut},
    turn::Lock,
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
    pub(super) environment: Environment,
    pub(super) session: Session,
    pub(super) attempt: Attempt,
    pub(super) invitation: Invitation,
    pub(super) letters: Letters,
    pub(super) lock: Lock,
    /// As it was read in this turn.
    pub(super) journal: Journal,
    pub(super) ended: Ended,
    pub(super) callers: Vec<Waiting>,
    pub(super) nudges: Pace,
    /// The user has agreed that nothing is kept.
    pub(super) in_memory: bool,
    /// Another program gets the links, and the user has not read of it yet.
    pub(super) links_taken: Option<Problem>,
    pub(super) early_links: EarlyLinks,
    /// What was shown when this account was left, until what is kept has been read again.
    pub(super) left_signed_out: Option<SignedOut>,
    /// Ends of sessions that are not written yet.
    pub(super) notes: Vec<Note>,
    /// The session that is being removed from the keychain, or was last.
    pub(super) clearing: Option<SessionId>,
    /// How often what is kept could not be read, in a row.
    pub(super) reading: Backoff,
    number: u64,
    operations: u64,
    jitter: u64,
    pub(super) now: Now,
    pub(super) effects: Vec<Effect>,
    #[cfg(feature = "broken")]
    pub(super) breakage: Option<Breakage>,
}

/// Whether this machine is broken in this way; never, but for the simulation.
macro_rules! broken {
    ($machine:expr, $breakage:ident) => {{
        #[cfg(feature = "broken")]
        let broken = $machine.breakage == Some($crate::machine::Breakage::$breakage);
        #[cfg(not(feature = "broken"))]
        let broken = false;
        broken
    }};
}
pub(super) use broken;

impl Account {
    pub(super) fn new(number: u64, seed: u64) -> Self {
        Self {
            configuration: None,
            in_use: false,
            key: None,
            leaving: false,
            environment: Environment::default(),
            session: Session::AwaitingSettings,
            attempt: Attempt::None,
            invitation: Invitation::None,
            letters: Letters::default(),
            lock: Lock::Free,
            journal: Journal::default(),
            ended: Ended::default(),
            callers: Vec::new(),
            nudges: Pace::new(NUDGES_IN_A_ROW, NUDGE_AGAIN),
            in_memory: false,
            links_taken: None,
            early_links: EarlyLinks::default(),
            left_signed_out: None,
            notes: Vec::new(),
            clearing: None,
            reading: Backoff::default(),
            number,
            operations: 0,
            jitter: seed | 1,
            now: Now::default(),
            effects: Vec::new(),
            #[cfg(feature = "broken")]
            breakage: None,
        }
    }

    /// Moves on: what happened, when, and what to do about it.
    #[cfg(feature = "broken")]
    pub(super) fn broken(number: u64, seed: u64, breakage: Option<Breakage>) -> Self {
        Self { breakage, ..Self::new(number, seed) }
    }

    pub(super) fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        self.now = now;
        match event {
            // The machine's own.
            Event::Configured(_) | Event::Woke => {}
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
            Event::GoOnWithoutKeychain => self.go_on_without_keychain(),
            Event::Dismiss => self.dismiss(),
            Event::Link(link) => self.link(link),
            Event::Answered(operation, outcome) => self.answered(operation, outcome),
            Event::Nudged => self.nudged(),
            Event::InUse(in_use) => self.in_use = in_use,
            Event::LinksGoTo(handler) => self.links_taken = links_lost(handler),
            Event::AccessTokenWanted { caller, instead_of } => {
                self.access_token_wanted(caller, instead_of);
            }
            Event::Locked(operation, outcome) => self.locked(operation, outcome),
            Event::Loaded(operation, outcome) => self.loaded(operation, outcome),
            Event::Stored(operation, outcome) => self.stored(operation, outcome),
            Event::Cleared(operation, outcome) => self.cleared(operation, outcome),
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
        self.note_deadlines();
        self.serve_callers();
        self.keep_turn();
        std::mem::take(&mut self.effects)
    }

    /// Whether this account has asked for that.
    pub(super) fn asked(&self, operation: Operation) -> bool {
        operation.0 >> OPERATIONS == self.number
    }

    /// What to show of it.
    pub(super) fn view(&self) -> SessionView {
        let links_taken = self.links_taken.as_ref();
        let known = self.environment.last_good_metadata();
        let offers_sign_up = known.is_none_or(|metadata| metadata.offers_sign_up);
        let (session, attempt) = (&self.session, &self.attempt);
        presentation::view(session, attempt, &self.invitation, links_taken, offers_sign_up)
    }

    pub(super) fn deadline(&self) -> Option<Monotonic> {
        let deadlines = [
            self.attempt.deadline(),
            self.invitation.deadline(),
            self.session.deadline(self.refreshes_by_itself()),
            self.callers_deadline(),
            self.notes.iter().filter_map(Note::deadline).min(),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// The address the browser was opened at, while a sign-in waits for it. For the user's
    /// clipboard, never for the webview or a log.
    pub(super) fn sign_in_link(&self) -> Option<Url> {
        let pending = self.attempt.waiting()?;
        pending.authorization_url(self.configuration.as_ref()?, self.environment.metadata()?)
    }

    /// Names the session and the refresh token in hand, for whoever watches; neither gives anything away.
    pub(super) fn in_hand(&self) -> Option<(SessionId, Option<Fingerprint>)> {
        let record = self.session.record()?;
        Some((record.session.clone(), record.refresh_token.as_ref().map(Fingerprint::of)))
    }

    /// Whether nothing is between being sent and being kept, so that the program may end.
    pub(super) fn is_at_rest(&self) -> bool {
        self.session.is_at_rest() && !self.attempt.has_spent_code()
    }

    fn answered(&mut self, operation: Operation, outcome: HttpOutcome) {
        let now = self.now.monotonic;
        let may_be_cached = [self.environment.discovering, self.environment.fetching_keys];
        // RFC 6749 §5.1: token responses are `no-store`.
        let is_fresh = self.environment.asking_time == Some(operation)
            || self.attempt.exchanges(operation)
            || self.session.refreshes_with(operation);
        if is_fresh {
            self.environment.clock.hear_fresh(&outcome, now);
        } else if may_be_cached.contains(&Some(operation)) {
            self.environment.clock.hear_cached(&outcome, now);
        }
        if self.environment.asking_time == Some(operation) {
            self.environment.asking_time = None;
            self.time_asked();
        } else if self.environment.discovering == Some(operation) {
            self.environment.discovering = None;
            self.discovered(outcome);
        } else if self.environment.fetching_keys == Some(operation) {
            self.environment.fetching_keys = None;
            self.keys_fetched(outcome);
        } else if self.attempt.exchanges(operation) {
            self.code_exchanged(outcome);
        } else if self.session.refreshes_with(operation) {
            self.refresh_answered(outcome);
        }
    }

    /// Asks for the endpoints unless that is under way. Both an attempt and a refresh may wait for them.
    pub(super) fn discover(&mut self) {
        let Some(configuration) = &self.configuration else { return };
        if self.environment.discovering.is_none() {
            let request = metadata::request(&configuration.environment);
            let operation = self.operation();
            self.environment.discovering = Some(operation);
            self.effects.push(Effect::Send(operation, request));
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
                    self.keep_endpoints(&metadata, body);
                }
                let since = self.now.monotonic;
                self.environment.metadata = Some(Known { value: metadata, since });
                self.attempt_discovered();
                self.refresh_discovered();
                self.invitation_discovered();
            }
            Err(problem) => {
                let now = self.now.monotonic;
                self.environment.left_alone_until = retry_after.map(|wait| now.after(wait));
                self.attempt_not_discovered(&problem);
                self.refresh_not_discovered(problem, retry_after);
                self.invitation_not_discovered();
            }
        }
    }

    /// Asks for the time past every cache, unless that is under way.
    pub(super) fn ask_time(&mut self) {
        let Some(configuration) = &self.configuration else { return };
        if self.environment.asking_time.is_none() {
            let request = metadata::time_request(&configuration.environment);
            let operation = self.operation();
            self.environment.asking_time = Some(operation);
            self.environment.clock.asking(self.now.monotonic);
            self.effects.push(Effect::Send(operation, request));
        }
    }

    /// The environment has said how late it is, or has not: then this computer's clock is the best there is.
    fn time_asked(&mut self) {
        self.attempt_time_asked();
        self.verify_invitations();
    }

    /// For a start at which the environment cannot be asked.
    pub(super) fn keep_endpoints(&mut self, metadata: &Metadata, description: Zeroizing<Vec<u8>>) {
        let known = self.environment.kept.as_ref() == Some(metadata);
        if !known && !self.in_memory && description.len() <= metadata::LONGEST_KEPT {
            self.environment.kept = Some(metadata.clone());
            self.store(Slot::Endpoints, description);
        }
    }

    pub(super) fn fetch_keys(&mut self) {
        if self.environment.fetching_keys.is_some() {
            return;
        }
        let Some(request) = self.environment.last_good_metadata().map(keys::request) else {
            return;
        };
        let operation = self.operation();
        self.environment.fetching_keys = Some(operation);
        self.effects.push(Effect::Send(operation, request));
    }

    pub(super) fn keys_fetched(&mut self, outcome: HttpOutcome) {
        if let Ok(keys) = KeySet::read(outcome) {
            self.environment.keys = Some(Known { value: keys, since: self.now.monotonic });
        }
        self.verify_sign_in();
        self.verify_refresh();
        self.verify_invitations();
    }

    pub(super) fn operation(&mut self) -> Operation {
        self.operations += 1;
        Operation((self.number << OPERATIONS) + self.operations)
    }

    pub(super) fn store(&mut self, slot: Slot, bytes: Zeroizing<Vec<u8>>) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::Store(operation, self.entry(slot), bytes));
        operation
    }

    pub(super) fn clear(&mut self, slot: Slot) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::Clear(operation, self.entry(slot), None));
        operation
    }

    pub(super) fn entry(&self, slot: Slot) -> Entry {
        Entry { account: self.key.clone().unwrap_or_default(), slot }
    }

    pub(super) fn open_browser(&mut self, url: Url) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::OpenBrowser(operation, url));
        operation
    }

    /// The time, by each clock that may be right.
    pub(super) fn clocks(&self) -> Clocks {
        Clocks { environment: self.environment.clock.time(self.now), own: self.now.wall }
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
        self.attempt = Attempt::None;
        self.clear(Slot::SignIn);
        self.session.sign_in_failed(problem);
    }
}

#[cfg(feature = "testing")]
impl Account {
    pub(super) fn number(&self) -> u64 {
        self.number
    }
}
