//! Verifies the ID tokens of refreshes.

use serde::de::DeserializeOwned;

use super::IdTokenClaims;
use super::verifier::{Verifier, audiences, mismatch};
use crate::claim::Claim;
use crate::claims::Payload;
use crate::error::VerifyError;
use crate::keys::Keys;
use crate::token::Token;

impl Verifier {
    /// Verifies the ID token of a refresh against the first one (OpenID Connect Core §12.2). The user
    /// did not authenticate again, so `max_age` is not checked.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify), and [`VerifyError::Mismatch`] for
    /// another `iss`, `sub`, `aud`, `nonce`, `auth_time` or `azp`, or an earlier `iat`.
    pub fn verify_refreshed<C: DeserializeOwned, T>(
        &self,
        token: &str,
        keys: &dyn Keys,
        first: &IdTokenClaims<T>,
    ) -> Result<Token<C>, VerifyError> {
        let check_values = &mut |payload: &Payload<'_>, _| {
            let is =
                |claim, expected: &str| payload.get(claim).is_some_and(|found| found.is(expected));
            // They need not be repeated.
            let is_or_missing = |claim, expected: Option<&str>| {
                payload
                    .get(claim)
                    .is_none_or(|found| expected.is_some_and(|expected| found.is(expected)))
            };
            let auth_time = payload.date(Claim::AuthTime)?;
            let first_party = first.authorized_party.as_deref();
            for (claim, is_same) in [
                (
                    Claim::IssuedAt,
                    payload.date(Claim::IssuedAt)? >= Some(first.issued_at),
                ),
                (Claim::Issuer, is(Claim::Issuer, &first.issuer)),
                (
                    Claim::Audience,
                    audiences(payload) == first.audience.iter().map(String::from).collect(),
                ),
                (Claim::Subject, is(Claim::Subject, &first.subject)),
                (
                    Claim::AuthorizedParty,
                    match first_party {
                        None => !payload.has(Claim::AuthorizedParty),
                        Some(party) => is(Claim::AuthorizedParty, party),
                    },
                ),
                (
                    Claim::AuthTime,
                    auth_time.is_none() || auth_time == first.auth_time,
                ),
                (
                    Claim::Nonce,
                    is_or_missing(Claim::Nonce, first.nonce.as_deref()),
                ),
            ] {
                if !is_same {
                    return Err(mismatch(claim));
                }
            }
            Ok(())
        };
        let (mut buffer, mut slot) = (Vec::new(), None);
        let checked = self.check_with(
            token,
            keys,
            &mut buffer,
            &mut slot,
            &|_| Ok(()),
            check_values,
        )?;
        checked.into_token()
    }
}
