//! The forms in which a verifying key is published: JWK, SPKI, thumbprint.

use serde::ser::{Serialize, Serializer};

use super::VerifyingKey;
use crate::algorithm::Algorithm;
use crate::error::KeyError;
use crate::key::der;
#[cfg(feature = "pem")]
use crate::key::pem;
use crate::key::public_jwk::{self, PublicJwk};

impl VerifyingKey {
    /// Returns the SHA-256 thumbprint of the key in base64url (RFC 7638).
    ///
    /// # Errors
    ///
    /// [`KeyError::NoPublicHalf`] for a symmetric key, whose thumbprint would disclose a hash of the
    /// secret.
    pub fn thumbprint(&self) -> Result<String, KeyError> {
        public_jwk::thumbprint(self.public.content())
    }

    /// Returns the public key as SPKI in DER (RFC 5280 §4.1), the form that other libraries and
    /// openssl read.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoPublicHalf`] for a symmetric key.
    pub fn to_spki_der(&self) -> Result<Vec<u8>, KeyError> {
        der::write_spki(self.public.content())
    }

    /// Returns the public key as SPKI in PEM (RFC 7468 §13).
    ///
    /// ```
    /// use jwt_ring::{Algorithm, SigningKey, VerifyingKey};
    ///
    /// let key = SigningKey::generate(Algorithm::ES256)?.verifying_key();
    /// let pem = key.to_spki_pem()?;
    /// assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));
    /// let same_key = VerifyingKey::from_pem(Algorithm::ES256, &pem)?;
    /// assert_eq!(key.thumbprint()?, same_key.thumbprint()?);
    /// # Ok::<(), jwt_ring::KeyError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`KeyError::NoPublicHalf`] for a symmetric key.
    #[cfg(feature = "pem")]
    pub fn to_spki_pem(&self) -> Result<String, KeyError> {
        Ok(pem::encode("PUBLIC KEY", &self.to_spki_der()?))
    }

    /// Returns the public members of the key as a JWK, without id, algorithm and use.
    #[cfg(feature = "oauth")]
    pub(crate) fn to_bare_jwk(&self) -> Result<serde_json::Value, KeyError> {
        let members = public_jwk::required_members(self.public.content())?;
        Ok(members.into_iter().collect())
    }

    /// Returns the key as a JWK, for one algorithm or for all that its type allows.
    pub(crate) fn to_jwk(&self, algorithm: Option<Algorithm>) -> impl Serialize {
        PublicJwk {
            key: self.public.content(),
            id: self.id(),
            algorithm,
        }
    }
}

impl Serialize for VerifyingKey {
    /// Writes a public JWK with the members `kid`, `alg` and `use`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_jwk(Some(self.algorithm)).serialize(serializer)
    }
}
