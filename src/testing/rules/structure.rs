//! Rules of segments and of JSON.

use serde_json::json;

use super::{Rule, UNUSED};
use crate::base64url;
use crate::testing::draft::{Draft, segments};

pub(super) const SEGMENTS: &[Rule] = &[
    ("empty token", "RFC 7515 §3.1", |_| String::new()),
    ("no dots", "RFC 7515 §3.1", |draft| {
        draft.sign().replace('.', "")
    }),
    ("two segments", "RFC 7515 §3.1", |draft| {
        draft.signing_input()
    }),
    ("four segments", "RFC 7515 §3.1", |draft| {
        draft.sign() + ".e30"
    }),
    ("five segments, as a JWE", "RFC 7516 §9", |draft| {
        draft.sign() + ".e30.e30"
    }),
    ("JSON serialization", "RFC 7519 §1", |draft| {
        let signed = draft.sign();
        let [header, payload, signature] = segments(&signed);
        json!({ "protected": header, "payload": payload, "signature": signature }).to_string()
    }),
    ("padding in the header", "RFC 7515 §2", |draft| {
        let header = padded(unaligned(draft.header_text()));
        draft.sign_segments(&header, &encode(&draft.claims_text()))
    }),
    ("padding in the payload", "RFC 7515 §2", |draft| {
        let payload = padded(unaligned(draft.claims_text()));
        draft.sign_segments(&encode(&draft.header_text()), &payload)
    }),
    ("padding in the signature", "RFC 7515 §2", |draft| {
        padded(draft.sign())
    }),
    ("unused bits in the payload", "RFC 4648 §3.5", |draft| {
        let payload = with_unused_bits(unaligned(draft.claims_text()));
        draft.sign_segments(&encode(&draft.header_text()), &payload)
    }),
    ("space in the payload", "RFC 7515 §2", |draft| {
        let mut payload = encode(&draft.claims_text());
        payload.insert(4, ' ');
        draft.sign_segments(&encode(&draft.header_text()), &payload)
    }),
    ("standard base64 in the payload", "RFC 7515 §2", |draft| {
        // At any position, question marks are encoded with a character of the other alphabet.
        let draft = draft.claim(UNUSED, "?????");
        let payload = encode(&draft.claims_text());
        let payload = payload.replace('-', "+").replace('_', "/");
        draft.sign_segments(&encode(&draft.header_text()), &payload)
    }),
];

pub(super) const JSON: &[Rule] = &[
    ("header is an array", "RFC 7515 §5.2", |draft| {
        let header = format!("[{}]", draft.header_text());
        draft.sign_text(&header, draft.claims_text())
    }),
    ("payload is an array", "RFC 7519 §7.2", |draft| {
        let payload = format!("[{}]", draft.claims_text());
        draft.sign_text(&draft.header_text(), payload)
    }),
    ("payload is not UTF-8", "RFC 8259 §8.1", |draft| {
        let claims = draft.claims_text();
        let rest = claims.strip_prefix('{').unwrap_or_default();
        let first = format!("{{\"{UNUSED}\":\"");
        let payload = [first.as_bytes(), b"\xff\",", rest.as_bytes()].concat();
        draft.sign_text(&draft.header_text(), payload)
    }),
    ("text after the payload", "RFC 8259 §2", |draft| {
        let payload = draft.claims_text() + "{}";
        draft.sign_text(&draft.header_text(), payload)
    }),
    ("`alg` twice", "RFC 7515 §4", |draft| {
        let header = with_first("alg", &draft.header_text(), &draft);
        draft.sign_text(&header, draft.claims_text())
    }),
    ("`alg` twice, once with an escape", "RFC 7515 §4", |draft| {
        let header = with_first(r"\u0061lg", &draft.header_text(), &draft);
        draft.sign_text(&header, draft.claims_text())
    }),
    ("`exp` twice, first expired", "RFC 7519 §4", |draft| {
        let payload = expired_first("exp", &draft);
        draft.sign_text(&draft.header_text(), payload)
    }),
    (
        "`exp` twice, first expired and with an escape",
        "RFC 7519 §4",
        |draft| {
            let payload = expired_first(r"\u0065xp", &draft);
            draft.sign_text(&draft.header_text(), payload)
        },
    ),
    ("`exp` twice, last expired", "RFC 7519 §4", |draft| {
        let mut payload = draft.claims_text();
        payload.pop();
        let payload = format!(r#"{payload},"exp":{}}}"#, draft.issuer.expired());
        draft.sign_text(&draft.header_text(), payload)
    }),
];

fn encode(text: &str) -> String {
    base64url::encode(text.as_bytes())
}

/// Adds the padding that base64 has elsewhere to a segment, or to the last one of a token.
fn padded(segments: String) -> String {
    let last = segments.rsplit('.').next().unwrap_or_default();
    match last.len() % 4 {
        2 => segments + "==",
        3 => segments + "=",
        _ => segments + "====",
    }
}

/// Encodes JSON so that its segment would be padded elsewhere.
fn unaligned(mut json: String) -> String {
    if json.len().is_multiple_of(3) {
        json.push(' ');
    }
    encode(&json)
}

/// Sets a bit of the last character that encodes none. Its index is a multiple of 4, so that its successor in the
/// alphabet is that in ASCII, too.
fn with_unused_bits(mut segment: String) -> String {
    let last = segment
        .pop()
        .and_then(|last| char::from_u32(u32::from(last) + 1));
    segment.extend(last);
    segment
}

/// Puts a further `alg` before the parameters.
fn with_first(name: &str, header: &str, draft: &Draft<'_>) -> String {
    let rest = header.strip_prefix('{').unwrap_or_default();
    format!(r#"{{"{name}":"{}",{rest}"#, draft.key.algorithm())
}

/// Puts a further `exp` before the claims.
fn expired_first(name: &str, draft: &Draft<'_>) -> String {
    let claims = draft.claims_text();
    let rest = claims.strip_prefix('{').unwrap_or_default();
    format!(r#"{{"{name}":{},{rest}"#, draft.issuer.expired())
}
