//! What the verifiers of one-time tokens share.

use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::claim::Claim;
use crate::error::VerifyError;
use crate::json::Value;
use crate::replay::{OneTime, ReplayKey};
use crate::token::Token;
use crate::verifier::Checked;

/// The longest `jti`, in bytes.
pub(super) const MAX_JWT_ID: usize = 256;

/// Reads a token that passed all other checks. It requires `iss`, `jti` and `exp`; `kind` separates the
/// kinds of tokens from each other.
pub(super) fn one_time<C: DeserializeOwned>(
    checked: Checked<'_, '_>,
    kind: &str,
    leeway: Duration,
) -> Result<OneTime<Token<C>>, VerifyError> {
    let string = |claim| {
        let value = checked.payload.get(claim).and_then(Value::string);
        value.ok_or(VerifyError::Missing(claim))
    };
    let (issuer, jwt_id) = (string(Claim::Issuer)?, string(Claim::JwtId)?);
    if !(1..=MAX_JWT_ID).contains(&jwt_id.len()) {
        return Err(mismatch(Claim::JwtId, &[]));
    }
    let expiration = checked.times.expiration;
    let expiration = expiration.ok_or(VerifyError::Missing(Claim::Expiration))?;
    // From then on, the verifier rejects the token.
    let until = expiration.saturating_add(leeway);
    let key = ReplayKey::new(kind, &issuer, &jwt_id, until);
    let now = checked.now;
    Ok(OneTime::new(checked.into_token()?, key, now))
}

pub(super) fn mismatch(claim: Claim, expected: &[&str]) -> VerifyError {
    let expected = expected.iter().map(|value| (*value).to_owned()).collect();
    VerifyError::Mismatch { claim, expected }
}
