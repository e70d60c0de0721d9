//! Errors of loading, making and exporting keys.

use crate::algorithm::Algorithm;

/// Why a key, or a set of keys, could not be loaded, generated or exported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The bytes hold no PEM block.
    #[error("expected a PEM block, found {found}")]
    #[non_exhaustive]
    NoPem {
        /// What the bytes are, and the remedy, for humans.
        found: &'static str,
    },
    /// The text holds several PEM blocks, so the choice of a key is ambiguous.
    #[error("expected one PEM block, found {found}: keep one key or certificate in each file")]
    #[non_exhaustive]
    SeveralPem {
        /// The number of blocks.
        found: usize,
    },
    /// The private key is encrypted.
    #[error(
        "expected a plain private key, found an encrypted one: \
         decrypt it with `openssl pkey -in encrypted.pem -out key.pem`"
    )]
    Encrypted,
    /// The bytes break a rule of their encoding.
    #[error("expected {encoding}, found that it {reason}")]
    #[non_exhaustive]
    Malformed {
        /// The encoding that was expected, for humans: for instance `a JWK`.
        encoding: &'static str,
        /// The rule, for humans.
        reason: &'static str,
    },
    /// The document is longer than the limit.
    #[error("expected a JWK Set of at most {limit} bytes, found {found}")]
    #[non_exhaustive]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
        /// The length of the document, in bytes.
        found: usize,
    },
    /// The key is well-formed, but of another kind than the algorithm or the call takes.
    #[error("expected {expected}, found {found}")]
    #[non_exhaustive]
    WrongKind {
        /// The kind of key that was expected, for humans.
        expected: &'static str,
        /// The kind of key that was found, for humans: for instance `an EC P-384 private key`.
        found: &'static str,
    },
    /// The RSA modulus is shorter than RFC 7518 §3.3 allows, or longer than this crate accepts.
    #[error("expected an RSA modulus of {min} to {max} bits, found {found} bits")]
    #[non_exhaustive]
    RsaSize {
        /// The length of the modulus, in bits.
        found: usize,
        /// The minimum length, in bits (RFC 7518 §3.3).
        min: usize,
        /// The maximum length for this use, in bits: 4096 to sign, 8192 to verify.
        max: usize,
    },
    /// The secret is shorter than the output of the hash function (RFC 7518 §3.2), or empty.
    #[error(
        "expected a secret of {min} byte{} or more for {algorithm}, found {found}",
        if *min == 1 { "" } else { "s" }
    )]
    #[non_exhaustive]
    ShortSecret {
        /// The algorithm that the secret was for.
        algorithm: Algorithm,
        /// The length of the secret, in bytes.
        found: usize,
        /// The minimum length, in bytes.
        min: usize,
    },
    /// The secret is an encoded key, such as a public key that anyone can know (CVE-2022-29217).
    #[error("expected a random secret, found {found}: load it as the key that it is")]
    #[non_exhaustive]
    SecretIsKeyText {
        /// What the secret is, for humans: for instance `a PEM block`.
        found: &'static str,
    },
    /// The EC private key comes without its public key, which this crate does not compute.
    #[error(
        "expected an EC private key with its public key, found one without: \
         add it with `openssl ec -in key.pem -out with-public.pem`"
    )]
    MissingPublicKey,
    /// The point of the EC key is compressed, and this crate does not decompress it.
    #[error(
        "expected an uncompressed EC point, found a compressed one: convert the key with \
         `openssl ec -conv_form uncompressed -in key.pem -out uncompressed.pem` \
         (and `-pubin` for a public key)"
    )]
    CompressedPoint,
    /// The key is well-formed, but its numbers are not those of a valid key.
    #[error("expected {expected}, found numbers that do not make one")]
    #[non_exhaustive]
    Invalid {
        /// The kind of key that was expected, for humans.
        expected: &'static str,
    },
    /// The JWK declares another use (`use` or `key_ops`, RFC 7517 §4.2, §4.3).
    #[error("expected a JWK {expected}, found one with another `use` or `key_ops`")]
    #[non_exhaustive]
    WrongUse {
        /// The use that was expected, for humans.
        expected: &'static str,
    },
    /// The JWK declares another algorithm than the one it was loaded for (RFC 7517 §4.4).
    #[error("expected a JWK for {expected}, found one for another algorithm")]
    #[non_exhaustive]
    WrongAlgorithm {
        /// The algorithm that the key was loaded for.
        expected: Algorithm,
    },
    /// The `kty` of the JWK is not supported.
    #[error("expected a JWK with `kty` \"EC\", \"OKP\", \"RSA\" or \"oct\", found another")]
    UnsupportedKeyType,
    /// The `crv` of the JWK is not supported.
    #[error("expected a JWK with `crv` \"P-256\", \"P-384\" or \"Ed25519\", found another or none")]
    UnsupportedCurve,
    /// The `alg` of the JWK is not supported, or not one for its `kty` and `crv`.
    #[error("expected a JWK with an `alg` for signatures by its `kty` and `crv`, found another")]
    UnsupportedAlgorithm,
    /// A symmetric key is in a key set for public keys.
    #[error(
        "expected public keys in the set, found a symmetric one: \
         if the set is secret, read it with `KeySet::from_secret_json`"
    )]
    SymmetricInSet,
    /// A symmetric key has no public half.
    #[error("expected a key with a public half, found a symmetric key")]
    NoPublicHalf,
    /// Two keys of a [`KeyRotation`](crate::jwks::KeyRotation) have the same id.
    #[error("expected keys with different ids, found two with the same id")]
    DuplicateId,
    /// A [`KeyRotation`](crate::jwks::KeyRotation) was restored from no keys.
    #[error("expected one key or more, found none")]
    NoKeys,
    /// RSA keys are not generated.
    #[error(
        "expected an algorithm that keys can be generated for, found {0}: generate one with \
         `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out key.pem`"
    )]
    CannotGenerate(Algorithm),
    /// The key was loaded, so its secret was not kept, or it has no export in this form.
    #[error("key cannot be exported: it was loaded, not generated, or has no export in this form")]
    NotExportable,
    /// The operating system returned no random bytes.
    #[error("the operating system returned no random bytes")]
    NoRandomness,
}

impl KeyError {
    /// Returns a name of the variant that stays the same across releases, for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoPem { .. } => "no_pem",
            Self::SeveralPem { .. } => "several_pem",
            Self::Encrypted => "encrypted",
            Self::Malformed { .. } => "malformed",
            Self::TooLarge { .. } => "too_large",
            Self::WrongKind { .. } => "wrong_kind",
            Self::RsaSize { .. } => "rsa_size",
            Self::ShortSecret { .. } => "short_secret",
            Self::SecretIsKeyText { .. } => "secret_is_key_text",
            Self::MissingPublicKey => "missing_public_key",
            Self::CompressedPoint => "compressed_point",
            Self::Invalid { .. } => "invalid",
            Self::WrongUse { .. } => "wrong_use",
            Self::WrongAlgorithm { .. } => "wrong_algorithm",
            Self::UnsupportedKeyType => "unsupported_key_type",
            Self::UnsupportedCurve => "unsupported_curve",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::SymmetricInSet => "symmetric_in_set",
            Self::NoPublicHalf => "no_public_half",
            Self::DuplicateId => "duplicate_id",
            Self::NoKeys => "no_keys",
            Self::CannotGenerate(_) => "cannot_generate",
            Self::NotExportable => "not_exportable",
            Self::NoRandomness => "no_randomness",
        }
    }
}
