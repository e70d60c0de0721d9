//! Custom claims, which become members of the payload.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use crate::support::NOW;
use crate::{claims, payload_error, sign_and_verify};

#[test]
fn custom_claims_that_are_not_an_object_are_not_signed() {
    #[derive(Serialize)]
    struct Pair(u8, u8);
    #[derive(Serialize)]
    enum Choice {
        Unit,
        Tuple(u8, u8),
        Struct { role: u8 },
    }
    let not_an_object =
        r#"MalformedPayload { reason: "has custom claims that are not a JSON object" }"#;
    for value in [
        json!([1]),
        json!("x"),
        json!(5),
        json!(-5),
        json!(1.5),
        json!(true),
    ] {
        assert_eq!(
            payload_error(&claims().custom(&value)),
            not_an_object,
            "{value}"
        );
    }
    assert_eq!(payload_error(&claims().custom((1, 2))), not_an_object);
    assert_eq!(payload_error(&claims().custom(Pair(1, 2))), not_an_object);
    assert_eq!(payload_error(&claims().custom('x')), not_an_object);
    assert_eq!(payload_error(&claims().custom(Choice::Unit)), not_an_object);
    let variant = r#"MalformedPayload { reason: "has custom claims that are a variant with fields: put the fields into a struct" }"#;
    assert_eq!(
        payload_error(&claims().custom(Choice::Tuple(1, 2))),
        variant
    );
    assert_eq!(
        payload_error(&claims().custom(Choice::Struct { role: 1 })),
        variant
    );
}

#[test]
fn custom_claims_become_members() {
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Wrapped<T>(T);
    #[derive(Serialize)]
    enum Choice {
        Role(&'static str),
    }
    #[derive(Serialize)]
    struct Role {
        role: &'static str,
    }
    fn custom(custom: impl Serialize) -> String {
        let payload = sign_and_verify(&claims().custom(custom));
        let registered = format!(r#"{{"exp":{},"iat":{NOW}"#, NOW + 900);
        payload
            .strip_prefix(&registered)
            .expect("the registered claims")
            .to_owned()
    }
    assert_eq!(custom(()), "}");
    assert_eq!(custom(Unit), "}");
    assert_eq!(custom(None::<Role>), "}");
    assert_eq!(custom(json!(null)), "}");
    assert_eq!(custom(json!({})), "}");
    assert_eq!(custom(Role { role: "a" }), r#","role":"a"}"#);
    assert_eq!(
        custom(Some(Wrapped(json!({ "role": "a" })))),
        r#","role":"a"}"#
    );
    assert_eq!(custom(Choice::Role("a")), r#","Role":"a"}"#);
    assert_eq!(custom(BTreeMap::from([(1, true)])), r#","1":true}"#);
}

#[test]
fn custom_claims_that_hold_a_registered_claim_are_not_signed() {
    #[derive(Serialize)]
    struct Shadow {
        jti: &'static str,
    }
    #[derive(Serialize)]
    struct Flat {
        #[serde(flatten)]
        inner: Shadow,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "lowercase")]
    enum Choice {
        Sub(u8),
    }
    let shadows = |name: &str| format!("ShadowedClaim({name:?})");
    for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
        assert_eq!(
            payload_error(&claims().custom(json!({ name: 1 }))),
            shadows(name)
        );
        assert_eq!(
            payload_error(&claims().custom(json!({ name: null }))),
            shadows(name)
        );
        sign_and_verify(&claims().custom(json!({ name.to_uppercase(): 1 })));
    }
    let inner = || Shadow { jti: "1" };
    assert_eq!(payload_error(&claims().custom(inner())), shadows("jti"));
    assert_eq!(
        payload_error(&claims().custom(Flat { inner: inner() })),
        shadows("jti")
    );
    assert_eq!(
        payload_error(&claims().custom(Choice::Sub(1))),
        shadows("sub")
    );
    // The claims themselves as custom claims.
    assert_eq!(payload_error(&claims().custom(claims())), shadows("exp"));
}

#[test]
fn custom_claims_may_have_the_keys_that_serde_json_writes() {
    let wide = || BTreeMap::from([(u128::MAX, 1)]);
    sign_and_verify(&wide());
    sign_and_verify(&claims().custom(wide()));
    let negative = || BTreeMap::from([(i128::MIN, 1)]);
    sign_and_verify(&negative());
    sign_and_verify(&claims().custom(negative()));
}

#[test]
fn a_number_of_128_bits_is_not_an_object() {
    let not_an_object =
        r#"MalformedPayload { reason: "has custom claims that are not a JSON object" }"#;
    assert_eq!(payload_error(&claims().custom(u128::MAX)), not_an_object);
    assert_eq!(payload_error(&claims().custom(i128::MIN)), not_an_object);
}
