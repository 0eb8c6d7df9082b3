//! Where the refresh of a session is.

use std::time::Duration;

use crate::session::{
    event::Operation,
    state::lock::{LOCK_WAIT_NOTICE, WaitingFor},
};
use crate::{
    problem::Problem,
    protocol::token_response::TokenResponse,
    time::{Monotonic, Wall},
};

/// So many retry hints are taken in a row, and after that one in every minute, whatever waits for better times.
pub(crate) const RETRY_HINTS_IN_A_ROW: u32 = 5;
pub(crate) const RETRY_HINT_INTERVAL: Duration = Duration::from_secs(60);

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
        accepts_retry_hint: bool,
    },
    /// The environment gave no refresh token: the session ends then, which is announced beforehand.
    Impossible { at: Monotonic, shown: Wall, notice: EndNotice },
    /// Another account is current; see `account_switch`. What the refresh was waiting for still holds
    /// when this one comes back.
    Paused(Option<Delay>),
}

/// What lets a refresh that is due begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefreshConditions {
    /// Nobody has to ask for a token first.
    pub(crate) by_itself: bool,
    /// The environment may be reached.
    pub(crate) reachable: bool,
}

/// Whether the user has been told that the session is about to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndNotice {
    /// They are told then.
    DueAt(Monotonic),
    /// They have been.
    Given,
}

/// A refresh that did not work, and when it is tried again.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Delay {
    pub(crate) at: Monotonic,
    pub(crate) problem: Problem,
    pub(crate) accepts_retry_hint: bool,
}

impl RefreshConditions {
    /// Whether a refresh that this problem delayed waits for a network, and for no moment.
    pub(crate) fn are_awaited_by(self, problem: &Problem) -> bool {
        !self.reachable && problem.code.is_unreached()
    }
}

impl Refresh {
    /// When something is due: it begins, is tried again, or is given up.
    pub(crate) fn deadline(&self, conditions: RefreshConditions) -> Option<Monotonic> {
        match self {
            Self::Scheduled { .. } if !conditions.by_itself => None,
            Self::Delayed { problem, .. } if conditions.are_awaited_by(problem) => None,
            Self::Scheduled { at, .. }
            | Self::Delayed { at, .. }
            | Self::Impossible { at, notice: EndNotice::Given, .. } => Some(*at),
            Self::Impossible { at, notice: EndNotice::DueAt(due), .. } => Some(*due.min(at)),
            // Whoever waits long for the lock says so.
            Self::AwaitingLock(WaitingFor::Lock(since)) => Some(since.after(LOCK_WAIT_NOTICE)),
            Self::AwaitingMetadata
            | Self::AwaitingLock(WaitingFor::Storage | WaitingFor::Reading(_))
            | Self::Journaling(..)
            | Self::Requested(..)
            | Self::AwaitingKeys(..)
            | Self::Paused(_) => None,
        }
    }

    /// Whether it does, or is about to do, what no other process may do at the same time.
    pub(crate) fn needs_lock(&self) -> bool {
        match self {
            Self::AwaitingLock(WaitingFor::Lock(_) | WaitingFor::Reading(_))
            | Self::Journaling(..)
            | Self::Requested(..)
            | Self::AwaitingKeys(..) => true,
            Self::AwaitingLock(WaitingFor::Storage)
            | Self::Scheduled { .. }
            | Self::AwaitingMetadata
            | Self::Delayed { .. }
            | Self::Impossible { .. }
            | Self::Paused(_) => false,
        }
    }

    /// Whether the refresh token is on its way, or about to be.
    pub(crate) fn is_sending(&self) -> bool {
        match self {
            Self::Journaling(..) | Self::Requested(..) => true,
            Self::AwaitingKeys(..)
            | Self::Scheduled { .. }
            | Self::AwaitingMetadata
            | Self::AwaitingLock(_)
            | Self::Delayed { .. }
            | Self::Impossible { .. }
            | Self::Paused(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MET: RefreshConditions = RefreshConditions { by_itself: true, reachable: true };

    #[test]
    fn refresh_deadline_lock_and_sending_by_state() {
        let (at, shown, one) = (Monotonic(Duration::from_secs(9)), Wall::default(), Operation(1));
        let locked = |since| Refresh::AwaitingLock(WaitingFor::Lock(since));
        for (refresh, due, needs_lock, is_sending) in [
            (Refresh::Scheduled { at, shown }, Some(at), false, false),
            (Refresh::AwaitingMetadata, None, false, false),
            (Refresh::AwaitingLock(WaitingFor::Storage), None, false, false),
            (locked(at), Some(at.after(LOCK_WAIT_NOTICE)), true, false),
            (Refresh::Journaling(one, 0), None, true, true),
            (Refresh::Requested(one, 0), None, true, true),
            (Refresh::Impossible { at, shown, notice: EndNotice::Given }, Some(at), false, false),
            (Refresh::Paused(None), None, false, false),
        ] {
            let found = (refresh.deadline(MET), refresh.needs_lock(), refresh.is_sending());
            assert_eq!(found, (due, needs_lock, is_sending));
        }
    }

    #[test]
    fn refresh_out_of_use_has_no_deadline() {
        let (at, shown) = (Monotonic(Duration::from_secs(9)), Wall::default());
        let unused = RefreshConditions { by_itself: false, ..MET };
        assert_eq!(Refresh::Scheduled { at, shown }.deadline(unused), None);
    }
}
