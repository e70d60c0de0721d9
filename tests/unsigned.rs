//! What is read of a token without a key: the cases of `json_text` as a header and as a payload, and
//! segments of any length. No cryptography is involved, so Miri can run these tests.

#[path = "json_text/scalars.rs"]
mod scalars;
#[path = "json_text/structures.rs"]
mod structures;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::{Claims, Header, Unverified, VerifyError};
use scalars::{
    GREAT_NUMBERS, INVALID_LITERALS, INVALID_NUMBERS, INVALID_STRINGS, INVALID_UTF8,
    LONE_SURROGATES, VALID_LITERALS, VALID_NUMBERS, VALID_STRINGS,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use structures::{
    DUPLICATE_NAMES, INVALID_ARRAYS, INVALID_OBJECTS, PRIVATE_NAMES, VALID_ARRAYS, VALID_OBJECTS,
};

/// A name for the case, and its text.
type Case = (&'static str, &'static [u8]);

const NOT_JSON: &str = "is not valid JSON";

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a payload, or returns the rule that it breaks.
fn payload<C: DeserializeOwned>(text: impl AsRef<[u8]>) -> Result<C, &'static str> {
    payload_segment(&encode(text))
}

fn payload_segment<C: DeserializeOwned>(segment: &str) -> Result<C, &'static str> {
    let token = format!("{}.{segment}.", encode(r#"{"alg":"ES256"}"#));
    let unverified = Unverified::parse(&token).expect("a header");
    unverified.claims().map_err(|error| match error {
        VerifyError::MalformedPayload { reason, .. } => reason,
        error => panic!("{error}"),
    })
}

/// Reads a header, or returns the rule that it breaks.
fn header(text: impl AsRef<[u8]>) -> Result<Header, &'static str> {
    header_segment(&encode(text))
}

fn header_segment(segment: &str) -> Result<Header, &'static str> {
    let token = format!("{segment}.e30.");
    match Unverified::parse(&token) {
        Ok(unverified) => Ok(unverified.header().clone()),
        Err(VerifyError::MalformedHeader { reason, .. }) => Err(reason),
        Err(error) => panic!("{error}"),
    }
}

/// Returns a header and a payload with the value.
fn around(value: &[u8]) -> [Vec<u8>; 2] {
    let between = |before: &[u8], after: &[u8]| [before, value, after].concat();
    [
        between(br#"{"alg":"ES256","a":"#, b"}"),
        between(br#"{ "a" : "#, b"\n,\"b\":[]}"),
    ]
}

#[track_caller]
fn check_malformed(name: &str, [in_header, in_payload]: [Vec<u8>; 2], reason: &'static str) {
    assert_eq!(header(in_header).err(), Some(reason), "{name}");
    assert_eq!(payload::<Value>(in_payload), Err(reason), "{name}");
}

#[test]
fn valid_values_are_read_as_serde_json_reads_them() {
    for (name, value) in [
        VALID_LITERALS,
        VALID_NUMBERS,
        VALID_STRINGS,
        VALID_ARRAYS,
        VALID_OBJECTS,
    ]
    .concat()
    {
        let expected: Value = serde_json::from_slice(value).expect(name);
        let [in_header, in_payload] = around(value);
        let header = header(in_header).expect(name);
        assert_eq!(header.parameter("a").as_ref(), Some(&expected), "{name}");
        let payload: Value = payload(in_payload).expect(name);
        assert_eq!(payload["a"], expected, "{name}");
    }
}

#[test]
fn malformed_values_are_rejected() {
    for (values, reason) in [
        (INVALID_LITERALS, NOT_JSON),
        (INVALID_NUMBERS, NOT_JSON),
        (INVALID_STRINGS, NOT_JSON),
        (INVALID_ARRAYS, NOT_JSON),
        (INVALID_OBJECTS, NOT_JSON),
        (INVALID_UTF8, "is not valid UTF-8"),
        (
            LONE_SURROGATES,
            "has an escape for half of a surrogate pair",
        ),
    ] {
        for (name, value) in values {
            check_malformed(name, around(value), reason);
        }
    }
}

#[test]
fn numbers_out_of_the_range_of_f64_are_read_on_demand_only() {
    for (name, number) in GREAT_NUMBERS {
        let [in_header, in_payload] = around(number);
        let header = header(in_header).expect(name);
        // `None`, unless another crate turns on `arbitrary_precision`.
        let expected = serde_json::from_slice(number).ok();
        assert_eq!(header.parameter("a"), expected, "{name}");
        payload::<Claims>(in_payload).expect(name);
    }
}

#[test]
fn duplicate_and_private_names_are_rejected() {
    for (name, object) in DUPLICATE_NAMES {
        let in_header = [br#"{"alg":"ES256","#, &object[1..]].concat();
        check_malformed(
            name,
            [in_header, object.to_vec()],
            "has two members of the same name",
        );
    }
    let reason = "has a name that serde_json reserves for itself";
    for (name, object) in PRIVATE_NAMES {
        let [in_header, in_payload] = around(object);
        header(in_header).expect(name);
        assert_eq!(payload::<Value>(in_payload), Err(reason), "{name}");
    }
}

/// Short segments are decoded by other code than long ones, and so are the ends of these.
#[test]
fn segments_are_decoded_at_every_length_and_a_wrong_character_is_found_at_every_index() {
    let reason = "is not base64url without padding";
    for spaces in (0..100).step_by(if cfg!(miri) { 49 } else { 1 }) {
        let space = " ".repeat(spaces);
        let text = encode(format!(r#"{{"alg":"ES256"{space}}}"#));
        header_segment(&text).expect("a header");
        assert_eq!(payload_segment(&text), Ok(json!({ "alg": "ES256" })));

        for index in 0..text.len() {
            let wrong = ["+", "=", "\0", "\u{7f}"][index % 4];
            let mut changed = text.clone();
            changed.replace_range(index..=index, wrong);
            assert_eq!(header_segment(&changed).err(), Some(reason), "{changed}");
            assert_eq!(payload_segment::<Value>(&changed), Err(reason), "{changed}");
        }
    }
}

#[test]
fn dates_are_read_exactly() {
    for (text, expected) in [
        ("1796169600", (1_796_169_600, 0)),
        ("1796169600.5", (1_796_169_600, 500_000_000)),
        ("17961696e2", (1_796_169_600, 0)),
        ("-0.25", (-1, 750_000_000)),
        ("9223372036854775807", (i64::MAX, 0)),
    ] {
        let claims: Claims = payload(format!(r#"{{"exp":{text}}}"#)).expect(text);
        let date = claims.expiration.expect(text);
        assert_eq!((date.seconds(), date.nanoseconds()), expected, "{text}");
    }
}
