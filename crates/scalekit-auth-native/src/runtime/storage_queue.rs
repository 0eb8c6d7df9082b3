//! The storage queue: operations of keychain and files, one after the other.

use std::{path::PathBuf, sync::Arc};

use scalekit_auth::{DeleteOnly, Event, KeychainError, Operation, StorageKey};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use super::{event::TaskEventSender, platform::Platform};
use crate::{
    fail_point::fail_point,
    files::{Files, queue::FileQueue},
    lock::HeldLock,
};

/// Sends jobs to the queue.
#[derive(Clone)]
pub(super) struct StorageQueue(mpsc::UnboundedSender<StorageJob>);

impl StorageQueue {
    /// Starts the queue. It continues after the session's task has ended, until all pending writes are done.
    pub(super) fn start(platform: Arc<Platform>, events_out: TaskEventSender) -> Self {
        let (work, to_do) = mpsc::unbounded_channel();
        tokio::spawn(run(platform, to_do, events_out));
        Self(work)
    }

    pub(super) fn enqueue(&self, work: StorageJob) {
        let _ = self.0.send(work);
    }
}

/// A job of the storage queue.
pub(super) enum StorageJob {
    Load(Operation, StorageKey),
    Store(Operation, StorageKey, Zeroizing<Vec<u8>>),
    Append(Operation, StorageKey, Vec<u8>),
    Delete(Operation, StorageKey, DeleteOnly),
    Flush(oneshot::Sender<()>),
    Release(HeldLock),
}

/// Performs the jobs in order.
async fn run(
    platform: Arc<Platform>,
    mut work: mpsc::UnboundedReceiver<StorageJob>,
    events_out: TaskEventSender,
) {
    let storage = Storage { files: FileQueue::new(platform.files.clone()), platform };
    while let Some(work) = work.recv().await {
        let event = match work {
            StorageJob::Load(operation, entry) => {
                Event::Loaded(operation, storage.load(entry).await)
            }
            StorageJob::Store(operation, entry, bytes) => {
                Event::Stored(operation, storage.store(entry, bytes).await)
            }
            StorageJob::Append(operation, entry, line) => {
                let append = move |files: &Files| files.append(&entry.name(), &line);
                Event::Stored(operation, storage.files.run(append).await)
            }
            StorageJob::Delete(operation, entry, only) => {
                Event::Deleted(operation, storage.delete(entry, only).await)
            }
            StorageJob::Release(held) => {
                storage.release(held);
                continue;
            }
            StorageJob::Flush(reply) => {
                let _ = reply.send(());
                continue;
            }
        };
        events_out.send(event);
    }
}

/// The keychain and the files.
struct Storage {
    platform: Arc<Platform>,
    files: FileQueue,
}

impl Storage {
    async fn load(&self, entry: StorageKey) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        if entry.kind.is_secret() {
            return self.platform.keychain.load(&entry.name()).await;
        }
        self.files.run(move |files| files.load(&entry.name())).await
    }

    async fn store(
        &self,
        entry: StorageKey,
        bytes: Zeroizing<Vec<u8>>,
    ) -> Result<(), KeychainError> {
        if entry.kind.is_secret() {
            fail_point!(Storing);
            let lock = self.lock_of(&entry);
            let stored = self.platform.keychain.store_under(lock, &entry.name(), bytes).await;
            fail_point!(Stored);
            return stored;
        }
        let stored = self.files.run(move |files| files.store(&entry.name(), &bytes)).await;
        fail_point!(Journaled);
        stored
    }

    async fn delete(&self, entry: StorageKey, only: DeleteOnly) -> Result<(), KeychainError> {
        if entry.kind.is_secret() {
            let lock = self.lock_of(&entry);
            let is_permitted = move |stored: &[u8]| only.permits(stored);
            return self.platform.keychain.clear_if(lock, &entry.name(), is_permitted).await;
        }
        self.files.run(move |files| files.remove(&entry.name())).await
    }

    /// Operations that have timed out may still be performed, which happens under the lock.
    fn release(&self, held: HeldLock) {
        let keychain = self.platform.keychain.clone();
        self.files.after_all(move || keychain.after_all(move || drop(held)));
    }

    /// The lock of one operation on this entry. The session's lock is held for minutes, and a sign-out does not wait
    /// for it.
    fn lock_of(&self, entry: &StorageKey) -> PathBuf {
        self.platform.files.path(&format!("{}.entry.lock", entry.name()))
    }
}
