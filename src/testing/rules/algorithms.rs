//! Rules of the algorithm: it is that of the key, and never `none` (RFC 8725 §3.1).

use super::Rule;
use crate::testing::draft::Draft;

pub(super) const RULES: &[Rule] = &[
    ("`alg` none", "RFC 8725 §3.2", |draft| {
        unsigned(draft, "none")
    }),
    ("`alg` nOnE", "RFC 8725 §3.2", |draft| {
        unsigned(draft, "nOnE")
    }),
    ("`alg` none with a signature", "RFC 8725 §3.2", |draft| {
        draft.header("alg", "none").sign()
    }),
    ("no `alg`", "RFC 7515 §4.1.1", |draft| {
        draft.without_header("alg").sign()
    }),
    ("`alg` in lower case", "RFC 7515 §4.1.1", |draft| {
        let name = draft.key.algorithm().name().to_lowercase();
        draft.header("alg", name).sign()
    }),
    ("`alg` unknown", "RFC 8725 §3.1", |draft| {
        draft.header("alg", "XS256").sign()
    }),
    ("`alg` not that of the key", "RFC 8725 §3.1", |draft| {
        let other = match draft.key.algorithm().name() {
            "ES384" => "ES256",
            _ => "ES384",
        };
        draft.header("alg", other).sign()
    }),
    ("HMAC by an empty secret", "RFC 8725 §3.5", |draft| {
        draft.hmac(b"")
    }),
    (
        "HMAC by an empty secret, `kid` a path",
        "RFC 8725 §3.10",
        |draft| draft.header("kid", "../../../dev/null").hmac(b""),
    ),
];

/// The rules for a public key.
pub(super) const PUBLIC_KEY: &[Rule] = &[
    ("HMAC by the public key in PEM", "RFC 8725 §3.1", |draft| {
        let public = draft.key.verifying_key().to_spki_pem();
        draft.hmac(public.unwrap_or_default().as_bytes())
    }),
    (
        "HMAC by the public key in PEM, without the last line break",
        "RFC 8725 §3.1",
        |draft| {
            let public = draft.key.verifying_key().to_spki_pem();
            draft.hmac(public.unwrap_or_default().trim_end().as_bytes())
        },
    ),
    ("HMAC by the public key in DER", "RFC 8725 §3.1", |draft| {
        let public = draft.key.verifying_key().to_spki_der();
        draft.hmac(&public.unwrap_or_default())
    }),
];

fn unsigned(draft: Draft<'_>, algorithm: &str) -> String {
    draft.header("alg", algorithm).signing_input() + "."
}
