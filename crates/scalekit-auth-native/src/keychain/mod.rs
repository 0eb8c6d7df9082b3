//! The keychain of the operating system, for async code.
//!
//! Keychains block: a locked one waits for the user. One thread performs all calls in order, and is started
//! at first use. A panic in it is propagated to the callers, and the next caller gets a new connection to
//! the keychain.

mod chunked;
mod entry_lock;
#[cfg(target_os = "linux")]
mod keyring;
mod system;
#[cfg(test)]
pub(crate) mod testing;

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

pub use scalekit_auth::KeychainError;

/// The timeout of a call. The operation continues after it.
pub(crate) const KEYCHAIN_TIMEOUT: Duration = Duration::from_secs(15);

/// What is loaded in place of a value with missing chunks. No stored value has this content.
const INCOMPLETE: &[u8] = b"incomplete";

/// Credential Manager takes 2,560 bytes for a value (`CRED_MAX_CREDENTIAL_BLOB_SIZE`).
const MAX_VALUE_BYTES: usize = if cfg!(windows) { 2560 } else { usize::MAX };

/// Named values, stored by the operating system. Blocks.
pub trait CredentialStore: Send {
    /// The value of this name.
    ///
    /// # Errors
    /// When the keychain returns an error; a name without a value is none.
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError>;

    /// Sets the value of this name.
    ///
    /// # Errors
    /// When the keychain returns an error.
    fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainError>;

    /// Removes the value of this name, if there is one.
    ///
    /// # Errors
    /// When the keychain returns an error.
    fn remove(&mut self, name: &str) -> Result<(), KeychainError>;
}

/// The entries of one program. Cheap to clone.
#[derive(Clone)]
pub struct Keychain(Arc<Inner>);

struct Inner {
    make: Arc<dyn Fn() -> Box<dyn CredentialStore> + Send + Sync>,
    may_ask: Arc<AtomicBool>,
    longest: usize,
    timeout: Duration,
    thread: Mutex<Option<mpsc::Sender<Job>>>,
    /// The thread has panicked, and no caller has received the panic so far.
    fault: Arc<AtomicBool>,
}

type Job = Box<dyn FnOnce(&mut dyn CredentialStore) + Send>;

impl Keychain {
    /// The entries of this service in the system's keychain: Secret Service, Keychain Services or
    /// Credential Manager. Connects at the first access.
    #[must_use]
    pub fn system(service: &str) -> Self {
        let service = service.to_owned();
        let may_ask = Arc::new(AtomicBool::new(false));
        let prompts = Arc::clone(&may_ask);
        Self::asking(may_ask, MAX_VALUE_BYTES, KEYCHAIN_TIMEOUT, move || {
            Box::new(system::OsCredentialStore::new(service.clone(), Arc::clone(&prompts)))
        })
    }

    /// Reports a user action that stores something. Where the Secret Service has no default keyring, the user
    /// may be prompted for one: once for each call of this method.
    pub fn allow_prompt(&self) {
        self.0.may_ask.store(true, Ordering::Release);
    }

    /// Entries in another store.
    pub fn with_entries(
        make: impl Fn() -> Box<dyn CredentialStore> + Send + Sync + 'static,
    ) -> Self {
        Self::new(usize::MAX, KEYCHAIN_TIMEOUT, make)
    }

    fn new(
        longest: usize,
        timeout: Duration,
        make: impl Fn() -> Box<dyn CredentialStore> + Send + Sync + 'static,
    ) -> Self {
        Self::asking(Arc::default(), longest, timeout, make)
    }

