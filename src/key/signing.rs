//! The key that signs.

use std::fmt;
use std::sync::Arc;

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
/// It is made for one algorithm, and checked when it is loaded. It cannot be cloned, and its `Debug`
/// output holds no key material. Share it, or the [`Signer`](crate::Signer) that owns it, in an
/// [`Arc`].
///
/// Loading an RSA key takes the time of a signature, because *ring* checks only then whether the
/// numbers belong together.
///
/// Memory that this crate allocates for secrets is overwritten before it is freed. The text passed to
/// a constructor belongs to the caller: pass a reference, and overwrite the text afterwards.
#[doc(alias = "EncodingKey")]
pub struct SigningKey {
    private: Private,
    public: VerifyingKey,
    /// The form for export, of a generated key only.
    export: Option<Secret>,
}

enum Private {
    // Boxed because they are much larger than the others with one of the backends.
    Hmac(Box<hmac::Key>),
    Rsa(Box<rsa::SigningKey>),
    Ecdsa(ecdsa::SigningKey),
    Ed25519(ed25519::SigningKey),
}

impl SigningKey {
    /// Makes an HMAC key from a shared secret: random bytes, at least as many as the output of the hash
    /// function has (RFC 7518 §3.2).
    ///
    /// # Errors
    ///
    /// - [`KeyError::ShortSecret`] if it is shorter.
    /// - [`KeyError::SecretIsKeyText`] if it is an encoded key: PEM, an SSH key, a JWK, or DER, also
    ///   in base64, in UTF-16 or after a byte order mark (CVE-2022-29217).
    /// - [`KeyError::WrongKind`] if the algorithm is not one of HMAC.
    pub fn from_secret(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let secret = secret.as_ref();
        Self::from_material(algorithm, &Material::Symmetric { secret })
    }

    /// Makes an HMAC key from a secret that may be shorter than RFC 7518 §3.2 allows, to interoperate
    /// with a system whose secret cannot be changed. Anyone with a token can try secrets offline, so
    /// a short secret or a password can be found.
    ///
    /// # Errors
    ///
    /// Those of [`SigningKey::from_secret`]; [`KeyError::ShortSecret`] only if the secret is empty.
    pub fn from_short_secret(
        algorithm: Algorithm,
        secret: impl AsRef<[u8]>,
    ) -> Result<Self, KeyError> {
        let secret = secret.as_ref();
        if algorithm.family() != Family::Hmac {
            return Err(Material::Symmetric { secret }.wrong_kind(algorithm, Half::Private));
        }
        Ok(Self::from_hmac(
            algorithm,
            hmac::Key::short(algorithm, secret)?,
        ))
    }

