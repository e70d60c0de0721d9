//! What the tests share.

#![allow(dead_code, reason = "no test uses all of it")]

pub(crate) mod keys;

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::{Algorithm, FixedClock, NumericDate, SigningKey};

/// The time at which the tests take place: 2026-11-23 12:00 UTC.
pub(crate) const NOW: i64 = 1_795_435_200;

/// Every algorithm that there is.
pub(crate) const ALGORITHMS: [Algorithm; 12] = [
    Algorithm::HS256,
    Algorithm::HS384,
    Algorithm::HS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// A key for the algorithm; for RSA always the same, because *ring* generates none.
pub(crate) fn signing_key(algorithm: Algorithm) -> SigningKey {
    match algorithm.name().get(..2) {
        Some("RS" | "PS") => rsa_key(algorithm, "rsa2048.pkcs8.pem"),
        _ => SigningKey::generate(algorithm).expect("a key"),
    }
}

/// Reads the PEM by hand, so that the tests that use it need no feature.
pub(crate) fn rsa_key(algorithm: Algorithm, file: &str) -> SigningKey {
    let pem = String::from_utf8(key_file(file)).expect("text");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).expect("base64");
    SigningKey::from_der(algorithm, der).expect("a key")
}

pub(crate) fn clock() -> FixedClock {
    FixedClock::at(NumericDate::from_seconds(NOW))
}

/// Reads a file from `tests/keys`, whose README says how it was made.
#[track_caller]
pub(crate) fn key_file(name: &str) -> Vec<u8> {
    // The directory of the package, or for `tests/extended` one above it.
    let mut directories = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let root = directories.find(|directory| directory.join("tests/keys").is_dir());
    let path = root.expect("tests/keys").join("tests/keys").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
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
