//! Numbers as values of a claim.

use super::{Invalid, Valid, invalid, valid};
use crate::case::{Case, Rule, choice, must};

const NUMBERS: Rule = must(&["RFC 8259 §6", "RFC 7519 §7.2"]);
/// Implementations may limit the range and the precision of numbers.
const RANGE: Rule = choice(&["RFC 8259 §6"]);

pub(crate) fn cases() -> Vec<Case> {
    valid(NUMBERS, VALID)
        .chain(valid(RANGE, GREAT))
        .chain(invalid(NUMBERS, INVALID))
        .collect()
}

const VALID: &[Valid] = &[
    ("number-zero", "A number is 0.", "0"),
    ("number-digit", "A number is a digit.", "7"),
    ("number-negative", "A number is negative.", "-12"),
    ("number-negative-zero", "A number is -0.", "-0"),
    ("number-fraction", "A number has a fraction.", "0.5"),
    ("number-fraction-of-zeros", "A fraction is zeros.", "1.000"),
    (
        "number-negative-fraction",
        "A negative number has a fraction.",
        "-1.25",
    ),
    ("number-exponent", "A number has an exponent.", "1e5"),
    (
        "number-exponent-upper-case",
        "An exponent begins with a capital letter.",
        "1E5",
    ),
    (
        "number-exponent-plus",
        "An exponent has a plus sign.",
        "1e+5",
    ),
    (
        "number-exponent-minus",
        "An exponent has a minus sign.",
        "1e-5",
    ),
    (
        "number-exponent-of-zeros",
        "An exponent begins with zeros.",
        "1e005",
    ),
    ("number-exponent-of-zero", "Zero has an exponent.", "0e1"),
    (
        "number-fraction-and-exponent",
        "A number has a fraction and an exponent.",
        "-12.5E-1",
    ),
];

const GREAT: &[Valid] = &[
    (
        "number-above-2-53",
        "A number is 2^53 + 1.",
        "9007199254740993",
    ),
    (
        "number-above-i64",
        "A number is 2^63.",
        "9223372036854775808",
    ),
    (
        "number-above-u64",
        "A number is 2^64.",
        "18446744073709551616",
    ),
    (
        "number-long-fraction",
        "A fraction has 30 digits.",
        "0.123456789012345678901234567890",
    ),
    (
        "number-above-f64",
        "A number is greater than a double.",
        "1e400",
    ),
    (
        "number-below-f64",
        "A number is less than a double.",
        "-1e400",
    ),
    (
        "number-tiny",
        "A number is nearer to zero than a double.",
        "1e-400",
    ),
    (
        "number-huge-exponent",
        "An exponent has 21 digits.",
        "1e999999999999999999999",
    ),
];

const INVALID: &[Invalid] = &[
    (
        "number-plus",
        "A number has a plus sign.",
        "+1",
        "number-digit",
    ),
    (
        "number-minus-only",
        "A number is a minus sign.",
        "-",
        "number-negative",
    ),
    (
        "number-two-minus",
        "A number has two minus signs.",
        "--1",
        "number-negative",
    ),
    (
        "number-minus-space",
        "A space is after the minus sign.",
        "- 1",
        "number-negative",
    ),
    (
        "number-leading-zero",
        "A number begins with a zero.",
        "01",
        "number-digit",
    ),
    (
        "number-negative-leading-zero",
        "A negative number begins with a zero.",
        "-01",
        "number-negative",
    ),
    (
        "number-leading-point",
        "A number begins with the point.",
        ".5",
        "number-fraction",
    ),
    (
        "number-trailing-point",
        "A number ends with the point.",
        "1.",
        "number-fraction-of-zeros",
    ),
    (
        "number-point-before-exponent",
        "The exponent follows the point.",
        "1.e5",
        "number-exponent",
    ),
    (
        "number-two-points",
        "A number has two points.",
        "1.2.3",
        "number-fraction",
    ),
    (
        "number-comma",
        "A number has a decimal comma.",
        "1,5",
        "number-fraction",
    ),
    (
        "number-no-exponent",
        "The exponent has no digits.",
        "1e",
        "number-exponent",
    ),
    (
        "number-exponent-sign-only",
        "The exponent is a plus sign.",
        "1e+",
        "number-exponent-plus",
    ),
    (
        "number-exponent-two-signs",
        "The exponent has two signs.",
        "1e+-5",
        "number-exponent-minus",
    ),
    (
        "number-exponent-fraction",
        "The exponent has a fraction.",
        "1e2.5",
        "number-exponent",
    ),
    (
        "number-two-exponents",
        "A number has two exponents.",
        "1e5e5",
        "number-exponent",
    ),
    (
        "number-hexadecimal",
        "A number is hexadecimal.",
        "0x1f",
        "number-digit",
    ),
    (
        "number-separator",
        "A number has a separator of thousands.",
        "1_000",
        "number-digit",
    ),
    ("number-nan", "A number is `NaN`.", "NaN", "number-digit"),
    (
        "number-negative-infinity",
        "A number is `-Infinity`.",
        "-Infinity",
        "number-negative",
    ),
    (
        "number-full-width",
        "A number has full-width digits.",
        "１２",
        "number-digit",
    ),
    (
        "number-minus-of-unicode",
        "The minus sign is U+2212.",
        "−1",
        "number-negative",
    ),
];
