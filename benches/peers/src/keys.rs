//! The keys, in the encodings that the implementations require.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jwt_ring::SigningKey;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RsaKeyPair};

use crate::Algorithm;

pub(crate) const KEY_ID: &str = "2026-11-key-07";
pub(crate) const SECRET: [u8; 32] = [7; 32];

pub(crate) const RSA_PRIVATE: &str = include_str!("../../../tests/keys/rsa2048.pkcs8.pem");
pub(crate) const RSA_PUBLIC: &str = include_str!("../../../tests/keys/rsa2048.spki.pem");
const RSA_PUBLIC_PKCS1: &str = include_str!("../../../tests/keys/rsa2048.pkcs1-public.pem");
pub(crate) const EC_PRIVATE: &str = include_str!("../../../tests/keys/ecp256.pkcs8.pem");
pub(crate) const EC_PUBLIC: &str = include_str!("../../../tests/keys/ecp256.spki.pem");

/// Decodes the block of a PEM file.
pub(crate) fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(body).expect("base64")
}

pub(crate) fn decode(segment: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(segment).expect("base64url")
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn rsa_public_pkcs1() -> Vec<u8> {
    der(RSA_PUBLIC_PKCS1)
}

pub(crate) fn ring_rsa_pair() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(&der(RSA_PRIVATE)).expect("a key")
}

pub(crate) fn ring_ec_pair() -> EcdsaKeyPair {
    let random = ring::rand::SystemRandom::new();
    let pkcs8 = der(EC_PRIVATE);
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &random).expect("a key")
}

/// Returns the key in the type of this library.
pub(crate) fn signing_key(algorithm: Algorithm) -> SigningKey {
    let key = match algorithm {
        Algorithm::HS256 => SigningKey::from_secret(jwt_ring::Algorithm::HS256, SECRET),
        Algorithm::ES256 => SigningKey::from_pem(jwt_ring::Algorithm::ES256, EC_PRIVATE),
        Algorithm::RS256 => SigningKey::from_pem(jwt_ring::Algorithm::RS256, RSA_PRIVATE),
    };
    key.expect("a key").with_id(KEY_ID)
}

/// Returns ten secrets with their ids, of which one is [`SECRET`].
pub(crate) fn ten_secrets() -> impl Iterator<Item = (String, [u8; 32])> {
    (0..10).map(|n| (format!("2026-11-key-{n:02}"), [n; 32]))
}
