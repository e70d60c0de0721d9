//! base64url without padding: each rule in the header, the payload and the signature.

use crate::case::{Case, Rule, choice, must};
use crate::sign::{decode, encode, key};

const NO_PADDING: Rule = must(&["RFC 7515 §2", "RFC 8725bis §3.14"]);
const NOTHING_ELSE: Rule = must(&["RFC 7515 §2", "RFC 7515 §5.2", "RFC 8725bis §3.14"]);
const ALPHABET: Rule = must(&["RFC 4648 §5", "RFC 7515 §2", "RFC 8725bis §3.14"]);
const LENGTH: Rule = must(&["RFC 4648 §4", "RFC 7515 §2"]);
const UNUSED_BITS: Rule = choice(&["RFC 4648 §3.5"]);

/// Headers of which 3, 0 and 2 characters follow the last group of four.
const HEADERS: [&str; 3] = [
    r#"{"alg":"HS256","a":"?????>>>>>"}"#,
    r#"{"alg":"HS256","a":"?????>>>>> "}"#,
    r#"{"alg":"HS256","a":"?????>>>>>  "}"#,
];

type Change = fn(&str) -> String;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = lengths();
    for (rule, slug, about, change) in changes() {
        cases.extend(in_each_segment(rule, slug, about, change));
    }
    cases.extend(two_characters_left());
    cases
}

/// A token whose three segments have the remainder 3, and both characters that differ from those of
/// the standard alphabet.
fn base(case: Case) -> Case {
    case.header(HEADERS[0]).payload_segment(payload())
}

