//! Logout tokens (OpenID Connect Back-Channel Logout 1.0): verifying in a client.
//!
//! ```
//! use jwt_ring::oauth::logout_token::{self, LogoutTokenClaims};
//! use jwt_ring::replay::ReplayGuard;
//! # use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock};
//! # let key = SigningKey::generate(Algorithm::ES256)?;
//! # let keys = key.verifying_key();
//! # let claims = Claims::new(&SystemClock, std::time::Duration::from_secs(120))
//! #     .issuer("https://issuer.example").subject("user-42").audience("web-shop").jwt_id("bWJq")
//! #     .custom(serde_json::json!({
//! #         "sid": "08a5019c-17e1",
//! #         "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
//! #     }));
//! # let logout_token = Signer::new(key).typ("logout+jwt").sign(&claims)?;
//! let verifier = logout_token::Verifier::new("https://issuer.example", "web-shop");
//! let guard = ReplayGuard::new(100_000);
//! let token = verifier.verify::<LogoutTokenClaims>(&logout_token, &keys)?.first_use(&guard)?;
//! let claims = token.into_claims();
//! // End this session of the user. Without `sid`, end all.
//! assert_eq!(claims.subject.as_deref(), Some("user-42"));
//! assert_eq!(claims.session_id.as_deref(), Some("08a5019c-17e1"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A provider may send the same token again. End the session before the use is recorded, or record both in
//! one transaction: if the use is recorded and ending the session then fails, the next attempt is a replay.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::claim::Claim;
use crate::claims::{Audience, Payload};
use crate::error::VerifyError;
use crate::keys::Keys;
use crate::numeric_date::NumericDate;
use crate::oauth::events::check_events;
use crate::oauth::one_time::{mismatch, one_time};
use crate::oauth::profile::profile_claims;
use crate::replay::OneTime;
use crate::token::Token;
use crate::verifier;

/// The event that a logout token states (§2.4).
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

profile_claims! {
    /// The claims of a logout token (OpenID Connect Back-Channel Logout §2.4).
    pub struct LogoutTokenClaims in logout_token_claims {
        /// `iss`, the issuer.
        issuer: String = "iss",
        /// `sub`, the subject: the user who logs out.
        subject: Option<String> = "sub",
        /// `aud`, the audience: the client.
        audience: Audience = "aud",
        /// `exp`, the time from which the token is rejected.
        expiration: NumericDate = "exp",
        /// `iat`, the time at which the token was issued.
        issued_at: NumericDate = "iat",
        /// `jti`, the identifier of the token.
        jwt_id: String = "jti",
        /// `sid`, the session that ends. If it is absent, all sessions of the user end.
        session_id: Option<String> = "sid",
        /// `events`, with the member `http://schemas.openid.net/event/backchannel-logout`.
        events: Map<String, Value> = "events",
        /// `nbf`, the time before which the token is rejected.
        not_before: Option<NumericDate> = "nbf",
    }
}

/// Verifies logout tokens (OpenID Connect Back-Channel Logout §2.6).
///
/// A token has `iss`, `iat`, `exp`, `jti`, the client as its only audience, the event of a logout in
/// `events`, `sub` or `sid`, and no `nonce`. Its `typ` is `logout+jwt`, `JWT` or absent, because the
/// specification only recommends the first.
#[derive(Clone, Debug)]
#[must_use = "a verifier does nothing until `verify` is called"]
pub struct Verifier {
    verifier: verifier::Verifier,
    issuer: String,
    client_id: String,
    /// The verifier with the rules of the profile.
    profile: verifier::Verifier,
}

impl Verifier {
    /// Makes a verifier of the tokens that the issuer sends to the client.
    pub fn new(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        let (issuer, client_id) = (issuer.into(), client_id.into());
        let verifier = verifier::Verifier::new()
            .issuer(&*issuer)
            .sole_audience(&*client_id);
        Self {
            profile: with_profile(&verifier, &issuer, &client_id),
            verifier,
            issuer,
            client_id,
        }
    }

    /// Changes the verifier that this one wraps, for instance its leeway or its clock. The profile
    /// still sets `typ` and the required claims, and compares the issuer and an audience. With
    /// [`audience`](crate::Verifier::audience), a token may have further audiences.
    pub fn map_verifier(
        mut self,
        change: impl FnOnce(verifier::Verifier) -> verifier::Verifier,
    ) -> Self {
        self.verifier = change(self.verifier);
        self.profile = with_profile(&self.verifier, &self.issuer, &self.client_id);
        self
    }

    /// Verifies a logout token. The caller must check that the user or the session is known.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify), with [`VerifyError::Missing`] for `sub`
    /// if there is no `sid` either, [`VerifyError::Unexpected`] for a `nonce`, and
    /// [`VerifyError::Mismatch`] for `events` without a logout, or a `jti` that is empty or longer than
    /// 256 bytes.
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        keys: &dyn Keys,
    ) -> Result<OneTime<Token<C>>, VerifyError> {
        let (mut buffer, mut slot) = (Vec::new(), None);
        let profile = &mut |payload: &Payload<'_>, _| check_profile(payload);
        let checked = self
            .profile
            .check_with(token, keys, &mut buffer, &mut slot, profile)?;
        one_time(checked, "logout-token", self.profile.leeway_of())
    }
}

fn check_profile(payload: &Payload<'_>) -> Result<(), VerifyError> {
    payload.check_type(Claim::SessionId)?;
    let mut is_logout = false;
    check_events(payload, &mut |name| is_logout |= name == LOGOUT)?;
    if !payload.has(Claim::Subject) && !payload.has(Claim::SessionId) {
        return Err(VerifyError::Missing(Claim::Subject));
    }
    if payload.has(Claim::Nonce) {
        return Err(VerifyError::Unexpected(Claim::Nonce));
    }
    match is_logout {
        true => Ok(()),
        false => Err(mismatch(Claim::Events, &[LOGOUT])),
    }
}

fn with_profile(
    verifier: &verifier::Verifier,
    issuer: &str,
    client_id: &str,
) -> verifier::Verifier {
    verifier
        .clone()
        .with_parties(issuer, [client_id], false)
        .with_typs(&["logout+jwt", "JWT"], true)
        .require(Claim::Expiration)
        .require(Claim::IssuedAt)
        .require(Claim::Issuer)
        .require(Claim::Audience)
        .require(Claim::JwtId)
}
