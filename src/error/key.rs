//! What can go wrong with a key.

use crate::algorithm::Algorithm;

/// Why a key, or a set of keys, could not be loaded, made or exported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text holds no PEM block.
    #[error("expected a PEM block, found none: is the file empty, or is it DER?")]
    NoPem,
    /// The text holds several PEM blocks, so it is not clear which key is meant.
    #[error("expected one PEM block, found {found}: keep one key or certificate in each file")]
    SeveralPem {
        /// How many blocks there are.
        found: usize,
    },
    /// The private key is encrypted.
    #[error(
        "expected a plain private key, found an encrypted one: \
         decrypt it with `openssl pkey -in encrypted.pem -out key.pem`"
    )]
    Encrypted,
    /// The bytes are not what the encoding asks for.
    #[error("expected {encoding}, found that it {reason}")]
    Malformed {
        /// The encoding that was expected, for instance `a JWK`.
        encoding: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The key is well-formed, but of another kind than the algorithm or the call takes.
    #[error("found {found}, wanted {wanted}")]
    WrongKind {
        /// The kind of key that was found, for instance `an EC P-384 private key`.
        found: String,
        /// The kind of key that was wanted.
        wanted: String,
    },
    /// The RSA modulus is too short, or longer than *ring* takes.
    #[error("expected an RSA modulus of {min} to {max} bits, found {found} bits")]
    RsaSize {
        /// The length of the modulus that was found, in bits.
        found: usize,
        /// The least number of bits (RFC 7518 §3.3).
        min: usize,
        /// The greatest number of bits that *ring* takes for this use.
        max: usize,
    },
    /// The secret is shorter than the output of the hash function (RFC 7518 §3.2).
    #[error("expected a secret of {min} bytes or more for {algorithm}, found {found}")]
    ShortSecret {
        /// The algorithm that the secret was for.
        algorithm: Algorithm,
        /// The length of the secret that was found, in bytes.
        found: usize,
        /// The least number of bytes.
        min: usize,
    },
    /// The secret is the text of a key: whoever knows the public key could sign.
    #[error("expected a random secret, found {found}: load it as the key that it is")]
    SecretIsKeyText {
        /// What the text is, for instance `a PEM block`.
        found: &'static str,
    },
    /// The private key comes without its public key, which *ring* cannot compute.
    #[error(
        "expected an EC private key with its public key, found one without: \
         add it with `openssl ec -in key.pem -out with-public.pem`"
    )]
    MissingPublicKey,
    /// The point of the EC key is compressed, which *ring* does not read.
    #[error(
        "expected an uncompressed EC point, found a compressed one: convert the key with \
         `openssl ec -conv_form uncompressed -in key.pem -out uncompressed.pem` \
         (and `-pubin` for a public key)"
    )]
    CompressedPoint,
    /// The key has the right shape, but its numbers are not those of a key.
    #[error("expected {expected}, found numbers that do not make one")]
    Invalid {
        /// The kind of key that was expected.
        expected: &'static str,
    },
    /// The JWK declares another use than signatures (`use` or `key_ops`, RFC 7517 §4.2, §4.3).
    #[error("expected a JWK {expected}, found one whose `use` or `key_ops` says otherwise")]
    WrongUse {
        /// The use that was expected.
        expected: &'static str,
    },
    /// The JWK declares another algorithm than the one it was loaded for (RFC 7517 §4.4).
    #[error("expected a JWK for {expected}, found one for another algorithm")]
    WrongAlgorithm {
        /// The algorithm that the key was loaded for.
        expected: Algorithm,
    },
    /// The JWK is of a type, curve or algorithm that this library does not know.
    #[error("expected a JWK whose {member} is known here, found another")]
    Unsupported {
        /// The member of the JWK that says so: `kty`, `crv` or `alg`.
        member: &'static str,
    },
    /// A symmetric key stands in a key set, where public keys belong.
    #[error(
        "expected public keys in the set, found a symmetric one: \
         if the set is secret, read it with `KeySet::from_secret_json`"
    )]
    SymmetricInSet,
    /// A symmetric key has no public half: nothing that could be published.
    #[error("expected a key with a public half, found a symmetric key")]
    NoPublicHalf,
    /// *ring* cannot generate RSA keys.
    #[error(
        "expected an algorithm that ring can generate keys for, found {0}: generate one with \
         `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out key.pem`"
    )]
    CannotGenerate(Algorithm),
    /// The key was loaded, not generated, so its secret was not kept; or it has no such export.
    #[error("only a generated key can be exported, each in its own form: this one is another")]
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
            Self::NoPem => "no_pem",
            Self::SeveralPem { .. } => "several_pem",
            Self::Encrypted => "encrypted",
            Self::Malformed { .. } => "malformed",
            Self::WrongKind { .. } => "wrong_kind",
            Self::RsaSize { .. } => "rsa_size",
            Self::ShortSecret { .. } => "short_secret",
            Self::SecretIsKeyText { .. } => "secret_is_key_text",
            Self::MissingPublicKey => "missing_public_key",
            Self::CompressedPoint => "compressed_point",
            Self::Invalid { .. } => "invalid",
            Self::WrongUse { .. } => "wrong_use",
            Self::WrongAlgorithm { .. } => "wrong_algorithm",
            Self::Unsupported { .. } => "unsupported",
            Self::SymmetricInSet => "symmetric_in_set",
            Self::NoPublicHalf => "no_public_half",
            Self::CannotGenerate(_) => "cannot_generate",
            Self::NotExportable => "not_exportable",
            Self::NoRandomness => "no_randomness",
        }
    }
}
