//! ID tokens (OpenID Connect Core 1.0).

#[path = "../support/mod.rs"]
mod support;

mod cached;
mod claims;
mod policy;
mod requests;

use std::time::Duration;

use jwt_ring::oauth::id_token::{IdTokenClaims, Verifier};
use jwt_ring::{Algorithm, Claim, FixedClock, SigningKey, Token, VerifyError};
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

const ISSUER: &str = "https://issuer.example";
const CLIENT: &str = "web-shop";
const OTHER: &str = "https://other.example";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn with_clock(verifier: Verifier, clock: FixedClock) -> Verifier {
    verifier.map_verifier(|verifier| verifier.clock(clock))
}

fn with_leeway(verifier: Verifier, seconds: u64) -> Verifier {
    verifier.map_verifier(|verifier| verifier.leeway(Duration::from_secs(seconds)))
}

fn verifier() -> Verifier {
    with_clock(Verifier::new(ISSUER, CLIENT), clock())
}

fn payload() -> Value {
    json!({ "iss": ISSUER, "sub": "user-42", "aud": CLIENT, "exp": NOW + 300, "iat": NOW })
}

fn with(changes: Value) -> Value {
    let mut payload = payload();
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => payload.as_object_mut().expect("an object").remove(name),
            _ => payload
                .as_object_mut()
                .expect("an object")
                .insert(name.clone(), value.clone()),
        };
    }
    payload
}

fn sign(payload: &Value) -> String {
    forge(&key(), r#"{"alg":"HS256"}"#, payload.to_string())
}

fn verify(
    verifier: &Verifier,
    payload: &Value,
    nonce: Option<&str>,
) -> Result<Token<IdTokenClaims>, VerifyError> {
    verifier.verify(&sign(payload), &key().verifying_key(), nonce)
}

/// The error with all its fields.
fn error<T: std::fmt::Debug>(result: Result<T, VerifyError>) -> String {
    errors::text(&result.expect_err("a rejected token"))
}

fn missing(claim: Claim) -> String {
    errors::missing(claim)
}

/// The values of the request and of an earlier token are not in the error.
fn mismatch(claim: Claim) -> String {
    errors::mismatch(claim, &[])
}

fn does_not_fit(member: &str) -> String {
    errors::custom_claims(Some(member), "does not fit the expected type")
}
