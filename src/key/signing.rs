//! The key that signs.

use std::fmt;

use super::jwk::Jwk;
use super::material::{Half, Material};
#[cfg(feature = "pem")]
use super::pem;
use super::public::Public;
use super::verifying::VerifyingKey;
use super::{der, ecdsa, ed25519, hmac, rsa};
use crate::algorithm::{Algorithm, Family};
use crate::error::{KeyError, SignError};
use crate::secret::Secret;
use crate::signature::{self, Signature};

/// A key that signs: a private key, or a shared secret.
///
/// It is made for one algorithm, and checked as it is loaded: a key that loads works. It cannot be
/// cloned and does not print. Share it, or the [`Signer`](crate::Signer) that owns it, in an
/// [`Arc`](std::sync::Arc).
///
/// Loading an RSA key takes a signature's time, because *ring* checks only then whether its numbers
/// belong together.
pub struct SigningKey {
    private: Private,
    public: VerifyingKey,
    /// What a generated key can be exported as; a loaded one came from somewhere.
    export: Option<Secret>,
}

enum Private {
    Hmac(hmac::Key),
    // Larger than the others by far.
    Rsa(Box<rsa::SigningKey>),
    Ecdsa(ecdsa::SigningKey),
    Ed25519(ed25519::SigningKey),
}

impl SigningKey {
    /// Makes an HMAC key of a shared secret: random bytes, as many as the output of the hash
    /// function or more (RFC 7518 §3.2).
    ///
    /// # Errors
    ///
    /// - [`KeyError::ShortSecret`] for fewer bytes.
    /// - [`KeyError::SecretIsKeyText`] for the text of a PEM block, a JWK or an SSH key.
    /// - [`KeyError::WrongKind`] if the algorithm is not one of HMAC.
    pub fn from_secret(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let secret = secret.as_ref();
        Self::from_material(algorithm, &Material::Symmetric { secret })
    }

