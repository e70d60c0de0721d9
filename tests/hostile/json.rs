//! The JSON of header and payload.

use std::fmt::Display;

use jwt_ring::{Token, VerifyError};
use serde_json::json;

use crate::support::errors;
use crate::{DUPLICATE, NOT_JSON, check, check_defaults, key, verifier, with_header, with_payload};

const NOT_AN_OBJECT: &str = "is not a JSON object";
const TOO_DEEP: &str = "is nested more than 127 levels deep";
const PRIVATE_NAME: &str = "has a name that serde_json reserves for itself";
const LONE_SURROGATE: &str = "has an escape for half of a surrogate pair";

/// Checks a rule in header and payload. `@` stands for the required member, `#` for the same with an
/// escape in its name.
#[track_caller]
fn check_json<N: Display + Clone>(
    rows: impl IntoIterator<Item = (N, String, String, &'static str)>,
) {
    let in_header = |text: &str| {
        let text = text.replace('#', r#""\u0061lg":"HS256""#);
        with_header(text.replace('@', r#""alg":"HS256""#))
    };
    let in_payload = |text: &str| {
        let text = text.replace('#', r#""ex\u0070":9e9"#);
        with_payload(text.replace('@', r#""exp":9e9"#))
    };
    for (name, bad, good, reason) in rows {
        check_defaults([
            (
                format!("{name}, in the header"),
                in_header(&bad),
                in_header(&good),
                errors::malformed_header(reason),
            ),
            (
                format!("{name}, in the payload"),
                in_payload(&bad),
                in_payload(&good),
                errors::malformed_payload(reason),
            ),
        ]);
    }
}

#[test]
fn header_and_payload_are_one_json_object() {
    let objects = [
        (
            "an array of the values",
            r#"["HS256","JWT","kid"]"#,
            NOT_AN_OBJECT,
        ),
        ("an array of the object", "[{@}]", NOT_AN_OBJECT),
        ("an empty array", "[]", NOT_AN_OBJECT),
        ("a string that holds JSON", r#""{}""#, NOT_AN_OBJECT),
        ("a number", "5", NOT_AN_OBJECT),
        ("null", "null", NOT_AN_OBJECT),
        ("true", " true", NOT_AN_OBJECT),
        ("white space", " ", NOT_JSON),
        ("a byte order mark", "\u{feff}{@}", NOT_JSON),
        ("no end", "{@", NOT_JSON),
        ("no end of a string", "{@,\"", NOT_JSON),
        ("two objects", "{@}{@}", NOT_JSON),
        ("a word after it", "{@} x", NOT_JSON),
        ("a zero byte after it", "{@}\0", NOT_JSON),
        ("a brace after it", "{@}}", NOT_JSON),
        ("a trailing comma", "{@,}", NOT_JSON),
        ("a leading comma", "{,@}", NOT_JSON),
        ("a name without a value", r#"{@,"a"}"#, NOT_JSON),
        ("a name without quotes", "{@,a:1}", NOT_JSON),
        ("single quotes", "{@,'a':1}", NOT_JSON),
        ("a comment", "{@/**/}", NOT_JSON),
        ("a leading zero", r#"{@,"a":01}"#, NOT_JSON),
        ("a plus sign", r#"{@,"a":+1}"#, NOT_JSON),
        ("NaN", r#"{@,"a":NaN}"#, NOT_JSON),
        ("an unknown escape", r#"{@,"a":"\x41"}"#, NOT_JSON),
        ("half an escape", r#"{@,"a":"\u00"}"#, NOT_JSON),
        ("a raw control character", "{@,\"a\":\"\n\"}", NOT_JSON),
        ("white space outside JSON", "\u{a0}{@}", NOT_JSON),
    ];
    check_json(objects.map(|(name, bad, reason)| (name, bad.into(), "\n\t {@} \r".into(), reason)));
}

#[test]
fn a_duplicate_name_is_rejected() {
    let rows = [
        ("a registered name", "{@,@}", "{@}"),
        ("a registered name, escaped", "{@,#}", "{#}"),
        ("a registered name, escaped first", "{#,@}", "{#}"),
        ("another one", r#"{"a":1,@,"a":1}"#, r#"{"a":1,@,"A":1}"#),
        (
            "escaped",
            r#"{"a":1,@,"\u0061":1}"#,
            r#"{"a":1,@,"\u0062":1}"#,
        ),
        (
            "escaped first",
            r#"{"\u0061":1,@,"a":1}"#,
            r#"{"\u0061":1,@,"b":1}"#,
        ),
        (
            "escaped twice",
            r#"{@,"\u0061":1,"\u0061":1}"#,
            r#"{@,"\u0061":1,"\u0041":1}"#,
        ),
        (
            "with a slash",
            r#"{@,"\/":1,"/":1}"#,
            r#"{@,"\/":1,"//":1}"#,
        ),
        ("empty", r#"{"":1,"":1,@}"#, r#"{"":1," ":1,@}"#),
        (
            "outside ASCII",
            r#"{@,"é":1,"\u00e9":1}"#,
            r#"{@,"é":1,"e\u0301":1}"#,
        ),
        (
            "outside the basic plane",
            r#"{@,"😀":1,"\ud83d\ude00":1}"#,
            r#"{@,"😀":1,"\ud83d\ude01":1}"#,
        ),
    ];
    check_json(rows.map(|(name, bad, good)| (name, bad.into(), good.into(), DUPLICATE)));

    // From 33 members on, the names are kept in another table.
    for count in [15, 31, 32, 33, 80] {
        let members: String = (0..count).map(|n| format!(r#""{n}":[],"#)).collect();
        check_json([0, 14, count - 1].into_iter().flat_map(|n| {
            [
                format!("{n}"),
                format!(
                    "\\u{:04x}{}",
                    n.to_string().as_bytes()[0],
                    &n.to_string()[1..]
                ),
            ]
            .map(|twin| {
                let bad = format!(r#"{{{members}@,"{twin}":[]}}"#);
                let good = format!(r#"{{{members}@,"{twin}.":[]}}"#);
                (format!("{twin} of {count}"), bad, good, DUPLICATE)
            })
        }));
    }

    // Also for names whose values are not read.
    for (members, name) in [(r#""alg":"HS256""#, "kid"), (r#""alg":"HS256""#, "typ")] {
        let header = |last: &str| with_header(format!(r#"{{{members},"{name}":"JWT"{last}}}"#));
        let bad = header(&format!(r#","{name}":"JWT""#));
        check_defaults([(name, bad, header(""), errors::malformed_header(DUPLICATE))]);
    }
    for (name, value) in [
        ("iss", "\"a\""),
        ("sub", "\"a\""),
        ("nbf", "0"),
        ("iat", "0"),
        ("jti", "\"a\""),
    ] {
        let payload = |last: &str| with_payload(format!(r#"{{"exp":9e9,"{name}":{value}{last}}}"#));
        let bad = payload(&format!(r#","{name}":{value}"#));
        check_defaults([(name, bad, payload(""), errors::malformed_payload(DUPLICATE))]);
    }
}

#[test]
fn a_lone_surrogate_is_rejected() {
    let rows = [
        ("high", r#""\ud83d""#, r#""\ud83d\ude00""#),
        ("low", r#""\ude00""#, r#""\ud83d\ude00""#),
        (
            "in the wrong order",
            r#""\ude00\ud83d""#,
            r#""\ud83d\ude00""#,
        ),
        ("two high", r#""\ud83d\ud83d""#, r#""\\ud83d""#),
        ("deep", r#"[{"a":["\uDEAD"]}]"#, r#"[{"a":["\\uDEAD"]}]"#),
        (
            "in the name of a nested member",
            r#"{"\ud800":1}"#,
            r#"{"\\ud800":1}"#,
        ),
    ];
    check_json(rows.map(|(name, bad, good)| {
        let [bad, good] = [bad, good].map(|value| format!(r#"{{@,"a":{value}}}"#));
        (name, bad, good, LONE_SURROGATE)
    }));
    let in_a_name = r#"{@,"\ud800":1}"#.into();
    check_json([(
        "in a name",
        in_a_name,
        r#"{@,"\ud7ff":1}"#.into(),
        LONE_SURROGATE,
    )]);
    for name in ["iss", "sub", "aud", "jti"] {
        let payload = |value| with_payload(format!(r#"{{"exp":9e9,"aud":"ab","{name}":{value}}}"#));
        let payload = |value| match name {
            "aud" => with_payload(format!(r#"{{"exp":9e9,"aud":{value}}}"#)),
            _ => payload(value),
        };
        let [bad, good] = [payload(r#""\udc00""#), payload(r#""a\u0062""#)];
        let rows = [(name, bad, good, errors::malformed_payload(LONE_SURROGATE))];
        check(&verifier().audience("ab"), &key().verifying_key(), rows);
    }
}

#[test]
fn text_that_is_not_utf_8_is_rejected() {
    let bad: [(&str, &[u8]); 6] = [
        ("a byte that UTF-8 never uses", b"\xff"),
        ("a truncated character", b"\xc3"),
        ("an overlong zero", b"\xc0\x80"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("beyond the last character", b"\xf4\x90\x80\x80"),
        ("Latin-1", b"\xe9t\xe9"),
    ];
    for (name, bytes) in bad {
        let text = |bytes: &[u8], member: &str| {
            [b"{\"a\":\"", bytes, b"\",", member.as_bytes(), b"}"].concat()
        };
        let header = |bytes: &[u8]| with_header(text(bytes, r#""alg":"HS256""#));
        let payload = |bytes: &[u8]| with_payload(text(bytes, r#""exp":9e9"#));
        let good = "é".as_bytes();
        let reason = "is not valid UTF-8";
        check_defaults([
            (
                name,
                header(bytes),
                header(good),
                errors::malformed_header(reason),
            ),
            (
                name,
                payload(bytes),
                payload(good),
                errors::malformed_payload(reason),
            ),
        ]);
    }
}

/// `serde_json::Value` reads the text beside such a name as JSON of its own.
#[test]
fn a_private_name_of_serde_json_is_rejected_in_a_payload() {
    let raw = "$serde_json::private::RawValue";
    let good = |name: &str| format!(r#"{{@,"{name}":"[1]"}}"#);
    let rows = [
        (
            "a raw value",
            good(raw),
            good("serde_json::private::RawValue"),
        ),
        (
            "a number",
            good("$serde_json::private::Number"),
            good("$serde_json::"),
        ),
        (
            "spaces before the colon",
            format!("{{@,\"{raw}\" \n:\"7\"}}"),
            format!(r#"{{@,"a":"{raw}"}}"#),
        ),
        (
            "escapes",
            good(r"\u0024serde_json::pri\u0076ate::RawValue"),
            good(r"\u0023serde_json::pri\u0076ate::RawValue"),
        ),
        (
            "nested",
            format!(r#"{{@,"a":[{{"b":{{"{raw}":"7"}}}}]}}"#),
            format!(r#"{{@,"a":[{{"b":["{raw}","7"]}}]}}"#),
        ),
        (
            "the first name",
            format!(r#"{{"{raw}":"[1]",@}}"#),
            r#"{"$":"[1]",@}"#.into(),
        ),
    ];
    check_defaults(rows.map(|(name, bad, good)| {
        let [bad, good] = [bad, good].map(|text| with_payload(text.replace('@', r#""exp":9e9"#)));
        (name, bad, good, errors::malformed_payload(PRIVATE_NAME))
    }));
}

/// A header is not read by serde_json as a whole, so the names are allowed there.
#[test]
fn a_parameter_with_a_private_name_of_serde_json_is_not_parsed() {
    let raw = "$serde_json::private::RawValue";

    let mut bomb = "[".repeat(126) + &"]".repeat(126);
    for _ in 0..10 {
        let (open, close) = ("[".repeat(124), "]".repeat(124));
        bomb = format!("{open}{{{}:{}}}{close}", json!(raw), json!(bomb));
    }
    let token = with_header(format!(r#"{{"alg":"HS256","a":{bomb},"b":[1]}}"#));
    let small = std::thread::Builder::new().stack_size(128 * 1024);
    let thread = small.spawn(move || {
        let token: Token = verifier().verify(&token, &key().verifying_key())?;
        Ok::<_, VerifyError>(["a", "b"].map(|name| token.header().parameter(name)))
    });
    let parameters = thread.expect("a thread").join().expect("no panic");
    assert_eq!(parameters, Ok([None, Some(json!([1]))]));
}

#[test]
fn nesting_is_limited() {
    // The object itself is the first of 127 levels.
    for (name, open, close) in [("arrays", "[", "]"), ("objects", r#"{"":"#, "}")] {
        let nested = |depth: usize| {
            let value = format!("{}0{}", open.repeat(depth), close.repeat(depth));
            format!(r#"{{@,"a":{value}}}"#)
        };
        check_json([
            (name, nested(127), nested(126), TOO_DEEP),
            (name, nested(1_000), "{@}".into(), TOO_DEEP),
        ]);
    }
    // The grammar comes first: text that is not JSON is reported as that.
    let unclosed = with_payload("[".repeat(40_000));
    let good = with_payload(format!(r#"{{"exp":9e9,"a":"{}"}}"#, "[".repeat(40_000)));
    let error = errors::malformed_payload(NOT_JSON);
    check_defaults([("only opening brackets", unclosed, good, error)]);
}
