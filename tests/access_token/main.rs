//! Access tokens (RFC 9068).

#[path = "../support/mod.rs"]
mod support;

mod bound;
mod claims;
mod policy;
mod scopes;
mod signing;
mod typ_jwt;

use std::fmt::Debug;

use jwt_ring::oauth::Scope;
use jwt_ring::oauth::access_token::{AccessTokenClaims, Signer, Verifier};
use jwt_ring::{Algorithm, Claim, FixedClock, SigningKey, Token, VerifyError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

const ISSUER: &str = "https://issuer.example";
const API: &str = "https://api.example";
const OTHER: &str = "https://other.example";
const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;
const JWT: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const DOES_NOT_FIT: &str = "does not fit the expected type";
const DECLARES: &str = "does not fit, because the type of the custom claims declares a claim that is a \
                        field beside them: name the struct itself";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn with_clock(verifier: Verifier, clock: FixedClock) -> Verifier {
    verifier.map_verifier(|verifier| verifier.clock(clock))
}

fn verifier() -> Verifier {
    with_clock(Verifier::new(ISSUER, API), clock())
}

fn verify_as<C: DeserializeOwned>(
    verifier: &Verifier,
    header: &str,
    payload: &Value,
) -> Result<Token<C>, VerifyError> {
    let token = forge(&key(), header, payload.to_string());
    verifier.verify(&token, &key().verifying_key())
}

fn verify(header: &str, payload: &Value) -> Result<Token<AccessTokenClaims>, VerifyError> {
    verify_as(&verifier(), header, payload)
}

#[track_caller]
fn error<T: Debug>(result: Result<T, VerifyError>) -> String {
    errors::text(&result.expect_err("a rejected token"))
}

/// The claims that RFC 9068 §2.2 requires, in the order of the checks.
const REQUIRED: [Claim; 7] = [
    Claim::Expiration,
    Claim::IssuedAt,
    Claim::Issuer,
    Claim::Audience,
    Claim::Subject,
    Claim::JwtId,
    Claim::ClientId,
];

/// A payload of the required claims and no others.
fn least() -> Value {
    json!({
        "iss": ISSUER, "exp": NOW + 1, "aud": API, "sub": "user-42", "client_id": "web-shop",
        "iat": NOW, "jti": "1",
    })
}

/// `least()` with other values; a claim whose value is `REMOVE` is left out.
fn with(changes: Value) -> Value {
    let mut payload = least();
    let members = payload.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::String(text) if text == REMOVE => members.remove(name),
            _ => members.insert(name.clone(), value.clone()),
        };
    }
    payload
}

/// The optional claims of RFC 9068 whose types are not checked in other access tokens.
const RFC_9068: [Claim; 6] = [
    Claim::Scope,
    Claim::Acr,
    Claim::Amr,
    Claim::Roles,
    Claim::Groups,
    Claim::Entitlements,
];

const REMOVE: &str = "(removed)";

fn scope(text: &str) -> Scope {
    text.parse().expect("a scope")
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct App {
    tenant: String,
}

fn signer() -> Signer {
    Signer::new(key().with_id("1"), ISSUER).clock(clock())
}

fn claims() -> AccessTokenClaims {
    signer().claims("user-42", API, "web-shop").expect("claims")
}
