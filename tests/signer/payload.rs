//! Payloads of the caller's own types.

use std::collections::BTreeMap;

use jwt_ring::{Claim, Claims, SignError};
use serde::ser::{Error, SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    DUPLICATE, Members, NOT_AN_OBJECT, PRIVATE_NAME, TOO_DEEP, claims, key, malformed_payload,
    nested, payload_error, sign_and_verify, signer, verifier,
};

#[test]
fn a_duplicate_name_is_not_signed() {
    #[derive(Serialize)]
    struct Outer {
        role: u8,
        #[serde(flatten)]
        inner: BTreeMap<&'static str, u8>,
    }
    let outer = |name| Outer {
        role: 1,
        inner: [(name, 2)].into(),
    };
    let twice = |one, other| [(one, json!(1)), (other, json!(2))];
    for payload in [
        twice("a", "a"),
        twice("", ""),
        twice("exp", "exp"),
        twice("é", "é"),
    ] {
        assert_eq!(
            payload_error(&Members(&payload)),
            malformed_payload(DUPLICATE)
        );
        let custom = claims().custom(Members(&payload));
        if payload[0].0 != "exp" {
            assert_eq!(payload_error(&custom), malformed_payload(DUPLICATE));
        }
    }
    assert_eq!(payload_error(&outer("role")), malformed_payload(DUPLICATE));
    assert_eq!(
        payload_error(&claims().custom(outer("role"))),
        malformed_payload(DUPLICATE)
    );

    assert_eq!(
        sign_and_verify(&Members(&twice("a", "A"))),
        r#"{"a":1,"A":2}"#
    );
    sign_and_verify(&claims().custom(outer("level")));
    // Only the names of the payload itself are compared.
    let nested = [("a", json!({ "role": 1 })), ("role", json!(1))];
    sign_and_verify(&Members(&nested));
}

#[test]
fn a_payload_that_is_not_an_object_is_not_signed() {
    for value in [
        json!([1]),
        json!([]),
        json!("x"),
        json!(5),
        json!(-5),
        json!(1.5),
        json!(true),
        json!(null),
    ] {
        assert_eq!(
            payload_error(&value),
            malformed_payload(NOT_AN_OBJECT),
            "{value}"
        );
    }
    assert_eq!(payload_error("{}"), malformed_payload(NOT_AN_OBJECT));
    assert_eq!(payload_error(&()), malformed_payload(NOT_AN_OBJECT));
    assert_eq!(
        payload_error(&None::<Claims>),
        malformed_payload(NOT_AN_OBJECT)
    );
    assert_eq!(payload_error(&[claims()]), malformed_payload(NOT_AN_OBJECT));
    assert_eq!(sign_and_verify(&json!({})), "{}");
    sign_and_verify(&Some(claims()));
}

#[test]
fn nesting_deeper_than_127_levels_is_not_signed() {
    for object in [false, true] {
        // The payload itself is the first level.
        let payload = |depth: usize| json!({ "a": nested(depth - 1, object) });
        sign_and_verify(&payload(127));
        sign_and_verify(&claims().custom(payload(127)));
        for depth in [128, 129, 500] {
            assert_eq!(payload_error(&payload(depth)), malformed_payload(TOO_DEEP));
            let custom = claims().custom(payload(depth));
            assert_eq!(payload_error(&custom), malformed_payload(TOO_DEEP));
        }
    }
}

#[test]
fn a_private_name_of_serde_json_is_not_signed() {
    for suffix in ["RawValue", "Number", ""] {
        let name = format!("$serde_json::private::{suffix}");
        let payloads = [json!({ &name: "7" }), json!({ "a": [{ &name: "7" }] })];
        for payload in payloads {
            assert_eq!(
                payload_error(&payload),
                malformed_payload(PRIVATE_NAME),
                "{payload}"
            );
            let custom = claims().custom(&payload);
            assert_eq!(
                payload_error(&custom),
                malformed_payload(PRIVATE_NAME),
                "{payload}"
            );
        }
        sign_and_verify(&json!({ name.trim_start_matches('$'): name }));
    }
}

