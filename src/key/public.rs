//! The public half of a key, of any family.

use std::sync::Arc;

use super::material::{Content, Half, Material, RsaPublic};
use super::{ecdsa, ed25519, hmac, rsa};
use crate::algorithm::{Algorithm, Family};
use crate::error::KeyError;
use crate::secret::Secret;

/// What a key verifies with. An HMAC key has no public half and verifies with the secret.
pub(super) trait Public: Send + Sync {
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool;

    fn content(&self) -> Content<'_>;
}

type Load = fn(Loader, &Material<'_>) -> Result<Arc<dyn Public>, KeyError>;

/// Makes keys for one algorithm.
///
/// The functions of the families are reached through pointers only, and [`Loader::of`] is inlined. If
/// its algorithms are constants, a program therefore links only their families: for RSA alone, 300 KiB
/// less.
#[derive(Clone, Copy)]
pub(super) struct Loader {
    algorithm: Algorithm,
    load: Load,
}

impl Loader {
    #[inline]
    pub(super) fn of(algorithm: Algorithm) -> Self {
        let load = match algorithm.family() {
            Family::Hmac => Self::hmac,
            Family::Rsa => Self::rsa,
            Family::Ecdsa(_) => Self::ecdsa,
            Family::Ed25519 => Self::ed25519,
        };
        Self { algorithm, load }
    }

    pub(super) fn algorithm(self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn load(self, material: &Material<'_>) -> Result<Arc<dyn Public>, KeyError> {
        (self.load)(self, material)
    }

    fn hmac(self, material: &Material<'_>) -> Result<Arc<dyn Public>, KeyError> {
        match *material {
            Material::Symmetric { secret } => Ok(Arc::new(hmac::Key::new(self.algorithm, secret)?)),
            _ => self.wrong_kind(material),
        }
    }

    fn rsa(self, material: &Material<'_>) -> Result<Arc<dyn Public>, KeyError> {
        match *material {
            Material::RsaPublic(numbers) => Ok(Arc::new(rsa::VerifyingKey::new(numbers)?)),
            _ => self.wrong_kind(material),
        }
    }

    fn ecdsa(self, material: &Material<'_>) -> Result<Arc<dyn Public>, KeyError> {
        match *material {
            Material::EcPublic { curve, point }
                if self.algorithm.family() == Family::Ecdsa(curve) =>
            {
                Ok(Arc::new(ecdsa::VerifyingKey::new(curve, point)?))
            }
            _ => self.wrong_kind(material),
        }
    }

    fn ed25519(self, material: &Material<'_>) -> Result<Arc<dyn Public>, KeyError> {
        match *material {
            Material::Ed25519Public { point } => Ok(Arc::new(ed25519::VerifyingKey::new(point)?)),
            _ => self.wrong_kind(material),
        }
    }

    fn wrong_kind(self, material: &Material<'_>) -> Result<Arc<dyn Public>, KeyError> {
        Err(material.wrong_kind(self.algorithm, Half::Public))
    }
}

impl Public for hmac::Key {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verify(message, signature)
    }

    fn content(&self) -> Content<'_> {
        Content::Secret(self.fingerprint())
    }
}

/// A secret for several algorithms, or in a large set. Each use prepares it.
pub(super) struct SharedSecret {
    secret: Secret,
    fingerprint: [u8; 32],
}

impl SharedSecret {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self {
            fingerprint: hmac::fingerprint(secret),
            secret: secret.to_vec().into(),
        }
    }
}

impl Public for SharedSecret {
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        hmac::verify(algorithm, self.secret.as_ref(), message, signature)
    }

    fn content(&self) -> Content<'_> {
        Content::Secret(self.fingerprint)
    }
}

impl Public for rsa::VerifyingKey {
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verify(algorithm, message, signature)
    }

    fn content(&self) -> Content<'_> {
        Content::Rsa(RsaPublic {
            modulus: self.modulus(),
            exponent: self.exponent(),
        })
    }
}

impl Public for ecdsa::VerifyingKey {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verify(message, signature)
    }

    fn content(&self) -> Content<'_> {
        Content::Ec(self.curve(), self.point())
    }
}

impl Public for ed25519::VerifyingKey {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verify(message, signature)
    }

    fn content(&self) -> Content<'_> {
        Content::Ed25519(self.point())
    }
}