    /// Loads a private key from the text of a PEM file with one block: PKCS#8, PKCS#1 or SEC1. The
    /// label is not checked, and the block may be indented or in one line.
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
    /// - [`KeyError::NoPem`], [`KeyError::SeveralPem`] if there is not exactly one PEM block.
    /// - [`KeyError::Encrypted`] if the key is encrypted: decrypt it with openssl first.
    /// - [`KeyError::Malformed`] if the block is not base64.
    /// - Those of [`SigningKey::from_der`].
    #[cfg(feature = "pem")]
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_der(algorithm, pem::decode(pem.as_ref())?)
    }

    /// Loads a private key from DER: PKCS#8, PKCS#1 or SEC1.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Malformed`] if the bytes are not DER, or not one of these structures.
    /// - [`KeyError::WrongKind`] if the key is of another kind than the algorithm takes, or public.
    /// - [`KeyError::MissingPublicKey`], [`KeyError::CompressedPoint`] if the EC key has no public
    ///   key, or a compressed one. The error says how openssl converts it.
    /// - [`KeyError::RsaSize`] if the modulus has fewer than 2048 bits, or more than 4096.
    /// - [`KeyError::Invalid`] if the numbers do not make a key, or hold the public key of another.
    pub fn from_der(algorithm: Algorithm, der: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_material(algorithm, &der::parse(der.as_ref())?)
    }

    /// Loads a private or symmetric key from a JWK (RFC 7517). Its `kid` becomes the key's id.
    ///
    /// # Errors
    ///
    /// - [`KeyError::Malformed`] if the text is not the JSON of a JWK.
    /// - [`KeyError::UnsupportedKeyType`], [`KeyError::UnsupportedCurve`] if its `kty` or `crv` is not
    ///   supported.
    /// - [`KeyError::WrongAlgorithm`], [`KeyError::WrongUse`] if its `alg`, `use` or `key_ops` does not
    ///   allow signing with the algorithm.
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
    /// It can be exported with [`SigningKey::secret_pkcs8_der`], `secret_pkcs8_pem`, or for HMAC
    /// [`SigningKey::secret_bytes`].
    ///
    /// # Errors
    ///
    /// - [`KeyError::CannotGenerate`] for RSA.
    /// - [`KeyError::NoRandomness`] if the operating system returns no random bytes.
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
        let (private, public): (_, Arc<dyn Public>) = match (algorithm.family(), *material) {
            (Family::Hmac, Material::Symmetric { secret }) => {
                return Ok(Self::from_hmac(
                    algorithm,
                    hmac::Key::new(algorithm, secret)?,
                ));
            }
            (Family::Rsa, Material::RsaPrivate(numbers)) => {
                let private = rsa::SigningKey::new(algorithm, numbers)?;
                let public = rsa::VerifyingKey::new(numbers.public)?;
                (Private::Rsa(Box::new(private)), Arc::new(public))
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
                (Private::Ecdsa(private), Arc::new(public))
            }
            (Family::Ed25519, Material::Ed25519Private { seed, point }) => {
                let private = ed25519::SigningKey::new(seed, point)?;
                let public = ed25519::VerifyingKey::new(private.point())?;
                (Private::Ed25519(private), Arc::new(public))
            }
            _ => return Err(material.wrong_kind(algorithm, Half::Private)),
        };
        Ok(Self {
            private,
            public: VerifyingKey::new(algorithm, public),
            export: None,
        })
    }

    fn from_hmac(algorithm: Algorithm, key: hmac::Key) -> Self {
        Self {
            public: VerifyingKey::new(algorithm, Arc::new(key.clone())),
            private: Private::Hmac(Box::new(key)),
            export: None,
        }
    }

    /// Sets the key's id: the `kid` in the header of its tokens, by which verifiers find the public
    /// key.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.public = self.public.with_id(id);
        self
    }

    /// Sets the key's id to its SHA-256 thumbprint (RFC 7638), which is unique.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoPublicHalf`] for a symmetric key, whose thumbprint would disclose a hash of the
    /// secret.
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
    /// For a symmetric key, it holds the same secret: a verifier can also sign.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.public.clone()
    }

    /// Signs any bytes. To sign tokens, use a [`Signer`](crate::Signer).
    ///
    /// # Errors
    ///
    /// [`SignError::Failed`] if the operating system returns no random bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        let mut buffer = [0; signature::MAX_MADE];
        let signature = self.sign_into(message, &mut buffer)?;
        Signature::from_bytes(self.algorithm(), signature)
    }

    /// Signs into a buffer, and returns the part that was filled.
    pub(crate) fn sign_into<'b>(
        &self,
        message: &[u8],
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], SignError> {
        match &self.private {
            Private::Hmac(key) => copy(key.sign(message), buffer),
            Private::Rsa(key) => key.sign(message, buffer),
            Private::Ecdsa(key) => copy(key.sign(message)?, buffer),
            Private::Ed25519(key) => copy(key.sign(message)?, buffer),
        }
    }

    /// Returns a generated private key as PKCS#8 in DER (RFC 5958).
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

    /// Returns a generated private key as PKCS#8 in PEM (RFC 7468 §10). The caller owns the text, which
    /// is not overwritten when it is dropped.
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
        Ok(pem::encode("PRIVATE KEY", self.secret_pkcs8_der()?))
    }

    /// Returns the secret of a generated HMAC key.
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
