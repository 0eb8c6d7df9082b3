//! The persistence of the session: what is stored of it, what is being written, and the retries of a failed write.

use std::time::Duration;

use crate::session::{
    event::{KeychainError, Operation},
    state::{backoff::Backoff, lock::LOCK_WAIT_NOTICE},
};
use crate::{
    fingerprint::SessionId,
    problem::{Problem, ProblemCode},
    time::Monotonic,
    view::Stored,
};

/// Whether the present record and the journal are stored.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Persistence {
    state: State,
    /// Consecutive failures to write the record.
    backoff: Backoff,
    /// The journal entry is being removed after a request that was certainly not processed.
    journaling: Option<Operation>,
    /// The sessions that this one replaces, whose record the keychain may hold until this one is stored. They get
    /// tombstones then: a crash before would leave only them.
    replaced: Vec<SessionId>,
}

/// Whether the present record is stored in the keychain.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone))]
enum State {
    #[default]
    Stored,
    /// The session is not stored, as the user has agreed.
    InMemory,
    /// The write waits for the lock since this time.
    Unsaved(Monotonic),
    /// The same, for so long that the user has been informed.
    Overdue,
    /// Changed in this step, which ends with one store for all changes.
    Dirty,
    Storing(Operation),
    Failed {
        retry_at: Monotonic,
        /// The problem that the user is shown.
        problem: Problem,
    },
}

/// How a changed record is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SaveMode {
    /// Not at all, as the user has agreed.
    InMemory,
    /// At the end of the step.
    WithLock,
    /// When the lock is acquired, for which it waits from this time.
    WithoutLock(Monotonic),
}

/// What precedes a refresh. OAuth 2.1 §4.3.2: no further token is requested before the previous one is stored, or a
/// crash loses both.
#[derive(Debug, PartialEq)]
pub(crate) enum BeforeRefresh {
    /// Nothing: no other process can have a session that is not stored.
    Nothing,
    /// The stored entries are read again under the lock.
    Reload,
    /// The present record is stored.
    Store,
    /// A delay, as the present record cannot be stored.
    Delay(Problem),
}

/// Whether this problem is that the session cannot be stored.
pub(crate) fn is_about_saving(code: ProblemCode) -> bool {
    matches!(code, ProblemCode::NotSaved | ProblemCode::SaveBlocked | ProblemCode::KeychainNotSetUp)
}

impl Persistence {
    /// Of a stored record that replaces these sessions.
    pub(crate) fn replacing(replaced: Vec<SessionId>) -> Self {
        Self { replaced, ..Self::default() }
    }

    /// The record was changed.
    pub(crate) fn changed(&mut self, mode: SaveMode) {
        self.state = match mode {
            SaveMode::InMemory => State::InMemory,
            SaveMode::WithLock => State::Dirty,
            SaveMode::WithoutLock(now) => State::Unsaved(now),
        };
    }

    /// Whether the record is to be written in this step.
    pub(crate) fn is_dirty(&self) -> bool {
        matches!(self.state, State::Dirty)
    }

    /// The record is being written by this operation.
    pub(crate) fn storing(&mut self, operation: Operation) {
        self.state = State::Storing(operation);
    }

    /// The result of this write, if it is the pending one: the problem that the user is shown.
    pub(crate) fn written(
        &mut self,
        operation: Operation,
        outcome: Result<(), KeychainError>,
        now: Monotonic,
        rng: u64,
    ) -> Option<Result<(), Problem>> {
        if !matches!(self.state, State::Storing(storing) if storing == operation) {
            return None;
        }
        let Err(failure) = outcome else {
            self.state = State::Stored;
            self.backoff = Backoff::default();
            return Some(Ok(()));
        };
        let (problem, retry_at) = (failure.save_problem(), now.after(self.backoff.next(rng)));
        self.state = State::Failed { retry_at, problem: problem.clone() };
        Some(Err(problem))
    }

    /// The journal entry is being removed by this operation.
    pub(crate) fn journaling(&mut self, operation: Operation) {
        self.journaling = Some(operation);
    }

    /// This journal entry was written, or the write has failed.
    pub(crate) fn journal_written(&mut self, operation: Operation) {
        self.journaling.take_if(|journaling| *journaling == operation);
    }

    /// The sessions that this one replaces, which get tombstones now.
    pub(crate) fn take_replaced(&mut self) -> Vec<SessionId> {
        std::mem::take(&mut self.replaced)
    }

    /// The sessions that this one replaces.
    pub(crate) fn replaced(&self) -> &[SessionId] {
        &self.replaced
    }

    /// Whether an operation in progress excludes other processes. The session's entry is written only under the lock,
    /// which is held until the write has completed. `gives_back_early` is a seeded bug.
    pub(crate) fn needs_lock(&self, gives_back_early: bool) -> bool {
        let is_written = gives_back_early && matches!(self.state, State::Storing(_));
        self.journaling.is_some() || !(self.is_settled() || is_written)
    }

    /// Whether the write waits for the lock.
    pub(crate) fn awaits_lock(&self) -> bool {
        matches!(self.state, State::Unsaved(_) | State::Overdue)
    }

