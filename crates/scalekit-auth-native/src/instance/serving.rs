//! The first process takes what others hand over.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinSet,
    time::{sleep, timeout},
};
use zeroize::Zeroizing;

use super::{PATIENCE, Place, channel, message};

/// How many are listened to at once. Others wait for their turn, which is there after [`PATIENCE`].
const MOST_CLIENTS: usize = 64;

/// How long nobody is let in where the system has no room for one more, in order not to ask it all the time.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Where later processes hand over.
#[derive(Debug)]
pub struct Listener(pub(super) channel::Listener);

impl Listener {
    /// Needs a Tokio runtime.
    pub(super) fn open(place: &Place) -> io::Result<Self> {
        channel::Listener::open(place).map(Self)
    }

    /// Gives `taken` the arguments of each later process, until this future is dropped; from then on
    /// nobody is told that something was taken. `taken` must not block.
    pub async fn serve(mut self, taken: impl Fn(&[String]) + Send + Sync + 'static) {
        let taken = Arc::new(taken);
        let mut clients = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.0.accept(), if clients.len() < MOST_CLIENTS => match accepted {
                    Ok(stream) => {
                        let (taken, whom) = (Arc::clone(&taken), self.0.whom());
                        clients.spawn(async move { serve_one(stream, whom, &*taken).await });
                    }
                    Err(why) => {
                        tracing::debug!(%why, "another process could not be let in");
                        sleep(NO_ROOM).await;
                    }
                },
                Some(ended) = clients.join_next() => {
                    if ended.is_err() {
                        tracing::error!("what another process handed over was lost through a fault");
                    }
                }
            }
        }
    }
}

async fn serve_one(stream: channel::Stream, whom: channel::Whom, taken: impl Fn(&[String])) {
    match timeout(PATIENCE, exchange(stream, whom, taken)).await {
        Ok(Ok(())) => {}
        Ok(Err(why)) => tracing::debug!(%why, "nothing was taken from another process"),
        Err(_) => tracing::debug!("another process said nothing, and is not listened to any more"),
    }
}

async fn exchange(
    mut stream: channel::Stream,
    whom: channel::Whom,
    taken: impl Fn(&[String]),
) -> io::Result<()> {
    channel::is_of_same_person(&stream, whom)?;
    let arguments: Zeroizing<Vec<String>> = message::read(&mut stream).await?;
    taken(&arguments);
    stream.write_u8(message::TAKEN).await?;
    stream.flush().await?;
    // The other closes when it has read that; closing before could take it away from it.
    let _ = stream.read_u8().await;
    Ok(())
}
