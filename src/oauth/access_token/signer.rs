//! Signs access tokens.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{AccessTokenClaims, TYP};
use crate::claims::Audience;
use crate::clock::{Clock, SystemClock};
use crate::error::SignError;
use crate::jwks::KeyRotation;
use crate::key::random_id;
use crate::numeric_date::NumericDate;
use crate::oauth::Scope;
use crate::signer;

/// Signs access tokens (RFC 9068) with a key, or with keys that rotate.
#[derive(Clone, Debug)]
pub struct Signer {
    keys: KeyRotation,
    issuer: String,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
}

impl Signer {
    /// Makes a signer for an issuer. The keys are a [`SigningKey`](crate::SigningKey), an `Arc` of
    /// one, or a [`KeyRotation`].
    #[must_use]
    pub fn new(keys: impl Into<KeyRotation>, issuer: impl Into<String>) -> Self {
        Self {
            keys: keys.into(),
            issuer: issuer.into(),
            lifetime: Duration::from_secs(300),
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets the lifetime of the tokens. Default: 5 minutes.
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

    /// Starts the claims of a token for a client. `iss`, `iat`, `exp` and `jti` are set, the last to
    /// 128 random bits. The subject is the client if there is no user (RFC 9068 §2.2).
    ///
    /// # Errors
    ///
    /// [`SignError::Failed`] if the operating system returns no random bytes.
    pub fn claims(
        &self,
        subject: impl Into<String>,
        audience: impl Into<Audience>,
        client_id: impl Into<String>,
    ) -> Result<AccessTokenClaims, SignError> {
        let issued_at = NumericDate::from_seconds(self.clock.now().seconds());
        Ok(AccessTokenClaims {
            issuer: self.issuer.clone(),
            subject: subject.into(),
            audience: audience.into(),
            client_id: client_id.into(),
            expiration: issued_at.saturating_add(self.lifetime),
            issued_at,
            jwt_id: random_id().ok_or(SignError::Failed)?,
            not_before: None,
            scope: Scope::default(),
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            roles: Vec::new(),
            groups: Vec::new(),
            entitlements: Vec::new(),
            confirmation: None::<Map<String, Value>>,
            custom: (),
        })
    }

    /// Signs a token with `typ` `at+jwt`, and with the key that is active now.
    ///
    /// # Errors
    ///
    /// Those of [`Signer::sign`](crate::Signer::sign); [`SignError::ShadowedClaim`] if the
    /// custom claims have a claim of the profile.
    pub fn sign<T: Serialize>(&self, claims: &AccessTokenClaims<T>) -> Result<String, SignError> {
        let key = self.keys.active(self.clock.now());
        signer::Signer::with_header(key, |header| header.with_typ(TYP)).sign(claims)
    }
}
