//! The compact serialization: three segments between dots, the last of which signs the others.

use crate::case::{Case, Rule, must};
use crate::sign::{decode, encode, key};

const COMPACT: Rule = must(&["RFC 7515 §7.1", "RFC 7519 §7.2"]);
const FORMAT: Rule = must(&["RFC 8725bis §3.14", "RFC 7515 §7.1"]);
const CLAIMS: Rule = must(&["RFC 7519 §7.2"]);
const SIGNED: Rule = must(&["RFC 7515 §5.2", "RFC 8725bis §3.3"]);

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![COMPACT.accept("three-segments", "A token has three segments.")];
    cases.extend(segments().map(|(rule, slug, about, edit)| {
        let case = rule.reject("segments", slug, about);
        case.edit(edit).twin("three-segments")
    }));
    cases.extend(headers().map(|(rule, slug, about, edit)| {
        let case = rule.reject("malformed_header", slug, about);
        case.edit(edit).twin("three-segments")
    }));
    cases.extend(empty());
    cases.extend(signatures().map(|(slug, about, edit)| {
        let case = SIGNED.reject("invalid_signature", slug, about);
        case.edit(edit).twin("three-segments")
    }));
    cases
}

type Edit = fn([&str; 3]) -> String;

/// Tokens that do not have three segments.
fn segments() -> impl Iterator<Item = (Rule, &'static str, &'static str, Edit)> {
    let rows: [(Rule, &str, &str, Edit); 17] = [
        (COMPACT, "empty", "The token is empty.", |_| String::new()),
        (COMPACT, "dot", "The token is a dot.", |_| ".".into()),
        (
            COMPACT,
            "one-segment",
            "The token is a header.",
            |[h, _, _]| h.into(),
        ),
        (
            COMPACT,
            "two-segments",
            "The signature and the dot before it are missing.",
            |[h, p, _]| format!("{h}.{p}"),
        ),
        (
            COMPACT,
            "without-header",
            "The header and the dot after it are missing.",
            |[_, p, s]| format!("{p}.{s}"),
        ),
        (
            COMPACT,
            "dot-at-start",
            "There is a dot before the header.",
            |[h, p, s]| format!(".{h}.{p}.{s}"),
        ),
        (
            COMPACT,
            "dot-at-end",
            "There is a dot after the signature.",
            |[h, p, s]| format!("{h}.{p}.{s}."),
        ),
        (
            COMPACT,
            "two-dots-after-header",
            "There are two dots after the header.",
            |[h, p, s]| format!("{h}..{p}.{s}"),
        ),
        (
            COMPACT,
            "two-dots-after-payload",
            "There are two dots after the payload.",
            |[h, p, s]| format!("{h}.{p}..{s}"),
        ),
        (
            COMPACT,
            "four-segments",
            "The token has two signatures.",
            |[h, p, s]| format!("{h}.{p}.{s}.{s}"),
        ),
        (
            must(&["RFC 7516 §9", "RFC 8725bis §3.3"]),
            "five-segments",
            "The token has the five segments of a JWE, the first three of which are a valid JWS.",
            |[h, p, s]| format!("{h}.{p}.{s}.{p}.{s}"),
        ),
        (
            COMPACT,
            "two-tokens",
            "Two tokens are joined by a comma.",
            |[h, p, s]| format!("{h}.{p}.{s},{h}.{p}.{s}"),
        ),
        (
            FORMAT,
            "colons",
            "The segments are joined by colons.",
            |[h, p, s]| format!("{h}:{p}:{s}"),
        ),
        (
            FORMAT,
            "ideographic-full-stops",
            "The segments are joined by U+3002, which separates labels in host names as a dot does.",
            |[h, p, s]| format!("{h}\u{3002}{p}\u{3002}{s}"),
        ),
        (
            FORMAT,
            "encoded-dots",
            "The dots are percent-encoded.",
            |[h, p, s]| format!("{h}%2E{p}%2E{s}"),
        ),
        (
            FORMAT,
            "flattened-json",
            "The token has the flattened JSON serialization.",
            |[h, p, s]| format!(r#"{{"protected":"{h}","payload":"{p}","signature":"{s}"}}"#),
        ),
        (
            FORMAT,
            "general-json",
            "The token has the general JSON serialization.",
            |[h, p, s]| {
                format!(
                    r#"{{"payload":"{p}","signatures":[{{"protected":"{h}","signature":"{s}"}}]}}"#
                )
            },
        ),
    ];
    rows.into_iter()
}

/// Tokens of three segments, the first of which is not a header.
fn headers() -> impl Iterator<Item = (Rule, &'static str, &'static str, Edit)> {
    let rows: [(Rule, &str, &str, Edit); 8] = [
        (COMPACT, "two-dots", "All segments are empty.", |_| {
            "..".into()
        }),
        (
            COMPACT,
            "header-empty",
            "The header is empty, and the other segments are valid.",
            |[_, p, s]| format!(".{p}.{s}"),
        ),
        (
            COMPACT,
            "payload-first",
            "The header and the payload are swapped.",
            |[h, p, s]| format!("{p}.{h}.{s}"),
        ),
        (
            COMPACT,
            "reversed",
            "The signature is the first segment and the header the last.",
            |[h, p, s]| format!("{s}.{p}.{h}"),
        ),
        (
            FORMAT,
            "quoted",
            "The token is a JSON string.",
            |[h, p, s]| format!("\"{h}.{p}.{s}\""),
        ),
        (
            FORMAT,
            "token-in-json",
            "The token is within a JSON object, so that there are three segments.",
            |[h, p, s]| format!(r#"{{"token":"{h}.{p}.{s}"}}"#),
        ),
        (
            must(&["RFC 8725bis §3.14", "RFC 8725bis §2.13"]),
            "json-with-dots",
            "The flattened JSON serialization has two dots, so that there are three segments.",
            |[h, p, s]| {
                format!(
                    r#"{{"protected":"{h}","payload":"{p}","signature":"{s}","header":{{"a":".."}}}}"#
                )
            },
        ),
        (
            FORMAT,
            "bearer",
            "The scheme of the HTTP header is before the token.",
            |[h, p, s]| format!("Bearer {h}.{p}.{s}"),
        ),
    ];
    rows.into_iter()
}

/// Empty segments, which the signature covers.
fn empty() -> impl Iterator<Item = Case> {
    [
        COMPACT
            .reject(
                "malformed_header",
                "header-empty-signed",
                "The header is empty, and the signature is over it.",
            )
            .header("")
            .twin("three-segments"),
        CLAIMS
            .reject(
                "malformed_payload",
                "payload-empty-signed",
                "The payload is empty, and the signature is over it.",
            )
            .payload("")
            .twin("three-segments"),
    ]
    .into_iter()
}

/// Tokens whose signature is over other bytes.
fn signatures() -> impl Iterator<Item = (&'static str, &'static str, Edit)> {
    let rows: [(&str, &str, Edit); 11] = [
        ("signature-empty", "The signature is empty.", |[h, p, _]| {
            format!("{h}.{p}.")
        }),
        (
            "payload-detached",
            "The payload was removed after signing.",
            |[h, _, s]| format!("{h}..{s}"),
        ),
        (
            "payload-replaced",
            "The payload is another one.",
            |[h, _, s]| format!("{h}.{}.{s}", encode(r#"{"exp":1800000901}"#)),
        ),
        (
            "payload-rewritten",
            "The payload is the same object with a space.",
            |[h, _, s]| format!("{h}.{}.{s}", encode(r#"{"exp": 1800000900}"#)),
        ),
        (
            "header-replaced",
            "The header has another `typ`.",
            |[_, p, s]| {
                let header = encode(r#"{"alg":"HS256","typ":"jwt","kid":"hs256"}"#);
                format!("{header}.{p}.{s}")
            },
        ),
        (
            "header-reordered",
            "The header has its members in another order.",
            |[_, p, s]| {
                let header = encode(r#"{"typ":"JWT","alg":"HS256","kid":"hs256"}"#);
                format!("{header}.{p}.{s}")
            },
        ),
        (
            "signature-one-byte",
            "The signature is its first byte.",
            |[h, p, s]| with(h, p, s, |raw| raw.truncate(1)),
        ),
        (
            "signature-later",
            "A byte precedes the signature.",
            |[h, p, s]| with(h, p, s, |raw| raw.insert(0, 0)),
        ),
        (
            "signature-of-payload",
            "The signature is over the payload alone.",
            |[h, p, _]| signed_as(h, p, p),
        ),
        (
            "signature-without-dot",
            "The signature is over the segments without the dot.",
            |[h, p, _]| signed_as(h, p, &format!("{h}{p}")),
        ),
        (
            "signature-of-decoded",
            "The signature is over the header and the payload before they are encoded.",
            |[h, p, _]| {
                let input = [h, p].map(|s| String::from_utf8(decode(s)).expect("text"));
                signed_as(h, p, &input.join("."))
            },
        ),
    ];
    rows.into_iter()
}

/// Changes the bytes of the signature.
fn with(header: &str, payload: &str, signature: &str, change: fn(&mut Vec<u8>)) -> String {
    let mut raw = decode(signature);
    change(&mut raw);
    format!("{header}.{payload}.{}", encode(raw))
}

/// Signs something else.
fn signed_as(header: &str, payload: &str, input: &str) -> String {
    let signature = key("hs256").sign("HS256", input.as_bytes());
    format!("{header}.{payload}.{}", encode(signature))
}
