//! Signatures: bytes of the length that the algorithm says (RFC 7518 §3).

use std::fmt;

use crate::algorithm::{Algorithm, Family};
use crate::der::Reader;
use crate::error::SignError;

/// The length of an RSA signature is that of the modulus: 2048 bits at least, 8192 at most.
const RSA_MIN: usize = 256;
/// The length of the longest signature that is not RSA: ECDSA on P-384.
pub(crate) const MAX_SHORT: usize = 96;
/// The length of the longest signature that *ring* makes: of an RSA key of 4096 bits.
pub(crate) const MAX_MADE: usize = 512;
/// The length of the longest signature there is.
pub(crate) const MAX_LENGTH: usize = 1024;

/// A signature, raw as it stands in a token (RFC 7515 §3).
///
/// [`SigningKey::sign`](crate::SigningKey::sign) makes one. For signatures that are made elsewhere
/// there are [`Signature::from_bytes`] and, for services that answer ECDSA in DER,
/// [`Signature::from_der`].
#[derive(Clone)]
pub struct Signature {
    algorithm: Algorithm,
    bytes: Vec<u8>,
}

impl Signature {
    /// Takes the raw signature: for ECDSA the numbers R and S in a row, each as long as the curve
    /// says (RFC 7518 §3.4).
    ///
    /// # Errors
    ///
    /// [`SignError::SignatureLength`] if the algorithm has signatures of another length.
    pub fn from_bytes(algorithm: Algorithm, bytes: impl Into<Vec<u8>>) -> Result<Self, SignError> {
        let bytes = bytes.into();
        let found = bytes.len();
        let expected = expected_length(algorithm);
        let right = match algorithm.family() {
            Family::Rsa => (RSA_MIN..=MAX_LENGTH).contains(&found),
            Family::Hmac | Family::Ecdsa(_) | Family::Ed25519 => found == expected,
        };
        if !right {
            return Err(SignError::SignatureLength {
                algorithm,
                expected,
                found,
            });
        }
        Ok(Self { algorithm, bytes })
    }

    /// Converts an ECDSA signature from DER (RFC 3279 §2.2.3), which is what AWS KMS, Google Cloud
    /// KMS, most HSMs and openssl answer.
    ///
    /// # Errors
    ///
    /// [`SignError::MalformedDer`] if the bytes are not two numbers of the curve's size in DER, or
    /// the algorithm is not ECDSA.
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

/// The length of a signature; for RSA the least one.
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

/// `SEQUENCE { r INTEGER, s INTEGER }` to both numbers in a row, each of `size` bytes.
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
    /// An HMAC signature is a password for its message, so the bytes are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
