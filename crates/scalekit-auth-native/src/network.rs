//! What this computer's networks are, as the operating system tells it: nothing is polled.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use netwatcher::{AsyncWatch, async_adapter::Tokio, watch_interfaces_async};
use scalekit_auth::Network;

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

    /// Waits until an address has come or gone; the first time, until it is known which there are. May be dropped and
    /// asked again.
    pub async fn changed(&mut self) -> Network {
        let Some(networks) = &mut self.0 else { return std::future::pending().await };
        let update = networks.changed().await;
        if !update.is_initial {
            note_change();
        }
        let interfaces = update.interfaces.values();
        network_with(interfaces.flat_map(|one| &one.ips).map(|record| record.ip))
    }

    fn of(watch: Result<AsyncWatch, netwatcher::Error>) -> Self {
        if let Err(why) = &watch {
            tracing::warn!(%why, "networks are not watched: a refresh that waits for one waits for its next try");
        }
        Self(watch.ok())
    }
}

/// Any address that another computer could have sent to. One that no other computer answers at, as that of a virtual
/// machine's bridge, only leads to requests that fail.
fn network_with(addresses: impl IntoIterator<Item = IpAddr>) -> Network {
    if addresses.into_iter().all(|address| address.is_loopback()) {
        Network::Absent
    } else {
        Network::Present
    }
}

pub(crate) fn note_change() {
    CHANGES.fetch_add(1, Ordering::AcqRel);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_is_absent_with_loopback_addresses_alone() {
        let network =
            |all: &[&str]| network_with(all.iter().map(|address| address.parse().unwrap()));
        assert_eq!(network(&[]), Network::Absent);
        assert_eq!(network(&["127.0.0.1", "::1", "127.0.1.1"]), Network::Absent);
        for address in ["192.0.2.2", "2001:db8::2", "fe80::1", "169.254.1.1"] {
            assert_eq!(network(&["127.0.0.1", address]), Network::Present, "{address}");
        }
    }
}
