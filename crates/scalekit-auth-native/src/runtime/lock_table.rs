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
        let name = format!("{}.lock", StorageKey { account, kind: RecordKind::Session }.name());
        lock(&files.path(&name), move |outcome| events_out.send_locked(operation, outcome));
    }

    /// Stores an acquired lock; returns the event for the state machine.
    pub(super) fn granted(&mut self, operation: Operation, outcome: io::Result<HeldLock>) -> Event {
        if let Err(why) = &outcome {
            tracing::warn!(%why, "there is no lock to be had: this process goes on as if it were alone");
        }
        let outcome = outcome.map(|held| drop(self.held.insert(operation, held)));
        Event::Locked(operation, outcome.map_err(|why| LockError(why.to_string())))
    }

    pub(super) fn release(&mut self, operation: Operation) {
        if let Some(held) = self.held.remove(&operation) {
            self.storage.enqueue(StorageJob::Release(held));
        }
    }
}

impl Drop for LockTable {
    /// However the session's task ends, pending writes are done before another process acquires the lock.
    fn drop(&mut self) {
        for (_, held) in self.held.drain() {
            self.storage.enqueue(StorageJob::Release(held));
        }
    }
}
