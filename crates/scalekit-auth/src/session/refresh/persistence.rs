//! Keeping what would be lost with the process: the session in the keychain, and the journal beside it.

use crate::{
    problem::{Problem, ProblemCode},
    secret::Secret,
    storage::record::RecordKind,
};

use crate::session::{
    account::{Account, has_bug},
    event::{KeychainError, Operation},
    refresh::backoff::Backoff,
    state::{lock::WaitingFor, persistence::Persistence, refresh::Refresh, session::SignedIn},
};

impl Account {
    /// Has the present record written at the end of this step, or when it is this process's turn.
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

    /// Once in a step, before the lock is given back: tokens that are verified in the step in which they
    /// come are written once, not twice.
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

    /// Another process keeps the lock: the user hears of it, and nobody waits for it any more.
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
            }
            Some(Err(problem)) => signed_in.problem = Some(problem),
        }
        match &signed_in.refresh {
            Refresh::AwaitingLock(WaitingFor::Storage) => self.wait_for_lock(),
            // It waited for nothing else.
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

    /// How many answers to the present refresh token this process has seen lost. Where there is no journal,
    /// or one that cannot be read or written, nothing else knows.
    pub(crate) fn lost_answers(&mut self) -> u32 {
        let in_memory = has_bug!(self, LostAnswersForgottenInMemory);
        let without_journal = has_bug!(self, LostAnswersForgottenWithoutJournal);
        let broken = if self.in_memory { in_memory } else { without_journal };
        self.session.signed_in().filter(|_| !broken).map_or(0, |signed_in| signed_in.lost)
    }

    /// Writes down that the refresh token is about to be sent.
    pub(crate) fn journal_request(&mut self) {
        let seen = self.lost_answers();
        let Some(token) = self.session.record().and_then(|record| record.refresh_token.as_ref())
        else {
            return;
        };
        let lost = if has_bug!(self, NoJournal) { 0 } else { self.journal.lost_responses(token) };
        let lost = lost.max(seen);
        self.journal.record_request(token, self.now.wall);
        let operation = self.store(RecordKind::Journal, self.journal.encode().into());
        self.session.set_refresh(Refresh::Journaling(operation, lost));
    }

    /// A journal that cannot be written stops nobody: the session would be lost for certain.
    pub(crate) fn journal_stored(&mut self, operation: Operation) {
        let Some(signed_in) = self.session.signed_in() else { return };
        if signed_in.journaling == Some(operation) {
            signed_in.journaling = None;
        }
        if let Refresh::Journaling(noting, lost) = signed_in.refresh
            && noting == operation
        {
            self.send_refresh_token(lost);
        }
    }

    /// The request certainly came to nothing, or its answer is here and the token is still good.
    pub(crate) fn roll_back_request(&mut self) {
        let Some(token) = self.session.record().and_then(|record| record.refresh_token.as_ref())
        else {
            return;
        };
        if self.in_memory {
            return;
        }
        self.journal.clear_request(token);
        let operation = self.store(RecordKind::Journal, self.journal.encode().into());
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.journaling = Some(operation);
        }
    }
}

pub(crate) fn is_about_saving(code: ProblemCode) -> bool {
    matches!(code, ProblemCode::NotSaved | ProblemCode::SaveBlocked | ProblemCode::KeychainNotSetUp)
}
