//! Signing: what a `Signer` signs, a `Verifier` accepts, and the rest is an error.

mod custom;
mod dates;
mod header;
mod payload;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, Header, Signature, Signer, SigningKey, Token, Unsigned, Verifier,
};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};
use support::{ALGORITHMS, clock, decode, signing_key};

const DUPLICATE: &str = "has two members of the same name";
const NOT_AN_OBJECT: &str = "is not a JSON object";
const PRIVATE_NAME: &str = "has a name that serde_json reserves for itself";
const TOO_DEEP: &str = "is nested more than 127 levels deep";
const TOO_LONG: &str = "is longer than 8 KiB";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn signer() -> Signer {
    Signer::new(key())
}

fn verifier() -> Verifier {
    Verifier::new()
        .allow_missing_expiration()
        .any_audience()
        .clock(clock())
}

fn claims() -> Claims {
    Claims::new(&clock(), Duration::from_secs(900))
}

/// Signs a payload, verifies the token, and returns the text of the payload.
#[track_caller]
fn sign_and_verify(payload: &(impl Serialize + ?Sized)) -> String {
    let token = signer().sign(payload).expect("a token");
    let result: Result<Token, _> = verifier().verify(&token, &key().verifying_key());
    result.unwrap_or_else(|error| panic!("{error:?}: {token}"));
    let unsigned = Unsigned::new(&Header::new(Algorithm::HS256), payload).expect("a payload");
    let (signing_input, _) = token.rsplit_once('.').expect("a dot");
    assert_eq!(unsigned.signing_input(), signing_input.as_bytes());
    payload_of(&token)
}

fn payload_of(token: &str) -> String {
    let payload = token.split('.').nth(1).expect("a payload");
    String::from_utf8(decode(payload)).expect("text")
}

fn header_of(token: &str) -> String {
    let header = token.split('.').next().expect("a header");
    String::from_utf8(decode(header)).expect("text")
}

/// Asserts that neither a `Signer` nor an `Unsigned` takes a payload. Returns the error.
#[track_caller]
fn payload_error(payload: &(impl Serialize + ?Sized)) -> String {
    let error = signer().sign(payload).expect_err("an invalid payload");
    let unsigned = Unsigned::new(&Header::new(Algorithm::HS256), payload);
    assert_eq!(unsigned.expect_err("an invalid payload"), error);
    for start in ["", "Bearer "] {
        let mut text = start.to_owned();
        assert_eq!(signer().sign_into(payload, &mut text), Err(error.clone()));
        assert_eq!(text, start);
    }
    format!("{error:?}")
}

fn malformed_payload(reason: &str) -> String {
    format!("MalformedPayload {{ reason: {reason:?} }}")
}

