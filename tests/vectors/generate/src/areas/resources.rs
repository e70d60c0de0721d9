//! Limits of length and depth, and tokens within them that are expensive to read carelessly.

use crate::case::{Case, Rule, choice, must};

const SIZE: Rule = choice(&[
    "jwt-ring: a token has at most 64 KiB unless set",
    "RFC 8259 §9",
]);
const HEADER_SIZE: Rule = choice(&["jwt-ring: a header has at most 8 KiB", "RFC 8259 §9"]);
const DEPTH: Rule = choice(&[
    "jwt-ring: JSON is nested at most 127 levels deep",
    "RFC 8259 §9",
]);
const LARGE: Rule = choice(&[
    "jwt-ring: within the limit of length, nothing else is limited",
    "RFC 8259 §9",
]);
/// Rules of other areas, which a large token breaks.
const SEGMENTS: Rule = must(&["RFC 7515 §7.1"]);
const SIGNED: Rule = must(&["RFC 7515 §5.2"]);
const ALG: Rule = must(&["RFC 7515 §4.1.1", "RFC 7515 §5.2"]);
const GRAMMAR: Rule = must(&["RFC 8259 §5", "RFC 7519 §7.2"]);
const UNIQUE: Rule = choice(&["RFC 7519 §4"]);
const AUD: Rule = must(&["RFC 7519 §4.1.3"]);
const EXP: Rule = must(&["RFC 7519 §4.1.4"]);
const RANGE: Rule = choice(&[
    "jwt-ring: a NumericDate is in the range of 64-bit seconds",
    "RFC 8259 §6",
]);

pub(crate) fn cases() -> Vec<Case> {
    [sizes(), header_sizes(), depths(), dots(), large()].concat()
}

/// A payload of the length.
fn payload_of(length: usize) -> String {
    let start = r#"{"exp":1800000900,"a":""#;
    format!("{start}{}\"}}", "a".repeat(length - start.len() - 2))
}

