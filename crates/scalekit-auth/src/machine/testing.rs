//! What a test may know of the machine beside what it shows and asks for.

use super::{Machine, renewal::Renewal, session::Session, turn::Turn};

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
            Session::SignedIn(signed_in) => match &signed_in.renewal {
                Renewal::Scheduled { .. } => "Scheduled",
                Renewal::AwaitingMetadata => "AwaitingMetadata",
                Renewal::AwaitingTurn(Turn::Saved) => "AwaitingSaved",
                Renewal::AwaitingTurn(Turn::Lock(_)) => "AwaitingLock",
                Renewal::AwaitingTurn(Turn::Reading(_)) => "Reading",
                Renewal::Noting(..) => "Noting",
                Renewal::Requested(..) => "Requested",
                Renewal::AwaitingKeys(..) => "AwaitingKeys",
                Renewal::Delayed { .. } => "Delayed",
                Renewal::Impossible { .. } => "Impossible",
                Renewal::Paused(_) => "Paused",
            },
        }
    }
}
