//! The key that verifies.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::ser::{Serialize, Serializer};

use super::jwk::{self, Jwk, PublicJwk};
use super::material::{Half, Material};
#[cfg(feature = "pem")]
use super::pem;
use super::public::Public;
use super::{der, ecdsa, ed25519, hmac, rsa};
use crate::algorithm::{Algorithm, Family};
use crate::error::{KeyError, VerifyError};
use crate::header::KnownHeader;

/// A key that verifies: a public key, or a shared secret.
///
/// It is made for one algorithm, and no token can make it serve another (RFC 8725 §3.1). It is
/// checked as it is loaded: a key that loads works. (One exception: *ring* cannot tell whether 32
/// bytes are an Ed25519 key; if they are not, no signature holds.) Clones are cheap and share the
/// key.
///
/// It is loaded once and cannot be loaded further: *ring* takes RSA and EC public keys as bytes and
/// parses them on each verification, which is a third of the time for RSA of 2048 bits, and less than
/// a hundredth for EC.
///
/// As JSON it is written as a JWK; a symmetric key is an error there, not a secret given away.
///
/// ```
/// use jwt_ring::{Algorithm, SigningKey};
///
/// let key = SigningKey::generate(Algorithm::EdDSA)?.with_id("2026-11").verifying_key();
/// let jwk = serde_json::to_value(&key)?;
/// assert_eq!(jwk["kty"], "OKP");
/// assert_eq!(jwk["kid"], "2026-11");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    public: Arc<Public>,
    label: Arc<Label>,
}

/// The id of a key, and the headers that tokens by the key usually have.
#[derive(Default)]
struct Label {
    id: Option<String>,
    known: OnceLock<Box<[KnownHeader]>>,
}

impl VerifyingKey {
    pub(super) fn new(algorithm: Algorithm, public: Public) -> Self {
        Self {
            algorithm,
            public: Arc::new(public),
            label: Arc::default(),
        }
    }

    /// Makes an HMAC key of the secret that the issuer signs with.
    ///
    /// # Errors
    ///
    /// Those of [`SigningKey::from_secret`](crate::SigningKey::from_secret).
    pub fn from_secret(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let secret = secret.as_ref();
        Self::from_material(algorithm, &Material::Symmetric { secret })
    }

