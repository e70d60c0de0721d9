//! Errors of looking up a key.

use std::error::Error;
use std::sync::Arc;

/// Why there is no key to verify a token with.
///
/// Implementations of [`Keys`](crate::Keys) return it; verifiers return it in
/// [`VerifyError::KeyLookup`](crate::VerifyError::KeyLookup).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyLookupError {
    /// No key matches the token.
    #[error("no key matches the token's `kid` and `alg`")]
    Unknown,
    /// Several keys match the token.
    #[error("several keys match the token, and its `kid` does not select one")]
    Ambiguous,
    /// The keys could not be obtained. Made by [`KeyLookupError::unavailable`].
    #[error("verification keys are unavailable")]
    #[non_exhaustive]
    Unavailable {
        /// What prevented it.
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl KeyLookupError {
    /// Makes the error for keys that could not be obtained.
    ///
    /// ```
    /// use jwt_ring::KeyLookupError;
    ///
    /// let error = KeyLookupError::unavailable("the issuer does not answer");
    /// assert_eq!(error.code(), "keys_unavailable");
    /// ```
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable {
            source: Arc::from(source.into()),
        }
    }

    /// Returns a name of the variant that stays the same across releases, for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown_key",
            Self::Ambiguous => "ambiguous_key",
            Self::Unavailable { .. } => "keys_unavailable",
        }
    }
}

impl PartialEq for KeyLookupError {
    /// Compares sources by pointer: clones are equal.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unavailable { source: one }, Self::Unavailable { source: other }) => {
                Arc::ptr_eq(one, other)
            }
            _ => self.code() == other.code(),
        }
    }
}

impl Eq for KeyLookupError {}
