//! The cross-process lock: one process at a time may send the refresh token and write the session.
//!
//! The operating system releases the lock when its holder exits. A process that acquires it first reads the
//! stored session again: another process may have refreshed it meanwhile, or signed out.

use crate::{
    problem::{Problem, ProblemCode},
    storage::record::RecordKind,
};

use crate::session::{
    account::{Account, has_bug},
    event::{Effect, LockError, Operation},
    state::{
        lock::{Lock, LockAction, Readings, WaitingFor},
        persistence::Persistence,
        refresh::Refresh,
        session::Session,
    },
};

impl Session {
    /// Whether an operation in progress excludes other processes. The session's entry is written only under the
    /// lock, which is held until the write has completed.
    fn needs_lock(&self, gives_back_early: bool) -> bool {
        let Self::SignedIn(signed_in) = self else { return false };
        let stored = signed_in.saved.is_settled()
            || (gives_back_early && matches!(signed_in.saved, Persistence::Storing(_)));
        signed_in.refresh.needs_lock() || signed_in.journaling.is_some() || !stored
    }
}

impl Account {
    pub(crate) fn holds_lock(&self) -> bool {
        self.lock.is_held()
    }

    /// For a seeded bug only: whether an operation begins without the lock that it needs.
    pub(crate) fn ignores_lock(&mut self) -> bool {
        let ignores = has_bug!(self, NoLock)
            && matches!(self.lock, Lock::Free)
            && self.session.needs_lock(false);
        if ignores {
            self.lock = Lock::Missing;
        }
        ignores
    }

    /// Acquires the lock when an operation needs it, and releases it when none does.
    pub(crate) fn update_lock(&mut self) {
        let early = has_bug!(self, LockGivenBackEarly);
        let wanted = self.session.needs_lock(early);
        match self.lock.update(wanted, self.now.monotonic) {
            LockAction::Ask => {
                let operation = self.operation();
                let account = self.entry(RecordKind::Session).account;
                self.effects.push(Effect::Lock(operation, account));
                self.lock = self.lock.requested(operation);
            }
            LockAction::Release(operation) => self.effects.push(Effect::Unlock(operation)),
            LockAction::None => {}
        }
    }

    pub(crate) fn release_lock(&mut self) {
        if let LockAction::Release(operation) = self.lock.release() {
            self.effects.push(Effect::Unlock(operation));
        }
    }

    /// Whether the lock was acquired.
    pub(crate) fn locked(&mut self, operation: Operation, outcome: Result<(), LockError>) -> bool {
        if !matches!(self.lock, Lock::Requested(requested, _) if requested == operation) {
            if outcome.is_ok() {
                self.effects.push(Effect::Unlock(operation));
            }
            return false;
        }
        self.lock = match outcome {
            Ok(()) => Lock::Held(operation),
            Err(LockError::Unsupported(_)) => Lock::Missing,
            Err(LockError::Failed(_)) if has_bug!(self, LockErrorIsNoLock) => Lock::Missing,
            Err(LockError::Failed(_)) => self.lock.failed(self.now.monotonic),
        };
        self.holds_lock()
    }

    /// OAuth 2.1 §4.3.2: no further token is requested before the previous one is stored, or a crash loses both.
    pub(crate) fn wait_for_lock(&mut self) {
        let (holds_lock, now) = (self.holds_lock(), self.now.monotonic);
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.saved {
            // No other process can have a session that is not stored.
            Persistence::InMemory => {
                let lost = self.count_lost_responses();
                self.send_refresh_token(lost);
            }
            Persistence::Stored if holds_lock => self.reload_before_refresh(),
            Persistence::Stored => signed_in.refresh = Refresh::AwaitingLock(WaitingFor::Lock(now)),
            Persistence::Unsaved(_) | Persistence::Dirty | Persistence::Storing(_) => {
                signed_in.refresh = Refresh::AwaitingLock(WaitingFor::Storage);
            }
            Persistence::Overdue => {
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, Problem::new(ProblemCode::SaveBlocked));
            }
            Persistence::Failed { problem, .. } => {
                let problem = Problem { detail: None, ..problem.clone() };
                let wait = self.wait_before_retry(None);
                self.delay_refresh(wait, problem);
            }
        }
    }

    /// Reads the stored entries under the lock, so that no other process changes them.
    pub(crate) fn reload_before_refresh(&mut self) {
        let readings = self.read(&[RecordKind::Session, RecordKind::Journal, RecordKind::Ended]);
        self.session.set_refresh(Refresh::AwaitingLock(WaitingFor::Reading(readings)));
    }

    pub(crate) fn read(&mut self, slots: &[RecordKind]) -> Readings {
        let mut readings = Vec::with_capacity(slots.len());
        for kind in slots {
            let operation = self.operation();
            self.effects.push(Effect::Load(operation, self.entry(*kind)));
            readings.push((*kind, operation));
        }
        Readings::requested(readings)
    }
}
