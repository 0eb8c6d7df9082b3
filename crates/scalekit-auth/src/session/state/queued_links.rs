//! Links that wait until they can be read.

use zeroize::Zeroizing;

/// Links that arrived before the keychain was read. Callbacks have places of their own, so that no other
/// link takes the place of the one the user waits for.
#[derive(Default)]
#[cfg_attr(feature = "testing", derive(Clone))]
pub(crate) struct QueuedLinks {
    /// Before the configuration is known, nobody can say what they are.
    pub(crate) unknown: Vec<Zeroizing<Vec<u8>>>,
    pub(crate) callbacks: Vec<Zeroizing<Vec<u8>>>,
    pub(crate) others: Vec<Zeroizing<Vec<u8>>>,
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
