//! RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 7518 §3.3, §3.5).

use super::backend::rand::SystemRandom;
use super::backend::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
use super::backend::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaParameters,
};
use super::material::{RsaPrivate, RsaPublic};
use crate::algorithm::Algorithm;
use crate::error::{KeyError, SignError};
use crate::signature;

/// The minimum length of a modulus (RFC 7518 §3.3).
const MIN_BITS: usize = 2048;
/// The maximum length of a modulus that *ring* signs with.
const MAX_PRIVATE_BITS: usize = 4096;
/// The maximum length of a modulus that *ring* verifies with.
const MAX_PUBLIC_BITS: usize = 8192;
/// The maximum length of an exponent that *ring* accepts, in bits.
const MAX_EXPONENT_BITS: usize = 33;

pub(super) struct SigningKey {
    pair: KeyPair,
    encoding: &'static dyn RsaEncoding,
}

impl SigningKey {
    pub(super) fn new(algorithm: Algorithm, key: RsaPrivate<'_>) -> Result<Self, KeyError> {
        check_modulus(key.public.modulus, MAX_PRIVATE_BITS)?;
        let invalid = KeyError::Invalid {
            expected: "an RSA private key with two primes, whose exponent is 65537 or more",
        };
        let pair = KeyPair::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents {
                n: key.public.modulus,
                e: key.public.exponent,
            },
            d: key.d,
            p: key.p,
            q: key.q,
            dP: key.dp,
            dQ: key.dq,
            qInv: key.qinv,
        })
        .map_err(|_| invalid.clone())?;
        let key = Self {
            pair,
            encoding: encoding(algorithm),
        };
        // ring checks only when it signs whether the numbers belong together.
        key.sign(b"", &mut [0; signature::MAX_MADE])
            .map_err(|_| invalid)?;
        Ok(key)
    }

    /// Signs into the buffer, and returns the part that was filled.
    pub(super) fn sign<'b>(
        &self,
        message: &[u8],
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], SignError> {
        let signature = buffer
            .get_mut(..self.pair.public().modulus_len())
            .ok_or(SignError::Failed)?;
        self.pair
            .sign(self.encoding, &SystemRandom::new(), message, signature)
            .map_err(|_| SignError::Failed)?;
        Ok(signature)
    }
}

pub(super) struct VerifyingKey(PublicKeyComponents<Box<[u8]>>);

impl VerifyingKey {
    /// Makes the checks that *ring* makes on each verification.
    pub(super) fn new(key: RsaPublic<'_>) -> Result<Self, KeyError> {
        check_modulus(key.modulus, MAX_PUBLIC_BITS)?;
        if !is_odd(key.exponent) || !(2..=MAX_EXPONENT_BITS).contains(&bits(key.exponent)) {
            return Err(KeyError::Invalid {
                expected: "an RSA public key with an odd exponent of 2 to 33 bits",
            });
        }
        Ok(Self(PublicKeyComponents {
            n: key.modulus.into(),
            e: key.exponent.into(),
        }))
    }

    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.0
            .verify(parameters(algorithm), message, signature)
            .is_ok()
    }

    pub(super) fn modulus(&self) -> &[u8] {
        &self.0.n
    }

    pub(super) fn exponent(&self) -> &[u8] {
        &self.0.e
    }
}

fn check_modulus(modulus: &[u8], max: usize) -> Result<(), KeyError> {
    let found = bits(modulus);
    if !(MIN_BITS..=max).contains(&found) {
        return Err(KeyError::RsaSize {
            found,
            min: MIN_BITS,
            max,
        });
    }
    if !is_odd(modulus) {
        return Err(KeyError::Invalid {
            expected: "an RSA key with an odd modulus",
        });
    }
    Ok(())
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte % 2 == 1)
}

/// Returns the length in bits of a number without leading zeros.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| {
        // A byte has at most 8 leading zeros.
        number.len() * 8 - first.leading_zeros() as usize
    })
}

fn encoding(algorithm: Algorithm) -> &'static dyn RsaEncoding {
    match algorithm {
        Algorithm::RS384 => &RSA_PKCS1_SHA384,
        Algorithm::RS512 => &RSA_PKCS1_SHA512,
        Algorithm::PS256 => &RSA_PSS_SHA256,
        Algorithm::PS384 => &RSA_PSS_SHA384,
        Algorithm::PS512 => &RSA_PSS_SHA512,
        _ => &RSA_PKCS1_SHA256,
    }
}

fn parameters(algorithm: Algorithm) -> &'static RsaParameters {
    match algorithm {
        Algorithm::RS384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &RSA_PSS_2048_8192_SHA512,
        _ => &RSA_PKCS1_2048_8192_SHA256,
    }
}