    pub(crate) fn before_refresh(&self) -> BeforeRefresh {
        match &self.state {
            State::InMemory => BeforeRefresh::Nothing,
            State::Stored => BeforeRefresh::Reload,
            State::Unsaved(_) | State::Dirty | State::Storing(_) => BeforeRefresh::Store,
            State::Overdue => BeforeRefresh::Delay(Problem::new(ProblemCode::SaveBlocked)),
            State::Failed { problem, .. } => {
                BeforeRefresh::Delay(Problem { detail: None, ..problem.clone() })
            }
        }
    }

    /// Whether nothing of the record is left to be written.
    pub(crate) fn is_settled(&self) -> bool {
        matches!(self.state, State::Stored | State::InMemory)
    }

    pub(crate) fn is_stored(&self) -> bool {
        matches!(self.state, State::Stored)
    }

    /// Whether the record is stored and the journal needs no write.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_stored() && self.journaling.is_none()
    }

    pub(crate) fn is_in_memory(&self) -> bool {
        matches!(self.state, State::InMemory)
    }

    /// Whether the record is being written, or will be at the end of this step.
    pub(crate) fn is_being_stored(&self) -> bool {
        matches!(self.state, State::Dirty | State::Storing(_))
    }

    /// Whether the keychain has refused the record.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.state, State::Failed { .. })
    }

    /// Whether the record is not stored, and the user was informed.
    pub(crate) fn is_reported(&self) -> bool {
        matches!(self.state, State::Overdue | State::Failed { .. })
    }

    /// RFC 9700 §4.14.2: no caller gets a new access token before the new refresh token is stored, or is known
    /// to stay in this process.
    pub(crate) fn lets_tokens_out(&self) -> bool {
        !self.is_pending()
    }

    /// Whether a write is pending.
    pub(crate) fn is_pending(&self) -> bool {
        match self.state {
            State::Unsaved(_) | State::Dirty | State::Storing(_) => true,
            State::Stored | State::InMemory | State::Overdue | State::Failed { .. } => false,
        }
    }

    pub(crate) fn deadline(&self) -> Option<Monotonic> {
        match self.state {
            State::Failed { retry_at, .. } => Some(retry_at),
            State::Unsaved(since) => Some(since.after(LOCK_WAIT_NOTICE)),
            State::Stored | State::InMemory | State::Overdue | State::Dirty | State::Storing(_) => {
                None
            }
        }
    }

    /// Whether a failed write is to be repeated within this time.
    pub(crate) fn is_retried_within(&self, time: Duration, now: Monotonic) -> bool {
        matches!(self.state, State::Failed { retry_at, .. } if retry_at.since(now) <= time)
    }

    /// The problem, once, of a write that has waited so long for the lock that the user is to be informed.
    pub(crate) fn overdue(&mut self, now: Monotonic) -> Option<Problem> {
        let is_overdue =
            matches!(self.state, State::Unsaved(since) if since.after(LOCK_WAIT_NOTICE) <= now);
        is_overdue.then(|| {
            self.state = State::Overdue;
            Problem::new(ProblemCode::SaveBlocked)
        })
    }

    pub(crate) fn for_view(&self) -> Stored {
        match self.state {
            State::Stored => Stored::Yes,
            State::Unsaved(_) | State::Dirty | State::Storing(_) => Stored::Saving,
            State::Overdue | State::Failed { .. } => Stored::No,
            State::InMemory => Stored::InMemory,
        }
    }
}

