//! Profiles of OAuth 2.0 and OpenID Connect: tokens that other specifications define on top of RFC
//! 7519, and the HTTP headers that carry them.
//!
//! | module | what | specification |
//! |---|---|---|
//! | [`access_token`] | access tokens: signing, verifying | RFC 9068 |
//! | [`id_token`] | ID tokens: verifying | OpenID Connect Core 1.0 |
//! | [`client_assertion`] | assertions by which a client authenticates: signing, verifying | RFC 7523 |
//! | [`security_event`] | security event tokens: verifying, and the answer to a rejected one | RFC 8417, RFC 8935 |
//! | [`logout_token`] | logout tokens: verifying | OpenID Connect Back-Channel Logout 1.0 |
//! | [`identity_assertion`] | assertions about users for other authorization servers: signing, verifying | draft-ietf-oauth-identity-assertion-authz-grant |
//! | [`bearer`] | the `Authorization` header, and the answer to a rejected token | RFC 6750 |
//! | [`dpop`] | access tokens that are bound to a key of the client: proofs, verifying | RFC 9449 |
//!
//! A profile's verifier checks more than a [`Verifier`](crate::Verifier), which it wraps and
//! `map_verifier` changes. The profile's own rules are applied after the closure, so that it cannot
//! weaken them.

pub mod access_token;
pub mod bearer;
pub mod client_assertion;
pub mod dpop;
mod events;
pub mod id_token;
pub mod identity_assertion;
pub mod logout_token;
mod one_time;
mod profile;
mod scope;
pub mod security_event;

pub use scope::{InvalidScope, Scope};
