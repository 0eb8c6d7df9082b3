//! A named pipe. Every user of a computer can list all pipes and create one with a free name, so this name
//! is random for each process, and stored where only this user can read it. Once the pipe exists, no other
//! user can create an instance of it (`FILE_FLAG_FIRST_PIPE_INSTANCE` and the pipe's default access list,
//! which gives others no right to create or to write).
//!
//! That list lets everyone read, so other users can open the pipe and occupy its instances. An access list
//! of its own needs `create_with_security_attributes_raw`, which is unsafe, and would not be enough for a
//! pipe that only clients write to: it can be opened for its attributes all the same. So a client that
//! sends nothing is disconnected for the next one (`Listener::serve`).

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions},
    time::sleep,
};

use super::dir::InstanceDir;
use crate::{entropy, files::Files};

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

/// Empty: a client that can write to the pipe runs as this user.
pub type PeerUid = ();

/// Either end of the pipe.
pub trait Ends: AsyncRead + AsyncWrite + Send + Unpin {}
impl Ends for NamedPipeServer {}
impl Ends for NamedPipeClient {}
pub type Stream = Box<dyn Ends>;

impl Listener {
    /// For the holder of the lock only.
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

/// Connects to the primary instance, if it listens.
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