#[cfg(feature = "testing")]
impl Persistence {
    pub(crate) fn project(&self, onto: &mut crate::session::projection::Projection<'_>) {
        match &self.state {
            State::Stored => onto.word(format_args!("yes")),
            State::InMemory => onto.word(format_args!("in memory")),
            State::Overdue => onto.word(format_args!("overdue")),
            State::Unsaved(since) => onto.past(*since),
            State::Dirty => onto.word(format_args!("dirty")),
            State::Storing(operation) => onto.operation(*operation),
            State::Failed { retry_at, problem } => {
                onto.moment(*retry_at);
                onto.word(format_args!("{:?}", problem.code));
            }
        }
        onto.backoff(self.backoff);
        onto.maybe(self.journaling);
        onto.word(format_args!("{:?}", self.replaced));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Monotonic {
        Monotonic(Duration::from_secs(seconds))
    }

    fn saved(state: State) -> Persistence {
        Persistence { state, ..Persistence::default() }
    }

    fn failed() -> Persistence {
        let mut saved = saved(State::Storing(Operation(2)));
        let outcome = Err(KeychainError::Failed("why".to_owned()));
        let problem = saved.written(Operation(2), outcome, at(9), 1000);
        assert!(matches!(problem, Some(Err(problem)) if problem.code == ProblemCode::NotSaved));
        saved
    }

    /// Each state, and its name.
    fn all() -> [(&'static str, Persistence); 7] {
        [
            ("stored", saved(State::Stored)),
            ("in memory", saved(State::InMemory)),
            ("unsaved", saved(State::Unsaved(at(9)))),
            ("overdue", saved(State::Overdue)),
            ("dirty", saved(State::Dirty)),
            ("storing", saved(State::Storing(Operation(2)))),
            ("failed", failed()),
        ]
    }

    fn those(is: impl Fn(&Persistence) -> bool) -> Vec<&'static str> {
        all().into_iter().filter(|(_, saved)| is(saved)).map(|(name, _)| name).collect()
    }

    #[test]
    fn persistence_is_stored_by_the_write_that_is_awaited() {
        let mut saved = Persistence::default();
        saved.changed(SaveMode::WithLock);
        assert!(saved.is_dirty());
        saved.storing(Operation(2));
        assert!(saved.written(Operation(1), Ok(()), at(9), 0).is_none());
        assert!(!saved.is_stored());
        assert!(matches!(saved.written(Operation(2), Ok(()), at(9), 0), Some(Ok(()))));
        assert!(saved.is_stored());
    }

    #[test]
    fn persistence_is_retried_after_failed_write() {
        let saved = failed();
        assert_eq!(saved.deadline(), Some(at(10)));
        let within = |seconds| saved.is_retried_within(Duration::from_secs(seconds), at(5));
        assert_eq!([4, 5].map(within), [false, true]);
    }

    #[test]
    fn persistence_backoff_grows_until_a_write_succeeds() {
        let mut saved = failed();
        saved.storing(Operation(3));
        let _ = saved.written(Operation(3), Err(KeychainError::Slow), at(10), 1000);
        assert_eq!(saved.deadline(), Some(at(12)));
        saved.storing(Operation(4));
        let _ = saved.written(Operation(4), Ok(()), at(12), 1000);
        saved.storing(Operation(5));
        let _ = saved.written(Operation(5), Err(KeychainError::Slow), at(12), 1000);
        assert_eq!(saved.deadline(), Some(at(13)));
    }

    #[test]
    fn persistence_is_overdue_once_after_15s_without_lock() {
        let mut saved = Persistence::default();
        saved.changed(SaveMode::WithoutLock(at(100)));
        let found = [114, 115, 116].map(|now| saved.overdue(at(now)).map(|problem| problem.code));
        assert_eq!(found, [None, Some(ProblemCode::SaveBlocked), None]);
    }

    #[test]
    fn persistence_answers_by_state() {
        assert_eq!(those(Persistence::is_settled), ["stored", "in memory"]);
        assert_eq!(those(Persistence::is_in_memory), ["in memory"]);
        assert_eq!(those(Persistence::awaits_lock), ["unsaved", "overdue"]);
        assert_eq!(those(Persistence::is_being_stored), ["dirty", "storing"]);
        assert_eq!(those(Persistence::is_refused), ["failed"]);
        assert_eq!(those(Persistence::is_reported), ["overdue", "failed"]);
        assert_eq!(those(Persistence::is_pending), ["unsaved", "dirty", "storing"]);
        let let_out = ["stored", "in memory", "overdue", "failed"];
        assert_eq!(those(Persistence::lets_tokens_out), let_out);
        let need_lock = ["unsaved", "overdue", "dirty", "storing", "failed"];
        assert_eq!(those(|saved| saved.needs_lock(false)), need_lock);
        let shown = |stored| those(move |saved| saved.for_view() == stored);
        assert_eq!(shown(Stored::Saving), ["unsaved", "dirty", "storing"]);
        assert_eq!(shown(Stored::No), ["overdue", "failed"]);
        assert_eq!(shown(Stored::InMemory), ["in memory"]);
    }

    #[test]
    fn refresh_is_preceded_by_what_the_state_needs() {
        let before = |wanted: BeforeRefresh| those(move |saved| saved.before_refresh() == wanted);
        assert_eq!(before(BeforeRefresh::Nothing), ["in memory"]);
        assert_eq!(before(BeforeRefresh::Reload), ["stored"]);
        assert_eq!(before(BeforeRefresh::Store), ["unsaved", "dirty", "storing"]);
        let delayed = |code| before(BeforeRefresh::Delay(Problem::new(code)));
        assert_eq!(delayed(ProblemCode::SaveBlocked), ["overdue"]);
        assert_eq!(delayed(ProblemCode::NotSaved), ["failed"], "without its detail");
    }

    #[test]
    fn journal_write_needs_the_lock_until_it_is_complete() {
        let mut saved = Persistence::default();
        saved.journaling(Operation(1));
        saved.journal_written(Operation(2));
        assert!(saved.needs_lock(false) && saved.is_stored() && !saved.is_complete());
        saved.journal_written(Operation(1));
        assert!(!saved.needs_lock(false) && saved.is_complete());
    }

    #[test]
    fn replaced_sessions_are_taken_once() {
        let sessions = vec![SessionId::default()];
        let mut saved = Persistence::replacing(sessions.clone());
        assert_eq!(saved.replaced(), sessions);
        assert_eq!(saved.take_replaced(), sessions);
        assert!(saved.replaced().is_empty());
    }
}
