//! The storage queue: operations of keychain and files, one after the other.

use std::sync::Arc;

use scalekit_auth::{Event, KeychainError, Operation, SessionId, StorageKey, may_delete};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use super::{Platform, event::TaskEventSender};
use crate::{fail_point::fail_point, files::Files, lock::HeldLock};

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
    Delete(Operation, StorageKey, Option<Vec<SessionId>>),
    Flush(oneshot::Sender<()>),
    Release(HeldLock),
}

/// Performs the jobs in order.
async fn run(
    platform: Arc<Platform>,
    mut work: mpsc::UnboundedReceiver<StorageJob>,
    events_out: TaskEventSender,
) {
    while let Some(work) = work.recv().await {
        let event = match work {
            StorageJob::Load(operation, entry) => {
                Event::Loaded(operation, load(&platform, entry).await)
            }
            StorageJob::Store(operation, entry, bytes) => {
                Event::Stored(operation, store(&platform, entry, bytes).await)
            }
            StorageJob::Append(operation, entry, line) => {
                let appended =
                    on_disk(&platform, move |files| files.append(&entry.name(), &line)).await;
                Event::Stored(operation, appended)
            }
            StorageJob::Delete(operation, entry, sessions) => {
                Event::Deleted(operation, delete(&platform, entry, sessions).await)
            }
            // The keychain may still perform operations that have timed out, and does so under the lock.
            StorageJob::Release(held) => {
                platform.keychain.after_all(move || drop(held));
                continue;
            }
            StorageJob::Flush(answer) => {
                let _ = answer.send(());
                continue;
            }
        };
        events_out.send(event);
    }
}

async fn load(
    platform: &Platform,
    entry: StorageKey,
) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
    if entry.kind.is_secret() {
        return platform.keychain.load(&entry.name()).await;
    }
    on_disk(platform, move |files| files.load(&entry.name())).await
}

async fn store(
    platform: &Platform,
    entry: StorageKey,
    bytes: Zeroizing<Vec<u8>>,
) -> Result<(), KeychainError> {
    if entry.kind.is_secret() {
        fail_point!(Storing);
        let stored = platform.keychain.store(&entry.name(), bytes).await;
        fail_point!(Stored);
        return stored;
    }
    let stored = on_disk(platform, move |files| files.store(&entry.name(), &bytes)).await;
    fail_point!(Journaled);
    stored
}

async fn delete(
    platform: &Platform,
    entry: StorageKey,
    sessions: Option<Vec<SessionId>>,
) -> Result<(), KeychainError> {
    if entry.kind.is_secret() {
        let may_be_deleted = move |kept: &[u8]| may_delete(kept, sessions.as_deref());
        return platform.keychain.clear_if(&entry.name(), may_be_deleted).await;
    }
    on_disk(platform, move |files| files.remove(&entry.name())).await
}

async fn on_disk<T: Send + 'static>(
    platform: &Platform,
    work: impl FnOnce(&Files) -> Result<T, KeychainError> + Send + 'static,
) -> Result<T, KeychainError> {
    let files = platform.files.clone();
    tokio::task::spawn_blocking(move || work(&files))
        .await
        .unwrap_or_else(|why| Err(KeychainError::Failed(why.to_string())))
}