/// Returns the first of similar payloads with which the signature has both special characters.
fn payload() -> String {
    let payloads = (0..).map(|n| encode(format!(r#"{{"exp":1800000900,"a":"?????>>>>>{n:02}"}}"#)));
    let header = encode(HEADERS[0]);
    let has_both = |payload: &String| {
        let input = format!("{header}.{payload}");
        let signature = encode(key("hs256").sign("HS256", input.as_bytes()));
        signature.contains('-') && signature.contains('_')
    };
    payloads
        .clone()
        .find(has_both)
        .expect("an endless iterator")
}

/// Segments of each length, which are valid.
fn lengths() -> Vec<Case> {
    let special = "The segments have `-` and `_`, and no length is a multiple of four.";
    let mut cases = vec![base(ALPHABET.accept("special-characters", special))];
    for (header, (left, name)) in HEADERS
        .into_iter()
        .zip([(3, "three"), (0, "none"), (2, "two")])
    {
        assert_eq!(encode(header).len() % 4, left, "{header}");
        let slug = format!("header-{name}-left");
        let about = format!("The header has {left} characters after the last group of four.");
        cases.push(NO_PADDING.accept(slug, about).header(header));
        let slug = format!("payload-{name}-left");
        let about = format!("The payload has {left} characters after the last group of four.");
        let payload = as_payload(header);
        assert_eq!(encode(&payload).len() % 4, left, "{payload}");
        cases.push(NO_PADDING.accept(slug, about).payload(payload));
    }
    for (left, name, algorithm) in [(0, "none", "HS384"), (2, "two", "HS512")] {
        let slug = format!("signature-{name}-left");
        let about = format!("The signature has {left} characters after the last group of four.");
        cases.push(signed_by(NO_PADDING.accept(slug, about), algorithm));
    }
    cases
}

/// Returns a payload with the same remainder as a header.
fn as_payload(header: &str) -> String {
    header.replace(r#""alg":"HS256""#, r#""exp":1800000900"#)
}

fn signed_by(case: Case, algorithm: &'static str) -> Case {
    let name = if algorithm == "HS384" {
        "hs384"
    } else {
        "hs512"
    };
    case.header(format!(r#"{{"alg":"{algorithm}"}}"#))
        .sign(name, algorithm)
        .keys(&[name])
        .policy(|policy| policy.algorithms = vec![algorithm])
}

/// Changes to a segment of which three characters follow the last group of four.
fn changes() -> impl Iterator<Item = (Rule, &'static str, &'static str, Change)> {
    let rows: [(Rule, &str, &str, Change); 17] = [
        (NO_PADDING, "padded", "is padded", |s| format!("{s}=")),
        (
            NO_PADDING,
            "padded-twice",
            "has one padding character too many",
            |s| format!("{s}=="),
        ),
        (
            NO_PADDING,
            "padded-within",
            "is two padded texts in a row",
            |s| {
                let raw = decode(s);
                let (one, other) = raw.split_at(2);
                format!("{}={}", encode(one), encode(other))
            },
        ),
        (NOTHING_ELSE, "space-at-start", "begins with a space", |s| {
            format!(" {s}")
        }),
        (NOTHING_ELSE, "space-within", "has a space within", |s| {
            s.replacen('_', "_ ", 1)
        }),
        (NOTHING_ELSE, "space-at-end", "ends with a space", |s| {
            format!("{s} ")
        }),
        (
            NOTHING_ELSE,
            "line-feed-within",
            "has a line feed within",
            |s| s.replacen('_', "_\n", 1),
        ),
        (
            NOTHING_ELSE,
            "line-feed-at-end",
            "ends with a line feed",
            |s| format!("{s}\n"),
        ),
        (
            NOTHING_ELSE,
            "line-break-within",
            "has the line break of MIME within",
            |s| s.replacen('_', "_\r\n", 1),
        ),
        (NOTHING_ELSE, "tab-within", "has a tab within", |s| {
            s.replacen('_', "_\t", 1)
        }),
        (NOTHING_ELSE, "nul-at-end", "ends with U+0000", |s| {
            format!("{s}\0")
        }),
        (NOTHING_ELSE, "byte-order-mark", "begins with U+FEFF", |s| {
            format!("\u{feff}{s}")
        }),
        (ALPHABET, "slash", "has a slash for the low line", |s| {
            s.replacen('_', "/", 1)
        }),
        (ALPHABET, "plus", "has a plus sign for the hyphen", |s| {
            s.replacen('-', "+", 1)
        }),
        (
            ALPHABET,
            "full-width",
            "has a full-width letter within",
            |s| s.replacen('_', "Ａ", 1),
        ),
        (
            LENGTH,
            "one-left",
            "has a character that adds no byte",
            |s| format!("{s}AA"),
        ),
        (
            UNUSED_BITS,
            "unused-bits",
            "has unused bits, the last two, that are not zero",
            |s| set_lowest_bit(s),
        ),
    ];
    rows.into_iter()
}

/// Sets the lowest of the unused bits, which are in the last character.
fn set_lowest_bit(segment: &str) -> String {
    let (rest, last) = segment.split_at(segment.len() - 1);
    // Where the lowest two bits are zero, the characters are in the order of ASCII.
    format!("{rest}{}", char::from(last.as_bytes()[0] + 1))
}

fn in_each_segment(rule: Rule, slug: &str, about: &str, change: Change) -> [Case; 3] {
    let reject = |reason, segment| {
        let about = format!("The {segment} {about}.");
        let case = rule.reject(reason, format!("{segment}-{slug}"), about);
        base(case).twin("special-characters")
    };
    [
        reject("malformed_header", "header").header_segment(change(&encode(HEADERS[0]))),
        reject("malformed_payload", "payload").payload_segment(change(&payload())),
        reject("malformed_signature", "signature").change_signature(change),
    ]
}

/// Changes to a segment of which two characters follow the last group of four.
fn two_characters_left() -> Vec<Case> {
    let rows: [(Rule, &str, &str, Change); 3] = [
        (
            NO_PADDING,
            "two-left-padded",
            "is padded with two characters",
            |s| format!("{s}=="),
        ),
        (
            NO_PADDING,
            "two-left-half-padded",
            "is padded with one of two characters",
            |s| format!("{s}="),
        ),
        (
            UNUSED_BITS,
            "two-left-unused-bits",
            "has unused bits, the last four, that are not zero",
            set_lowest_bit,
        ),
    ];
    let cases = rows.map(|(rule, slug, about, change)| {
        let reject = |reason, segment| {
            let about = format!("The {segment} {about}.");
            let case = rule.reject(reason, format!("{segment}-{slug}"), about);
            case.twin(format!("{segment}-two-left"))
        };
        let header = encode(HEADERS[2]);
        let payload = as_payload(HEADERS[2]);
        [
            reject("malformed_header", "header").header_segment(change(&header)),
            reject("malformed_payload", "payload").payload_segment(change(&encode(payload))),
            signed_by(reject("malformed_signature", "signature"), "HS512").change_signature(change),
        ]
    });
    cases.concat()
}
