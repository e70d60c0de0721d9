//! Hash functions (FIPS 180-4).

use super::backend::digest;
#[cfg(feature = "oauth")]
use crate::algorithm::Algorithm;

/// Computes SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let hash = digest::digest(&digest::SHA256, bytes);
    hash.as_ref().try_into().unwrap_or_default()
}

/// Computes the hash function that the algorithm signs with.
#[cfg(feature = "oauth")]
pub(crate) fn hash_of(algorithm: Algorithm, bytes: &[u8]) -> impl AsRef<[u8]> {
    let function = match algorithm {
        Algorithm::HS256 | Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 => {
            &digest::SHA256
        }
        Algorithm::HS384 | Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => {
            &digest::SHA384
        }
        // Ed25519 hashes with SHA-512 itself.
        Algorithm::HS512
        | Algorithm::RS512
        | Algorithm::PS512
        | Algorithm::EdDSA
        | Algorithm::Ed25519 => &digest::SHA512,
    };
    digest::digest(function, bytes)
}
