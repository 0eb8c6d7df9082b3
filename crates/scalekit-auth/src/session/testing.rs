//! Internal state of the machine that tests may read.

use crate::fingerprint::{Fingerprint, SessionId};
use crate::session::{account::Account, machine::Machine};

impl Machine {
    /// Identifies the session and the present refresh token for diagnosis; neither value reveals a secret.
    #[must_use]
    pub fn debug_ids(&self) -> Option<(SessionId, Option<Fingerprint>)> {
        self.current.debug_ids()
    }

    /// The same for the left accounts with pending operations.
    pub fn left_debug_ids(&self) -> impl Iterator<Item = (SessionId, Option<Fingerprint>)> {
        self.left.iter().filter_map(Account::debug_ids)
    }

    /// Whether the session of the current account is not stored, as the user has agreed.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        self.current.in_memory
    }

    /// The name of the current account's session state: one of [`SESSIONS`](crate::session::SESSIONS).
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        self.current.session.name()
    }
}

impl Account {
    /// Identifies the session and the present refresh token for diagnosis; neither value reveals a secret.
    pub(super) fn debug_ids(&self) -> Option<(SessionId, Option<Fingerprint>)> {
        let record = self.session.record()?;
        Some((record.session.clone(), record.refresh_token.as_ref().map(Fingerprint::of)))
    }
}
