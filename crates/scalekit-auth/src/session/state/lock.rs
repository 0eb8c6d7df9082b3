//! The lock of a session's entry, and the entries that are read under it.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::session::event::{KeychainError, Operation};
use crate::{
    storage::{journal::Journal, record::RecordKind, tombstones::EndedSessions},
    time::Monotonic,
};

/// The time that another process may hold the lock before the user is informed.
pub(crate) const LOCK_WAIT_NOTICE: Duration = Duration::from_secs(15);

/// The delay of another request for the lock after one that failed.
const LOCK_RETRY: Duration = Duration::from_secs(1);

/// The failed requests in a row after which the process continues without a lock. Their time is less than
/// [`LOCK_WAIT_NOTICE`], as no other process is known to hold the lock.
const MAX_FAILURES: u32 = 14;

/// The state of the lock.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum Lock {
    /// Not held.
    Free,
    /// Requested, after this number of failed requests. Another process may hold it for long.
    Requested(Operation, u32),
    /// Held by this process.
    Held(Operation),
    /// So many requests in a row have failed; another one follows at this time, or, without one, when it is needed.
    Failed(Option<Monotonic>, u32),
    /// Not available, such as in a home folder that is not writable: this process continues without a lock.
    Missing,
}

/// The effect that the lock requires.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LockAction {
    Ask,
    Release(Operation),
    None,
}

impl Lock {
    /// Whether this process may perform exclusive operations.
    pub(crate) fn is_held(&self) -> bool {
        match self {
            Self::Held(_) | Self::Missing => true,
            Self::Free | Self::Requested(..) | Self::Failed(..) => false,
        }
    }

    /// The lock is requested when an operation needs it, and released when none does.
    pub(crate) fn update(&mut self, needed: bool, now: Monotonic) -> LockAction {
        match self {
            Self::Free if needed => LockAction::Ask,
            Self::Failed(retry_at, _) if needed && retry_at.is_none_or(|at| at <= now) => {
                LockAction::Ask
            }
            // The next failure is one more in the row: requests may fail so slowly that the need passes in between.
            Self::Failed(retry_at, _) if !needed => {
                *retry_at = None;
                LockAction::None
            }
            Self::Held(_) | Self::Missing if !needed => self.release(),
            Self::Free | Self::Requested(..) | Self::Held(_) | Self::Failed(..) | Self::Missing => {
                LockAction::None
            }
        }
    }

    /// The lock was requested again.
    pub(crate) fn requested(&self, operation: Operation) -> Self {
        Self::Requested(operation, self.failures())
    }

    /// The request has failed, although there may be locks here. After [`MAX_FAILURES`] there are none: the session
    /// would never be refreshed again.
    pub(crate) fn failed(&self, now: Monotonic) -> Self {
        match self.failures() + 1 {
            MAX_FAILURES => Self::Missing,
            failures => Self::Failed(Some(now.after(LOCK_RETRY)), failures),
        }
    }

    fn failures(&self) -> u32 {
        match self {
            Self::Requested(_, failures) | Self::Failed(_, failures) => *failures,
            Self::Free | Self::Held(_) | Self::Missing => 0,
        }
    }

    pub(crate) fn deadline(&self) -> Option<Monotonic> {
        match self {
            Self::Failed(retry_at, _) => *retry_at,
            Self::Free | Self::Requested(..) | Self::Held(_) | Self::Missing => None,
        }
    }

    pub(crate) fn release(&mut self) -> LockAction {
        match std::mem::replace(self, Self::Free) {
            Self::Held(operation) => LockAction::Release(operation),
            Self::Free | Self::Requested(..) | Self::Failed(..) | Self::Missing => LockAction::None,
        }
    }
}

/// The condition that a refresh waits for before it begins.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) enum WaitingFor {
    /// The present record must be stored first: no further token while it may be lost.
    Storage,
    /// Another process may hold the lock. Waiting since this time.
    Lock(Monotonic),
    /// The stored entries are being read again.
    Reading(Readings),
}

/// The result of reading an entry.
pub(crate) type ReadOutcome = Result<Option<Zeroizing<Vec<u8>>>, KeychainError>;

/// The entries that are being read.
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct Readings(Vec<(RecordKind, Reading)>);

#[cfg_attr(feature = "testing", derive(Clone))]
enum Reading {
    Requested(Operation),
    Read(ReadOutcome),
}

