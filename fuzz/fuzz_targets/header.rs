//! Any header, signed: read as by the naive rules, and written as it was read.

#![no_main]

#[path = "../../tests/reference/mod.rs"]
mod reference;

use jwt_ring::{Algorithm, Claims, Header, SignError, Unsigned, Unverified, Verifier};
use jwt_ring_fuzz::{PUBLIC, forge};
use libfuzzer_sys::fuzz_target;
use reference::outcome_of;
use serde_json::Value;

fuzz_target!(|json: &[u8]| {
    let brackets = json.iter().filter(|byte| matches!(byte, b'[' | b'{'));
    // The naive parser is recursive.
    if brackets.count() > 1_000 {
        return;
    }
    let token = forge(json, "{}");
    if token.len() > 64 * 1024 {
        return;
    }
    let outcome = Unverified::parse(&token).map(|token| token.header().clone());
    let (header, expected) = match (outcome, reference::header::read(json)) {
        (Ok(header), Ok(expected)) => (header, expected),
        (outcome, expected) => {
            assert_eq!(outcome_of(outcome), expected.map(drop));
            return;
        }
    };
    assert_eq!(header.algorithm().name(), expected.alg);
    assert_eq!(header.typ(), expected.typ.as_deref());
    assert_eq!(header.key_id(), expected.kid.as_deref());
    let is_jwt = |text: &str| {
        text.eq_ignore_ascii_case("jwt") || text.eq_ignore_ascii_case("application/jwt")
    };
    let cty = expected.all.iter().find(|(name, _)| name == "cty");
    let is_nested = cty.is_some_and(|(_, cty)| is_jwt(&cty.as_text().expect("a string")));
    let is_held = expected
        .all
        .iter()
        .all(|(_, value)| value.to_value().is_some());
    if is_held {
        check_written(&header, is_nested, json);
    } else {
        check_not_written(&header);
    }

    let verifier = Verifier::new().allow_missing_expiration();
    let code = match verifier.verify::<Claims>(&token, &PUBLIC[0]) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    };
    let expected = match header.algorithm() {
        Algorithm::HS256 if !header.typ().is_none_or(is_jwt) => "typ_mismatch",
        Algorithm::HS256 if is_nested => "nested_token",
        Algorithm::HS256 => "accepted",
        _ => "algorithm_mismatch",
    };
    assert_eq!(code, expected);
});

/// Checks that a header with a number out of the range of `f64` is read and not written.
fn check_not_written(header: &Header) {
    let written = Unsigned::new(header, &serde_json::json!({}));
    assert!(
        matches!(written, Err(SignError::MalformedHeader { reason, .. }) if reason == NOT_HELD)
    );
    assert!(serde_json::to_value(header).is_err());
}

const NOT_HELD: &str = "has a parameter that serde_json cannot hold";

fn check_written(header: &Header, is_nested: bool, json: &[u8]) {
    match Unsigned::new(header, &serde_json::json!({})) {
        Ok(unsigned) => {
            assert!(!is_nested);
            let signing_input = String::from_utf8(unsigned.signing_input().to_vec());
            let again = format!("{}.", signing_input.expect("ASCII"));
            let again = Unverified::parse(&again).expect("a written header");
            assert_eq!(members(again.header()), members(header));
        }
        // A name that serde_json reserves, plain or with escapes.
        Err(SignError::MalformedHeader { reason, .. }) if reason == NOT_HELD => {
            let json = String::from_utf8_lossy(json);
            assert!(json.contains("$serde_json") || json.contains("\\u"));
            return;
        }
        Err(SignError::MalformedHeader { reason, .. }) => {
            // Numbers may be longer when they are written again.
            assert!(
                is_nested || (reason.contains("8 KiB") && json.len() > 1_000),
                "{reason}"
            );
        }
        Err(error) => panic!("{error}"),
    }
    let value = members(header);
    assert_eq!(value["alg"], header.algorithm().name());
    assert_eq!(value.get("kid").and_then(Value::as_str), header.key_id());
}

/// Returns the header as JSON without fractions, which serde_json may read with another last digit.
fn members(header: &Header) -> Value {
    let mut value = serde_json::to_value(header).expect("JSON");
    drop_fractions(&mut value);
    value
}

fn drop_fractions(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(drop_fractions),
        Value::Object(all) => all.values_mut().for_each(drop_fractions),
        Value::Number(number) if number.is_f64() => *value = Value::Null,
        _ => {}
    }
}
