//! Identity assertions, ID-JAGs (draft-ietf-oauth-identity-assertion-authz-grant): an identity provider
//! grants a client of its own access at the authorization server of another service, which trusts it.
//!
//! ```
//! use jwt_ring::oauth::identity_assertion::{self, IdentityAssertionClaims};
//! use jwt_ring::replay::ReplayGuard;
//! use jwt_ring::{Algorithm, SigningKey};
//!
//! // The identity provider answers a token exchange of the client.
//! let key = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
//! let keys = key.verifying_key();
//! let signer = identity_assertion::Signer::new(key, "https://idp.example");
//! let claims = signer
//!     .claims("user-42", "https://chat.example", "wiki")?
//!     .scope("chat.read".parse()?);
//! let assertion = signer.sign(&claims)?;
//!
//! // The authorization server of the other service. It authenticated the client "wiki".
//! let verifier =
//!     identity_assertion::Verifier::new("https://idp.example", "https://chat.example");
//! let guard = ReplayGuard::new(100_000);
//! let token = verifier
//!     .verify::<IdentityAssertionClaims>(&assertion, "wiki", &keys)?
//!     .first_use(&guard)?;
//! assert_eq!(token.claims().subject, "user-42");
//! assert!(token.claims().scope.contains("chat.read"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Single use
//!
//! The draft lets a client send the same assertion again when its access token has expired, instead of a
//! refresh token. A server that allows this calls
//! [`without_replay_check`](crate::replay::OneTime::without_replay_check); one that accepts an assertion
//! once calls [`first_use`](crate::replay::OneTime::first_use), and clients get a new one from the
//! identity provider.

mod claims;
mod signer;
mod verifier;

pub use claims::IdentityAssertionClaims;
pub use signer::Signer;
pub use verifier::Verifier;

/// The `typ` of identity assertions.
const TYP: &str = "oauth-id-jag+jwt";
