//! ID tokens (OpenID Connect Core 1.0 §2): verifying in a client.
//!
//! ```
//! use jwt_ring::oauth::id_token::{self, IdTokenClaims};
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
//! let verifier = id_token::Verifier::new("https://issuer.example", "web-shop");
//! let token =
//!     verifier.verify::<IdTokenClaims<Profile>>(&jwt, &keys, Some("n-0S6_WzA2Mj"))?;
//! assert_eq!(token.claims().subject, "user-42");
//! assert_eq!(token.claims().custom.email, "a@b.example");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod refreshed;
mod verifier;

pub use verifier::Verifier;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::claims::Audience;
use crate::key::hash_of;
use crate::numeric_date::NumericDate;
use crate::oauth::profile::profile_claims;

profile_claims! {
    /// The claims of an ID token (OpenID Connect Core §2). Those that every ID token has are plain
    /// fields; the claims about the user, such as the email, are for the type of the custom claims.
    pub struct IdTokenClaims in id_token_claims {
        /// `iss`, the issuer.
        issuer: String = "iss",
        /// `sub`, the subject: the user.
        subject: String = "sub",
        /// `aud`, the audience: the client.
        audience: Audience = "aud",
        /// `exp`, the time from which the token is rejected.
        expiration: NumericDate = "exp",
        /// `iat`, the time at which the token was issued.
        issued_at: NumericDate = "iat",
        /// `nonce`, the value that the client sent with its request.
        nonce: Option<String> = "nonce",
        /// `auth_time`, the time at which the user authenticated.
        auth_time: Option<NumericDate> = "auth_time",
        /// `acr`, the authentication context class.
        acr: Option<String> = "acr",
        /// `amr`, the authentication methods (RFC 8176).
        amr: Vec<String> = "amr",
        /// `azp`, the client that the token was issued to.
        authorized_party: Option<String> = "azp",
        /// `at_hash`, the hash of the access token that came with it.
        access_token_hash: Option<String> = "at_hash",
        /// `jti`, the identifier of the token.
        jwt_id: Option<String> = "jti",
        /// `nbf`, the time before which the token is rejected.
        not_before: Option<NumericDate> = "nbf",
    }
}

impl IdTokenClaims {
    /// Starts the claims of an ID token, for a provider that signs them with a
    /// [`Signer`](crate::Signer).
    #[must_use]
    pub fn new(
        issuer: impl Into<String>,
        subject: impl Into<String>,
        client_id: impl Into<Audience>,
        issued_at: NumericDate,
        expiration: NumericDate,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            subject: subject.into(),
            audience: client_id.into(),
            expiration,
            issued_at,
            nonce: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            authorized_party: None,
            access_token_hash: None,
            jwt_id: None,
            not_before: None,
            custom: (),
        }
    }
}

/// Returns the `at_hash` of an access token: the first half of its hash, in base64url (OpenID Connect
/// Core §3.1.3.6).
#[must_use]
pub fn access_token_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = hash_of(algorithm, access_token.as_bytes());
    let hash = hash.as_ref();
    base64url::encode(hash.get(..hash.len() / 2).unwrap_or_default())
}
