//! Operations on files, for async code. A file system may hang, such as a network one without its server.

use std::{sync::Arc, time::Duration};

use scalekit_auth::KeychainError;
use tokio::{sync::watch, task::spawn_blocking, time::timeout};

use super::Files;

/// The timeout of an operation, which continues after it.
pub(crate) const FILE_TIMEOUT: Duration = Duration::from_secs(15);

/// Performs operations on threads of the runtime, one after the other. None begins beside one that has timed out, whose
/// late write would replace that of a later one.
pub(crate) struct FileQueue {
    files: Files,
    /// Whether an operation is performed.
    busy: Arc<watch::Sender<bool>>,
    timeout: Duration,
}

impl FileQueue {
    pub(crate) fn new(files: Files) -> Self {
        Self { files, busy: Arc::default(), timeout: FILE_TIMEOUT }
    }

    /// Performs an operation.
    ///
    /// # Errors
    /// Its own; a timeout, after which it is performed or not; or, at once, that a previous one still hangs.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        if self.busy.send_replace(true) {
            return Err(self.hangs());
        }
        let (ends, files) = (Ends(Arc::clone(&self.busy)), self.files.clone());
        let performed = spawn_blocking(move || {
            let _ends = ends;
            work(&files)
        });
        match timeout(self.timeout, performed).await {
            Ok(Ok(done)) => done,
            Ok(Err(why)) => Err(KeychainError::Failed(why.to_string())),
            Err(_) => Err(self.hangs()),
        }
    }

    /// Calls `then` after the operation that is performed; at once, if none is.
    pub(crate) fn after_all(&self, then: impl FnOnce() + Send + 'static) {
        let mut busy = self.busy.subscribe();
        if !*busy.borrow() {
            return then();
        }
        tokio::spawn(async move {
            let _ = busy.wait_for(|busy| !busy).await;
            then();
        });
    }

    fn hangs(&self) -> KeychainError {
        let folder = self.files.path("");
        let seconds = self.timeout.as_secs();
        KeychainError::Failed(format!("{} did not respond within {seconds} s", folder.display()))
    }
}

/// Reports the end of an operation, also of one that panics.
struct Ends(Arc<watch::Sender<bool>>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.send_replace(false);
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
        assert!(matches!(outcome, Err(KeychainError::Failed(why)) if why.contains("respond")));
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

    #[tokio::test]
    async fn file_operation_after_a_panic_or_a_release_is_performed() {
        let folder = tempfile::tempdir().unwrap();
        let queue = FileQueue::new(Files::new(folder.path()));
        let panicked = queue.run::<()>(|_| panic!("panics on request")).await;
        assert!(matches!(panicked, Err(KeychainError::Failed(_))));
        let (done, after) = std::sync::mpsc::channel();
        queue.after_all(move || done.send(()).unwrap());
        assert!(after.try_recv().is_ok(), "nothing is performed, and it waits");
        queue.run(|files| files.store("journal", b"first")).await.unwrap();
    }
}
