//! The keychain of the operating system, from async code.
//!
//! Keychains block: a locked one waits for a person. One thread of its own takes all of it, in
//! order, and is started at first use.

mod parts;
mod system;
#[cfg(test)]
mod testing;

use std::{
    sync::{Arc, OnceLock, mpsc},
    thread,
    time::Duration,
};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

pub use scalekit_auth::machine::KeychainFailure;

/// How long an answer may take. What was asked for is still done when it comes later.
const PATIENCE: Duration = Duration::from_secs(15);

/// Credential Manager takes 2,560 bytes for a value (`CRED_MAX_CREDENTIAL_BLOB_SIZE`).
const LONGEST_VALUE: usize = if cfg!(windows) { 2560 } else { usize::MAX };

/// Named values, kept by the operating system. Blocks.
pub trait Entries: Send {
    /// The value of this name.
    ///
    /// # Errors
    /// When the keychain does not answer as it should; a name without a value is no error.
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainFailure>;

    /// Sets the value of this name.
    ///
    /// # Errors
    /// When the keychain does not answer as it should.
    fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainFailure>;

    /// Removes the value of this name, if there is one.
    ///
    /// # Errors
    /// When the keychain does not answer as it should.
    fn remove(&mut self, name: &str) -> Result<(), KeychainFailure>;
}

/// The entries of one program. Cheap to clone.
#[derive(Clone)]
pub struct Keychain(Arc<Inner>);

struct Inner {
    make: Box<dyn Fn() -> Box<dyn Entries> + Send + Sync>,
    longest: usize,
    patience: Duration,
    thread: OnceLock<mpsc::Sender<Job>>,
}

type Job = Box<dyn FnOnce(&mut dyn Entries) + Send>;

impl Keychain {
    /// The entries of this service in the system's keychain: Secret Service, Keychain Services or
    /// Credential Manager. Nothing is touched before the first entry is.
    #[must_use]
    pub fn system(service: &str) -> Self {
        let service = service.to_owned();
        Self::new(LONGEST_VALUE, PATIENCE, move || {
            Box::new(system::SystemEntries::new(service.clone()))
        })
    }

    /// Entries kept somewhere else.
    pub fn with_entries(make: impl Fn() -> Box<dyn Entries> + Send + Sync + 'static) -> Self {
        Self::new(usize::MAX, PATIENCE, make)
    }

    fn new(
        longest: usize,
        patience: Duration,
        make: impl Fn() -> Box<dyn Entries> + Send + Sync + 'static,
    ) -> Self {
        let thread = OnceLock::new();
        Self(Arc::new(Inner { make: Box::new(make), longest, patience, thread }))
    }

    /// The value of this name.
    ///
    /// # Errors
    /// When the keychain does not answer as it should.
    pub async fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainFailure> {
        let name = name.to_owned();
        self.ask(move |entries, _| parts::load(entries, &name)).await
    }

    /// Keeps a value.
    ///
    /// # Errors
    /// When the keychain does not answer as it should; then the value before is still there, or
    /// the new one is and something is left to remove, which the next try does.
    pub async fn store(
        &self,
        name: &str,
        value: Zeroizing<Vec<u8>>,
    ) -> Result<(), KeychainFailure> {
        let name = name.to_owned();
        self.ask(move |entries, longest| parts::store(entries, &name, &value, longest)).await
    }

    /// Removes a value; one that is not there is removed already.
    ///
    /// # Errors
    /// When the keychain does not answer as it should.
    pub async fn clear(&self, name: &str) -> Result<(), KeychainFailure> {
        let name = name.to_owned();
        self.ask(move |entries, longest| parts::clear(entries, &name, longest)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Entries, usize) -> Result<T, KeychainFailure> + Send + 'static,
    ) -> Result<T, KeychainFailure> {
        let (answer, answered) = oneshot::channel();
        let longest = self.0.longest;
        let job: Job = Box::new(move |entries| {
            let _ = answer.send(question(entries, longest));
        });
        let gone = || KeychainFailure::Failed("The keychain's thread has ended".to_owned());
        self.thread().send(job).map_err(|_| gone())?;
        match tokio::time::timeout(self.0.patience, answered).await {
            Ok(answer) => answer.map_err(|_| gone())?,
            Err(_) => Err(KeychainFailure::Slow),
        }
    }

    fn thread(&self) -> &mpsc::Sender<Job> {
        self.0.thread.get_or_init(|| {
            let (jobs, queue) = mpsc::channel::<Job>();
            let inner = Arc::downgrade(&self.0);
            // Without a thread every question is answered with "ended".
            let _ = thread::Builder::new().name("keychain".to_owned()).spawn(move || {
                let Some(mut entries) = inner.upgrade().map(|inner| (inner.make)()) else { return };
                while let Ok(job) = queue.recv() {
                    job(entries.as_mut());
                }
            });
            jobs
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{testing::Memory, *};

    fn bytes(text: &str) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(text.as_bytes().to_vec())
    }

    #[tokio::test]
    async fn what_is_stored_is_loaded_until_it_is_cleared() {
        let memory = Memory::default();
        let keychain = memory.keychain(usize::MAX, PATIENCE);
        assert!(keychain.load("a").await.unwrap().is_none());
        keychain.store("a", bytes("one")).await.unwrap();
        keychain.store("a", bytes("two")).await.unwrap();
        assert_eq!(keychain.load("a").await.unwrap(), Some(bytes("two")));
        keychain.clear("a").await.unwrap();
        keychain.clear("a").await.unwrap();
        assert!(keychain.load("a").await.unwrap().is_none());
    }

    #[tokio::test]
    #[expect(
        clippy::await_holding_lock,
        reason = "the lock is the keychain's own, and it is what is slow"
    )]
    async fn a_keychain_that_waits_for_a_person_is_slow_and_loses_nothing() {
        let memory = Memory::default();
        let keychain = memory.keychain(usize::MAX, Duration::from_millis(20));
        let held = memory.hold();
        let outcome = keychain.store("a", bytes("one")).await;
        assert_eq!(outcome, Err(KeychainFailure::Slow));
        drop(held);
        let patient = memory.keychain(usize::MAX, PATIENCE);
        // The same thread order does not bind two keychains, so ask the one that was slow.
        while keychain.load("a").await == Err(KeychainFailure::Slow) {}
        assert_eq!(patient.load("a").await.unwrap(), Some(bytes("one")));
    }

    #[tokio::test]
    async fn nothing_is_touched_before_it_is_needed() {
        let memory = Memory::default();
        let _keychain = memory.keychain(usize::MAX, PATIENCE);
        assert_eq!(memory.made(), 0);
    }
}
