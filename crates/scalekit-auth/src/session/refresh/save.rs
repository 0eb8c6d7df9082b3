//! The storage of the session in the keychain.

use crate::{problem::ProblemCode, secret::Secret, storage::record::RecordKind};

use crate::session::{
    account::Account,
    state::{persistence::Persistence, session::SignedIn},
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
