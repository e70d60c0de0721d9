//! Access tokens that are bound to a key of the client (RFC 9449, DPoP).
//!
//! Any sender of a bearer token can use it. A token that is bound requires, with each request, a
//! proof: a short-lived JWT for the method and URI of the request, signed with a key that the client
//! keeps. The token names the key by its thumbprint, in `cnf.jkt`.
//!
//! ```
//! use jwt_ring::oauth::access_token::{self, AccessTokenClaims};
//! use jwt_ring::oauth::dpop::{self, DpopError, ProofVerifier, Prover, Request};
//! use jwt_ring::replay::{ReplayError, ReplayGuard};
//! use jwt_ring::{Algorithm, SigningKey};
//!
//! // The client proves to the authorization server that it has a key.
//! let prover = Prover::new(SigningKey::generate(Algorithm::ES256)?)?;
//! let proof = prover.proof("POST", "https://issuer.example/token", None, None)?;
//!
//! // The authorization server binds the token to the key.
//! let (proofs, guard) = (ProofVerifier::new(), ReplayGuard::new(100_000));
//! let request = Request::new("POST", "https://issuer.example/token").dpop([&proof]);
//! let proof = proofs.verify(&request)?;
//! // Here it authenticates the client and checks the grant.
//! let proof = proof.first_use(&guard)?;
//! let key = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
//! let keys = key.verifying_key();
//! let signer = access_token::Signer::new(key, "https://issuer.example");
//! let mut claims = signer.claims("user-42", "https://api.example", "web-shop")?;
//! claims.confirmation = Some(proof.confirmation());
//! let token = signer.sign(&claims)?; // with "token_type": "DPoP"
//!
//! // The client sends it with a new proof.
//! let uri = "https://api.example/orders?page=2";
//! let proof = prover.proof("GET", uri, Some(&token), None)?;
//! let authorization = format!("DPoP {token}");
//!
//! // The resource server verifies both.
//! let guard = ReplayGuard::new(100_000);
//! let verifier = dpop::Verifier::new(access_token::Verifier::new(
//!     "https://issuer.example",
//!     "https://api.example",
//! ));
//! let request = Request::new("GET", uri).authorization([&authorization]).dpop([&proof]);
//! let token = verifier.verify::<AccessTokenClaims>(&request, &keys)?.first_use(&guard)?;
//! assert_eq!(token.claims().subject, "user-42");
//!
//! // A proof is accepted once.
//! let again = verifier.verify::<AccessTokenClaims>(&request, &keys)?.first_use(&guard);
//! assert_eq!(again.err(), Some(ReplayError::Replayed));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Of the path, characters that RFC 3986 does not allow must be escaped: a URI with `|` or `"` is
//! malformed.
//!
//! # Rejections
//!
//! A [`DpopError`] becomes a [`Rejection`](super::bearer::Rejection), with its status, and with the
//! header of a [`Challenge`](super::bearer::Challenge):
//!
//! ```
//! use jwt_ring::oauth::bearer::{Challenge, Rejection};
//! use jwt_ring::oauth::dpop::{DpopError, Nonces, ProofVerifier};
//!
//! let proofs = ProofVerifier::new().nonces(Nonces::new([7; 32])?);
//! let challenge = Challenge::new("api").dpop(proofs.supported_algorithms().iter().copied());
//! let rejection = Rejection::from(DpopError::NonceRequired);
//! assert_eq!(rejection.status(), 401);
//! let header = challenge.header(&rejection).unwrap_or_default();
//! assert!(header.starts_with("DPoP realm=\"api\", algs=\""));
//! assert!(header.ends_with(", error=\"use_dpop_nonce\""));
//! let nonce = proofs.new_nonce(); // the header `DPoP-Nonce`
//! # assert!(nonce.is_some());
//! # Ok::<(), jwt_ring::KeyError>(())
//! ```

mod error;
mod nonce;
mod proof;
mod prover;
mod request;
mod uri;
mod verifier;

pub use error::DpopError;
pub use nonce::Nonces;
pub use proof::{Proof, ProofVerifier};
pub use prover::Prover;
pub use request::Request;
pub use verifier::Verifier;

use crate::base64url;
use crate::key::sha256;

/// The `typ` of proofs (RFC 9449 §4.2).
const TYP: &str = "dpop+jwt";

/// Returns the `ath` of an access token (RFC 9449 §4.2).
fn token_hash(access_token: &str) -> String {
    base64url::encode(&sha256(access_token.as_bytes()))
}
