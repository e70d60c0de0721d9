//! One row for each bad token: its name, the token, a good twin that differs in that one thing and
//! is accepted, and the exact error.
//!
//! All are signed with the right key unless the signature is the point: what a signature does not
//! cure must be found without it.

mod claims;
mod header;
mod json;
mod segments;
mod signature;
#[path = "../support/mod.rs"]
mod support;

use std::fmt::Display;

use jwt_ring::{Algorithm, Keys, SigningKey, Verifier, VerifyError};
use serde::de::DeserializeOwned;
use serde_json::Value;
use support::{NOW, clock, forge};

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

fn header_fault(reason: &'static str) -> VerifyError {
    VerifyError::MalformedHeader { reason }
}

fn payload_fault(reason: &'static str) -> VerifyError {
    VerifyError::MalformedPayload { reason }
}

fn verdict<T: DeserializeOwned>(verifier: &Verifier, keys: &dyn Keys, token: &str) -> String {
    match verifier.verify::<T>(token, keys) {
        Ok(_) => "accepted".into(),
        Err(error) => format!("{error:?}"),
    }
}

type Row<N> = (N, String, String, VerifyError);

/// Checks the rows with a type that reads every member and with one that reads none: what a token
/// is must not depend on who reads it.
#[track_caller]
fn check<N: Display>(verifier: &Verifier, keys: &dyn Keys, rows: impl IntoIterator<Item = Row<N>>) {
    for (name, bad, good, expected) in rows {
        let expected = format!("{expected:?}");
        assert_eq!(verdict::<Value>(verifier, keys, &bad), expected, "{name}");
        assert_eq!(verdict::<()>(verifier, keys, &bad), expected, "{name}");
        let twin = verdict::<Value>(verifier, keys, &good);
        assert_eq!(twin, "accepted", "the good twin of: {name}");
        assert_eq!(verdict::<()>(verifier, keys, &good), "accepted", "{name}");
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
