//! Verifies ID tokens.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::{IdTokenClaims, access_token_hash};
use crate::claim::Claim;
use crate::claims::{self, Payload};
use crate::error::VerifyError;
use crate::keys::Keys;
use crate::numeric_date::NumericDate;
use crate::token::Token;
use crate::verifier;

/// Verifies ID tokens as a client must (OpenID Connect Core §3.1.3.7).
///
/// A token has the issuer, `sub`, `iat` and `exp`, the client among its audiences, and the `nonce` of
/// the request. `events` is rejected, which tells a logout token from an ID token.
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
    /// issuers. `typ`, the required claims, and that the issuer and the client are compared stay those
    /// of the profile.
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
        self.verifier = self.verifier.audience(&*client_id);
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
        let presence = |payload: &Payload<'_>| {
            if self.max_age.is_some() && !payload.has(Claim::AuthTime) {
                return Err(VerifyError::Missing(Claim::AuthTime));
            }
            match (nonce, payload.get(Claim::Nonce)) {
                (None, Some(_)) => Err(VerifyError::Unexpected(Claim::Nonce)),
                (Some(_), None) => Err(VerifyError::Missing(Claim::Nonce)),
                _ => Ok(()),
            }
        };
        self.verify_with(token, keys, &presence, &|payload, now| {
            self.check_auth_time(payload, now)?;
            match (nonce, payload.get(Claim::Nonce)) {
                (Some(nonce), Some(found)) if !found.is(nonce) => Err(mismatch(Claim::Nonce)),
                _ => Ok(()),
            }
        })
    }

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
        self.verify_with(token, keys, &|_| Ok(()), &|payload, _| {
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
        })
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

    /// Checks types, then presence, then values.
    fn verify_with<C: DeserializeOwned>(
        &self,
        token: &str,
        keys: &dyn Keys,
        check_presence: &dyn Fn(&Payload<'_>) -> Result<(), VerifyError>,
        check_values: &dyn Fn(&Payload<'_>, NumericDate) -> Result<(), VerifyError>,
    ) -> Result<Token<C>, VerifyError> {
        let (mut buffer, mut payload) = (Vec::new(), Payload::new());
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
        let checked = self
            .profile
            .check_with(token, keys, &mut buffer, &mut payload, profile)?;
        Ok(Token::new(
            checked.header.into_owned(),
            claims::fit(&payload)?,
        ))
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

    fn check_auth_time(&self, payload: &Payload<'_>, now: NumericDate) -> Result<(), VerifyError> {
        let claim = Claim::AuthTime;
        let (Some(max_age), Some(at)) = (self.max_age, payload.date(claim)?) else {
            return Ok(());
        };
        let leeway = self.verifier.leeway_of();
        if at > now.saturating_add(leeway) {
            return Err(VerifyError::IssuedInFuture { at, now });
        }
        let oldest = max_age.saturating_add(self.verifier.leeway_of());
        if now > at.saturating_add(oldest) {
            return Err(VerifyError::TooOld { claim, at, now });
        }
        Ok(())
    }
}

fn with_profile(
    verifier: &verifier::Verifier,
    issuer: &str,
    client_ids: &[String],
) -> verifier::Verifier {
    let client_id = client_ids.first().map_or("", String::as_str);
    verifier
        .clone()
        .with_parties(issuer, client_id, false)
        .with_typs(&["JWT"], true)
        .require(Claim::Expiration)
        .require(Claim::IssuedAt)
        .require(Claim::Issuer)
        .require(Claim::Audience)
        .require(Claim::Subject)
}

/// Returns the audiences in any order.
fn audiences(payload: &Payload<'_>) -> BTreeSet<String> {
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

fn mismatch(claim: Claim) -> VerifyError {
    let expected = Vec::new();
    VerifyError::Mismatch { claim, expected }
}
