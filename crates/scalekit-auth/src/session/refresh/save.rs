//! The storage of the session in the keychain.

use crate::{
    problem::{Problem, ProblemCode},
    secret::Secret,
    storage::record::RecordKind,
};

use crate::session::{
    account::Account,
    event::{KeychainError, Operation},
    state::{
        backoff::Backoff, lock::WaitingFor, persistence::Persistence, refresh::Refresh,
        session::SignedIn,
    },
};

impl Account {
    /// Schedules the record to be written at the end of this step, or when the lock is acquired.
    pub(crate) fn save(&mut self) {
        if self.in_memory {
            if let Some(signed_in) = self.session.signed_in() {
                signed_in.saved = Persistence::InMemory;
            }
            return;
        }
        if !self.holds_lock() {
            let now = self.now.monotonic;
            if let Some(signed_in) = self.session.signed_in() {
                signed_in.saved = Persistence::Unsaved(now);
            }
            return;
        }
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.saved = Persistence::Dirty;
        }
    }

    /// Writes a changed record, once per step and before the lock is released: tokens that are verified in the
    /// step in which they were received are written once.
    pub(crate) fn store_dirty_session(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        if !matches!(signed_in.saved, Persistence::Dirty) {
            return;
        }
        let bytes = signed_in.record.encode();
        let operation = self.store(RecordKind::Session, bytes);
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.saved = Persistence::Storing(operation);
        }
    }

    pub(crate) fn save_again(&mut self) {
        if let Some(SignedIn { saved: Persistence::Failed { .. }, .. }) = self.session.signed_in() {
            self.save();
        }
    }

    /// Another process holds the lock for too long: the user is informed, and operations stop waiting for it.
    pub(crate) fn saving_is_overdue(&mut self) {
        let now = self.now.monotonic;
        let Some(signed_in) = self.session.signed_in() else { return };
        if !signed_in.saved.becomes_overdue(now) {
            return;
        }
        signed_in.problem = Some(Problem::new(ProblemCode::SaveBlocked));
        if matches!(signed_in.refresh, Refresh::AwaitingLock(WaitingFor::Storage)) {
            self.wait_for_lock();
        }
    }

    pub(crate) fn session_stored(
        &mut self,
        operation: Operation,
        outcome: Result<(), KeychainError>,
    ) {
        let (now, rng) = (self.now.monotonic, self.draw());
        let Some(signed_in) = self.session.signed_in() else { return };
        let saving = &mut signed_in.saving;
        match signed_in.saved.written(operation, outcome, || now.after(saving.next(rng))) {
            None => return,
            Some(Ok(())) => {
                signed_in.saving = Backoff::default();
                signed_in.problem.take_if(|problem| is_about_saving(problem.code));
                self.record_replaced();
            }
            Some(Err(problem)) => signed_in.problem = Some(problem),
        }
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.refresh {
            Refresh::AwaitingLock(WaitingFor::Storage) => self.wait_for_lock(),
            // It waited only for the store.
            Refresh::Delayed { problem, .. }
                if is_about_saving(problem.code)
                    && matches!(signed_in.saved, Persistence::Stored) =>
            {
                self.begin_refresh();
            }
            Refresh::Scheduled { .. }
            | Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(_)
            | Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Delayed { .. }
            | Refresh::Impossible { .. }
            | Refresh::Paused(_) => {}
        }
    }

    pub(crate) fn store_refresh_token(&mut self, refresh_token: Secret) {
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.record.refresh_token = Some(refresh_token);
            signed_in.record.generation += 1;
            signed_in.lost = 0;
            self.save();
        }
    }
}

pub(crate) fn is_about_saving(code: ProblemCode) -> bool {
    matches!(code, ProblemCode::NotSaved | ProblemCode::SaveBlocked | ProblemCode::KeychainNotSetUp)
}
