//! The depth of nesting, the precedence of the rules, other encodings, space and truncation.

use super::{
    DUPLICATE_NAME, LONE_SURROGATE, NOT_AN_OBJECT, NOT_JSON, NOT_UTF8, TOO_DEEP, header, payload,
};

/// Brackets of one kind, or of both alternately: the opening and the closing ones.
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
            // The enclosing object adds a level.
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

/// Precedence: invalid JSON anywhere, then a value that is not an object, then the first other rule
/// that the text breaks.
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
