//! The JSON rules of payloads and headers on whole texts.
//!
//! The cases are our own and cover what JSONTestSuite does. Where RFC 8259 lets parsers differ (its
//! cases `i_`), this library decides:
//!
//! | text | result |
//! |---|---|
//! | numbers of any length and exponent | accepted; whether the caller's type holds them is serde_json's answer |
//! | lone surrogates as escapes | rejected |
//! | invalid UTF-8, UTF-16, UTF-32 | rejected |
//! | a byte order mark | rejected |
//! | nesting over 127 levels | rejected |
//! | noncharacters, NUL as an escape | accepted |
//! | duplicate names | rejected at the top level, accepted below |

#[path = "json_text/scalars.rs"]
mod scalars;
#[path = "json_text/structures.rs"]
mod structures;
mod support;

use jwt_ring::{Algorithm, Claims, SigningKey, Unverified, Verifier, VerifyError};
use scalars::{
    GREAT_NUMBERS, INVALID_LITERALS, INVALID_NUMBERS, INVALID_STRINGS, INVALID_UTF8,
    LONE_SURROGATES, VALID_LITERALS, VALID_NUMBERS, VALID_STRINGS,
};
use serde_json::Value;
use structures::{
    DUPLICATE_NAMES, INVALID_ARRAYS, INVALID_OBJECTS, PRIVATE_NAMES, VALID_ARRAYS, VALID_OBJECTS,
};
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

/// Returns why a signed payload is malformed. What is accepted, `serde_json` reads.
fn payload(text: &[u8]) -> Result<(), &'static str> {
    let token = forge(&key(), r#"{"alg":"HS256"}"#, text);
    let verifier = Verifier::new().allow_missing_expiration();
    let keys = key().verifying_key();
    match verifier.verify::<Claims>(&token, &keys) {
        // What is no date is grammatical.
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
        assert_eq!(payload(&text), expected, "{name}: {before}…{after}");
        let text = around(r#"{"alg":"HS256","#, &text[1..], "");
        assert_eq!(
            header(&text),
            expected,
            "{name}: {before}…{after} in a header"
        );
    }
}

/// Checks payloads that are nothing but the value.
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
        assert_eq!(payload(&text), expected, "{name}: {before}…{after}");
        let text = around(r#"{"alg":"HS256","#, &text[1..], "");
        assert_eq!(
            header(&text),
            expected,
            "{name}: {before}…{after} in a header"
        );
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
                    r#"CustomClaims { member: Some("a"), problem: "does not fit the type asked for" }"#
                );
            }
        }
    }
}

