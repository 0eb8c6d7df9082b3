//! A cached HTTP client, built at first use. It is rebuilt after a change of the network: its proxy and its
//! root certificates are those of the time it was built.

use std::{
    sync::{
        Arc, Mutex as Plain, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, task::JoinError};

use crate::network;

/// The shortest interval between two builds: without a network, a new client also fails.
const MIN_REBUILD_INTERVAL: Duration = Duration::from_secs(10);

/// Why there is no HTTP client. Cloned for each caller of a cached client.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BuildError {
    /// TLS cannot be configured, as without root certificates.
    #[error(transparent)]
    Tls(Arc<rustls::Error>),
    /// The client or its proxy cannot be configured.
    #[error(transparent)]
    Client(Arc<reqwest::Error>),
    /// Building it panicked.
    #[error(transparent)]
    Panicked(Arc<JoinError>),
}

impl From<rustls::Error> for BuildError {
    fn from(why: rustls::Error) -> Self {
        Self::Tls(Arc::new(why))
    }
}

impl From<reqwest::Error> for BuildError {
    fn from(why: reqwest::Error) -> Self {
        Self::Client(Arc::new(why))
    }
}

impl From<JoinError> for BuildError {
    fn from(why: JoinError) -> Self {
        Self::Panicked(Arc::new(why))
    }
}

/// A client that is reused until there is a reason to rebuild it.
pub struct CachedClient<C = reqwest::Client> {
    made: Plain<Option<Made<C>>>,
    /// Of concurrent callers, one builds the client.
    building: Mutex<()>,
    /// A connection has failed.
    doubtful: AtomicBool,
    interval: Duration,
}

struct Made<C> {
    client: Result<C, BuildError>,
    at: Instant,
    networks: u64,
}

impl<C> Default for CachedClient<C> {
    fn default() -> Self {
        Self::with_interval(MIN_REBUILD_INTERVAL)
    }
}

impl<C> CachedClient<C> {
    fn with_interval(interval: Duration) -> Self {
        Self {
            made: Plain::default(),
            building: Mutex::default(),
            doubtful: AtomicBool::new(false),
            interval,
        }
    }

    /// Reports that a connection failed, possibly because of an outdated proxy.
    pub fn doubt(&self) {
        self.doubtful.store(true, Ordering::Release);
    }

    #[cfg(test)]
    pub fn is_doubtful(&self) -> bool {
        self.doubtful.load(Ordering::Acquire)
    }
}

impl<C: Clone + Send + 'static> CachedClient<C> {
    /// The client. Building one reads files and takes time, so it runs on a blocking thread.
    ///
    /// # Errors
    /// When none could be built, and there is no previous one.
    pub async fn client(
        &self,
        make: impl FnOnce() -> Result<C, BuildError> + Send + 'static,
    ) -> Result<C, BuildError> {
        if let Some(client) = self.usable() {
            return client;
        }
        let _guard = self.building.lock().await;
        if let Some(client) = self.usable() {
            return client;
        }
        let networks = network::changes();
        self.doubtful.store(false, Ordering::Release);
        let made = tokio::task::spawn_blocking(make).await.map_err(BuildError::from).flatten();
        let mut cached = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let client = match (made, cached.take()) {
            // The previous client may still connect, and the next build follows soon.
            (Err(why), Some(Made { client: Ok(before), .. })) => {
                tracing::warn!(%why, "the HTTP client could not be made anew");
                self.doubt();
                Ok(before)
            }
            (made, _) => made,
        };
        *cached = Some(Made { client: client.clone(), at: Instant::now(), networks });
        client
    }

    /// The built client, as long as there is no reason to rebuild it, or the interval has not passed.
    fn usable(&self) -> Option<Result<C, BuildError>> {
        let cached = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let made = cached.as_ref()?;
        let is_good = made.client.is_ok()
            && made.networks == network::changes()
            && !self.doubtful.load(Ordering::Acquire);
        (is_good || made.at.elapsed() < self.interval).then(|| made.client.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    /// Builds numbered clients.
    #[derive(Clone, Default)]
    struct Maker(Arc<AtomicUsize>);

    impl Maker {
        fn makes(&self) -> impl FnOnce() -> Result<usize, BuildError> + Send + 'static {
            let made = Arc::clone(&self.0);
            move || Ok(made.fetch_add(1, Ordering::SeqCst))
        }
    }

    fn fails() -> Result<usize, BuildError> {
        Err(rustls::Error::General("no roots of trust".to_owned()).into())
    }

    /// Retries until no other test has reported a network change meanwhile: they share the process.
    async fn settled(cached: &CachedClient<usize>, maker: &Maker) -> usize {
        loop {
            let changes = network::changes();
            let client = cached.client(maker.makes()).await;
            if let (Ok(client), true) = (client, changes == network::changes()) {
                return client;
            }
        }
    }

    #[tokio::test]
    async fn http_client_is_rebuilt_after_failure_or_network_change() {
        let (cached, maker) = (CachedClient::with_interval(Duration::ZERO), Maker::default());
        let first = settled(&cached, &maker).await;
        cached.doubt();
        let second = settled(&cached, &maker).await;
        assert!(second > first);
        network::note_report(false);
        assert!(settled(&cached, &maker).await > second);
    }

    #[tokio::test]
    async fn http_client_build_failure_is_retried_and_old_one_used() {
        let (cached, maker) = (CachedClient::with_interval(Duration::ZERO), Maker::default());
        assert!(cached.client(fails).await.is_err());
        assert_eq!(cached.client(maker.makes()).await.ok(), Some(0));
        cached.doubt();
        assert_eq!(cached.client(fails).await.ok(), Some(0));
        assert_eq!(cached.client(maker.makes()).await.ok(), Some(1));
    }

    #[tokio::test]
    async fn http_client_rebuild_is_rate_limited_for_any_reason() {
        let (cached, maker) =
            (CachedClient::with_interval(Duration::from_secs(3600)), Maker::default());
        assert!(cached.client(fails).await.is_err());
        for _ in 0..100 {
            cached.doubt();
            network::note_report(false);
            assert!(cached.client(maker.makes()).await.is_err());
        }
        assert_eq!(maker.0.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn http_client_slow_build_runs_once_off_the_runtime() {
        let (cached, maker) =
            (Arc::new(CachedClient::with_interval(MIN_REBUILD_INTERVAL)), Maker::default());
        let (release, held) = std::sync::mpsc::channel::<()>();
        let first = {
            let (cached, makes) = (Arc::clone(&cached), maker.makes());
            tokio::spawn(async move {
                cached
                    .client(move || {
                        let _ = held.recv();
                        makes()
                    })
                    .await
            })
        };
        let second = {
            let (cached, makes) = (Arc::clone(&cached), maker.makes());
            tokio::spawn(async move { cached.client(makes).await })
        };
        // The runtime has one thread: the other tasks have started, and wait.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(!first.is_finished() && !second.is_finished());
        drop(release);
        assert_eq!(first.await.unwrap().ok(), Some(0));
        assert_eq!(second.await.unwrap().ok(), Some(0));
    }
}
