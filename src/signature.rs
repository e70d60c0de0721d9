//! Signatures, whose length depends on the algorithm (RFC 7518 §3).

use std::fmt;

use crate::algorithm::{Algorithm, Family};
use crate::der::Reader;
use crate::error::SignError;

/// The length of the shortest RSA signature, which is that of its modulus: 2048 bits.
const RSA_MIN: usize = 256;
/// The length of the longest signature other than RSA: ECDSA on P-384.
pub(crate) const MAX_SHORT: usize = 96;
/// The length of the longest signature that is made: RSA with 4096 bits.
pub(crate) const MAX_MADE: usize = 512;
/// The length of the longest signature that is verified: RSA with 8192 bits.
pub(crate) const MAX_LENGTH: usize = 1024;

/// A signature in the form that tokens use (RFC 7515 §3).
///
/// [`SigningKey::sign`](crate::SigningKey::sign) makes one. For a signature that a KMS or HSM made, use
/// [`Signature::from_bytes`], or [`Signature::from_der`] if the service returns ECDSA in DER.
#[derive(Clone)]
pub struct Signature {
    algorithm: Algorithm,
    bytes: Vec<u8>,
}

impl Signature {
    /// Makes a signature from its bytes: for ECDSA the numbers R and S, each of the length of a
    /// coordinate of the curve (RFC 7518 §3.4).
    ///
    /// # Errors
    ///
    /// [`SignError::SignatureLength`] if the signatures of the algorithm have another length.
    pub fn from_bytes(algorithm: Algorithm, bytes: impl Into<Vec<u8>>) -> Result<Self, SignError> {
        let bytes = bytes.into();
        let found = bytes.len();
        let expected = expected_length(algorithm);
        let is_valid = match algorithm.family() {
            Family::Rsa => (RSA_MIN..=MAX_LENGTH).contains(&found),
            Family::Hmac | Family::Ecdsa(_) | Family::Ed25519 => found == expected,
        };
        if !is_valid {
            return Err(SignError::SignatureLength {
                algorithm,
                expected,
                found,
            });
        }
        Ok(Self { algorithm, bytes })
    }

    /// Converts an ECDSA signature from DER (RFC 3279 §2.2.3), the form of AWS KMS, Google Cloud KMS,
    /// most HSMs and openssl.
    ///
    /// # Errors
    ///
    /// [`SignError::MalformedDer`] if the bytes are not two numbers of the size of the curve in DER,
    /// or if the algorithm is not ECDSA.
    pub fn from_der(algorithm: Algorithm, der: impl AsRef<[u8]>) -> Result<Self, SignError> {
        let Family::Ecdsa(curve) = algorithm.family() else {
            return Err(SignError::MalformedDer(algorithm));
        };
        raw_from_der(der.as_ref(), curve.size())
            .map(|bytes| Self { algorithm, bytes })
            .ok_or(SignError::MalformedDer(algorithm))
    }

    /// Returns the algorithm that the signature was made with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Returns the length of a signature; for RSA the minimum.
fn expected_length(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::HS256 => 32,
        Algorithm::HS384 => 48,
        Algorithm::HS512 | Algorithm::ES256 | Algorithm::EdDSA | Algorithm::Ed25519 => 64,
        Algorithm::ES384 => 96,
        Algorithm::RS256
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::PS384
        | Algorithm::PS512 => RSA_MIN,
    }
}

/// Converts `SEQUENCE { r INTEGER, s INTEGER }` to both numbers, each of `size` bytes.
fn raw_from_der(der: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut sequence = Reader::document(der)?;
    let numbers = [sequence.unsigned()?, sequence.unsigned()?];
    sequence.finish()?;
    let mut raw = Vec::with_capacity(2 * size);
    for number in numbers {
        raw.resize(raw.len() + size.checked_sub(number.len())?, 0);
        raw.extend_from_slice(number);
    }
    Some(raw)
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Signature {
    /// The bytes are left out: with the signing input, an HMAC signature is a credential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