    fn asking(
        may_ask: Arc<AtomicBool>,
        longest: usize,
        timeout: Duration,
        make: impl Fn() -> Box<dyn CredentialStore> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            may_ask,
            make: Arc::new(make),
            longest,
            timeout,
            thread: Mutex::default(),
            fault: Arc::default(),
        }))
    }

    /// The value of this name; a damaged one where chunks of it are missing permanently. With a damaged value
    /// the user can sign in again, which an error would deny.
    ///
    /// # Errors
    /// When the keychain returns an error or times out.
    pub async fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        let name = name.to_owned();
        self.ask(move |entries, _| match chunked::load(entries, &name) {
            Err(failure) if failure == chunked::incomplete() => {
                Ok(Some(Zeroizing::new(INCOMPLETE.to_vec())))
            }
            outcome => outcome,
        })
        .await
    }

    /// Stores a value.
    ///
    /// # Errors
    /// When the keychain returns an error or times out; the value is then the previous or the new one, and
    /// chunks may be left, which the next call removes.
    pub async fn store(&self, name: &str, value: Zeroizing<Vec<u8>>) -> Result<(), KeychainError> {
        let name = name.to_owned();
        self.ask(move |entries, longest| chunked::store(entries, &name, &value, longest)).await
    }

    /// Removes a value; an absent one is no error.
    ///
    /// # Errors
    /// When the keychain returns an error or times out.
    pub async fn clear(&self, name: &str) -> Result<(), KeychainError> {
        let name = name.to_owned();
        self.ask(move |entries, longest| chunked::clear(entries, &name, longest)).await
    }

    /// Stores a value while the file `lock` is locked, so that no process deletes it in [`Self::clear_if`].
    ///
    /// # Errors
    /// As of [`Self::store`]. A lock that another process holds for a third of the timeout counts as a timeout; nothing
    /// is stored then.
    pub(crate) async fn store_under(
        &self,
        lock: PathBuf,
        name: &str,
        value: Zeroizing<Vec<u8>>,
    ) -> Result<(), KeychainError> {
        let name = name.to_owned();
        self.ask_under(lock, move |entries, longest| {
            chunked::store(entries, &name, &value, longest)
        })
        .await
    }

    /// Removes a value that passes `may_be_removed`. The check runs at the removal, not at the call: a keychain
    /// may be slow, and another process may have replaced the value meanwhile. The file `lock` is locked from the
    /// check to the removal.
    ///
    /// # Errors
    /// When the keychain returns an error or times out.
    pub(crate) async fn clear_if(
        &self,
        lock: PathBuf,
        name: &str,
        may_be_removed: impl FnOnce(&[u8]) -> bool + Send + 'static,
    ) -> Result<(), KeychainError> {
        let name = name.to_owned();
        self.ask_under(lock, move |entries, longest| match chunked::load(entries, &name) {
            Ok(Some(value)) if !may_be_removed(&value) => Ok(()),
            Ok(_) => chunked::clear(entries, &name, longest),
            // An incomplete value is usable by no process. One that could not be read may be another session's.
            Err(failure) if failure == chunked::incomplete() => {
                chunked::clear(entries, &name, longest)
            }
            Err(failure) => Err(failure),
        })
        .await
    }

    /// Calls `then` after all previous operations, those that have timed out included.
    pub fn after_all(&self, then: impl FnOnce() + Send + 'static) {
        // Where no thread can be started, none has an operation under way.
        let _ = self.begin(Box::new(move |_| then()));
    }

    /// The lock is released when the operation has been performed, also where it has timed out before.
    async fn ask_under<T: Send + 'static>(
        &self,
        lock: PathBuf,
        question: impl FnOnce(&mut dyn CredentialStore, usize) -> Result<T, KeychainError>
        + Send
        + 'static,
    ) -> Result<T, KeychainError> {
        let begun = Instant::now();
        let held = entry_lock::acquire(lock, self.0.timeout / 3).await?;
        let remaining = self.0.timeout.saturating_sub(begun.elapsed());
        self.ask_within(remaining, move |entries, longest| {
            let _held = held;
            question(entries, longest)
        })
        .await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn CredentialStore, usize) -> Result<T, KeychainError>
        + Send
        + 'static,
    ) -> Result<T, KeychainError> {
        self.ask_within(self.0.timeout, question).await
    }

    async fn ask_within<T: Send + 'static>(
        &self,
        timeout: Duration,
        question: impl FnOnce(&mut dyn CredentialStore, usize) -> Result<T, KeychainError>
        + Send
        + 'static,
    ) -> Result<T, KeychainError> {
        let (sender, received) = oneshot::channel();
        let reply = Reply { sender: Some(sender), fault: Arc::clone(&self.0.fault) };
        let longest = self.0.longest;
        self.begin(Box::new(move |entries| reply.give(question(entries, longest))))?;
        let received = tokio::time::timeout(timeout, received).await;
        // Also after a panic in an operation whose caller has gone. Operations that were requested since then are
        // done by now, so reporting it here loses nothing.
        let fault = self.0.fault.swap(false, Ordering::AcqRel);
        match received {
            Ok(Ok(reply)) if !fault => reply,
            Err(_) if !fault => Err(KeychainError::Slow),
            Ok(_) | Err(_) => resume_unwind(Box::new("the keychain's thread has panicked")),
        }
    }

    /// Sends a job to the thread; starts one where there is none.
    fn begin(&self, job: Job) -> Result<(), KeychainError> {
        let mut thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner);
        let job = match &*thread {
            Some(jobs) => match jobs.send(job) {
                Ok(()) => return Ok(()),
                Err(mpsc::SendError(job)) => job,
            },
            None => job,
        };
        let started = self.start().map_err(|why| not_started(&why))?;
        let taken = started.send(job).map_err(|why| not_started(&why));
        *thread = Some(started);
        taken
    }

    fn start(&self) -> std::io::Result<mpsc::Sender<Job>> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let make = Arc::clone(&self.0.make);
        thread::Builder::new().name("keychain".to_owned()).spawn(move || {
            let mut entries = None;
            while let Ok(job) = queue.recv() {
                let done = catch_unwind(AssertUnwindSafe(|| {
                    job(entries.get_or_insert_with(|| make()).as_mut());
                }));
                if done.is_err() {
                    // The state of the store is unknown after a panic.
                    entries = None;
                }
            }
        })?;
        Ok(jobs)
    }
}

