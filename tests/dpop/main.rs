//! DPoP: proofs, and access tokens that are bound to a key (RFC 9449).

#[path = "../support/mod.rs"]
mod support;

mod challenges;
mod nonces;
mod proofs;
mod prover;
mod tokens;
mod vectors;

use jwt_ring::oauth::access_token;
use jwt_ring::oauth::dpop::{DpopError, ProofVerifier, Prover, Request, Verifier};
use jwt_ring::{Algorithm, SigningKey};
use serde_json::{Value, json};
use support::{NOW, clock, forge};

const ISSUER: &str = "https://issuer.example";
const API: &str = "https://api.example";
const URI: &str = "https://api.example/orders";

fn proofs() -> ProofVerifier {
    ProofVerifier::new().clock(clock())
}

fn access_tokens() -> access_token::Verifier {
    access_token::Verifier::new(ISSUER, API).map_verifier(|verifier| verifier.clock(clock()))
}

fn verifier() -> Verifier {
    Verifier::new(access_tokens()).proofs(proofs())
}

/// The key of the client.
fn client_key() -> SigningKey {
    let der = support::pem_body("ecp256.pkcs8.pem");
    SigningKey::from_der(Algorithm::ES256, der).expect("a key")
}

fn prover() -> Prover {
    Prover::new(client_key()).expect("a prover").clock(clock())
}

/// The header of a proof, as JSON.
fn header() -> Value {
    let mut jwk = serde_json::to_value(client_key().verifying_key()).expect("a JWK");
    for name in ["alg", "use"] {
        jwk.as_object_mut().expect("an object").remove(name);
    }
    json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk })
}

/// The claims of a proof for a GET of [`URI`].
fn claims() -> Value {
    json!({ "jti": "1", "htm": "GET", "htu": URI, "iat": NOW })
}

fn proof(header: &Value, claims: &Value) -> String {
    forge(&client_key(), header.to_string(), claims.to_string())
}

/// Verifies a proof without an access token.
fn verify(proofs: &ProofVerifier, proof: &str) -> Result<(), DpopError> {
    let request = Request::new("GET", URI).dpop([proof]);
    proofs.verify(&request).map(drop)
}

/// Sets a member.
fn with(mut object: Value, name: &str, value: impl Into<Value>) -> Value {
    object[name] = value.into();
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().expect("an object").remove(name);
    object
}

/// The error inside `DpopError::Proof`, as `Debug` writes it.
#[track_caller]
fn proof_error(result: Result<(), DpopError>) -> String {
    match result.expect_err("a rejected proof") {
        DpopError::Proof(error) => support::errors::text(&error),
        error => panic!("expected an error of the proof, found {error:?}"),
    }
}
