//! Signed texts that browsers keep for the server: pages and cookies.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, Clock, KeyError, SignError, Signer, SigningKey, Verifier, VerifyingKey,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::config::Config;

/// Signs and verifies texts of one kind, by a secret that all servers on a store share.
pub(super) struct Signed<T> {
    signer: Signer,
    key: VerifyingKey,
    verifier: Verifier,
    issuer: String,
    clock: Arc<dyn Clock>,
    content: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Signed<T> {
    /// `typ` is of this kind alone, so that no other JWT is one. `max_size` is in bytes.
    pub(super) fn new(
        secret: &[u8],
        typ: &str,
        max_size: usize,
        config: &Config,
    ) -> Result<Self, KeyError> {
        let (clock, issuer) = (&config.clock, &*config.issuer);
        let key = SigningKey::from_secret(Algorithm::HS256, secret)?;
        let verifier = Verifier::new().typ(typ).issuer(issuer).max_size(max_size);
        Ok(Self {
            key: key.verifying_key(),
            signer: Signer::new(key).typ(typ).max_size(max_size),
            verifier: verifier.clock(Arc::clone(clock)),
            issuer: issuer.into(),
            clock: Arc::clone(clock),
            content: PhantomData,
        })
    }

    pub(super) fn sign(&self, content: T, lifetime: Duration) -> Result<String, SignError> {
        let claims = Claims::new(&self.clock, lifetime).issuer(&*self.issuer);
        self.signer.sign(&claims.custom(content))
    }

    /// Returns the claims of a text that this server, or another one on the store, signed.
    pub(super) fn verify(&self, text: &str) -> Option<Claims<T>> {
        let token = self.verifier.verify::<Claims<T>>(text, &self.key).ok()?;
        Some(token.into_claims())
    }
}
