//! The codes and messages of the errors, each from its cause, and their sizes.

#[path = "../support/mod.rs"]
mod support;

mod guide;
mod sign;
mod verify;

use std::error::Error;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, Header, KeyError, KeyLookupError, KeySet, Keys, NumericDate, SignError,
    SigningKey, Verifier, VerifyError, VerifyingKey,
};
use serde_json::Value;
use support::keys::der as key_der;
use support::{clock, encode, forge, key_file};

#[test]
fn types_that_are_moved_often_are_small() {
    assert!(size_of::<NumericDate>() <= 16);
    assert!(size_of::<KeyLookupError>() <= 24);
    assert!(size_of::<VerifyError>() <= 56);
    assert!(size_of::<SignError>() <= 32);
    assert!(size_of::<KeyError>() <= 56);
    assert!(size_of::<VerifyingKey>() <= 32);
}

const HEADER: &str = r#"{"alg":"HS256"}"#;
const MINUTE: Duration = Duration::from_secs(60);

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new().clock(clock()).allow_missing_expiration()
}

fn verify(verifier: &Verifier, token: &str) -> VerifyError {
    let found = verifier.verify::<Claims<Value>>(token, &key().verifying_key());
    found.expect_err(token)
}

fn with_header(header: &str) -> VerifyError {
    verify(&verifier(), &forge(&key(), header, "{}"))
}

fn with_payload(verifier: &Verifier, payload: &Value) -> VerifyError {
    verify(verifier, &forge(&key(), HEADER, payload.to_string()))
}

/// Asserts the code and the message, which begins in lower case and has no full stop.
#[track_caller]
fn check(cases: &[(VerifyError, &str, &str)]) {
    for (error, code, message) in cases {
        assert_eq!((error.code(), &*error.to_string()), (*code, *message));
        check_form(message);
    }
}

#[track_caller]
fn check_form(message: &str) {
    assert!(!message.starts_with(char::is_uppercase), "{message}");
    assert!(!message.ends_with('.'), "{message}");
}

#[derive(Debug)]
struct Failing(KeyLookupError);

impl Keys for Failing {
    fn key(&self, _: &Header) -> Result<std::borrow::Cow<'_, VerifyingKey>, KeyLookupError> {
        Err(self.0.clone())
    }
}

#[test]
fn messages_and_codes_of_key_lookup_error() {
    let token = forge(&key(), HEADER, "{}");
    for (lookup, code, message, source) in [
        (
            KeyLookupError::Unknown,
            "unknown_key",
            "no key matches the token's `kid` and `alg`",
            None,
        ),
        (
            KeyLookupError::Ambiguous,
            "ambiguous_key",
            "several keys match the token, and its `kid` does not select one",
            None,
        ),
        (
            KeyLookupError::unavailable("the issuer does not answer"),
            "keys_unavailable",
            "verification keys are unavailable",
            Some("the issuer does not answer"),
        ),
    ] {
        assert_eq!((lookup.code(), &*lookup.to_string()), (code, message));
        assert_eq!(lookup.source().map(ToString::to_string).as_deref(), source);
        check_form(message);
        // A verifier returns it with its code, message and source.
        let keys = Failing(lookup.clone());
        let error = verifier().verify::<Claims>(&token, &keys);
        let error = error.expect_err("no key");
        assert_eq!(error, VerifyError::KeyLookup(lookup.clone()));
        assert_eq!(error, VerifyError::from(lookup));
        assert_eq!((error.code(), &*error.to_string()), (code, message));
        assert_eq!(error.source().map(ToString::to_string).as_deref(), source);
    }
}

#[test]
fn an_unavailable_error_equals_its_clones_only() {
    let one = KeyLookupError::unavailable("down");
    let same = one.clone();
    assert_eq!(one, same);
    assert_ne!(one, KeyLookupError::unavailable("down"));
    assert_ne!(one, KeyLookupError::Unknown);
    assert_ne!(KeyLookupError::Unknown, KeyLookupError::Ambiguous);
    assert_eq!(KeyLookupError::Unknown, KeyLookupError::Unknown);
    let io = std::io::Error::other("reset");
    let KeyLookupError::Unavailable { source, .. } = KeyLookupError::unavailable(io) else {
        panic!("another variant");
    };
    assert!(source.is::<std::io::Error>());
}

/// The messages are in `keys.rs`, `key_messages.rs`, `key_rotation` and `large_key_set.rs`.
/// Outside the library, the variants with fields cannot be constructed, so their causes are tested here.
#[test]
fn codes_of_key_error() {
    let hs256 = |secret: &[u8]| SigningKey::from_secret(Algorithm::HS256, secret).map(drop);
    let jwk = |jwk: &str| VerifyingKey::from_jwk(Algorithm::HS256, jwk).map(drop);
    let oct = |member: &str| {
        jwk(&format!(
            r#"{{"kty":"oct","k":"{}",{member}}}"#,
            encode([7; 32])
        ))
    };
    let mut off_curve = key_der("ecp256.spki");
    *off_curve.last_mut().expect("a byte") ^= 1;
    let public = |algorithm, der: &[u8]| VerifyingKey::from_der(algorithm, der).map(drop);
    let set = " ".repeat(1024 * 1024 + 1);
    let caused = [
        (jwk("{"), "malformed"),
        (KeySet::from_json(set).map(drop), "too_large"),
        (
            public(Algorithm::RS256, &key_der("ecp256.spki")),
            "wrong_kind",
        ),
        (
            public(Algorithm::RS256, &key_der("rsa1024.spki")),
            "rsa_size",
        ),
        (hs256(&[7; 31]), "short_secret"),
        (hs256(&key_file("ecp256.spki.pem")), "secret_is_key_text"),
        (public(Algorithm::ES256, &off_curve), "invalid"),
        (oct(r#""use":"enc""#), "wrong_use"),
        (oct(r#""alg":"HS384""#), "wrong_algorithm"),
        #[cfg(feature = "pem")]
        (
            SigningKey::from_pem(Algorithm::ES256, "").map(drop),
            "no_pem",
        ),
        #[cfg(feature = "pem")]
        (
            SigningKey::from_pem(Algorithm::ES256, key_file("ecp256.sec1.pem").repeat(2)).map(drop),
            "several_pem",
        ),
    ];
    let caused = caused.map(|(result, code)| (result.expect_err(code), code));
    let constructed = [
        (KeyError::Encrypted, "encrypted"),
        (KeyError::MissingPublicKey, "missing_public_key"),
        (KeyError::CompressedPoint, "compressed_point"),
        (KeyError::UnsupportedKeyType, "unsupported_key_type"),
        (KeyError::UnsupportedCurve, "unsupported_curve"),
        (KeyError::UnsupportedAlgorithm, "unsupported_algorithm"),
        (KeyError::SymmetricInSet, "symmetric_in_set"),
        (KeyError::NoPublicHalf, "no_public_half"),
        (KeyError::DuplicateId, "duplicate_id"),
        (KeyError::NoKeys, "no_keys"),
        (
            KeyError::CannotGenerate(Algorithm::RS256),
            "cannot_generate",
        ),
        (KeyError::NotExportable, "not_exportable"),
        (KeyError::NoRandomness, "no_randomness"),
    ];
    for (error, code) in caused.into_iter().chain(constructed) {
        assert_eq!(error.code(), code);
        check_form(&error.to_string());
    }
}
