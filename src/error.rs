//! What can go wrong: one flat enum for each deed, data for the caller, a sentence for the human.
//!
//! No error holds key material, and no sentence quotes a claim: an error is often logged, or shown
//! to whoever sent the token.

use std::error::Error;
use std::fmt;

use crate::algorithm::Algorithm;
use crate::numeric_date::NumericDate;

/// A registered claim (RFC 7519 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// `iss`, who issued the token (§4.1.1).
    Issuer,
    /// `sub`, whom the token is about (§4.1.2).
    Subject,
    /// `aud`, for whom the token is meant (§4.1.3).
    Audience,
    /// `exp`, from when on the token is refused (§4.1.4).
    Expiration,
    /// `nbf`, until when the token is refused (§4.1.5).
    NotBefore,
    /// `iat`, when the token was issued (§4.1.6).
    IssuedAt,
    /// `jti`, the token's own identifier (§4.1.7).
    JwtId,
}

impl Claim {
    /// Returns the name of the claim as it stands in a payload, for instance `iss`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::Expiration => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::JwtId => "jti",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "iss" => Self::Issuer,
            "sub" => Self::Subject,
            "aud" => Self::Audience,
            "exp" => Self::Expiration,
            "nbf" => Self::NotBefore,
            "iat" => Self::IssuedAt,
            "jti" => Self::JwtId,
            _ => return None,
        })
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

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
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}

/// Why a token could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The payload is not a JSON object (RFC 7519 §4), cannot be written as JSON, or has custom
    /// claims that hold a registered one.
    #[error("the payload cannot be written: {0}")]
    Payload(String),
    /// The header holds a member that this library writes itself or does not support.
    #[error("expected header members of your own, found {0:?}, which is not for you to write")]
    ReservedMember(String),
    /// The signature does not have the length that the algorithm says.
    #[error(
        "expected a signature of {expected} bytes for {algorithm}, found {found}: \
         one in DER goes through `Signature::from_der`"
    )]
    SignatureLength {
        /// The algorithm of the signature.
        algorithm: Algorithm,
        /// The length that the algorithm says, in bytes; for RSA the least one.
        expected: usize,
        /// The length that was found, in bytes.
        found: usize,
    },
    /// The signature is not an ECDSA signature in DER.
    #[error("expected an ECDSA signature for {0} in DER, found other bytes")]
    MalformedDer(Algorithm),
    /// The signature could not be made: the operating system gave no random bytes.
    #[error("the signature could not be made: the operating system gave no random bytes")]
    Failed,
}