/// Members in their order, as a map; names may stand twice.
struct Members<'a>(&'a [(&'a str, Value)]);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[test]
fn all_algorithms_verify_what_they_sign() {
    for algorithm in ALGORITHMS {
        let key = signing_key(algorithm).with_id("kid");
        let public = key.verifying_key();
        let claims = claims().audience("api").custom(json!({ "role": "admin" }));
        let signer = Signer::new(key)
            .typ("at+jwt")
            .header_parameter("nonce", "n");
        let token = signer.sign(&claims).expect("a token");
        let verifier = verifier().typ("at+jwt").algorithms([algorithm]);
        let verified: Token<Claims<Value>> = verifier.verify(&token, &public).expect("a token");
        assert_eq!(*verified.claims(), claims, "{algorithm}");
        let header = Header::new(algorithm).with_typ("at+jwt").with_key_id("kid");
        assert_eq!(*verified.header(), header.with_parameter("nonce", "n"));
    }
}

/// Arrays in arrays, or objects in objects.
fn nested(depth: usize, object: bool) -> Value {
    (0..depth).fold(json!(0), |inner, _| match object {
        true => json!({ "": inner }),
        false => json!([inner]),
    })
}

#[test]
fn a_token_longer_than_the_limit_is_not_signed() {
    let payload = json!({ "role": "admin" });
    let token = signer().sign(&payload).expect("a token");
    let found = token.len();
    let signer = |limit| signer().max_size(limit);
    assert_eq!(signer(found).sign(&payload), Ok(token.clone()));
    for start in ["", "Bearer ", &"x".repeat(100)] {
        // The limit is that of the token, not that of the string.
        let mut text = start.to_owned();
        assert_eq!(signer(found).sign_into(&payload, &mut text), Ok(()));
        assert_eq!(text, format!("{start}{token}"));
        for limit in [found - 1, 1, 0] {
            let error = signer(limit)
                .sign_into(&payload, &mut text)
                .expect_err("too long");
            let expected = format!("TooLarge {{ limit: {limit}, found: {found} }}");
            assert_eq!(format!("{error:?}"), expected);
            assert_eq!(text, format!("{start}{token}"));
        }
    }
}

#[test]
fn the_default_limit_is_that_of_verifiers() {
    let header = Header::new(Algorithm::HS256);
    let filled = |length: usize| json!({ "x": "x".repeat(length) });
    // The longest payload in a token of 65,536 characters.
    let segments = |payload: &Value| {
        let unsigned = Unsigned::new(&header, payload).expect("an unsigned token");
        let signature = key().sign(unsigned.signing_input()).expect("a signature");
        (unsigned, signature)
    };
    let token = |length| signer().sign(&filled(length));
    let longest = (48_000..49_200).rev().find(|length| token(*length).is_ok());
    let longest = longest.expect("a payload that fits");
    let fits = token(longest).expect("a token");
    assert!((65_535..=65_536).contains(&fits.len()), "{}", fits.len());
    let verified = verifier().verify::<Claims>(&fits, &key().verifying_key());
    verified.expect("a valid token");
    let (unsigned, signature) = segments(&filled(longest));
    assert_eq!(unsigned.with_signature(&signature), Ok(fits));

    let error = token(longest + 1).expect_err("too long");
    assert_eq!(error.code(), "too_large");
    let (unsigned, signature) = segments(&filled(longest + 1));
    assert_eq!(unsigned.with_signature(&signature), Err(error));
    let long = signer()
        .max_size(100_000)
        .sign(&filled(longest + 1))
        .expect("a token");
    let verifier = verifier().max_size(long.len());
    verifier
        .verify::<Claims>(&long, &key().verifying_key())
        .expect("a valid token");
}

#[test]
fn a_signature_of_another_algorithm_is_rejected() {
    let is_ed25519 = |one| matches!(one, Algorithm::EdDSA | Algorithm::Ed25519);
    let signatures =
        ALGORITHMS.map(|algorithm| signing_key(algorithm).sign(b"other").expect("a signature"));
    for expected in ALGORITHMS {
        for signature in &signatures {
            let found = signature.algorithm();
            let unsigned = Unsigned::new(&Header::new(expected), &json!({}));
            let result = unsigned
                .expect("an unsigned token")
                .with_signature(signature);
            if expected == found || is_ed25519(expected) && is_ed25519(found) {
                result.expect("a token");
                continue;
            }
            let error = result.expect_err("another algorithm");
            let text = format!("AlgorithmMismatch {{ expected: {expected:?}, found: {found:?} }}");
            assert_eq!(format!("{error:?}"), text);
        }
    }
    // `EdDSA` and `Ed25519` name the same signatures.
    let key = signing_key(Algorithm::EdDSA);
    let unsigned = Unsigned::new(&Header::new(Algorithm::Ed25519), &json!({})).expect("a token");
    let raw = key.sign(unsigned.signing_input()).expect("a signature");
    let bytes = Signature::from_bytes(Algorithm::EdDSA, raw.as_ref()).expect("a signature");
    let token = unsigned.with_signature(&bytes).expect("a token");
    let verified = verifier().verify::<Claims>(&token, &key.verifying_key());
    assert_eq!(
        verified.expect("a valid token").header().algorithm(),
        Algorithm::Ed25519
    );
}

#[test]
fn a_panic_of_the_payload_leaves_the_string_as_it_was() {
    struct Panics;

    impl Serialize for Panics {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("expected")
        }
    }

    let signer = signer();
    let mut text = String::from("Bearer ");
    let result = catch_unwind(AssertUnwindSafe(|| signer.sign_into(&Panics, &mut text)));
    assert!(result.is_err());
    assert_eq!(text, "Bearer ");
    assert_eq!(signer.sign_into(&json!({}), &mut text), Ok(()));
    assert!(text.starts_with("Bearer ey"), "{text}");
}
