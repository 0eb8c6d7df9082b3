//! The persistence of the session.

use crate::session::{
    event::{KeychainError, Operation},
    state::lock::LOCK_WAIT_NOTICE,
};
use crate::{problem::Problem, time::Monotonic};

/// Whether the present record is stored in the keychain.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Persistence {
    Stored,
    /// The session is not stored, as the user has agreed.
    InMemory,
    /// The write waits for the lock since this time.
    Unsaved(Monotonic),
    /// The same, for so long that the user has been informed.
    Overdue,
    /// Changed in this step, which ends with one store for all changes.
    Dirty,
    Storing(Operation),
    Failed {
        retry_at: Monotonic,
        /// The problem that the user is shown.
        problem: Problem,
    },
}

impl Persistence {
    /// Whether nothing is left to be written.
    pub(crate) fn is_settled(&self) -> bool {
        match self {
            Self::Stored | Self::InMemory => true,
            Self::Unsaved(_)
            | Self::Overdue
            | Self::Dirty
            | Self::Storing(_)
            | Self::Failed { .. } => false,
        }
    }

    /// RFC 9700 §4.14.2: no caller gets a new access token before the new refresh token is stored, or is known
    /// to stay in this process.
    pub(crate) fn lets_tokens_out(&self) -> bool {
        !self.is_pending()
    }

    /// Whether a write is pending.
    pub(crate) fn is_pending(&self) -> bool {
        match self {
            Self::Unsaved(_) | Self::Dirty | Self::Storing(_) => true,
            Self::Stored | Self::InMemory | Self::Overdue | Self::Failed { .. } => false,
        }
    }

    pub(crate) fn deadline(&self) -> Option<Monotonic> {
        match self {
            Self::Failed { retry_at, .. } => Some(*retry_at),
            Self::Unsaved(since) => Some(since.after(LOCK_WAIT_NOTICE)),
            Self::Stored | Self::InMemory | Self::Overdue | Self::Dirty | Self::Storing(_) => None,
        }
    }

    /// Whether the write has waited so long for the lock that the user is to be informed, which happens once.
    pub(crate) fn becomes_overdue(&mut self, now: Monotonic) -> bool {
        let overdue = matches!(self, Self::Unsaved(since) if since.after(LOCK_WAIT_NOTICE) <= now);
        if overdue {
            *self = Self::Overdue;
        }
        overdue
    }

    /// The result of this write, if it is the pending one: the problem that the user is shown.
    pub(crate) fn written(
        &mut self,
        operation: Operation,
        outcome: Result<(), KeychainError>,
        retry_at: impl FnOnce() -> Monotonic,
    ) -> Option<Result<(), Problem>> {
        if !matches!(self, Self::Storing(storing) if *storing == operation) {
            return None;
        }
        let Err(failure) = outcome else {
            *self = Self::Stored;
            return Some(Ok(()));
        };
        let problem = failure.save_problem();
        *self = Self::Failed { retry_at: retry_at(), problem: problem.clone() };
        Some(Err(problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::ProblemCode;
    use std::time::Duration;

    fn at(seconds: u64) -> Monotonic {
        Monotonic(Duration::from_secs(seconds))
    }

    #[test]
    fn persistence_is_stored_by_the_write_that_is_awaited() {
        let mut saved = Persistence::Storing(Operation(2));
        assert!(saved.written(Operation(1), Ok(()), || at(9)).is_none());
        assert!(matches!(saved, Persistence::Storing(_)));
        assert!(matches!(saved.written(Operation(2), Ok(()), || at(9)), Some(Ok(()))));
        assert!(matches!(saved, Persistence::Stored));
    }

    #[test]
    fn persistence_is_retried_after_failed_write() {
        let mut saved = Persistence::Storing(Operation(2));
        let outcome = saved.written(Operation(2), Err(KeychainError::Slow), || at(9));
        assert!(matches!(outcome, Some(Err(problem)) if problem.code == ProblemCode::NotSaved));
        assert_eq!(saved.deadline(), Some(at(9)));
    }

    #[test]
    fn persistence_is_overdue_once_after_15s_without_lock() {
        let mut saved = Persistence::Unsaved(at(100));
        let found: Vec<bool> = [114, 115, 116].map(|now| saved.becomes_overdue(at(now))).into();
        assert_eq!(found, [false, true, false]);
    }
}
