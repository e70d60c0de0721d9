//! ID tokens (OpenID Connect Core 1.0 §2): who signed in, told to the client that asked.
//!
//! ```
//! use jwt_ring::id_token::{IdToken, Verifier};
//! # use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock};
//! # let key = SigningKey::generate(Algorithm::ES256)?;
//! # let keys = key.verifying_key();
//! # let claims = Claims::new(&SystemClock, std::time::Duration::from_secs(300))
//! #     .issuer("https://issuer.example").subject("user-42").audience("web-shop")
//! #     .custom(serde_json::json!({ "nonce": "n-0S6_WzA2Mj", "email": "a@b.example" }));
//! # let jwt = Signer::new(key).sign(&claims)?;
//! #[derive(serde::Deserialize)]
//! struct Profile {
//!     email: String,
//! }
//!
//! let verifier = Verifier::new("https://issuer.example", "web-shop");
//! let token = verifier.verify::<Profile>(&jwt, &keys, Some("n-0S6_WzA2Mj"))?;
//! assert_eq!(token.claims().custom.own.email, "a@b.example");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::claim::Claim;
use crate::claims::{self, Audience, Claims};
use crate::clock::Clock;
use crate::error::VerifyError;
use crate::key::hash_of;
use crate::keys::Keys;
use crate::numeric_date::NumericDate;
use crate::token::Token;
use crate::verifier;

/// The claims of an ID token beside the registered ones (OpenID Connect Core §2).
///
/// `T` is the type of the other claims, for instance the user's name and email.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct IdToken<T = ()> {
    /// What the client sent with its request, so that the answer is to that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// When the user signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<NumericDate>,
    /// How well: the authentication context class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By which methods (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// To which client the token was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// A hash of the access token that came with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// The other claims.
    #[serde(flatten)]
    pub own: T,
}

/// Verifies ID tokens as a client does (OpenID Connect Core §3.1.3.7).
#[derive(Clone, Debug)]
#[must_use = "a verifier does nothing until it verifies"]
pub struct Verifier {
    verifier: verifier::Verifier,
    client_id: String,
    trusted: Vec<String>,
    leeway: Duration,
    max_age: Option<Duration>,
}

impl Verifier {
    /// Makes a verifier of the tokens that the issuer mints for the client.
    pub fn new(issuer: impl Into<String>, client_id: impl Into<String>) -> Self {
        let client_id = client_id.into();
        Self {
            verifier: verifier::Verifier::new()
                .issuer(issuer)
                .audience(&*client_id)
                .require(Claim::Subject)
                .require(Claim::IssuedAt),
            client_id,
            trusted: Vec::new(),
            leeway: Duration::ZERO,
            max_age: None,
        }
    }

    /// Adds an audience that a token may have beside the client. Default: none, so a token for
    /// others as well is refused.
    pub fn trust_audience(mut self, audience: impl Into<String>) -> Self {
        self.trusted.push(audience.into());
        self
    }

