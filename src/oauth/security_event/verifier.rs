//! Verifies security event tokens.

use serde::de::DeserializeOwned;

use super::TYP;
use crate::claim::Claim;
use crate::claims::Payload;
use crate::error::VerifyError;
use crate::keys::Keys;
use crate::oauth::events::{check_events, object};
use crate::token::Token;
use crate::verifier;

/// Verifies security event tokens as a recipient must (RFC 8417 §2).
///
/// A token has the `typ` `secevent+jwt`, the issuer, the audience, `iat`, `jti`, and `events`: an object
/// of objects, which is not empty. `exp` is not required, and a token without it never expires. If it
/// is present, it is honoured as RFC 7519 §4.1.4 requires.
///
/// The types of `toe` (a NumericDate), `txn` (a string) and `sub_id` (an object without duplicate names)
/// are checked if they are present.
///
/// RFC 8417 recommends `aud`, and does not require it. If the issuer leaves it out, and the tokens arrive
/// over a connection that is for this recipient only, accept any audience:
///
/// ```
/// use jwt_ring::oauth::security_event;
///
/// let verifier = security_event::Verifier::new("https://issuer.example", "unused")
///     .map_verifier(|verifier| verifier.any_audience());
/// ```
#[derive(Clone, Debug)]
#[must_use = "a verifier does nothing until `verify` is called"]
pub struct Verifier {
    verifier: verifier::Verifier,
    issuer: String,
    audience: String,
    /// The verifier with the rules of the profile.
    profile: verifier::Verifier,
}

impl Verifier {
    /// Makes a verifier of the tokens that the issuer sends to the audience.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let (issuer, audience) = (issuer.into(), audience.into());
        let verifier = verifier::Verifier::new()
            .issuer(&*issuer)
            .audience(&*audience);
        Self {
            profile: with_profile(&verifier, &issuer, &audience),
            verifier,
            issuer,
            audience,
        }
    }

    /// Changes the verifier that this one wraps, for instance its clock or further audiences. The
    /// profile still sets `typ` and the required claims, and compares the issuer.
    pub fn map_verifier(
        mut self,
        change: impl FnOnce(verifier::Verifier) -> verifier::Verifier,
    ) -> Self {
        self.verifier = change(self.verifier);
        self.profile = with_profile(&self.verifier, &self.issuer, &self.audience);
        self
    }

    /// Verifies a security event token. [`DeliveryError::of`](super::DeliveryError::of) makes an error
    /// the answer to the transmitter.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify), with [`VerifyError::Mismatch`] for
    /// `events` that are empty, and [`VerifyError::WrongType`] for an event that is no object.
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        keys: &dyn Keys,
    ) -> Result<Token<C>, VerifyError> {
        let (mut buffer, mut slot) = (Vec::new(), None);
        let profile = &mut |payload: &Payload<'_>, _| check_profile(payload);
        let checked = self
            .profile
            .check_with(token, keys, &mut buffer, &mut slot, profile)?;
        checked.into_token()
    }
}

fn check_profile(payload: &Payload<'_>) -> Result<(), VerifyError> {
    payload.check_type(Claim::TimeOfEvent)?;
    payload.check_type(Claim::TransactionId)?;
    object(payload, Claim::SubjectId)?;
    check_events(payload, &mut |_| ())
}

fn with_profile(verifier: &verifier::Verifier, issuer: &str, audience: &str) -> verifier::Verifier {
    verifier
        .clone()
        .with_parties(issuer, [audience], true)
        .with_typs(&[TYP], false)
        .allow_missing_expiration()
        .require(Claim::IssuedAt)
        .require(Claim::Issuer)
        .require(Claim::JwtId)
}
