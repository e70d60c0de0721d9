//! Types that the features of serde_json read in another way: raw values, and numbers of any length.
//!
//! Checks are made on the text of the payload, so the features must not change their results; the
//! caller's type gets what serde_json reads.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::{
    Algorithm, Claims, FixedClock, Header, NumericDate, SignError, Signer, SigningKey, Token,
    Unsigned, Unverified, Verifier, VerifyError,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Number, Value, json};

const NOW: i64 = 1_795_435_200;

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn clock() -> FixedClock {
    FixedClock::at(NumericDate::from_seconds(NOW))
}

fn sign_segments(header: &str, payload: &str) -> String {
    let [header, payload] = [header, payload].map(|json| URL_SAFE_NO_PAD.encode(json));
    let signing_input = format!("{header}.{payload}");
    let signature = key().sign(signing_input.as_bytes()).expect("a signature");
    format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Verifies a payload of these members and `exp`.
fn verify<C: DeserializeOwned>(members: &str) -> Result<Token<C>, VerifyError> {
    let payload = format!(r#"{{"exp":{}{members}}}"#, NOW + 1);
    let token = sign_segments(r#"{"alg":"HS256"}"#, &payload);
    let verifier = Verifier::new().clock(clock());
    verifier.verify::<C>(&token, &key().verifying_key())
}

fn claims_of<C: DeserializeOwned>(members: &str) -> C {
    verify(members).expect(members).into_claims()
}

#[derive(Deserialize, Serialize)]
struct Raw {
    raw: Box<RawValue>,
}

const RAW: [&str; 8] = [
    "1.50e+1",
    r#""a\u0062""#,
    "null",
    "[ 1 , 2 ]",
    r#"{"b":1,"a":{"exp":null}}"#,
    "123456789012345678901234567890",
    "1e400",
    "-0.0",
];

#[test]
fn raw_values_keep_their_text_in_a_type_of_the_caller() {
    for raw in RAW {
        let own: Raw = claims_of(&format!(r#","raw":{raw},"other":1"#));
        assert_eq!(own.raw.get(), raw);
    }
}

#[test]
fn raw_values_keep_their_text_in_custom_claims() {
    for raw in RAW {
        let claims: Claims<Raw> = claims_of(&format!(r#","raw":{raw},"sub":"user-42""#));
        assert_eq!(claims.custom.raw.get(), raw);
        assert_eq!(claims.subject.as_deref(), Some("user-42"));
    }
}

#[test]
fn raw_values_borrow_from_the_buffer() {
    #[derive(Deserialize)]
    struct Borrowed<'a> {
        #[serde(borrow)]
        raw: &'a RawValue,
    }

    let payload = format!(r#"{{"exp":{},"raw":[1, 2]}}"#, NOW + 1);
    let token = sign_segments(r#"{"alg":"HS256"}"#, &payload);
    let (verifier, keys) = (Verifier::new().clock(clock()), key().verifying_key());
    let mut buffer = Vec::new();
    let own = verifier.verify_borrowed::<Borrowed<'_>>(&token, &keys, &mut buffer);
    assert_eq!(own.expect("valid").claims().raw.get(), "[1, 2]");
    let claims = verifier.verify_borrowed::<Claims<Borrowed<'_>>>(&token, &keys, &mut buffer);
    assert_eq!(claims.expect("valid").claims().custom.raw.get(), "[1, 2]");
}

#[test]
fn the_whole_payload_is_read_as_a_raw_value() {
    let payload = format!(r#"{{ "exp" : {} }}"#, NOW + 1);
    let token = sign_segments(r#"{"alg":"HS256"}"#, &payload);
    let verifier = Verifier::new().clock(clock());
    let whole = verifier.verify::<Box<RawValue>>(&token, &key().verifying_key());
    assert_eq!(whole.expect("valid").claims().get(), payload);
}

#[test]
fn raw_values_are_signed() {
    let signer = Signer::new(key());
    let raw = RawValue::from_string(r#"[1.50, {"a":1}]"#.into()).expect("JSON");
    let claims = Claims::new(&clock(), Duration::from_secs(1)).custom(Raw { raw });
    let token = signer.sign(&claims).expect("a token");
    let read = Unverified::parse(&token).expect("a token");
    let read = read.claims::<Claims<Raw>>().expect("valid claims");
    assert_eq!(read.custom.raw.get(), r#"[1.50, {"a":1}]"#);
}

/// serde_json passes it through serde as a struct, so its members could not be checked.
#[test]
fn raw_values_are_not_signed_as_custom_claims() {
    fn error_of(custom: impl Serialize) -> SignError {
        let claims = Claims::new(&clock(), Duration::from_secs(1)).custom(custom);
        let signer = Signer::new(key());
        let error = signer.sign(&claims).expect_err("custom claims of raw JSON");
        let unsigned = Unsigned::new(&Header::new(Algorithm::HS256), &claims);
        assert_eq!(unsigned.expect_err("custom claims of raw JSON"), error);
        let mut text = "Bearer ".to_owned();
        assert_eq!(signer.sign_into(&claims, &mut text), Err(error.clone()));
        assert_eq!(text, "Bearer ");
        error
    }

    #[derive(Serialize)]
    struct Wrapped<'a>(&'a RawValue);

    #[derive(Serialize)]
    struct Flat<'a> {
        role: &'static str,
        #[serde(flatten)]
        raw: &'a RawValue,
    }

    const NOT_AN_OBJECT: &str = "has custom claims that are not a JSON object";
    for json in [
        r#"{"role":"admin"}"#,
        r#"{"role":"admin","exp":1}"#,
        r#"{"sub":"a","sub":"b"}"#,
        "{}",
        "[1]",
        "null",
        "1",
    ] {
        let raw: &RawValue = serde_json::from_str(json).expect("JSON");
        for error in [
            error_of(raw),
            error_of(raw.to_owned()),
            error_of(Some(raw)),
            error_of(Wrapped(raw)),
        ] {
            assert_eq!(error.code(), "malformed_payload", "{json}");
            let text = format!("{error:?}");
            assert!(text.contains(NOT_AN_OBJECT), "{json}: {text}");
        }
        // Here it becomes a member with a private name.
        let flat = error_of(Flat { role: "admin", raw });
        assert_eq!(format!("{flat:?}"), PRIVATE, "{json}");
    }
    // With `arbitrary_precision` a number is passed through in the same way.
    for number in ["1", "1.5", "1e400"] {
        let number: Number = serde_json::from_str(number).expect("a number");
        let text = format!("{:?}", error_of(number));
        assert!(text.contains(NOT_AN_OBJECT), "{text}");
    }
}

#[test]
fn a_raw_value_is_signed_as_the_whole_payload_if_it_is_valid() {
    let signer = Signer::new(key());
    let verifier = Verifier::new().allow_missing_expiration().clock(clock());
    for json in [
        "{}",
        r#"{ "role" : 1.50 }"#,
        r#"{"exp":1795435201.0,"b":[1e400],"a":"\u0062"}"#,
    ] {
        let raw: &RawValue = serde_json::from_str(json).expect("JSON");
        let token = signer.sign(raw).expect(json);
        assert_eq!(token, sign_segments(r#"{"alg":"HS256","typ":"JWT"}"#, json));
        let token = verifier.verify::<Box<RawValue>>(&token, &key().verifying_key());
        assert_eq!(token.expect(json).claims().get(), json);
    }
    for (json, reason) in [
        ("[1]", "is not a JSON object"),
        ("null", "is not a JSON object"),
        ("1", "is not a JSON object"),
        (
            r#"{"sub":"a","s\u0075b":"b"}"#,
            "has two members of the same name",
        ),
        (
            r#"{"x":{"$serde_json::private::RawValue":"1"}}"#,
            "has a name that serde_json reserves for itself",
        ),
    ] {
        let raw: &RawValue = serde_json::from_str(json).expect("JSON");
        let error = signer.sign(raw).expect_err(json);
        let expected = format!("MalformedPayload {{ reason: {reason:?} }}");
        assert_eq!(format!("{error:?}"), expected, "{json}");
    }
    for (json, expected) in [
        (r#"{"exp":null}"#, "NullClaim(Expiration)"),
        (r#"{"exp":"1"}"#, "WrongType(Expiration)"),
        (r#"{"exp":1e400}"#, "WrongType(Expiration)"),
    ] {
        let raw: &RawValue = serde_json::from_str(json).expect("JSON");
        let error = signer.sign(raw).expect_err(json);
        assert_eq!(format!("{error:?}"), expected, "{json}");
    }
}

#[test]
fn numbers_of_any_length_are_read() {
    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Big {
        big: u128,
        small: i128,
    }

    let members = format!(r#","big":{},"small":{}"#, u128::MAX, i128::MIN);
    let expected = Big {
        big: u128::MAX,
        small: i128::MIN,
    };
    assert_eq!(claims_of::<Big>(&members), expected);
    assert_eq!(claims_of::<Claims<Big>>(&members).custom, expected);

    let claims = Claims::new(&clock(), Duration::from_secs(1)).custom(expected);
    let token = Signer::new(key()).sign(&claims).expect("a token");
    let read = Unverified::parse(&token).expect("a token");
    let read = read.claims::<Claims<Big>>().expect("valid claims");
    assert_eq!(read.custom, claims.custom);

    let digits = "123456789012345678901234567890.123456789";
    for number in [digits, "1e400", "-1E-400", "0.10"] {
        let member = format!(r#","n":{number}"#);
        let value: Value = claims_of(&member);
        assert_eq!(
            value["n"].to_string().to_ascii_lowercase().replace('+', ""),
            number.to_ascii_lowercase()
        );
        let claims: Claims<Value> = claims_of(&member);
        assert_eq!(claims.custom["n"], value["n"]);
        let map: Claims<std::collections::BTreeMap<String, Number>> = claims_of(&member);
        assert_eq!(map.custom["n"].to_string(), value["n"].to_string());
    }
}

#[test]
fn registered_claims_are_read_and_checked_as_without_the_features() {
    for (number, seconds) in [
        ("1795435201.0", NOW + 1),
        ("1795435201e0", NOW + 1),
        ("17954352010e-1", NOW + 1),
        ("1.7954352015e9", NOW + 1),
    ] {
        let token = sign_segments(r#"{"alg":"HS256"}"#, &format!(r#"{{"exp":{number}}}"#));
        let verifier = Verifier::new().clock(clock());
        let token = verifier.verify::<Claims>(&token, &key().verifying_key());
        let expiration = token.expect(number).claims().expiration.expect("present");
        assert_eq!(expiration.seconds(), seconds, "{number}");
    }
    for (member, expected) in [
        (r#","iat":1e400"#, "WrongType(IssuedAt)"),
        (r#","iat":"1""#, "WrongType(IssuedAt)"),
        (r#","iat":{"$serde_json::private::Number":"1"}"#, PRIVATE),
        (r#","x":{"$serde_json::private::RawValue":"1"}"#, PRIVATE),
        (
            r#","x":[[{"\u0024serde_json::private::Number":"1"}]]"#,
            PRIVATE,
        ),
    ] {
        let error = verify::<Value>(member).expect_err(member);
        assert_eq!(format!("{error:?}"), expected, "{member}");
    }
    let deep = |depth| format!(r#","x":{}{}"#, "[".repeat(depth), "]".repeat(depth));
    verify::<Value>(&deep(126)).expect("127 levels");
    let error = verify::<Value>(&deep(127)).expect_err("128 levels");
    assert_eq!(
        format!("{error:?}"),
        r#"MalformedPayload { reason: "is nested more than 127 levels deep" }"#
    );
}

const PRIVATE: &str =
    r#"MalformedPayload { reason: "has a name that serde_json reserves for itself" }"#;

#[test]
fn header_parameters_are_read_with_the_features() {
    let header = r#"{"alg":"HS256","z":1.50,"a":[1e400],"x":{"$serde_json::private::Number":"1"}}"#;
    let token = sign_segments(header, "{}");
    let token = Unverified::parse(&token).expect("a header");
    let header = token.header();
    assert_eq!(
        header.parameter("z").map(|z| z.to_string()),
        Some("1.50".into())
    );
    assert_eq!(
        header.parameter("a").map(|a| a.to_string()),
        Some("[1e+400]".into())
    );
    assert_eq!(header.parameter("x"), None);
    assert_eq!(header.parameter("alg"), Some(json!("HS256")));
}
