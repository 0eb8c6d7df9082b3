//! A buffer for secrets that are received in parts.

use std::{io, ops::DerefMut};

use zeroize::Zeroizing;

/// A growable byte buffer. A `Vec` that reallocates leaves its previous content in memory; this copies it to a
/// larger one and zeroizes the previous one, with any allocator.
#[derive(Default)]
pub struct SecretBuffer(Zeroizing<Vec<u8>>);

impl SecretBuffer {
    /// Allocates for this number of bytes, which are then not copied.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(capacity)))
    }

    /// The number of bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends bytes.
    pub fn extend(&mut self, more: &[u8]) {
        extend(&mut self.0, more);
    }

    /// The content.
    #[must_use]
    pub fn into_whole(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl io::Write for SecretBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `B` zeroizes its content on drop.
fn extend<B: DerefMut<Target = Vec<u8>> + From<Vec<u8>>>(bytes: &mut B, more: &[u8]) {
    let needed = bytes.len() + more.len();
    if needed > bytes.capacity() {
        let mut larger = B::from(Vec::with_capacity(needed.max(bytes.capacity() * 2)));
        larger.extend_from_slice(bytes);
        *bytes = larger;
    }
    bytes.extend_from_slice(more);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, ops::Deref};

    thread_local! {
        static DROPPED: Cell<usize> = const { Cell::new(0) };
    }

    /// Detects a reallocation by the vector itself.
    struct Watched {
        bytes: Vec<u8>,
        at: *const u8,
        capacity: usize,
    }

    impl From<Vec<u8>> for Watched {
        fn from(bytes: Vec<u8>) -> Self {
            Self { at: bytes.as_ptr(), capacity: bytes.capacity(), bytes }
        }
    }

    impl Deref for Watched {
        type Target = Vec<u8>;
        fn deref(&self) -> &Vec<u8> {
            &self.bytes
        }
    }

    impl DerefMut for Watched {
        fn deref_mut(&mut self) -> &mut Vec<u8> {
            &mut self.bytes
        }
    }

    impl Drop for Watched {
        fn drop(&mut self) {
            assert_eq!((self.at, self.capacity), (self.bytes.as_ptr(), self.bytes.capacity()));
            DROPPED.set(DROPPED.get() + 1);
        }
    }

    #[test]
    fn secret_buffer_that_fits_its_capacity_is_not_copied() {
        let mut buffer = SecretBuffer::with_capacity(4);
        let (at, capacity) = (buffer.0.as_ptr(), buffer.0.capacity());
        assert!(capacity >= 4);
        buffer.extend(&vec![1; capacity]);
        assert_eq!(buffer.into_whole().as_ptr(), at);
    }

    #[test]
    fn secret_buffer_wipes_every_outgrown_copy() {
        for piece in [1, 7, 1000, 40_000] {
            DROPPED.set(0);
            let mut bytes = Watched::from(Vec::with_capacity(16));
            let mut expected = Vec::new();
            for number in 0..100_u8 {
                extend(&mut bytes, &vec![number; piece]);
                expected.extend(vec![number; piece]);
            }
            assert_eq!(*bytes, expected);
            let moved = DROPPED.get();
            assert!(moved > 0 && moved < 25, "{piece}: {moved}");
            drop(bytes);
            assert_eq!(DROPPED.get(), moved + 1);
        }
    }

    #[test]
    fn secret_buffer_returns_all_written_bytes() {
        use std::io::Write;
        let mut bytes = SecretBuffer::default();
        assert!(bytes.is_empty());
        bytes.write_all(b"one ").unwrap_or_default();
        bytes.extend(b"two");
        assert!(!bytes.is_empty());
        assert_eq!((bytes.len(), &bytes.into_whole()[..]), (7, &b"one two"[..]));
    }
}
