//! A named pipe. Every user of a computer sees the names of all pipes and may take one that is free, so
//! this one is new and random each time, and written down where only this user can read it. Once it is
//! there, the system lets nobody else add to it (`FILE_FLAG_FIRST_PIPE_INSTANCE` and the pipe's default
//! access list, which gives others no right to create or to write).
//!
//! That list lets everybody read, and so others can still open the pipe and take places in it. A list of
//! our own needs `create_with_security_attributes_raw`, which is unsafe, and a pipe that only its clients
//! write to would not do: it can be opened for its attributes all the same. So whoever opens it and says
//! nothing makes room for the next, however many they are (`Listener::serve`).

use std::{io, path::Path, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions},
    time::sleep,
};

use super::InstanceDir;
use crate::{entropy, files::Files, lock::create_private};

/// `ERROR_PIPE_BUSY`: the next instance of the pipe is not there yet.
const PIPE_BUSY: i32 = 231;
const PAUSE: Duration = Duration::from_millis(20);

/// The file with the pipe's name.
const NAME: &str = "pipe";

#[derive(Debug)]
pub struct Listener {
    name: String,
    next: NamedPipeServer,
}

/// There is nothing to know of a client: whoever can write to the pipe is this user.
pub type PeerUid = ();

/// Either end.
pub trait Ends: AsyncRead + AsyncWrite + Send + Unpin {}
impl Ends for NamedPipeServer {}
impl Ends for NamedPipeClient {}
pub type Stream = Box<dyn Ends>;

impl Listener {
    /// Only for whoever holds the lock.
    pub fn open(place: &InstanceDir) -> io::Result<Self> {
        let mut random = [0; 16];
        entropy::fill(&mut random).map_err(io::Error::other)?;
        let random = u128::from_ne_bytes(random);
        let name = format!(r"\\.\pipe\instance-{random:032x}");
        let next = ServerOptions::new()
            .first_pipe_instance(true)
            .reject_remote_clients(true)
            .create(&name)?;
        Files::new(&place.folder)
            .store(NAME, name.as_bytes())
            .map_err(|why| io::Error::other(format!("{why:?}")))?;
        Ok(Self { name, next })
    }

    pub async fn accept(&mut self) -> io::Result<Stream> {
        self.next.connect().await?;
        let next = ServerOptions::new().reject_remote_clients(true).create(&self.name)?;
        Ok(Box::new(std::mem::replace(&mut self.next, next)))
    }

    pub fn peer(&self) -> PeerUid {}
}

/// The first process, if it listens.
pub async fn connect(place: &InstanceDir) -> io::Result<Stream> {
    let name = Files::new(&place.folder)
        .load(NAME)
        .map_err(|why| io::Error::other(format!("{why:?}")))?
        .ok_or(io::ErrorKind::NotFound)?;
    let name = String::from_utf8(name.to_vec()).map_err(io::Error::other)?;
    loop {
        match ClientOptions::new().open(&name) {
            Ok(client) => return Ok(Box::new(client)),
            Err(why) if why.raw_os_error() == Some(PIPE_BUSY) => sleep(PAUSE).await,
            Err(why) => return Err(why),
        }
    }
}

pub fn is_same_user(_: &Stream, (): PeerUid) -> io::Result<()> {
    Ok(())
}

/// The folder is in the user's own profile, which others cannot read.
pub fn make_private(folder: &Path) -> io::Result<()> {
    create_private(folder)
}
