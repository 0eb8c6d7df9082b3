//! The cross-process lock: one process at a time may send the refresh token and write the session.
//!
//! The operating system releases the lock when its holder exits. A process that acquires it first reads the
//! stored session again: another process may have refreshed it meanwhile, or signed out.

use crate::storage::record::RecordKind;

use crate::session::{
    account::{Account, has_bug},
    event::{Effect, LockError, Operation},
    state::{
        lock::{Lock, LockAction, Readings, WaitingFor},
        persistence::BeforeRefresh,
        refresh::Refresh,
        session::Session,
    },
};

impl Session {
    /// Whether an operation in progress excludes other processes.
    fn needs_lock(&self, gives_back_early: bool) -> bool {
        let Self::SignedIn(signed_in) = self else { return false };
        signed_in.refresh.needs_lock() || signed_in.saved.needs_lock(gives_back_early)
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

    /// Waits for what precedes a refresh.
    pub(crate) fn wait_for_lock(&mut self) {
        let (holds_lock, now) = (self.holds_lock(), self.now.monotonic);
        let Some(signed_in) = self.session.signed_in() else { return };
        match signed_in.saved.before_refresh() {
            BeforeRefresh::Nothing => {
                let lost = self.count_lost_responses();
                self.send_refresh_token(lost);
            }
            BeforeRefresh::Reload if holds_lock => self.reload_before_refresh(),
            BeforeRefresh::Reload => {
                signed_in.refresh = Refresh::AwaitingLock(WaitingFor::Lock(now));
            }
            BeforeRefresh::Store => {
                signed_in.refresh = Refresh::AwaitingLock(WaitingFor::Storage);
            }
            BeforeRefresh::Delay(problem) => {
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
