//! Verifies ID tokens.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::{IdTokenClaims, access_token_hash};
use crate::caching::{Cacheable, CachingVerifier};
use crate::claim::Claim;
use crate::claims::Payload;
use crate::error::VerifyError;
use crate::issuers::ForIssuer;
use crate::json::Value;
use crate::keys::Keys;
use crate::numeric_date::NumericDate;
use crate::token::Token;
use crate::verifier::{self, Checked, PerCall};

/// Verifies ID tokens as a client must (OpenID Connect Core §3.1.3.7).
///
/// A token has the issuer, `sub`, `iat` and `exp`, the client among its audiences, and the `nonce` of
/// the request. A token with `events` is rejected, as a logout token.
///
/// Google's ID tokens need the issuers `https://accounts.google.com` and `accounts.google.com`; those
/// of Firebase the issuer `https://securetoken.google.com/PROJECT` and the client ID `PROJECT`:
///
/// ```
/// use jwt_ring::oauth::id_token;
///
/// let client_id = "1234-abcd.apps.googleusercontent.com";
/// let google = id_token::Verifier::new("https://accounts.google.com", client_id)
///     .map_verifier(|verifier| verifier.issuer("accounts.google.com"))
///     // The app for Android requests tokens for the client ID of the server.
///     .trust_authorized_party("1234-android.apps.googleusercontent.com");
/// let firebase = id_token::Verifier::new("https://securetoken.google.com/acme", "acme");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a verifier does nothing until `verify` is called"]
pub struct Verifier {
    verifier: verifier::Verifier,
    /// The verifier with the rules of the profile.
    profile: verifier::Verifier,
    issuer: String,
    /// The client, and others of the same application. Never empty.
    client_ids: Vec<String>,
    trusted_audiences: Vec<String>,
    authorized_parties: Vec<String>,
    max_age: Option<Duration>,
}

/// The claims of the profile whose types are checked.
const OF_PROFILE: [Claim; 6] = [
    Claim::Nonce,
    Claim::AuthorizedParty,
    Claim::AuthTime,
    Claim::AccessTokenHash,
    Claim::Acr,
    Claim::Amr,
];

impl Verifier {
    /// Makes a verifier of the tokens that the issuer issues to the client.
    pub fn new(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        let (issuer, client_id) = (issuer.into(), client_id.into());
        let verifier = verifier::Verifier::new()
            .issuer(&*issuer)
            .audience(&*client_id);
        let client_ids = vec![client_id.clone()];
        Self {
            profile: with_profile(&verifier, &issuer, &client_ids),
            verifier,
            issuer,
            client_ids,
            authorized_parties: vec![client_id],
            trusted_audiences: Vec::new(),
            max_age: None,
        }
    }

    /// Changes the verifier that this one wraps, for instance its leeway, its clock or further
    /// issuers. The profile still sets `typ` and the required claims, and compares the issuer and
    /// the client.
    pub fn map_verifier(
        mut self,
        change: impl FnOnce(verifier::Verifier) -> verifier::Verifier,
    ) -> Self {
        self.verifier = change(self.verifier);
        self.profile = with_profile(&self.verifier, &self.issuer, &self.client_ids);
        self
    }

