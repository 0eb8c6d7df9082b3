//! The session: one owner, one pure function.
//!
//! [`Machine::step`] takes what happened and the time, and says what to do about it. It performs
//! nothing, reads no clock and draws no random number, so the window, a test, a simulated fleet
//! and a crash at any step all drive the same function.
//!
//! Two things go on side by side: the session, and an attempt to sign in. An attempt replaces the
//! session only when it is complete and verified. Before an attempt that began outside the program
//! stands a question to the person.

mod attempt;
mod backoff;
#[cfg(feature = "broken")]
mod breakage;
mod budget;
mod callers;
mod environment;
mod event;
mod invitation;
mod keeping;
mod presentation;
mod reasons;
mod renewal;
mod renewed;
mod session;
mod sign_out;
mod start;
#[cfg(test)]
mod tests;
mod turn;

use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

#[cfg(feature = "broken")]
pub use breakage::Breakage;
pub use callers::{Caller, NoAccessToken};
pub use event::{Effect, Event, KeychainFailure, Operation};

use crate::{
    answer::HttpOutcome,
    callback::{self, Link},
    configuration::Configuration,
    journal::{Ended, Fingerprint, Journal, SessionId},
    keys::{self, KeySet},
    metadata::{self, Metadata},
    problem::Problem,
    record::Slot,
    time::{Monotonic, Now},
    view::SessionView,
};
use attempt::Attempt;
use callers::Waiting;
use environment::{Environment, Known};
use invitation::{Invitation, Letters};
use reasons::links_taken;
use session::Session;
use turn::Lock;

/// Links that arrive before the keychain has been read wait; no more than these.
const MOST_EARLY_LINKS: usize = 8;

