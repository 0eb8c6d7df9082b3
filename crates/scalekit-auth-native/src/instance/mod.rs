//! One process of a program at a time: the first stays, and a later one hands over what it was started
//! with, and ends.
//!
//! Who is first is decided by a lock of the operating system, which dies with its holder. What is handed
//! over goes through a socket, on Windows a named pipe, that nobody but the same user reaches. Neither
//! needs a session bus, a window or a fixed name that somebody else could take before.

mod activation;
#[cfg(unix)]
#[path = "unix.rs"]
mod channel;
#[cfg(windows)]
#[path = "windows.rs"]
mod channel;
mod dir;
mod server;
#[cfg(all(test, unix))]
mod tests;
mod wire;

use std::{io, time::Duration};

use tokio::{io::AsyncReadExt, time::timeout};

pub use activation::{activation_token, split_activation_token, with_activation_token};
pub use dir::InstanceDir;
pub use server::Listener;

use crate::lock::HeldLock;

/// How long either side of a hand-over waits for the other.
pub const HANDOVER_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a first process that takes nothing any more may need to end. A refresh under way takes
/// seconds as a rule; one that takes longer is reported, and the link is to be followed again.
const EXIT_TIMEOUT: Duration = Duration::from_secs(12);

/// What has become of a process that has asked.
#[derive(Debug)]
pub enum Role {
    /// It is the first, or alone: it goes on.
    Primary(Primary),
    /// The first process has taken what this one was started with, and has said so.
    HandedOver,
}

/// What makes a process the first.
#[derive(Debug)]
pub struct Primary {
    /// To be kept for as long as the process lives. There is none where no file can be written; such a
    /// process goes on as if it were alone.
    pub lock: Option<HeldLock>,
    /// Where later processes hand over. There is none where it could not be set up; a later process
    /// then says that this one cannot be reached.
    pub listener: Option<Listener>,
}

/// Why nothing was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandoverError {
    /// The first process is there and says nothing.
    #[error("it is running already, and does not answer")]
    Unanswered,
    /// There is no first process, or it ended before it said anything.
    #[error("it is not running any more")]
    Gone,
    /// The first process is there, and could make no socket to be reached by.
    #[error("it is running already, and could make no socket")]
    NoSocket,
    /// It is more than a first process takes.
    #[error("what it was started with is longer than anything that can be used")]
    TooLong,
}

/// Becomes the first process of this place, or hands over to it what this one was started with.
///
/// A first process that is just starting or ending is waited for. Of processes that start at once, one
/// becomes the first.
///
/// # Errors
/// When there is another process that holds the place, and it did not take the arguments.
pub async fn claim(place: &InstanceDir, arguments: &[String]) -> Result<Role, HandoverError> {
    match claim_or_fail(place, arguments).await {
        Ok(outcome) => outcome,
        Err(why) => {
            tracing::warn!(%why, "there is no telling whether another process is running");
            Ok(Role::Primary(Primary { lock: None, listener: None }))
        }
    }
}

/// Passes arguments on to the first process, which must be there.
///
/// # Errors
/// When it did not take them.
pub async fn hand_over(place: &InstanceDir, arguments: &[String]) -> Result<(), HandoverError> {
    let stream = connect(place).await?;
    send(stream, arguments).await
}

/// What a second process meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceState {
    /// No first process is there.
    NotRunning,
    /// It takes what is handed over.
    Answers,
    /// It is there, and does not.
    Silent,
    /// It is there, and could make no socket.
    NoSocket,
}

/// Hands arguments over as a second process does, and never becomes the first. They should be such that the first
/// process does nothing with them.
///
/// # Errors
/// When the folder cannot be looked at.
pub async fn probe(place: &InstanceDir, arguments: &[String]) -> io::Result<InstanceState> {
    let silent = match hand_over(place, arguments).await {
        Ok(()) => return Ok(InstanceState::Answers),
        Err(HandoverError::NoSocket) => InstanceState::NoSocket,
        Err(HandoverError::Unanswered | HandoverError::Gone | HandoverError::TooLong) => {
            InstanceState::Silent
        }
    };
    let place = place.clone();
    let has_first = tokio::task::spawn_blocking(move || place.has_first()).await;
    // What was found is what another process has left, such as one that was killed.
    Ok(if has_first.map_err(io::Error::other)?? { silent } else { InstanceState::NotRunning })
}

/// The outer error says that files cannot be locked here.
async fn claim_or_fail(
    place: &InstanceDir,
    arguments: &[String],
) -> io::Result<Result<Role, HandoverError>> {
    place.prepare()?;
    // Whoever has the turn and the lock is about to listen; whoever waits for the turn finds it listening.
    let Some(turn) = place.lock_election().await? else {
        return Ok(Err(HandoverError::Unanswered));
    };
    if let Some(lock) = place.try_lock()? {
        return Ok(Ok(Role::Primary(Primary::with(lock, place))));
    }
    let ends = match connect(place).await {
        Ok(stream) => {
            drop(turn);
            match send(stream, arguments).await {
                Ok(()) => return Ok(Ok(Role::HandedOver)),
                Err(HandoverError::Gone) => place.lock_election().await?,
                Err(why) => return Ok(Err(why)),
            }
        }
        Err(HandoverError::Gone) => Some(turn),
        // It may be ending, which nobody can ask it.
        Err(HandoverError::NoSocket) => {
            return Ok(match timeout(HANDOVER_TIMEOUT, place.lock()).await {
                Ok(lock) => Ok(Role::Primary(Primary::with(lock?, place))),
                Err(_) => Err(HandoverError::NoSocket),
            });
        }
        Err(why) => return Ok(Err(why)),
    };
    // It is ending, or was killed, and this process takes its place.
    let lock = match ends {
        Some(_turn) => timeout(EXIT_TIMEOUT, place.lock()).await.ok().transpose()?,
        None => None,
    };
    Ok(match lock {
        Some(lock) => Ok(Role::Primary(Primary::with(lock, place))),
        None => Err(HandoverError::Unanswered),
    })
}

impl Primary {
    fn with(lock: HeldLock, place: &InstanceDir) -> Self {
        let listener = Listener::open(place);
        if let Err(why) = &listener {
            tracing::warn!(%why, "a second start of the application will not reach this one");
        }
        Self { lock: Some(lock), listener: listener.ok() }
    }
}

async fn connect(place: &InstanceDir) -> Result<channel::Stream, HandoverError> {
    match timeout(HANDOVER_TIMEOUT, channel::connect(place)).await {
        Ok(Ok(stream)) => Ok(stream),
        // Its queue of callers is full.
        Ok(Err(why)) if why.kind() == io::ErrorKind::WouldBlock => Err(HandoverError::Unanswered),
        Ok(Err(why)) if why.kind() == io::ErrorKind::Unsupported => Err(HandoverError::NoSocket),
        Ok(Err(_)) => Err(HandoverError::Gone),
        Err(_) => Err(HandoverError::Unanswered),
    }
}

async fn send(mut stream: channel::Stream, arguments: &[String]) -> Result<(), HandoverError> {
    let message = wire::encode(arguments).ok_or(HandoverError::TooLong)?;
    let answered = timeout(HANDOVER_TIMEOUT, async {
        wire::write(&mut stream, &message).await?;
        stream.read_u8().await
    });
    match answered.await {
        Ok(Ok(wire::TAKEN)) => Ok(()),
        Ok(Ok(_) | Err(_)) => Err(HandoverError::Gone),
        Err(_) => Err(HandoverError::Unanswered),
    }
}
