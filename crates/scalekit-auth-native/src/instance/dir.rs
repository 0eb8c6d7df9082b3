//! Where the processes of one program meet.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::{sync::oneshot, time::timeout};

use super::{HANDOVER_TIMEOUT, channel};
use crate::lock::{HeldLock, lock, try_lock};

/// The folder in which the processes of one program and one user meet.
#[derive(Debug, Clone)]
pub struct InstanceDir {
    pub(super) folder: PathBuf,
    /// Where a socket goes when the folder's path is too long for one.
    #[cfg(unix)]
    pub(super) short_folder: Option<PathBuf>,
}

impl InstanceDir {
    /// The place of the program with this identifier among this user's own data, which is the same
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

    /// Makes the folder, for nobody else to look into.
    pub(super) fn prepare(&self) -> io::Result<()> {
        channel::make_private(&self.folder)
    }

    /// The lock of the first process, unless another one has it.
    pub(super) fn try_lock(&self) -> io::Result<Option<HeldLock>> {
        try_lock(&self.folder.join("first.lock"))
    }

    /// The lock of the first process, when it is free.
    pub(super) async fn lock(&self) -> io::Result<HeldLock> {
        locked(&self.folder.join("first.lock")).await
    }

    /// Whether a first process is there. It creates nothing. Blocks.
    pub(super) fn has_first(&self) -> io::Result<bool> {
        let path = self.folder.join("first.lock");
        match path.try_exists()? {
            true => Ok(try_lock(&path)?.is_none()),
            false => Ok(false),
        }
    }

    /// One process at a time finds out who is first. None if another one takes too long.
    pub(super) async fn lock_election(&self) -> io::Result<Option<HeldLock>> {
        timeout(HANDOVER_TIMEOUT, locked(&self.folder.join("turn.lock"))).await.ok().transpose()
    }
}

async fn locked(path: &Path) -> io::Result<HeldLock> {
    let (sender, locked) = oneshot::channel();
    lock(path, move |outcome| drop(sender.send(outcome)));
    locked.await.map_err(io::Error::other)?
}
