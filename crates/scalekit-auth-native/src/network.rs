//! Whether this computer's networks have changed, as the operating system tells it: nothing is polled.

use netwatcher::{AsyncWatch, async_adapter::Tokio, watch_interfaces_async};

/// This computer's networks.
pub struct Networks(Option<AsyncWatch>);

impl Networks {
    /// Watches from now on. Where the system does not tell, nothing ever changes, and what waits for
    /// a network waits for its next try.
    pub fn watch() -> Self {
        Self::of(watch_interfaces_async::<Tokio>())
    }

    /// Waits until an address has come or gone. May be dropped and asked again.
    pub async fn changed(&mut self) {
        match &mut self.0 {
            Some(networks) => drop(networks.changed().await),
            None => std::future::pending().await,
        }
    }

    fn of(watch: Result<AsyncWatch, netwatcher::Error>) -> Self {
        if let Err(why) = &watch {
            tracing::warn!(%why, "networks are not watched: a renewal that waits for one waits for its next try");
        }
        Self(watch.ok())
    }
}
