//! Hashes and comparisons of secrets.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{digest, hmac};

use crate::store::random;

/// Returns the SHA-256 hash of a text in base64url.
pub(super) fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// Compares in a time that does not depend on where the texts differ.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, random().as_bytes());
    let tag = hmac::sign(&key, other.as_bytes());
    hmac::verify(&key, one.as_bytes(), tag.as_ref()).is_ok()
}

/// Returns the HMAC of a text in base64url.
pub(super) fn mac(key: &hmac::Key, text: &str) -> String {
    URL_SAFE_NO_PAD.encode(hmac::sign(key, text.as_bytes()))
}
