//! The key that verifies.

mod export;

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::jwk::Jwk;
use super::material::{Content, Half, Material};
#[cfg(feature = "pem")]
use super::pem;
use super::public::{Loader, Public, SharedSecret};
use super::{der, hmac};
use crate::algorithm::{Algorithm, Family};
use crate::error::{KeyError, VerifyError};
use crate::header::KnownHeader;

/// A key that verifies: a public key, or a shared secret.
///
/// It is made for one algorithm, and no token can make it serve another (RFC 8725 §3.1). It is checked
/// when it is loaded. Clones are cheap and share the key.
///
/// *ring* takes RSA and EC public keys as bytes and parses them on each verification, which takes a
/// third of the time for RSA of 2048 bits, and less than a hundredth for EC. aws-lc-rs keeps the
/// parsed key after the first valid signature. Neither detects 32 bytes that are not an Ed25519
/// public key: with those, no signature is valid.
///
/// A program that names its algorithms as constants links only the code that verifies with those,
/// unless it uses a [`KeySet`](crate::KeySet) or a [`SigningKey`](crate::SigningKey).
///
/// Serialized, it is a JWK (RFC 7517). Serializing a symmetric key is an error.
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
#[doc(alias = "DecodingKey")]
pub struct VerifyingKey {
    algorithm: Algorithm,
    public: Arc<dyn Public>,
    label: Arc<Label>,
}

/// The id of a key, and the headers that tokens by the key usually have, prepared on first use.
#[derive(Default)]
struct Label {
    id: Option<Box<str>>,
    known: OnceLock<Box<[KnownHeader]>>,
}

impl VerifyingKey {
    pub(super) fn new(algorithm: Algorithm, public: Arc<dyn Public>) -> Self {
        Self::labelled(algorithm, public, None)
    }

    fn labelled(algorithm: Algorithm, public: Arc<dyn Public>, id: Option<&str>) -> Self {
        let label = Label {
            id: id.map(Box::from),
            known: OnceLock::new(),
        };
        Self {
            algorithm,
            public,
            label: Arc::new(label),
        }
    }

    /// Makes an HMAC key from the secret that the issuer signs with.
    ///
    /// # Errors
    ///
    /// Those of [`SigningKey::from_secret`](crate::SigningKey::from_secret).
    #[inline]
    pub fn from_secret(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let secret = secret.as_ref();
        Self::from_material(Loader::of(algorithm), &Material::Symmetric { secret })
    }

    /// Makes an HMAC key from a secret that may be shorter than RFC 7518 §3.2 allows, to interoperate
    /// with a system whose secret cannot be changed. Anyone with a token can try secrets offline, so
    /// a short secret or a password can be found.
    ///
    /// # Errors
    ///
    /// Those of [`SigningKey::from_short_secret`](crate::SigningKey::from_short_secret).
    pub fn from_short_secret(
        algorithm: Algorithm,
        secret: impl AsRef<[u8]>,
    ) -> Result<Self, KeyError> {
        let secret = secret.as_ref();
        if algorithm.family() != Family::Hmac {
            return Err(Material::Symmetric { secret }.wrong_kind(algorithm, Half::Public));
        }
        let key = hmac::Key::short(algorithm, secret)?;
        Ok(Self::new(algorithm, Arc::new(key)))
    }

    /// Loads a public key from its raw bytes: for Ed25519 the 32 bytes of RFC 8032 §5.1.5, for ECDSA
    /// the uncompressed point, which is the byte 4, x and y (SEC 1 §2.3.3).
    ///
    /// ```
    /// use jwt_ring::{Algorithm, VerifyingKey};
    ///
    /// // The public key of RFC 8032 §7.1, test 1.
    /// let bytes = [
    ///     0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07,
    ///     0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07,
    ///     0x51, 0x1a,
    /// ];
    /// let key = VerifyingKey::from_raw(Algorithm::EdDSA, bytes)?;
    /// # assert_eq!(key.thumbprint()?, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    /// # Ok::<(), jwt_ring::KeyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`KeyError::Invalid`] if the bytes have another length, or do not make a key.
    /// - [`KeyError::CompressedPoint`] if the EC point is compressed.
    /// - [`KeyError::WrongKind`] if the algorithm is one of RSA or HMAC.
    #[inline]
    pub fn from_raw(algorithm: Algorithm, bytes: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_raw_with(Loader::of(algorithm), bytes.as_ref())
    }

