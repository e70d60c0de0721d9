//! HMAC with SHA-2 (RFC 7518 §3.2).

use super::backend::hmac;
use super::backend::rand::{SecureRandom, SystemRandom};
use super::key_text;
use crate::algorithm::Algorithm;
use crate::error::KeyError;
use crate::secret::Secret;

/// The size of a [`Key`] in bytes: about 200 with *ring*, and 1,300 with AWS-LC.
pub(crate) const PREPARED_SIZE: usize = size_of::<Key>();

/// The key that signs and verifies.
#[derive(Clone)]
pub(super) struct Key {
    key: hmac::Key,
    fingerprint: [u8; 32],
}

impl Key {
    pub(super) fn new(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        check(algorithm, secret, min_length(algorithm))?;
        Ok(Self::unchecked(algorithm, secret))
    }

    /// Makes a key from a secret that may be shorter than the output of the hash function.
    pub(super) fn short(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        check(algorithm, secret, 1)?;
        Ok(Self::unchecked(algorithm, secret))
    }

    fn unchecked(algorithm: Algorithm, secret: &[u8]) -> Self {
        Self {
            key: hmac::Key::new(hash(algorithm), secret),
            fingerprint: fingerprint(secret),
        }
    }

    /// Generates a secret as long as the output of the hash function.
    pub(super) fn generate(algorithm: Algorithm) -> Result<Secret, KeyError> {
        let mut secret = Secret::zeroed(min_length(algorithm));
        SystemRandom::new()
            .fill(secret.as_mut())
            .map_err(|_| KeyError::NoRandomness)?;
        Ok(secret)
    }

    pub(super) fn sign(&self, message: &[u8]) -> impl AsRef<[u8]> {
        hmac::sign(&self.key, message)
    }

    /// Compares in constant time.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.key, message, signature).is_ok()
    }

    pub(super) fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }
}

/// Verifies with a secret that was checked.
pub(super) fn verify(
    algorithm: Algorithm,
    secret: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    let key = hmac::Key::new(hash(algorithm), secret);
    hmac::verify(&key, message, signature).is_ok()
}

/// Checks that the secret has at least `min` bytes and is not an encoded key.
pub(super) fn check(algorithm: Algorithm, secret: &[u8], min: usize) -> Result<(), KeyError> {
    let found = secret.len();
    if found < min {
        return Err(KeyError::ShortSecret {
            algorithm,
            found,
            min,
        });
    }
    match key_text::describe(secret) {
        Some(found) => Err(KeyError::SecretIsKeyText { found }),
        None => Ok(()),
    }
}

/// Returns the minimum length of a secret, in bytes (RFC 7518 §3.2).
pub(super) fn min_length(algorithm: Algorithm) -> usize {
    hash(algorithm).digest_algorithm().output_len()
}

/// Returns a hash that identifies the secret and does not disclose it.
pub(super) fn fingerprint(secret: &[u8]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut context = hmac::Context::with_key(&key);
    context.update(b"jwt-ring key fingerprint");
    // A secret longer than a block and its hash are the same key to HMAC-SHA-256, but not to others.
    context.update(&secret.len().to_be_bytes());
    context.sign().as_ref().try_into().unwrap_or_default()
}

fn hash(algorithm: Algorithm) -> hmac::Algorithm {
    match algorithm {
        Algorithm::HS384 => hmac::HMAC_SHA384,
        Algorithm::HS512 => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    }
}