/// Returns the result to the caller, or reports a panic.
struct Reply<T> {
    sender: Option<oneshot::Sender<T>>,
    fault: Arc<AtomicBool>,
}

impl<T> Reply<T> {
    fn give(mut self, reply: T) {
        if let Some(sender) = self.sender.take() {
            let _ = sender.send(reply);
        }
    }
}

impl<T> Drop for Reply<T> {
    /// Runs before the sender is dropped, which is what the caller notices.
    fn drop(&mut self) {
        if thread::panicking() {
            self.fault.store(true, Ordering::Release);
        }
    }
}

fn not_started(why: &dyn std::fmt::Display) -> KeychainError {
    KeychainError::Failed(format!("The keychain's thread could not be started: {why}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::{testing::Memory, *};
    use crate::lock;

    /// A path that cannot be locked.
    fn no_lock() -> PathBuf {
        PathBuf::new()
    }

    fn bytes(text: &str) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(text.as_bytes().to_vec())
    }

    #[tokio::test]
    async fn keychain_load_returns_last_store_until_cleared() {
        let memory = Memory::default();
        let keychain = memory.keychain(usize::MAX, KEYCHAIN_TIMEOUT);
        assert!(keychain.load("a").await.unwrap().is_none());
        keychain.store("a", bytes("one")).await.unwrap();
        keychain.store("a", bytes("two")).await.unwrap();
        assert_eq!(keychain.load("a").await.unwrap(), Some(bytes("two")));
        keychain.clear("a").await.unwrap();
        keychain.clear("a").await.unwrap();
        assert!(keychain.load("a").await.unwrap().is_none());
    }

    // req: H4
    #[tokio::test]
    #[expect(
        clippy::await_holding_lock,
        reason = "the lock is the keychain's own, and it is what is slow"
    )]
    async fn keychain_slow_prompt_times_out_but_store_completes() {
        let memory = Memory::default();
        let keychain = memory.keychain(usize::MAX, Duration::from_millis(20));
        let held = memory.hold();
        let outcome = keychain.store("a", bytes("one")).await;
        assert_eq!(outcome, Err(KeychainError::Slow));
        drop(held);
        let patient = memory.keychain(usize::MAX, KEYCHAIN_TIMEOUT);
        // The operations of two keychains are not ordered, so the slow one is read first.
        while keychain.load("a").await == Err(KeychainError::Slow) {}
        assert_eq!(patient.load("a").await.unwrap(), Some(bytes("one")));
    }

    #[tokio::test]
    async fn keychain_clear_if_checks_value_at_removal() {
        let memory = Memory::default();
        let keychain = memory.keychain(usize::MAX, KEYCHAIN_TIMEOUT);
        keychain.store("a", bytes("ours")).await.unwrap();
        keychain.clear_if(no_lock(), "a", |value| value == b"another").await.unwrap();
        assert_eq!(keychain.load("a").await.unwrap(), Some(bytes("ours")));
        keychain.clear_if(no_lock(), "a", |value| value == b"ours").await.unwrap();
        assert!(keychain.load("a").await.unwrap().is_none());
        keychain.clear_if(no_lock(), "a", |_| false).await.unwrap();
    }

    /// A keychain that notes whether the entry is locked while it writes.
    struct Watched(Memory, PathBuf, Arc<Mutex<Vec<bool>>>);

    impl Watched {
        fn note(&self) {
            let is_locked = lock::try_lock(&self.1).unwrap().is_none();
            self.2.lock().unwrap().push(is_locked);
        }
    }

    impl CredentialStore for Watched {
        fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
            self.0.get(name)
        }

        fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainError> {
            self.note();
            self.0.set(name, value)
        }

        fn remove(&mut self, name: &str) -> Result<(), KeychainError> {
            self.note();
            self.0.remove(name)
        }
    }

    #[tokio::test]
    async fn keychain_entry_is_locked_from_check_to_removal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.entry.lock");
        let (seen, memory) = (Arc::new(Mutex::new(Vec::new())), Memory::default());
        let (entries, of_entries, noted) = (memory.clone(), path.clone(), Arc::clone(&seen));
        let keychain = Keychain::with_entries(move || {
            Box::new(Watched(entries.clone(), of_entries.clone(), Arc::clone(&noted)))
        });
        keychain.store_under(path.clone(), "a", bytes("ours")).await.unwrap();
        let (checked, at_check) = (path.clone(), Arc::clone(&seen));
        let may_be_removed = move |_: &[u8]| {
            at_check.lock().unwrap().push(lock::try_lock(&checked).unwrap().is_none());
            true
        };
        keychain.clear_if(path.clone(), "a", may_be_removed).await.unwrap();
        let seen = std::mem::take(&mut *seen.lock().unwrap());
        assert!(seen.len() >= 3 && seen.iter().all(|is_locked| *is_locked), "{seen:?}");
        assert!(lock::try_lock(&path).unwrap().is_some());
        assert_eq!(memory.names(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn keychain_entry_locked_by_another_process_blocks_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(format!("{name}.entry.lock"));
        let memory = Memory::default();
        let keychain = memory.keychain(usize::MAX, Duration::from_millis(300));
        let of_another_process = lock::hold_file(lock::open(&path("a")).unwrap()).unwrap();
        let outcome = keychain.store_under(path("a"), "a", bytes("one")).await;
        assert_eq!(outcome, Err(KeychainError::Slow));
        keychain.store_under(path("b"), "b", bytes("two")).await.unwrap();
        drop(of_another_process);
        assert_eq!(memory.names(), ["b"], "nothing is stored later, without a lock");
        keychain.store_under(path("a"), "a", bytes("three")).await.unwrap();
        assert_eq!(keychain.load("a").await.unwrap(), Some(bytes("three")));
    }

    #[tokio::test]
    async fn keychain_clear_if_removes_an_incomplete_value() {
        let mut memory = Memory::default();
        let keychain = memory.keychain(8, KEYCHAIN_TIMEOUT);
        keychain.store("a", bytes("longer than one entry of this keychain")).await.unwrap();
        let chunk = memory.names().into_iter().next_back().unwrap();
        memory.remove(&chunk).unwrap();
        keychain.clear_if(no_lock(), "a", |_| false).await.unwrap();
        assert_eq!(memory.names(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn keychain_load_of_incomplete_value_is_a_damaged_record() {
        let mut memory = Memory::default();
        let keychain = memory.keychain(8, KEYCHAIN_TIMEOUT);
        keychain.store("a", bytes("longer than one entry of this keychain")).await.unwrap();
        let chunk = memory.names().into_iter().next_back().unwrap();
        memory.remove(&chunk).unwrap();
        let loaded = keychain.load("a").await.unwrap().unwrap();
        // Only a damaged record may be deleted for no session at all.
        assert!(scalekit_auth::DeleteOnly::Sessions(Vec::new()).permits(&loaded));
    }

    /// A keychain whose first call fails temporarily, as after a restart of the bus.
    struct FailsOnce(Memory, bool);

    impl CredentialStore for FailsOnce {
        fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
            if std::mem::take(&mut self.1) {
                return Err(KeychainError::Failed("the bus disconnected".to_owned()));
            }
            self.0.get(name)
        }

        fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainError> {
            self.0.set(name, value)
        }

        fn remove(&mut self, name: &str) -> Result<(), KeychainError> {
            self.0.remove(name)
        }
    }

    #[tokio::test]
    async fn keychain_clear_if_after_read_error_removes_nothing() {
        let memory = Memory::default();
        memory.keychain(usize::MAX, KEYCHAIN_TIMEOUT).store("a", bytes("another's")).await.unwrap();
        let entries = memory.clone();
        let keychain = Keychain::with_entries(move || Box::new(FailsOnce(entries.clone(), true)));
        assert!(matches!(
            keychain.clear_if(no_lock(), "a", |_| false).await,
            Err(KeychainError::Failed(_))
        ));
        assert_eq!(memory.names(), ["a"]);
    }

    #[tokio::test]
    #[expect(
        clippy::await_holding_lock,
        reason = "the lock is the keychain's own, and it is what is slow"
    )]
    async fn keychain_after_all_runs_after_timed_out_operations() {
        let memory = Memory::default();
        let keychain = memory.keychain(usize::MAX, Duration::from_millis(20));
        let held = memory.hold();
        assert_eq!(keychain.store("a", bytes("late")).await, Err(KeychainError::Slow));
        let (done, after) = oneshot::channel();
        let values = memory.clone();
        keychain.after_all(move || drop(done.send(values.names())));
        drop(held);
        assert_eq!(after.await.unwrap(), ["a"]);
    }

    #[tokio::test]
    async fn keychain_backend_is_not_opened_before_first_use() {
        let memory = Memory::default();
        let _keychain = memory.keychain(usize::MAX, KEYCHAIN_TIMEOUT);
        assert_eq!(memory.made(), 0);
    }

    /// A keychain in memory that panics at one name.
    struct Faulty(Memory);

    impl CredentialStore for Faulty {
        fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
            let value = self.0.get(name);
            assert_ne!(name, "fault", "panics on request");
            value
        }

        fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainError> {
            self.0.set(name, value)
        }

        fn remove(&mut self, name: &str) -> Result<(), KeychainError> {
            self.0.remove(name)
        }
    }

    fn faulty(memory: &Memory, timeout: Duration) -> (Keychain, Arc<AtomicUsize>) {
        let (memory, made) = (memory.clone(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&made);
        let keychain = Keychain::new(usize::MAX, timeout, move || {
            counted.fetch_add(1, Ordering::SeqCst);
            Box::new(Faulty(memory.clone()))
        });
        (keychain, made)
    }

    /// Waits until it is so.
    async fn becomes(condition: impl Fn() -> bool) {
        let waiting = async {
            while !condition() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(KEYCHAIN_TIMEOUT, waiting).await.unwrap();
    }

    async fn panics<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> bool {
        tokio::spawn(work).await.is_err_and(|why| why.is_panic())
    }

    #[tokio::test]
    async fn keychain_panic_reaches_caller_and_backend_is_rebuilt() {
        let (keychain, made) = faulty(&Memory::default(), KEYCHAIN_TIMEOUT);
        keychain.store("a", bytes("one")).await.unwrap();
        for times in 1..4 {
            let shared = keychain.clone();
            assert!(panics(async move { shared.load("fault").await }).await);
            assert_eq!(keychain.load("a").await.unwrap(), Some(bytes("one")));
            assert_eq!(made.load(Ordering::SeqCst), times + 1);
        }
    }

    #[tokio::test]
    async fn keychain_backend_constructor_panic_reaches_caller() {
        let keychain =
            Keychain::new(usize::MAX, KEYCHAIN_TIMEOUT, || std::panic::resume_unwind(Box::new("")));
        for _ in 0..2 {
            let shared = keychain.clone();
            assert!(panics(async move { shared.load("a").await }).await);
        }
    }

    #[tokio::test]
    #[expect(
        clippy::await_holding_lock,
        reason = "the lock is the keychain's own, and it is what is slow"
    )]
    async fn keychain_panic_after_timeout_reaches_next_caller() {
        for is_slow_again in [false, true] {
            let memory = Memory::default();
            let (keychain, _) = faulty(&memory, Duration::from_millis(200));
            let held = memory.hold();
            assert_eq!(keychain.load("fault").await, Err(KeychainError::Slow));
            drop(held);
            becomes(|| keychain.0.fault.load(Ordering::Acquire)).await;
            let held = is_slow_again.then(|| memory.hold());
            let shared = keychain.clone();
            assert!(panics(async move { shared.store("a", bytes("one")).await }).await);
            drop(held);
            becomes(|| memory.names() == ["a"]).await;
        }
    }
}
