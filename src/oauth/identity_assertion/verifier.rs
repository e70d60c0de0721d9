//! Verifies identity assertions.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::TYP;
use crate::claim::Claim;
use crate::claims::Payload;
use crate::error::VerifyError;
use crate::issuers::ForIssuer;
use crate::keys::Keys;
use crate::oauth::events::object;
use crate::oauth::one_time::{mismatch, one_time};
use crate::replay::OneTime;
use crate::token::Token;
use crate::verifier::{self, Checked};

/// Verifies identity assertions as the authorization server of another service must
/// (draft-ietf-oauth-identity-assertion-authz-grant §4.4).
///
/// An assertion has the `typ` `oauth-id-jag+jwt`, the issuer, `sub`, `exp`, `iat`, `jti`, this server as
/// its only audience, and the client that authenticated as `client_id`.
///
/// The types of these claims are checked if they are present: `scope` and `resource` (a string or an array
/// of strings), `auth_time` (a NumericDate), `acr` (a string), `amr` (an array of strings), `cnf` (an
/// object without duplicate names).
#[derive(Clone, Debug)]
#[must_use = "a verifier does nothing until `verify` is called"]
pub struct Verifier {
    verifier: verifier::Verifier,
    issuer: String,
    audience: String,
    /// The verifier with the rules of the profile.
    profile: verifier::Verifier,
}

/// The kind in the replay keys.
const KIND: &str = "identity-assertion";

/// The claims whose types are checked.
const OF_PROFILE: [Claim; 6] = [
    Claim::ClientId,
    Claim::Scope,
    Claim::Resource,
    Claim::AuthTime,
    Claim::Acr,
    Claim::Amr,
];

impl Verifier {
    /// Makes a verifier of the assertions that the identity provider `issuer` issues for the
    /// authorization server with the issuer identifier `audience`.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let (issuer, audience) = (issuer.into(), audience.into());
        let verifier = verifier::Verifier::new().issuer(&*issuer);
        Self {
            profile: with_profile(&verifier, &issuer, &audience),
            verifier,
            issuer,
            audience,
        }
    }

    /// Changes the verifier that this one wraps, for instance its leeway or its clock. The profile
    /// still sets `typ`, the audience and the required claims, and compares the issuer.
    pub fn map_verifier(
        mut self,
        change: impl FnOnce(verifier::Verifier) -> verifier::Verifier,
    ) -> Self {
        self.verifier = change(self.verifier);
        self.profile = with_profile(&self.verifier, &self.issuer, &self.audience);
        self
    }

    /// Verifies the assertion that a client sent. `client_id` is the client that authenticated with the
    /// request.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify), with [`VerifyError::Mismatch`] for
    /// another client, or a `jti` that is empty or longer than 256 bytes, and
    /// [`VerifyError::Unexpected`] for an assertion with `cnf`, which requires a proof.
    pub fn verify<C: DeserializeOwned>(
        &self,
        assertion: &str,
        client_id: &str,
        keys: &dyn Keys,
    ) -> Result<OneTime<Token<C>>, VerifyError> {
        let (mut buffer, mut slot) = (Vec::new(), None);
        let checked = self.check(assertion, client_id, keys, &mut buffer, &mut slot)?;
        match checked.per_call.confirmation {
            None => one_time(checked, KIND, self.profile.leeway_of()),
            Some(_) => Err(VerifyError::Unexpected(Claim::Confirmation)),
        }
    }

    /// Verifies an assertion that is bound to a key. The closure is given `cnf`, and returns whether the
    /// proof of the request was made with that key. For the DPoP `proof` of the token request, it is
    /// `|cnf| cnf.get("jkt") == proof.confirmation().get("jkt")`.
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify), with [`VerifyError::Missing`] if there is no `cnf`, and
    /// [`VerifyError::Mismatch`] if the proof is not by its key.
    pub fn verify_bound<C: DeserializeOwned>(
        &self,
        assertion: &str,
        client_id: &str,
        keys: &dyn Keys,
        is_proven: impl FnOnce(&Map<String, Value>) -> bool,
    ) -> Result<OneTime<Token<C>>, VerifyError> {
        let (mut buffer, mut slot) = (Vec::new(), None);
        let checked = self.check(assertion, client_id, keys, &mut buffer, &mut slot)?;
        match &checked.per_call.confirmation {
            None => Err(VerifyError::Missing(Claim::Confirmation)),
            Some(cnf) if is_proven(cnf) => one_time(checked, KIND, self.profile.leeway_of()),
            Some(_) => Err(mismatch(Claim::Confirmation, &[])),
        }
    }

    fn check<'a, 'b>(
        &self,
        assertion: &str,
        client_id: &str,
        keys: &'a dyn Keys,
        buffer: &'b mut Vec<u8>,
        slot: &'a mut Option<Payload<'b>>,
    ) -> Result<Checked<'a, 'b>, VerifyError> {
        let mut confirmation = None;
        let profile = &mut |payload: &Payload<'_>, _| {
            for claim in OF_PROFILE {
                payload.check_type(claim)?;
            }
            confirmation = object(payload, Claim::Confirmation)?;
            match payload.get(Claim::ClientId) {
                None => Err(VerifyError::Missing(Claim::ClientId)),
                Some(found) if found.is(client_id) => Ok(()),
                Some(_) => Err(mismatch(Claim::ClientId, &[client_id])),
            }
        };
        let mut checked = self
            .profile
            .check_with(assertion, keys, buffer, slot, profile)?;
        checked.per_call.confirmation = confirmation;
        Ok(checked)
    }
}

impl ForIssuer for Verifier {
    fn for_issuer(mut self, issuer: &str) -> Self {
        issuer.clone_into(&mut self.issuer);
        self.map_verifier(|verifier| verifier.sole_issuer(issuer))
    }
}

fn with_profile(verifier: &verifier::Verifier, issuer: &str, audience: &str) -> verifier::Verifier {
    verifier
        .clone()
        .with_parties(issuer, [audience], false)
        .sole_audience(audience)
        .with_typs(&[TYP], false)
        .require(Claim::Expiration)
        .require(Claim::IssuedAt)
        .require(Claim::Issuer)
        .require(Claim::Subject)
        .require(Claim::JwtId)
}
