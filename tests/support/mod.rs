//! What the tests share.

#![allow(dead_code, reason = "no test uses all of it")]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::{FixedClock, NumericDate, SigningKey};

/// The time at which the tests take place: 2026-11-23 12:00 UTC.
pub(crate) const NOW: i64 = 1_795_435_200;

pub(crate) fn clock() -> FixedClock {
    FixedClock::at(NumericDate::from_seconds(NOW))
}

/// Reads a file from `tests/keys`, whose README says how it was made.
#[track_caller]
pub(crate) fn key_file(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[track_caller]
pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// Signs any header and payload, however wrong they are, as the given key.
pub(crate) fn forge(
    key: &SigningKey,
    header: impl AsRef<[u8]>,
    payload: impl AsRef<[u8]>,
) -> String {
    forge_segments(key, &encode(header), &encode(payload))
}

/// Signs any two segments, however wrong they are, as the given key.
pub(crate) fn forge_segments(key: &SigningKey, header: &str, payload: &str) -> String {
    let message = format!("{header}.{payload}");
    let signature = key.sign(message.as_bytes()).expect("a signature");
    format!("{message}.{}", encode(signature))
}
