//! Malformed and forged tokens, one row each: the case, the token, a valid twin that differs in that
//! one thing, and the exact error.
//!
//! All are signed with the right key, unless the case is about the signature.

mod claims;
mod header;
mod json;
mod segments;
mod signature;
#[path = "../support/mod.rs"]
mod support;

use std::fmt::Display;

use jwt_ring::{Algorithm, Claims, Keys, SigningKey, Verifier};
use serde::de::DeserializeOwned;
use serde_json::Value;
use support::{NOW, clock, errors, forge};

const HEADER: &str = r#"{"alg":"HS256"}"#;
const NOT_JSON: &str = "is not valid JSON";
const DUPLICATE: &str = "has two members of the same name";

fn verifier() -> Verifier {
    Verifier::new().clock(clock())
}

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn payload() -> String {
    format!(r#"{{"exp":{}}}"#, NOW + 1)
}

fn with_header(header: impl AsRef<[u8]>) -> String {
    forge(&key(), header, payload())
}

fn with_payload(payload: impl AsRef<[u8]>) -> String {
    forge(&key(), HEADER, payload)
}

const ACCEPTED: &str = "accepted";

/// Returns [`ACCEPTED`], or the error as `Debug` writes it.
fn verify<C: DeserializeOwned>(verifier: &Verifier, keys: &dyn Keys, token: &str) -> String {
    match verifier.verify::<C>(token, keys) {
        Ok(_) => ACCEPTED.into(),
        Err(error) => errors::text(&error),
    }
}

/// The case, the bad token, its valid twin, and the error as `Debug` writes it.
type Row<N> = (N, String, String, String);

/// Checks the rows with types that read all members, some members, and none: the errors must not
/// depend on the type.
#[track_caller]
fn check<N: Display>(verifier: &Verifier, keys: &dyn Keys, rows: impl IntoIterator<Item = Row<N>>) {
    for (name, bad, good, expected) in rows {
        assert_eq!(verify::<Value>(verifier, keys, &bad), expected, "{name}");
        assert_eq!(verify::<Claims>(verifier, keys, &bad), expected, "{name}");
        assert_eq!(verify::<()>(verifier, keys, &bad), expected, "{name}");
        let twin = "the valid twin of";
        assert_eq!(
            verify::<Value>(verifier, keys, &good),
            ACCEPTED,
            "{twin} {name}"
        );
        assert_eq!(
            verify::<Claims>(verifier, keys, &good),
            ACCEPTED,
            "{twin} {name}"
        );
    }
}

#[track_caller]
fn check_defaults<N: Display>(rows: impl IntoIterator<Item = Row<N>>) {
    check(&verifier(), &key().verifying_key(), rows);
}

fn three(token: &str) -> [&str; 3] {
    let segments: Vec<_> = token.split('.').collect();
    segments.try_into().expect("three segments")
}
