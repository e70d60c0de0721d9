//! Objects, arrays and literals as values of a claim.

use super::{GRAMMAR, Invalid, Valid, invalid, valid};
use crate::case::{Case, Rule, must};

const LITERALS: Rule = must(&["RFC 8259 §3", "RFC 7519 §7.2"]);
const OBJECTS: Rule = must(&["RFC 8259 §4", "RFC 7519 §7.2"]);
const ARRAYS: Rule = must(&["RFC 8259 §5", "RFC 7519 §7.2"]);

pub(crate) fn cases() -> Vec<Case> {
    valid(GRAMMAR, VALID)
        .chain(invalid(LITERALS, INVALID_LITERALS))
        .chain(invalid(OBJECTS, INVALID_OBJECTS))
        .chain(invalid(ARRAYS, INVALID_ARRAYS))
        .collect()
}

const VALID: &[Valid] = &[
    ("value-null", "A claim is `null`.", "null"),
    ("value-true", "A claim is `true`.", "true"),
    ("value-false", "A claim is `false`.", "false"),
    ("object-empty", "A claim is an empty object.", "{}"),
    (
        "object-members",
        "A claim is an object.",
        r#"{"b":1,"c":{"d":[]}}"#,
    ),
    (
        "object-space",
        "White space is around all parts of an object.",
        "{ \"b\"\t:\n1\r, \"c\" : 2 }",
    ),
    ("array-empty", "A claim is an empty array.", "[]"),
    (
        "array-mixed",
        "An array has elements of all types.",
        r#"[null,true,0,"",[],{}]"#,
    ),
    (
        "array-space",
        "White space is around all parts of an array.",
        "[ 1\t,\n2\r, [ ] ]",
    ),
];

const INVALID_LITERALS: &[Invalid] = &[
    (
        "literal-upper-case",
        "A literal is in upper case.",
        "TRUE",
        "value-true",
    ),
    (
        "literal-capitalized",
        "A literal is capitalized.",
        "Null",
        "value-null",
    ),
    ("literal-cut", "A literal is cut.", "nul", "value-null"),
    (
        "literal-longer",
        "A letter follows a literal.",
        "nullx",
        "value-null",
    ),
    (
        "literal-full-width",
        "A literal has full-width letters.",
        "ｔｒｕｅ",
        "value-true",
    ),
    (
        "literal-space-within",
        "A space is within a literal.",
        "tr ue",
        "value-true",
    ),
];

const INVALID_OBJECTS: &[Invalid] = &[
    (
        "object-semicolon",
        "A semicolon is between members.",
        r#"{"b":1;"c":2}"#,
        "object-members",
    ),
    (
        "object-equals-sign",
        "An equals sign is after a name.",
        r#"{"b"=1}"#,
        "object-members",
    ),
    (
        "object-comma-at-end",
        "A comma is after the last member.",
        r#"{"b":1,}"#,
        "object-members",
    ),
    (
        "object-comma-at-start",
        "A comma is before the first member.",
        r#"{,"b":1}"#,
        "object-members",
    ),
    (
        "object-two-commas",
        "Two commas are between members.",
        r#"{"b":1,,"c":2}"#,
        "object-members",
    ),
    (
        "object-no-comma",
        "No comma is between members.",
        r#"{"b":1 "c":2}"#,
        "object-members",
    ),
    (
        "object-no-colon",
        "No colon is after a name.",
        r#"{"b" 1}"#,
        "object-members",
    ),
    (
        "object-two-colons",
        "Two colons are after a name.",
        r#"{"b"::1}"#,
        "object-members",
    ),
    (
        "object-no-value",
        "A member has no value.",
        r#"{"b":}"#,
        "object-members",
    ),
    (
        "object-name-alone",
        "A name has no colon and no value.",
        r#"{"b"}"#,
        "object-members",
    ),
    (
        "object-no-name",
        "A member has no name.",
        "{:1}",
        "object-members",
    ),
    (
        "object-bare-name",
        "A name has no quotation marks.",
        "{b:1}",
        "object-members",
    ),
    (
        "object-apostrophes",
        "A name is in apostrophes.",
        "{'b':1}",
        "object-members",
    ),
    (
        "object-number-as-name",
        "A name is a number.",
        "{1:1}",
        "object-members",
    ),
    (
        "object-open",
        "An object is not closed.",
        r#"{"b":1"#,
        "object-members",
    ),
    (
        "object-closed-by-bracket",
        "A bracket closes an object.",
        r#"{"b":1]"#,
        "object-members",
    ),
    (
        "object-crossed",
        "An array within an object is closed after it.",
        r#"{"b":[}]"#,
        "object-members",
    ),
    (
        "object-comment",
        "A comment is within an object.",
        r#"{"b":/**/1}"#,
        "object-members",
    ),
    (
        "object-space-of-unicode",
        "U+2003 is within an object.",
        "{\u{2003}\"b\":1}",
        "object-space",
    ),
];

const INVALID_ARRAYS: &[Invalid] = &[
    (
        "array-colon",
        "A colon is between elements.",
        "[1:2]",
        "array-mixed",
    ),
    (
        "array-comma-at-end",
        "A comma is after the last element.",
        "[1,]",
        "array-mixed",
    ),
    (
        "array-comma-at-start",
        "A comma is before the first element.",
        "[,1]",
        "array-mixed",
    ),
    (
        "array-two-commas",
        "Two commas are between elements.",
        "[1,,2]",
        "array-mixed",
    ),
    (
        "array-no-comma",
        "No comma is between elements.",
        "[1 2]",
        "array-mixed",
    ),
    (
        "array-no-comma-before-array",
        "No comma is before an array.",
        "[1[2]]",
        "array-mixed",
    ),
    ("array-open", "An array is not closed.", "[1", "array-mixed"),
    (
        "array-closed-by-brace",
        "A brace closes an array.",
        "[1}",
        "array-mixed",
    ),
    (
        "array-closed-twice",
        "An array is closed twice.",
        "[1]]",
        "array-mixed",
    ),
    (
        "array-form-feed",
        "U+000C is within an array.",
        "[\u{c}1]",
        "array-space",
    ),
];