    /// Accepts the tokens of another client of the same application as well.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        let client_id = client_id.into();
        self.authorized_parties.push(client_id.clone());
        self.verifier = self.verifier.with_alternative(&client_id);
        self.client_ids.push(client_id);
        self.profile = with_profile(&self.verifier, &self.issuer, &self.client_ids);
        self
    }

    /// Accepts an audience beside the client. Default: none, so that a token for others as well is
    /// rejected.
    pub fn trust_audience(mut self, audience: impl Into<String>) -> Self {
        self.trusted_audiences.push(audience.into());
        self
    }

    /// Accepts another client as `azp`. Default: the client alone.
    pub fn trust_authorized_party(mut self, client_id: impl Into<String>) -> Self {
        self.authorized_parties.push(client_id.into());
        self
    }

    /// Sets how long ago the user may have authenticated, and requires `auth_time`: for clients that
    /// sent `max_age` with the request.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Verifies the ID token for a request with this `nonce`, or without one.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify), with
    /// [`VerifyError::UnexpectedAudience`] for an audience that is not trusted,
    /// [`VerifyError::Unexpected`] for `events` or a `nonce` that was not sent, and
    /// [`VerifyError::Missing`], [`VerifyError::Mismatch`] or [`VerifyError::TooOld`] for `azp`,
    /// `auth_time` and `nonce`.
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        keys: &dyn Keys,
        nonce: Option<&str>,
    ) -> Result<Token<C>, VerifyError> {
        let (mut buffer, mut slot) = (Vec::new(), None);
        let checked = self.check(token, keys, &mut buffer, &mut slot, nonce)?;
        checked.into_token()
    }

    /// Caches up to `capacity` verified tokens, whose claims are of type `C`: for services that
    /// receive the same ID token with each request, such as those of Firebase. The `nonce` is
    /// compared on each call.
    pub fn cached<C>(self, capacity: usize) -> CachingVerifier<C, Self> {
        CachingVerifier::new(self, capacity)
    }

    /// Checks that the access token is the one that the ID token was issued with: its hash is
    /// `at_hash` (OpenID Connect Core §3.1.3.8).
    ///
    /// # Errors
    ///
    /// [`VerifyError::Missing`] if there is no `at_hash`, [`VerifyError::Mismatch`] if it is that of
    /// another access token.
    pub fn check_access_token<T>(
        &self,
        token: &Token<IdTokenClaims<T>>,
        access_token: &str,
    ) -> Result<(), VerifyError> {
        let claim = Claim::AccessTokenHash;
        let Some(found) = &token.claims().access_token_hash else {
            return Err(VerifyError::Missing(claim));
        };
        if *found != access_token_hash(token.header().algorithm(), access_token) {
            return Err(mismatch(claim));
        }
        Ok(())
    }

    fn check<'a, 'b>(
        &self,
        token: &str,
        keys: &'a dyn Keys,
        buffer: &'b mut Vec<u8>,
        slot: &'a mut Option<Payload<'b>>,
        nonce: Option<&str>,
    ) -> Result<Checked<'a, 'b>, VerifyError> {
        let check_presence = &|payload: &Payload<'_>| {
            if self.max_age.is_some() && !payload.has(Claim::AuthTime) {
                return Err(VerifyError::Missing(Claim::AuthTime));
            }
            check_nonce_presence(nonce, payload.has(Claim::Nonce))
        };
        let mut per_call = PerCall::default();
        let check_values = &mut |payload: &Payload<'_>, now| {
            let found = payload.get(Claim::Nonce).and_then(Value::string);
            per_call.nonce = found.map(Cow::into_owned);
            per_call.auth_time = payload.date(Claim::AuthTime)?;
            self.check_call(&per_call, now, nonce)
        };
        let mut checked =
            self.check_with(token, keys, buffer, slot, check_presence, check_values)?;
        checked.per_call = per_call;
        Ok(checked)
    }

    /// Checks the values that depend on the time or on the call.
    fn check_call(
        &self,
        per_call: &PerCall,
        now: NumericDate,
        nonce: Option<&str>,
    ) -> Result<(), VerifyError> {
        if let Some(at) = per_call.auth_time {
            self.check_auth_time(at, now)?;
        }
        match per_call.nonce.as_deref() == nonce {
            true => Ok(()),
            false => Err(mismatch(Claim::Nonce)),
        }
    }

    /// Checks types, then presence, then values.
    pub(super) fn check_with<'a, 'b>(
        &self,
        token: &str,
        keys: &'a dyn Keys,
        buffer: &'b mut Vec<u8>,
        slot: &'a mut Option<Payload<'b>>,
        check_presence: &dyn Fn(&Payload<'_>) -> Result<(), VerifyError>,
        check_values: &mut dyn FnMut(&Payload<'_>, NumericDate) -> Result<(), VerifyError>,
    ) -> Result<Checked<'a, 'b>, VerifyError> {
        let profile = &mut |payload: &Payload<'_>, now| {
            for claim in OF_PROFILE {
                payload.check_type(claim)?;
            }
            if payload.has(Claim::Events) {
                return Err(VerifyError::Unexpected(Claim::Events));
            }
            let audiences = audiences(payload);
            let has_party = payload.has(Claim::AuthorizedParty);
            if audiences.len() > 1 && !has_party {
                return Err(VerifyError::Missing(Claim::AuthorizedParty));
            }
            check_presence(payload)?;
            self.check_audiences(payload, &audiences)?;
            check_values(payload, now)
        };
        self.profile.check_with(token, keys, buffer, slot, profile)
    }

    /// The client must be among the audiences, the others must be trusted, and `azp` must name the
    /// client.
    fn check_audiences(
        &self,
        payload: &Payload<'_>,
        audiences: &BTreeSet<String>,
    ) -> Result<(), VerifyError> {
        if !self.client_ids.iter().any(|id| audiences.contains(id)) {
            let (claim, expected) = (Claim::Audience, self.client_ids.clone());
            return Err(VerifyError::Mismatch { claim, expected });
        }
        let is_known =
            |one: &String| self.client_ids.contains(one) || self.trusted_audiences.contains(one);
        if !audiences.iter().all(is_known) {
            return Err(VerifyError::UnexpectedAudience);
        }
        let claim = Claim::AuthorizedParty;
        match payload.get(claim) {
            Some(found) if !found.is_one_of(&self.authorized_parties) => {
                let expected = self.authorized_parties.clone();
                Err(VerifyError::Mismatch { claim, expected })
            }
            _ => Ok(()),
        }
    }

    fn check_auth_time(&self, at: NumericDate, now: NumericDate) -> Result<(), VerifyError> {
        let Some(max_age) = self.max_age else {
            return Ok(());
        };
        let leeway = self.verifier.leeway_of();
        if at > now.saturating_add(leeway) {
            return Err(VerifyError::IssuedInFuture { at, now });
        }
        if now > at.saturating_add(max_age.saturating_add(leeway)) {
            let claim = Claim::AuthTime;
            return Err(VerifyError::TooOld { claim, at, now });
        }
        Ok(())
    }
}

