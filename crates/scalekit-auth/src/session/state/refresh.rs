//! Where the refresh of a session is.

use std::time::Duration;

use crate::session::{event::Operation, state::lock::WaitingFor};
use crate::{
    problem::Problem,
    protocol::token_response::TokenResponse,
    time::{Monotonic, Wall},
};

/// So many nudges are taken in a row, and after that one in every minute, whatever waits for better times.
pub(crate) const NUDGES_IN_A_ROW: u32 = 5;
pub(crate) const NUDGE_AGAIN: Duration = Duration::from_secs(60);

/// Where a refresh is.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Refresh {
    /// It begins then. The wall-clock time is fixed once, so that it does not flicker.
    Scheduled { at: Monotonic, shown: Wall },
    /// The endpoints are being asked for.
    AwaitingMetadata,
    /// It may begin when it is this process's turn.
    AwaitingLock(WaitingFor),
    /// It is being written down that the refresh token is about to be sent. The number says how
    /// many answers to it were lost before.
    Journaling(Operation, u32),
    /// The refresh token has been sent, after so many answers to it were lost.
    Requested(Operation, u32),
    /// New tokens are here and saved; the keys to verify them are on their way. `true` once an
    /// unknown key was the reason.
    AwaitingKeys(TokenResponse, bool),
    /// It did not work and will be tried again.
    Delayed {
        at: Monotonic,
        shown: Wall,
        problem: Problem,
        /// `false` where the environment itself has said how long to wait.
        may_be_nudged: bool,
    },
    /// The environment gave no refresh token.
    Impossible { at: Monotonic, shown: Wall },
    /// Another account is current; see `account_switch`. What the refresh was waiting for still holds
    /// when this one comes back.
    Paused(Option<Delay>),
}

/// A refresh that did not work, and when it is tried again.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Delay {
    pub(crate) at: Monotonic,
    pub(crate) problem: Problem,
    pub(crate) may_be_nudged: bool,
}
