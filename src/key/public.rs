//! The public half of a key, of any family.

use super::material::{Half, Material};
use super::{der, digest, ecdsa, ed25519, hmac, rsa};
use crate::algorithm::{Algorithm, Family};
use crate::error::KeyError;
use crate::secret::Secret;

/// What a key verifies with. An HMAC key has no public half and verifies with the secret.
pub(super) enum Public {
    /// Boxed because it is larger than the others.
    Hmac(Box<hmac::Key>),
    /// A secret for several algorithms, or in a large set. Each use prepares it.
    Shared(Secret),
    Rsa(rsa::VerifyingKey),
    Ecdsa(ecdsa::VerifyingKey),
    Ed25519(ed25519::VerifyingKey),
}

impl Public {
    /// Makes all checks but the costly one, [`check`](Self::check).
    pub(super) fn new(algorithm: Algorithm, material: &Material<'_>) -> Result<Self, KeyError> {
        Ok(match (algorithm.family(), *material) {
            (Family::Hmac, Material::Symmetric { secret }) => {
                Self::Hmac(Box::new(hmac::Key::new(algorithm, secret)?))
            }
            (Family::Rsa, Material::RsaPublic(numbers)) => {
                Self::Rsa(rsa::VerifyingKey::new(numbers)?)
            }
            (Family::Ecdsa(wanted), Material::EcPublic { curve, point }) if wanted == curve => {
                Self::Ecdsa(ecdsa::VerifyingKey::new(curve, point)?)
            }
            (Family::Ed25519, Material::Ed25519Public { point }) => {
                Self::Ed25519(ed25519::VerifyingKey::new(point)?)
            }
            _ => return Err(material.wrong_kind(algorithm, Half::Public)),
        })
    }

    pub(super) fn check(&self) -> Result<(), KeyError> {
        match self {
            Self::Ecdsa(key) => key.check(),
            _ => Ok(()),
        }
    }

    pub(super) fn is_symmetric(&self) -> bool {
        matches!(self, Self::Hmac(_) | Self::Shared(_))
    }

    /// Returns a hash that is equal for keys of equal content. That of a secret does not disclose it.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        match self {
            Self::Hmac(key) => key.fingerprint(),
            Self::Shared(secret) => hmac::fingerprint(secret.as_ref()),
            // The object identifiers in the SPKI keep the families apart.
            Self::Rsa(_) | Self::Ecdsa(_) | Self::Ed25519(_) => {
                digest::sha256(&self.to_spki_der().unwrap_or_default())
            }
        }
    }

    pub(super) fn to_spki_der(&self) -> Result<Vec<u8>, KeyError> {
        Ok(match self {
            Self::Hmac(_) | Self::Shared(_) => return Err(KeyError::NoPublicHalf),
            Self::Rsa(key) => der::write_rsa_spki(key.modulus(), key.exponent()),
            Self::Ecdsa(key) => der::write_ec_spki(key.curve(), key.point()),
            Self::Ed25519(key) => der::write_ed25519_spki(key.point()),
        })
    }

    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(key) => key.verify(message, signature),
            Self::Shared(secret) => hmac::verify(algorithm, secret.as_ref(), message, signature),
            Self::Rsa(key) => key.verify(algorithm, message, signature),
            Self::Ecdsa(key) => key.verify(message, signature),
            Self::Ed25519(key) => key.verify(message, signature),
        }
    }
}