    fn from_raw_with(loader: Loader, point: &[u8]) -> Result<Self, KeyError> {
        let material = match loader.algorithm().family() {
            Family::Ecdsa(curve) => Material::EcPublic { curve, point },
            Family::Ed25519 => Material::Ed25519Public { point },
            Family::Hmac | Family::Rsa => Material::Other {
                name: "raw bytes, which are an EC or Ed25519 public key",
            },
        };
        Self::from_material(loader, &material)
    }

    /// Loads a public key from the text of a PEM file with one block: SPKI, PKCS#1, or an X.509
    /// certificate, of which only the key is checked. The label is not checked, and the block may be
    /// indented or in one line.
    ///
    /// # Errors
    ///
    /// - [`KeyError::NoPem`], [`KeyError::SeveralPem`] if there is not exactly one PEM block.
    /// - [`KeyError::Malformed`] if the block is not base64.
    /// - Those of [`VerifyingKey::from_der`].
    #[cfg(feature = "pem")]
    #[inline]
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_pem_with(Loader::of(algorithm), pem.as_ref())
    }

    #[cfg(feature = "pem")]
    fn from_pem_with(loader: Loader, pem: &[u8]) -> Result<Self, KeyError> {
        Self::from_der_with(loader, pem::decode(pem)?.as_ref())
    }

    /// Loads a public key from DER: SPKI, PKCS#1, or an X.509 certificate, of which only the key is
    /// checked.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Malformed`] if the bytes are not DER, or not one of these structures.
    /// - [`KeyError::WrongKind`] if the key is of another kind than the algorithm takes, or private.
    /// - [`KeyError::CompressedPoint`] if the EC point is compressed.
    /// - [`KeyError::RsaSize`] if the modulus has fewer than 2048 bits, or more than 8192.
    /// - [`KeyError::Invalid`] if the numbers do not make a key: an EC point that is not on its curve,
    ///   an Ed25519 key that is not canonical or of small order (RFC 8725 §3.4).
    #[inline]
    pub fn from_der(algorithm: Algorithm, der: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_der_with(Loader::of(algorithm), der.as_ref())
    }

    fn from_der_with(loader: Loader, der: &[u8]) -> Result<Self, KeyError> {
        Self::from_material(loader, &der::parse(der)?)
    }

    /// Loads a public or symmetric key from a JWK (RFC 7517). Its `kid` becomes the key's id. Of a
    /// private JWK, the public half is loaded.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Malformed`] if the text is not the JSON of a JWK.
    /// - [`KeyError::UnsupportedKeyType`], [`KeyError::UnsupportedCurve`] if its `kty` or `crv` is not
    ///   supported.
    /// - [`KeyError::WrongAlgorithm`], [`KeyError::WrongUse`] if its `alg`, `use` or `key_ops` does not
    ///   allow verifying with the algorithm.
    /// - Those of [`VerifyingKey::from_der`] and [`VerifyingKey::from_secret`].
    #[inline]
    pub fn from_jwk(algorithm: Algorithm, jwk: &str) -> Result<Self, KeyError> {
        Self::from_jwk_with(Loader::of(algorithm), jwk)
    }

    fn from_jwk_with(loader: Loader, jwk: &str) -> Result<Self, KeyError> {
        Self::from_parsed_jwk(loader, &Jwk::parse(jwk)?)
    }

    fn from_parsed_jwk(loader: Loader, jwk: &Jwk<'_>) -> Result<Self, KeyError> {
        jwk.check_use(loader.algorithm(), Half::Public)?;
        let public = jwk.with_material(Half::Public, |material| loader.load(&material))?;
        Ok(Self::labelled(loader.algorithm(), public, jwk.key_id()))
    }

    /// Loads a JWK that must have no private members, such as that of a DPoP proof.
    #[cfg(feature = "oauth")]
    pub(crate) fn from_public_jwk(algorithm: Algorithm, jwk: &str) -> Result<Self, KeyError> {
        let jwk = Jwk::parse(jwk)?;
        if jwk.is_private() {
            return Err(KeyError::WrongKind {
                expected: "a public key",
                found: "a private or symmetric key",
            });
        }
        Self::from_parsed_jwk(Loader::of(algorithm), &jwk)
    }

    /// Loads a JWK of a set, for all algorithms that it may serve. The key is for the first of them;
    /// the others are for [`for_algorithm`](Self::for_algorithm).
    ///
    /// The state that the backend prepares for HMAC is larger than the secret. It is kept only if the key
    /// serves one algorithm and `is_prepared` is set.
    pub(crate) fn from_jwk_of_set(
        jwk: &Jwk<'_>,
        is_prepared: bool,
    ) -> Result<(Self, &'static [Algorithm]), KeyError> {
        let algorithms = jwk.algorithms()?;
        let Some(first) = algorithms.first() else {
            return Err(KeyError::UnsupportedAlgorithm);
        };
        if !jwk.is_symmetric() || algorithms.len() == 1 && is_prepared {
            return Ok((Self::from_parsed_jwk(Loader::of(*first), jwk)?, algorithms));
        }
        jwk.check_use(*first, Half::Public)?;
        jwk.with_material(Half::Public, |material| {
            let Material::Symmetric { secret } = material else {
                return Err(material.wrong_kind(*first, Half::Public));
            };
            hmac::check(*first, secret, hmac::min_length(*first))?;
            let fits = |algorithm: &&Algorithm| hmac::min_length(**algorithm) <= secret.len();
            let count = algorithms.iter().take_while(fits).count();
            let secret = Arc::new(SharedSecret::new(secret));
            let (algorithms, _) = algorithms.split_at(count);
            Ok((Self::labelled(*first, secret, jwk.key_id()), algorithms))
        })
    }

    fn from_material(loader: Loader, material: &Material<'_>) -> Result<Self, KeyError> {
        Ok(Self::new(loader.algorithm(), loader.load(material)?))
    }

    /// Sets the key's id, which is compared with the `kid` of a token to find the key.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.label = Arc::new(Label {
            id: Some(id.into().into()),
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

    /// Returns the algorithm that the key is for, as a slice.
    pub(crate) fn algorithms(&self) -> &[Algorithm] {
        std::slice::from_ref(&self.algorithm)
    }

    /// Returns the key for another algorithm of its JWK.
    pub(crate) fn for_algorithm(&self, algorithm: Algorithm) -> Self {
        // The known headers may be those of the first algorithm: tokens of another are decoded.
        Self {
            algorithm,
            ..self.clone()
        }
    }

    /// Returns whether both keys have the same algorithm and the same content, regardless of their ids.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.has_content_of(other)
    }

    /// Returns whether both keys have the same content, regardless of their algorithms and ids.
    pub(crate) fn has_content_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.public, &other.public) || self.content() == other.content()
    }

    /// Returns a value that is equal for keys of equal content, and whose order has no meaning. That of a
    /// symmetric key does not disclose the secret.
    pub(crate) fn content(&self) -> impl Ord {
        self.public.content()
    }

    pub(crate) fn known_headers(&self) -> &[KnownHeader] {
        let known = || KnownHeader::of_key(self.algorithm, self.id()).collect();
        self.label.known.get_or_init(known)
    }

    /// Returns whether the key is a secret, which must not be published.
    pub(crate) fn is_symmetric(&self) -> bool {
        matches!(self.public.content(), Content::Secret(_))
    }

    /// Verifies the signature of any bytes, such as [`SigningKey::sign`](crate::SigningKey::sign)
    /// makes. To verify tokens, use a [`Verifier`](crate::Verifier), which checks the claims too.
    ///
    /// An ECDSA signature is R followed by S (RFC 7518 §3.4). HMACs are compared in constant time.
    ///
    /// # Errors
    ///
    /// [`VerifyError::InvalidSignature`] if it is invalid.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        let is_valid = self.public.verify(self.algorithm, message, signature);
        is_valid.then_some(()).ok_or(VerifyError::InvalidSignature)
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
