//! ECDSA on P-256 and P-384 (RFC 7518 §3.4).

#[cfg(feature = "aws-lc-rs")]
use std::sync::OnceLock;

use super::backend::rand::SystemRandom;
#[cfg(feature = "aws-lc-rs")]
use super::backend::signature::ParsedPublicKey;
use super::backend::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    EcdsaVerificationAlgorithm, UnparsedPublicKey,
};
use super::curve;
use crate::algorithm::Curve;
use crate::error::{KeyError, SignError};
use crate::secret::Secret;

/// The first byte of an uncompressed point, and of compressed ones (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;
const COMPRESSED: [u8; 2] = [2, 3];

pub(super) struct SigningKey(EcdsaKeyPair);

impl SigningKey {
    /// Makes a key, and checks that the public key belongs to the private key.
    pub(super) fn new(curve: Curve, scalar: &[u8], point: &[u8]) -> Result<Self, KeyError> {
        coordinates(curve, point)?;
        let invalid = KeyError::Invalid {
            expected: "an EC private key with the public key that belongs to it",
        };
        // AWS-LC reads numbers of any length.
        if scalar.len() != curve.size() {
            return Err(invalid);
        }
        let algorithm = signing(curve);
        #[cfg(feature = "aws-lc-rs")]
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, point);
        #[cfg(not(feature = "aws-lc-rs"))]
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            algorithm,
            scalar,
            point,
            &SystemRandom::new(),
        );
        pair.map(Self).map_err(|_| invalid)
    }

    /// Generates a key as PKCS#8.
    pub(super) fn generate(curve: Curve) -> Result<Secret, KeyError> {
        EcdsaKeyPair::generate_pkcs8(signing(curve), &SystemRandom::new())
            .map(|document| document.as_ref().to_vec().into())
            .map_err(|_| KeyError::NoRandomness)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<impl AsRef<[u8]>, SignError> {
        self.0
            .sign(&SystemRandom::new(), message)
            .map_err(|_| SignError::Failed)
    }
}

pub(super) struct VerifyingKey {
    curve: Curve,
    key: UnparsedPublicKey<Point>,
    /// The key as AWS-LC keeps it. Kept once a signature was valid, because untrusted input must not make
    /// a set grow.
    #[cfg(feature = "aws-lc-rs")]
    parsed: OnceLock<Box<ParsedPublicKey>>,
}

impl VerifyingKey {
    pub(super) fn new(curve: Curve, point: &[u8]) -> Result<Self, KeyError> {
        let (x, y) = coordinates(curve, point)?;
        if !curve::contains(curve, x, y) {
            return Err(KeyError::Invalid {
                expected: "a point on the curve of the EC key",
            });
        }
        Ok(Self {
            curve,
            key: UnparsedPublicKey::new(verification(curve), Point::new(point)),
            #[cfg(feature = "aws-lc-rs")]
            parsed: OnceLock::new(),
        })
    }

    #[cfg(feature = "aws-lc-rs")]
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        if let Some(key) = self.parsed.get() {
            return key.verify_sig(message, signature).is_ok();
        }
        let Ok(key) = self.key.parse() else {
            return false;
        };
        let is_valid = key.verify_sig(message, signature).is_ok();
        if is_valid {
            self.parsed.get_or_init(|| Box::new(key));
        }
        is_valid
    }

    #[cfg(not(feature = "aws-lc-rs"))]
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify(message, signature).is_ok()
    }

    pub(super) fn curve(&self) -> Curve {
        self.curve
    }

    /// Returns the uncompressed point.
    pub(super) fn point(&self) -> &[u8] {
        self.key.as_ref()
    }
}

/// An uncompressed point. In place, because it takes no more memory than a box of its own, and a set
/// may have thousands.
struct Point {
    bytes: [u8; 1 + 2 * Curve::MAX_SIZE],
    length: usize,
}

impl Point {
    fn new(point: &[u8]) -> Self {
        let mut bytes = [0; 1 + 2 * Curve::MAX_SIZE];
        let length = point.len();
        if let Some(filled) = bytes.get_mut(..length) {
            filled.copy_from_slice(point);
        }
        Self { bytes, length }
    }
}

impl AsRef<[u8]> for Point {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Returns the coordinates of an uncompressed point.
fn coordinates(curve: Curve, point: &[u8]) -> Result<(&[u8], &[u8]), KeyError> {
    match point {
        [UNCOMPRESSED, xy @ ..] if xy.len() == 2 * curve.size() => Ok(xy.split_at(curve.size())),
        [first, x @ ..] if COMPRESSED.contains(first) && x.len() == curve.size() => {
            Err(KeyError::CompressedPoint)
        }
        _ => Err(KeyError::Invalid {
            expected: "an EC point of the size of its curve",
        }),
    }
}

fn signing(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
    }
}

fn verification(curve: Curve) -> &'static EcdsaVerificationAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED,
    }
}

#[cfg(all(test, feature = "aws-lc-rs"))]
mod tests {
    use super::super::backend::signature::KeyPair;
    use super::*;

    #[test]
    fn a_parsed_key_is_kept_once_a_signature_was_valid() {
        let pair = EcdsaKeyPair::generate(signing(Curve::P256)).unwrap();
        let signature = pair.sign(&SystemRandom::new(), b"").unwrap();
        let key = VerifyingKey::new(Curve::P256, pair.public_key().as_ref()).unwrap();
        assert!(!key.verify(b"x", signature.as_ref()));
        assert!(key.parsed.get().is_none());
        for _ in 0..2 {
            assert!(key.verify(b"", signature.as_ref()));
            assert!(!key.verify(b"x", signature.as_ref()));
            assert!(key.parsed.get().is_some());
        }
    }
}
