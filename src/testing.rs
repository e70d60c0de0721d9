//! A test kit for services that accept tokens: an issuer with valid tokens, and one invalid token for
//! each rule. The service may use any library.
//!
//! ```toml
//! [dev-dependencies]
//! jwt-ring = { version = "0.1", features = ["testing"] }
//! ```
//!
//! ```
//! use jwt_ring::testing::{Issuer, Profile, assert_rejects_all};
//! use jwt_ring::{Claims, FixedClock, SystemClock, Clock, Verifier};
//!
//! #[derive(serde::Deserialize)]
//! struct App {
//!     role: String,
//! }
//!
//! let clock = FixedClock::at(SystemClock.now());
//! let issuer = Issuer::new(clock.clone(), "https://issuer.example", "https://api.example")
//!     .claim("role", "admin"); // what the service requires of valid tokens
//!
//! // The service, with the keys of the issuer and the same clock.
//! let keys = issuer.key_set();
//! let verifier = Verifier::new()
//!     .issuer("https://issuer.example")
//!     .audience("https://api.example")
//!     .clock(clock);
//! let status = |token: &str| match verifier.verify::<Claims<App>>(token, &keys) {
//!     Ok(token) if token.claims().custom.role == "admin" => 200,
//!     Ok(_) => 403,
//!     Err(_) => 401,
//! };
//!
//! assert_rejects_all(&issuer, Profile::Plain, |token| status(token.as_str()) == 401);
//!
//! // Other valid tokens, for tests of the handlers.
//! let guest = issuer.clone().claim("role", "guest").token(Profile::Plain);
//! assert_eq!(status(guest.as_str()), 403);
//! ```
//!
//! The assertion presents a valid token before and after the invalid ones: a service that rejects
//! everything fails too. The closure should compare the status, so that an internal error does not count
//! as a rejection. The status is 401, or 400 if the text cannot be a token (RFC 6750 §3.1).
//!
//! For a service that fetches its keys, serve [`Issuer::jwks`] at the address that it fetches them from. A
//! service with a fixed key gets the public half of the key that [`Issuer::key`] sets.
//! An async service is tested with [`assert_rejects_all_async`], or token by token with
//! [`Issuer::invalid_tokens`].
//!
//! # DPoP
//!
//! With [`Profile::Dpop`], a token is sent with the proofs of its request, which
//! [`Issuer::request`] sets:
//!
//! ```
//! use jwt_ring::SystemClock;
//! use jwt_ring::testing::{Issuer, Profile};
//!
//! let issuer = Issuer::new(SystemClock, "https://issuer.example", "https://api.example")
//!     .request("GET", "https://api.example/orders");
//! let token = issuer.token(Profile::Dpop);
//! assert!(token.authorization().starts_with("DPoP eyJ")); // the header `Authorization`
//! assert_eq!(token.proofs().len(), 1); // the headers `DPoP`
//! ```
//!
//! # Rules
//!
//! The rules are those that the verifiers of this library enforce. Where an RFC leaves the decision to the
//! service, a service that decides otherwise is reported, too:
//!
//! - RFC 7519 §4 lets a parser use the last of two claims with one name.
//! - RFC 7519 §4.1 makes all claims optional: a service may accept tokens without `exp`, or not read `jti`.
//! - RFC 7515 §4 ignores unknown header parameters: `b64` is one if it is not in `crit`.
//! - RFC 9449 §11.1 lets a service accept a proof again.
//!
//! Leave such a rule out with [`Issuer::except`], by the name in the message. A later version may add
//! rules.

mod assert;
mod certificate;
mod draft;
mod issuer;
mod rules;
mod token;

pub use assert::{assert_rejects_all, assert_rejects_all_async};
pub use issuer::Issuer;
pub use token::{InvalidToken, Profile, TestToken};
