//! Ed25519 (RFC 8032, RFC 8037 §3.1).

use super::backend::rand::{SecureRandom, SystemRandom};
use super::backend::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use crate::error::{KeyError, SignError};
use crate::secret::Secret;

/// The length of a seed and of a public key.
const SIZE: usize = 32;

/// PKCS#8 version 1 up to the seed (RFC 8410 §7). Version 2, which *ring* writes, is not read by
/// openssl.
const PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

pub(super) struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Makes a key. If the public key is given, checks that it belongs to the private key.
    pub(super) fn new(seed: &[u8], point: Option<&[u8]>) -> Result<Self, KeyError> {
        match point {
            Some(point) => Ed25519KeyPair::from_seed_and_public_key(seed, point),
            None => Ed25519KeyPair::from_seed_unchecked(seed),
        }
        .map(Self)
        .map_err(|_| KeyError::Invalid {
            expected: "an Ed25519 private key with the public key that belongs to it",
        })
    }

    /// Generates a key as PKCS#8.
    pub(super) fn generate() -> Result<Secret, KeyError> {
        let mut pkcs8 = Secret::zeroed(PKCS8_PREFIX.len() + SIZE);
        let (prefix, seed) = pkcs8.as_mut().split_at_mut(PKCS8_PREFIX.len());
        prefix.copy_from_slice(&PKCS8_PREFIX);
        SystemRandom::new()
            .fill(seed)
            .map_err(|_| KeyError::NoRandomness)?;
        Ok(pkcs8)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<impl AsRef<[u8]>, SignError> {
        #[cfg(feature = "aws-lc-rs")]
        let signature = self.0.try_sign(message).map_err(|_| SignError::Failed);
        #[cfg(not(feature = "aws-lc-rs"))]
        let signature = Ok::<_, SignError>(self.0.sign(message));
        signature
    }

    pub(super) fn point(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

pub(super) struct VerifyingKey(UnparsedPublicKey<[u8; SIZE]>);

impl VerifyingKey {
    /// Does not check that the encoding is one of a point: the backend offers no way to. If it is not,
    /// no signature is valid. A parsed key would hold the same bytes, so none is kept.
    pub(super) fn new(point: &[u8]) -> Result<Self, KeyError> {
        let invalid = |expected| KeyError::Invalid { expected };
        let point = point
            .try_into()
            .map_err(|_| invalid("an Ed25519 public key of 32 bytes"))?;
        if !is_canonical(&point) || is_small_order(&point) {
            return Err(invalid(
                "a canonical Ed25519 public key that is not of small order",
            ));
        }
        Ok(Self(UnparsedPublicKey::new(&ED25519, point)))
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify(message, signature).is_ok()
    }

    pub(super) fn point(&self) -> &[u8] {
        self.0.as_ref()
    }
}

/// Returns y of an encoded point, without the sign of x (RFC 8032 §5.1.2).
fn y(point: &[u8; SIZE]) -> [u8; SIZE] {
    let mut y = *point;
    let [.., last] = &mut y;
    *last &= 0x7f;
    y
}

/// Returns whether y is less than 2^255 - 19 (RFC 8032 §5.1.3). The backend does not reject others.
fn is_canonical(point: &[u8; SIZE]) -> bool {
    let [first, middle @ .., last] = y(point);
    first < 0xed || last < 0x7f || middle.iter().any(|byte| *byte < 0xff)
}

/// Returns whether the order of the point divides 8. Such a key verifies signatures that were made
/// without a private key: for order 1, one signature of any message.
fn is_small_order(point: &[u8; SIZE]) -> bool {
    // The y of all eight points of small order, each with both signs of x. Where x is 0, the
    // negative sign is not canonical.
    const ORDER_1: [u8; SIZE] = edges(0x01, 0x00, 0x00);
    const ORDER_2: [u8; SIZE] = edges(0xec, 0xff, 0x7f);
    const ORDER_4: [u8; SIZE] = [0; SIZE];
    const ORDER_8: [[u8; SIZE]; 2] = [
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
    ];
    let y = y(point);
    [ORDER_1, ORDER_2, ORDER_4].contains(&y) || ORDER_8.contains(&y)
}

/// Returns a number of which all bytes but the first and the last are equal.
const fn edges(first: u8, middle: u8, last: u8) -> [u8; SIZE] {
    let mut number = [middle; SIZE];
    let [start, .., end] = &mut number;
    *start = first;
    *end = last;
    number
}