    /// Sets how long ago the user may have signed in, and thereby requires `auth_time`: for clients
    /// that sent `max_age` with their request.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Sets how far the clocks of issuer and client may be apart. Default: not at all.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.verifier = self.verifier.leeway(leeway);
        self.leeway = leeway;
        self
    }

    /// Sets where the time comes from.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.verifier = self.verifier.clock(clock);
        self
    }

    /// Verifies the ID token that came in answer to a request with this nonce, or with none.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify); [`VerifyError::UnexpectedAudience`]
    /// for an audience that is not trusted; [`VerifyError::Missing`], [`VerifyError::Mismatch`] or
    /// [`VerifyError::TooOld`] for `azp`, `auth_time` or `nonce`.
    pub fn verify<T: DeserializeOwned>(
        &self,
        token: &str,
        keys: &dyn Keys,
        nonce: Option<&str>,
    ) -> Result<Token<Claims<IdToken<T>>>, VerifyError> {
        let (token, now) = self.verify_at(token, keys)?;
        self.check_sign_in(token.claims().custom.auth_time, now)?;
        match (nonce, token.claims().custom.nonce.as_deref()) {
            (Some(_), None) => Err(VerifyError::Missing(Claim::Nonce)),
            (expected, found) if expected != found => Err(mismatch(Claim::Nonce)),
            _ => Ok(token),
        }
    }

    /// Verifies the ID token that came with a refresh, against the one that came first
    /// (OpenID Connect Core §12.2). The user did not sign in for it, so `max_age` does not count.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`](crate::Verifier::verify), and [`VerifyError::Mismatch`] for
    /// another `iss`, `sub`, `aud`, `nonce`, `auth_time` or `azp`, or an earlier `iat`.
    pub fn verify_refreshed<T: DeserializeOwned, U>(
        &self,
        token: &str,
        keys: &dyn Keys,
        first: &Token<Claims<IdToken<U>>>,
    ) -> Result<Token<Claims<IdToken<T>>>, VerifyError> {
        let (token, _) = self.verify_at::<T>(token, keys)?;
        let (new, old) = (token.claims(), first.claims());
        let (new_own, old_own) = (&new.custom, &old.custom);
        for (claim, is_same) in [
            (Claim::Issuer, new.issuer == old.issuer),
            (Claim::Subject, new.subject == old.subject),
            (Claim::Audience, all(&new.audience) == all(&old.audience)),
            (Claim::IssuedAt, new.issued_at >= old.issued_at),
            // It need not be repeated.
            (
                Claim::Nonce,
                new_own.nonce.is_none() || new_own.nonce == old_own.nonce,
            ),
            (
                Claim::AuthTime,
                new_own.auth_time.is_none() || new_own.auth_time == old_own.auth_time,
            ),
            (Claim::AuthorizedParty, new_own.azp == old_own.azp),
        ] {
            if !is_same {
                return Err(mismatch(claim));
            }
        }
        Ok(token)
    }

    /// Checks that the access token is the one that the ID token came with (§3.1.3.8): the first
    /// half of its hash is `at_hash`.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Missing`] if there is no `at_hash`, [`VerifyError::Mismatch`] if it is that of
    /// another access token.
    pub fn check_access_token<T>(
        &self,
        token: &Token<Claims<IdToken<T>>>,
        access_token: &str,
    ) -> Result<(), VerifyError> {
        let Some(found) = &token.claims().custom.at_hash else {
            return Err(VerifyError::Missing(Claim::AccessTokenHash));
        };
        if *found == access_token_hash(token.header().algorithm(), access_token) {
            Ok(())
        } else {
            Err(mismatch(Claim::AccessTokenHash))
        }
    }

    /// Checks all but the nonce and the time of the sign-in.
    fn verify_at<T: DeserializeOwned>(
        &self,
        token: &str,
        keys: &dyn Keys,
    ) -> Result<Verified<T>, VerifyError> {
        let mut buffer = Vec::new();
        let checked = self.verifier.check(token, keys, &mut buffer)?;
        let claims = claims::fit(checked.payload)?;
        let token: Token<Claims<IdToken<T>>> = Token::new(checked.header.into_owned(), claims);
        self.check_audiences(token.claims())?;
        Ok((token, checked.now))
    }

    /// The client is among the audiences; the others must be trusted, and `azp` say who is meant.
    fn check_audiences<T>(&self, claims: &Claims<IdToken<T>>) -> Result<(), VerifyError> {
        let audiences = all(&claims.audience);
        let is_known =
            |one: &&str| *one == self.client_id || self.trusted.iter().any(|other| other == one);
        if !audiences.iter().all(is_known) {
            return Err(VerifyError::UnexpectedAudience);
        }
        match &claims.custom.azp {
            None if audiences.len() > 1 => Err(VerifyError::Missing(Claim::AuthorizedParty)),
            Some(azp) if *azp != self.client_id => Err(mismatch(Claim::AuthorizedParty)),
            _ => Ok(()),
        }
    }

    fn check_sign_in(&self, at: Option<NumericDate>, now: NumericDate) -> Result<(), VerifyError> {
        let Some(max_age) = self.max_age else {
            return Ok(());
        };
        let claim = Claim::AuthTime;
        let at = at.ok_or(VerifyError::Missing(claim))?;
        if now > at.saturating_add(max_age.saturating_add(self.leeway)) {
            return Err(VerifyError::TooOld { claim, at, now });
        }
        Ok(())
    }
}

/// A token, and the time of the checks.
type Verified<T> = (Token<Claims<IdToken<T>>>, NumericDate);

/// Makes the `at_hash` of an access token: the first half of its hash, in base64url
/// (OpenID Connect Core §3.1.3.6).
#[must_use]
pub fn access_token_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = hash_of(algorithm, access_token.as_bytes());
    let hash = hash.as_ref();
    base64url::encode(hash.get(..hash.len() / 2).unwrap_or_default())
}

/// The audiences, whatever their order.
fn all(audience: &Option<Audience>) -> BTreeSet<&str> {
    audience.iter().flat_map(Audience::iter).collect()
}

fn mismatch(claim: Claim) -> VerifyError {
    let expected = Vec::new();
    VerifyError::Mismatch { claim, expected }
}
