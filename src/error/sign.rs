//! What can go wrong in signing.

use crate::algorithm::Algorithm;

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
