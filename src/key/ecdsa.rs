//! ECDSA on P-256 and P-384 (RFC 7518 §3.4).

use ring::agreement::{self, ECDH_P256, ECDH_P384, EphemeralPrivateKey, agree_ephemeral};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    EcdsaVerificationAlgorithm, UnparsedPublicKey,
};

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
        check_encoding(curve, point)?;
        EcdsaKeyPair::from_private_key_and_public_key(
            signing(curve),
            scalar,
            point,
            &SystemRandom::new(),
        )
        .map(Self)
        .map_err(|_| KeyError::Invalid {
            expected: "an EC private key with the public key that belongs to it",
        })
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
    key: UnparsedPublicKey<Box<[u8]>>,
}

impl VerifyingKey {
    /// Does not check that the point is on the curve.
    pub(super) fn new(curve: Curve, point: &[u8]) -> Result<Self, KeyError> {
        check_encoding(curve, point)?;
        Ok(Self {
            curve,
            key: UnparsedPublicKey::new(verification(curve), point.into()),
        })
    }

    /// Checks that the point is on the curve.
    ///
    /// *ring* checks a point only when it is used, so it is used for a key agreement with a key that
    /// is then dropped.
    pub(super) fn check(&self) -> Result<(), KeyError> {
        let algorithm = match self.curve {
            Curve::P256 => &ECDH_P256,
            Curve::P384 => &ECDH_P384,
        };
        let ephemeral = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new())
            .map_err(|_| KeyError::NoRandomness)?;
        let key = agreement::UnparsedPublicKey::new(algorithm, self.point());
        agree_ephemeral(ephemeral, &key, |_| ()).map_err(|_| KeyError::Invalid {
            expected: "a point on the curve of the EC key",
        })
    }

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

fn check_encoding(curve: Curve, point: &[u8]) -> Result<(), KeyError> {
    match point {
        [UNCOMPRESSED, xy @ ..] if xy.len() == 2 * curve.size() => Ok(()),
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