impl<C: DeserializeOwned> CachingVerifier<C, Verifier> {
    /// Verifies an ID token like [`id_token::Verifier::verify`](Verifier::verify). The `nonce` of the
    /// request is not cached.
    ///
    /// # Errors
    ///
    /// Those of [`id_token::Verifier::verify`](Verifier::verify).
    pub fn verify(
        &self,
        token: &str,
        keys: &dyn Keys,
        nonce: Option<&str>,
    ) -> Result<Arc<Token<C>>, VerifyError> {
        if let Some((entry, now)) = self.find(token, keys)? {
            check_nonce_presence(nonce, entry.per_call.nonce.is_some())?;
            self.verifier.check_call(&entry.per_call, now, nonce)?;
            return Ok(Arc::clone(&entry.token));
        }
        let (mut buffer, mut slot) = (Vec::new(), None);
        let checked = self
            .verifier
            .check(token, keys, &mut buffer, &mut slot, nonce)?;
        self.keep(token, checked)
    }
}

impl Cacheable for Verifier {
    fn core(&self, _per_call: &PerCall) -> Option<&verifier::Verifier> {
        Some(&self.profile)
    }
}

impl ForIssuer for Verifier {
    fn for_issuer(mut self, issuer: &str) -> Self {
        issuer.clone_into(&mut self.issuer);
        self.map_verifier(|verifier| verifier.sole_issuer(issuer))
    }
}

fn check_nonce_presence(nonce: Option<&str>, is_present: bool) -> Result<(), VerifyError> {
    match (nonce, is_present) {
        (None, true) => Err(VerifyError::Unexpected(Claim::Nonce)),
        (Some(_), false) => Err(VerifyError::Missing(Claim::Nonce)),
        _ => Ok(()),
    }
}

fn with_profile(
    verifier: &verifier::Verifier,
    issuer: &str,
    client_ids: &[String],
) -> verifier::Verifier {
    verifier
        .clone()
        .with_parties(issuer, client_ids.iter().map(String::as_str), false)
        .with_typs(&["JWT"], true)
        .require(Claim::Expiration)
        .require(Claim::IssuedAt)
        .require(Claim::Issuer)
        .require(Claim::Audience)
        .require(Claim::Subject)
}

/// Returns the audiences in any order.
pub(super) fn audiences(payload: &Payload<'_>) -> BTreeSet<String> {
    let Some(audience) = payload.get(Claim::Audience) else {
        return BTreeSet::new();
    };
    match audience.elements() {
        Some(all) => all
            .filter_map(|one| Some(one.string()?.into_owned()))
            .collect(),
        None => audience.string().into_iter().map(Into::into).collect(),
    }
}

pub(super) fn mismatch(claim: Claim) -> VerifyError {
    let expected = Vec::new();
    VerifyError::Mismatch { claim, expected }
}
