//! What a test may know of the machine beside what it shows and asks for.

use crate::storage::journal::{Fingerprint, SessionId};

use crate::session::{account::Account, machine::Machine};

impl Machine {
    /// Names the session and the refresh token in hand, for whoever watches; neither gives anything away.
    #[must_use]
    pub fn debug_ids(&self) -> Option<(SessionId, Option<Fingerprint>)> {
        self.current.debug_ids()
    }

    /// The same of the accounts that were left and have something to finish.
    pub fn left_debug_ids(&self) -> impl Iterator<Item = (SessionId, Option<Fingerprint>)> {
        self.left.iter().filter_map(Account::debug_ids)
    }

    /// Whether what the account that is shown has is kept nowhere, as the user has agreed.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        self.current.in_memory
    }

    /// The state of the account that is shown, without anything of its contents: one of
    /// [`SESSIONS`](crate::session::SESSIONS).
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        self.current.session.name()
    }
}
