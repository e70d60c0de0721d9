//! What to do about a check that failed.

use jwt_ring::{Claim, KeyLookupError, VerifyError};

/// Returns a remedy, unless the error names one or there is none.
pub(crate) fn remedy(error: &VerifyError) -> Option<&'static str> {
    Some(match error {
        VerifyError::Segments { .. }
        | VerifyError::MalformedHeader { .. }
        | VerifyError::MalformedSignature { .. }
        | VerifyError::MalformedPayload { .. } => {
            "copy the token as a whole, without `Bearer` or quotes; if it is complete, correct the issuer"
        }
        VerifyError::UnsupportedAlgorithm => {
            "have the issuer sign with a supported algorithm, for instance ES256; `none` is never accepted"
        }
        VerifyError::KeyLookup(KeyLookupError::Unknown) => {
            "fetch the issuer's key set again, or check that it is this issuer's"
        }
        VerifyError::KeyLookup(KeyLookupError::Ambiguous) => {
            "select a key by --pem, or have the issuer write `kid`"
        }
        VerifyError::AlgorithmMismatch { .. } => {
            "load the key for the algorithm that the issuer documents"
        }
        VerifyError::InvalidSignature => {
            "check that key and token are of the same issuer, and that the token is complete"
        }
        VerifyError::TypMismatch { .. } => "give --typ if tokens of this kind are accepted here",
        VerifyError::WrongType(_) => {
            "correct the issuer; for `null`, there is `Verifier::null_as_missing`"
        }
        VerifyError::Missing(Claim::Expiration) => {
            "have the issuer write it, or use `Verifier::allow_missing_expiration`"
        }
        VerifyError::Missing(_) => "have the issuer write it, or do not expect it",
        VerifyError::Expired { .. } => {
            "obtain a new token; if clocks differ, use `Verifier::leeway`"
        }
        VerifyError::NotYetValid { .. } => "wait; if clocks differ, use `Verifier::leeway`",
        VerifyError::Mismatch { .. } => "compare the claim above with the configuration",
        VerifyError::UnexpectedAudience => "give --audience",
        VerifyError::CustomClaims { .. } => {
            "a number is outside the range of `f64`: a verifier whose type skips this member accepts it"
        }
        _ => return None,
    })
}
