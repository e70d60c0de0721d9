//! The error for a payload that does not fit the type.

use std::collections::HashMap;

use jwt_ring::{Claims, VerifyError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::support::errors;
use crate::{DOES_NOT_FIT, IS_MISSING, read};

/// A number below ten, checked by a conversion.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(try_from = "u64")]
struct Digit(u64);

impl TryFrom<u64> for Digit {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        match number {
            0..10 => Ok(Self(number)),
            _ => Err(format!("hunter2 is too large: {number}")),
        }
    }
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "its fields are only read")]
struct App {
    role: String,
    #[serde(default)]
    inner: Option<Inner>,
    #[serde(default)]
    level: Option<Digit>,
    #[serde(default)]
    nothing: (),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "its fields are only read")]
struct Inner {
    deep: Vec<u8>,
}

#[test]
fn the_member_that_does_not_fit_is_named_and_its_value_is_not_quoted() {
    let fits = [
        r#"{"role":"a"}"#,
        "{\n\"inner\":\n{\"deep\":[1]},\"level\":9,\"nothing\":null,\n\"role\":\"a\"\n}\n",
    ];
    for payload in fits {
        read::<App>(payload).expect(payload);
    }
    let rows = [
        ("{}", "role", IS_MISSING),
        (" { } ", "role", IS_MISSING),
        (r#"{"hunter2":"hunter2"}"#, "role", IS_MISSING),
        ("{\"level\":1,\n\"x\":2}\n\n", "role", IS_MISSING),
        // The first, a middle, the last member.
        (r#"{"role":123456,"level":1}"#, "role", DOES_NOT_FIT),
        (r#"{"role":{"hunter2":"hunter2"}}"#, "role", DOES_NOT_FIT),
        (r#"{"x":1,"role":["hunter2"],"y":1}"#, "role", DOES_NOT_FIT),
        (r#"{"x":{"role":1},"role":null}"#, "role", DOES_NOT_FIT),
        (
            "\n{\n\"x\"\n:\n1\n,\n\"role\"\n:\n123456\n}\n",
            "role",
            DOES_NOT_FIT,
        ),
        (
            "{\r\n\t\"é\":\"é\",\r\n\t\"role\":true}",
            "role",
            DOES_NOT_FIT,
        ),
        (r#"{"r\u006fle":123456}"#, "role", DOES_NOT_FIT),
        // Within a member.
        (
            r#"{"role":"a","inner":{"deep":[1,"hunter2"]}}"#,
            "inner",
            DOES_NOT_FIT,
        ),
        (
            r#"{"inner":{"deep":[123456]},"role":"a"}"#,
            "inner",
            DOES_NOT_FIT,
        ),
        (
            r#"{"inner":{"role":"hunter2","deep":[]},"role":"a"}"#,
            "inner",
            DOES_NOT_FIT,
        ),
        (r#"{"inner":{},"role":"a"}"#, "inner", DOES_NOT_FIT),
        (r#"{"role":"a","inner":{}}"#, "inner", DOES_NOT_FIT),
        // An error without a position.
        (r#"{"level":123456,"role":"a"}"#, "level", DOES_NOT_FIT),
        (r#"{"role":"a","level":123456}"#, "level", DOES_NOT_FIT),
    ];
    for (payload, member, problem) in rows {
        let error = read::<App>(payload).expect_err(payload);
        let text = errors::text(&error);
        assert_eq!(
            text,
            errors::custom_claims(Some(member), problem),
            "{payload}"
        );
        assert_eq!(
            error.to_string(),
            format!("the payload's member {member:?} {problem}")
        );
        assert!(
            !text.contains("hunter2") && !text.contains("123456"),
            "{payload}"
        );
    }
}

/// Only `()` as `C` is the error that names `Claims`.
#[test]
fn a_unit_within_a_type_that_does_not_fit_is_named() {
    #[derive(Debug, Deserialize)]
    struct Unit;
    let payload = r#"{"role":"a","nothing":{"hunter2":1}}"#;
    let expected = errors::custom_claims(Some("nothing"), DOES_NOT_FIT);
    let error = read::<App>(payload).expect_err("an object");
    assert_eq!(errors::text(&error), expected);
    let error = read::<HashMap<String, Unit>>(r#"{"nothing":{"hunter2":1}}"#);
    assert_eq!(errors::text(&error.expect_err("an object")), expected);
    let error = read::<Unit>("{}").expect_err("an object");
    let expected = errors::custom_claims(None, DOES_NOT_FIT);
    assert_eq!(errors::text(&error), expected);
}

#[test]
fn an_unknown_field_is_named() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "its fields are only read")]
    struct Strict {
        role: String,
        #[serde(default)]
        inner: Option<Inner>,
    }
    read::<Strict>(r#"{"role":"a"}"#).expect("known fields");
    for (payload, member) in [
        (r#"{"x":"hunter2","role":"a"}"#, "x"),
        (r#"{"role":"a","x":1}"#, "x"),
        (r#"{"role":"a","":1}"#, ""),
        (r#"{"role":"a","\u0078\n":1}"#, "x\n"),
        (r#"{"role":"a","exp":9e9}"#, "exp"),
        (r#"{"inner":{"deep":[],"x":1},"role":"a"}"#, "inner"),
    ] {
        let error = read::<Strict>(payload).expect_err(payload);
        let expected = errors::custom_claims(Some(member), DOES_NOT_FIT);
        assert_eq!(errors::text(&error), expected, "{payload}");
    }
    // The message escapes the name and shows its first 64 characters.
    let name = format!("\u{7}{}", "é".repeat(100));
    let payload = json!({ "role": "a", name: 1 }).to_string();
    let message = read::<Strict>(&payload)
        .expect_err("an unknown field")
        .to_string();
    let shown = format!("\\u{{7}}{}", "é".repeat(63));
    assert_eq!(
        message,
        format!("the payload's member \"{shown}\" {DOES_NOT_FIT}")
    );
}

#[test]
fn a_payload_that_is_not_of_the_kind_of_the_type_names_no_member() {
    fn error<C: DeserializeOwned>() -> String {
        let payload = r#"{"sub":"hunter2"}"#;
        errors::text(&read::<C>(payload).map(drop).expect_err("another kind"))
    }
    let expected = errors::custom_claims(None, DOES_NOT_FIT);
    assert_eq!(error::<Vec<u8>>(), expected);
    assert_eq!(error::<String>(), expected);
    assert_eq!(error::<(u8, u8)>(), expected);
    assert_eq!(error::<f64>(), expected);
}

/// serde_json reads the keys of such a map from the second byte on, which may be within a character.
#[test]
fn a_map_with_keys_of_type_bool_does_not_panic() {
    fn rejected<C: DeserializeOwned>(payload: &str) {
        let error = read::<C>(payload).err().expect(payload);
        assert_eq!(error.code(), "custom_claims", "{payload}");
    }
    for payload in [
        r#"{"exp":9e9,"é":1}"#,
        r#"{"exp":9e9,"a":{"é":1}}"#,
        r#"{"exp":9e9,"a":{"\u00e9":1}}"#,
    ] {
        rejected::<HashMap<bool, u8>>(payload);
        rejected::<HashMap<String, HashMap<bool, u8>>>(payload);
        rejected::<Claims<HashMap<bool, u8>>>(payload);
        rejected::<Claims<HashMap<String, HashMap<bool, u8>>>>(payload);
    }
}

#[test]
fn the_member_is_named_regardless_of_white_space() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "its fields are only read")]
    struct Levels {
        level: Digit,
        role: String,
    }

    for space in ["", " ", "\n  ", "\t\r\n"] {
        let payload = format!(r#"{{"level"{space}:{space}99{space},{space}"role"{space}:"a"}}"#);
        let error = read::<Levels>(&payload).expect_err("a number above nine");
        let VerifyError::CustomClaims { member, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(member.as_deref(), Some("level"), "{payload}");
    }
}
