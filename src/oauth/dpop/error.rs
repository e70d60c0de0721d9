//! Why a request with a DPoP proof is rejected.

use crate::error::{KeyError, VerifyError};
use crate::oauth::bearer::Rejection;
use crate::replay::ReplayError;

/// Why a request with a DPoP proof is rejected, in the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DpopError {
    /// There is no access token in the scheme `DPoP`.
    #[error("expected an access token in the scheme DPoP, found none")]
    NoToken,
    /// The request has several `Authorization` headers, or a header that is malformed.
    #[error("expected one `Authorization` header with a token, and one `DPoP` header")]
    InvalidRequest,
    /// The URI of the request, which the caller stated, is not an absolute `http` or `https` URI.
    #[error("expected the absolute URI of the request, found another text")]
    InvalidUri,
    /// There is no proof.
    #[error("expected a DPoP proof, found none")]
    NoProof,
    /// There are several proofs.
    #[error("expected one DPoP proof, found several")]
    SeveralProofs,
    /// The proof has no `jwk` in its header.
    #[error("expected a DPoP proof with a `jwk`, found none")]
    NoKey,
    /// The `jwk` of the proof is not a valid public key for its algorithm.
    #[error("the key of the DPoP proof: {0}")]
    Key(KeyError),
    /// The proof has no current nonce.
    #[error("expected a DPoP proof with a current nonce")]
    NonceRequired,
    /// The proof was rejected.
    #[error("the DPoP proof: {0}")]
    Proof(VerifyError),
    /// The access token was rejected. [`VerifyError::Missing`] and [`VerifyError::Mismatch`] of `cnf`
    /// mean that it is not bound, or bound to another key.
    #[error("the access token: {0}")]
    Token(VerifyError),
    /// The proof was used before, or there is no room to record its use.
    #[error("the DPoP proof: {0}")]
    Replay(#[from] ReplayError),
}

impl DpopError {
    /// Returns a name of the variant that stays the same across releases, for logs and metrics. For
    /// [`Token`](Self::Token) and [`Replay`](Self::Replay), it is that of the error inside.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidUri => "dpop_uri",
            Self::NoProof => "dpop_no_proof",
            Self::SeveralProofs => "dpop_several_proofs",
            Self::NoKey => "dpop_no_key",
            Self::Key(_) => "dpop_key",
            Self::NonceRequired => "dpop_nonce_required",
            Self::Proof(_) => "dpop_proof",
            Self::Token(error) => error.code(),
            Self::Replay(error) => error.code(),
        }
    }
}

impl From<&DpopError> for Rejection {
    fn from(error: &DpopError) -> Self {
        match error {
            DpopError::NoToken => Self::NoToken,
            DpopError::InvalidRequest | DpopError::InvalidUri => Self::InvalidRequest,
            DpopError::NonceRequired => Self::UseDpopNonce,
            DpopError::NoProof
            | DpopError::SeveralProofs
            | DpopError::NoKey
            | DpopError::Key(_)
            | DpopError::Proof(_) => Self::InvalidDpopProof,
            DpopError::Token(error) => error.into(),
            DpopError::Replay(ReplayError::Full) => Self::ReplayCheckUnavailable,
            DpopError::Replay(_) => Self::InvalidDpopProof,
        }
    }
}

impl From<DpopError> for Rejection {
    fn from(error: DpopError) -> Self {
        Self::from(&error)
    }
}
