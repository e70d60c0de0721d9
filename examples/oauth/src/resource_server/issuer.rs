//! A trusted issuer: its keys, and the verifiers of its tokens in both schemes.

use std::sync::Arc;

use jwt_ring::oauth::access_token;
use jwt_ring::oauth::dpop::{self, Nonces, ProofVerifier};
use jwt_ring::{CachingVerifier, Clock, Token};

use super::keys::IssuerKeys;
use super::profile::{Claims, Principal, Profile, ProfileError};
use super::settings::{IssuerSettings, Settings};
use crate::http::Agent;

type Cached = CachingVerifier<Claims, access_token::Verifier>;

pub(super) struct TrustedIssuer {
    pub(super) keys: Arc<IssuerKeys>,
    /// Verifies bearer tokens, and rejects those that are bound to a key.
    pub(super) bearer: Cached,
    /// Verifies tokens that are bound to a key, with their proofs.
    pub(super) dpop: dpop::Verifier<Cached>,
    issuer: String,
    audiences: Vec<String>,
    profile: Profile,
}

impl TrustedIssuer {
    /// `resource` is the audience if none is set.
    pub(super) fn new(
        one: &IssuerSettings,
        resource: &str,
        settings: &Settings,
        proofs: ProofVerifier,
        agent: &Agent,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let audiences = match one.audiences.is_empty() {
            true => vec![resource.to_owned()],
            false => one.audiences.clone(),
        };
        let cached = || {
            let verifier = one.profile.verifier(&one.issuer, &audiences);
            let (leeway, clock) = (settings.leeway, Arc::clone(clock));
            let verifier = verifier.map_verifier(|verifier| verifier.leeway(leeway).clock(clock));
            verifier.cached(settings.cache)
        };
        let uri = one.jwks.as_deref();
        let keys = IssuerKeys::new(&one.issuer, uri, settings, agent.clone(), Arc::clone(clock));
        Self {
            keys: Arc::new(keys),
            bearer: cached(),
            dpop: dpop::Verifier::new(cached()).proofs(proofs),
            issuer: one.issuer.clone(),
            audiences,
            profile: one.profile,
        }
    }

    pub(super) fn principal(&self, token: &Token<Claims>) -> Result<Principal, ProfileError> {
        let Self {
            issuer, audiences, ..
        } = self;
        self.profile.principal(issuer, audiences, token.claims())
    }
}

/// Makes a verifier of proofs, with nonces if there is a secret.
pub(super) fn proofs(
    settings: &Settings,
    secret: Option<&[u8]>,
    clock: &Arc<dyn Clock>,
) -> Result<ProofVerifier, jwt_ring::KeyError> {
    let dpop = &settings.dpop_settings;
    let proofs = ProofVerifier::new()
        .window(dpop.window)
        .clock(Arc::clone(clock));
    Ok(match secret {
        None => proofs,
        Some(secret) => proofs.nonces(Nonces::new(secret)?.lifetime(dpop.nonce_lifetime)),
    })
}
