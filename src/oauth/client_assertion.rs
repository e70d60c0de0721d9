//! Client assertions (RFC 7523 §2.2): a client authenticates at an authorization server with a JWT
//! instead of a password, as `private_key_jwt` or `client_secret_jwt`.
//!
//! ```
//! use jwt_ring::oauth::client_assertion::{self, client_id};
//! use jwt_ring::replay::ReplayGuard;
//! use jwt_ring::{Algorithm, SigningKey, Token};
//!
//! // The client sends it as `client_assertion`, with the `client_assertion_type`
//! // `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
//! let key = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
//! let keys = key.verifying_key();
//! let signer = client_assertion::Signer::new(key, "web-shop", "https://issuer.example");
//! let assertion = signer.sign()?;
//!
//! // The authorization server.
//! let verifier = client_assertion::Verifier::new("https://issuer.example");
//! let guard = ReplayGuard::new(100_000);
//! let client = client_id(&assertion)?;
//! // Read the keys of the client that is registered with this id.
//! # let token: Token =
//! verifier.verify(&assertion, &client, &keys)?.first_use(&guard)?;
//! assert_eq!(client, "web-shop");
//! # assert_eq!(token.claims().issuer.as_deref(), Some("web-shop"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Audience
//!
//! The audience is the issuer identifier of the authorization server and nothing else, as
//! draft-ietf-oauth-rfc7523bis-11 requires, never the URL of its token endpoint. Otherwise a malicious
//! authorization server could state the endpoint of another one as its own, and use the assertions that it
//! receives there. Assertions for APIs that have other rules are signed with
//! [`Signer`](crate::Signer), as the guide ([`guide::service_accounts`](crate::guide::service_accounts))
//! shows.

mod signer;
mod verifier;

pub use signer::Signer;
pub use verifier::Verifier;

use std::borrow::Cow;

use crate::error::VerifyError;
use crate::issuers::unverified_issuer;
use crate::verifier::DEFAULT_MAX_SIZE;

/// The `typ` of client assertions (draft-ietf-oauth-rfc7523bis-11 §4).
const TYP: &str = "client-authentication+jwt";

/// Reads the client from an assertion that is not verified: its `iss`. This is untrusted input, to look
/// up the keys of the client; [`Verifier::verify`] compares it again.
///
/// # Errors
///
/// - [`VerifyError::TooLarge`] if the assertion is longer than 64 KiB.
/// - [`VerifyError::Segments`], [`VerifyError::MalformedPayload`] if it is no JWT.
/// - [`VerifyError::WrongType`], [`VerifyError::Missing`] if it has no string as `iss`.
pub fn client_id(assertion: &str) -> Result<String, VerifyError> {
    let mut buffer = Vec::new();
    unverified_issuer(assertion, DEFAULT_MAX_SIZE, &mut buffer).map(Cow::into_owned)
}