/// Why a token was refused.
///
/// The variants stand in the order of the checks; the first that fails is the error. Values are
/// checked in the order `exp`, `nbf`, `iat`, `iss`, `aud`, `sub`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token is longer than the limit.
    #[error("expected a token of at most {limit} bytes, found {found}")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
        /// The length of the token, in bytes.
        found: usize,
    },
    /// The token does not have the three segments of a signed token (RFC 7515 §3.1).
    #[error("expected a token of three segments between dots, found {found}{}", jwe_hint(*.found))]
    Segments {
        /// How many segments there are; a token with five is an encrypted one (RFC 7516).
        found: usize,
    },
    /// The header breaks a rule of its encoding.
    #[error("the token's header {reason}")]
    MalformedHeader {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The header asks for an extension that must be understood, and this library understands
    /// none (RFC 7515 §4.1.11, RFC 7797 §6).
    #[error("the token's header holds `{member}`, and no such extension is supported")]
    UnsupportedExtension {
        /// The header parameter that asks for it: `crit` or `b64`.
        member: &'static str,
    },
    /// The header names no algorithm that exists here; `none` does not (RFC 8725 §3.2).
    #[error("the token's `alg` is not a signature algorithm that is known here")]
    UnsupportedAlgorithm,
    /// No key fits the token.
    #[error("no key is known for the token's `kid` and `alg`")]
    UnknownKey,
    /// Several keys fit the token.
    #[error("several keys could have signed the token, and its `kid` does not tell which")]
    AmbiguousKey,
    /// The keys could not be had: for [`Keys`](crate::Keys) of your own.
    #[error("the keys to verify with could not be had")]
    KeysUnavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The token names another algorithm than the one its key is for (RFC 8725 §3.1).
    #[error("expected a token signed with {expected}, found one that says {found}")]
    AlgorithmMismatch {
        /// The algorithm of the key.
        expected: Algorithm,
        /// The algorithm that the token names.
        found: Algorithm,
    },
    /// The signature does not hold. There is nothing more to say.
    #[error("the signature does not hold")]
    InvalidSignature,
    /// The payload breaks a rule of its encoding.
    #[error("the token's payload {reason}")]
    MalformedPayload {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A registered claim has a value that it cannot have.
    #[error("the claim `{0}` has a value of a type that it cannot have")]
    WrongType(Claim),
    /// The custom claims do not fit the caller's type.
    #[error("{} {problem}", member_name(.member.as_deref()))]
    CustomClaims {
        /// The member that does not fit, where there is one.
        member: Option<String>,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The token is of another type than the one expected (RFC 8725 §3.11).
    #[error(
        "the token's `typ` is not the one expected: \
         without `Verifier::token_type` only a plain JWT is"
    )]
    TokenType,
    /// A claim that is expected is not there.
    #[error("the claim `{0}` is expected, and missing")]
    Missing(Claim),
    /// The token has expired (RFC 7519 §4.1.4).
    #[error("the token has expired")]
    Expired {
        /// When it expired: the `exp` claim.
        at: NumericDate,
        /// What the clock said.
        now: NumericDate,
    },
    /// The token is not valid yet (RFC 7519 §4.1.5).
    #[error("the token is not valid yet")]
    NotYetValid {
        /// From when on it is valid: the `nbf` claim.
        at: NumericDate,
        /// What the clock said.
        now: NumericDate,
    },
    /// The token was issued longer ago than the verifier's greatest age.
    #[error("the token was issued longer ago than is accepted")]
    TooOld {
        /// When it was issued: the `iat` claim.
        issued_at: NumericDate,
        /// What the clock said.
        now: NumericDate,
    },
    /// A claim has another value than the ones expected.
    #[error("the claim `{0}` does not have a value that is expected")]
    Mismatch(Claim),
    /// The token is meant for an audience, and the verifier was not told that it is one
    /// (RFC 7519 §4.1.3).
    #[error(
        "the token is for an audience, and none is expected: name yours with `Verifier::audience`"
    )]
    UnexpectedAudience,
}

fn jwe_hint(segments: usize) -> &'static str {
    if segments == 5 {
        " (it is an encrypted token, a JWE)"
    } else {
        ""
    }
}

fn member_name(member: Option<&str>) -> String {
    match member {
        // The name comes out of the token, so it is quoted, and not at any length.
        Some(name) => format!(
            "the payload's member {:?}",
            name.chars().take(64).collect::<String>()
        ),
        None => "the payload".into(),
    }
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

impl SignError {
    /// Returns a name of the variant that stays the same across releases, for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Payload(_) => "payload",
            Self::ReservedMember(_) => "reserved_member",
            Self::SignatureLength { .. } => "signature_length",
            Self::MalformedDer(_) => "malformed_der",
            Self::Failed => "failed",
        }
    }
}

impl VerifyError {
    /// Returns a name of the variant that stays the same across releases, for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::Segments { .. } => "segments",
            Self::MalformedHeader { .. } => "malformed_header",
            Self::UnsupportedExtension { .. } => "unsupported_extension",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::UnknownKey => "unknown_key",
            Self::AmbiguousKey => "ambiguous_key",
            Self::KeysUnavailable(_) => "keys_unavailable",
            Self::AlgorithmMismatch { .. } => "algorithm_mismatch",
            Self::InvalidSignature => "invalid_signature",
            Self::MalformedPayload { .. } => "malformed_payload",
            Self::WrongType(_) => "wrong_type",
            Self::CustomClaims { .. } => "custom_claims",
            Self::TokenType => "token_type",
            Self::Missing(_) => "missing",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::TooOld { .. } => "too_old",
            Self::Mismatch(_) => "mismatch",
            Self::UnexpectedAudience => "unexpected_audience",
        }
    }
}
