//! The JSON rules of payloads and headers on whole texts.
//!
//! The cases are our own and cover what JSONTestSuite does. Where RFC 8259 lets parsers differ (its
//! cases `i_`), this library decides:
//!
//! | text | result |
//! |---|---|
//! | numbers of any length and exponent | accepted; serde_json decides whether the caller's type can hold them |
//! | lone surrogates as escapes | rejected |
//! | invalid UTF-8, UTF-16, UTF-32 | rejected |
//! | a byte order mark | rejected |
//! | nesting over 127 levels | rejected |
//! | noncharacters, NUL as an escape | accepted |
//! | duplicate names | rejected at the top level, accepted below |

#[path = "../support/mod.rs"]
mod support;

mod names;
mod rules;
mod scalars;
mod structures;

use jwt_ring::{Algorithm, Claims, SigningKey, Unverified, Verifier, VerifyError};
use scalars::{
    GREAT_NUMBERS, INVALID_LITERALS, INVALID_NUMBERS, INVALID_STRINGS, INVALID_UTF8,
    LONE_SURROGATES, VALID_LITERALS, VALID_NUMBERS, VALID_STRINGS,
};
use serde_json::Value;
use structures::{INVALID_ARRAYS, INVALID_OBJECTS, VALID_ARRAYS, VALID_OBJECTS};
use support::{encode, forge};

/// A name for the case, and its text.
type Case = (&'static str, &'static [u8]);

const NOT_UTF8: &str = "is not valid UTF-8";
const NOT_JSON: &str = "is not valid JSON";
const NOT_AN_OBJECT: &str = "is not a JSON object";
const DUPLICATE_NAME: &str = "has two members of the same name";
const LONE_SURROGATE: &str = "has an escape for half of a surrogate pair";
const TOO_DEEP: &str = "is nested more than 127 levels deep";
const PRIVATE_NAME: &str = "has a name that serde_json reserves for itself";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

/// Returns why a signed payload is malformed. `serde_json` must read what is accepted.
fn payload(text: &[u8]) -> Result<(), &'static str> {
    let token = forge(&key(), r#"{"alg":"HS256"}"#, text);
    let verifier = Verifier::new().allow_missing_expiration();
    let keys = key().verifying_key();
    match verifier.verify::<Claims>(&token, &keys) {
        // `exp` of another type is valid JSON.
        Ok(_) | Err(VerifyError::WrongType(_)) => {
            let read = serde_json::from_slice::<serde::de::IgnoredAny>(text);
            assert!(read.is_ok(), "{read:?}");
            Ok(())
        }
        Err(VerifyError::MalformedPayload { reason, .. }) => Err(reason),
        Err(error) => panic!("{error}"),
    }
}

/// Returns why a header is malformed.
fn header(text: &[u8]) -> Result<(), &'static str> {
    match Unverified::parse(&format!("{}.e30.", encode(text))) {
        Ok(_) => Ok(()),
        Err(VerifyError::MalformedHeader { reason, .. }) => Err(reason),
        Err(error) => panic!("{error}"),
    }
}

fn around(before: &str, text: &[u8], after: &str) -> Vec<u8> {
    [before.as_bytes(), text, after.as_bytes()].concat()
}

