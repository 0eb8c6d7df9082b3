//! The names of the states, for tests and documents.

use crate::session::state::{
    lock::WaitingFor, refresh::Refresh, session::Session, sign_in::SignInAttempt,
};

/// The names of the session states.
pub const SESSIONS: [&str; 17] = [
    "AwaitingSettings",
    "NotConfigured",
    "Starting",
    "Unavailable",
    "SignedOut",
    "SignedIn.Scheduled",
    "SignedIn.AwaitingMetadata",
    "SignedIn.AwaitingLock.Storage",
    "SignedIn.AwaitingLock.Lock",
    "SignedIn.AwaitingLock.Reading",
    "SignedIn.Journaling",
    "SignedIn.Requested",
    "SignedIn.AwaitingKeys",
    "SignedIn.Delayed",
    "SignedIn.Impossible",
    "SignedIn.Paused",
    "SigningOut",
];

/// The names of the sign-in states.
pub const ATTEMPTS: [&str; 6] =
    ["Discovering", "Saving", "AwaitingCallback", "CallbackReceived", "Exchanging", "Verifying"];

impl Session {
    /// One of [`SESSIONS`].
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::AwaitingSettings => "AwaitingSettings",
            Self::NotConfigured => "NotConfigured",
            Self::Starting(_) => "Starting",
            Self::Unavailable { .. } => "Unavailable",
            Self::SignedOut(_) => "SignedOut",
            Self::SignedIn(signed_in) => signed_in.refresh.name(),
            Self::SigningOut { .. } => "SigningOut",
        }
    }
}

impl Refresh {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Scheduled { .. } => "SignedIn.Scheduled",
            Self::AwaitingMetadata => "SignedIn.AwaitingMetadata",
            Self::AwaitingLock(WaitingFor::Storage) => "SignedIn.AwaitingLock.Storage",
            Self::AwaitingLock(WaitingFor::Lock(_)) => "SignedIn.AwaitingLock.Lock",
            Self::AwaitingLock(WaitingFor::Reading(_)) => "SignedIn.AwaitingLock.Reading",
            Self::Journaling(..) => "SignedIn.Journaling",
            Self::Requested(..) => "SignedIn.Requested",
            Self::AwaitingKeys(..) => "SignedIn.AwaitingKeys",
            Self::Delayed { .. } => "SignedIn.Delayed",
            Self::Impossible { .. } => "SignedIn.Impossible",
            Self::Paused(_) => "SignedIn.Paused",
        }
    }
}

impl SignInAttempt {
    pub(super) fn name(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Discovering(_) => Some("Discovering"),
            Self::Saving(..) => Some("Saving"),
            Self::AwaitingCallback(..) => Some("AwaitingCallback"),
            Self::CallbackReceived(..) => Some("CallbackReceived"),
            Self::Exchanging(..) => Some("Exchanging"),
            Self::Verifying(..) => Some("Verifying"),
        }
    }
}
