//! A Unix socket in a folder that nobody else can look into.

use std::{
    fs, io,
    os::unix::{
        ffi::OsStrExt,
        fs::{MetadataExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use rustix::process::geteuid;
use tokio::net::{UnixListener, UnixStream};

use super::Place;
use crate::lock::create_private;

/// How long a socket's path may be, with the zero at its end (`sockaddr_un.sun_path`).
const LONGEST_PATH: usize = if cfg!(target_os = "linux") { 108 } else { 104 };

pub type Stream = UnixStream;

/// The user whose processes are listened to.
pub type Whom = u32;

#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    pub(super) whom: Whom,
}

impl Listener {
    /// Only for whoever holds the lock: what another process has left at its path is removed.
    pub fn open(place: &Place) -> io::Result<Self> {
        let path = path(place)?;
        if let Some(folder) = path.parent() {
            make_private(folder)?;
        }
        match fs::remove_file(&path) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
            Ok(()) | Err(_) => {}
        }
        Ok(Self { socket: UnixListener::bind(path)?, whom: geteuid().as_raw() })
    }

    pub async fn accept(&mut self) -> io::Result<Stream> {
        self.socket.accept().await.map(|(stream, _)| stream)
    }

    pub fn whom(&self) -> Whom {
        self.whom
    }
}

/// The first process, if it listens and is this person's.
pub async fn connect(place: &Place) -> io::Result<Stream> {
    let stream = UnixStream::connect(path(place)?).await?;
    is_of_same_person(&stream, geteuid().as_raw())?;
    Ok(stream)
}

/// The kernel knows who is at the other end.
pub fn is_of_same_person(stream: &Stream, whom: Whom) -> io::Result<()> {
    if stream.peer_cred()?.uid() == whom {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to somebody else"))
}

/// Makes a folder, or one that is there, this person's alone.
pub fn make_private(folder: &Path) -> io::Result<()> {
    create_private(folder)?;
    let metadata = fs::symlink_metadata(folder)?;
    if !metadata.is_dir() || metadata.uid() != geteuid().as_raw() {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the application's own folder belongs to somebody else",
        ));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// In the place's folder, or where its path is too long for a socket, in the short one.
fn path(place: &Place) -> io::Result<PathBuf> {
    let fits = |path: &PathBuf| path.as_os_str().as_bytes().len() < LONGEST_PATH;
    let in_folder = place.folder.join("socket");
    let short = place.short_folder.as_ref().map(|folder| folder.join("socket"));
    [Some(in_folder), short].into_iter().flatten().find(fits).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidInput, "every path is too long for a socket")
    })
}
