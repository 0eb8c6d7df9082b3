//! A lock that one process at a time holds. It is the operating system's, and dies with its holder:
//! there is nothing stale to clean up, and nothing to poll.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::Path,
    thread,
};

/// The lock, for as long as this lives.
#[derive(Debug)]
pub struct HeldLock {
    // Closing the file gives the lock back, whoever closes it: this program or its end.
    _file: File,
}

/// Waits for the lock on a thread of its own, however long another process keeps it, and then says so.
pub fn lock(path: &Path, then: impl FnOnce(io::Result<HeldLock>) + Send + 'static) {
    let path = path.to_owned();
    // Not one of the runtime's threads: it may wait for as long as the program lives.
    thread::spawn(move || then(wait_for(&path)));
}

/// The lock, unless somebody has it.
///
/// # Errors
/// When there can be no lock of this path.
pub fn try_lock(path: &Path) -> io::Result<Option<HeldLock>> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(HeldLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(why)) => Err(why),
    }
}

fn wait_for(path: &Path) -> io::Result<HeldLock> {
    let file = open(path)?;
    file.lock()?;
    Ok(HeldLock { _file: file })
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        create_private(folder)?;
    }
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Creates a folder that nobody else may look into.
pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn lock_waiter_acquires_after_holder_releases() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/one.lock");
        let held = wait_for(&path).unwrap();
        let (sender, second) = mpsc::channel();
        lock(&path, move |outcome| sender.send(outcome).unwrap());
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
        assert!(wait_for(&file.join("one.lock")).is_err());
        assert!(try_lock(&file.join("one.lock")).is_err());
    }
}
