//! What a test may know of the machine beside what it shows and asks for.

use super::{Machine, refresh::Refresh, session::Session, turn::Turn};

impl Machine {
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
                Refresh::AwaitingTurn(Turn::Saved) => "AwaitingSaved",
                Refresh::AwaitingTurn(Turn::Lock(_)) => "AwaitingLock",
                Refresh::AwaitingTurn(Turn::Reading(_)) => "Reading",
                Refresh::Noting(..) => "Noting",
                Refresh::Requested(..) => "Requested",
                Refresh::AwaitingKeys(..) => "AwaitingKeys",
                Refresh::Delayed { .. } => "Delayed",
                Refresh::Impossible { .. } => "Impossible",
                Refresh::Paused(_) => "Paused",
            },
        }
    }
}
