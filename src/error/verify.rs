//! Errors of verification.

use std::time::Duration;

use super::KeyLookupError;
use crate::algorithm::Algorithm;
use crate::claim::Claim;
use crate::numeric_date::NumericDate;

/// Why a token was rejected.
///
/// The variants are in the order of the checks; the first check that fails is the error. Claims
/// are checked in the order `exp`, `nbf`, `iat`, `iss`, `aud`, `sub`, `jti`: first the types of all,
/// then the presence of all, then the values of all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token is longer than the limit.
    #[error("expected a token of at most {limit} bytes, found {found}")]
    #[non_exhaustive]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
        /// The length of the token, in bytes.
        found: usize,
    },
    /// The token does not have the three segments of a signed token (RFC 7515 §3.1).
    #[error("expected a token of three segments between dots, found {found}{}", jwe_hint(*.found))]
    #[non_exhaustive]
    Segments {
        /// The number of segments; a token of five is encrypted (RFC 7516).
        found: usize,
    },
    /// The token is of an issuer that is not trusted. [`Issuers`](crate::Issuers) read `iss` before
    /// the header, so errors of the payload and of `iss` also have this place in the order.
    #[error("expected an `iss` that `Issuers::trust` was given, found another")]
    UnknownIssuer,
    /// The header breaks a rule of its encoding.
    #[error("the token's header {reason}")]
    #[non_exhaustive]
    MalformedHeader {
        /// The rule, for humans.
        reason: &'static str,
    },
    /// The header requires an extension, and this library supports none (RFC 7515 §4.1.11, RFC 7797
    /// §6).
    #[error("the token's header has the parameter `{parameter}`, which is not supported")]
    #[non_exhaustive]
    UnsupportedExtension {
        /// The header parameter: `crit` or `b64`.
        parameter: &'static str,
    },
    /// The header names an algorithm that is not supported; `none` is not (RFC 8725 §3.2).
    #[error("the token's `alg` is not a supported signature algorithm")]
    UnsupportedAlgorithm,
    /// The header names an algorithm that the verifier does not allow (RFC 8725 §3.1).
    #[error("expected an `alg` that `Verifier::algorithms` lists, found {found}")]
    #[non_exhaustive]
    AlgorithmNotAllowed {
        /// The algorithm that the token names.
        found: Algorithm,
    },
    /// There is no key to verify the token with.
    #[error(transparent)]
    KeyLookup(#[from] KeyLookupError),
    /// The header names another algorithm than that of its key (RFC 8725 §3.1).
    #[error("expected a token signed with {expected}, found one that names {found}")]
    #[non_exhaustive]
    AlgorithmMismatch {
        /// The algorithm of the key.
        expected: Algorithm,
        /// The algorithm that the token names.
        found: Algorithm,
    },
    /// The signature segment is not base64url without padding.
    #[error("the token's signature {reason}")]
    #[non_exhaustive]
    MalformedSignature {
        /// The rule, for humans.
        reason: &'static str,
    },
    /// The signature is invalid.
    #[error("the signature is invalid")]
    InvalidSignature,
    /// The header's `typ` is not an expected one (RFC 8725 §3.11).
    #[error("{}", typ_mismatch(.expected))]
    #[non_exhaustive]
    TypMismatch {
        /// The values that the verifier expects; if empty, `typ` must be absent or `JWT`.
        expected: Vec<String>,
    },
    /// The payload is another token: `cty` is `JWT` (RFC 7519 §7.2 step 8).
    #[error("the token's `cty` is `JWT`: nested tokens are not supported")]
    NestedToken,
    /// The payload breaks a rule of its encoding.
    #[error("the token's payload {reason}")]
    #[non_exhaustive]
    MalformedPayload {
        /// The rule, for humans.
        reason: &'static str,
    },
    /// A claim has a wrong type.
    #[error("expected the claim `{0}` to be {kind}, found another type", kind = .0.kind())]
    WrongType(Claim),
    /// A required claim is missing.
    #[error("expected the claim `{0}`, found none")]
    Missing(Claim),
    /// The token has expired (RFC 7519 §4.1.4).
    #[error("the token has expired")]
    #[non_exhaustive]
    Expired {
        /// When it expired: the `exp` claim.
        at: NumericDate,
        /// The time of the check.
        now: NumericDate,
    },
    /// The token is not valid yet (RFC 7519 §4.1.5).
    #[error("the token is not valid yet")]
    #[non_exhaustive]
    NotYetValid {
        /// When it becomes valid: the `nbf` claim.
        at: NumericDate,
        /// The time of the check.
        now: NumericDate,
    },
    /// The token was issued in the future, and the verifier limits its age.
    #[error("the token was issued in the future: is a clock wrong?")]
    #[non_exhaustive]
    IssuedInFuture {
        /// When it was issued: the `iat` claim.
        at: NumericDate,
        /// The time of the check.
        now: NumericDate,
    },
    /// A time in the token is longer ago than the verifier's `max_age`.
    #[error("the time in the claim `{claim}` is longer ago than `max_age`")]
    #[non_exhaustive]
    TooOld {
        /// The claim: `iat` or `auth_time`.
        claim: Claim,
        /// The time in the claim.
        at: NumericDate,
        /// The time of the check.
        now: NumericDate,
    },
    /// The time between `iat` and `exp` is longer than the verifier's `max_lifetime`.
    #[error("the token's lifetime is longer than `max_lifetime`")]
    #[non_exhaustive]
    LifetimeTooLong {
        /// When it was issued: the `iat` claim, or for a client assertion the time of the check if that is
        /// earlier or there is none.
        issued_at: NumericDate,
        /// When it expires: the `exp` claim.
        expiration: NumericDate,
        /// The longest lifetime.
        max: Duration,
    },
    /// A claim has another value than the expected ones.
    #[error("{}", mismatch(*.claim, .expected))]
    #[non_exhaustive]
    Mismatch {
        /// The claim.
        claim: Claim,
        /// The values that the verifier expects; empty where they are not to be logged.
        expected: Vec<String>,
    },
    /// The token has an audience, and the verifier was given none (RFC 7519 §4.1.3).
    #[error(
        "expected no claim `aud`, found one: set your audience with \
         `Verifier::audience`"
    )]
    UnexpectedAudience,
    /// The token has a claim that a token of its kind must not have.
    #[error("expected no claim `{0}`, found one")]
    Unexpected(Claim),
    /// The payload does not fit the caller's type.
    #[error("{} {problem}", subject(.member.as_deref()))]
    #[non_exhaustive]
    CustomClaims {
        /// The member that does not fit or is missing, if it is known.
        member: Option<String>,
        /// The problem, for humans.
        problem: &'static str,
    },
}

