//! Hash functions (FIPS 180-4).

use ring::digest;

use crate::algorithm::Algorithm;

/// SHA-256, for thumbprints.
pub(super) fn sha256(bytes: &[u8]) -> impl AsRef<[u8]> {
    digest::digest(&digest::SHA256, bytes)
}

/// The hash function that the algorithm signs with.
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
