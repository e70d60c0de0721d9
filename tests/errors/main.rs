//! The codes and sentences of the errors, each from what causes it, and their sizes.

#[path = "../support/mod.rs"]
mod support;

mod sign;
mod verify;

use std::error::Error;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, Header, KeyError, KeyLookupError, Keys, NumericDate, SignError, SigningKey,
    Verifier, VerifyError, VerifyingKey,
};
use serde_json::Value;
use support::{clock, forge};

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

/// Asserts code and sentence; a sentence has no full stop and begins in lower case.
#[track_caller]
fn check(cases: &[(VerifyError, &str, &str)]) {
    for (error, code, sentence) in cases {
        assert_eq!((error.code(), &*error.to_string()), (*code, *sentence));
        check_form(sentence);
    }
}

#[track_caller]
fn check_form(sentence: &str) {
    assert!(!sentence.starts_with(char::is_uppercase), "{sentence}");
    assert!(!sentence.ends_with('.'), "{sentence}");
}

#[derive(Debug)]
struct Failing(KeyLookupError);

impl Keys for Failing {
    fn key(&self, _: &Header) -> Result<std::borrow::Cow<'_, VerifyingKey>, KeyLookupError> {
        Err(self.0.clone())
    }
}

#[test]
fn sentences_and_codes_of_key_lookup_error() {
    let token = forge(&key(), HEADER, "{}");
    for (lookup, code, sentence, source) in [
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
        assert_eq!((lookup.code(), &*lookup.to_string()), (code, sentence));
        assert_eq!(lookup.source().map(ToString::to_string).as_deref(), source);
        check_form(sentence);
        // A verifier returns it with its code, sentence and source.
        let keys = Failing(lookup.clone());
        let error = verifier().verify::<Claims>(&token, &keys);
        let error = error.expect_err("no key");
        assert_eq!(error, VerifyError::KeyLookup(lookup.clone()));
        assert_eq!(error, VerifyError::from(lookup));
        assert_eq!((error.code(), &*error.to_string()), (code, sentence));
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

/// The sentences are in the tables of `keys.rs`, each with its cause.
#[test]
fn codes_of_key_error() {
    let (algorithm, min, max, found) = (Algorithm::HS256, 1, 3, 2);
    let cases = [
        (KeyError::NoPem, "no_pem"),
        (KeyError::SeveralPem { found }, "several_pem"),
        (KeyError::Encrypted, "encrypted"),
        (
            KeyError::Malformed {
                encoding: "a JWK",
                reason: "is wrong",
            },
            "malformed",
        ),
        (
            KeyError::WrongKind {
                found: "a".into(),
                wanted: "b".into(),
            },
            "wrong_kind",
        ),
        (KeyError::RsaSize { found, min, max }, "rsa_size"),
        (
            KeyError::ShortSecret {
                algorithm,
                found,
                min,
            },
            "short_secret",
        ),
        (
            KeyError::SecretIsKeyText { found: "a JWK" },
            "secret_is_key_text",
        ),
        (KeyError::MissingPublicKey, "missing_public_key"),
        (KeyError::CompressedPoint, "compressed_point"),
        (KeyError::Invalid { expected: "a key" }, "invalid"),
        (
            KeyError::WrongUse {
                expected: "for signing",
            },
            "wrong_use",
        ),
        (
            KeyError::WrongAlgorithm {
                expected: algorithm,
            },
            "wrong_algorithm",
        ),
        (KeyError::Unsupported { member: "kty" }, "unsupported"),
        (KeyError::SymmetricInSet, "symmetric_in_set"),
        (KeyError::NoPublicHalf, "no_public_half"),
        (KeyError::CannotGenerate(algorithm), "cannot_generate"),
        (KeyError::NotExportable, "not_exportable"),
        (KeyError::NoRandomness, "no_randomness"),
    ];
    for (error, code) in cases {
        assert_eq!(error.code(), code);
        let sentence = error.to_string();
        assert!(!sentence.starts_with(char::is_uppercase) || sentence.starts_with("RSA"));
        assert!(!sentence.ends_with('.'), "{sentence}");
    }
}
