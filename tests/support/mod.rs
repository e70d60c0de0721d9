//! Shared by the tests.

#![allow(dead_code, reason = "no test uses all of it")]

pub(crate) mod errors;
pub(crate) mod keys;

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::{Algorithm, Claim, FixedClock, NumericDate, SigningKey};

/// The time of the tests' clock: 2026-11-23 12:00 UTC.
pub(crate) const NOW: i64 = 1_795_435_200;

/// All supported algorithms.
pub(crate) const ALGORITHMS: [Algorithm; 13] = [
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
    Algorithm::Ed25519,
];

/// The registered claims in the order of the checks.
pub(crate) const REGISTERED: [Claim; 7] = [
    Claim::Expiration,
    Claim::NotBefore,
    Claim::IssuedAt,
    Claim::Issuer,
    Claim::Audience,
    Claim::Subject,
    Claim::JwtId,
];

/// Returns a key for the algorithm: a new one, except for RSA, which *ring* does not generate.
pub(crate) fn signing_key(algorithm: Algorithm) -> SigningKey {
    match algorithm.name().get(..2) {
        Some("RS" | "PS") => rsa_key(algorithm, "rsa2048.pkcs8.pem"),
        _ => SigningKey::generate(algorithm).expect("a key"),
    }
}

/// Loads an RSA key. It decodes the PEM itself, so that tests do not need the feature `pem`.
pub(crate) fn rsa_key(algorithm: Algorithm, file: &str) -> SigningKey {
    SigningKey::from_der(algorithm, pem_body(file)).expect("a key")
}

/// Reads the body of a PEM file.
pub(crate) fn pem_body(file: &str) -> Vec<u8> {
    let pem = String::from_utf8(key_file(file)).expect("text");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(body).expect("base64")
}

pub(crate) fn clock() -> FixedClock {
    FixedClock::at(NumericDate::from_seconds(NOW))
}

/// Returns the path of `tests/keys`.
#[track_caller]
pub(crate) fn keys_directory() -> PathBuf {
    // In the package, or in a parent of it for `tests/extended` and `tests/foreign_features`.
    let directories = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let mut keys = directories.map(|directory| directory.join("tests/keys"));
    keys.find(|keys| keys.is_dir()).expect("tests/keys")
}

/// Reads a file from `tests/keys`, described in the README there.
#[track_caller]
pub(crate) fn key_file(name: &str) -> Vec<u8> {
    let path = keys_directory().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[track_caller]
pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// Signs any header and payload, malformed ones included.
pub(crate) fn forge(
    key: &SigningKey,
    header: impl AsRef<[u8]>,
    payload: impl AsRef<[u8]>,
) -> String {
    forge_segments(key, &encode(header), &encode(payload))
}

/// Signs any two segments, malformed ones included.
pub(crate) fn forge_segments(key: &SigningKey, header: &str, payload: &str) -> String {
    let signing_input = format!("{header}.{payload}");
    let signature = key.sign(signing_input.as_bytes()).expect("a signature");
    format!("{signing_input}.{}", encode(signature))
}
