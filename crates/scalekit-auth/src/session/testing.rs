//! What a test may know of the machine beside what it shows and asks for.

use crate::session::{
    machine::Machine,
    state::{lock::WaitingFor, refresh::Refresh, session::Session},
};

impl Machine {
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
