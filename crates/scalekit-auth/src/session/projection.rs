//! What two machines have in common that will do the same: for whoever searches all orders of events and
//! must know where it has been. Secrets are named by fingerprints, moments are told as what is left until
//! then, in a few steps, and operations are named in the order in which they are met.

use std::fmt::{Arguments, Write};

use crate::{
    secret::Secret,
    storage::{
        journal::{EndedSessions, Fingerprint, Journal},
        record::{RecordKind, SessionRecord, SignInRecord},
    },
    time::{Monotonic, Now},
};

use crate::session::{
    Machine, Operation,
    account::Account,
    refresh::{
        backoff::Backoff,
        lock::{Lock, WaitingFor},
        persistence::Persistence,
        schedule::{Delay, Refresh},
    },
    sign_in::{Browser, SignInAttempt, initiation::LoginPrompt},
    state::{PendingDeletion, Session, SignedIn},
};

/// Where a session can be.
pub const SESSIONS: [&str; 17] = [
    "AwaitingSettings",
    "NotConfigured",
    "Starting",
    "Unavailable",
    "SignedOut",
    "SignedIn.Scheduled",
    "SignedIn.AwaitingMetadata",
    "SignedIn.AwaitingLock.Storage",
    "SignedIn.AwaitingLock.Lock",
    "SignedIn.AwaitingLock.Reading",
    "SignedIn.Journaling",
    "SignedIn.Requested",
    "SignedIn.AwaitingKeys",
    "SignedIn.Delayed",
    "SignedIn.Impossible",
    "SignedIn.Paused",
    "SigningOut",
];

/// Where an attempt to sign in can be.
pub const ATTEMPTS: [&str; 6] =
    ["Discovering", "Saving", "AwaitingCallback", "CallbackReceived", "Exchanging", "Verifying"];

/// What an account goes on with.
pub const MODES: [&str; 4] = ["kept", "in memory", "no lock", "left"];

/// Where one account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Situation {
    /// Which account this is: the number that its operations begin with.
    pub account: u64,
    /// One of [`SESSIONS`].
    pub session: &'static str,
    /// One of [`ATTEMPTS`], if there is one.
    pub attempt: Option<&'static str>,
    /// One of [`MODES`].
    pub mode: &'static str,
}

/// What a machine is projected onto.
pub struct Projection<'a> {
    /// The moment from which everything is told.
    pub now: Now,
    text: String,
    name: &'a mut dyn FnMut(Operation) -> usize,
}

impl<'a> Projection<'a> {
    /// An empty one. `name` names the operations.
    pub fn new(now: Now, name: &'a mut dyn FnMut(Operation) -> usize) -> Self {
        Self { now, text: String::with_capacity(512), name }
    }

    /// All of it.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    pub(super) fn word(&mut self, word: Arguments<'_>) {
        // Writing into memory cannot fail.
        let _ = self.text.write_fmt(word);
        self.text.push(' ');
    }

    pub(super) fn operation(&mut self, operation: Operation) {
        let name = (self.name)(operation);
        self.word(format_args!("#{name}"));
    }

    pub(super) fn maybe(&mut self, operation: Option<Operation>) {
        match operation {
            Some(operation) => self.operation(operation),
            None => self.text.push_str("- "),
        }
    }

    pub(super) fn moment(&mut self, at: Monotonic) {
        let left = coarse(at.since(self.now.monotonic).as_millis());
        self.word(format_args!("+{left}"));
    }

    fn past(&mut self, since: Monotonic) {
        let ago = coarse(self.now.monotonic.since(since).as_millis());
        self.word(format_args!("-{ago}"));
    }

    pub(super) fn secret(&mut self, secret: Option<&Secret>) {
        match secret {
            Some(secret) => self.word(format_args!("{:?}", Fingerprint::of(secret))),
            None => self.text.push_str("- "),
        }
    }

    fn backoff(&mut self, backoff: Backoff) {
        self.word(format_args!("x{}", backoff.tries().min(3)));
    }
}

/// A time in milliseconds, in steps that the machine's own times lie between.
#[must_use]
pub fn coarse(milliseconds: u128) -> usize {
    let steps = [0, 1_000, 5_000, 16_000, 30_000, 60_000, 120_000, 300_000, 600_000, 3_600_000];
    steps.iter().take_while(|step| milliseconds > **step).count()
}

