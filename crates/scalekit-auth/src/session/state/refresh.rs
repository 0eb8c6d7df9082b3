//! The states of a refresh.

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

/// The number of retry hints that are accepted in a burst, and then one per minute.
pub(crate) const RETRY_HINTS_IN_A_ROW: u32 = 5;
/// The interval of refreshes of short-lived access tokens after [`SHORT_LIVED_IN_A_ROW`]. Scalekit's live
/// about five minutes; a lifetime of seconds is more likely an `expires_in` in another unit.
pub(crate) const MIN_PERIOD: Duration = Duration::from_secs(30);

/// The number of short-lived access tokens in a row that are refreshed by their lifetime.
pub(crate) const SHORT_LIVED_IN_A_ROW: u32 = 10;

pub(crate) const RETRY_HINT_INTERVAL: Duration = Duration::from_secs(60);

/// The time before the end of a session at which its end is announced; at most half of its lifetime.
pub(crate) const END_NOTICE: Duration = Duration::from_secs(600);

/// The state of a refresh.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Refresh {
    /// Begins at this time. The wall-clock time is computed once, so that its display does not flicker.
    Scheduled { at: Monotonic, shown: Wall },
    /// The metadata is being fetched.
    AwaitingMetadata,
    /// Waits for the lock or for an entry.
    AwaitingLock(WaitingFor),
    /// The journal entry is being written before the refresh token is sent. The number counts the lost
    /// responses to this token.
    Journaling(Operation, u32),
    /// The refresh token was sent, after this number of lost responses.
    Requested(Operation, u32),
    /// New tokens were received and stored; the keys to verify them are being fetched. `true` once an unknown
    /// `kid` was the reason.
    AwaitingKeys(TokenResponse, bool),
    /// Failed; it will be retried.
    Delayed {
        at: Monotonic,
        shown: Wall,
        problem: Problem,
        /// `false` where the environment has requested the delay.
        accepts_retry_hint: bool,
    },
    /// There is no refresh token: the session ends at this time, which is announced before.
    Impossible { at: Monotonic, shown: Wall, notice: EndNotice },
    /// Another account is current, or the process ends; see `account_switch`. The delay still applies when this account
    /// is resumed.
    Paused(Option<Delay>),
}

/// The conditions for a due refresh to begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefreshConditions {
    /// No caller has to request a token first.
    pub(crate) by_itself: bool,
    /// A caller waits, or a refresh has begun that is not finished.
    pub(crate) is_owed: bool,
    /// The environment may be reachable.
    pub(crate) reachable: bool,
}

/// Whether the end of the session has been announced to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndNotice {
    /// The time of the announcement.
    DueAt(Monotonic),
    /// It was announced.
    Given,
}

/// The delay of a failed refresh until its retry.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Delay {
    pub(crate) at: Monotonic,
    pub(crate) problem: Problem,
    pub(crate) accepts_retry_hint: bool,
}

impl RefreshConditions {
    /// Whether a refresh that this problem delayed waits for a network instead of a time.
    pub(crate) fn are_awaited_by(self, problem: &Problem) -> bool {
        !self.reachable && problem.code.is_unreached()
    }

    /// Whether a refresh that this problem delayed begins again at its time. One that was rejected, or was never sent,
    /// waits like a scheduled one until the application is in use.
    pub(crate) fn permit_retry(self, problem: &Problem) -> bool {
        self.is_wanted() && !self.are_awaited_by(problem)
    }

    /// Whether a refresh has a use now.
    pub(crate) fn is_wanted(self) -> bool {
        self.by_itself || self.is_owed
    }
}

impl Refresh {
    /// The next deadline: of a beginning, a retry, a notice or the session's end.
    pub(crate) fn deadline(&self, conditions: RefreshConditions) -> Option<Monotonic> {
        match self {
            Self::Scheduled { .. } if !conditions.by_itself => None,
            Self::Delayed { problem, .. } if !conditions.permit_retry(problem) => None,
            Self::Scheduled { at, .. }
            | Self::Delayed { at, .. }
            | Self::Impossible { at, notice: EndNotice::Given, .. } => Some(*at),
            Self::Impossible { at, notice: EndNotice::DueAt(due), .. } => Some(*due.min(at)),
            // A long wait for the lock is reported.
            Self::AwaitingLock(WaitingFor::Lock(since)) => Some(since.after(LOCK_WAIT_NOTICE)),
            Self::AwaitingMetadata
            | Self::AwaitingLock(WaitingFor::Storage | WaitingFor::Reading(_))
            | Self::Journaling(..)
            | Self::Requested(..)
            | Self::AwaitingKeys(..)
            | Self::Paused(_) => None,
        }
    }

    /// Another account becomes current: a refresh that has not been sent is cancelled, and one that was sent completes.
    pub(crate) fn pause(&mut self) {
        match self {
            Self::Delayed { at, problem, accepts_retry_hint, .. } => {
                let (at, accepts_retry_hint) = (*at, *accepts_retry_hint);
                let problem = problem.clone();
                *self = Self::Paused(Some(Delay { at, problem, accepts_retry_hint }));
            }
            Self::Scheduled { .. }
            | Self::AwaitingMetadata
            | Self::Impossible { .. }
            | Self::AwaitingLock(_) => *self = Self::Paused(None),
            Self::Journaling(..)
            | Self::Requested(..)
            | Self::AwaitingKeys(..)
            | Self::Paused(_) => {}
        }
    }

    /// Whether it is in, or about to enter, a phase that excludes other processes.
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

    /// Whether the refresh token was sent, or is about to be.
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

    const MET: RefreshConditions =
        RefreshConditions { by_itself: true, is_owed: false, reachable: true };

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
    fn refresh_is_paused_unless_it_was_sent() {
        let (at, shown, one) = (Monotonic(Duration::from_secs(9)), Wall::default(), Operation(1));
        let paused = |mut refresh: Refresh| {
            refresh.pause();
            refresh
        };
        let problem = Problem::new(crate::problem::ProblemCode::RefreshUnavailable);
        let delayed = Refresh::Delayed { at, shown, problem, accepts_retry_hint: true };
        let Refresh::Paused(Some(delay)) = paused(delayed) else { panic!("the delay is kept") };
        assert!(delay.at == at && delay.accepts_retry_hint);
        assert!(matches!(paused(Refresh::Paused(Some(delay))), Refresh::Paused(Some(_))));
        for cancelled in [
            Refresh::Scheduled { at, shown },
            Refresh::AwaitingMetadata,
            Refresh::AwaitingLock(WaitingFor::Storage),
            Refresh::Impossible { at, shown, notice: EndNotice::Given },
        ] {
            assert!(matches!(paused(cancelled), Refresh::Paused(None)));
        }
        assert!(matches!(paused(Refresh::Journaling(one, 0)), Refresh::Journaling(..)));
        assert!(matches!(paused(Refresh::Requested(one, 0)), Refresh::Requested(..)));
    }

    #[test]
    fn refresh_out_of_use_has_no_deadline() {
        let (at, shown) = (Monotonic(Duration::from_secs(9)), Wall::default());
        let unused = RefreshConditions { by_itself: false, ..MET };
        assert_eq!(Refresh::Scheduled { at, shown }.deadline(unused), None);
        let problem = Problem::new(crate::problem::ProblemCode::RefreshUnavailable);
        let delayed = Refresh::Delayed { at, shown, problem, accepts_retry_hint: true };
        assert_eq!(delayed.deadline(unused), None);
        assert_eq!(delayed.deadline(RefreshConditions { is_owed: true, ..unused }), Some(at));
    }
}