    /// Loads a private key from a PEM file with one block: PKCS#8, PKCS#1 or SEC1.
    ///
    /// ```no_run
    /// use jwt_ring::{Algorithm, SigningKey};
    ///
    /// // openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem
    /// let key = SigningKey::from_pem(Algorithm::ES256, std::fs::read("key.pem")?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`KeyError::NoPem`], [`KeyError::SeveralPem`]: not one PEM block.
    /// - [`KeyError::Encrypted`]: decrypt it with openssl first.
    /// - [`KeyError::Malformed`] and all of [`SigningKey::from_der`].
    #[cfg(feature = "pem")]
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_der(algorithm, pem::decode(pem.as_ref())?)
    }

    /// Loads a private key from DER: PKCS#8, PKCS#1 or SEC1.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Malformed`]: not DER, or of none of these shapes.
    /// - [`KeyError::WrongKind`]: another kind of key than the algorithm takes, or a public key.
    /// - [`KeyError::MissingPublicKey`], [`KeyError::CompressedPoint`]: an EC key that *ring* cannot
    ///   use as it is; the error says how openssl converts it.
    /// - [`KeyError::RsaSize`]: fewer than 2048 bits, or more than the 4096 that *ring* signs with.
    /// - [`KeyError::Invalid`]: numbers that do not make a key.
    pub fn from_der(algorithm: Algorithm, der: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_material(algorithm, &der::parse(der.as_ref())?)
    }

    /// Loads a private or symmetric key from a JWK (RFC 7517), and takes its `kid` as the key's id.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Malformed`]: not the JSON of a JWK.
    /// - [`KeyError::Unsupported`]: a `kty` or `crv` that is not known here.
    /// - [`KeyError::WrongAlgorithm`], [`KeyError::WrongUse`]: an `alg`, `use` or `key_ops` that says
    ///   the key is for something else.
    /// - Those of [`SigningKey::from_der`] and [`SigningKey::from_secret`].
    pub fn from_jwk(algorithm: Algorithm, jwk: &str) -> Result<Self, KeyError> {
        let jwk = Jwk::parse(jwk)?;
        jwk.check_use(algorithm, Half::Private)?;
        let key = jwk.with_material(Half::Private, |material| {
            Self::from_material(algorithm, &material)
        })?;
        Ok(match jwk.key_id() {
            Some(id) => key.with_id(id),
            None => key,
        })
    }

    /// Generates a key for HMAC, ECDSA or Ed25519.
    ///
    /// It remembers what it can be exported as: [`SigningKey::secret_pkcs8_der`],
    /// `secret_pkcs8_pem`, or [`SigningKey::secret_bytes`] for HMAC.
    ///
    /// # Errors
    ///
    /// - [`KeyError::CannotGenerate`] for RSA, which *ring* cannot generate: openssl can.
    /// - [`KeyError::NoRandomness`] if the operating system gives no random bytes.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let secret = match algorithm.family() {
            Family::Hmac => hmac::Key::generate(algorithm)?,
            Family::Rsa => return Err(KeyError::CannotGenerate(algorithm)),
            Family::Ecdsa(curve) => ecdsa::SigningKey::generate(curve)?,
            Family::Ed25519 => ed25519::SigningKey::generate()?,
        };
        let key = match algorithm.family() {
            Family::Hmac => Self::from_secret(algorithm, &secret)?,
            _ => Self::from_der(algorithm, &secret)?,
        };
        Ok(Self {
            export: Some(secret),
            ..key
        })
    }

    fn from_material(algorithm: Algorithm, material: &Material<'_>) -> Result<Self, KeyError> {
        let (private, public) = match (algorithm.family(), *material) {
            (Family::Hmac, Material::Symmetric { secret }) => {
                let key = hmac::Key::new(algorithm, secret)?;
                (Private::Hmac(key.clone()), Public::Hmac(key))
            }
            (Family::Rsa, Material::RsaPrivate(numbers)) => {
                let private = rsa::SigningKey::new(algorithm, numbers)?;
                let public = rsa::VerifyingKey::new(numbers.public)?;
                (Private::Rsa(Box::new(private)), Public::Rsa(public))
            }
            (
                Family::Ecdsa(wanted),
                Material::EcPrivate {
                    curve,
                    scalar,
                    point,
                },
            ) if wanted == curve => {
                let point = point.ok_or(KeyError::MissingPublicKey)?;
                let private = ecdsa::SigningKey::new(curve, scalar, point)?;
                let public = ecdsa::VerifyingKey::new(curve, point)?;
                (Private::Ecdsa(private), Public::Ecdsa(public))
            }
            (Family::Ed25519, Material::Ed25519Private { seed, point }) => {
                let private = ed25519::SigningKey::new(seed, point)?;
                let public = ed25519::VerifyingKey::new(private.point())?;
                (Private::Ed25519(private), Public::Ed25519(public))
            }
            _ => return Err(material.wrong_kind(algorithm, Half::Private)),
        };
        Ok(Self {
            private,
            public: VerifyingKey::new(algorithm, public),
            export: None,
        })
    }

    /// Sets the key's id: the `kid` that it stamps into tokens and that its public key is found by.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.public = self.public.with_id(id);
        self
    }

    /// Sets the key's id to its thumbprint (RFC 7638), which names it without anybody keeping count.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoPublicHalf`] for a symmetric key, whose thumbprint would tell about the secret.
    pub fn with_thumbprint_id(self) -> Result<Self, KeyError> {
        let thumbprint = self.public.thumbprint()?;
        Ok(self.with_id(thumbprint))
    }

    /// Returns the key's id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.public.id()
    }

    /// Returns the algorithm that the key is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// Returns the key that verifies what this one signs, with the same id.
    ///
    /// For a symmetric key that is the same secret: whoever can verify can sign.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.public.clone()
    }

    /// Signs any bytes. For tokens there is [`Signer`](crate::Signer).
    ///
    /// # Errors
    ///
    /// [`SignError::Failed`] if the operating system gives no random bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        let mut buffer = [0; signature::MAX_MADE];
        let signature = self.sign_into(message, &mut buffer)?;
        Signature::from_bytes(self.algorithm(), signature)
    }

    /// Signs into a buffer, and returns the part that was filled.
    pub(crate) fn sign_into<'b>(
        &self,
        message: &[u8],
        buffer: &'b mut [u8; signature::MAX_MADE],
    ) -> Result<&'b [u8], SignError> {
        match &self.private {
            Private::Hmac(key) => copy(key.sign(message), buffer),
            Private::Rsa(key) => key.sign(message, buffer),
            Private::Ecdsa(key) => copy(key.sign(message)?, buffer),
            Private::Ed25519(key) => copy(key.sign(message), buffer),
        }
    }

    /// Exports a generated private key as PKCS#8 in DER. Keep it secret.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotExportable`] if the key was loaded, or is symmetric.
    pub fn secret_pkcs8_der(&self) -> Result<&[u8], KeyError> {
        match &self.export {
            Some(pkcs8) if !self.public.is_symmetric() => Ok(pkcs8.as_ref()),
            _ => Err(KeyError::NotExportable),
        }
    }

    /// Exports a generated private key as PKCS#8 in PEM. Keep it secret.
    ///
    /// ```
    /// use jwt_ring::{Algorithm, SigningKey};
    ///
    /// let key = SigningKey::generate(Algorithm::ES256)?;
    /// let pem = key.secret_pkcs8_pem()?;
    /// assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    /// let same_key = SigningKey::from_pem(Algorithm::ES256, &pem)?;
    /// assert_eq!(key.verifying_key().thumbprint()?, same_key.verifying_key().thumbprint()?);
    /// # Ok::<(), jwt_ring::KeyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`KeyError::NotExportable`] if the key was loaded, or is symmetric.
    #[cfg(feature = "pem")]
    pub fn secret_pkcs8_pem(&self) -> Result<String, KeyError> {
        Ok(pem::encode_private(self.secret_pkcs8_der()?))
    }

    /// Exports the secret of a generated HMAC key. Keep it secret.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotExportable`] if the key was loaded, or is not symmetric.
    pub fn secret_bytes(&self) -> Result<&[u8], KeyError> {
        match &self.export {
            Some(secret) if self.public.is_symmetric() => Ok(secret.as_ref()),
            _ => Err(KeyError::NotExportable),
        }
    }
}

fn copy(signature: impl AsRef<[u8]>, buffer: &mut [u8]) -> Result<&[u8], SignError> {
    let signature = signature.as_ref();
    let filled = buffer.get_mut(..signature.len()).ok_or(SignError::Failed)?;
    filled.copy_from_slice(signature);
    Ok(filled)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
