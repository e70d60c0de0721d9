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

/// Says what key the text is of, if it is one, or the remains of one: a byte of another encoding or a
/// mark at its front makes it no secret.
///
/// Whoever uses a public key as a secret lets everybody sign (CVE-2022-29217).
fn key_text(secret: &[u8]) -> Option<&'static str> {
    if contains(secret, b"-----BEGIN ") {
        return Some("a PEM block");
    }
    let text = secret.strip_prefix(b"\xef\xbb\xbf").unwrap_or(secret);
    let text = text.trim_ascii();
    if SSH_TYPES.iter().any(|start| text.starts_with(start)) {
        return Some("an SSH key");
    }
    let is_json = matches!(text, [b'{' | b'[' | b'"', ..]);
    let is_jwk = || {
        has_name(text, b"\"kty")
            || has_name(text, b"\"keys")
            // With escapes in its names.
            || serde_json::from_slice(text)
                .is_ok_and(|json: KeyMembers| json.kty.is_some() || json.keys.is_some())
    };
    (is_json && is_jwk()).then_some("a JWK")
}

/// What the text of an SSH public key begins with.
const SSH_TYPES: [&[u8]; 6] = [
    b"ssh-rsa ",
    b"ssh-dss ",
    b"ssh-ed25519 ",
    b"ecdsa-sha2-nistp",
    b"sk-ssh-ed25519@openssh.com ",
    b"sk-ecdsa-sha2-nistp256@openssh.com ",
];

/// Tells whether there is a member of this name, given with its opening quote, in an object or in the
/// text of one, whose quotes are escaped. Such texts are secrets, so nothing is copied.
fn has_name(text: &[u8], name: &[u8]) -> bool {
    let mut rests = (0..text.len()).filter_map(|at| text.get(at..)?.strip_prefix(name));
    rests.any(|rest| {
        let rest = rest.strip_prefix(b"\\").unwrap_or(rest);
        let rest = rest.strip_prefix(b"\"").map(<[u8]>::trim_ascii_start);
        rest.is_some_and(|rest| rest.starts_with(b":"))
    })
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// What tells a JWK or a set of them. Nothing of it is copied.
#[derive(Deserialize)]
struct KeyMembers {
    kty: Option<IgnoredAny>,
    keys: Option<IgnoredAny>,
}
