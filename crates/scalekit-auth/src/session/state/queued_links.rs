//! The queue of deep links that cannot be processed yet.

use zeroize::Zeroizing;

/// Links that were received before the keychain was read. Once the configuration is known, authorization responses
/// have a queue of their own, so that other links cannot displace the one that the user waits for.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct QueuedLinks {
    /// Links of unknown kind, received before the configuration.
    pub(crate) unknown: Vec<Zeroizing<Vec<u8>>>,
    pub(crate) callbacks: Vec<Zeroizing<Vec<u8>>>,
    pub(crate) others: Vec<Zeroizing<Vec<u8>>>,
    /// A link to the redirect URI that is no valid authorization response was received, and is not stored.
    pub(crate) unusable_callback: bool,
}

impl QueuedLinks {
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Zeroizing<Vec<u8>>> {
        self.unknown.iter().chain(&self.callbacks).chain(&self.others)
    }

    pub(crate) fn into_links(self) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
        self.unknown.into_iter().chain(self.callbacks).chain(self.others)
    }
}
