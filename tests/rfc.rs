//! The examples of the RFCs. The files are named by RFC and section.

mod support;

use jwt_ring::{
    Algorithm, Claims, FixedClock, KeySet, NumericDate, SigningKey, Token, Unverified, Verifier,
    VerifyError, VerifyingKey,
};
use serde_json::{Value, json};
use support::{decode, encode};

macro_rules! rfc {
    ($name:literal) => {
        include_str!(concat!("rfc/", $name)).trim_end()
    };
}

/// Before 2011-03-22T18:43:00Z, when the examples of RFC 7515 and 7519 expired.
fn in_time() -> Verifier {
    Verifier::new().clock(FixedClock::at(NumericDate::from_seconds(1_300_819_379)))
}

#[test]
fn rfc_7515_a_1_to_a_3_and_rfc_7519_3_1_verify() {
    let examples = [
        (Algorithm::HS256, rfc!("7515-a1.jwk"), rfc!("7515-a1.jwt")),
        (Algorithm::RS256, rfc!("7515-a2.jwk"), rfc!("7515-a2.jwt")),
        (Algorithm::ES256, rfc!("7515-a3.jwk"), rfc!("7515-a3.jwt")),
    ];
    for (algorithm, jwk, jwt) in examples {
        let key = VerifyingKey::from_jwk(algorithm, jwk).expect("the key of the RFC");
        let token: Token<Claims<Value>> = in_time()
            .issuer("joe")
            .verify(jwt, &key)
            .expect("its token");
        assert_eq!(token.header().algorithm(), algorithm);
        assert_eq!(token.claims().issuer.as_deref(), Some("joe"));
        assert_eq!(
            token.claims().expiration,
            Some(NumericDate::from_seconds(1_300_819_380))
        );
        assert_eq!(
            token.claims().custom,
            json!({ "http://example.com/is_root": true })
        );

        let late = in_time().clock(FixedClock::at(NumericDate::from_seconds(1_300_819_380)));
        let rejected = late
            .verify::<Claims<Value>>(jwt, &key)
            .expect_err("an expired token");
        assert_eq!(rejected.code(), "expired");
    }
}

#[test]
fn rfc_7515_a_4_is_rejected_because_p_521_is_not_supported() {
    let rejected = Unverified::parse(rfc!("7515-a4.jwt")).expect_err("ES512");
    assert_eq!(rejected.code(), "unsupported_algorithm");
    let rejected = VerifyingKey::from_jwk(Algorithm::ES384, rfc!("7515-a4.jwk"));
    assert_eq!(rejected.expect_err("P-521").code(), "unsupported_curve");
}

#[test]
fn rfc_7519_6_1_is_rejected_because_it_is_not_signed() {
    let jwt = "eyJhbGciOiJub25lIn0\
        .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
    let key = VerifyingKey::from_jwk(Algorithm::HS256, rfc!("7515-a1.jwk")).expect("a key");
    let rejected = in_time()
        .verify::<Claims<Value>>(jwt, &key)
        .expect_err("no signature");
    assert_eq!(rejected.code(), "unsupported_algorithm");
}

/// The payload of RFC 7520 §4 is not JSON: the token is rejected for its payload, which is read only
/// if the signature is valid.
#[test]
fn rfc_7520_4_signatures_are_valid() {
    let examples = [
        (Algorithm::RS256, rfc!("7520-3.4.jwk"), rfc!("7520-4.1.jwt")),
        (Algorithm::RS256, rfc!("7520-3.3.jwk"), rfc!("7520-4.1.jwt")),
        (Algorithm::PS384, rfc!("7520-3.4.jwk"), rfc!("7520-4.2.jwt")),
        (Algorithm::HS256, rfc!("7520-3.5.jwk"), rfc!("7520-4.4.jwt")),
    ];
    for (algorithm, jwk, jwt) in examples {
        let key = VerifyingKey::from_jwk(algorithm, jwk).expect("the key of the RFC");
        assert_eq!(rejection(jwt, &key), "malformed_payload", "{algorithm}");
        let (signing_input, signature) = jwt.rsplit_once('.').expect("segments");
        let mut other = decode(signature);
        other[7] ^= 1;
        let other = format!("{signing_input}.{}", encode(other));
        assert_eq!(rejection(&other, &key), "invalid_signature", "{algorithm}");
    }
    // ES512, on P-521.
    let rejected = Unverified::parse(rfc!("7520-4.3.jwt")).expect_err("ES512");
    assert!(matches!(rejected, VerifyError::UnsupportedAlgorithm));
    let rejected = SigningKey::from_jwk(Algorithm::ES256, rfc!("7520-3.2.jwk"));
    assert_eq!(rejected.expect_err("P-521").code(), "unsupported_curve");
}

