//! Strings as values of a claim.

use super::documents::in_both;
use super::{Invalid, Valid, invalid, valid};
use crate::case::{Case, Rule, choice, must};

const STRINGS: Rule = must(&["RFC 8259 §7", "RFC 7519 §7.2"]);
const SURROGATES: Rule = choice(&["RFC 8259 §8.2", "RFC 7493 §2.1"]);

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = valid(STRINGS, VALID)
        .chain(invalid(STRINGS, INVALID))
        .chain(invalid(SURROGATES, LONE_SURROGATES))
        .collect();
    for (slug, about, name) in [
        (
            "surrogate-in-name",
            "has half of a surrogate pair in a name",
            r#""\ud800":1"#,
        ),
        (
            "surrogate-nested",
            "has half of a surrogate pair in an array",
            r#""a":[["\udc00"]]"#,
        ),
        (
            "surrogate-in-nested-name",
            "has half of a surrogate pair in a nested name",
            r#""a":{"\ud800":1}"#,
        ),
    ] {
        cases.extend(in_both(SURROGATES, slug, about, "object", |member| {
            format!("{{{member},{name}}}").into_bytes()
        }));
    }
    cases
}

const VALID: &[Valid] = &[
    ("string-empty", "A string is empty.", r#""""#),
    ("string-letters", "A string has letters.", r#""abc""#),
    (
        "string-structure",
        "A string has the characters of objects and arrays.",
        r#""{[\"a\"]},:""#,
    ),
    ("string-delete", "A string has U+007F.", "\"\u{7f}\""),
    (
        "string-line-separators",
        "A string has U+2028 and U+2029.",
        "\"\u{2028}\u{2029}\"",
    ),
    (
        "string-noncharacters",
        "A string has noncharacters.",
        "\"\u{fdd0}\u{ffff}\u{10ffff}\"",
    ),
    ("string-slash", "A slash is not escaped.", r#""/""#),
    (
        "string-short-escapes",
        "A string has all short escapes.",
        r#""\"\\\/\b\f\n\r\t""#,
    ),
    ("string-escape", "A letter is escaped.", r#""\u0041""#),
    ("string-escape-nul", "U+0000 is escaped.", r#""\u0000""#),
    (
        "string-escape-quote",
        "A quotation mark is escaped with `u`.",
        r#""\u0022""#,
    ),
    (
        "string-escape-backslash",
        "A backslash is escaped with `u`.",
        r#""\u005c""#,
    ),
    (
        "string-escape-upper-case",
        "The digits of an escape are in upper case.",
        r#""\u00E9\u00Ff""#,
    ),
    (
        "string-backslash-before-u",
        "An escaped backslash is before `u`.",
        r#""\\u12""#,
    ),
    (
        "string-pair",
        "A surrogate pair is escaped.",
        r#""\ud83d\ude00""#,
    ),
    (
        "string-first-pair",
        "The first surrogate pair is escaped.",
        r#""\ud800\udc00""#,
    ),
    (
        "string-last-pair",
        "The last surrogate pair is escaped.",
        r#""\uDBFF\uDFFF""#,
    ),
    (
        "string-around-surrogates",
        "The characters around the surrogates are escaped.",
        r#""\ud7ff\ue000""#,
    ),
];

const INVALID: &[Invalid] = &[
    (
        "string-last-control-early",
        "U+001F is before eight characters.",
        "\"\u{1f}12345678\"",
        "string-delete",
    ),
    (
        "string-open",
        "A string is not closed.",
        r#""abc"#,
        "string-letters",
    ),
    (
        "string-not-opened",
        "A string is not opened.",
        r#"abc""#,
        "string-letters",
    ),
    (
        "string-escaped-end",
        "The last quotation mark is escaped.",
        r#""abc\""#,
        "string-letters",
    ),
    (
        "string-apostrophes",
        "A string is in apostrophes.",
        "'abc'",
        "string-letters",
    ),
    (
        "string-curly-quotes",
        "A string is in curly quotation marks.",
        "“abc”",
        "string-letters",
    ),
    (
        "string-two",
        "Two strings are in a row.",
        r#""abc" "abc""#,
        "string-letters",
    ),
    (
        "string-nul",
        "A string has U+0000.",
        "\"\0\"",
        "string-escape-nul",
    ),
    (
        "string-tab",
        "A string has a tab.",
        "\"\t\"",
        "string-short-escapes",
    ),
    (
        "string-line-feed",
        "A string has a line feed.",
        "\"\n\"",
        "string-short-escapes",
    ),
    (
        "string-line-feed-later",
        "A line feed is after eight characters.",
        "\"12345678\n\"",
        "string-short-escapes",
    ),
    (
        "string-carriage-return",
        "A string has a carriage return.",
        "\"\r\"",
        "string-short-escapes",
    ),
    (
        "string-last-control",
        "A string has U+001F.",
        "\"\u{1f}\"",
        "string-delete",
    ),
    (
        "string-escaped-line-feed",
        "A line feed is escaped by a backslash.",
        "\"\\\n\"",
        "string-short-escapes",
    ),
    (
        "string-escape-unknown",
        "A letter is escaped that has no escape.",
        r#""\a""#,
        "string-short-escapes",
    ),
    (
        "string-escape-apostrophe",
        "An apostrophe is escaped.",
        r#""\'""#,
        "string-short-escapes",
    ),
    (
        "string-escape-zero",
        "U+0000 is escaped as in C.",
        r#""\0""#,
        "string-escape-nul",
    ),
    (
        "string-escape-hexadecimal",
        "A letter is escaped with `x`.",
        r#""\x41""#,
        "string-escape",
    ),
    (
        "string-escape-capital-u",
        "A letter is escaped with `U`.",
        r#""\U0041""#,
        "string-escape",
    ),
    (
        "string-escape-no-digits",
        "An escape has no digits.",
        r#""\u""#,
        "string-escape",
    ),
    (
        "string-escape-three-digits",
        "An escape has three digits.",
        r#""\u004""#,
        "string-escape",
    ),
    (
        "string-escape-letter",
        "An escape has a letter for a digit.",
        r#""\u004g""#,
        "string-escape",
    ),
    (
        "string-escape-sign",
        "An escape has a plus sign.",
        r#""\u+041""#,
        "string-escape",
    ),
    (
        "string-escape-space",
        "An escape has a space.",
        r#""\u 041""#,
        "string-escape",
    ),
    (
        "string-escape-braces",
        "An escape has braces.",
        r#""\u{41}""#,
        "string-escape",
    ),
    (
        "string-pair-cut",
        "The second escape of a pair is cut.",
        r#""\ud83d\ude0""#,
        "string-pair",
    ),
];

const LONE_SURROGATES: &[Invalid] = &[
    (
        "surrogate-before-letter",
        "An escaped letter follows the first half of a pair.",
        r#""\ud83d\u0041""#,
        "string-pair",
    ),
    (
        "surrogate-high",
        "The second half of a pair is missing.",
        r#""\ud83d""#,
        "string-pair",
    ),
    (
        "surrogate-low",
        "The first half of a pair is missing.",
        r#""\ude00""#,
        "string-pair",
    ),
    (
        "surrogate-reversed",
        "The halves of a pair are in the wrong order.",
        r#""\ude00\ud83d""#,
        "string-pair",
    ),
    (
        "surrogate-high-twice",
        "The first half of a pair is repeated.",
        r#""\ud83d\ud83d""#,
        "string-pair",
    ),
    (
        "surrogate-first",
        "The first surrogate is alone.",
        r#""\ud800""#,
        "string-around-surrogates",
    ),
    (
        "surrogate-last",
        "The last surrogate is alone.",
        r#""\uDFFF""#,
        "string-around-surrogates",
    ),
];