/// Checks payloads and headers that hold the value in each position.
#[track_caller]
fn check_value(name: &str, value: &[u8], expected: Result<(), &str>) {
    for (before, after) in [
        (r#"{"a":"#, "}"),
        (r#"{"a":0,"b":"#, r#","c":0}"#),
        (r#"{ "a" : "#, " } "),
        (r#"{"a":["#, "]}"),
        (r#"{"a":[0,"#, ",0]}"),
        (r#"{"a":[0, "#, "\n]}"),
        (r#"{"a":[[["#, "]]]}"),
        (r#"{"a":{"b":"#, "}}"),
        (r#"{"a":{"b":0,"c":"#, r#","d":0},"e":0}"#),
        (r#"{"a":[{"b":["#, "]}]}"),
    ] {
        let text = around(before, value, after);
        check_object(&format!("{name}: {before}…{after}"), &text, expected);
    }
}

/// Checks an object as a payload, and as a header with `alg`.
#[track_caller]
fn check_object(name: &str, object: &[u8], expected: Result<(), &str>) {
    assert_eq!(payload(object), expected, "{name}");
    let text = around(r#"{"alg":"HS256","#, &object[1..], "");
    assert_eq!(header(&text), expected, "{name} in a header");
}

/// Checks payloads that consist of the value alone.
#[track_caller]
fn check_document(name: &str, value: &[u8], expected: Result<(), &str>) {
    assert_eq!(payload(value), expected, "{name}: the whole payload");
    let spaced = around("\r\n\t ", value, " \t\n\r");
    assert_eq!(
        payload(&spaced),
        expected,
        "{name}: the whole payload with space"
    );
}

/// Checks payloads and headers in which the string is a name.
#[track_caller]
fn check_name(name: &str, string: &[u8], expected: Result<(), &str>) {
    for (before, after) in [
        (r#"{"#, ":0}"),
        (r#"{"before":0,"#, ":0}"),
        (r#"{ "#, r#" : 0 , "after":0}"#),
        (r#"{"value":{"#, ":0}}"),
        (r#"{"value":{"before":0,"#, r#":0,"after":0}}"#),
        (r#"{"value":[{"#, ":{}}]}"),
    ] {
        let text = around(before, string, after);
        check_object(&format!("{name}: {before}…{after}"), &text, expected);
    }
}

#[test]
fn valid_values_are_accepted_in_every_position() {
    for (name, value) in [VALID_LITERALS, VALID_NUMBERS, VALID_STRINGS, VALID_ARRAYS].concat() {
        check_value(name, value, Ok(()));
        check_document(name, value, Err(NOT_AN_OBJECT));
    }
    for (name, value) in VALID_OBJECTS {
        check_value(name, value, Ok(()));
        check_document(name, value, Ok(()));
    }
}

#[test]
fn invalid_values_are_rejected_in_every_position() {
    let values = [INVALID_LITERALS, INVALID_NUMBERS, INVALID_STRINGS].concat();
    for (name, value) in [&values, INVALID_ARRAYS, INVALID_OBJECTS].concat() {
        check_value(name, value, Err(NOT_JSON));
        check_document(name, value, Err(NOT_JSON));
    }
    for (name, value) in [("nothing", &b""[..]), ("a space", b" ")] {
        check_document(name, value, Err(NOT_JSON));
    }
    for (name, value) in INVALID_UTF8 {
        check_value(name, value, Err(NOT_UTF8));
        check_document(name, value, Err(NOT_UTF8));
    }
}

#[test]
fn strings_are_names_by_the_same_rules() {
    for (name, string) in VALID_STRINGS {
        check_name(name, string, Ok(()));
    }
    for (name, string) in INVALID_STRINGS {
        check_name(name, string, Err(NOT_JSON));
    }
    for (name, string) in LONE_SURROGATES {
        check_name(name, string, Err(LONE_SURROGATE));
    }
}

#[test]
fn lone_surrogates_are_rejected_in_every_position() {
    for (name, string) in LONE_SURROGATES {
        check_value(name, string, Err(LONE_SURROGATE));
        check_document(name, string, Err(NOT_AN_OBJECT));
    }
}

#[test]
fn numbers_out_of_the_range_of_f64_are_accepted_and_do_not_fit_value() {
    let verifier = Verifier::new().allow_missing_expiration();
    let keys = key().verifying_key();
    for (name, number) in GREAT_NUMBERS {
        check_value(name, number, Ok(()));
        check_document(name, number, Err(NOT_AN_OBJECT));
        let token = forge(
            &key(),
            r#"{"alg":"HS256"}"#,
            around(r#"{"a":"#, number, "}"),
        );
        let result = verifier.verify::<Value>(&token, &keys);
        // With `arbitrary_precision` in serde_json, `Value` holds numbers of any length.
        let fits = serde_json::from_slice::<Value>(number).is_ok();
        match result {
            Ok(_) => assert!(fits, "{name}"),
            Err(error) => {
                assert!(!fits, "{name}");
                assert_eq!(
                    format!("{error:?}"),
                    r#"CustomClaims { member: Some("a"), problem: "does not fit the expected type" }"#
                );
            }
        }
    }
}
