//! Access tokens (RFC 9068): signing in an authorization server, verifying in a resource server.
//!
//! ```
//! use jwt_ring::oauth::access_token::{self, AccessTokenClaims};
//! use jwt_ring::{Algorithm, SigningKey};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, Serialize)]
//! struct App {
//!     tenant: String,
//! }
//!
//! // The authorization server.
//! let key = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
//! let keys = key.verifying_key();
//! let signer = access_token::Signer::new(key, "https://issuer.example");
//! let claims = signer
//!     .claims("user-42", "https://api.example", "web-shop")?
//!     .scope("orders:read".parse()?)
//!     .custom(App { tenant: "acme".into() });
//! let jwt = signer.sign(&claims)?;
//!
//! // The resource server.
//! let verifier = access_token::Verifier::new("https://issuer.example", "https://api.example");
//! let token = verifier.verify::<AccessTokenClaims<App>>(&jwt, &keys)?;
//! assert_eq!(token.claims().client_id, "web-shop");
//! assert!(token.claims().scope.contains("orders:read"));
//! assert_eq!(token.claims().custom.tenant, "acme");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod claims;
mod signer;
mod verifier;

pub use claims::AccessTokenClaims;
pub use signer::Signer;
pub use verifier::Verifier;

/// The `typ` of access tokens (RFC 9068 §2.1).
const TYP: &str = "at+jwt";
