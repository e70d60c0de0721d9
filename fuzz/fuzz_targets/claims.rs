//! Any payload, signed: the result is that of the naive rules for every type, and the type holds what
//! serde_json alone reads, or fails as it does.

#![no_main]

#[path = "../../tests/reference/mod.rs"]
mod reference;

use std::borrow::Cow;
use std::collections::BTreeMap;

use jwt_ring::{Claims, NumericDate};
use jwt_ring_fuzz::{PUBLIC, forge};
use libfuzzer_sys::fuzz_target;
use reference::{Audiences, Policy, Reader, outcome_of};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "printed")]
struct Own<'a> {
    #[serde(borrow)]
    sub: Option<Cow<'a, str>>,
    exp: Option<NumericDate>,
    #[serde(alias = "r")]
    role: Option<Value>,
    a: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "printed")]
struct Flat {
    #[serde(default)]
    a: Option<f64>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code, reason = "printed")]
enum Choice {
    A(Value),
    B { a: u8 },
    R(u8, u8),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "a")]
#[allow(dead_code, reason = "printed")]
enum Tagged {
    A,
    B { r: u8 },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "printed")]
enum Untagged {
    Number { a: u8 },
    Text { a: String },
    Any(BTreeMap<String, Value>),
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
#[allow(dead_code, reason = "printed")]
struct Numbers {
    a: u64,
    r: Option<i128>,
    exp: f32,
    iat: Vec<Option<f64>>,
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
    if let Ok(text) = str::from_utf8(payload) {
        compare_types(&token, text);
    }
});

/// Compares what types get with what they get from serde_json.
fn compare_types(token: &str, text: &str) {
    let policy = Policy {
        allow_missing_expiration: true,
        audiences: Audiences::Any,
        now: (i64::MIN, 0),
        ..Policy::default()
    };
    let verifier = policy.verifier();
    if verifier.verify::<IgnoredAny>(token, &PUBLIC[0]).is_err() {
        return;
    }
    let mut buffer = Vec::new();
    macro_rules! compare {
        ($($claims:ty),* $(,)?) => {
            $({
                let ours = verifier.verify_borrowed::<$claims>(token, &PUBLIC[0], &mut buffer);
                let ours = ours.map(|token| format!("{:?}", token.into_claims())).ok();
                // Not from a `str`, from which serde_json panics for some keys.
                let theirs = serde_json::from_slice::<$claims>(text.as_bytes());
                let theirs = theirs.map(|claims| format!("{claims:?}")).ok();
                assert_eq!(ours, theirs, "{}", stringify!($claims));
            })*
        };
    }
    compare!(
        Value,
        Own<'_>,
        Flat,
        Choice,
        Tagged,
        Untagged,
        Numbers,
        Option<Own<'_>>,
        BTreeMap<&str, IgnoredAny>,
        BTreeMap<String, u128>,
        BTreeMap<i64, Value>,
        BTreeMap<bool, Value>,
        BTreeMap<char, Option<f32>>,
        BTreeMap<String, Option<i128>>,
        Claims<BTreeMap<String, Value>>,
        Claims<Flat>,
        Claims<Choice>,
        Claims<Untagged>,
    );
}
