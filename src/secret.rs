//! Bytes that are overwritten before their memory is given back.

use std::hint::black_box;

/// Secret bytes that we own.
pub(crate) struct Secret(Vec<u8>);

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

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // Without a reader the compiler would leave the zeros out.
        black_box(&self.0);
    }
}
