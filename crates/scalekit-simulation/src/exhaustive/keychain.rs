//! The keychain and the files: one thing after the other for each process.

use scalekit_auth::{
    machine::{Event, KeychainFailure},
    record::{Entry, SessionRecord, Slot},
};

use super::{
    bench::Bench,
    model::{Holder, Work, World},
};

/// How something fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    NotDone,
    Done,
}

impl World {
    /// The next thing in the queue of a process is done, or not.
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
                    self.rules.breaks("a lock was given back that nobody had");
                }
                return;
            }
            Work::Load(operation, entry) => {
                let failure = self.failure(&entry, failing);
                let kept = self.kept.get(&entry).cloned();
                if entry.slot == Slot::Session && failure.is_none() {
                    self.read(process, kept.as_ref().and_then(|kept| kept.token));
                }
                let read = kept.map(|kept| kept.bytes.to_vec().into());
                Event::Loaded(operation, failure.map_or(Ok(read), Err))
            }
            Work::Store(operation, entry, bytes) => {
                let failure = self.failure(&entry, failing);
                if failing != Some(Failing::NotDone) && self.takes(&entry) {
                    self.check_stored(bench, &entry, &bytes);
                    self.keep(entry.clone(), bytes);
                }
                if entry.slot == Slot::Session
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
                    let before = self.kept.get(&entry).map(|kept| kept.bytes.clone());
                    let all = [before.as_deref().unwrap_or_default(), &line].concat();
                    self.keep(entry, all.into());
                } else {
                    self.rules.end_not_written();
                }
                Event::Stored(operation, failure.map_or(Ok(()), Err))
            }
            Work::Clear(operation, entry, session) => {
                let failure = self.failure(&entry, failing);
                let may_be_removed = self.kept.get(&entry).is_none_or(|kept| {
                    entry.slot != Slot::Session
                        || SessionRecord::may_be_removed(&kept.bytes, session.as_ref())
                });
                if failing != Some(Failing::NotDone) && may_be_removed {
                    self.kept.remove(&entry);
                }
                if entry.slot == Slot::Session
                    && failure.is_none()
                    && let Some(one) = &mut self.processes[process]
                {
                    one.refused = None;
                }
                Event::Cleared(operation, failure.map_or(Ok(()), Err))
            }
        };
        if heard {
            self.happens(bench, process, event);
        }
    }

    fn takes(&self, entry: &Entry) -> bool {
        self.computer.keychain || !entry.slot.is_secret()
    }

    fn failure(&mut self, entry: &Entry, failing: Option<Failing>) -> Option<KeychainFailure> {
        if failing.is_some() && !entry.slot.is_secret() {
            self.rules.file_failed(entry.slot);
        }
        match failing {
            _ if !self.takes(entry) => Some(KeychainFailure::Missing(String::new())),
            None => None,
            Some(Failing::NotDone) if entry.slot.is_secret() => {
                Some(KeychainFailure::Locked(String::new()))
            }
            Some(Failing::NotDone) => Some(KeychainFailure::Failed(String::new())),
            Some(Failing::Done) => Some(KeychainFailure::Slow),
        }
    }
}