/// The session machine.
pub struct Machine {
    configuration: Option<Configuration>,
    environment: Environment,
    session: Session,
    attempt: Attempt,
    invitation: Invitation,
    letters: Letters,
    lock: Lock,
    /// As it was read in this turn.
    journal: Journal,
    ended: Ended,
    callers: Vec<Waiting>,
    /// The person has agreed that nothing is kept.
    in_memory: bool,
    /// Another program gets the links, and the person has not read of it yet.
    links_taken: Option<Problem>,
    early_links: Vec<Zeroizing<Vec<u8>>>,
    operations: u64,
    jitter: u64,
    now: Now,
    effects: Vec<Effect>,
    published: Option<SessionView>,
    wakes_at: Option<Monotonic>,
    #[cfg(feature = "broken")]
    breakage: Option<Breakage>,
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
use broken;

impl Machine {
    /// A machine that has not been told its configuration yet. `seed` spreads the renewals of many
    /// desktops over time; it need not be secret.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            configuration: None,
            environment: Environment::default(),
            session: Session::AwaitingSettings,
            attempt: Attempt::None,
            invitation: Invitation::None,
            letters: Letters::default(),
            lock: Lock::Free,
            journal: Journal::default(),
            ended: Ended::default(),
            callers: Vec::new(),
            in_memory: false,
            links_taken: None,
            early_links: Vec::new(),
            operations: 0,
            jitter: seed | 1,
            now: Now::default(),
            effects: Vec::new(),
            published: None,
            wakes_at: None,
            #[cfg(feature = "broken")]
            breakage: None,
        }
    }

    /// A machine that is broken on purpose.
    #[cfg(feature = "broken")]
    #[must_use]
    pub fn broken(seed: u64, breakage: Breakage) -> Self {
        Self { breakage: Some(breakage), ..Self::new(seed) }
    }

    /// Moves on: what happened, when, and what to do about it.
    pub fn step(&mut self, event: Event, now: Now) -> Vec<Effect> {
        self.now = now;
        match event {
            Event::Configured(configuration) => self.configured(configuration),
            Event::SignIn { intent, entropy } => self.begin_sign_in(intent, &entropy),
            Event::AcceptInvitation { question, entropy } => {
                self.accept_invitation(question, &entropy);
            }
            Event::DeclineInvitation { question } => self.decline_invitation(question),
            Event::CancelSignIn => self.cancel_sign_in(),
            Event::OpenBrowserAgain => self.open_browser_again(),
            Event::Renew => self.renew(),
            Event::SignOut { entropy } => self.sign_out(&entropy),
            Event::Retry => self.retry(),
            Event::GoOnWithoutKeychain => self.go_on_without_keychain(),
            Event::Dismiss => self.dismiss(),
            Event::Link(link) => self.link(link),
            Event::Answered(operation, outcome) => self.answered(operation, outcome),
            Event::Nudged => self.nudged(),
            Event::LinksGoTo(other) => self.links_taken = other.map(links_taken),
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
            Event::Woke => {}
        }
        // Whatever happened, a deadline that has passed has passed: a late timer loses nothing.
        self.attempt_deadline();
        self.invitation_deadline();
        self.session_deadlines();
        self.serve_callers();
        self.keep_turn();
        self.publish();
        std::mem::take(&mut self.effects)
    }

    /// The address the browser was opened at, while a sign-in waits for it. For the person's
    /// clipboard, never for the webview or a log.
    #[must_use]
    pub fn sign_in_link(&self) -> Option<Url> {
        let pending = self.attempt.waiting()?;
        pending.authorization_url(self.configuration.as_ref()?, self.environment.metadata()?)
    }

    /// Names the session and the refresh token in hand, for whoever watches; neither gives anything away.
    #[must_use]
    pub fn in_hand(&self) -> Option<(SessionId, Option<Fingerprint>)> {
        let record = self.session.record()?;
        Some((record.session.clone(), record.refresh_token.as_ref().map(Fingerprint::of)))
    }

    /// Whether nothing is between being sent and being kept, so that the program may end.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.session.is_at_rest()
    }

    fn configured(&mut self, configuration: Option<Configuration>) {
        let first = matches!(self.session, Session::AwaitingSettings);
        if self.configuration == configuration && !first {
            return;
        }
        self.configuration = configuration;
        self.environment = Environment::default();
        self.attempt = Attempt::None;
        self.withdraw_invitation();
        // The lock is one of the settings before; one that is on its way is given back when it comes.
        self.give_turn_back();
        self.in_memory = false;
        self.load_session();
    }

    fn link(&mut self, link: Zeroizing<Vec<u8>>) {
        if self.session.is_unread() {
            if self.early_links.len() < MOST_EARLY_LINKS && link.len() <= callback::LONGEST {
                self.early_links.push(link);
            }
            return;
        }
        let Some(configuration) = &self.configuration else { return };
        match callback::read(&link, &configuration.addresses) {
            Ok(Link::Callback(callback)) => self.callback(callback),
            Ok(Link::SignedOut { state }) => self.returned_from_signing_out(state),
            Ok(Link::InitiateLogin(initiation)) => self.initiated(initiation),
            // A link that is not ours changes nothing at all.
            Err(_) => {}
        }
    }

    fn answered(&mut self, operation: Operation, outcome: HttpOutcome) {
        let awaited = [self.environment.discovering, self.environment.fetching_keys]
            .contains(&Some(operation))
            || self.attempt.exchanges(operation)
            || self.session.renews_with(operation);
        if awaited {
            self.environment.hear_time(&outcome, self.now.monotonic);
        }
        if self.environment.discovering == Some(operation) {
            self.environment.discovering = None;
            self.discovered(outcome);
        } else if self.environment.fetching_keys == Some(operation) {
            self.environment.fetching_keys = None;
            self.keys_fetched(outcome);
        } else if self.attempt.exchanges(operation) {
            self.code_exchanged(outcome);
        } else if self.session.renews_with(operation) {
            self.renewal_answered(outcome);
        }
    }

    /// Asks for the endpoints unless that is under way. Both an attempt and a renewal may wait for them.
    fn discover(&mut self) {
        let Some(configuration) = &self.configuration else { return };
        if self.environment.discovering.is_none() {
            let request = metadata::request(&configuration.environment);
            let operation = self.operation();
            self.environment.discovering = Some(operation);
            self.effects.push(Effect::Send(operation, request));
        }
    }

    fn discovered(&mut self, outcome: HttpOutcome) {
        let Some(configuration) = &self.configuration else { return };
        let body = outcome.as_ref().ok().map(|answer| answer.body.clone());
        match metadata::read(&configuration.environment, outcome) {
            Ok(metadata) => {
                if let Some(body) = body {
                    self.keep_endpoints(&metadata, body);
                }
                let since = self.now.monotonic;
                self.environment.metadata = Some(Known { value: metadata, since });
                self.attempt_discovered();
                self.renewal_discovered();
                self.invitation_discovered();
            }
            Err(problem) => {
                self.attempt_not_discovered(&problem);
                self.renewal_not_discovered(problem);
                self.invitation_not_discovered();
            }
        }
    }

    /// For a start at which the environment cannot be asked.
    fn keep_endpoints(&mut self, metadata: &Metadata, description: Zeroizing<Vec<u8>>) {
        let known = self.environment.kept.as_ref() == Some(metadata);
        if !known && !self.in_memory && description.len() <= metadata::LONGEST_KEPT {
            self.environment.kept = Some(metadata.clone());
            self.store(Slot::Endpoints, description);
        }
    }

    fn fetch_keys(&mut self) {
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

    fn keys_fetched(&mut self, outcome: HttpOutcome) {
        if let Ok(keys) = KeySet::read(outcome) {
            self.environment.keys = Some(Known { value: keys, since: self.now.monotonic });
        }
        self.verify_sign_in();
        self.verify_renewal();
        self.verify_invitations();
    }

    fn operation(&mut self) -> Operation {
        self.operations += 1;
        Operation(self.operations)
    }

    fn store(&mut self, slot: Slot, bytes: Zeroizing<Vec<u8>>) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::Store(operation, slot, bytes));
        operation
    }

    fn clear(&mut self, slot: Slot) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::Clear(operation, slot));
        operation
    }

    fn open_browser(&mut self, url: Url) -> Operation {
        let operation = self.operation();
        self.effects.push(Effect::OpenBrowser(operation, url));
        operation
    }

    /// The next of some numbers (xorshift) that only have to differ between desktops.
    fn draw(&mut self) -> u64 {
        self.jitter ^= self.jitter << 13;
        self.jitter ^= self.jitter >> 7;
        self.jitter ^= self.jitter << 17;
        self.jitter
    }

    /// A duration spread by ±5 %.
    fn spread(&mut self, duration: Duration) -> Duration {
        let thousandths = u32::try_from(self.draw() % 101).unwrap_or(50);
        duration * (950 + thousandths) / 1000
    }

    /// Shows what has changed, and asks to be woken at the next deadline.
    fn publish(&mut self) {
        let links_taken = self.links_taken.as_ref();
        let view = presentation::view(&self.session, &self.attempt, &self.invitation, links_taken);
        if self.published.as_ref() != Some(&view) {
            self.published = Some(view.clone());
            self.effects.push(Effect::Publish(view));
        }
        let deadlines =
            [self.attempt.deadline(), self.invitation.deadline(), self.session.deadline()];
        let wakes_at = deadlines.into_iter().flatten().min();
        if self.wakes_at != wakes_at {
            self.wakes_at = wakes_at;
            self.effects.push(Effect::WakeAt(wakes_at));
        }
    }

    /// Ends an attempt that went wrong. A session that was there before stays.
    fn sign_in_failed(&mut self, problem: Problem) {
        self.attempt = Attempt::None;
        self.clear(Slot::SignIn);
        self.session.sign_in_failed(problem);
    }
}
