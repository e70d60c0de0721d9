//! What can go wrong in verifying.

use std::error::Error;

use crate::algorithm::Algorithm;
use crate::claim::Claim;
use crate::numeric_date::NumericDate;

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
