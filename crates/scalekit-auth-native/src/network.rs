//! Network changes, as the operating system reports them, without polling.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use netwatcher::{AsyncWatch, async_adapter::Tokio, watch_interfaces_async};
use scalekit_auth::Network;

static CHANGES: AtomicU64 = AtomicU64::new(0);

/// The number of address changes so far. A different number means that this computer may be in another
/// network.
pub fn changes() -> u64 {
    CHANGES.load(Ordering::Acquire)
}

/// A watch on the addresses of this computer.
pub struct NetworkMonitor(Option<AsyncWatch>);

impl NetworkMonitor {
    /// Starts the watch. Where the operating system reports nothing, no change is ever seen, and a refresh that
    /// waits for a network waits for its next retry.
    pub fn watch() -> Self {
        Self::of(watch_interfaces_async::<Tokio>())
    }

    /// Waits until an address has been added or removed; the first call returns the initial addresses. Cancel
    /// safe: it may be dropped and called again.
    pub async fn changed(&mut self) -> Network {
        let Some(networks) = &mut self.0 else { return std::future::pending().await };
        let update = networks.changed().await;
        note_report(update.is_initial);
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

/// Present with any address beyond loopback. One that no other computer can reach, as that of a virtual
/// machine's bridge, only leads to requests that fail.
fn network_with(addresses: impl IntoIterator<Item = IpAddr>) -> Network {
    if addresses.into_iter().all(|address| address.is_loopback()) {
        Network::Absent
    } else {
        Network::Present
    }
}

/// The first report has the addresses that clients were built with.
fn changes_by(is_initial: bool) -> u64 {
    u64::from(!is_initial)
}

pub(crate) fn note_report(is_initial: bool) {
    CHANGES.fetch_add(changes_by(is_initial), Ordering::AcqRel);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_report_is_a_change_unless_it_is_the_first() {
        assert_eq!([true, false].map(changes_by), [0, 1]);
    }

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
