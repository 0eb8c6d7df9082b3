//! A keychain in memory for tests.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use zeroize::Zeroizing;

use super::{CredentialStore, Keychain, KeychainError};

#[derive(Clone, Default)]
pub struct Memory {
    pub values: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    /// Writes that succeed; the next one fails, as at a power failure.
    pub writes_left: Option<Arc<AtomicUsize>>,
    made: Arc<AtomicUsize>,
}

impl Memory {
    pub fn keychain(&self, longest: usize, timeout: Duration) -> Keychain {
        let memory = self.clone();
        Keychain::new(longest, timeout, move || {
            memory.made.fetch_add(1, Ordering::SeqCst);
            Box::new(memory.clone())
        })
    }

    /// Blocks every operation until the guard is dropped.
    pub fn hold(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.values.lock().unwrap()
    }

    pub fn names(&self) -> Vec<String> {
        self.values.lock().unwrap().keys().cloned().collect()
    }

    pub fn made(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }

    fn write(&self) -> Result<(), KeychainError> {
        let Some(left) = &self.writes_left else { return Ok(()) };
        left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .map(|_| ())
            .map_err(|_| KeychainError::Failed("the power went".to_owned()))
    }
}

impl CredentialStore for Memory {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        Ok(self.values.lock().unwrap().get(name).cloned().map(Zeroizing::new))
    }

    fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainError> {
        self.write()?;
        self.values.lock().unwrap().insert(name.to_owned(), value.to_vec());
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<(), KeychainError> {
        self.write()?;
        self.values.lock().unwrap().remove(name);
        Ok(())
    }
}
