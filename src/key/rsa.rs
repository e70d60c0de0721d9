//! RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 7518 §3.3, §3.5).

#[cfg(feature = "aws-lc-rs")]
use std::sync::OnceLock;

use super::backend::rand::SystemRandom;
use super::backend::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
#[cfg(feature = "aws-lc-rs")]
use super::backend::signature::ParsedPublicKey;
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
/// The maximum length of a modulus to sign with: that of *ring*. AWS-LC signs with longer ones.
const MAX_PRIVATE_BITS: usize = 4096;
/// The maximum length of a modulus to verify with, of both backends.
const MAX_PUBLIC_BITS: usize = 8192;
/// The minimum length of the public exponent of a private key, in bits: an odd one is at least 65537.
#[cfg(feature = "aws-lc-rs")]
const MIN_PRIVATE_EXPONENT_BITS: usize = 17;
/// The maximum length of a public exponent, of both backends, in bits.
const MAX_EXPONENT_BITS: usize = 33;

pub(super) struct SigningKey {
    pair: KeyPair,
    /// The length of the modulus and of a signature, in bytes.
    length: usize,
    encoding: &'static dyn RsaEncoding,
}

impl SigningKey {
    pub(super) fn new(algorithm: Algorithm, key: RsaPrivate<'_>) -> Result<Self, KeyError> {
        check_modulus(key.public.modulus, MAX_PRIVATE_BITS)?;
        let invalid = KeyError::Invalid {
            expected: "an RSA private key with two primes, whose exponent is 65537 or more",
        };
        #[cfg(feature = "aws-lc-rs")]
        if !has_sizes_of_ring(key) {
            return Err(invalid);
        }
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
            length: key.public.modulus.len(),
            encoding: encoding(algorithm),
        };
        // Only a signature shows whether the numbers belong together: ring does not compare the private
        // exponents with the public one, and neither backend checks that the factors are primes.
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
        let signature = buffer.get_mut(..self.length).ok_or(SignError::Failed)?;
        self.pair
            .sign(self.encoding, &SystemRandom::new(), message, signature)
            .map_err(|_| SignError::Failed)?;
        Ok(signature)
    }
}

pub(super) struct VerifyingKey {
    numbers: PublicKeyComponents<Box<[u8]>>,
    /// The key as AWS-LC keeps it, for one algorithm. Kept once a signature was valid, because untrusted
    /// input must not make a set grow.
    #[cfg(feature = "aws-lc-rs")]
    parsed: OnceLock<Box<(Algorithm, ParsedPublicKey)>>,
}

impl VerifyingKey {
    /// Makes the checks that the backend makes when it verifies.
    pub(super) fn new(key: RsaPublic<'_>) -> Result<Self, KeyError> {
        check_modulus(key.modulus, MAX_PUBLIC_BITS)?;
        if !is_odd(key.exponent) || !(2..=MAX_EXPONENT_BITS).contains(&bits(key.exponent)) {
            return Err(KeyError::Invalid {
                expected: "an RSA public key with an odd exponent of 2 to 33 bits",
            });
        }
        Ok(Self {
            numbers: PublicKeyComponents {
                n: key.modulus.into(),
                e: key.exponent.into(),
            },
            #[cfg(feature = "aws-lc-rs")]
            parsed: OnceLock::new(),
        })
    }

    #[cfg(feature = "aws-lc-rs")]
    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if let Some((parsed_for, key)) = self.parsed.get().map(|parsed| &**parsed)
            && *parsed_for == algorithm
        {
            return key.verify_sig(message, signature).is_ok();
        }
        let Ok(key) = self.numbers.to_parsed_public_key(parameters(algorithm)) else {
            return false;
        };
        let is_valid = key.verify_sig(message, signature).is_ok();
        if is_valid {
            self.parsed.get_or_init(|| Box::new((algorithm, key)));
        }
        is_valid
    }

    #[cfg(not(feature = "aws-lc-rs"))]
    pub(super) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.numbers
            .verify(parameters(algorithm), message, signature)
            .is_ok()
    }

    pub(super) fn modulus(&self) -> &[u8] {
        &self.numbers.n
    }

    pub(super) fn exponent(&self) -> &[u8] {
        &self.numbers.e
    }
}

/// Returns whether the sizes of the numbers are those that *ring* signs with. AWS-LC signs with others.
#[cfg(feature = "aws-lc-rs")]
fn has_sizes_of_ring(key: RsaPrivate<'_>) -> bool {
    let RsaPublic { modulus, exponent } = key.public;
    let half = bits(modulus).div_ceil(2);
    let is_prime_size = |prime| bits(prime) == half && half.is_multiple_of(512);
    // d < n, compared as numbers without leading zeros.
    let is_less = (key.d.len(), key.d) < (modulus.len(), modulus);
    bits(exponent) >= MIN_PRIVATE_EXPONENT_BITS
        && is_prime_size(key.p)
        && is_prime_size(key.q)
        && is_less
        && bits(key.d) > half
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

#[cfg(all(test, feature = "aws-lc-rs"))]
mod tests {
    use super::super::backend::rsa::KeySize;
    use super::super::backend::signature::KeyPair as _;
    use super::*;

    #[test]
    fn a_parsed_key_is_kept_once_a_signature_was_valid() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let mut signature = vec![0; pair.public_modulus_len()];
        let random = SystemRandom::new();
        pair.sign(&RSA_PKCS1_SHA256, &random, b"", &mut signature)
            .unwrap();
        // PKCS#1: the headers and a zero, the modulus, a header, and 65537.
        let pkcs1 = pair.public_key().as_ref();
        let (modulus, exponent) = (&pkcs1[9..][..256], &[1, 0, 1]);
        let key = VerifyingKey::new(RsaPublic { modulus, exponent }).unwrap();
        let parsed_for = || key.parsed.get().map(|parsed| parsed.0);
        assert!(!key.verify(Algorithm::RS256, b"x", &signature));
        assert!(!key.verify(Algorithm::PS256, b"", &signature));
        assert_eq!(parsed_for(), None);
        for _ in 0..2 {
            assert!(key.verify(Algorithm::RS256, b"", &signature));
            assert!(!key.verify(Algorithm::RS384, b"", &signature));
            assert!(!key.verify(Algorithm::RS256, b"x", &signature));
            assert_eq!(parsed_for(), Some(Algorithm::RS256));
        }
    }
}