/// What is kept in an entry, as far as it makes a difference.
#[must_use]
pub fn kept(kind: RecordKind, bytes: Option<&[u8]>, now: Now) -> String {
    let Some(bytes) = bytes else { return "nothing".to_owned() };
    match kind {
        RecordKind::Session => match SessionRecord::decode(bytes) {
            Ok(record) => {
                let refresh = record.refresh_token.as_ref().map(Fingerprint::of);
                let access = Fingerprint::of(&record.access_token);
                let left = coarse(record.access_token_ends.since(now.wall).as_millis());
                format!("{:?} {} {refresh:?} {access:?} {left}", record.session, record.generation)
            }
            Err(why) => format!("{why:?}"),
        },
        RecordKind::SignIn => match SignInRecord::decode(bytes) {
            Ok(record) => {
                let age = coarse(now.wall.since(record.began).as_millis());
                format!("{:?} {age}", Fingerprint::of_nonce(&record.binding.nonce))
            }
            Err(why) => format!("{why:?}"),
        },
        RecordKind::Journal => journal(&Journal::read(Some(bytes))),
        RecordKind::Ended => format!("{:?}", EndedSessions::read(Some(bytes))),
        RecordKind::Endpoints => bytes.len().to_string(),
    }
}

/// Since when an answer is missing makes no difference.
fn journal(journal: &Journal) -> String {
    let mut value = serde_json::to_value(journal).unwrap_or_default();
    for entry in value.as_array_mut().into_iter().flatten() {
        entry.as_object_mut().map(|entry| entry.remove("since"));
    }
    value.to_string()
}

impl Machine {
    /// Writes down all that makes a difference to what this machine will do.
    pub fn project(&self, onto: &mut Projection<'_>) {
        for account in std::iter::once(&self.current).chain(&self.left) {
            account.project(onto);
        }
    }

    /// Where its accounts are, the current one first.
    pub fn situations(&self) -> impl Iterator<Item = Situation> {
        std::iter::once(&self.current).chain(&self.left).map(Account::situation)
    }
}

impl Account {
    fn situation(&self) -> Situation {
        let session = match &self.session {
            Session::AwaitingSettings => "AwaitingSettings",
            Session::NotConfigured => "NotConfigured",
            Session::Starting(_) => "Starting",
            Session::Unavailable { .. } => "Unavailable",
            Session::SignedOut(_) => "SignedOut",
            Session::SignedIn(signed_in) => signed_in.refresh.name(),
            Session::SigningOut { .. } => "SigningOut",
        };
        let mode = match (self.leaving, self.in_memory, &self.lock) {
            (true, ..) => "left",
            (false, true, _) => "in memory",
            (false, false, Lock::Missing) => "no lock",
            (false, false, Lock::Free | Lock::Asked(_) | Lock::Held(_)) => "kept",
        };
        Situation { account: self.number(), session, attempt: self.attempt.name(), mode }
    }

    fn project(&self, onto: &mut Projection<'_>) {
        let Situation { session, attempt, mode, .. } = self.situation();
        onto.word(format_args!("[{:?} {session} {attempt:?} {mode}", self.key));
        let preference =
            self.configuration.as_ref().map(|one| (one.sign_in_wait, one.services.len()));
        onto.word(format_args!("{preference:?}"));
        self.provider.project(onto);
        self.session.project(onto);
        self.attempt.project(onto);
        match &self.invitation {
            LoginPrompt::None => {}
            LoginPrompt::Unverified(_) => onto.word(format_args!("asks")),
            LoginPrompt::Verified(_) => onto.word(format_args!("asks for")),
        }
        match &self.lock {
            Lock::Free | Lock::Missing => onto.word(format_args!("free")),
            Lock::Asked(operation) => {
                onto.word(format_args!("asked"));
                onto.operation(*operation);
            }
            Lock::Held(operation) => {
                onto.word(format_args!("held"));
                onto.operation(*operation);
            }
        }
        onto.word(format_args!("{} {:?}", journal(&self.journal), self.ended));
        self.token_requests.iter().for_each(|waiting| waiting.project(onto));
        self.tombstone_writes.iter().for_each(|note| note.project(onto));
        let (links, taken) = (self.early_links.iter().count(), self.links_taken.is_some());
        onto.word(format_args!("{links} {taken} {:?}", self.clearing));
        onto.backoff(self.reading);
        onto.word(format_args!("]"));
    }
}

impl Session {
    fn project(&self, onto: &mut Projection<'_>) {
        match self {
            Self::AwaitingSettings | Self::NotConfigured => {}
            Self::Starting(readings) => readings.project(onto),
            Self::Unavailable { problem, retry } => {
                onto.word(format_args!("{:?}", problem.code));
                if let Some((at, backoff)) = retry {
                    onto.moment(*at);
                    onto.backoff(*backoff);
                }
            }
            Self::SignedOut(signed_out) => {
                let code = signed_out.problem.as_ref().map(|problem| problem.code);
                onto.word(format_args!("{:?} {code:?}", signed_out.reason));
                onto.maybe(signed_out.returning.as_ref().map(|returning| returning.opening));
                match &signed_out.uncleared {
                    None => {}
                    Some(PendingDeletion::Clearing(operation, backoff)) => {
                        onto.operation(*operation);
                        onto.backoff(*backoff);
                    }
                    Some(PendingDeletion::RetryAt(at, backoff)) => {
                        onto.moment(*at);
                        onto.backoff(*backoff);
                    }
                }
            }
            Self::SignedIn(signed_in) => signed_in.project(onto),
            Self::SigningOut { clearing, .. } => onto.operation(*clearing),
        }
    }
}

