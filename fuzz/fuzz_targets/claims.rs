//! Any payload, signed: the library decides as the naive rules, whatever type reads it, and the type
//! gets what `serde_json` alone would have read.

#![no_main]

#[path = "../../tests/reference/mod.rs"]
mod reference;

use std::borrow::Cow;

use jwt_ring::Claims;
use jwt_ring_fuzz::{PUBLIC, forge};
use libfuzzer_sys::fuzz_target;
use reference::{Audiences, Policy, Reader, outcome_of};
use serde_json::Value;

/// A type of its own that declares some of the registered claims, and borrows.
#[derive(serde::Deserialize)]
struct Own<'a> {
    #[serde(borrow)]
    sub: Option<Cow<'a, str>>,
    exp: Option<Value>,
    role: Option<Value>,
}

#[derive(serde::Deserialize)]
struct Custom {
    role: Option<Value>,
}

fuzz_target!(|payload: &[u8]| {
    let brackets = payload.iter().filter(|byte| matches!(byte, b'[' | b'{'));
    // The naive parser is recursive.
    if payload.len() > 40_000 || brackets.count() > 1_000 {
        return;
    }
    let token = forge(r#"{"alg":"HS256"}"#, payload);
    for null_as_missing in [false, true] {
        let policy = Policy {
            audiences: Audiences::Contains(vec!["a".into()]),
            issuers: vec!["i".into()],
            allow_missing_expiration: true,
            null_as_missing,
            now: (1_000, 0),
            ..Policy::default()
        };
        let verifier = policy.verifier();
        let claims = verifier.verify::<Claims>(&token, &PUBLIC[0]);
        assert_eq!(
            outcome_of(claims),
            policy.decide(None, None, payload, Reader::Claims)
        );
        let value = verifier.verify::<Claims<Value>>(&token, &PUBLIC[0]);
        assert_eq!(
            outcome_of(value),
            policy.decide(None, None, payload, Reader::Value)
        );
    }
    if let Ok(Value::Object(expected)) = serde_json::from_slice(payload) {
        check_types(&token, expected);
    }
});

fn check_types(token: &str, mut expected: serde_json::Map<String, Value>) {
    let policy = Policy {
        allow_missing_expiration: true,
        audiences: Audiences::Any,
        now: (i64::MIN, 0),
        ..Policy::default()
    };
    let lenient = policy.verifier();
    let get = |name| expected.get(name).filter(|value| !value.is_null());
    let mut buffer = Vec::new();
    if let Ok(token) = lenient.verify_borrowed::<Own<'_>>(token, &PUBLIC[0], &mut buffer) {
        let own = token.claims();
        assert_eq!(own.sub.as_deref(), get("sub").and_then(Value::as_str));
        assert_eq!(own.exp.as_ref(), get("exp"));
        assert_eq!(own.role.as_ref(), get("role"));
    }
    if let Ok(token) = lenient.verify::<Claims<Custom>>(token, &PUBLIC[0]) {
        let claims = token.claims();
        assert_eq!(claims.custom.role.as_ref(), get("role"));
        assert_eq!(
            claims.subject.as_deref(),
            get("sub").and_then(Value::as_str)
        );
    }
    if let Ok(token) = lenient.verify::<Value>(token, &PUBLIC[0]) {
        assert_eq!(token.claims(), &Value::Object(expected.clone()));
    }
    if let Ok(token) = lenient.verify::<Claims<Value>>(token, &PUBLIC[0]) {
        expected.retain(|name, _| {
            !["iss", "sub", "aud", "exp", "nbf", "iat", "jti"].contains(&name.as_str())
        });
        assert_eq!(token.claims().custom, Value::Object(expected));
    }
}
