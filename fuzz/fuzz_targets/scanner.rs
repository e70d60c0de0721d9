//! Any text as a payload and as a header: serde_json accepts what the scanner accepts, with the same
//! names and values, and a text that only one of them accepts breaks a rule that the naive parser
//! finds.

#![no_main]

#[path = "../../tests/reference/mod.rs"]
mod reference;

use std::collections::HashSet;

use jwt_ring::{Claims, Header, NumericDate, Unverified, VerifyError};
use jwt_ring_fuzz::encode;
use libfuzzer_sys::fuzz_target;
use reference::json::{Json, Rule};
use serde::de::IgnoredAny;
use serde_json::Value;

fuzz_target!(|text: &[u8]| {
    let brackets = text.iter().filter(|byte| matches!(byte, b'[' | b'{'));
    // The naive parser is recursive.
    if brackets.count() > 1_000 || text.len() > 8 * 1024 {
        return;
    }
    let Ok(json) = std::str::from_utf8(text) else {
        assert_eq!(check_payload(text), Err("is not valid UTF-8"));
        assert_eq!(check_header(text).unwrap_err(), "is not valid UTF-8");
        return;
    };
    let naive = Json::parse(json);
    let is_json = serde_json::from_str::<IgnoredAny>(json).is_ok();
    assert_eq!(naive.is_some(), is_json, "the grammar of serde_json");

    let mut rules = naive.as_ref().map(Json::broken_rules);
    check_reason(check_payload(text), rules.as_ref());
    if let (Some(naive), Some(rules)) = (&naive, &rules)
        && rules.is_empty()
    {
        check_values(json, naive);
        check_registered(text);
    }

    if let Some(rules) = &mut rules {
        rules.remove(&Rule::NoPrivateNames);
    }
    match check_header(text) {
        Ok(header) => check_parameters(&header, json, naive.as_ref()),
        Err(reason) if reason.starts_with("has ") && reason.contains('`') => {
            assert!(rules.is_some_and(|rules| rules.is_empty()), "{reason}");
        }
        Err("") => assert!(rules.is_some_and(|rules| rules.is_empty())),
        Err(reason) => check_reason(Err(reason), rules.as_ref()),
    }
});

fn token(payload: &[u8]) -> String {
    format!("{}.{}.", encode(r#"{"alg":"HS256"}"#), encode(payload))
}

fn check_payload(text: &[u8]) -> Result<(), &'static str> {
    let token = token(text);
    let unverified = Unverified::parse(&token).expect("a valid header");
    match unverified.claims::<IgnoredAny>() {
        Ok(_) => Ok(()),
        Err(VerifyError::MalformedPayload { reason, .. }) => Err(reason),
        Err(error) => panic!("serde_json rejects what the scanner accepts: {error}"),
    }
}

/// Returns the header, or the reason why it is malformed; an empty one if it is well-formed but not
/// supported.
fn check_header(text: &[u8]) -> Result<Header, &'static str> {
    let token = format!("{}.e30.", encode(text));
    match Unverified::parse(&token) {
        Ok(unverified) => Ok(unverified.header().clone()),
        Err(VerifyError::MalformedHeader { reason, .. }) => Err(reason),
        Err(VerifyError::UnsupportedExtension { .. } | VerifyError::UnsupportedAlgorithm) => {
            Err("")
        }
        Err(error) => panic!("{error}"),
    }
}

/// Checks that the reason is one of the broken rules, and that there is none if no rule is broken.
fn check_reason(outcome: Result<(), &str>, rules: Option<&HashSet<Rule>>) {
    let Some(rules) = rules else {
        assert_eq!(outcome, Err("is not valid JSON"));
        return;
    };
    let Err(reason) = outcome else {
        assert!(rules.is_empty(), "{rules:?}");
        return;
    };
    let rule = match reason {
        "is not a JSON object" => Rule::Object,
        "has two members of the same name" => Rule::UniqueNames,
        "has an escape for half of a surrogate pair" => Rule::PairedSurrogates,
        "is nested more than 127 levels deep" => Rule::Depth,
        "has a name that serde_json reserves for itself" => Rule::NoPrivateNames,
        _ => panic!("{reason}"),
    };
    assert!(rules.contains(&rule), "{reason}: {rules:?}");
    // A value that is not an object is reported first, and a private name last.
    assert!(!rules.contains(&Rule::Object) || rule == Rule::Object);
    assert!(rule != Rule::NoPrivateNames || rules.len() == 1);
}

fn check_values(json: &str, naive: &Json) {
    let token = token(json.as_bytes());
    let read = Unverified::parse(&token)
        .expect("a valid header")
        .claims::<Value>();
    assert_eq!(read.as_ref().ok(), naive.to_value().as_ref());
    assert_eq!(read.ok(), serde_json::from_str(json).ok());
}

/// Checks the registered claims as `Claims` reads them, if all have their types.
fn check_registered(text: &[u8]) {
    let members = reference::members(text).expect("no rule is broken");
    let get = |name: &str| {
        let member = members.iter().find(|(one, _)| one == name);
        member.map(|(_, value)| value)
    };
    let policy = reference::Policy {
        allow_missing_expiration: true,
        audiences: reference::Audiences::Any,
        now: (i64::MIN, 0),
        ..reference::Policy::default()
    };
    let result = policy.decide(None, None, text, reference::Reader::Claims);
    if result.is_err_and(|error| error.starts_with("wrong_type")) {
        return;
    }
    let token = token(text);
    let claims = Unverified::parse(&token)
        .expect("a valid header")
        .claims::<Claims>();
    let claims = claims.expect("the types of the registered claims are right");
    let text = |name| get(name).and_then(Json::as_text);
    assert_eq!(claims.issuer, text("iss"));
    assert_eq!(claims.subject, text("sub"));
    assert_eq!(claims.jwt_id, text("jti"));
    let audience = match get("aud") {
        Some(Json::Array(all)) => Some(all.iter().filter_map(Json::as_text).collect()),
        other => other.and_then(Json::as_text).map(|one| vec![one]),
    };
    let found = claims.audience.as_ref();
    assert_eq!(
        found.map(|all| all.iter().map(str::to_owned).collect()),
        audience
    );
    let whole = |name| match get(name)? {
        Json::Number(number) => Some(number.parse().ok().map(NumericDate::from_seconds)),
        _ => None,
    };
    for (date, name) in [
        (claims.expiration, "exp"),
        (claims.not_before, "nbf"),
        (claims.issued_at, "iat"),
    ] {
        match whole(name) {
            Some(Some(whole)) => assert_eq!(date, Some(whole), "{name}"),
            expected => assert_eq!(date.is_some(), expected.is_some(), "{name}"),
        }
    }
}

fn check_parameters(header: &Header, json: &str, naive: Option<&Json>) {
    let Some(Json::Object(members)) = naive else {
        panic!("a header that is no object");
    };
    for (name, value) in members {
        let name = reference::json::text(name).expect("no lone surrogates");
        let expected = match value.has_private_name() {
            true => None,
            false => value.to_value(),
        };
        assert_eq!(header.parameter(&name), expected, "{name}");
    }
    assert_eq!(header.parameter("no such parameter"), None);
    // Fails if any number is out of range.
    if let Ok(map) = serde_json::from_str::<Value>(json) {
        assert_eq!(Some(header.algorithm().name()), map["alg"].as_str());
        assert_eq!(header.typ(), map["typ"].as_str());
        assert_eq!(header.key_id(), map["kid"].as_str());
    }
}
