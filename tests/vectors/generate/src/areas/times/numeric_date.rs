//! The forms of a NumericDate, and its precision.

use crate::case::{Case, Rule, choice, must};

const FORM: Rule = must(&["RFC 7519 §2", "RFC 8259 §6"]);
/// As in `EXP_BEFORE_1970`.
const BEFORE_1970: Rule = choice(&["RFC 7519 §2", "RFC 8259 §6"]);
const RANGE: Rule = choice(&[
    "jwt-ring: a NumericDate is in the range of 64-bit seconds",
    "RFC 8259 §6",
]);
const PRECISION: Rule = choice(&[
    "jwt-ring: a NumericDate is exact to the nanosecond",
    "RFC 8259 §6",
]);

pub(crate) fn cases() -> Vec<Case> {
    [forms(), range(), precision()].concat()
}

/// Numbers in all forms, which are after the check in `exp` and before it in `nbf`.
fn forms() -> Vec<Case> {
    let after = [
        (
            "date-fraction-of-zeros",
            "`exp` has a fraction of zeros.",
            "1800000900.000",
        ),
        ("date-fraction", "`exp` has a fraction.", "1800000900.25"),
        (
            "date-long-fraction",
            "`exp` has a fraction of 30 digits.",
            "1800000900.123456789012345678901234567890",
        ),
        ("date-exponent", "`exp` has an exponent.", "1.8000009e9"),
        (
            "date-exponent-plus",
            "`exp` has an exponent with a plus sign.",
            "18000009E+2",
        ),
        (
            "date-exponent-minus",
            "`exp` has a negative exponent.",
            "180000090000e-2",
        ),
        (
            "date-exponent-leading-zeros",
            "`exp` has an exponent that begins with zeros.",
            "1.8000009e0009",
        ),
    ];
    let past = [
        (
            "date-exponent-equals",
            "`exp` is the time of the check, with an exponent.",
            "1.8e9",
        ),
        (
            "date-exponent-past",
            "`exp` is past, with an exponent.",
            "1.799e9",
        ),
        (
            "date-exponent-minus-past",
            "`exp` is past, with a negative exponent.",
            "180000090000e-3",
        ),
        (
            "date-small-exponent",
            "`exp` is a large number with a large negative exponent.",
            "1800000900e-400",
        ),
    ];
    let before = [
        ("date-negative-zero", "`nbf` is -0.", "-0"),
        (
            "date-zero-exponent",
            "`nbf` is zero with a large exponent.",
            "0e999",
        ),
        (
            "date-nbf-exponent",
            "`nbf` is the time of the check, with an exponent.",
            "1.8e9",
        ),
    ];
    let mut cases = Vec::new();
    for (slug, about, exp) in after {
        let case = FORM.accept(slug, about);
        cases.push(case.payload(format!(r#"{{"exp":{exp}}}"#)));
    }
    for (slug, about, exp) in past {
        let case = FORM.reject("expired", slug, about);
        let case = case.payload(format!(r#"{{"exp":{exp}}}"#));
        cases.push(case.twin("date-exponent"));
    }
    for (slug, about, nbf) in before {
        let case = FORM.accept(slug, about);
        cases.push(case.claims(format!(r#""nbf":{nbf}"#)));
    }
    let case = BEFORE_1970.accept("date-negative-fraction", "`nbf` is a negative fraction.");
    cases.push(case.claims(r#""nbf":-0.5"#));
    let case = FORM.reject(
        "not_yet_valid",
        "date-nbf-exponent-after",
        "`nbf` is in the future, with an exponent.",
    );
    cases.push(
        case.claims(r#""nbf":18000001E+2"#)
            .twin("date-nbf-exponent"),
    );
    cases
}

/// The ends of the range. What is beyond them is in the area `types`.
fn range() -> Vec<Case> {
    vec![
        RANGE
            .accept("date-last", "`exp` is 2^63 - 1.")
            .payload(r#"{"exp":9223372036854775807}"#),
        RANGE
            .accept("date-last-fraction", "`exp` is 2^63 - 1 and a fraction.")
            .payload(r#"{"exp":9223372036854775807.5}"#),
        RANGE
            .accept("date-last-exponent", "`exp` is 2^63 - 1, with an exponent.")
            .payload(r#"{"exp":9.223372036854775807e18}"#),
        RANGE
            .accept("date-first", "`nbf` is -2^63.")
            .claims(r#""nbf":-9223372036854775808"#),
        RANGE
            .accept(
                "date-last-and-leeway",
                "`exp` is 2^63 - 1, which the leeway does not exceed.",
            )
            .payload(r#"{"exp":9223372036854775807}"#)
            .policy(|policy| policy.leeway = Some(60)),
        RANGE
            .accept(
                "date-first-and-leeway",
                "`nbf` is -2^63, which the leeway does not exceed.",
            )
            .claims(r#""nbf":-9223372036854775808"#)
            .policy(|policy| policy.leeway = Some(60)),
        RANGE
            .reject("not_yet_valid", "date-last-nbf", "`nbf` is 2^63 - 1.")
            .claims(r#""nbf":9223372036854775807"#)
            .twin("date-first"),
        RANGE
            .reject("expired", "date-first-exp", "`exp` is -2^63.")
            .payload(r#"{"exp":-9223372036854775808}"#)
            .twin("date-last"),
    ]
}

/// Dates that are the time of the check for a double.
fn precision() -> Vec<Case> {
    vec![
        PRECISION
            .accept("date-nanosecond", "`exp` is a nanosecond after the check.")
            .payload(r#"{"exp":1800000000.000000001}"#),
        PRECISION
            .reject(
                "expired",
                "date-tenth-digit",
                "`exp` is after the check by less than a nanosecond.",
            )
            .payload(r#"{"exp":1800000000.0000000009}"#)
            .twin("date-nanosecond"),
        PRECISION
            .accept(
                "date-nbf-tenth-digit",
                "`nbf` is after the check by less than a nanosecond.",
            )
            .claims(r#""nbf":1800000000.0000000009"#),
        PRECISION
            .reject(
                "not_yet_valid",
                "date-nbf-nanosecond",
                "`nbf` is a nanosecond after the check.",
            )
            .claims(r#""nbf":1800000000.000000001"#)
            .twin("date-nbf-tenth-digit"),
        PRECISION
            .reject(
                "expired",
                "date-nanosecond-before",
                "`exp` is a nanosecond before the check.",
            )
            .payload(r#"{"exp":1799999999.999999999}"#)
            .twin("date-nanosecond"),
        PRECISION
            .accept(
                "date-nbf-nanosecond-before",
                "`nbf` is a nanosecond before the check.",
            )
            .claims(r#""nbf":1799999999.999999999"#),
    ]
}
