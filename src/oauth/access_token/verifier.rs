//! Verifies access tokens.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::TYP;
use crate::caching::{Cacheable, CachingVerifier};
use crate::claim::Claim;
use crate::claims::Payload;
use crate::error::VerifyError;
use crate::issuers::{Check, ForIssuer};
use crate::json;
use crate::keys::Keys;
use crate::oauth::events::object;
use crate::token::Token;
use crate::verifier::{self, Checked, PerCall};

/// Verifies access tokens as a resource server must (RFC 9068 §4).
///
/// A token has the `typ` `at+jwt`, the issuer, the audience, and all claims that RFC 9068 requires.
/// One that is bound to a key (`cnf`) is rejected unless a proof is checked:
/// [`verify_bound`](Self::verify_bound).
///
/// The types of these claims are checked if they are present. More is checked when they are read into
/// [`AccessTokenClaims`](super::AccessTokenClaims):
///
/// | claims | type | into `AccessTokenClaims` |
/// |---|---|---|
/// | `client_id`, `acr`, `token_use` | a string | |
/// | `auth_time` | a NumericDate | |
/// | `cnf` | an object without duplicate names | |
/// | `amr` | an array of strings | |
/// | `scope` | a string, or an array of strings | names as in RFC 6749 §3.3, with one space between two |
/// | `roles`, `groups`, `entitlements` | an array | of strings, or of objects with a string `value` (RFC 7643 §4.1.2) |
///
/// Access tokens that are not RFC 9068 are verified with [`allow_typ_jwt`](Self::allow_typ_jwt), as the
/// [module](super#access-tokens-of-providers) shows for several providers.
#[derive(Clone, Debug)]
#[must_use = "a verifier does nothing until `verify` is called"]
pub struct Verifier {
    verifier: verifier::Verifier,
    /// The issuer and the audience.
    expected: [String; 2],
    allow_typ_jwt: bool,
    /// The verifier with the rules of the profile.
    profile: verifier::Verifier,
}

/// The registered claims that RFC 9068 §2.2 requires.
const REQUIRED: [Claim; 6] = [
    Claim::Expiration,
    Claim::IssuedAt,
    Claim::Issuer,
    Claim::Audience,
    Claim::Subject,
    Claim::JwtId,
];

/// The claims whose types are checked.
const OF_PROFILE: [Claim; 4] = [
    Claim::ClientId,
    Claim::AuthTime,
    Claim::Confirmation,
    Claim::TokenUse,
];

/// The further claims of RFC 9068. In other access tokens, they may be claims of the issuer's own.
const OF_RFC_9068: [Claim; 6] = [
    Claim::Scope,
    Claim::Acr,
    Claim::Amr,
    Claim::Roles,
    Claim::Groups,
    Claim::Entitlements,
];

/// The claims that every access token must have.
const OF_ANY: [Claim; 3] = [Claim::Expiration, Claim::Issuer, Claim::Subject];

/// The claims of ID tokens, logout tokens and security events that access tokens do not have.
const OF_OTHER_TOKENS: [Claim; 5] = [
    Claim::Nonce,
    Claim::AccessTokenHash,
    Claim::CodeHash,
    Claim::StateHash,
    Claim::Events,
];

/// The values of the claim `typ` in the tokens of Keycloak that are no access tokens.
const OTHER_TYPS: [&str; 4] = ["ID", "Refresh", "Offline", "Logout"];

