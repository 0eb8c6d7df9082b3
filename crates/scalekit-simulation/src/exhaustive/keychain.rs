//! The keychain and the files, with a queue of operations for each process.

use scalekit_auth::{
    session::{Event, KeychainError},
    storage::record::{RecordKind, StorageKey},
};

use super::{
    bench::Bench,
    model::{Holder, Model, Work},
};

/// The kind of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    NotDone,
    Done,
}

impl Model {
    /// Performs the next operation in the queue of a process, or lets it fail.
    pub fn work(
        &mut self,
        bench: &Bench<'_>,
        process: usize,
        failing: Option<Failing>,
        heard: bool,
    ) {
        let Some(one) = &mut self.processes[process] else { return };
        let Some((_, work)) = one.work.pop_front() else { return };
        let event = match work {
            Work::Release(operation, account) => {
                if self.locks.get(&account) == Some(&Holder::Process(process, operation)) {
                    self.locks.remove(&account);
                    self.check_released(bench, process, &account);
                } else {
                    self.invariants.breaks("a lock was given back that nobody had");
                }
                return;
            }
            Work::Load(operation, entry) => {
                let failure = self.failure(&entry, failing);
                let stored = self.stored.get(&entry).cloned();
                if entry.kind == RecordKind::Session && failure.is_none() {
                    self.read(process, stored.as_ref().and_then(|stored| stored.token));
                }
                let read = stored.map(|stored| stored.bytes.to_vec().into());
                Event::Loaded(operation, failure.map_or(Ok(read), Err))
            }
            Work::Store(operation, entry, bytes) => {
                let failure = self.failure(&entry, failing);
                if failing != Some(Failing::NotDone) && self.takes(&entry) {
                    self.check_stored(bench, &entry, &bytes);
                    self.keep(entry.clone(), bytes);
                }
                if entry.kind == RecordKind::Session
                    && let Some(one) = &mut self.processes[process]
                {
                    one.unsaved = failure.is_some();
                }
                Event::Stored(operation, failure.map_or(Ok(()), Err))
            }
            Work::Append(operation, entry, line) => {
                let failure = self.failure(&entry, failing);
                if let Some(one) = &mut self.processes[process] {
                    one.unwritten = failure.is_some();
                }
                if failure.is_none() {
                    let before = self.stored.get(&entry).map(|stored| stored.bytes.clone());
                    let all = [before.as_deref().unwrap_or_default(), &line].concat();
                    self.keep(entry, all.into());
                } else {
                    self.invariants.end_not_written();
                }
                Event::Stored(operation, failure.map_or(Ok(()), Err))
            }
            Work::Clear(operation, entry, only) => {
                let failure = self.failure(&entry, failing);
                let is_permitted =
                    self.stored.get(&entry).is_none_or(|stored| only.permits(&stored.bytes));
                if failing != Some(Failing::NotDone) && is_permitted {
                    self.stored.remove(&entry);
                }
                if entry.kind == RecordKind::Session
                    && failure.is_none()
                    && let Some(one) = &mut self.processes[process]
                {
                    one.refused = None;
                }
                Event::Deleted(operation, failure.map_or(Ok(()), Err))
            }
        };
        if heard {
            self.happens(bench, process, event);
        }
    }

    fn takes(&self, entry: &StorageKey) -> bool {
        self.computer.keychain || !entry.kind.is_secret()
    }

    fn failure(&mut self, entry: &StorageKey, failing: Option<Failing>) -> Option<KeychainError> {
        if failing.is_some() && !entry.kind.is_secret() {
            self.invariants.file_failed(entry.kind);
        }
        match failing {
            _ if !self.takes(entry) => Some(KeychainError::Missing(String::new())),
            None => None,
            Some(Failing::NotDone) if entry.kind.is_secret() => {
                Some(KeychainError::Locked(String::new()))
            }
            Some(Failing::NotDone) => Some(KeychainError::Failed(String::new())),
            Some(Failing::Done) => Some(KeychainError::Slow),
        }
    }
}
