//! What a test may know of the machine beside what it shows and asks for.

use crate::storage::journal::{Fingerprint, SessionId};

use crate::session::{
    account::Account,
    machine::Machine,
    state::{lock::WaitingFor, refresh::Refresh, session::Session},
};

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

    /// The state of the account that is shown, without anything of its contents.
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        match &self.current.session {
            Session::AwaitingSettings => "AwaitingSettings",
            Session::NotConfigured => "NotConfigured",
            Session::Starting(_) => "Starting",
            Session::Unavailable { .. } => "Unavailable",
            Session::SignedOut(_) => "SignedOut",
            Session::SigningOut { .. } => "SigningOut",
            Session::SignedIn(signed_in) => match &signed_in.refresh {
                Refresh::Scheduled { .. } => "Scheduled",
                Refresh::AwaitingMetadata => "AwaitingMetadata",
                Refresh::AwaitingLock(WaitingFor::Storage) => "AwaitingSaved",
                Refresh::AwaitingLock(WaitingFor::Lock(_)) => "AwaitingLock",
                Refresh::AwaitingLock(WaitingFor::Reading(_)) => "Reading",
                Refresh::Journaling(..) => "Journaling",
                Refresh::Requested(..) => "Requested",
                Refresh::AwaitingKeys(..) => "AwaitingKeys",
                Refresh::Delayed { .. } => "Delayed",
                Refresh::Impossible { .. } => "Impossible",
                Refresh::Paused(_) => "Paused",
            },
        }
    }
}