fn sizes() -> Vec<Case> {
    // A header of 20 characters in base64url, a signature of 43 and two dots: a payload of `n` bytes
    // makes a token of 65 and four thirds of `n`, rounded up.
    let token =
        |case: Case, bytes: usize| case.header(r#"{"alg":"HS256"}"#).payload(payload_of(bytes));
    vec![
        token(SIZE.accept("size", "The token has 65,536 bytes."), 49_103),
        token(
            SIZE.reject("too_large", "size-over", "The token has 65,537 bytes."),
            49_104,
        )
        .twin("size"),
        token(
            SIZE.reject(
                "too_large",
                "size-over-invalid",
                "The token has 65,538 bytes, and an invalid signature.",
            ),
            49_104,
        )
        .change_signature(|_| "A".repeat(44))
        .twin("size"),
        token(
            SIZE.accept("size-set", "The token has 201 bytes, which is the limit."),
            102,
        )
        .policy(|policy| policy.max_size = Some(201)),
        token(
            SIZE.reject(
                "too_large",
                "size-set-over",
                "The token has 201 bytes, one more than the limit.",
            ),
            102,
        )
        .policy(|policy| policy.max_size = Some(200))
        .twin("size-set"),
        token(
            SIZE.accept(
                "size-raised",
                "The token has 65,537 bytes, which is the limit.",
            ),
            49_104,
        )
        .policy(|policy| policy.max_size = Some(65_537)),
        token(
            SIZE.accept(
                "size-megabyte",
                "The token has a megabyte, and the limit is higher.",
            ),
            786_000,
        )
        .policy(|policy| policy.max_size = Some(2_000_000)),
    ]
}

fn header_sizes() -> Vec<Case> {
    let header = |case: Case, length: usize| {
        let start = r#"{"alg":"HS256","a":""#;
        case.header(format!(
            "{start}{}\"}}",
            "a".repeat(length - start.len() - 2)
        ))
    };
    vec![
        header(
            HEADER_SIZE.accept("header", "The header has 8,192 bytes."),
            8_192,
        ),
        header(
            HEADER_SIZE.reject(
                "malformed_header",
                "header-over",
                "The header has 8,193 bytes.",
            ),
            8_193,
        )
        .twin("header"),
        header(
            HEADER_SIZE.reject(
                "malformed_header",
                "header-long",
                "The header has 40,000 bytes.",
            ),
            40_000,
        )
        .twin("header"),
        ALG.reject(
            "unsupported_algorithm",
            "header-long-alg",
            "`alg` has 8,000 letters.",
        )
        .header(format!(r#"{{"alg":"{}"}}"#, "A".repeat(8_000)))
        .twin("header"),
    ]
}

/// Values that are nested within the object of the payload or the header, which is a level itself.
fn depths() -> Vec<Case> {
    type Nested = fn(usize) -> String;
    let arrays: Nested = |n| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let objects: Nested = |n| format!("{}0{}", r#"{"":"#.repeat(n), "}".repeat(n));
    let both: Nested = |n| {
        let (pairs, last) = (n / 2, ["", "[]"][n % 2]);
        let last = if last.is_empty() { "0" } else { last };
        format!("{}{last}{}", r#"[{"":"#.repeat(pairs), "}]".repeat(pairs))
    };
    let mut cases = Vec::new();
    for (name, nested) in [("arrays", arrays), ("objects", objects), ("both", both)] {
        let slug = format!("depth-{name}");
        let about = format!("The payload is 127 levels deep, of {name}.");
        let about = about.replace("both", "arrays and objects in turn");
        let case = DEPTH.accept(&slug, &about);
        cases.push(case.claims(format!(r#""a":{}"#, nested(126))));
        let case = DEPTH.reject(
            "malformed_payload",
            format!("{slug}-over"),
            about.replace("127", "128"),
        );
        cases.push(case.claims(format!(r#""a":{}"#, nested(127))).twin(&slug));
        let about = about.replace("127", "5,001");
        let case = DEPTH.reject("malformed_payload", format!("{slug}-far-over"), about);
        cases.push(case.claims(format!(r#""a":{}"#, nested(5_000))).twin(&slug));
    }
    cases.extend([
        DEPTH
            .accept("depth-header", "The header is 127 levels deep.")
            .parameters(format!(r#""a":{}"#, arrays(126))),
        DEPTH
            .reject(
                "malformed_header",
                "depth-header-over",
                "The header is 128 levels deep.",
            )
            .parameters(format!(r#""a":{}"#, arrays(127)))
            .twin("depth-header"),
        DEPTH
            .accept("depth-twice", "Two claims are 127 levels deep.")
            .claims(format!(r#""a":{0},"b":{0}"#, arrays(126))),
        DEPTH
            .reject(
                "malformed_payload",
                "depth-second",
                "The second claim is 128 levels deep.",
            )
            .claims(format!(r#""a":{},"b":{}"#, arrays(126), arrays(127)))
            .twin("depth-twice"),
        GRAMMAR
            .reject(
                "malformed_payload",
                "depth-open",
                "40,000 arrays are not closed.",
            )
            .payload(format!(r#"{{"a":{}"#, "[".repeat(40_000)))
            .twin("depth-arrays"),
    ]);
    cases
}

/// Dots, each of which a split at all dots makes a segment of (CVE-2025-30204).
fn dots() -> Vec<Case> {
    vec![
        SEGMENTS
            .reject("segments", "dots", "The token is 60,000 dots.")
            .edit(|_| ".".repeat(60_000))
            .twin("size"),
        SEGMENTS
            .reject("too_large", "dots-over", "The token is 100,000 dots.")
            .edit(|_| ".".repeat(100_000))
            .twin("size"),
        SEGMENTS
            .reject(
                "segments",
                "dots-after",
                "A valid token is followed by 10,000 dots.",
            )
            .edit(|[h, p, s]| format!("{h}.{p}.{s}{}", ".".repeat(10_000)))
            .twin("size"),
        SEGMENTS
            .reject("segments", "no-dots", "The token is 60,000 letters.")
            .edit(|_| "A".repeat(60_000))
            .twin("size"),
        SIGNED
            .reject(
                "invalid_signature",
                "signature-long",
                "The signature has 30,000 bytes.",
            )
            .change_signature(|_| "A".repeat(40_000))
            .twin("size"),
    ]
}

/// Large parts of a token that are valid.
fn large() -> Vec<Case> {
    let claim = |case: Case, value: String| case.claims(format!(r#""a":{value}"#));
    let members = |count: usize| {
        let names = (0..count).map(|n| format!(r#","n{n}":0"#));
        names.collect::<String>()
    };
    vec![
        claim(
            LARGE.accept("array", "An array has 20,000 elements."),
            format!("[0{}]", ",0".repeat(19_999)),
        ),
        claim(
            LARGE.accept("nested-arrays", "An array has 10,000 arrays."),
            format!("[[]{}]", ",[]".repeat(9_999)),
        ),
        claim(
            LARGE.accept("number", "A number has 30,000 digits."),
            "7".repeat(30_000),
        ),
        claim(
            LARGE.accept("fraction", "A fraction has 30,000 digits."),
            format!("0.{}", "7".repeat(30_000)),
        ),
        claim(
            LARGE.accept("escapes", "A string has 7,000 escapes."),
            format!("\"{}\"", r"\u0041".repeat(7_000)),
        ),
        claim(
            LARGE.accept("pairs", "A string has 3,000 surrogate pairs."),
            format!("\"{}\"", r"\ud83d\ude00".repeat(3_000)),
        ),
        LARGE
            .accept("name", "A name has 30,000 letters.")
            .claims(format!(r#""{}":1"#, "a".repeat(30_000))),
        LARGE
            .accept("space", "The payload has 40,000 spaces.")
            .payload(format!("{{{}\"exp\":1800000900}}", " ".repeat(40_000))),
        LARGE
            .accept("members", "The payload has 1,000 members.")
            .payload(format!(r#"{{"exp":1800000900{}}}"#, members(1_000))),
        UNIQUE
            .reject(
                "malformed_payload",
                "members-first-again",
                "The payload has 1,000 members, and the first of them again.",
            )
            .payload(format!(r#"{{"exp":1800000900{},"n0":0}}"#, members(1_000)))
            .twin("members"),
        LARGE
            .accept(
                "audiences",
                "The last of 5,001 audiences is the expected one.",
            )
            .claims(format!(r#""aud":[{}"b"]"#, r#""a","#.repeat(5_000)))
            .policy(|policy| policy.audience = vec!["b"]),
        AUD.reject(
            "mismatch",
            "audiences-other",
            "None of 5,001 audiences is the expected one.",
        )
        .claims(format!(r#""aud":[{}"c"]"#, r#""a","#.repeat(5_000)))
        .policy(|policy| policy.audience = vec!["b"])
        .twin("audiences"),
        LARGE
            .accept("date-fraction", "`exp` has a fraction of 20,000 digits.")
            .payload(format!(r#"{{"exp":1800000000.{}}}"#, "3".repeat(20_000))),
        RANGE
            .reject("wrong_type", "date-digits", "`exp` has 20,000 digits.")
            .payload(format!(r#"{{"exp":{}}}"#, "3".repeat(20_000)))
            .twin("date-fraction"),
        RANGE
            .reject(
                "wrong_type",
                "date-exponent",
                "The exponent of `exp` has 20,000 digits.",
            )
            .payload(format!(r#"{{"exp":1e{}}}"#, "3".repeat(20_000)))
            .twin("date-fraction"),
        EXP.reject(
            "expired",
            "date-negative-exponent",
            "The negative exponent of `exp` has 20,000 digits.",
        )
        .payload(format!(r#"{{"exp":1800000900e-{}}}"#, "3".repeat(20_000)))
        .twin("date-fraction"),
    ]
}
