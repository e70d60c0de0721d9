//! The policy of a verifier: tables of claims, policy and clock, with the exact error of each row.

#[path = "../support/mod.rs"]
mod support;

mod ages;
mod audience;
mod clocks;
mod header;
mod null;
mod order;
mod times;
mod values;

use std::time::Duration;

use jwt_ring::{Algorithm, Claim, Claims, NumericDate, SigningKey, Verifier};
use serde_json::Value;
use support::{NOW, clock, errors, forge};

const NANO: Duration = Duration::from_nanos(1);
const MINUTE: Duration = Duration::from_secs(60);
const HEADER: &str = r#"{"alg":"HS256"}"#;

/// `Ok`, or the error as `Debug` writes it: the variant with all its fields.
type Expected = Result<(), String>;

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new().clock(clock())
}

/// A verifier that requires no claim, so that each row is about one claim.
fn lenient() -> Verifier {
    verifier().allow_missing_expiration()
}

fn at(seconds: i64) -> NumericDate {
    NumericDate::from_seconds(seconds)
}

fn now() -> NumericDate {
    at(NOW)
}

fn error(debug: impl Into<String>) -> Expected {
    Err(debug.into())
}

fn missing(claim: Claim) -> Expected {
    Err(errors::missing(claim))
}

fn wrong_type(claim: Claim) -> Expected {
    Err(errors::wrong_type(claim))
}

fn mismatch(claim: Claim, expected: &[&str]) -> Expected {
    Err(errors::mismatch(claim, expected))
}

fn expired(at: NumericDate, now: NumericDate) -> Expected {
    Err(errors::expired(at, now))
}

fn not_yet_valid(at: NumericDate, now: NumericDate) -> Expected {
    Err(errors::not_yet_valid(at, now))
}

fn in_future(at: NumericDate, now: NumericDate) -> Expected {
    error(format!("IssuedInFuture {{ at: {at:?}, now: {now:?} }}"))
}

fn too_old(at: NumericDate, now: NumericDate) -> Expected {
    let claim = Claim::IssuedAt;
    error(format!(
        "TooOld {{ claim: {claim:?}, at: {at:?}, now: {now:?} }}"
    ))
}

#[track_caller]
fn check_token(verifier: &Verifier, header: &str, payload: &str, expected: Expected) {
    let jwt = forge(&key(), header, payload);
    let found = verifier.verify::<Claims<Value>>(&jwt, &key().verifying_key());
    let found = found.map(drop).map_err(|error| errors::text(&error));
    assert_eq!(found, expected, "{header} {payload} {verifier:?}");
}

/// `members` are the payload without its braces.
#[track_caller]
fn check(verifier: &Verifier, members: impl AsRef<str>, expected: Expected) {
    let payload = format!("{{{}}}", members.as_ref());
    check_token(verifier, HEADER, &payload, expected);
}
