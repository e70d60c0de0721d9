//! The answer to a security event token that is rejected.

use crate::claim::Claim;
use crate::error::{KeyLookupError, VerifyError};

/// Why a recipient rejects a security event token that was delivered to it (RFC 8935 §2.4, also for
/// RFC 8936): the `err` of the response, whose `description` can be the text of this error.
///
/// ```
/// use jwt_ring::VerifyError;
/// use jwt_ring::oauth::security_event::DeliveryError;
///
/// let (status, body) = match DeliveryError::of(&VerifyError::InvalidSignature) {
///     Some(error) => {
///         let body = serde_json::json!({ "err": error.code(), "description": error.to_string() });
///         (400, body.to_string())
///     }
///     // The keys are unavailable: the transmitter must send the token again.
///     None => (503, String::new()),
/// };
/// assert_eq!(status, 400);
/// assert!(body.contains(r#""err":"invalid_key""#));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// `invalid_request`: the token is malformed, or lacks what RFC 8417 requires.
    #[error("the request has no valid security event token")]
    InvalidRequest,
    /// `invalid_key`: the token was not signed with an acceptable key.
    #[error("the security event token is not signed with an acceptable key")]
    InvalidKey,
    /// `invalid_issuer`: the issuer is not one that the recipient accepts.
    #[error("the issuer of the security event token is not accepted")]
    InvalidIssuer,
    /// `invalid_audience`: the token is for others.
    #[error("the security event token is for another audience")]
    InvalidAudience,
    /// `authentication_failed`: the transmitter did not authenticate.
    #[error("the transmitter is not authenticated")]
    AuthenticationFailed,
    /// `access_denied`: the transmitter may not send tokens to the recipient.
    #[error("the transmitter is not authorized")]
    AccessDenied,
}

impl DeliveryError {
    /// Returns the error for a token that a [`Verifier`](super::Verifier) rejected. `None` if the
    /// keys are unavailable, which is not an error of the token: answer with the status 503, so
    /// that it is sent again.
    #[must_use]
    pub fn of(error: &VerifyError) -> Option<Self> {
        Some(match error {
            VerifyError::KeyLookup(KeyLookupError::Unavailable { .. }) => return None,
            VerifyError::KeyLookup(_)
            | VerifyError::UnsupportedAlgorithm
            | VerifyError::AlgorithmNotAllowed { .. }
            | VerifyError::AlgorithmMismatch { .. }
            | VerifyError::InvalidSignature => Self::InvalidKey,
            VerifyError::UnknownIssuer => Self::InvalidIssuer,
            VerifyError::Mismatch { claim, .. } if *claim == Claim::Issuer => Self::InvalidIssuer,
            VerifyError::Mismatch { claim, .. } if *claim == Claim::Audience => {
                Self::InvalidAudience
            }
            // RFC 8417 does not require it, so the token itself is valid.
            VerifyError::Missing(Claim::Audience) => Self::InvalidAudience,
            _ => Self::InvalidRequest,
        })
    }

    /// Returns the error code of RFC 8935 §2.4, for instance `invalid_request`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidKey => "invalid_key",
            Self::InvalidIssuer => "invalid_issuer",
            Self::InvalidAudience => "invalid_audience",
            Self::AuthenticationFailed => "authentication_failed",
            Self::AccessDenied => "access_denied",
        }
    }
}