#[test]
fn a_registered_claim_that_is_null_is_not_signed() {
    #[derive(Serialize)]
    struct Own {
        sub: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        jti: Option<&'static str>,
    }
    let (sub, jti) = (Some("user-42"), None);
    assert_eq!(sign_and_verify(&Own { sub, jti }), r#"{"sub":"user-42"}"#);
    assert_eq!(payload_error(&Own { sub: None, jti }), "NullClaim(Subject)");
    for (name, claim) in [
        ("exp", "Expiration"),
        ("nbf", "NotBefore"),
        ("iat", "IssuedAt"),
        ("iss", "Issuer"),
        ("aud", "Audience"),
        ("sub", "Subject"),
        ("jti", "JwtId"),
    ] {
        assert_eq!(
            payload_error(&json!({ name: null })),
            format!("NullClaim({claim})")
        );
    }
    let message = SignError::NullClaim(Claim::Subject).to_string();
    assert!(message.contains("skip_serializing_if"), "{message}");
    // Claims that are not registered may be null.
    assert_eq!(
        sign_and_verify(&json!({ "nonce": null })),
        r#"{"nonce":null}"#
    );
}

#[test]
fn a_registered_claim_of_a_wrong_type_is_not_signed() {
    let dates = [
        json!("1"),
        json!(true),
        json!([1]),
        json!({}),
        json!(1e300),
        json!(u64::MAX),
    ];
    let strings = [json!(1), json!(true), json!(["a"]), json!({})];
    let audiences = [
        json!(1),
        json!({}),
        json!([1]),
        json!(["a", null]),
        json!([["a"]]),
    ];
    for (claim, values) in [
        (Claim::Expiration, &dates[..]),
        (Claim::NotBefore, &dates),
        (Claim::IssuedAt, &dates),
        (Claim::Issuer, &strings),
        (Claim::Audience, &audiences),
        (Claim::Subject, &strings),
        (Claim::JwtId, &strings),
    ] {
        for value in values {
            let payload = json!({ claim.name(): value });
            assert_eq!(
                payload_error(&payload),
                format!("WrongType({claim:?})"),
                "{payload}"
            );
        }
    }
    // The payload may hold any number, string and audience.
    for payload in [
        json!({ "exp": i64::MAX, "nbf": i64::MIN, "iat": -1 }),
        json!({ "exp": 9e9, "nbf": 0.5, "iat": -1.5 }),
        json!({ "iss": "", "sub": "\u{0}\"\\", "jti": "é😀", "aud": "" }),
        json!({ "aud": [] }),
        json!({ "aud": ["a", "a"] }),
    ] {
        sign_and_verify(&payload);
    }
    // The first error in the order of the checks, not of the members.
    let both = [("jti", json!(1)), ("exp", json!(null))];
    assert_eq!(payload_error(&Members(&both)), "NullClaim(Expiration)");
}

#[test]
fn a_payload_whose_type_fails_is_not_signed() {
    struct Fails;

    impl Serialize for Fails {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("a", &1)?;
            Err(S::Error::custom("out of order"))
        }
    }
    assert_eq!(payload_error(&Fails), r#"Payload("out of order")"#);
    assert_eq!(
        payload_error(&claims().custom(Fails)),
        r#"Payload("out of order")"#
    );
    let keys = BTreeMap::from([((1, 2), 3)]);
    assert_eq!(payload_error(&keys), r#"Payload("key must be a string")"#);
    let error = payload_error(&claims().custom(keys));
    assert_eq!(error, r#"Payload("key must be a string")"#);
}

#[test]
fn all_numbers_and_keys_that_serde_json_writes_are_accepted() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Wide {
        large: u128,
        small: i128,
        float: f64,
        keys: BTreeMap<u64, char>,
    }
    let wide = || Wide {
        large: u128::MAX,
        small: i128::MIN,
        float: 5e-324,
        keys: BTreeMap::from([(0, '\u{0}'), (u64::MAX, '😀')]),
    };
    sign_and_verify(&wide());
    let token = signer().sign(&claims().custom(wide())).expect("a token");
    let token = verifier().verify::<Claims<Wide>>(&token, &key().verifying_key());
    assert_eq!(token.expect("a valid token").claims().custom, wide());

    let integers = BTreeMap::from([(1_i64, "a"), (-2, "b")]);
    assert_eq!(sign_and_verify(&integers), r#"{"-2":"b","1":"a"}"#);
    assert_eq!(
        sign_and_verify(&BTreeMap::from([(true, 1)])),
        r#"{"true":1}"#
    );
    assert_eq!(sign_and_verify(&BTreeMap::from([('"', 1)])), r#"{"\"":1}"#);
    // serde_json writes them as null.
    let infinite = json!({ "a": f64::INFINITY, "b": f64::NAN });
    assert_eq!(sign_and_verify(&infinite), r#"{"a":null,"b":null}"#);
    let all_ascii: String = (0..128_u8).map(char::from).collect();
    sign_and_verify(&json!({ &all_ascii: all_ascii }));
}
