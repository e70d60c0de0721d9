//! `Claims<T>`: the registered claims as fields, and the custom claims as any type that serde reads
//! from an object. `types` tests other types of claims, `signer` what may be written.

#[path = "../support/mod.rs"]
mod support;

mod maps;
mod mismatch;
mod registered;
mod types;

use jwt_ring::{Algorithm, Claims, NumericDate, SigningKey, Verifier, VerifyError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use support::{NOW, clock, errors, forge};

const DOES_NOT_FIT: &str = "does not fit the expected type";
const IS_MISSING: &str = "is missing, and the expected type requires it";
const DECLARES_REGISTERED: &str = "does not fit, because the type of the custom claims declares a claim that is a field beside them: name the struct itself";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new().issuer("me").audience("you").clock(clock())
}

/// Returns a token with these members, written after the first registered claims and before the
/// last.
fn jwt(members: &str) -> String {
    let exp = NOW + 900;
    let separator = if members.is_empty() { "" } else { "," };
    let payload =
        format!(r#"{{"iss":"me","exp":{exp},{members}{separator}"sub":"user-42","aud":["you"]}}"#);
    forge(&key(), r#"{"alg":"HS256"}"#, payload)
}

fn read<T: DeserializeOwned>(members: &str) -> Result<T, VerifyError> {
    let token = verifier().verify::<Claims<T>>(&jwt(members), &key().verifying_key())?;
    let claims = token.into_claims();
    // The type of the custom claims has no influence on the registered ones.
    assert_eq!(claims.issuer.as_deref(), Some("me"));
    assert_eq!(claims.subject.as_deref(), Some("user-42"));
    assert_eq!(claims.audience, Some(["you"].into_iter().collect()));
    assert_eq!(
        claims.expiration,
        Some(NumericDate::from_seconds(NOW + 900))
    );
    assert_eq!(
        (claims.not_before, claims.issued_at, claims.jwt_id),
        (None, None, None)
    );
    Ok(claims.custom)
}

/// Asserts that the members do not fit, and returns the error.
#[track_caller]
fn error_of<T: DeserializeOwned>(members: &str) -> String {
    errors::text(&read::<T>(members).map(drop).expect_err(members))
}

#[derive(Debug, PartialEq, Deserialize)]
struct App {
    role: String,
}

fn app() -> App {
    App {
        role: "admin".into(),
    }
}

const MEMBERS: &str = r#""role":"admin","more":[1,{"sub":2}]"#;
