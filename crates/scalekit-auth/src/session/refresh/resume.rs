//! The continuation of a refresh after the lock was acquired, or the session or the journal was written.

use crate::problem::ProblemCode;

use crate::session::{
    account::Account,
    event::{KeychainError, Operation},
    state::{lock::WaitingFor, persistence::is_about_saving, refresh::Refresh},
};

impl Account {
    /// Continues the operations that waited for the lock.
    pub(crate) fn on_lock_acquired(&mut self) {
        if self.session.signed_in().is_some_and(|signed_in| signed_in.saved.awaits_lock()) {
            self.save();
        }
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.refresh {
            Refresh::AwaitingLock(WaitingFor::Lock(_)) => self.reload_before_refresh(),
            Refresh::Delayed { problem, .. } if problem.code == ProblemCode::OtherProcess => {
                self.begin_refresh();
            }
            Refresh::Scheduled { .. }
            | Refresh::AwaitingMetadata
            | Refresh::AwaitingLock(WaitingFor::Storage | WaitingFor::Reading(_))
            | Refresh::Journaling(..)
            | Refresh::Requested(..)
            | Refresh::AwaitingKeys(..)
            | Refresh::Delayed { .. }
            | Refresh::Impossible { .. }
            | Refresh::Paused(_) => {}
        }
    }

    pub(crate) fn session_stored(
        &mut self,
        operation: Operation,
        outcome: Result<(), KeychainError>,
    ) {
        if self.in_memory && outcome.is_ok() {
            self.delete_late_record();
            return;
        }
        let (now, rng) = (self.now.monotonic, self.draw());
        let Some(signed_in) = self.session.signed_in() else { return };
        match signed_in.saved.written(operation, outcome, now, rng) {
            None => return,
            Some(Ok(())) => {
                signed_in.problem.take_if(|problem| is_about_saving(problem.code));
                self.record_replaced();
            }
            Some(Err(problem)) => signed_in.problem = Some(problem),
        }
        self.continue_after_saving();
    }

    /// Continues a refresh that waited for the record to be stored, or to stay in memory.
    pub(crate) fn continue_after_saving(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        match &signed_in.refresh {
            Refresh::AwaitingLock(WaitingFor::Storage) => self.wait_for_lock(),
            // It waited only for the store.
            Refresh::Delayed { problem, .. }
                if is_about_saving(problem.code) && signed_in.saved.is_settled() =>
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

    /// Another process holds the lock for too long: the user is informed, and operations stop waiting for it.
    pub(crate) fn saving_is_overdue(&mut self) {
        let now = self.now.monotonic;
        let Some(signed_in) = self.session.signed_in() else { return };
        let Some(problem) = signed_in.saved.overdue(now) else { return };
        signed_in.problem = Some(problem);
        if matches!(signed_in.refresh, Refresh::AwaitingLock(WaitingFor::Storage)) {
            self.wait_for_lock();
        }
    }

    /// The refresh continues if the journal cannot be written: without it the session would certainly expire.
    pub(crate) fn journal_stored(&mut self, operation: Operation) {
        let Some(signed_in) = self.session.signed_in() else { return };
        signed_in.saved.journal_written(operation);
        if let Refresh::Journaling(noting, lost) = signed_in.refresh
            && noting == operation
        {
            self.send_refresh_token(lost);
        }
    }
}
