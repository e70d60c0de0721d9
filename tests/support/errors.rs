//! The exact errors of verification, as `Debug` writes them: outside the library, the variants with
//! fields cannot be constructed.

use jwt_ring::{Algorithm, Claim, NumericDate, VerifyError};

/// The error with all its fields.
pub(crate) fn text(error: &VerifyError) -> String {
    format!("{error:?}")
}

pub(crate) fn too_large(limit: usize, found: usize) -> String {
    format!("TooLarge {{ limit: {limit}, found: {found} }}")
}

pub(crate) fn segments(found: usize) -> String {
    format!("Segments {{ found: {found} }}")
}

pub(crate) fn malformed_header(reason: &str) -> String {
    format!("MalformedHeader {{ reason: {reason:?} }}")
}

pub(crate) fn unsupported_extension(parameter: &str) -> String {
    format!("UnsupportedExtension {{ parameter: {parameter:?} }}")
}

pub(crate) fn unsupported_algorithm() -> String {
    text(&VerifyError::UnsupportedAlgorithm)
}

pub(crate) fn algorithm_not_allowed(found: Algorithm) -> String {
    format!("AlgorithmNotAllowed {{ found: {found:?} }}")
}

pub(crate) fn algorithm_mismatch(expected: Algorithm, found: Algorithm) -> String {
    format!("AlgorithmMismatch {{ expected: {expected:?}, found: {found:?} }}")
}

pub(crate) fn malformed_signature(reason: &str) -> String {
    format!("MalformedSignature {{ reason: {reason:?} }}")
}

pub(crate) fn invalid_signature() -> String {
    text(&VerifyError::InvalidSignature)
}

pub(crate) fn typ_mismatch(expected: &[&str]) -> String {
    format!("TypMismatch {{ expected: {expected:?} }}")
}

pub(crate) fn nested_token() -> String {
    text(&VerifyError::NestedToken)
}

pub(crate) fn malformed_payload(reason: &str) -> String {
    format!("MalformedPayload {{ reason: {reason:?} }}")
}

pub(crate) fn wrong_type(claim: Claim) -> String {
    text(&VerifyError::WrongType(claim))
}

pub(crate) fn missing(claim: Claim) -> String {
    text(&VerifyError::Missing(claim))
}

pub(crate) fn expired(at: impl Time, now: impl Time) -> String {
    let (at, now) = (at.date(), now.date());
    format!("Expired {{ at: {at:?}, now: {now:?} }}")
}

pub(crate) fn not_yet_valid(at: impl Time, now: impl Time) -> String {
    let (at, now) = (at.date(), now.date());
    format!("NotYetValid {{ at: {at:?}, now: {now:?} }}")
}

pub(crate) fn issued_in_future(at: impl Time, now: impl Time) -> String {
    let (at, now) = (at.date(), now.date());
    format!("IssuedInFuture {{ at: {at:?}, now: {now:?} }}")
}

pub(crate) fn too_old(claim: Claim, at: impl Time, now: impl Time) -> String {
    let (at, now) = (at.date(), now.date());
    format!("TooOld {{ claim: {claim:?}, at: {at:?}, now: {now:?} }}")
}

pub(crate) fn mismatch(claim: Claim, expected: &[&str]) -> String {
    format!("Mismatch {{ claim: {claim:?}, expected: {expected:?} }}")
}

pub(crate) fn custom_claims(member: Option<&str>, problem: &str) -> String {
    format!("CustomClaims {{ member: {member:?}, problem: {problem:?} }}")
}

/// A date, or its seconds.
pub(crate) trait Time {
    fn date(self) -> NumericDate;
}

impl Time for NumericDate {
    fn date(self) -> NumericDate {
        self
    }
}

impl Time for i64 {
    fn date(self) -> NumericDate {
        NumericDate::from_seconds(self)
    }
}
