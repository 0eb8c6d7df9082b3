//! The situation of each account of a machine, and the projection of the state that determines its behavior.

use crate::fingerprint::Fingerprint;
use crate::session::{
    account::Account,
    event::{Event, Operation},
    machine::Machine,
    projection::{Projection, journal},
    state::{
        lock::{Lock, WaitingFor},
        login_prompt::LoginPrompt,
        refresh::{Delay, EndNotice, Refresh},
        session::{PendingDeletion, Session, SignedIn},
        sign_in::{Browser, Loopback, SignInAttempt},
    },
};

/// The modes of an account.
pub const MODES: [&str; 4] = ["stored", "in memory", "no lock", "left"];

/// The situation of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Situation {
    /// The number of the account, which its operations contain.
    pub account: u64,
    /// One of [`SESSIONS`](crate::session::SESSIONS).
    pub session: &'static str,
    /// One of [`ATTEMPTS`](crate::session::ATTEMPTS), if there is one.
    pub attempt: Option<&'static str>,
    /// One of [`MODES`].
    pub mode: &'static str,
}

impl Machine {
    /// Projects all state that determines the machine's behavior.
    pub fn project(&self, onto: &mut Projection<'_>) {
        for account in std::iter::once(&self.current).chain(&self.left) {
            account.project(onto);
        }
    }

    /// The situations of its accounts, the current one first.
    pub fn situations(&self) -> impl Iterator<Item = Situation> {
        std::iter::once(&self.current).chain(&self.left).map(Account::situation)
    }

    /// The situations of the accounts that [`step`](Self::step) dispatches this event to.
    pub fn situations_reached_by(&self, event: &Event) -> impl Iterator<Item = Situation> {
        let requested = event.operation().map(Operation::account);
        let all = matches!(event, Event::TimerFired | Event::Link(_) | Event::Configured(_));
        let current = self.current.number();
        self.situations().filter(move |situation| match requested {
            Some(account) => situation.account == account,
            None => all || situation.account == current,
        })
    }
}

impl Account {
    fn situation(&self) -> Situation {
        let session = self.session.name();
        let mode = match (self.leaving, self.in_memory, &self.lock) {
            (true, ..) => "left",
            (false, true, _) => "in memory",
            (false, false, Lock::Missing) => "no lock",
            (false, false, Lock::Free | Lock::Requested(..) | Lock::Held(_) | Lock::Failed(..)) => {
                "stored"
            }
        };
        Situation { account: self.number(), session, attempt: self.attempt.name(), mode }
    }

    fn project(&self, onto: &mut Projection<'_>) {
        let Situation { session, attempt, mode, .. } = self.situation();
        onto.word(format_args!("[{:?} {session} {attempt:?} {mode}", self.key));
        onto.word(format_args!("{:?}", self.network));
        let preference =
            self.configuration.as_ref().map(|one| (one.sign_in_wait, one.services.len()));
        onto.word(format_args!("{preference:?}"));
        self.provider.project(onto);
        self.session.project(onto);
        self.attempt.project(onto);
        onto.word(format_args!("{:?}", self.stored_sign_ins));
        match &self.login_prompt {
            LoginPrompt::None => {}
            LoginPrompt::Unverified(_) => onto.word(format_args!("asks")),
            LoginPrompt::Verified(_) => onto.word(format_args!("asks for")),
        }
        match &self.lock {
            Lock::Free | Lock::Missing => onto.word(format_args!("free")),
            Lock::Failed(retry_at, failures) => {
                onto.word(format_args!("failed {failures}"));
                onto.moment(retry_at.unwrap_or_default());
            }
            Lock::Requested(operation, failures) => {
                onto.word(format_args!("asked {failures}"));
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
        self.dropped.iter().for_each(|dropped| onto.operation(dropped.operation()));
        let (links, taken) = (self.early_links.iter().count(), self.links_problem.is_some());
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
            Self::SigningOut { clearing, scope, .. } => {
                onto.operation(*clearing);
                onto.word(format_args!("{scope:?}"));
            }
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
        self.saved.project(onto);
        onto.word(format_args!("{:?}", self.problem.as_ref().map(|problem| problem.code)));
        self.refreshes.project(onto);
        if let Some(end) = self.announced_end {
            onto.moment(end.deadline());
            onto.word(format_args!("{}", end.notice().is_some()));
        }
        self.refusals.project(onto);
        self.page.project(onto);
    }
}

impl Refresh {
    fn project(&self, onto: &mut Projection<'_>) {
        match self {
            Self::Scheduled { at, .. } => onto.moment(*at),
            Self::Impossible { at, notice, .. } => {
                onto.moment(*at);
                match notice {
                    EndNotice::DueAt(due) => onto.moment(*due),
                    EndNotice::Given => onto.word(format_args!("given")),
                }
            }
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
            Self::Paused(Some(Delay { at, problem, accepts_retry_hint }))
            | Self::Delayed { at, problem, accepts_retry_hint, .. } => {
                onto.moment(*at);
                onto.word(format_args!("{:?} {accepts_retry_hint}", problem.code));
            }
        }
    }
}

impl SignInAttempt {
    fn project(&self, onto: &mut Projection<'_>) {
        let Some(pending) = self.pending() else { return };
        onto.word(format_args!("{:?}", Fingerprint::of_nonce(&pending.binding.nonce)));
        onto.word(format_args!("{:?}", pending.stored_as));
        onto.moment(pending.deadline);
        match &pending.loopback {
            Loopback::Unused => {}
            Loopback::Starting(operation, binding) => {
                onto.operation(*operation);
                onto.word(format_args!("{:?}", Fingerprint::of_nonce(&binding.nonce)));
            }
            Loopback::Listening(request) => {
                onto.operation(request.operation);
                onto.word(format_args!("{:?}", Fingerprint::of_nonce(&request.binding.nonce)));
            }
            Loopback::Failed(_) => onto.word(format_args!("no loopback")),
        }
        onto.word(format_args!("{:?}", pending.pasted.as_ref().map(|one| one.code)));
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
