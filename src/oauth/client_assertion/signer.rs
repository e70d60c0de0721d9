//! Signs client assertions.

use std::sync::Arc;
use std::time::Duration;

use super::TYP;
use crate::claims::Claims;
use crate::clock::{Clock, SystemClock};
use crate::error::SignError;
use crate::jwks::KeyRotation;
use crate::key::random_id;
use crate::signer;

/// Signs the assertions of a client for one authorization server.
#[derive(Clone, Debug)]
pub struct Signer {
    keys: KeyRotation,
    client_id: String,
    issuer: String,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
}

impl Signer {
    /// Makes a signer for a client. The keys are a [`SigningKey`](crate::SigningKey), an `Arc` of one,
    /// or a [`KeyRotation`].
    ///
    /// `issuer` is the issuer identifier of the authorization server, as in its metadata (RFC 8414 §2),
    /// and becomes the audience. It is not the URL of the token endpoint.
    #[must_use]
    pub fn new(
        keys: impl Into<KeyRotation>,
        client_id: impl Into<String>,
        issuer: impl Into<String>,
    ) -> Self {
        Self {
            keys: keys.into(),
            client_id: client_id.into(),
            issuer: issuer.into(),
            lifetime: Duration::from_secs(60),
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets the lifetime of the assertions. Default: 1 minute.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets the clock. Default: [`SystemClock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Signs an assertion for one request, with `typ` `client-authentication+jwt` and the key that is
    /// active now. `iss` and `sub` are the client, `aud` is the issuer, and `jti` has 128 random bits.
    ///
    /// # Errors
    ///
    /// Those of [`Signer::sign`](crate::Signer::sign).
    pub fn sign(&self) -> Result<String, SignError> {
        let claims = Claims::new(&*self.clock, self.lifetime)
            .issuer(&*self.client_id)
            .subject(&*self.client_id)
            .audience(&*self.issuer)
            .jwt_id(random_id().ok_or(SignError::Failed)?);
        let key = self.keys.active(self.clock.now());
        signer::Signer::with_header(key, |header| header.with_typ(TYP)).sign(&claims)
    }
}
