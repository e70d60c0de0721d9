//! Ed25519 (RFC 8032, RFC 8037 §3.1).

use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::error::KeyError;
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
    /// Also checks that both halves belong together, where there are two.
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
        let mut pkcs8 = PKCS8_PREFIX.to_vec();
        pkcs8.resize(PKCS8_PREFIX.len() + SIZE, 0);
        let (_, seed) = pkcs8.split_at_mut(PKCS8_PREFIX.len());
        SystemRandom::new()
            .fill(seed)
            .map_err(|_| KeyError::NoRandomness)?;
        Ok(pkcs8.into())
    }

    pub(super) fn sign(&self, message: &[u8]) -> impl AsRef<[u8]> {
        self.0.sign(message)
    }

    pub(super) fn point(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

pub(super) struct VerifyingKey(UnparsedPublicKey<[u8; SIZE]>);

impl VerifyingKey {
    /// Takes any 32 bytes: *ring* has no way to tell whether they are a point. If they are not, no
    /// signature holds.
    pub(super) fn new(point: &[u8]) -> Result<Self, KeyError> {
        let point = point.try_into().map_err(|_| KeyError::Invalid {
            expected: "an Ed25519 public key of 32 bytes",
        })?;
        Ok(Self(UnparsedPublicKey::new(&ED25519, point)))
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify(message, signature).is_ok()
    }

    pub(super) fn point(&self) -> &[u8] {
        self.0.as_ref()
    }
}