impl SignedIn {
    fn project(&self, onto: &mut Projection<'_>) {
        let record = &self.record;
        onto.word(format_args!("{:?} {}", record.session, record.generation));
        onto.secret(record.refresh_token.as_ref());
        onto.secret(Some(&record.access_token));
        onto.word(format_args!("{}", record.profile.subject));
        onto.moment(self.access_token_ends);
        self.refresh.project(onto);
        match &self.saved {
            Persistence::Stored => onto.word(format_args!("yes")),
            Persistence::InMemory => onto.word(format_args!("in memory")),
            Persistence::Overdue => onto.word(format_args!("overdue")),
            Persistence::Unsaved(since) => onto.past(*since),
            Persistence::Dirty => onto.word(format_args!("dirty")),
            Persistence::Storing(operation) => onto.operation(*operation),
            Persistence::Failed { retry_at, problem } => {
                onto.moment(*retry_at);
                onto.word(format_args!("{:?}", problem.code));
            }
        }
        let code = |problem: &Option<crate::problem::Problem>| problem.as_ref().map(|one| one.code);
        onto.word(format_args!("{:?} {:?}", code(&self.problem), code(&self.refused)));
        onto.backoff(self.refreshing);
        onto.backoff(self.saving);
        onto.maybe(self.journaling);
        onto.word(format_args!("{} {}", self.lost.min(3), self.refused_in_a_row.min(3)));
        self.refusals.project(onto);
    }
}

impl Refresh {
    fn name(&self) -> &'static str {
        match self {
            Self::Scheduled { .. } => "SignedIn.Scheduled",
            Self::AwaitingMetadata => "SignedIn.AwaitingMetadata",
            Self::AwaitingLock(WaitingFor::Storage) => "SignedIn.AwaitingLock.Storage",
            Self::AwaitingLock(WaitingFor::Lock(_)) => "SignedIn.AwaitingLock.Lock",
            Self::AwaitingLock(WaitingFor::Reading(_)) => "SignedIn.AwaitingLock.Reading",
            Self::Journaling(..) => "SignedIn.Journaling",
            Self::Requested(..) => "SignedIn.Requested",
            Self::AwaitingKeys(..) => "SignedIn.AwaitingKeys",
            Self::Delayed { .. } => "SignedIn.Delayed",
            Self::Impossible { .. } => "SignedIn.Impossible",
            Self::Paused(_) => "SignedIn.Paused",
        }
    }

    fn project(&self, onto: &mut Projection<'_>) {
        match self {
            Self::Scheduled { at, .. } | Self::Impossible { at, .. } => onto.moment(*at),
            Self::AwaitingMetadata
            | Self::AwaitingLock(WaitingFor::Storage)
            | Self::Paused(None) => {}
            Self::AwaitingLock(WaitingFor::Lock(since)) => onto.past(*since),
            Self::AwaitingLock(WaitingFor::Reading(readings)) => readings.project(onto),
            Self::Journaling(operation, lost) | Self::Requested(operation, lost) => {
                onto.operation(*operation);
                onto.word(format_args!("{}", (*lost).min(3)));
            }
            Self::AwaitingKeys(response, refetched) => {
                onto.secret(Some(&response.access_token));
                onto.word(format_args!("{refetched}"));
            }
            Self::Paused(Some(Delay { at, problem, may_be_nudged }))
            | Self::Delayed { at, problem, may_be_nudged, .. } => {
                onto.moment(*at);
                onto.word(format_args!("{:?} {may_be_nudged}", problem.code));
            }
        }
    }
}

impl SignInAttempt {
    fn name(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Discovering(_) => Some("Discovering"),
            Self::Saving(..) => Some("Saving"),
            Self::AwaitingCallback(..) => Some("AwaitingCallback"),
            Self::CallbackReceived(..) => Some("CallbackReceived"),
            Self::Exchanging(..) => Some("Exchanging"),
            Self::Verifying(..) => Some("Verifying"),
        }
    }

    fn project(&self, onto: &mut Projection<'_>) {
        let Some(pending) = self.pending() else { return };
        onto.word(format_args!("{:?}", Fingerprint::of_nonce(&pending.binding.nonce)));
        onto.moment(pending.deadline);
        match self {
            Self::None | Self::Discovering(_) | Self::CallbackReceived(..) => {}
            Self::Saving(_, operation) | Self::Exchanging(_, operation) => {
                onto.operation(*operation);
            }
            Self::AwaitingCallback(_, browser) => match browser {
                Browser::Opening(operation) => onto.operation(*operation),
                Browser::Opened => onto.word(format_args!("opened")),
                Browser::Failed(_) => onto.word(format_args!("failed")),
                Browser::Wanted => onto.word(format_args!("wanted")),
            },
            Self::Verifying(_, response, refetched) => {
                onto.secret(Some(&response.access_token));
                onto.word(format_args!("{refetched}"));
            }
        }
    }
}
