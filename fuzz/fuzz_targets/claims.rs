//! Any payload, signed: the one-pass reader decides as the naive rules do, whoever reads, and hands
//! the caller what `serde_json` alone would have.

#![no_main]

#[path = "../../tests/reference/mod.rs"]
mod reference;

use jwt_ring_fuzz::{PUBLIC, forge};
use libfuzzer_sys::fuzz_target;
use reference::{Policy, Reader, verdict};
use serde_json::Value;
use std::borrow::Cow;

/// A struct that declares some of the registered claims itself, and borrows.
#[derive(serde::Deserialize)]
struct Own<'a> {
    #[serde(borrow)]
    sub: Option<Cow<'a, str>>,
    exp: Option<Value>,
    role: Option<Value>,
}

fuzz_target!(|payload: &[u8]| {
    if payload.len() > 40_000 {
        return;
    }
    let token = forge(r#"{"alg":"HS256"}"#, payload);
    let policy = Policy {
        audiences: vec!["a".into()],
        issuers: vec!["i".into()],
        expiry_may_be_missing: true,
        now: (1_000, 0),
        ..Policy::default()
    };
    let strict = policy.verifier();
    let as_unit = strict.verify::<()>(&token, &PUBLIC[0]);
    assert_eq!(verdict(as_unit), policy.judge(None, payload, Reader::Unit));
    let as_value = strict.verify::<Value>(&token, &PUBLIC[0]);
    assert_eq!(
        verdict(as_value),
        policy.judge(None, payload, Reader::Value)
    );

    let Ok(Value::Object(mut expected)) = serde_json::from_slice::<Value>(payload) else {
        return;
    };
    let policy = Policy {
        expiry_may_be_missing: true,
        now: (i64::MIN, 0),
        ..Policy::default()
    };
    let lenient = policy.verifier();
    let mut buffer = Vec::new();
    if let Ok(token) = lenient.verify_borrowed::<Own<'_>>(&token, &PUBLIC[0], &mut buffer) {
        let own = &token.claims().custom;
        let get = |name| expected.get(name).filter(|value| !value.is_null());
        assert_eq!(own.sub.as_deref(), get("sub").and_then(Value::as_str));
        assert_eq!(own.sub, token.claims().subject.as_deref().map(Cow::from));
        assert_eq!(own.exp.as_ref(), get("exp"));
        assert_eq!(own.role.as_ref(), get("role"));
    }
    if let Ok(token) = lenient.verify::<Value>(&token, &PUBLIC[0]) {
        expected.retain(|name, _| {
            !["iss", "sub", "aud", "exp", "nbf", "iat", "jti"].contains(&name.as_str())
        });
        assert_eq!(token.claims().custom, Value::Object(expected));
    }
});
