//! `C`, the type of the claims: any type that serde_json reads from an object. It does not affect the
//! checks. `claims` tests `T` of `Claims<T>`.

mod checks;
mod fit;
mod kinds;
mod like_serde_json;
mod names;
#[path = "../support/mod.rs"]
mod support;

use jwt_ring::{Algorithm, SigningKey, Verifier, VerifyError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use support::{NOW, clock, forge};

const HEADER: &str = r#"{"alg":"HS256"}"#;
const DOES_NOT_FIT: &str = "does not fit the expected type";
const IS_MISSING: &str = "is missing, and the expected type requires it";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new().clock(clock())
}

fn read_with<C: DeserializeOwned>(verifier: &Verifier, payload: &str) -> Result<C, VerifyError> {
    let token = forge(&key(), HEADER, payload);
    let token = verifier.verify(&token, &key().verifying_key())?;
    Ok(token.into_claims())
}

/// Reads a payload; `exp` is not required.
fn read<C: DeserializeOwned>(payload: &str) -> Result<C, VerifyError> {
    read_with(&verifier().allow_missing_expiration(), payload)
}

fn payload() -> Value {
    json!({ "sub": "user-42", "exp": NOW + 1, "role": "admin" })
}

#[derive(Debug, PartialEq, Deserialize)]
struct Own {
    sub: String,
    exp: i64,
    role: String,
}

fn own() -> Own {
    Own {
        sub: "user-42".into(),
        exp: NOW + 1,
        role: "admin".into(),
    }
}
