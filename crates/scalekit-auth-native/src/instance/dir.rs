//! The directory of the instance lock and the socket.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::{sync::oneshot, time::timeout};

use super::wire::HANDOVER_TIMEOUT;
use crate::{
    lock::{HeldLock, lock, try_lock},
    private_folder::make_private,
};

/// The directory that all processes of one program and one user share.
#[derive(Debug, Clone)]
pub struct InstanceDir {
    pub(super) folder: PathBuf,
    /// The socket's directory when the path in `folder` is too long for a socket.
    #[cfg(unix)]
    pub(super) short_folder: Option<PathBuf>,
}

impl InstanceDir {
    /// The directory of the program with this identifier below the user's data directory `data`, the same
    /// for all of its processes.
    pub fn new(data: impl AsRef<Path>, identifier: &str) -> Self {
        Self {
            folder: data.as_ref().join(identifier).join("instance"),
            #[cfg(unix)]
            short_folder: std::env::var_os("XDG_RUNTIME_DIR")
                .filter(|path| !path.is_empty())
                .map(|path| PathBuf::from(path).join(identifier)),
        }
    }

    /// The directory in the runtime folder, for processes that cannot use their own one.
    pub(super) fn in_runtime_folder(&self) -> Option<Self> {
        #[cfg(unix)]
        return self
            .short_folder
            .as_ref()
            .map(|folder| Self { folder: folder.join("instance"), short_folder: None });
        #[cfg(not(unix))]
        None
    }

    /// Creates the directory, without access for other users.
    pub(super) fn prepare(&self) -> io::Result<()> {
        make_private(&self.folder)
    }

    /// Acquires the lock of the primary instance, unless another process holds it.
    pub(super) fn try_lock(&self) -> io::Result<Option<HeldLock>> {
        try_lock(&self.folder.join("first.lock"))
    }

    /// Waits for the lock of the primary instance.
    pub(super) async fn lock(&self) -> io::Result<HeldLock> {
        locked(&self.folder.join("first.lock")).await
    }

    /// Whether another process is the primary instance. Creates nothing. Blocks.
    pub(super) fn has_first(&self) -> io::Result<bool> {
        let path = self.folder.join("first.lock");
        match path.try_exists()? {
            true => Ok(try_lock(&path)?.is_none()),
            false => Ok(false),
        }
    }

    /// The lock under which one process at a time claims the directory. None after [`HANDOVER_TIMEOUT`].
    pub(super) async fn lock_election(&self) -> io::Result<Option<HeldLock>> {
        timeout(HANDOVER_TIMEOUT, locked(&self.folder.join("turn.lock"))).await.ok().transpose()
    }
}

async fn locked(path: &Path) -> io::Result<HeldLock> {
    let (sender, locked) = oneshot::channel();
    lock(path, move |outcome| drop(sender.send(outcome)))?;
    locked.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two versions side by side elect one primary instance.
    #[test]
    fn instance_lock_name_of_0_1_0_is_unchanged() {
        let data = tempfile::tempdir().unwrap();
        let dir = InstanceDir::new(data.path(), "com.example.tool");
        dir.prepare().unwrap();
        let held = try_lock(&data.path().join("com.example.tool/instance/first.lock")).unwrap();
        assert!(held.is_some() && dir.try_lock().unwrap().is_none());
        drop(held);
        assert!(dir.try_lock().unwrap().is_some());
    }
}
