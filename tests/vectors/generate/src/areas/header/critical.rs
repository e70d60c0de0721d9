//! `crit`, `b64`, and parameters that are not known.

use crate::case::{Case, Rule, choice, must};

const CRITICAL: Rule = must(&["RFC 7515 §4.1.11"]);
/// Recipients may reject a `crit` that breaks the rules for its content.
const CONTENT: Rule = choice(&["RFC 7515 §4.1.11"]);
const CRITICAL_B64: Rule = choice(&["RFC 7797 §6", "RFC 7515 §4.1.11"]);
const B64: Rule = must(&["RFC 7797 §7", "RFC 7515 §4.1.11"]);
/// Without `crit`, a verifier that does not know `b64` ignores it.
const B64_IGNORED: Rule = must(&["RFC 7797 §3", "RFC 7515 §4"]);
const B64_NOT_CRITICAL: Rule = choice(&["RFC 7797 §6", "RFC 7797 §7", "RFC 7515 §4"]);
const IGNORED: Rule = must(&["RFC 7515 §4"]);
/// A verifier should compare claims in the header of an encrypted token with those of the payload.
const REPLICATED: Rule = choice(&[
    "jwt-ring: claims in the header are not read",
    "RFC 7519 §5.3",
]);
/// A parser may limit the numbers that it accepts, also those that are ignored.
const NUMBER: Rule = choice(&["RFC 8259 §6", "RFC 7515 §4"]);
const CASE: Rule = must(&["RFC 7515 §5.3", "RFC 7515 §4"]);

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        IGNORED
            .accept("no-crit", "A parameter that is not known is not critical.")
            .parameters(r#""http://example.com/a":1"#),
        B64_IGNORED
            .accept("b64-true", "`b64` is `true`, which changes nothing.")
            .parameters(r#""b64":true"#),
        CASE.accept(
            "crit-upper-case",
            "`CRIT` is a parameter that is not known.",
        )
        .parameters(r#""CRIT":["a"],"a":1"#),
    ];
    cases.extend(CRIT.iter().map(|(rule, slug, about, crit)| {
        let case = rule.reject("unsupported_extension", *slug, *about);
        let known = r#""http://example.com/a":1"#;
        case.parameters(format!(r#"{known},"crit":{crit}"#))
            .twin("no-crit")
    }));
    cases.extend(B64_VALUES.iter().map(|(rule, slug, about, b64)| {
        let case = rule.reject("unsupported_extension", *slug, *about);
        case.parameters(format!(r#""b64":{b64}"#)).twin("b64-true")
    }));
    cases.push(
        B64.reject(
            "unsupported_extension",
            "b64-false-unencoded",
            "The payload is not encoded.",
        )
        .parameters(r#""b64":false,"crit":["b64"]"#)
        .payload_segment(r#"{"exp":1800000900}"#)
        .twin("b64-true"),
    );
    cases.extend(UNKNOWN.iter().map(|(slug, about, parameters)| {
        let rule = match *slug {
            "unknown-great" => NUMBER,
            "unknown-claims" => REPLICATED,
            _ => IGNORED,
        };
        let case = rule.accept(*slug, *about);
        case.parameters(*parameters)
    }));
    cases
}

const CRIT: &[(Rule, &str, &str, &str)] = &[
    (
        CRITICAL,
        "crit-unknown",
        "`crit` lists an extension that is not known.",
        r#"["http://example.com/a"]"#,
    ),
    (
        CRITICAL,
        "crit-second",
        "The second extension of `crit` is not known.",
        r#"["alg","http://example.com/a"]"#,
    ),
    (
        CRITICAL,
        "crit-claim",
        "`crit` lists a parameter with the name of a claim.",
        r#"["exp"],"exp":1800000900"#,
    ),
    (
        CRITICAL,
        "crit-absent",
        "`crit` lists a parameter that the header does not have.",
        r#"["http://example.com/b"]"#,
    ),
    (
        CRITICAL,
        "crit-case",
        "`crit` lists a parameter that is known in another case.",
        r#"["TYP"],"TYP":"JWT""#,
    ),
    (
        CRITICAL,
        "crit-string",
        "`crit` is a string.",
        r#""http://example.com/a""#,
    ),
    (
        CRITICAL,
        "crit-object",
        "`crit` is an object.",
        r#"{"http://example.com/a":true}"#,
    ),
    (
        CRITICAL,
        "crit-nested",
        "`crit` is an array of an array.",
        r#"[["http://example.com/a"]]"#,
    ),
    (CRITICAL, "crit-number", "`crit` lists a number.", "[1]"),
    (CRITICAL, "crit-null", "`crit` is `null`.", "null"),
    (CRITICAL, "crit-false", "`crit` is `false`.", "false"),
    (CONTENT, "crit-empty", "`crit` is an empty array.", "[]"),
    (
        CONTENT,
        "crit-registered",
        "`crit` lists `alg`.",
        r#"["alg"]"#,
    ),
    (CONTENT, "crit-crit", "`crit` lists itself.", r#"["crit"]"#),
    (
        CONTENT,
        "crit-empty-name",
        "`crit` lists the empty name.",
        r#"[""],"":1"#,
    ),
    (
        CONTENT,
        "crit-twice",
        "`crit` lists an extension twice.",
        r#"["b64","b64"],"b64":true"#,
    ),
    (
        CRITICAL_B64,
        "crit-b64",
        "`crit` lists `b64`, which is `true`.",
        r#"["b64"],"b64":true"#,
    ),
    (
        B64,
        "crit-b64-false",
        "`crit` lists `b64`, which is `false`, and the payload is encoded.",
        r#"["b64"],"b64":false"#,
    ),
];

const B64_VALUES: &[(Rule, &str, &str, &str)] = &[
    (
        B64_NOT_CRITICAL,
        "b64-false",
        "`b64` is `false`, and `crit` does not list it.",
        "false",
    ),
    (B64_NOT_CRITICAL, "b64-null", "`b64` is `null`.", "null"),
    (B64_NOT_CRITICAL, "b64-number", "`b64` is a number.", "0"),
    (
        B64_NOT_CRITICAL,
        "b64-string",
        "`b64` is a string.",
        r#""true""#,
    ),
    (
        B64_NOT_CRITICAL,
        "b64-array",
        "`b64` is an array.",
        "[true]",
    ),
];

const UNKNOWN: &[(&str, &str, &str)] = &[
    (
        "unknown-null",
        "A parameter that is not known is `null`.",
        r#""a":null"#,
    ),
    (
        "unknown-object",
        "A parameter that is not known is an object.",
        r#""a":{"alg":"none","crit":["a"]}"#,
    ),
    (
        "unknown-array",
        "A parameter that is not known is an array.",
        r#""a":[[],{},"typ"]"#,
    ),
    (
        "unknown-great",
        "A parameter that is not known is greater than a double.",
        r#""a":1e400"#,
    ),
    (
        "unknown-claims",
        "The header has claims that are past, as parameters that are not known.",
        r#""exp":1,"nbf":1900000000"#,
    ),
    (
        "unknown-zip",
        "A JWS has `zip`, which is a parameter of JWE.",
        r#""zip":"DEF""#,
    ),
    (
        "unknown-nonce",
        "The header has the `nonce` of ACME.",
        r#""nonce":"YQ""#,
    ),
];
