//! Verifies access tokens with their proofs.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{DpopError, ProofVerifier, Request};
use crate::caching::CachingVerifier;
use crate::error::VerifyError;
use crate::issuers::ForIssuer;
use crate::keys::Keys;
use crate::oauth::access_token;
use crate::replay::OneTime;
use crate::token::Token;

/// Verifies access tokens that are bound to a key, with the proof of the request (RFC 9449 §7.1).
///
/// `V` is an [`access_token::Verifier`], or one that caches. The token must be in the scheme `DPoP` and
/// have `cnf.jkt`. Bearer tokens are for the `access_token::Verifier` alone, which rejects those that
/// are bound.
#[derive(Debug)]
#[must_use = "a verifier does nothing until `verify` is called"]
pub struct Verifier<V = access_token::Verifier> {
    access_tokens: V,
    proofs: ProofVerifier,
}

impl<V> Verifier<V> {
    /// Makes a verifier of access tokens and proofs.
    pub fn new(access_tokens: V) -> Self {
        Self {
            access_tokens,
            proofs: ProofVerifier::new(),
        }
    }

    /// Sets the verifier of proofs, with its algorithms, window, nonces and clock.
    pub fn proofs(mut self, proofs: ProofVerifier) -> Self {
        self.proofs = proofs;
        self
    }

    /// Returns the verifier of proofs, to make nonces and challenges.
    pub fn proof_verifier(&self) -> &ProofVerifier {
        &self.proofs
    }
}

impl Verifier {
    /// Verifies the proof and the access token of a request.
    ///
    /// # Errors
    ///
    /// The first check that fails: the headers, the proof, the token, and that the token is bound to
    /// the key of the proof. Whether the proof was used before is checked last, by
    /// [`OneTime::first_use`].
    pub fn verify<C: DeserializeOwned>(
        &self,
        request: &Request<'_>,
        keys: &dyn Keys,
    ) -> Result<OneTime<Token<C>>, DpopError> {
        self.verify_with(request, |verifier, token, is_proven| {
            verifier.verify_bound(token, keys, is_proven)
        })
    }
}

impl<C: DeserializeOwned> Verifier<CachingVerifier<C, access_token::Verifier>> {
    /// Verifies the proof and the access token of a request, of which the token may be cached.
    ///
    /// # Errors
    ///
    /// Those of the verifier without a cache.
    pub fn verify(
        &self,
        request: &Request<'_>,
        keys: &dyn Keys,
    ) -> Result<OneTime<Arc<Token<C>>>, DpopError> {
        self.verify_with(request, |verifier, token, is_proven| {
            verifier.verify_bound(token, keys, is_proven)
        })
    }
}

impl<V> Verifier<V> {
    fn verify_with<T>(
        &self,
        request: &Request<'_>,
        verify_bound: impl FnOnce(
            &V,
            &str,
            &dyn Fn(&Map<String, Value>) -> bool,
        ) -> Result<T, VerifyError>,
    ) -> Result<OneTime<T>, DpopError> {
        let token = request.access_token()?;
        let proof = self.proofs.check(request, Some(token))?;
        proof.try_map(|proof| {
            let is_proven = &|confirmation: &_| proof.has_confirmation(confirmation);
            verify_bound(&self.access_tokens, token, is_proven).map_err(DpopError::Token)
        })
    }
}

impl ForIssuer for Verifier {
    fn for_issuer(mut self, issuer: &str) -> Self {
        self.access_tokens = self.access_tokens.for_issuer(issuer);
        self
    }
}
