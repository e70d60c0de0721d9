//! The public half of a key, of any family.

use std::sync::Arc;

use super::material::{Half, Material, RsaPublic};
use super::{der, digest, ecdsa, ed25519, hmac, rsa};
use crate::algorithm::{Algorithm, Family};
use crate::error::KeyError;
use crate::secret::Secret;

/// What a key verifies with. An HMAC key has no public half and verifies with the secret.
pub(super) trait Public: Send + Sync {
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool;

    /// Returns the numbers to publish, or `None` for a secret.
    fn numbers(&self) -> Option<Material<'_>>;

    /// Returns a hash that is equal for keys of equal content. That of a secret does not disclose it.
    fn fingerprint(&self) -> [u8; 32] {
        // The object identifiers in the SPKI keep the families apart.
        digest::sha256(&self.numbers().and_then(der::write_spki).unwrap_or_default())
    }
}

/// A public key and its fingerprint. Clones of a key share it.
pub(super) struct Shared<P: ?Sized = dyn Public> {
    pub(super) fingerprint: [u8; 32],
    pub(super) public: P,
}

impl<P: Public + 'static> Shared<P> {
    pub(super) fn new(public: P) -> Arc<Shared> {
        Arc::new(Self {
            fingerprint: public.fingerprint(),
            public,
        })
    }
}

/// Makes keys for one algorithm.
///
/// The functions of the families are reached through pointers only, and [`Loader::of`] is inlined. A
/// program whose algorithms are constants so links only their families: for RSA alone, 300 KiB less.
#[derive(Clone, Copy)]
pub(super) struct Loader {
    algorithm: Algorithm,
    load: fn(Self, &Material<'_>) -> Result<Arc<Shared>, KeyError>,
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

    pub(super) fn load(self, material: &Material<'_>) -> Result<Arc<Shared>, KeyError> {
        (self.load)(self, material)
    }

    fn hmac(self, material: &Material<'_>) -> Result<Arc<Shared>, KeyError> {
        match *material {
            Material::Symmetric { secret } => {
                Ok(Shared::new(hmac::Key::new(self.algorithm, secret)?))
            }
            _ => self.wrong_kind(material),
        }
    }

    fn rsa(self, material: &Material<'_>) -> Result<Arc<Shared>, KeyError> {
        match *material {
            Material::RsaPublic(numbers) => Ok(Shared::new(rsa::VerifyingKey::new(numbers)?)),
            _ => self.wrong_kind(material),
        }
    }

    fn ecdsa(self, material: &Material<'_>) -> Result<Arc<Shared>, KeyError> {
        match *material {
            Material::EcPublic { curve, point }
                if self.algorithm.family() == Family::Ecdsa(curve) =>
            {
                Ok(Shared::new(ecdsa::VerifyingKey::new(curve, point)?))
            }
            _ => self.wrong_kind(material),
        }
    }

    fn ed25519(self, material: &Material<'_>) -> Result<Arc<Shared>, KeyError> {
        match *material {
            Material::Ed25519Public { point } => {
                Ok(Shared::new(ed25519::VerifyingKey::new(point)?))
            }
            _ => self.wrong_kind(material),
        }
    }

    fn wrong_kind(self, material: &Material<'_>) -> Result<Arc<Shared>, KeyError> {
        Err(material.wrong_kind(self.algorithm, Half::Public))
    }
}

impl Public for hmac::Key {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verify(message, signature)
    }

    fn numbers(&self) -> Option<Material<'_>> {
        None
    }

    fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint()
    }
}

/// A secret for several algorithms, or in a large set. Each use prepares it.
impl Public for Secret {
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        hmac::verify(algorithm, self.as_ref(), message, signature)
    }

    fn numbers(&self) -> Option<Material<'_>> {
        None
    }

    fn fingerprint(&self) -> [u8; 32] {
        hmac::fingerprint(self.as_ref())
    }
}

impl Public for rsa::VerifyingKey {
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verify(algorithm, message, signature)
    }

    fn numbers(&self) -> Option<Material<'_>> {
        Some(Material::RsaPublic(RsaPublic {
            modulus: self.modulus(),
            exponent: self.exponent(),
        }))
    }
}

impl Public for ecdsa::VerifyingKey {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verify(message, signature)
    }

    fn numbers(&self) -> Option<Material<'_>> {
        Some(Material::EcPublic {
            curve: self.curve(),
            point: self.point(),
        })
    }
}

impl Public for ed25519::VerifyingKey {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verify(message, signature)
    }

    fn numbers(&self) -> Option<Material<'_>> {
        Some(Material::Ed25519Public {
            point: self.point(),
        })
    }
}
