//! Rules of the signature: it is valid, by a key that the service has.

use serde_json::json;

use super::{Rule, UNUSED};
use crate::base64url;
use crate::testing::certificate::certificate;
use crate::testing::draft::{Draft, segments};
use crate::testing::issuer::jwk;

/// Where an attacker publishes keys.
const ATTACKER: &str = "https://attacker.example/keys";

pub(super) const RULES: &[Rule] = &[
    ("signature changed", "RFC 7515 §5.2", |draft| {
        changed(&draft, |bytes| {
            if let Some(first) = bytes.first_mut() {
                *first ^= 1;
            }
        })
    }),
    ("signature of zeros", "RFC 7515 §5.2", |draft| {
        changed(&draft, |bytes| bytes.fill(0))
    }),
    ("signature shortened", "RFC 7515 §5.2", |draft| {
        changed(&draft, |bytes| bytes.truncate(bytes.len() / 2))
    }),
    ("signature empty", "RFC 7515 §5.2", |draft| {
        draft.signing_input() + "."
    }),
    ("payload changed", "RFC 7515 §5.2", |draft| {
        let signed = draft.sign();
        let [header, _, signature] = segments(&signed);
        let payload = draft.clone().claim(UNUSED, true).claims_text();
        let payload = base64url::encode(payload.as_bytes());
        format!("{header}.{payload}.{signature}")
    }),
    ("header changed", "RFC 7515 §5.2", |draft| {
        let signed = draft.sign();
        let [_, payload, signature] = segments(&signed);
        let header = draft.clone().header(UNUSED, true).header_text();
        let header = base64url::encode(header.as_bytes());
        format!("{header}.{payload}.{signature}")
    }),
    (
        "another key with the same `kid`",
        "RFC 7515 §5.2",
        |draft| by_other_key(draft).sign(),
    ),
    (
        "another issuer with the same `kid`",
        "RFC 8725 §3.8",
        |draft| {
            let draft = draft.claim("iss", "https://attacker.example");
            by_other_key(draft).sign()
        },
    ),
    ("key in the header: `jwk`", "RFC 8725 §3.10", |draft| {
        let draft = by_other_key(draft);
        let key = jwk(draft.key);
        draft.header("jwk", key).sign()
    }),
    ("key at an address: `jku`", "RFC 8725 §3.10", |draft| {
        by_other_key(draft).header("jku", ATTACKER).sign()
    }),
    ("key at an address: `x5u`", "RFC 8725 §3.10", |draft| {
        by_other_key(draft).header("x5u", ATTACKER).sign()
    }),
];

/// The rule for a public key: a certificate holds no other.
pub(super) const PUBLIC_KEY: &[Rule] = &[("key in the header: `x5c`", "RFC 8725 §3.10", |draft| {
    let draft = by_other_key(draft);
    let chain = json!([base64url::encode_standard(&certificate(draft.key))]);
    draft.header("x5c", chain).sign()
})];

fn by_other_key(draft: Draft<'_>) -> Draft<'_> {
    let key = draft.issuer.other_key();
    draft.key(key)
}

/// Signs, and changes the signature.
fn changed(draft: &Draft<'_>, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let signed = draft.sign();
    let [header, payload, signature] = segments(&signed);
    let mut bytes = base64url::decode(signature).unwrap_or_default();
    change(&mut bytes);
    format!("{header}.{payload}.{}", base64url::encode(&bytes))
}
