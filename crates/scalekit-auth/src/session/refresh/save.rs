//! The storage of the session in the keychain.

use crate::{secret::Secret, storage::record::RecordKind};

use crate::session::{account::Account, state::persistence::SaveMode};

impl Account {
    /// Schedules the record to be written at the end of this step, or when the lock is acquired.
    pub(crate) fn save(&mut self) {
        let mode = match (self.in_memory, self.holds_lock()) {
            (true, _) => SaveMode::InMemory,
            (false, true) => SaveMode::WithLock,
            (false, false) => SaveMode::WithoutLock(self.now.monotonic),
        };
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.saved.changed(mode);
        }
    }

    /// Writes a changed record, once per step and before the lock is released: tokens that are verified in the
    /// step in which they were received are written once.
    pub(crate) fn store_dirty_session(&mut self) {
        let Some(signed_in) = self.session.signed_in() else { return };
        if !signed_in.saved.is_dirty() {
            return;
        }
        let bytes = signed_in.record.encode();
        let operation = self.store(RecordKind::Session, bytes);
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.saved.storing(operation);
        }
    }

    pub(crate) fn save_again(&mut self) {
        if self.session.signed_in().is_some_and(|signed_in| signed_in.saved.is_refused()) {
            self.save();
        }
    }

    pub(crate) fn store_refresh_token(&mut self, refresh_token: Secret) {
        if let Some(signed_in) = self.session.signed_in() {
            signed_in.record.refresh_token = Some(refresh_token);
            signed_in.record.generation += 1;
            signed_in.refreshes.receive_response();
            self.save();
        }
    }
}
