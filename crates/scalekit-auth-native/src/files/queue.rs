//! Operations on files, for async code. A file system may hang, such as a network one without its server.

use std::{sync::Arc, time::Duration};

use scalekit_auth::KeychainError;
use tokio::{sync::Mutex, task::spawn_blocking, time::timeout};

use super::Files;

/// The timeout of an operation, which continues after it.
pub(crate) const FILE_TIMEOUT: Duration = Duration::from_secs(15);

/// Performs operations on threads of the runtime, one after the other. None begins beside one that has timed out, whose
/// late write would replace that of a later one.
pub(crate) struct FileQueue {
    files: Files,
    /// Held by the operation that is performed.
    turn: Arc<Mutex<()>>,
    timeout: Duration,
}

impl FileQueue {
    pub(crate) fn new(files: Files) -> Self {
        Self { files, turn: Arc::default(), timeout: FILE_TIMEOUT }
    }

    /// Performs an operation.
    ///
    /// # Errors
    /// Its own; a timeout, after which it is performed or not; or, at once, that a previous one still hangs.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let turn = Arc::clone(&self.turn).try_lock_owned().map_err(|_| self.hangs())?;
        let files = self.files.clone();
        let performed = spawn_blocking(move || {
            let done = work(&files);
            drop(turn);
            done
        });
        match timeout(self.timeout, performed).await {
            Ok(Ok(done)) => done,
            Ok(Err(why)) => Err(KeychainError::Failed(why.to_string())),
            Err(_) => Err(self.hangs()),
        }
    }

    /// Calls `then` after the operation that is performed, if one is.
    pub(crate) fn after_all(&self, then: impl FnOnce() + Send + 'static) {
        let turn = Arc::clone(&self.turn);
        tokio::spawn(async move {
            let turn = turn.lock_owned().await;
            drop(turn);
            then();
        });
    }

    fn hangs(&self) -> KeychainError {
        let folder = self.files.path("");
        let seconds = self.timeout.as_secs();
        KeychainError::Failed(format!("{} did not answer within {seconds} s", folder.display()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A queue whose file system hangs until the sender is dropped.
    async fn hanging(folder: &std::path::Path) -> (FileQueue, mpsc::Sender<()>) {
        let queue =
            FileQueue { timeout: Duration::from_millis(20), ..FileQueue::new(Files::new(folder)) };
        let (hangs, until) = mpsc::channel::<()>();
        let work = move |files: &Files| {
            let _ = until.recv();
            files.store("journal", b"first")
        };
        let outcome = queue.run(work).await;
        assert!(matches!(outcome, Err(KeychainError::Failed(why)) if why.contains("answer")));
        (queue, hangs)
    }

    #[tokio::test]
    async fn hanging_file_times_out_and_nothing_begins_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let (queue, hangs) = hanging(folder.path()).await;
        assert!(queue.run(|files| files.store("journal", b"second")).await.is_err());
        let (done, after) = tokio::sync::oneshot::channel();
        let files = queue.files.clone();
        queue.after_all(move || drop(done.send(files.load("journal"))));
        drop(hangs);
        assert_eq!(**after.await.unwrap().unwrap().as_ref().unwrap(), *b"first");
        queue.run(|files| files.store("journal", b"third")).await.unwrap();
        let stored = queue.run(|files| files.load("journal")).await.unwrap().unwrap();
        assert_eq!(*stored, *b"third");
    }
}
