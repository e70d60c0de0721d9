//! Access tokens that are JWTs (RFC 9068): what an authorization server mints, and what a resource
//! server checks.
//!
//! ```
//! use jwt_ring::access_token::{AccessToken, Minter, Verifier};
//! use jwt_ring::{Algorithm, SigningKey};
//!
//! // The authorization server.
//! let key = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
//! let keys = key.verifying_key();
//! let minter = Minter::new(key, "https://issuer.example");
//! let claims = minter
//!     .claims()?
//!     .subject("user-42")
//!     .audience("https://api.example")
//!     .custom(AccessToken::new("web-shop").scope("orders:read".parse()?));
//! let jwt = minter.sign(&claims)?;
//!
//! // The resource server.
//! let verifier = Verifier::new("https://issuer.example", "https://api.example");
//! let token = verifier.verify::<()>(&jwt, &keys)?;
//! assert!(token.claims().custom.scope.contains("orders:read"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::sync::Arc;
use std::time::Duration;

use serde::de::{DeserializeOwned, Deserializer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::claim::Claim;
use crate::claims::Claims;
use crate::clock::{Clock, SystemClock};
use crate::error::{SignError, VerifyError};
use crate::key::{SigningKey, random_id};
use crate::keys::Keys;
use crate::numeric_date::NumericDate;
use crate::remember;
pub use crate::scope::{InvalidScope, Scope};
use crate::signer::Signer;
use crate::token::Token;
use crate::verifier;

/// The `typ` of access tokens (RFC 9068 §2.1).
const TYPE: &str = "at+jwt";

/// The claims of an access token beside the registered ones (RFC 9068 §2.2).
///
/// `T` is the type of your own claims; it does not see these, nor the registered ones.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct AccessToken<T = ()> {
    /// Which client it was issued to.
    pub client_id: String,
    /// What it allows.
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
    /// When the user signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<NumericDate>,
    /// How well: the authentication context class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By which methods (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The roles of the user (RFC 7643 §4.1.2).
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "scim_values"
    )]
    pub roles: Vec<String>,
    /// The groups of the user (RFC 7643 §4.1.2).
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "scim_values"
    )]
    pub groups: Vec<String>,
    /// The entitlements of the user (RFC 7643 §4.1.2).
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "scim_values"
    )]
    pub entitlements: Vec<String>,
    /// The key that whoever presents the token must prove to have (RFC 7800), for instance
    /// `{"jkt": ..}` for DPoP (RFC 9449 §6.1) or `{"x5t#S256": ..}` for mutual TLS (RFC 8705 §3.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Map<String, Value>>,
    /// Your own claims.
    #[serde(flatten)]
    pub own: T,
}

impl AccessToken {
    /// Starts the claims of a token for a client.
    #[must_use]
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            scope: Scope::default(),
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            roles: Vec::new(),
            groups: Vec::new(),
            entitlements: Vec::new(),
            cnf: None,
            own: (),
        }
    }
}

impl<T> AccessToken<T> {
    /// Sets what the token allows.
    #[must_use]
    pub fn scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// Sets your own claims. Signing fails if they hold a registered one.
    #[must_use]
    pub fn own<U>(self, own: U) -> AccessToken<U> {
        AccessToken {
            client_id: self.client_id,
            scope: self.scope,
            auth_time: self.auth_time,
            acr: self.acr,
            amr: self.amr,
            roles: self.roles,
            groups: self.groups,
            entitlements: self.entitlements,
            cnf: self.cnf,
            own,
        }
    }
}

/// Whoever has a bearer token may use it; one with `cnf` is of no use without its key.
impl<T> AccessToken<T> {
    fn check_unbound(&self) -> Result<(), VerifyError> {
        match self.cnf {
            None => Ok(()),
            Some(_) => Err(VerifyError::Unexpected(Claim::Confirmation)),
        }
    }

    fn check_bound(
        &self,
        is_proven: impl FnOnce(&Map<String, Value>) -> bool,
    ) -> Result<(), VerifyError> {
        match &self.cnf {
            None => Err(VerifyError::Missing(Claim::Confirmation)),
            Some(cnf) if is_proven(cnf) => Ok(()),
            Some(_) => Err(VerifyError::Mismatch {
                claim: Claim::Confirmation,
                expected: Vec::new(),
            }),
        }
    }
}

/// Reads names, or the objects that SCIM has for them, of which the `value` counts.
fn scim_values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scim {
        Name(String),
        Object { value: String },
    }

    let values = Vec::<Scim>::deserialize(deserializer)?;
    let name = |value| match value {
        Scim::Name(name) | Scim::Object { value: name } => name,
    };
    Ok(values.into_iter().map(name).collect())
}

/// Mints access tokens, which live five minutes unless set otherwise.
#[derive(Debug)]
pub struct Minter {
    signer: Signer,
    issuer: String,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
}