impl VerifyError {
    /// Returns a name of the variant that stays the same across releases, for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::Segments { .. } => "segments",
            Self::UnknownIssuer => "unknown_issuer",
            Self::MalformedHeader { .. } => "malformed_header",
            Self::UnsupportedExtension { .. } => "unsupported_extension",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::AlgorithmNotAllowed { .. } => "algorithm_not_allowed",
            Self::KeyLookup(error) => error.code(),
            Self::AlgorithmMismatch { .. } => "algorithm_mismatch",
            Self::MalformedSignature { .. } => "malformed_signature",
            Self::InvalidSignature => "invalid_signature",
            Self::TypMismatch { .. } => "typ_mismatch",
            Self::NestedToken => "nested_token",
            Self::MalformedPayload { .. } => "malformed_payload",
            Self::WrongType(_) => "wrong_type",
            Self::Missing(_) => "missing",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::IssuedInFuture { .. } => "issued_in_future",
            Self::TooOld { .. } => "too_old",
            Self::LifetimeTooLong { .. } => "lifetime_too_long",
            Self::Mismatch { .. } => "mismatch",
            Self::UnexpectedAudience => "unexpected_audience",
            Self::Unexpected(_) => "unexpected",
            Self::CustomClaims { .. } => "custom_claims",
        }
    }
}

fn jwe_hint(segments: usize) -> &'static str {
    if segments == 5 {
        " (an encrypted token, a JWE)"
    } else {
        ""
    }
}

fn typ_mismatch(expected: &[String]) -> String {
    if expected.is_empty() {
        "expected `typ` to be absent or \"JWT\", found another value: \
         set the expected one with `Verifier::typ`"
            .into()
    } else {
        let expected = list(expected);
        format!("expected `typ` to be {expected}, found another value or none")
    }
}

fn mismatch(claim: Claim, expected: &[String]) -> String {
    if expected.is_empty() {
        format!("the claim `{claim}` does not have the expected value")
    } else {
        let expected = list(expected);
        format!("expected the claim `{claim}` to be {expected}, found another value")
    }
}

fn list(values: &[String]) -> String {
    let quoted: Vec<_> = values.iter().map(|value| format!("{value:?}")).collect();
    quoted.join(" or ")
}

fn subject(member: Option<&str>) -> String {
    match member {
        // The name may come from the token, so it is escaped and cut.
        Some(name) => format!(
            "the payload's member {:?}",
            name.chars().take(64).collect::<String>()
        ),
        None => "the payload".into(),
    }
}
