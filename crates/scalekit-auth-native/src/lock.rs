//! A lock across processes. The operating system releases it when its holder ends, so that there is no stale
//! lock to clean up and nothing to poll.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
    thread,
};

use crate::private_folder::create_private;

/// The held lock; dropping it releases the lock.
#[derive(Debug)]
pub struct HeldLock {
    // Closing the file releases the lock; the end of the process closes it too.
    _file: File,
}

/// Acquires the lock on a thread of its own, however long another process holds it, and calls `then`.
///
/// # Errors
/// When no thread can be started; `then` is not called.
pub fn lock(
    path: &Path,
    then: impl FnOnce(io::Result<HeldLock>) + Send + 'static,
) -> io::Result<()> {
    let path = path.to_owned();
    start(move || then(open(&path).and_then(hold_file)))
}

/// Not on a thread of the runtime: it may block until the process ends.
pub(crate) fn start(waits: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name("lock".to_owned()).spawn(waits).map(drop)
}

/// Acquires the lock, unless it is held.
///
/// # Errors
/// When this path cannot be locked.
pub fn try_lock(path: &Path) -> io::Result<Option<HeldLock>> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(HeldLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(why)) => Err(why),
    }
}

/// Acquires the lock, however long another process holds it. Blocks.
///
/// # Errors
/// When this file cannot be locked.
pub(crate) fn hold_file(file: File) -> io::Result<HeldLock> {
    // A signal interrupts the call, which the standard library does not repeat.
    loop {
        match file.lock() {
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome.map(|()| HeldLock { _file: file }),
        }
    }
}

/// Opens the file of a lock, and creates it if it does not exist.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        create_private(folder)?;
    }
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, sync::mpsc};

    #[test]
    fn lock_waiter_acquires_after_holder_releases() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/one.lock");
        let held = hold_file(open(&path).unwrap()).unwrap();
        let (sender, second) = mpsc::channel();
        lock(&path, move |outcome| sender.send(outcome).unwrap()).unwrap();
        assert!(second.try_recv().is_err());
        assert!(try_lock(&path).unwrap().is_none());
        drop(held);
        assert!(second.recv().unwrap().is_ok());
        assert!(try_lock(&path).unwrap().is_some());
    }

    #[test]
    fn lock_at_unwritable_path_fails_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(open(&file.join("one.lock")).is_err());
        assert!(try_lock(&file.join("one.lock")).is_err());
    }
}
