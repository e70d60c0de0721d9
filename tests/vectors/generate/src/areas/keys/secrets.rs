//! Symmetric keys.

use super::super::signed::rows;
use super::members::BASE64;
use super::{CLAIMS, case, valid};
use crate::case::{Case, Rule, choice, must};
use crate::encodings;

const LENGTH: Rule = must(&["RFC 7518 §3.2", "RFC 8725bis §3.5"]);
const UNNAMED: Rule = choice(&["jwt-ring: a key without `alg` serves all algorithms of its type"]);
const OCT: Rule = must(&["RFC 7518 §6.4.1"]);
const ENCODED: Rule = choice(&["jwt-ring: an encoded key is not a secret (CVE-2022-29217)"]);

const SET: &str = r#"
oct-k-missing   | malformed    | -              | There is no `k`.
oct-k-null      | malformed    | null           | `k` is null.
oct-k-number    | malformed    | 1              | `k` is a number.
oct-k-padding   | malformed    | "rfQu0SrZUxHE2rC1zW--w87OCBLMkbnsUy3w8TrWsRI=" | `k` has padding.
oct-k-standard  | malformed    | "rfQu0SrZUxHE2rC1zW++w87OCBLMkbnsUy3w8TrWsRI"  | `k` is in the alphabet of base64.
oct-k-line      | malformed    | "rfQu0SrZUxHE2rC1zW--w87OCBLMkbnsUy3w8TrWsRI\n" | `k` has a line end.
oct-k-unused    | malformed    | "rfQu0SrZUxHE2rC1zW--w87OCBLMkbnsUy3w8TrWsRJ"  | `k` has an unused bit that is set.
"#;

/// Secrets of a length, and the algorithm of the token.
const LENGTHS: &str = "
oct-0-bytes        | short_secret | HS256 | 0 bytes | The secret is empty.
oct-1-byte         | short_secret | HS256 | 1 bytes | The secret has 1 byte.
oct-16-bytes       | short_secret | HS256 | 16 bytes | The secret has 16 bytes.
oct-31-bytes       | short_secret | HS256 | 31 bytes | The secret has 31 bytes.
oct-33-bytes       | accept       | HS256 | 33 bytes | The secret has 33 bytes.
oct-64-bytes       | accept       | HS256 | 64 bytes | The secret fills a block of the hash function.
oct-65-bytes       | accept       | HS256 | 65 bytes | The secret is longer than a block of the hash function.
oct-hs384          | accept       | HS384 | 48 bytes | The secret for HS384 has 48 bytes.
oct-hs384-47-bytes | short_secret | HS384 | 47 bytes | The secret for HS384 has 47 bytes.
oct-hs512          | accept       | HS512 | 64 bytes | The secret for HS512 has 64 bytes.
oct-hs512-63-bytes | short_secret | HS512 | 63 bytes | The secret for HS512 has 63 bytes.
";

/// Encoded keys as secrets.
const ENCODINGS: &str = "
oct-pem            | RSA in PEM                        | The secret is a PEM file.
oct-pem-mark       | RSA in PEM with a byte order mark | The secret is a PEM file with a byte order mark.
oct-pem-utf16      | RSA in PEM of UTF-16              | The secret is a PEM file in UTF-16.
oct-pem-pkcs1      | RSA in PEM of PKCS#1              | The secret is a PEM file of PKCS#1.
oct-pem-ec         | ES256 in PEM                      | The secret is a PEM file of an EC key.
oct-der            | RSA in SPKI                       | The secret is SPKI in DER.
oct-der-pkcs1      | RSA in PKCS#1                     | The secret is PKCS#1 in DER.
oct-base64         | RSA in base64 of SPKI             | The secret is SPKI in base64.
oct-jwk            | ES256 as a JWK                    | The secret is a JWK.
oct-jwk-set        | RSA as a JWK Set                  | The secret is a JWK Set.
oct-ssh            | Ed25519 in SSH                    | The secret is a public key of OpenSSH.
";

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let set = rows(SET).map(|[slug, reason, value, about]| {
        let key = match value {
            "-" => valid("oct").without("k"),
            value => valid("oct").set("k", value),
        };
        let is_text = value.starts_with('"');
        let rule = if is_text { BASE64 } else { OCT };
        case(rule, reason, slug, about, "oct").key_set(key.set_json())
    });
    let lengths = rows(LENGTHS).map(|[slug, result, algorithm, secret, about]| {
        let twin = match algorithm {
            "HS256" => "oct",
            "HS384" => "oct-hs384",
            _ => "oct-hs512",
        };
        with_secret(LENGTH, [slug, result, about, twin], algorithm, secret)
    });
    let encodings = rows(ENCODINGS).map(|[slug, encoding, about]| {
        let row = [slug, "secret_is_key_text", about, "oct"];
        with_secret(ENCODED, row, "HS256", encoding)
    });
    set.chain(lengths)
        .chain(encodings)
        .chain(without_algorithm())
}

fn with_secret(
    rule: Rule,
    [slug, result, about, twin]: [&'static str; 4],
    algorithm: &'static str,
    secret: &'static str,
) -> Case {
    let case = match result {
        "accept" => rule.accept(slug, about),
        reason => rule.reject(reason, slug, about).twin(twin),
    };
    let key = valid("oct").set("alg", format!("\"{algorithm}\""));
    let case = case.by("hs256", algorithm).claims(CLAIMS);
    let key = key.set_bytes("k", &encodings::of(secret));
    case.key_set(key.set_json()).sign(secret, algorithm)
}

/// A secret of 48 bytes without `alg`, which is too short for HS512.
fn without_algorithm() -> impl Iterator<Item = Case> {
    let rows = [
        [
            "oct-unnamed-hs256",
            "accept",
            "HS256",
            "The key has no `alg`, and is long enough for HS256.",
        ],
        [
            "oct-unnamed-hs384",
            "accept",
            "HS384",
            "The key has no `alg`, and is long enough for HS384.",
        ],
        [
            "oct-unnamed-hs512",
            "algorithm_mismatch",
            "HS512",
            "The key has no `alg`, and is too short for HS512.",
        ],
    ];
    rows.into_iter().map(|[slug, result, algorithm, about]| {
        let rule = if result == "accept" { UNNAMED } else { LENGTH };
        let row = [slug, result, about, "oct-unnamed-hs384"];
        let key = valid("oct")
            .without("alg")
            .set_bytes("k", &encodings::of("48 bytes"));
        with_secret(rule, row, algorithm, "48 bytes").key_set(key.set_json())
    })
}
