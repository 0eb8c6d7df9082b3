//! The primary instance's server, which receives the arguments of second instances.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};
use zeroize::Zeroizing;

use super::{
    channel,
    dir::InstanceDir,
    wire::{self, HANDOVER_TIMEOUT},
};

/// The limit of concurrent connections. A further one replaces the oldest connection that has sent no message
/// length: on Windows other users can open the pipe, and cannot write to it. Where all have sent one, it
/// waits for the end of one, at most [`HANDOVER_TIMEOUT`].
const MAX_CLIENTS: usize = 64;

/// The pause after a failed `accept`, such as one for lack of file descriptors.
const BACKLOG_FULL_DELAY: Duration = Duration::from_millis(100);

/// Receives the arguments of second instances.
#[derive(Debug)]
pub struct Listener(pub(super) channel::Listener);

impl Listener {
    /// Needs a Tokio runtime.
    pub(super) fn open(place: &InstanceDir) -> io::Result<Self> {
        channel::Listener::open(place).map(Self)
    }

    /// Calls `taken` with the arguments of each second instance, until this future is dropped; from then on
    /// nothing is acknowledged. `taken` must not block.
    pub async fn serve(mut self, taken: impl Fn(&[String]) + Send + Sync + 'static) {
        let taken = Arc::new(taken);
        let mut clients = JoinSet::new();
        let mut silent = VecDeque::<Client>::new();
        loop {
            silent.retain(|client| !client.has_spoken.load(Ordering::Acquire));
            let has_room = clients.len() < MAX_CLIENTS || !silent.is_empty();
            tokio::select! {
                biased;
                Some(ended) = clients.join_next() => {
                    if ended.is_err_and(|why| why.is_panic()) {
                        tracing::error!("what another process handed over was lost through a fault");
                    }
                    silent.retain(|client| !client.serving.is_finished());
                }
                accepted = self.0.accept(), if has_room => match accepted {
                    Ok(stream) => {
                        if clients.len() >= MAX_CLIENTS
                            && let Some(oldest) = silent.pop_front()
                        {
                            oldest.leave();
                        }
                        let (taken, peer) = (Arc::clone(&taken), self.0.peer());
                        let has_spoken = Arc::new(AtomicBool::new(false));
                        let speaks = Arc::clone(&has_spoken);
                        let serving = clients.spawn(async move {
                            let spoken = move || speaks.store(true, Ordering::Release);
                            serve_one(stream, peer, spoken, &*taken).await;
                        });
                        silent.push_back(Client { has_spoken, serving });
                    }
                    Err(why) => {
                        tracing::debug!(%why, "another process could not be let in");
                        sleep(BACKLOG_FULL_DELAY).await;
                    }
                },
            }
        }
    }
}

/// One connection.
struct Client {
    has_spoken: Arc<AtomicBool>,
    serving: AbortHandle,
}

impl Client {
    /// Closes the connection, unless it has sent a message length meanwhile.
    fn leave(self) {
        if !self.has_spoken.load(Ordering::Acquire) {
            self.serving.abort();
        }
    }
}

async fn serve_one(
    stream: channel::Stream,
    peer: channel::PeerUid,
    spoken: impl FnOnce(),
    taken: impl Fn(&[String]),
) {
    match timeout(HANDOVER_TIMEOUT, exchange(stream, peer, spoken, taken)).await {
        Ok(Ok(())) => {}
        Ok(Err(why)) => tracing::debug!(%why, "nothing was taken from another process"),
        Err(_) => tracing::debug!("another process sent nothing in time"),
    }
}

async fn exchange(
    mut stream: channel::Stream,
    peer: channel::PeerUid,
    spoken: impl FnOnce(),
    taken: impl Fn(&[String]),
) -> io::Result<()> {
    channel::is_same_user(&stream, peer)?;
    let arguments: Zeroizing<Vec<String>> = wire::read(&mut stream, spoken).await?;
    taken(&arguments);
    stream.write_u8(wire::TAKEN).await?;
    stream.flush().await?;
    // The client closes when it has read the acknowledgement; closing first could discard that.
    let _ = stream.read_u8().await;
    Ok(())
}
