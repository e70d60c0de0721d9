//! Signs identity assertions.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::{IdentityAssertionClaims, TYP};
use crate::clock::{Clock, SystemClock};
use crate::error::SignError;
use crate::jwks::KeyRotation;
use crate::key::random_id;
use crate::numeric_date::NumericDate;
use crate::oauth::Scope;
use crate::signer;

/// Signs identity assertions with a key, or with keys that rotate.
#[derive(Clone, Debug)]
pub struct Signer {
    keys: KeyRotation,
    issuer: String,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
}

impl Signer {
    /// Makes a signer for an identity provider. The keys are a [`SigningKey`](crate::SigningKey), an `Arc` of
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

    /// Sets the lifetime of the assertions. Default: 5 minutes.
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

    /// Starts the claims of an assertion. `iss`, `iat`, `exp` and `jti` are set, the last to 128
    /// random bits. The audience is the issuer identifier of the other authorization server, and the
    /// client is named as it is there.
    ///
    /// # Errors
    ///
    /// [`SignError::Failed`] if the operating system returns no random bytes.
    pub fn claims(
        &self,
        subject: impl Into<String>,
        audience: impl Into<String>,
        client_id: impl Into<String>,
    ) -> Result<IdentityAssertionClaims, SignError> {
        let issued_at = NumericDate::from_seconds(self.clock.now().seconds());
        Ok(IdentityAssertionClaims {
            issuer: self.issuer.clone(),
            subject: subject.into(),
            audience: audience.into().into(),
            client_id: client_id.into(),
            expiration: issued_at.saturating_add(self.lifetime),
            issued_at,
            jwt_id: random_id().ok_or(SignError::Failed)?,
            not_before: None,
            scope: Scope::default(),
            resource: Vec::new(),
            authorization_details: Vec::new(),
            actor: None,
            tenant: None,
            audience_tenant: None,
            audience_subject: None,
            email: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            confirmation: None,
            custom: (),
        })
    }

    /// Signs an assertion with `typ` `oauth-id-jag+jwt`, and with the key that is active now.
    ///
    /// # Errors
    ///
    /// Those of [`Signer::sign`](crate::Signer::sign); [`SignError::ShadowedClaim`] if the
    /// custom claims have a claim of the profile.
    pub fn sign<T: Serialize>(
        &self,
        claims: &IdentityAssertionClaims<T>,
    ) -> Result<String, SignError> {
        let key = self.keys.active(self.clock.now());
        signer::Signer::with_header(key, |header| header.with_typ(TYP)).sign(claims)
    }
}
