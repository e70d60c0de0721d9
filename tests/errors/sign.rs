//! `SignError`.

use std::collections::BTreeMap;

use jwt_ring::{Algorithm, Claims, Header, SignError, Signature, Signer, Unsigned};
use serde_json::{Value, json};

use super::support::{clock, encode};
use super::{MINUTE, check_form, key};

/// Returns the error of signing a payload that every verifier rejects.
fn sign(payload: &Value) -> SignError {
    let signer = Signer::new(key());
    signer
        .sign(payload)
        .expect_err("a payload that is rejected")
}

#[test]
fn messages_and_codes_of_sign_error() {
    let (hs256, es256) = (Algorithm::HS256, Algorithm::ES256);
    let parameter = |name: &str, value: Value| {
        let signer = Signer::new(key()).header_parameter(name, value);
        signer.sign(&json!({})).expect_err("a header")
    };
    let unsigned = Unsigned::new(&Header::new(hs256), &json!({})).expect("a header and payload");
    let signature = Signature::from_bytes(es256, [0; 64]).expect("64 bytes");
    let custom = Claims::new(&clock(), MINUTE).custom(json!({ "sub": "a" }));
    let cases = [
        (
            Signer::new(key()).sign(&custom).expect_err("a custom sub"),
            "shadowed_claim",
            "the custom claims have the claim \"sub\", which is a field beside them",
        ),
        (
            Signer::new(key())
                .sign(&BTreeMap::from([((), 1)]))
                .expect_err("a key that is not a string"),
            "payload",
            "the payload cannot be serialized: key must be a string",
        ),
        (
            sign(&json!([])),
            "malformed_payload",
            "the payload is not a JSON object",
        ),
        (
            sign(&json!({ "sub": null })),
            "null_claim",
            "the claim `sub` is null, which verifiers reject: leave it out with \
             `#[serde(skip_serializing_if = \"Option::is_none\")]`",
        ),
        (
            sign(&json!({ "exp": "soon" })),
            "wrong_type",
            "expected the claim `exp` to be a number of seconds since 1970, found another type",
        ),
        (
            parameter("crit", json!(["exp"])),
            "reserved_parameter",
            "header parameter \"crit\" is set by the signer or not supported",
        ),
        (
            parameter("x", json!("x".repeat(9_000))),
            "malformed_header",
            "the header is longer than 8 KiB",
        ),
        (
            Signer::new(key())
                .max_size(8)
                .sign(&json!({}))
                .expect_err("8 bytes"),
            "too_large",
            &format!(
                "expected a token of at most 8 bytes, found {}",
                encode(r#"{"alg":"HS256","typ":"JWT"}"#).len() + ".e30.".len() + 43
            ),
        ),
        (
            unsigned
                .with_signature(&signature)
                .expect_err("of another algorithm"),
            "algorithm_mismatch",
            "expected a signature for HS256, found one for ES256",
        ),
        (
            Signature::from_bytes(es256, [0; 71]).expect_err("71 bytes"),
            "signature_length",
            "expected a signature of 64 bytes for ES256, found 71: convert ECDSA in DER with \
             `Signature::from_der`",
        ),
        (
            Signature::from_bytes(Algorithm::EdDSA, [0; 63]).expect_err("63 bytes"),
            "signature_length",
            "expected a signature of 64 bytes for EdDSA, found 63",
        ),
        (
            Signature::from_bytes(hs256, [0; 31]).expect_err("31 bytes"),
            "signature_length",
            "expected a signature of 32 bytes for HS256, found 31",
        ),
        (
            Signature::from_bytes(Algorithm::RS256, [0; 255]).expect_err("255 bytes"),
            "signature_length",
            "expected a signature of 256 bytes or more for RS256, found 255",
        ),
        (
            Signature::from_der(es256, [0; 64]).expect_err("zeros"),
            "malformed_der",
            "expected a signature for ES256 in DER, found other bytes",
        ),
        (
            Signature::from_der(Algorithm::RS256, [0; 64]).expect_err("no ECDSA"),
            "malformed_der",
            "expected an ECDSA algorithm for a signature in DER, found RS256",
        ),
        (
            SignError::Failed,
            "failed",
            "the operating system returned no random bytes",
        ),
    ];
    for (error, code, message) in cases {
        assert_eq!((error.code(), &*error.to_string()), (code, message));
        check_form(message);
        assert_eq!(error, error.clone());
    }
}

#[test]
#[cfg(feature = "oauth")]
fn custom_claims_that_shadow_a_profile_claim_are_named() {
    let signer = jwt_ring::oauth::access_token::Signer::new(key(), "a");
    let claims = signer.claims("c", "b", "d").expect("claims");
    let error = signer.sign(&claims.custom(serde_json::json!({ "scope": "admin" })));
    let error = error.expect_err("a profile claim");
    assert_eq!(error, SignError::ShadowedClaim("scope".into()));
}