impl Verifier {
    /// Makes a verifier of the tokens that the issuer issues for the audience.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let expected = [issuer.into(), audience.into()];
        let [issuer, audience] = &expected;
        let verifier = verifier::Verifier::new().issuer(issuer).audience(audience);
        Self::with_profile(verifier, expected, false)
    }

    /// Changes the verifier that this one wraps, for instance its leeway, its clock or further
    /// issuers and audiences. The profile still sets `typ` and the required claims, and compares
    /// the issuer and an audience.
    pub fn map_verifier(
        self,
        change: impl FnOnce(verifier::Verifier) -> verifier::Verifier,
    ) -> Self {
        Self::with_profile(change(self.verifier), self.expected, self.allow_typ_jwt)
    }

    /// Accepts access tokens that are not RFC 9068: `typ` may also be `JWT` or absent, and of the
    /// claims only `exp`, `iss`, `sub` and, unless any audience is accepted, `aud` are required.
    ///
    /// `typ` then does not distinguish them from other tokens. So these are rejected: tokens with
    /// `nonce`, `at_hash`, `c_hash`, `s_hash` or `events`, tokens whose `token_use` is not `access`
    /// (Amazon Cognito), and tokens whose claim `typ` is `ID`, `Refresh`, `Offline` or `Logout`
    /// (Keycloak). An ID token without all of these differs from an access token by its audience
    /// alone, so the audience of the API must not be a client ID.
    ///
    /// The types of `scope`, `acr`, `amr`, `roles`, `groups` and `entitlements` are then not
    /// checked.
    pub fn allow_typ_jwt(self) -> Self {
        Self::with_profile(self.verifier, self.expected, true)
    }

    fn with_profile(
        verifier: verifier::Verifier,
        expected: [String; 2],
        allow_typ_jwt: bool,
    ) -> Self {
        let [issuer, audience] = &expected;
        let profile = verifier
            .clone()
            .with_parties(issuer, [&**audience], allow_typ_jwt);
        let (profile, required) = if allow_typ_jwt {
            (profile.with_typs(&[TYP, "JWT"], true), &OF_ANY[..])
        } else {
            (profile.with_typs(&[TYP], false), &REQUIRED[..])
        };
        Self {
            profile: required
                .iter()
                .copied()
                .fold(profile, verifier::Verifier::require),
            verifier,
            expected,
            allow_typ_jwt,
        }
    }

    /// Verifies a bearer token.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify), with [`VerifyError::Unexpected`] for
    /// a token with `cnf`, which requires a proof.
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        keys: &dyn Keys,
    ) -> Result<Token<C>, VerifyError> {
        let (mut buffer, mut slot) = (Vec::new(), None);
        self.check_token(token, keys, &mut buffer, &mut slot)?
            .into_token()
    }

    /// Verifies a token that is bound to a key, by mutual TLS for instance. The closure is given `cnf`,
    /// and returns whether the proof of the request was made with that key. For DPoP, use a
    /// [`dpop::Verifier`](crate::oauth::dpop::Verifier).
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify), with [`VerifyError::Missing`] if there
    /// is no `cnf`, and [`VerifyError::Mismatch`] if the proof is not by its key.
    pub fn verify_bound<C: DeserializeOwned>(
        &self,
        token: &str,
        keys: &dyn Keys,
        is_proven: impl FnOnce(&Map<String, Value>) -> bool,
    ) -> Result<Token<C>, VerifyError> {
        let (mut buffer, mut slot) = (Vec::new(), None);
        let checked = self.check(token, keys, &mut buffer, &mut slot)?;
        check_bound(&checked.per_call, is_proven)?;
        checked.into_token()
    }

    /// Caches up to `capacity` verified tokens, whose claims are of type `C`.
    pub fn cached<C>(self, capacity: usize) -> CachingVerifier<C, Self> {
        CachingVerifier::new(self, capacity)
    }

    fn check<'a, 'b>(
        &self,
        token: &str,
        keys: &'a dyn Keys,
        buffer: &'b mut Vec<u8>,
        slot: &'a mut Option<Payload<'b>>,
    ) -> Result<Checked<'a, 'b>, VerifyError> {
        let mut confirmation = None;
        let profile = &mut |payload: &Payload<'_>, _| {
            confirmation = self.check_profile(payload)?;
            Ok(())
        };
        let mut checked = self
            .profile
            .check_with(token, keys, buffer, slot, profile)?;
        checked.per_call.confirmation = confirmation;
        Ok(checked)
    }

    fn check_profile(
        &self,
        payload: &Payload<'_>,
    ) -> Result<Option<Map<String, Value>>, VerifyError> {
        for claim in OF_PROFILE {
            payload.check_type(claim)?;
        }
        if self.allow_typ_jwt {
            check_other_kinds(payload)?;
        } else {
            for claim in OF_RFC_9068 {
                payload.check_type(claim)?;
            }
            if !payload.has(Claim::ClientId) {
                return Err(VerifyError::Missing(Claim::ClientId));
            }
        }
        object(payload, Claim::Confirmation)
    }
}

