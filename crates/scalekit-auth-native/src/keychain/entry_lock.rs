//! The lock of one entry across processes. Keychains have none, and none has an operation that compares.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use scalekit_auth::KeychainError;
use tokio::sync::oneshot;

use crate::lock::{self, HeldLock};

/// Acquires the lock within this time, on a thread of its own: another process may hold the lock of one entry for as long
/// as its keychain prompts its user, and the other entries do not wait for that. `None` where there are no locks, or
/// where the file system does not even open the file.
///
/// # Errors
/// [`KeychainError::Slow`] when another process holds it for longer.
pub(super) async fn acquire(
    path: PathBuf,
    timeout: Duration,
) -> Result<Option<HeldLock>, KeychainError> {
    let (sender, acquired) = oneshot::channel();
    let is_open = Arc::new(AtomicBool::new(false));
    let opened = Arc::clone(&is_open);
    let waits = move || {
        let held = lock::open(&path).and_then(|file| {
            opened.store(true, Ordering::Release);
            lock::hold_file(file)
        });
        // A lock that is acquired too late is released at once.
        let _ = sender.send(held);
    };
    if let Err(why) = lock::start(waits) {
        tracing::debug!(%why, "an entry is not locked");
        return Ok(None);
    }
    match tokio::time::timeout(timeout, acquired).await {
        Ok(Ok(Ok(held))) => Ok(Some(held)),
        Ok(Ok(Err(why))) => {
            tracing::debug!(%why, "an entry is not locked");
            Ok(None)
        }
        Err(_) if is_open.load(Ordering::Acquire) => Err(KeychainError::Slow),
        Ok(Err(_)) | Err(_) => Ok(None),
    }
}
