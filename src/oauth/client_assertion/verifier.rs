//! Verifies client assertions.

use std::time::Duration;

use serde::de::DeserializeOwned;

use super::TYP;
use crate::claim::Claim;
use crate::claims::Payload;
use crate::error::VerifyError;
use crate::keys::Keys;
use crate::numeric_date::NumericDate;
use crate::oauth::one_time::{mismatch, one_time};
use crate::replay::OneTime;
use crate::token::Token;
use crate::verifier;

/// Verifies client assertions as an authorization server must (RFC 7523 §3,
/// draft-ietf-oauth-rfc7523bis-11 §4).
///
/// | what | rule |
/// |---|---|
/// | `typ` | `client-authentication+jwt`, `JWT` or absent, since clients that set no `typ` are common |
/// | `iss`, `sub` | the client |
/// | `aud` | the issuer identifier of the server, as a string or an array of one |
/// | `exp` | required, and at most [`max_lifetime`](Self::max_lifetime) after now, and after `iat` if that is present |
/// | `jti` | required, of 1 to 256 bytes |
#[derive(Clone, Debug)]
#[must_use = "a verifier does nothing until `verify` is called"]
pub struct Verifier {
    verifier: verifier::Verifier,
    issuer: String,
    max_lifetime: Duration,
    /// The verifier with the rules of the profile.
    profile: verifier::Verifier,
}

impl Verifier {
    /// Makes a verifier for an authorization server with this issuer identifier (RFC 8414 §2).
    pub fn new(issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        let verifier = verifier::Verifier::new();
        Self {
            profile: with_profile(&verifier, &issuer),
            verifier,
            issuer,
            max_lifetime: Duration::from_secs(300),
        }
    }

    /// Changes the verifier that this one wraps, for instance its leeway, its clock or the
    /// algorithms. The profile still sets `typ`, the audience and the required claims.
    pub fn map_verifier(
        mut self,
        change: impl FnOnce(verifier::Verifier) -> verifier::Verifier,
    ) -> Self {
        self.verifier = change(self.verifier);
        self.profile = with_profile(&self.verifier, &self.issuer);
        self
    }

    /// Sets how long an assertion may be valid, to which the leeway is added. Default: 5 minutes.
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.max_lifetime = max_lifetime;
        self
    }

    /// Verifies the assertion of a client, with the keys of that client only: its public keys for
    /// `private_key_jwt`, or the key made of its secret for `client_secret_jwt`.
    ///
    /// Servers of several issuers, with the same client IDs, need a
    /// [`ReplayGuard`](crate::replay::ReplayGuard) each.
    ///
    /// If the request has a `client_id`, it must be this client (RFC 7521 §4.2).
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify), with [`VerifyError::LifetimeTooLong`]
    /// for an `exp` that is too late, and [`VerifyError::Mismatch`] for another client, or a `jti` that is
    /// empty or too long.
    pub fn verify<C: DeserializeOwned>(
        &self,
        assertion: &str,
        client_id: &str,
        keys: &dyn Keys,
    ) -> Result<OneTime<Token<C>>, VerifyError> {
        let (mut buffer, mut slot) = (Vec::new(), None);
        let profile = &mut |payload: &Payload<'_>, now| {
            self.check_lifetime(payload, now)?;
            for claim in [Claim::Issuer, Claim::Subject] {
                if !payload.get(claim).is_some_and(|found| found.is(client_id)) {
                    return Err(mismatch(claim, &[client_id]));
                }
            }
            Ok(())
        };
        let checked = self
            .profile
            .check_with(assertion, keys, &mut buffer, &mut slot, profile)?;
        one_time(checked, "client-assertion", self.profile.leeway_of())
    }

    /// An assertion without `iat` may have been issued now.
    fn check_lifetime(&self, payload: &Payload<'_>, now: NumericDate) -> Result<(), VerifyError> {
        let issued_at = payload.date(Claim::IssuedAt)?.map_or(now, |at| at.min(now));
        let max = self.max_lifetime;
        let latest = issued_at.saturating_add(max.saturating_add(self.profile.leeway_of()));
        match payload.date(Claim::Expiration)? {
            Some(expiration) if expiration > latest => Err(VerifyError::LifetimeTooLong {
                issued_at,
                expiration,
                max,
            }),
            _ => Ok(()),
        }
    }
}

fn with_profile(verifier: &verifier::Verifier, issuer: &str) -> verifier::Verifier {
    verifier
        .clone()
        .with_typs(&[TYP, "JWT"], true)
        .sole_audience(issuer)
        .require(Claim::Expiration)
        .require(Claim::Issuer)
        .require(Claim::Subject)
        .require(Claim::JwtId)
}
