//! Bytes that are overwritten before their memory is freed.

use std::hint::black_box;

/// Secret bytes that this crate owns.
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    /// Makes room for bytes that are written later.
    pub(crate) fn zeroed(length: usize) -> Self {
        Self(vec![0; length])
    }

    /// Collects bytes, at most `length`. Growing would leave copies behind.
    pub(crate) fn collect(length: usize, bytes: impl Iterator<Item = u8>) -> Self {
        let mut collected = Vec::with_capacity(length);
        collected.extend(bytes.take(length));
        Self(collected)
    }

    /// Shortens the bytes. What is cut off is overwritten with the rest.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for Secret {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsMut<[u8]> for Secret {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // The spare capacity may hold bytes that were cut off.
        self.0.clear();
        self.0.resize(self.0.capacity(), 0);
        // Without a reader the compiler would leave the zeros out.
        black_box(&self.0);
    }
}
