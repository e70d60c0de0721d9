//! HMAC with SHA-2 (RFC 7518 §3.2).

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::algorithm::Algorithm;
use crate::error::KeyError;
use crate::secret::Secret;

/// The one key that signs and verifies.
#[derive(Clone)]
pub(super) struct Key(hmac::Key);

impl Key {
    pub(super) fn new(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        let hash = hash(algorithm);
        let min = hash.digest_algorithm().output_len();
        if secret.len() < min {
            return Err(KeyError::ShortSecret {
                algorithm,
                found: secret.len(),
                min,
            });
        }
        match key_text(secret) {
            Some(found) => Err(KeyError::SecretIsKeyText { found }),
            None => Ok(Self(hmac::Key::new(hash, secret))),
        }
    }

    /// Generates a secret as long as the output of the hash function.
    pub(super) fn generate(algorithm: Algorithm) -> Result<Secret, KeyError> {
        let mut secret = vec![0; hash(algorithm).digest_algorithm().output_len()];
        SystemRandom::new()
            .fill(&mut secret)
            .map_err(|_| KeyError::NoRandomness)?;
        Ok(secret.into())
    }

    pub(super) fn sign(&self, message: &[u8]) -> impl AsRef<[u8]> {
        hmac::sign(&self.0, message)
    }

    /// Compares in constant time.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.0, message, signature).is_ok()
    }
}

fn hash(algorithm: Algorithm) -> hmac::Algorithm {
    match algorithm {
        Algorithm::HS384 => hmac::HMAC_SHA384,
        Algorithm::HS512 => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    }
}

/// Says what key the text is of, if it is one.
///
/// Whoever uses a public key as a secret lets everybody sign (CVE-2022-29217).
fn key_text(secret: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(secret).ok()?.trim_start();
    if text.contains("-----BEGIN ") {
        return Some("a PEM block");
    }
    if ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"]
        .iter()
        .any(|start| text.starts_with(start))
    {
        return Some("an SSH key");
    }
    if !text.starts_with('{') {
        return None;
    }
    let json: KeyMembers = serde_json::from_str(text).ok()?;
    (json.kty.is_some() || json.keys.is_some()).then_some("a JWK")
}

/// What tells a JWK or a set of them. Nothing of it is copied.
#[derive(Deserialize)]
struct KeyMembers {
    kty: Option<IgnoredAny>,
    keys: Option<IgnoredAny>,
}
