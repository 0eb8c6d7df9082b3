//! The queue of what is kept: keychain and files, one thing after the other.

use std::{collections::HashMap, sync::Arc};

use scalekit_auth::{
    journal::SessionId,
    machine::{Event, KeychainFailure, Operation},
    record::{Entry, SessionRecord},
};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use super::{
    Hands,
    task::{Fault, Happened, Happening},
};
use crate::{
    fail_point::{self, FailPoint},
    files::Files,
    lock::HeldLock,
};

/// The way to the keychain's queue, and the locks that are given back through it.
pub(super) struct Keep {
    work: mpsc::UnboundedSender<KeychainWork>,
    locks: HashMap<Operation, HeldLock>,
}

impl Keep {
    /// Starts the queue. It goes on when the session's task has ended, until everything that was to be
    /// written is.
    pub(super) fn start(hands: Arc<Hands>, happened: Happened) -> Self {
        let (work, to_do) = mpsc::unbounded_channel();
        tokio::spawn(keep(hands, to_do, happened));
        Self { work, locks: HashMap::new() }
    }

    pub(super) fn does(&self, work: KeychainWork) {
        let _ = self.work.send(work);
    }

    pub(super) fn take_in(&mut self, happening: Happening) -> Result<Event, Fault> {
        match happening {
            Happening::Event(event) => Ok(*event),
            Happening::Locked(operation, outcome) => {
                if let Err(why) = &outcome {
                    tracing::warn!(%why, "there is no lock to be had: this process goes on as if it were alone");
                }
                let outcome = outcome.map(|held| drop(self.locks.insert(operation, held)));
                Ok(Event::Locked(operation, outcome.map_err(|why| why.to_string())))
            }
            Happening::Fault => Err(Fault),
        }
    }

    pub(super) fn release(&mut self, operation: Operation) {
        if let Some(held) = self.locks.remove(&operation) {
            self.does(KeychainWork::Release(held));
        }
    }
}

impl Drop for Keep {
    /// However the session's task ends, what is still to be written is written before another process
    /// may go on.
    fn drop(&mut self) {
        let operations: Vec<Operation> = self.locks.keys().copied().collect();
        operations.into_iter().for_each(|operation| self.release(operation));
    }
}

/// Something to be done with what is kept.
pub(super) enum KeychainWork {
    Load(Operation, Entry),
    Store(Operation, Entry, Zeroizing<Vec<u8>>),
    Append(Operation, Entry, Vec<u8>),
    Clear(Operation, Entry, Option<SessionId>),
    Written(oneshot::Sender<()>),
    Release(HeldLock),
}

/// Does the work in its order.
async fn keep(
    hands: Arc<Hands>,
    mut work: mpsc::UnboundedReceiver<KeychainWork>,
    happened: Happened,
) {
    while let Some(work) = work.recv().await {
        let event = match work {
            KeychainWork::Load(operation, entry) => {
                Event::Loaded(operation, load(&hands, entry).await)
            }
            KeychainWork::Store(operation, entry, bytes) => {
                Event::Stored(operation, store(&hands, entry, bytes).await)
            }
            KeychainWork::Append(operation, entry, line) => {
                let appended =
                    on_disk(&hands, move |files| files.append(&entry.name(), &line)).await;
                Event::Stored(operation, appended)
            }
            KeychainWork::Clear(operation, entry, session) => {
                Event::Cleared(operation, clear(&hands, entry, session).await)
            }
            // What the keychain has not answered in time may still be done by it, and is done under the
            // lock.
            KeychainWork::Release(held) => {
                hands.keychain.after_all(move || drop(held));
                continue;
            }
            KeychainWork::Written(answer) => {
                let _ = answer.send(());
                continue;
            }
        };
        happened.say(event);
    }
}

async fn load(hands: &Hands, entry: Entry) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainFailure> {
    if entry.slot.is_secret() {
        return hands.keychain.load(&entry.name()).await;
    }
    on_disk(hands, move |files| files.load(&entry.name())).await
}

async fn store(
    hands: &Hands,
    entry: Entry,
    bytes: Zeroizing<Vec<u8>>,
) -> Result<(), KeychainFailure> {
    if entry.slot.is_secret() {
        fail_point::reached(FailPoint::Storing);
        let stored = hands.keychain.store(&entry.name(), bytes).await;
        fail_point::reached(FailPoint::Stored);
        return stored;
    }
    let stored = on_disk(hands, move |files| files.store(&entry.name(), &bytes)).await;
    fail_point::reached(FailPoint::Noted);
    stored
}

async fn clear(
    hands: &Hands,
    entry: Entry,
    session: Option<SessionId>,
) -> Result<(), KeychainFailure> {
    if entry.slot.is_secret() {
        let may_be_removed =
            move |kept: &[u8]| SessionRecord::may_be_removed(kept, session.as_ref());
        return hands.keychain.clear_if(&entry.name(), may_be_removed).await;
    }
    on_disk(hands, move |files| files.remove(&entry.name())).await
}

async fn on_disk<T: Send + 'static>(
    hands: &Hands,
    work: impl FnOnce(&Files) -> Result<T, KeychainFailure> + Send + 'static,
) -> Result<T, KeychainFailure> {
    let files = hands.files.clone();
    tokio::task::spawn_blocking(move || work(&files))
        .await
        .unwrap_or_else(|why| Err(KeychainFailure::Failed(why.to_string())))
}