    /// Loads a public key from a PEM file with one block: SPKI, PKCS#1, or an X.509 certificate, of
    /// which only the key is looked at.
    ///
    /// # Errors
    ///
    /// - [`KeyError::NoPem`], [`KeyError::SeveralPem`]: not one PEM block.
    /// - [`KeyError::Malformed`] and all of [`VerifyingKey::from_der`].
    #[cfg(feature = "pem")]
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_der(algorithm, pem::decode(pem.as_ref())?)
    }

    /// Loads a public key from DER: SPKI, PKCS#1, or an X.509 certificate, of which only the key is
    /// looked at.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Malformed`]: not DER, or of none of these shapes.
    /// - [`KeyError::WrongKind`]: another kind of key than the algorithm takes, or a private key.
    /// - [`KeyError::CompressedPoint`]: an EC key that *ring* cannot use as it is.
    /// - [`KeyError::RsaSize`]: fewer than 2048 bits, or more than the 8192 that *ring* verifies.
    /// - [`KeyError::Invalid`]: numbers that do not make a key.
    pub fn from_der(algorithm: Algorithm, der: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_material(algorithm, &der::parse(der.as_ref())?)
    }

    /// Loads a public or symmetric key from a JWK (RFC 7517), and takes its `kid` as the key's id.
    /// Of a private JWK, the public half is taken.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Malformed`]: not the JSON of a JWK.
    /// - [`KeyError::Unsupported`]: a `kty` or `crv` that is not known here.
    /// - [`KeyError::WrongAlgorithm`], [`KeyError::WrongUse`]: an `alg`, `use` or `key_ops` that says
    ///   the key is for something else.
    /// - Those of [`VerifyingKey::from_der`] and [`VerifyingKey::from_secret`].
    pub fn from_jwk(algorithm: Algorithm, jwk: &str) -> Result<Self, KeyError> {
        Self::from_parsed_jwk(algorithm, &Jwk::parse(jwk)?)
    }

    pub(crate) fn from_parsed_jwk(algorithm: Algorithm, jwk: &Jwk<'_>) -> Result<Self, KeyError> {
        jwk.check_use(algorithm, Half::Public)?;
        let key = jwk.with_material(Half::Public, |material| {
            Self::from_material(algorithm, &material)
        })?;
        Ok(match jwk.key_id() {
            Some(id) => key.with_id(id),
            None => key,
        })
    }

    fn from_material(algorithm: Algorithm, material: &Material<'_>) -> Result<Self, KeyError> {
        let public = match (algorithm.family(), *material) {
            (Family::Hmac, Material::Symmetric { secret }) => {
                Public::Hmac(hmac::Key::new(algorithm, secret)?)
            }
            (Family::Rsa, Material::RsaPublic(numbers)) => {
                Public::Rsa(rsa::VerifyingKey::new(numbers)?)
            }
            (Family::Ecdsa(wanted), Material::EcPublic { curve, point }) if wanted == curve => {
                Public::Ecdsa(ecdsa::VerifyingKey::new(curve, point)?)
            }
            (Family::Ed25519, Material::Ed25519Public { point }) => {
                Public::Ed25519(ed25519::VerifyingKey::new(point)?)
            }
            _ => return Err(material.wrong_kind(algorithm, Half::Public)),
        };
        Ok(Self::new(algorithm, public))
    }

    /// Sets the key's id: the `kid` by which a [`KeySet`](crate::KeySet) finds it.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.label = Arc::new(Label {
            id: Some(id.into()),
            known: OnceLock::new(),
        });
        self
    }

    /// Returns the key's id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.label.id.as_deref()
    }

    /// Returns the algorithm that the key is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the SHA-256 thumbprint of the key, in base64url (RFC 7638).
    ///
    /// # Errors
    ///
    /// [`KeyError::NoPublicHalf`] for a symmetric key, whose thumbprint would tell about the secret.
    pub fn thumbprint(&self) -> Result<String, KeyError> {
        jwk::thumbprint(&self.public)
    }

    /// Tells whether this is the same key, and not merely an equal one.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && Arc::ptr_eq(&self.public, &other.public)
    }

    pub(crate) fn known_headers(&self) -> &[KnownHeader] {
        let known = || KnownHeader::of_key(self.algorithm, self.id()).collect();
        self.label.known.get_or_init(known)
    }

    /// Returns the key as a JWK, for one algorithm or for all that its type allows.
    pub(crate) fn to_jwk(&self, algorithm: Option<Algorithm>) -> impl Serialize {
        PublicJwk {
            key: &self.public,
            id: self.id(),
            algorithm,
        }
    }

    /// Tells whether the key may stand in a published set.
    pub(crate) fn is_symmetric(&self) -> bool {
        matches!(*self.public, Public::Hmac(_))
    }

    /// Verifies the signature of any bytes, as [`SigningKey::sign`](crate::SigningKey::sign) makes
    /// it. For tokens there is [`Verifier`](crate::Verifier), which checks more than a signature.
    ///
    /// An ECDSA signature is R and S in a row (RFC 7518 §3.4); HMACs are compared in constant time.
    ///
    /// # Errors
    ///
    /// [`VerifyError::InvalidSignature`] if it is invalid.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        let is_valid = match &*self.public {
            Public::Hmac(key) => key.verify(message, signature),
            Public::Rsa(key) => key.verify(self.algorithm, message, signature),
            Public::Ecdsa(key) => key.verify(message, signature),
            Public::Ed25519(key) => key.verify(message, signature),
        };
        is_valid.then_some(()).ok_or(VerifyError::InvalidSignature)
    }
}

impl Serialize for VerifyingKey {
    /// Writes a public JWK with the members `kid`, `alg` and `use`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_jwk(Some(self.algorithm)).serialize(serializer)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.algorithm)
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
