//! Single instance: the first process of a program is the primary instance; a second instance hands its
//! arguments over to it and ends.
//!
//! A lock of the operating system decides which process is the primary instance, and is released when that
//! ends. The hand-over uses a Unix socket or a named pipe that only the same user can access. Neither needs
//! a session bus, a window or a predictable name that another process could occupy.

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
use wire::HANDOVER_TIMEOUT;

/// The time that an ending primary instance may need to end. A refresh under way usually takes seconds; after
/// the timeout an error is reported, and the user has to follow the link again.
const EXIT_TIMEOUT: Duration = Duration::from_secs(12);

/// The role of a process after [`claim`].
#[derive(Debug)]
pub enum Role {
    /// It is the primary instance, or none could be determined: it continues.
    Primary(Primary),
    /// The primary instance has received and acknowledged this process's arguments.
    HandedOver,
}

/// The resources of the primary instance.
#[derive(Debug)]
pub struct Primary {
    /// The lock, to be held until the process ends. None where no file can be locked; the process then
    /// continues as if it were alone.
    pub lock: Option<HeldLock>,
    /// Whether the lock is the one of the instance's own directory. Where it is not, another process may be the primary
    /// instance there.
    pub is_elected: bool,
    /// Receives the arguments of second instances. None where it could not be created; a second instance
    /// then reports that the primary instance cannot be reached.
    pub listener: Option<Listener>,
}

/// Why the arguments were not handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandoverError {
    /// The primary instance runs and does not acknowledge in time.
    #[error("it is running already, and does not respond")]
    Unanswered,
    /// There is no primary instance, or it ended before the acknowledgement.
    #[error("it is not running any more")]
    Gone,
    /// The primary instance runs, and could not create a socket.
    #[error("it is running already, and could make no socket")]
    NoSocket,
    /// The arguments exceed the size limit of a message.
    #[error("what it was started with is longer than anything that can be used")]
    TooLong,
}

/// Becomes the primary instance of this directory, or hands the arguments over to it.
///
/// Waits for a primary instance that is starting or ending. Of processes that start at the same time, one
/// becomes the primary instance.
///
/// # Errors
/// When another process is the primary instance, and did not acknowledge the arguments.
pub async fn claim(place: &InstanceDir, arguments: &[String]) -> Result<Role, HandoverError> {
    match claim_or_fail(place, arguments).await {
        Ok(outcome) => outcome,
        Err(why) => {
            tracing::warn!(%why, "there is no telling whether another process is running");
            claim_in_runtime_folder(place, arguments).await
        }
    }
}

/// Claims the runtime folder where the instance's own directory cannot be locked: it is another user's, as after a
/// start with `sudo`, or read-only. All later processes of this user meet there.
async fn claim_in_runtime_folder(
    place: &InstanceDir,
    arguments: &[String],
) -> Result<Role, HandoverError> {
    let claimed = match place.in_runtime_folder() {
        Some(place) => claim_or_fail(&place, arguments).await,
        None => Err(io::ErrorKind::NotFound.into()),
    };
    match claimed {
        Ok(Ok(Role::Primary(primary))) => {
            Ok(Role::Primary(Primary { is_elected: false, ..primary }))
        }
        Ok(outcome) => outcome,
        Err(why) => {
            tracing::debug!(%why, "the runtime folder cannot be locked either");
            Ok(Role::Primary(Primary::unlocked()))
        }
    }
}

/// Hands arguments over to the primary instance, which must exist.
///
/// # Errors
/// When it did not acknowledge them.
pub async fn hand_over(place: &InstanceDir, arguments: &[String]) -> Result<(), HandoverError> {
    let stream = connect(place).await?;
    send(stream, arguments).await
}

/// The state of the primary instance, as a second instance finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceState {
    /// There is no primary instance.
    NotRunning,
    /// It acknowledges what is handed over.
    Answers,
    /// It runs, and does not acknowledge.
    Silent,
    /// It runs, and could not create a socket.
    NoSocket,
}

/// Hands arguments over as a second instance does, and never becomes the primary instance. They should have no
/// effect there.
///
/// # Errors
/// When the lock file cannot be examined.
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
    // Without a holder of the lock, the socket is the remainder of another process, such as one that was killed.
    Ok(if has_first.map_err(io::Error::other)?? { silent } else { InstanceState::NotRunning })
}

/// The outer error means that files cannot be locked here.
async fn claim_or_fail(
    place: &InstanceDir,
    arguments: &[String],
) -> io::Result<Result<Role, HandoverError>> {
    place.prepare()?;
    // Its holder listens before it releases this lock, so the next holder finds either nothing or a listener.
    let Some(election) = place.lock_election().await? else {
        return Ok(Err(HandoverError::Unanswered));
    };
    if let Some(lock) = place.try_lock()? {
        return Ok(Ok(Role::Primary(Primary::with(lock, place))));
    }
    let ends = match connect(place).await {
        Ok(stream) => {
            drop(election);
            match send(stream, arguments).await {
                Ok(()) => return Ok(Ok(Role::HandedOver)),
                Err(HandoverError::Gone) => place.lock_election().await?,
                Err(why) => return Ok(Err(why)),
            }
        }
        Err(HandoverError::Gone) => Some(election),
        // It may be ending; without a socket only the lock shows that.
        Err(HandoverError::NoSocket) => {
            return Ok(match timeout(HANDOVER_TIMEOUT, place.lock()).await {
                Ok(lock) => Ok(Role::Primary(Primary::with(lock?, place))),
                Err(_) => Err(HandoverError::NoSocket),
            });
        }
        Err(why) => return Ok(Err(why)),
    };
    // It is ending or was killed: this process becomes the primary instance.
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
        Self { lock: Some(lock), is_elected: true, listener: listener.ok() }
    }

    /// A process that continues as if it were alone.
    #[must_use]
    pub const fn unlocked() -> Self {
        Self { lock: None, is_elected: false, listener: None }
    }
}

async fn connect(place: &InstanceDir) -> Result<channel::Stream, HandoverError> {
    match timeout(HANDOVER_TIMEOUT, channel::connect(place)).await {
        Ok(Ok(stream)) => Ok(stream),
        // The socket's backlog is full.
        Ok(Err(why)) if why.kind() == io::ErrorKind::WouldBlock => Err(HandoverError::Unanswered),
        Ok(Err(why)) if why.kind() == io::ErrorKind::Unsupported => Err(HandoverError::NoSocket),
        Ok(Err(_)) => Err(HandoverError::Gone),
        Err(_) => Err(HandoverError::Unanswered),
    }
}

async fn send(mut stream: channel::Stream, arguments: &[String]) -> Result<(), HandoverError> {
    let message = wire::encode(arguments).ok_or(HandoverError::TooLong)?;
    let outcome = timeout(HANDOVER_TIMEOUT, async {
        wire::write(&mut stream, &message).await?;
        stream.read_u8().await
    });
    match outcome.await {
        Ok(Ok(wire::TAKEN)) => Ok(()),
        Ok(Ok(_) | Err(_)) => Err(HandoverError::Gone),
        Err(_) => Err(HandoverError::Unanswered),
    }
}
