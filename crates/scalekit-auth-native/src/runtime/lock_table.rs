//! The locks that the session holds.

use std::{collections::HashMap, io};

use scalekit_auth::{AccountKey, Event, LockError, Operation, RecordKind, StorageKey};

use super::{
    event::TaskEventSender,
    storage_queue::{StorageJob, StorageQueue},
};
use crate::{
    files::Files,
    lock::{HeldLock, lock},
};

/// The held locks, by the operation that acquired them. The storage queue releases a lock, so that everything
/// that was written under it is stored before another process acquires it.
pub(super) struct LockTable {
    held: HashMap<Operation, HeldLock>,
    storage: StorageQueue,
}

impl LockTable {
    pub(super) fn new(storage: StorageQueue) -> Self {
        Self { held: HashMap::new(), storage }
    }

    /// Waits for the lock of `account` on a thread of its own.
    pub(super) fn request(
        files: &Files,
        operation: Operation,
        account: AccountKey,
        events_out: TaskEventSender,
    ) {
        let name = lock_name(account);
        let events = events_out.clone();
        let waits =
            lock(&files.path(&name), move |outcome| events_out.send_locked(operation, outcome));
        if let Err(why) = waits {
            events.send_locked(operation, Err(why));
        }
    }

    /// Stores an acquired lock; returns the event for the state machine.
    pub(super) fn granted(&mut self, operation: Operation, outcome: io::Result<HeldLock>) -> Event {
        if let Err(why) = &outcome {
            tracing::warn!(%why, "the lock of the session was not acquired");
        }
        let outcome = outcome.map(|held| drop(self.held.insert(operation, held)));
        Event::Locked(operation, outcome.map_err(|why| error_of(&why)))
    }

    pub(super) fn release(&mut self, operation: Operation) {
        if let Some(held) = self.held.remove(&operation) {
            self.storage.enqueue(StorageJob::Release(held));
        }
    }
}

/// Whether the file system has no locks, or the system failed for the moment.
fn error_of(why: &io::Error) -> LockError {
    let is_refused = matches!(
        why.kind(),
        io::ErrorKind::Unsupported
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            // The lock's file cannot be created.
            | io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
    );
    let is_refused = is_refused || is_unsupported(why);
    let text = why.to_string();
    if is_refused { LockError::Unsupported(text) } else { LockError::Failed(text) }
}

/// A file system without locks, such as a network one without a lock service.
#[cfg(unix)]
fn is_unsupported(why: &io::Error) -> bool {
    use rustix::io::Errno;
    let errors = [Errno::NOLCK, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL];
    Errno::from_io_error(why).is_some_and(|error| errors.contains(&error))
}

/// `ERROR_INVALID_FUNCTION` and `ERROR_NOT_SUPPORTED`.
#[cfg(windows)]
fn is_unsupported(why: &io::Error) -> bool {
    matches!(why.raw_os_error(), Some(1 | 50))
}

impl Drop for LockTable {
    /// However the session's task ends, pending writes are done before another process acquires the lock.
    fn drop(&mut self) {
        for (_, held) in self.held.drain() {
            self.storage.enqueue(StorageJob::Release(held));
        }
    }
}

/// The file of an account's lock, which every version must agree on.
fn lock_name(account: AccountKey) -> String {
    format!("{}.lock", StorageKey { account, kind: RecordKind::Session }.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two versions side by side share one lock, so that one refresh token is not sent twice.
    #[test]
    fn lock_name_of_0_1_0_is_unchanged() {
        let configuration = scalekit_auth::Configuration::new(
            scalekit_auth::EnvironmentUrl::parse("https://acme.scalekit.com").unwrap(),
            scalekit_auth::ClientId::parse("skc_latchkey").unwrap(),
            scalekit_auth::RedirectUris::with_scheme("io.latchkey.desktop").unwrap(),
        );
        let account = AccountKey::of(&configuration);
        assert_eq!(lock_name(account), "session-a1f3e447050f.lock");
    }

    #[test]
    fn lock_error_is_unsupported_where_the_file_system_refuses() {
        for kind in [
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::ReadOnlyFilesystem,
            io::ErrorKind::Unsupported,
            io::ErrorKind::NotFound,
            io::ErrorKind::NotADirectory,
            io::ErrorKind::StorageFull,
            io::ErrorKind::QuotaExceeded,
        ] {
            let error = error_of(&io::Error::from(kind));
            assert!(matches!(error, LockError::Unsupported(_)), "{kind}");
        }
        for kind in [io::ErrorKind::Other, io::ErrorKind::IsADirectory, io::ErrorKind::TimedOut] {
            assert!(matches!(error_of(&io::Error::from(kind)), LockError::Failed(_)), "{kind}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn lock_error_of_a_full_table_of_files_is_passing() {
        use rustix::io::Errno;
        assert!(matches!(error_of(&Errno::MFILE.into()), LockError::Failed(_)));
        for error in [Errno::NOLCK, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL] {
            assert!(matches!(error_of(&error.into()), LockError::Unsupported(_)), "{error}");
        }
    }
}
