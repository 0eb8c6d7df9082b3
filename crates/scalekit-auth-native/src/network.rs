//! Whether this computer's networks have changed, as the operating system tells it: nothing is polled.

use std::sync::atomic::{AtomicU64, Ordering};

use netwatcher::{AsyncWatch, async_adapter::Tokio, watch_interfaces_async};

static CHANGES: AtomicU64 = AtomicU64::new(0);

/// How often an address is known to have come or gone: whoever compares two moments knows whether this
/// computer may be somewhere else.
pub fn changes() -> u64 {
    CHANGES.load(Ordering::Acquire)
}

/// This computer's networks.
pub struct NetworkMonitor(Option<AsyncWatch>);

impl NetworkMonitor {
    /// Watches from now on. Where the system does not tell, nothing ever changes, and what waits for
    /// a network waits for its next try.
    pub fn watch() -> Self {
        Self::of(watch_interfaces_async::<Tokio>())
    }

    /// Waits until an address has come or gone. May be dropped and asked again.
    pub async fn changed(&mut self) {
        match &mut self.0 {
            Some(networks) => {
                drop(networks.changed().await);
                note_change();
            }
            None => std::future::pending().await,
        }
    }

    fn of(watch: Result<AsyncWatch, netwatcher::Error>) -> Self {
        if let Err(why) = &watch {
            tracing::warn!(%why, "networks are not watched: a refresh that waits for one waits for its next try");
        }
        Self(watch.ok())
    }
}

pub(crate) fn note_change() {
    CHANGES.fetch_add(1, Ordering::AcqRel);
}