impl Minter {
    /// Makes a minter that signs with the key, as the issuer.
    #[must_use]
    pub fn new(key: impl Into<Arc<SigningKey>>, issuer: impl Into<String>) -> Self {
        Self {
            signer: Signer::new(key).typ(TYPE),
            issuer: issuer.into(),
            lifetime: Duration::from_secs(300),
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets how long the tokens live.
    #[must_use]
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// Sets where the time comes from.
    #[must_use]
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        let clock = Arc::new(clock);
        Self { clock, ..self }
    }

    /// Starts the claims of a token: `iss`, `iat`, `exp`, and a `jti` of 128 random bits.
    ///
    /// # Errors
    ///
    /// [`SignError::Failed`] if the operating system gives no random bytes.
    pub fn claims(&self) -> Result<Claims, SignError> {
        let jwt_id = random_id().ok_or(SignError::Failed)?;
        Ok(Claims::new(&*self.clock, self.lifetime)
            .issuer(&*self.issuer)
            .jwt_id(jwt_id))
    }

    /// Signs a token with the `typ` that RFC 9068 asks for.
    ///
    /// # Errors
    ///
    /// [`SignError::Payload`] if `sub` or `aud` is missing, and those of
    /// [`Signer::sign`](crate::Signer::sign).
    pub fn sign<T: Serialize>(&self, claims: &Claims<AccessToken<T>>) -> Result<String, SignError> {
        match REQUIRED.iter().find(|claim| !claims.has(**claim)) {
            Some(missing) => Err(SignError::Payload(format!(
                "an access token has the claim `{missing}`, and it is missing"
            ))),
            None => self.signer.sign(claims),
        }
    }
}

/// The registered claims that every access token has (RFC 9068 §2.2).
const REQUIRED: [Claim; 6] = [
    Claim::Issuer,
    Claim::Expiration,
    Claim::Audience,
    Claim::Subject,
    Claim::IssuedAt,
    Claim::JwtId,
];

/// Verifies access tokens as a resource server does (RFC 9068 §4).
///
/// A token has the type `at+jwt`, this issuer, this audience, and all claims that RFC 9068 requires.
#[derive(Clone, Debug)]
#[must_use = "a verifier does nothing until it verifies"]
pub struct Verifier(verifier::Verifier);

impl Verifier {
    /// Makes a verifier of the tokens that the issuer mints for the audience.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let verifier = verifier::Verifier::new()
            .issuer(issuer)
            .audience(audience)
            .typ(TYPE);
        let verifier = verifier.require(Claim::ClientId);
        Self(
            REQUIRED
                .into_iter()
                .fold(verifier, verifier::Verifier::require),
        )
    }

    /// Sets how far the clocks of issuer and verifier may be apart. Default: not at all.
    pub fn leeway(self, leeway: Duration) -> Self {
        Self(self.0.leeway(leeway))
    }

    /// Sets where the time comes from.
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        Self(self.0.clock(clock))
    }

    /// Verifies a bearer token: one that whoever has it may use.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify), and [`VerifyError::Unexpected`] for a
    /// token with `cnf`, which requires a proof: see [`verify_bound`](Self::verify_bound).
    pub fn verify<T: DeserializeOwned>(
        &self,
        token: &str,
        keys: &dyn Keys,
    ) -> Result<Token<Claims<AccessToken<T>>>, VerifyError> {
        let token = self.0.verify::<Claims<AccessToken<T>>>(token, keys)?;
        token.claims().custom.check_unbound()?;
        Ok(token)
    }

    /// Verifies a token that is bound to a key, for instance by DPoP or mutual TLS. The closure gets
    /// its `cnf`, and tells whether the proof that came with the request is by that key.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify), [`VerifyError::Missing`] if there is no
    /// `cnf`, and [`VerifyError::Mismatch`] if the proof is not by its key.
    pub fn verify_bound<T: DeserializeOwned>(
        &self,
        token: &str,
        keys: &dyn Keys,
        is_proven: impl FnOnce(&Map<String, Value>) -> bool,
    ) -> Result<Token<Claims<AccessToken<T>>>, VerifyError> {
        let token = self.0.verify::<Claims<AccessToken<T>>>(token, keys)?;
        token.claims().custom.check_bound(is_proven)?;
        Ok(token)
    }

    /// Makes a verifier that remembers so many tokens whose signature held, for each of the threads
    /// that use it: a client sends the same token again and again. See
    /// [`Remembering`](crate::Remembering) for what is kept, and that it decides nothing.
    pub fn remember<T>(self, capacity: usize) -> Remembering<T> {
        Remembering(self.0.remember(capacity))
    }
}

/// A [`Verifier`] that remembers the tokens whose signature held.
///
/// ```
/// # use jwt_ring::access_token::{AccessToken, Minter};
/// use jwt_ring::access_token::Verifier;
/// # use jwt_ring::{Algorithm, SigningKey};
/// # let key = SigningKey::generate(Algorithm::ES256)?;
/// # let keys = key.verifying_key();
/// # let minter = Minter::new(key, "https://issuer.example");
/// # let claims = minter.claims()?.subject("user-42").audience("https://api.example");
/// # let jwt = minter.sign(&claims.custom(AccessToken::new("web-shop")))?;
///
/// let verifier = Verifier::new("https://issuer.example", "https://api.example");
/// let verifier = verifier.remember::<()>(10_000);
/// let first = verifier.verify(&jwt, &keys)?;
/// let again = verifier.verify(&jwt, &keys)?; // the policy, and no signature
/// assert_eq!(first.claims(), again.claims());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a verifier does nothing until it verifies"]
pub struct Remembering<T>(remember::Remembering<Claims<AccessToken<T>>>);

impl<T: DeserializeOwned> Remembering<T> {
    /// Verifies a bearer token like [`Verifier::verify`].
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`].
    pub fn verify(
        &self,
        token: &str,
        keys: &dyn Keys,
    ) -> Result<Arc<Token<Claims<AccessToken<T>>>>, VerifyError> {
        let token = self.0.verify(token, keys)?;
        token.claims().custom.check_unbound()?;
        Ok(token)
    }

    /// Verifies a token that is bound to a key like [`Verifier::verify_bound`]. The proof is not
    /// remembered: each request brings its own.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify_bound`].
    pub fn verify_bound(
        &self,
        token: &str,
        keys: &dyn Keys,
        is_proven: impl FnOnce(&Map<String, Value>) -> bool,
    ) -> Result<Arc<Token<Claims<AccessToken<T>>>>, VerifyError> {
        let token = self.0.verify(token, keys)?;
        token.claims().custom.check_bound(is_proven)?;
        Ok(token)
    }
}
