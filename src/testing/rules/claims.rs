//! Rules of the claims.

use serde_json::{Value, json};

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    ("expires now", "RFC 7519 §4.1.4", |draft| {
        let at = draft.issuer.expired();
        draft.claim("exp", at).sign()
    }),
    ("expired for a year", "RFC 7519 §4.1.4", |draft| {
        let at = draft.issuer.expired().saturating_sub(365 * 86_400);
        draft.claim("exp", at).sign()
    }),
    ("no `exp`", "RFC 8725 §3.10", |draft| {
        draft.without_claim("exp").sign()
    }),
    ("`exp` null", "RFC 7519 §4.1.4", |draft| {
        draft.claim("exp", Value::Null).sign()
    }),
    ("`exp` a string", "RFC 7519 §4.1.4", |draft| {
        let exp = draft.claims.get("exp").map(Value::to_string);
        draft.claim("exp", exp).sign()
    }),
    ("valid in 30 seconds", "RFC 7519 §4.1.5", |draft| {
        let at = draft.issuer.not_yet();
        draft.claim("nbf", at).sign()
    }),
    ("`nbf` null", "RFC 7519 §4.1.5", |draft| {
        draft.claim("nbf", Value::Null).sign()
    }),
    ("`nbf` a string", "RFC 7519 §4.1.5", |draft| {
        draft.claim("nbf", "0").sign()
    }),
    ("`iat` a string", "RFC 7519 §4.1.6", |draft| {
        draft.claim("iat", "0").sign()
    }),
    ("another `iss`", "RFC 7519 §4.1.1", |draft| {
        draft.claim("iss", "https://attacker.example").sign()
    }),
    (
        "`iss` that differs by a slash",
        "RFC 7519 §4.1.1",
        |draft| {
            let issuer = draft.issuer.issuer.as_str();
            let other = match issuer.strip_suffix('/') {
                Some(other) => other.to_owned(),
                None => format!("{issuer}/"),
            };
            draft.claim("iss", other).sign()
        },
    ),
    ("no `iss`", "RFC 8725 §3.8", |draft| {
        draft.without_claim("iss").sign()
    }),
    ("`iss` null", "RFC 7519 §4.1.1", |draft| {
        draft.claim("iss", Value::Null).sign()
    }),
    ("`iss` an array", "RFC 7519 §4.1.1", |draft| {
        let issuers = json!([draft.issuer.issuer]);
        draft.claim("iss", issuers).sign()
    }),
    ("another `aud`", "RFC 7519 §4.1.3", |draft| {
        draft.claim("aud", "https://other.example").sign()
    }),
    ("`aud` an array of others", "RFC 7519 §4.1.3", |draft| {
        let others = json!(["https://other.example", "https://another.example"]);
        draft.claim("aud", others).sign()
    }),
    (
        "`aud` that begins with the audience",
        "RFC 7519 §4.1.3",
        |draft| {
            let other = format!("{}.attacker.example", draft.issuer.audience);
            draft.claim("aud", other).sign()
        },
    ),
    ("`aud` an empty array", "RFC 7519 §4.1.3", |draft| {
        draft.claim("aud", json!([])).sign()
    }),
    ("`aud` an array with a number", "RFC 7519 §4.1.3", |draft| {
        let mut mixed = match draft.claims.get("aud") {
            Some(Value::Array(all)) => all.clone(),
            one => vec![json!(one)],
        };
        mixed.push(json!(42));
        draft.claim("aud", mixed).sign()
    }),
    ("no `aud`", "RFC 8725 §3.9", |draft| {
        draft.without_claim("aud").sign()
    }),
    ("`aud` null", "RFC 7519 §4.1.3", |draft| {
        draft.claim("aud", Value::Null).sign()
    }),
    ("`sub` a number", "RFC 7519 §4.1.2", |draft| {
        draft.claim("sub", 42).sign()
    }),
    ("`jti` a number", "RFC 7519 §4.1.7", |draft| {
        draft.claim("jti", 42).sign()
    }),
];

/// What RFC 9068 adds.
pub(super) const ACCESS_TOKEN: &[Rule] = &[
    ("no `sub`", "RFC 9068 §2.2", |draft| {
        draft.without_claim("sub").sign()
    }),
    ("no `client_id`", "RFC 9068 §2.2", |draft| {
        draft.without_claim("client_id").sign()
    }),
    ("no `iat`", "RFC 9068 §2.2", |draft| {
        draft.without_claim("iat").sign()
    }),
    ("no `jti`", "RFC 9068 §2.2", |draft| {
        draft.without_claim("jti").sign()
    }),
    ("`client_id` a number", "RFC 8693 §4.3", |draft| {
        draft.claim("client_id", 42).sign()
    }),
    ("`scope` a number", "RFC 8693 §4.2", |draft| {
        draft.claim("scope", 42).sign()
    }),
    ("`auth_time` a string", "RFC 9068 §2.2.1", |draft| {
        draft.claim("auth_time", "0").sign()
    }),
];