fn rejection(jwt: &str, key: &VerifyingKey) -> &'static str {
    in_time()
        .verify::<Claims<Value>>(jwt, key)
        .expect_err("no claims")
        .code()
}

#[test]
fn deterministic_signatures_equal_those_of_the_rfcs() {
    let examples = [
        (Algorithm::HS256, rfc!("7515-a1.jwk"), rfc!("7515-a1.jwt")),
        (Algorithm::RS256, rfc!("7515-a2.jwk"), rfc!("7515-a2.jwt")),
        (Algorithm::RS256, rfc!("7520-3.4.jwk"), rfc!("7520-4.1.jwt")),
        (Algorithm::HS256, rfc!("7520-3.5.jwk"), rfc!("7520-4.4.jwt")),
        (Algorithm::EdDSA, ED25519_PRIVATE, ED25519_JWS),
        (Algorithm::Ed25519, ED25519_PRIVATE, ED25519_JWS),
    ];
    for (algorithm, jwk, jwt) in examples {
        let key = SigningKey::from_jwk(algorithm, jwk).expect("the key of the RFC");
        let (signing_input, expected) = jwt.rsplit_once('.').expect("segments");
        let signature = key.sign(signing_input.as_bytes()).expect("a signature");
        assert_eq!(encode(signature), expected, "{jwt}");
    }
    // ECDSA is not deterministic: the signature of A.3 is replaced by one of the same key.
    let key = SigningKey::from_jwk(Algorithm::ES256, rfc!("7515-a3.jwk")).expect("a key");
    let jwt = support::forge(&key, r#"{"alg":"ES256"}"#, r#"{"exp":1300819380}"#);
    in_time()
        .verify::<Claims<Value>>(&jwt, &key.verifying_key())
        .expect("a good token");
}

#[test]
fn rfc_7638_3_1_thumbprint() {
    let set: Value = serde_json::from_str(rfc!("7517-a1.jwks")).expect("JSON");
    let key = VerifyingKey::from_jwk(Algorithm::RS256, &set["keys"][1].to_string());
    let thumbprint = key.expect("the key of the RFC").thumbprint();
    assert_eq!(
        thumbprint.as_deref(),
        Ok("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    );
}

#[test]
fn rfc_7517_a_1_key_set() {
    let keys = KeySet::from_json(rfc!("7517-a1.jwks")).expect("a set");
    assert_eq!((keys.len(), keys.ignored().len()), (1, 1));
    let ignored = &keys.ignored()[0];
    assert_eq!((ignored.index, ignored.key_id.as_deref()), (0, Some("1")));
    assert_eq!(ignored.error.code(), "wrong_use");
}

/// RFC 8037 A.1.
const ED25519_PRIVATE: &str = r#"{"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// RFC 8037 A.4.
const ED25519_JWS: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc\
    .hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

#[test]
fn rfc_8037_a_key_thumbprint_and_signature() {
    let public =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    for (algorithm, jwk) in [
        (Algorithm::EdDSA, ED25519_PRIVATE),
        (Algorithm::EdDSA, public),
        (Algorithm::Ed25519, ED25519_PRIVATE),
        (Algorithm::Ed25519, public),
    ] {
        let key = VerifyingKey::from_jwk(algorithm, jwk).expect("the key of the RFC");
        let thumbprint = key.thumbprint();
        assert_eq!(
            thumbprint.as_deref(),
            Ok("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        );
        assert_eq!(rejection(ED25519_JWS, &key), "malformed_payload");
    }
}