/// Checks that the claims are not those of another kind of token.
fn check_other_kinds(payload: &Payload<'_>) -> Result<(), VerifyError> {
    let is_present = |claim: &Claim| payload.has(*claim);
    if let Some(claim) = OF_OTHER_TOKENS.into_iter().find(is_present) {
        return Err(VerifyError::Unexpected(claim));
    }
    let mismatch = |claim, expected: &str| VerifyError::Mismatch {
        claim,
        expected: vec![expected.to_owned()],
    };
    if payload
        .get(Claim::TokenUse)
        .is_some_and(|found| !found.is("access"))
    {
        return Err(mismatch(Claim::TokenUse, "access"));
    }
    let is_other_typ = |found: json::Value<'_>| OTHER_TYPS.iter().any(|other| found.is(other));
    if payload.get(Claim::Typ).is_some_and(is_other_typ) {
        return Err(mismatch(Claim::Typ, "Bearer"));
    }
    Ok(())
}

/// Everyone who has a bearer token can use it; one with `cnf` requires the key.
fn check_unbound(per_call: &PerCall) -> Result<(), VerifyError> {
    match per_call.confirmation {
        None => Ok(()),
        Some(_) => Err(VerifyError::Unexpected(Claim::Confirmation)),
    }
}

fn check_bound(
    per_call: &PerCall,
    is_proven: impl FnOnce(&Map<String, Value>) -> bool,
) -> Result<(), VerifyError> {
    match &per_call.confirmation {
        None => Err(VerifyError::Missing(Claim::Confirmation)),
        Some(confirmation) if is_proven(confirmation) => Ok(()),
        Some(_) => Err(VerifyError::Mismatch {
            claim: Claim::Confirmation,
            expected: Vec::new(),
        }),
    }
}

impl<C: DeserializeOwned> CachingVerifier<C, Verifier> {
    /// Verifies a bearer token like [`access_token::Verifier::verify`](Verifier::verify).
    ///
    /// # Errors
    ///
    /// Those of [`access_token::Verifier::verify`](Verifier::verify).
    pub fn verify(&self, token: &str, keys: &dyn Keys) -> Result<Arc<Token<C>>, VerifyError> {
        self.verify_with(token, keys, check_unbound)
    }

    /// Verifies a token that is bound to a key like
    /// [`access_token::Verifier::verify_bound`](Verifier::verify_bound). The proof is not cached.
    ///
    /// # Errors
    ///
    /// Those of [`access_token::Verifier::verify_bound`](Verifier::verify_bound).
    pub fn verify_bound(
        &self,
        token: &str,
        keys: &dyn Keys,
        is_proven: impl FnOnce(&Map<String, Value>) -> bool,
    ) -> Result<Arc<Token<C>>, VerifyError> {
        self.verify_with(token, keys, |per_call| check_bound(per_call, is_proven))
    }

    fn verify_with(
        &self,
        token: &str,
        keys: &dyn Keys,
        accept: impl FnOnce(&PerCall) -> Result<(), VerifyError>,
    ) -> Result<Arc<Token<C>>, VerifyError> {
        if let Some((entry, _)) = self.find(token, keys)? {
            accept(&entry.per_call)?;
            return Ok(Arc::clone(&entry.token));
        }
        let (mut buffer, mut slot) = (Vec::new(), None);
        let checked = self.verifier.check(token, keys, &mut buffer, &mut slot)?;
        accept(&checked.per_call)?;
        self.keep(token, checked)
    }
}

impl Cacheable for Verifier {
    fn core(&self, _per_call: &PerCall) -> Option<&verifier::Verifier> {
        Some(&self.profile)
    }
}

impl ForIssuer for Verifier {
    fn for_issuer(self, issuer: &str) -> Self {
        let [_, audience] = self.expected;
        let expected = [issuer.to_owned(), audience];
        Self::with_profile(
            self.verifier.sole_issuer(issuer),
            expected,
            self.allow_typ_jwt,
        )
    }
}

impl Check for Verifier {
    fn check_token<'a, 'b>(
        &self,
        token: &str,
        keys: &'a dyn Keys,
        buffer: &'b mut Vec<u8>,
        slot: &'a mut Option<Payload<'b>>,
    ) -> Result<Checked<'a, 'b>, VerifyError> {
        let checked = self.check(token, keys, buffer, slot)?;
        check_unbound(&checked.per_call)?;
        Ok(checked)
    }
}