impl Readings {
    /// From pending operations.
    pub(crate) fn requested(entries: impl IntoIterator<Item = (RecordKind, Operation)>) -> Self {
        let requested = |(kind, operation)| (kind, Reading::Requested(operation));
        Self(entries.into_iter().map(requested).collect())
    }

    /// From one entry that is already known.
    pub(crate) fn known(kind: RecordKind, outcome: ReadOutcome) -> Self {
        Self(vec![(kind, Reading::Read(outcome))])
    }

    /// All entries, once they are complete.
    pub(crate) fn take_complete(&mut self) -> Option<Self> {
        let complete = self.0.iter().all(|(_, reading)| matches!(reading, Reading::Read(_)));
        complete.then(|| Self(std::mem::take(&mut self.0)))
    }

    /// Records the outcome if the operation is one of these.
    pub(crate) fn take_in(&mut self, operation: Operation, outcome: ReadOutcome) {
        let requested =
            |reading: &Reading| matches!(reading, Reading::Requested(one) if *one == operation);
        if let Some((_, reading)) = self.0.iter_mut().find(|(_, reading)| requested(reading)) {
            *reading = Reading::Read(outcome);
        }
    }

    /// The content of this entry; `Ok(None)` where it was not read.
    pub(crate) fn take(&mut self, kind: RecordKind) -> ReadOutcome {
        let read = self.0.iter_mut().find(|(one, _)| *one == kind);
        match read.map(|(_, reading)| std::mem::replace(reading, Reading::Read(Ok(None)))) {
            Some(Reading::Read(outcome)) => outcome,
            Some(Reading::Requested(_)) | None => Ok(None),
        }
    }

    /// The journal; empty if it is unreadable, as this process counts its own lost responses.
    pub(crate) fn journal(&mut self) -> Journal {
        let bytes = self.take(RecordKind::Journal).ok().flatten();
        Journal::read(bytes.as_ref().map(|bytes| bytes.as_slice()))
    }

    /// The tombstones; empty if there are none, and an error if they are unreadable.
    pub(crate) fn ended(&mut self) -> Result<EndedSessions, KeychainError> {
        let bytes = self.take(RecordKind::Ended)?;
        Ok(EndedSessions::read(bytes.as_ref().map(|bytes| bytes.as_slice())))
    }
}

#[cfg(feature = "testing")]
impl Readings {
    pub(crate) fn project(&self, onto: &mut crate::session::projection::Projection<'_>) {
        for (kind, reading) in &self.0 {
            match reading {
                Reading::Requested(operation) => onto.operation(*operation),
                Reading::Read(Err(failure)) => onto.word(format_args!("{:?}", failure.code())),
                Reading::Read(Ok(read)) => {
                    let (now, bytes) = (onto.now, read.as_ref().map(|bytes| bytes.as_slice()));
                    onto.word(format_args!(
                        "{}",
                        crate::session::projection::describe_stored(*kind, bytes, now)
                    ));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_is_requested_when_free_and_released_when_held() {
        let one = Operation(1);
        let now = Monotonic(Duration::from_secs(9));
        let later = now.after(Duration::from_millis(1));
        for (mut lock, needed, action) in [
            (Lock::Free, true, LockAction::Ask),
            (Lock::Free, false, LockAction::None),
            (Lock::Requested(one, 0), true, LockAction::None),
            (Lock::Requested(one, 0), false, LockAction::None),
            (Lock::Held(one), true, LockAction::None),
            (Lock::Held(one), false, LockAction::Release(one)),
            (Lock::Missing, true, LockAction::None),
            (Lock::Missing, false, LockAction::None),
            (Lock::Failed(Some(now), 1), true, LockAction::Ask),
            (Lock::Failed(Some(later), 1), true, LockAction::None),
            (Lock::Failed(Some(now), 1), false, LockAction::None),
            (Lock::Failed(None, 1), true, LockAction::Ask),
            (Lock::Failed(None, 1), false, LockAction::None),
        ] {
            assert_eq!(lock.update(needed, now), action);
        }
    }

    #[test]
    fn lock_is_released_once() {
        let mut lock = Lock::Held(Operation(1));
        assert_eq!(lock.release(), LockAction::Release(Operation(1)));
        assert_eq!(lock.release(), LockAction::None);
    }
}
