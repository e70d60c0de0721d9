//! Key sets and slices of keys: which key verifies a token, which keys are ignored and why, and what
//! is published.

#[path = "../support/mod.rs"]
mod support;

mod entries;
mod lookup;
mod reading;
mod slices;
mod sources;

use jwt_ring::{Algorithm, Claims, KeySet, Keys, SigningKey, Token, Verifier, VerifyingKey};
use serde_json::{Value, json};
use support::{NOW, clock, forge, rsa_key};

fn rsa(algorithm: Algorithm) -> SigningKey {
    rsa_key(algorithm, "rsa2048.pkcs8.pem")
}

/// Returns the public JWK of a key, with these members replaced; null removes one.
fn jwk(key: &SigningKey, members: Value) -> Value {
    let mut jwk = serde_json::to_value(key.verifying_key()).expect("a public key");
    let all = jwk.as_object_mut().expect("an object");
    all.extend(members.as_object().expect("an object").clone());
    all.retain(|_, value| !value.is_null());
    jwk
}

fn set<J: Into<Value>>(keys: impl IntoIterator<Item = J>) -> KeySet {
    let keys: Vec<Value> = keys.into_iter().map(Into::into).collect();
    KeySet::from_json(json!({ "keys": keys }).to_string()).expect("a set")
}

fn with_id(key: &SigningKey, id: &str) -> VerifyingKey {
    key.verifying_key().with_id(id)
}

fn token(key: &SigningKey, kid: Option<&str>) -> String {
    let mut header = json!({ "alg": key.algorithm() });
    if let Some(kid) = kid {
        header["kid"] = json!(kid);
    }
    forge(
        key,
        header.to_string(),
        json!({ "exp": NOW + 1 }).to_string(),
    )
}

/// Returns `verified`, or the code of the error.
fn outcome(keys: &dyn Keys, token: &str) -> &'static str {
    let verified: Result<Token<Claims<Value>>, _> =
        Verifier::new().clock(clock()).verify(token, keys);
    verified.map_or_else(|error| error.code(), |_| "verified")
}
