//! A Unix socket in a directory that other users cannot access.
//!
//! It is in the instance's own directory; where its path is too long for a socket, or the file system supports
//! none (FUSE, some network file systems), in the short one. A file in the own directory records which of
//! them it is, or that there is none.

use std::{
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use rustix::process::geteuid;
use tokio::net::{UnixListener, UnixStream};

use super::dir::InstanceDir;
use crate::{files::Files, private_folder::make_private};

/// The size limit of a socket's path, the terminating zero included (`sockaddr_un.sun_path`).
const MAX_SOCKET_PATH_LEN: usize = if cfg!(target_os = "linux") { 108 } else { 104 };

pub type Stream = UnixStream;

/// The user id whose processes may connect.
pub type PeerUid = u32;

#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    pub(super) peer: PeerUid,
}

impl Listener {
    /// For the holder of the lock only: removes a socket of another process at its path.
    pub fn open(place: &InstanceDir) -> io::Result<Self> {
        Self::open_by(place, |path| UnixListener::bind(path))
    }

    pub(super) fn open_by(
        place: &InstanceDir,
        bind: impl Fn(&Path) -> io::Result<UnixListener>,
    ) -> io::Result<Self> {
        let mut refused = no_path_fits();
        for (which, path) in paths(place) {
            match bind_at(&path, &bind).and_then(|socket| write_down(place, which).map(|()| socket))
            {
                Ok(socket) => return Ok(Self { socket, peer: geteuid().as_raw() }),
                Err(why) => {
                    tracing::debug!(%why, ?which, "no socket can be here");
                    refused = why;
                }
            }
        }
        if let Err(why) = write_down(place, Which::Nowhere) {
            tracing::debug!(%why, "a later process will wait for this one in vain");
        }
        Err(refused)
    }

    pub async fn accept(&mut self) -> io::Result<Stream> {
        self.socket.accept().await.map(|(stream, _)| stream)
    }

    pub fn peer(&self) -> PeerUid {
        self.peer
    }
}

/// Connects to the primary instance, if it listens and runs as this user. [`io::ErrorKind::Unsupported`] where
/// it could not create a socket.
pub async fn connect(place: &InstanceDir) -> io::Result<Stream> {
    let stream = UnixStream::connect(written_down(place)?).await?;
    is_same_user(&stream, geteuid().as_raw())?;
    Ok(stream)
}

/// Compares the peer's user id, which the kernel reports.
pub fn is_same_user(stream: &Stream, peer: PeerUid) -> io::Result<()> {
    if stream.peer_cred()?.uid() == peer {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to another user"))
}

/// The directory of the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// The instance's own directory.
    Own,
    /// The short one.
    Short,
    /// Neither could hold a socket.
    Nowhere,
}

/// The file in the instance's own directory that records where the socket is. Without it, it is there as well.
const WHERE: &str = "where";

/// The content of that file where there is no socket.
const NO_SOCKET: &[u8] = b"nowhere";

/// The paths that are short enough for a socket.
fn paths(place: &InstanceDir) -> impl Iterator<Item = (Which, PathBuf)> {
    let own = Some((Which::Own, place.folder.join("socket")));
    let short = place.short_folder.as_ref().map(|folder| (Which::Short, folder.join("socket")));
    let fits =
        |(_, path): &(Which, PathBuf)| path.as_os_str().as_bytes().len() < MAX_SOCKET_PATH_LEN;
    [own, short].into_iter().flatten().filter(fits)
}

fn no_path_fits() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "every path is too long for a socket")
}

fn bind_at(
    path: &Path,
    bind: impl Fn(&Path) -> io::Result<UnixListener>,
) -> io::Result<UnixListener> {
    if let Some(folder) = path.parent() {
        make_private(folder)?;
    }
    match fs::remove_file(path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
        Ok(()) | Err(_) => {}
    }
    bind(path)
}

fn write_down(place: &InstanceDir, which: Which) -> io::Result<()> {
    let files = Files::new(&place.folder);
    match which {
        Which::Own => files.remove(WHERE),
        Which::Short => files.store(WHERE, b"runtime folder"),
        Which::Nowhere => files.store(WHERE, NO_SOCKET),
    }
    .map_err(|why| io::Error::other(format!("{why:?}")))
}

fn written_down(place: &InstanceDir) -> io::Result<PathBuf> {
    let written = Files::new(&place.folder).load(WHERE).ok().flatten();
    if written.as_ref().is_some_and(|written| **written == *NO_SOCKET) {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let is_short = written.is_some();
    let path = paths(place).find(|(which, _)| !is_short || *which == Which::Short);
    path.map(|(_, path)| path).ok_or_else(no_path_fits)
}
