//! Errors of signing.

use crate::algorithm::{Algorithm, Family};
use crate::claim::Claim;

/// Why a token could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The caller's type could not be serialized. The text is that of the serializer.
    #[error("the payload cannot be serialized: {0}")]
    Payload(String),
    /// The custom claims have a claim that is a field beside them, for instance `sub`.
    #[error("the custom claims have the claim {0:?}, which is a field beside them")]
    ShadowedClaim(String),
    /// The payload breaks a rule that every verifier of this library checks (RFC 7519 §4).
    #[error("the payload {reason}")]
    #[non_exhaustive]
    MalformedPayload {
        /// The rule, for humans.
        reason: &'static str,
    },
    /// A registered claim is `null`, which verifiers reject.
    #[error(
        "the claim `{0}` is null, which verifiers reject: leave it out with \
         `#[serde(skip_serializing_if = \"Option::is_none\")]`"
    )]
    NullClaim(Claim),
    /// A registered claim has a type that verifiers reject.
    #[error("expected the claim `{0}` to be {kind}, found another type", kind = .0.kind())]
    WrongType(Claim),
    /// The header holds a parameter that the signer sets itself or that is not supported.
    #[error("header parameter {0:?} is set by the signer or not supported")]
    ReservedParameter(String),
    /// The header breaks a rule that every verifier of this library checks.
    #[error("the header {reason}")]
    #[non_exhaustive]
    MalformedHeader {
        /// The rule, for humans.
        reason: &'static str,
    },
    /// The token is longer than the limit.
    #[error("expected a token of at most {limit} bytes, found {found}")]
    #[non_exhaustive]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
        /// The length of the token, in bytes.
        found: usize,
    },
    /// The signature is for another algorithm than the token's header names.
    #[error("expected a signature for {expected}, found one for {found}")]
    #[non_exhaustive]
    AlgorithmMismatch {
        /// The algorithm of the header.
        expected: Algorithm,
        /// The algorithm of the signature.
        found: Algorithm,
    },
    /// The signature does not have the length that the algorithm requires.
    #[error(
        "expected a signature of {expected} bytes{} for {algorithm}, found {found}{}",
        if let Family::Rsa = .algorithm.family() { " or more" } else { "" },
        if let Family::Ecdsa(_) = .algorithm.family() {
            ": convert ECDSA in DER with `Signature::from_der`"
        } else {
            ""
        }
    )]
    #[non_exhaustive]
    SignatureLength {
        /// The algorithm of the signature.
        algorithm: Algorithm,
        /// The length that the algorithm requires, in bytes; for RSA the minimum.
        expected: usize,
        /// The length that was found, in bytes.
        found: usize,
    },
    /// The bytes are not an ECDSA signature in DER, or the algorithm is not ECDSA.
    #[error("{}", malformed_der(*.0))]
    MalformedDer(Algorithm),
    /// The operating system returned no random bytes.
    #[error("the operating system returned no random bytes")]
    Failed,
}

fn malformed_der(algorithm: Algorithm) -> String {
    match algorithm.family() {
        Family::Ecdsa(_) => {
            format!("expected a signature for {algorithm} in DER, found other bytes")
        }
        _ => format!("expected an ECDSA algorithm for a signature in DER, found {algorithm}"),
    }
}

impl SignError {
    /// Returns a name of the variant that stays the same across releases, for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Payload(_) => "payload",
            Self::ShadowedClaim(_) => "shadowed_claim",
            Self::MalformedPayload { .. } => "malformed_payload",
            Self::NullClaim(_) => "null_claim",
            Self::WrongType(_) => "wrong_type",
            Self::ReservedParameter(_) => "reserved_parameter",
            Self::MalformedHeader { .. } => "malformed_header",
            Self::TooLarge { .. } => "too_large",
            Self::AlgorithmMismatch { .. } => "algorithm_mismatch",
            Self::SignatureLength { .. } => "signature_length",
            Self::MalformedDer(_) => "malformed_der",
            Self::Failed => "failed",
        }
    }
}