#[test]
fn duplicate_names_are_rejected_at_the_top_level() {
    for (name, object) in DUPLICATE_NAMES {
        check_document(name, object, Err(DUPLICATE_NAME));
        check_value(name, object, Ok(()));
        let text = around(r#"{"alg":"HS256","#, &object[1..], "");
        assert_eq!(header(&text), Err(DUPLICATE_NAME), "{name}");
    }
    let text = br#"{"alg":"HS256","\u0061lg":"HS256"}"#;
    assert_eq!(header(text), Err(DUPLICATE_NAME));
}

/// The first names are compared without a table, later ones with one.
#[test]
fn duplicate_names_are_found_among_any_number() {
    for count in [1, 2, 15, 16, 17, 18, 100, 1_000] {
        let member = |n| format!(r#""n{n}":{n}"#);
        let members: Vec<String> = (0..count).map(member).collect();
        let unique = format!("{{{}}}", members.join(","));
        assert_eq!(payload(unique.as_bytes()), Ok(()), "{count}");
        for n in [0, count / 2, count - 1] {
            for name in [format!("n{n}"), format!(r"\u006e{n}")] {
                let text = format!(r#"{{{},"{name}":0}}"#, members.join(","));
                let result = payload(text.as_bytes());
                assert_eq!(result, Err(DUPLICATE_NAME), "{n} of {count}");
                let text = format!(r#"{{"{name}":0,{}}}"#, members.join(","));
                let result = payload(text.as_bytes());
                assert_eq!(result, Err(DUPLICATE_NAME), "{n} of {count}");
            }
        }
    }
}

#[test]
fn private_names_are_rejected_in_payloads_at_any_depth() {
    for (name, object) in PRIVATE_NAMES {
        check_document(name, object, Err(PRIVATE_NAME));
        for (before, after) in [
            (r#"{"a":"#, "}"),
            (r#"{"a":["#, "]}"),
            (r#"{"a":{"b":[[{"c":"#, "}]]}}"),
        ] {
            let text = around(before, object, after);
            assert_eq!(payload(&text), Err(PRIVATE_NAME), "{name}: {before}");
            let text = around(r#"{"alg":"HS256","#, &text[1..], "");
            assert_eq!(header(&text), Ok(()), "{name}: {before}");
        }
    }
    // As a string it has no meaning.
    let text = br#"{"a":["$serde_json::private::Number"]}"#;
    assert_eq!(payload(text), Ok(()));
}

/// Brackets of one kind, or of both in turn: how one opens, and how it closes.
const BRACKETS: [(&str, [&str; 2], [&str; 2]); 3] = [
    ("arrays", ["[", "["], ["]", "]"]),
    ("objects", [r#"{"":"#, r#"{"":"#], ["}", "}"]),
    ("both", ["[", r#"{"":"#], ["]", "}"]),
];

#[test]
fn nesting_is_limited_to_127_levels() {
    for (name, open, close) in BRACKETS {
        let nested = |depth: usize| {
            let opening: String = (0..depth).map(|n| open[n % 2]).collect();
            let closing: String = (0..depth).rev().map(|n| close[n % 2]).collect();
            format!("{opening}0{closing}")
        };
        for (depth, expected) in [
            (1, Ok(())),
            (125, Ok(())),
            (126, Ok(())),
            (127, Err(TOO_DEEP)),
            (128, Err(TOO_DEEP)),
            (129, Err(TOO_DEEP)),
            (256, Err(TOO_DEEP)),
            (500, Err(TOO_DEEP)),
            (1_000, Err(TOO_DEEP)),
        ] {
            // The object that holds it is one more.
            let text = format!(r#"{{"a":{}}}"#, nested(depth));
            assert_eq!(payload(text.as_bytes()), expected, "{name}: {depth}");
            let text = format!(r#"{{"alg":"HS256",{}"#, &text[1..]);
            assert_eq!(header(text.as_bytes()), expected, "{name}: {depth}");
            let text = format!(r#"{{"a":[{0}],"b":[{0}]}}"#, nested(depth - 1));
            assert_eq!(payload(text.as_bytes()), expected, "{name}: {depth} twice");
        }
        let open: String = (0..5_000).map(|n| open[n % 2]).collect();
        let text = format!(r#"{{"a":{open}"#);
        assert_eq!(payload(text.as_bytes()), Err(NOT_JSON), "{name}");
    }
}

/// Invalid JSON is reported as that, wherever it is, then what is no object, then the first other
/// rule in the order of the text.
#[test]
fn the_first_broken_rule_is_the_error() {
    let deep = format!("{}{}", "[".repeat(127), "]".repeat(127));
    let private = r#""$serde_json::private::Number":1"#;
    for (text, expected) in [
        (r#"{"a":1,"a":2,}"#.into(), NOT_JSON),
        (r#"{"a":"\ud83d"}}"#.into(), NOT_JSON),
        (format!(r#"{{"a":{deep}"#), NOT_JSON),
        (format!(r#"{{{private}"#), NOT_JSON),
        (r#"["\ud83d"]"#.into(), NOT_AN_OBJECT),
        (deep.clone(), NOT_AN_OBJECT),
        (format!(r#"[{{{private}}}]"#), NOT_AN_OBJECT),
        (r#"{"a":1,"a":"\ud83d"}"#.into(), LONE_SURROGATE),
        (r#"{"a":1,"a":2,"b":"\ud83d"}"#.into(), DUPLICATE_NAME),
        (format!(r#"{{"a":{deep},"a":1}}"#), TOO_DEEP),
        (format!(r#"{{{private},"a":{deep}}}"#), TOO_DEEP),
        (format!(r#"{{{private},"a":"\ud83d"}}"#), LONE_SURROGATE),
        (format!(r#"{{{private},{private}}}"#), DUPLICATE_NAME),
    ] {
        assert_eq!(payload(text.as_bytes()), Err(expected), "{text}");
    }
    let text = b"{\"a\":1,\"a\":2,\"b\":\"\xff\"}";
    assert_eq!(payload(text), Err(NOT_UTF8));
}

/// UTF-16 and UTF-32 are invalid UTF-8, or hold NUL.
#[test]
fn other_encodings_are_rejected() {
    let text = r#"{"é":"€"}"#;
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let big: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let little: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let utf32: Vec<u8> = text
        .chars()
        .flat_map(|character| u32::from(character).to_be_bytes())
        .collect();
    for (name, bytes) in [("UTF-16BE", big), ("UTF-16LE", little), ("UTF-32BE", utf32)] {
        assert_eq!(payload(&bytes), Err(NOT_UTF8), "{name}");
        let with_mark = [&[0xfe, 0xff][..], &bytes].concat();
        assert_eq!(payload(&with_mark), Err(NOT_UTF8), "{name}");
    }
    let ascii: Vec<u8> = r#"{"a":1}"#.bytes().flat_map(|byte| [byte, 0]).collect();
    assert_eq!(payload(&ascii), Err(NOT_JSON));
}

/// Names are found and values are read with their escapes resolved.
#[test]
fn known_names_are_found_with_escapes() {
    let verifier = Verifier::new().issuer("a/b😀");
    let keys = key().verifying_key();
    for payload in [
        r#"{"iss":"a/b😀","exp":4000000000}"#,
        r#"{"\u0069ss":"a\/b\ud83d\ude00","e\u0078p":4e9}"#,
        r#"{"\u0069\u0073\u0073":"\u0061/b\uD83D\uDE00","\u0065\u0078\u0070":4000000000}"#,
    ] {
        let token = forge(&key(), r#"{"\u0061lg":"HS\u0032\u0035\u0036"}"#, payload);
        let token = verifier.verify::<Claims>(&token, &keys).expect(payload);
        assert_eq!(token.claims().issuer.as_deref(), Some("a/b😀"));
    }
    let token = forge(&key(), r#"{"alg":"HS256"}"#, r#"{"\u0069ss":"a"}"#);
    let error = verifier
        .verify::<Claims>(&token, &keys)
        .expect_err("no exp");
    assert_eq!(format!("{error:?}"), "Missing(Expiration)");
}

#[test]
fn space_is_allowed_between_tokens_and_nowhere_else() {
    for space in [" ", "\t", "\n", "\r", " \t\n\r ", "\r\n\r\n"] {
        let text = ["", "{", "\"a\"", ":", "[", "1", ",", "null", "]", "}", ""].join(space);
        assert_eq!(payload(text.as_bytes()), Ok(()), "{space:?}");
        for (name, text) in [
            ("a literal", format!(r#"{{"a":nu{space}ll}}"#)),
            ("a number", format!(r#"{{"a":1{space}2}}"#)),
            ("a fraction", format!(r#"{{"a":1.{space}2}}"#)),
            ("an exponent", format!(r#"{{"a":1e{space}2}}"#)),
            ("an escape", format!(r#"{{"a":"\{space}n"}}"#)),
            ("a \\u escape", format!(r#"{{"a":"\u00{space}41"}}"#)),
        ] {
            assert_eq!(payload(text.as_bytes()), Err(NOT_JSON), "{name} {space:?}");
        }
    }
    for space in [
        "\u{b}", "\u{c}", "\0", "\u{85}", "\u{a0}", "\u{2003}", "\u{3000}",
    ] {
        let text = format!(r#"{{"a":{space}1}}"#);
        assert_eq!(payload(text.as_bytes()), Err(NOT_JSON), "{space:?}");
    }
}

/// Every proper prefix of a valid payload is invalid, and so is the payload with a byte removed from
/// its structure.
#[test]
fn every_prefix_of_a_payload_is_rejected() {
    let text =
        r#"{"a\n\ud83d\ude00":[1,-2.5e+3,"x\\",{"b":{"c":[[],{}]}},true,false,null],"d":"é"}"#;
    assert_eq!(payload(text.as_bytes()), Ok(()));
    for end in 0..text.len() {
        let expected = match text.is_char_boundary(end) {
            true => NOT_JSON,
            false => NOT_UTF8,
        };
        assert_eq!(payload(&text.as_bytes()[..end]), Err(expected), "{end}");
    }
}
