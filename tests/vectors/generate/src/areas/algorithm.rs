//! `alg`: its names, what is allowed, and what the key is for.

mod confusion;
mod signatures;

use super::signed::rows;
use crate::case::{Case, Rule, choice, must, should};
use crate::members::members;

const NONE: Rule = must(&["RFC 8725bis §3.1", "RFC 7518 §3.6"]);
const NAME: Rule = must(&["RFC 7515 §4.1.1"]);
const ALLOWED: Rule = must(&["RFC 8725bis §3.1"]);
const ONE_KEY: Rule = must(&["RFC 8725bis §3.1", "RFC 7517 §4.4"]);
const CURVE: Rule = must(&["RFC 7518 §3.4"]);
const ED25519: Rule = choice(&["RFC 9864 §2.2", "RFC 8037 §3.1"]);

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(every_algorithm());
    cases.extend(names());
    cases.extend(none());
    cases.extend(allowed());
    cases.extend(key_algorithms());
    cases.extend(confusion::cases());
    cases.extend(signatures::cases());
    cases
}

/// HS256 is required, RS256 and ES256 are recommended, and the others are optional (RFC 7518 §3.1).
const EVERY: &str = "
hs256 | hs256   | HS256 | The token is signed with HS256.
hs384 | hs384   | HS384 | The token is signed with HS384.
hs512 | hs512   | HS512 | The token is signed with HS512.
rs256 | rsa     | RS256 | The token is signed with RS256.
rs384 | rsa     | RS384 | The token is signed with RS384.
rs512 | rsa     | RS512 | The token is signed with RS512.
ps256 | rsa     | PS256 | The token is signed with PS256.
ps384 | rsa     | PS384 | The token is signed with PS384.
ps512 | rsa     | PS512 | The token is signed with PS512.
es256 | es256   | ES256 | The token is signed with ES256.
es384 | es384   | ES384 | The token is signed with ES384.
eddsa | ed25519 | EdDSA | The token is signed with EdDSA.
";

fn every_algorithm() -> impl Iterator<Item = Case> {
    rows(EVERY).map(|[slug, key, algorithm, about]| {
        let rule = match algorithm {
            "HS256" => must(&["RFC 7518 §3.1"]),
            "RS256" | "ES256" => should(&["RFC 7518 §3.1"]),
            "EdDSA" => choice(&["RFC 8037 §3.1"]),
            _ => choice(&["RFC 7518 §3.1"]),
        };
        rule.accept(slug, about).by(key, algorithm)
    })
}

/// Returns the token that is signed with the algorithm and accepted.
fn twin_of(algorithm: &str) -> &'static str {
    let twin = rows(EVERY).find(|[_, _, name, _]| *name == algorithm);
    twin.map_or("ed25519", |[slug, ..]| slug)
}

/// Names that are not the algorithm's.
const NAMES: &str = r#"
hs256-lower-case   | unsupported_algorithm | HS256 | "hs256"          | `alg` is `hs256`.
hs256-mixed-case   | unsupported_algorithm | HS256 | "Hs256"          | `alg` is `Hs256`.
hs256-hyphen       | unsupported_algorithm | HS256 | "HS-256"         | `alg` is `HS-256`.
hs256-space        | unsupported_algorithm | HS256 | "HS256 "         | `alg` is `HS256` and a space.
hs256-zero         | unsupported_algorithm | HS256 | "HS256\u0000"    | `alg` is `HS256` and a null character.
sha256             | unsupported_algorithm | HS256 | "SHA256"         | `alg` is `SHA256`.
hs256-list         | unsupported_algorithm | HS256 | "HS256,RS256"    | `alg` is a list in a string.
rs256-lower-case   | unsupported_algorithm | RS256 | "rs256"          | `alg` is `rs256`.
es256-lower-case   | unsupported_algorithm | ES256 | "es256"          | `alg` is `es256`.
eddsa-lower-case   | unsupported_algorithm | EdDSA | "eddsa"          | `alg` is `eddsa`.
ed25519-upper-case | unsupported_algorithm | EdDSA | "ED25519"        | `alg` is `ED25519`.
es256k             | unsupported_algorithm | ES256 | "ES256K"         | `alg` is `ES256K`, which is for another curve.
es512              | unsupported_algorithm | ES256 | "ES512"          | `alg` is `ES512`, which is for another curve.
rs1                | unsupported_algorithm | RS256 | "RS1"            | `alg` is `RS1`, which is prohibited.
dir                | unsupported_algorithm | HS256 | "dir"            | `alg` is `dir`, which is for encryption.
rsa-oaep           | unsupported_algorithm | RS256 | "RSA-OAEP"       | `alg` is `RSA-OAEP`, which is for encryption.
null               | malformed_header      | HS256 | null             | `alg` is null.
number             | malformed_header      | HS256 | 256              | `alg` is a number.
boolean            | malformed_header      | HS256 | true             | `alg` is a boolean.
array              | malformed_header      | HS256 | ["HS256"]        | `alg` is an array with the algorithm.
object             | malformed_header      | HS256 | {"name":"HS256"} | `alg` is an object.
"#;

fn names() -> impl Iterator<Item = Case> {
    let wrong = rows(NAMES).map(|[slug, reason, algorithm, name, about]| {
        let [_, key, ..] = row_of(algorithm);
        let case = NAME.reject(reason, slug, about).by(key, algorithm);
        case.names(name, key).twin(twin_of(algorithm))
    });
    wrong.chain([
        NAME.reject("malformed_header", "missing", "There is no `alg`.")
            .by("hs256", "HS256")
            .header(r#"{"kid":"hs256"}"#)
            .twin("hs256"),
        NAME.reject("malformed_header", "upper-case", "`alg` is named `ALG`.")
            .by("hs256", "HS256")
            .header(r#"{"ALG":"HS256","kid":"hs256"}"#)
            .twin("hs256"),
        NAME.accept("escaped", "`alg` is `HS256` with an escape.")
            .by("hs256", "HS256")
            .names(r#""\u0048S256""#, "hs256"),
    ])
}

fn row_of(algorithm: &str) -> [&'static str; 4] {
    let row = rows(EVERY).find(|[_, _, name, _]| *name == algorithm);
    row.unwrap_or_else(|| panic!("no algorithm {algorithm}"))
}

/// Tokens without a signature: that of HS256 is removed.
const NONES: &str = r#"
none              | {"alg":"none","kid":"hs256"}      | `alg` is `none`, and the signature is empty.
none-capitalized  | {"alg":"None","kid":"hs256"}      | `alg` is `None`, and the signature is empty.
none-upper-case   | {"alg":"NONE","kid":"hs256"}      | `alg` is `NONE`, and the signature is empty.
none-mixed-case   | {"alg":"nOnE","kid":"hs256"}      | `alg` is `nOnE`, and the signature is empty.
none-escaped      | {"alg":"\u006eone","kid":"hs256"} | `alg` is `none` with an escape.
none-space-after  | {"alg":"none ","kid":"hs256"}     | `alg` is `none` and a space.
none-space-before | {"alg":" none","kid":"hs256"}     | `alg` is a space and `none`.
none-unnamed      | {"alg":"","kid":"hs256"}          | `alg` is empty, and so is the signature.
none-without-kid  | {"alg":"none"}                    | `alg` is `none`, without a `kid`.
"#;

fn none() -> impl Iterator<Item = Case> {
    let unsigned = rows(NONES).map(|[slug, header, about]| {
        let case = NONE.reject("unsupported_algorithm", slug, about);
        let case = case.by("hs256", "HS256").header(header);
        case.edit(without_signature).twin("hs256")
    });
    let about = "`alg` is `none`, and the signature is an HMAC.";
    let signed = NONE.reject("unsupported_algorithm", "none-signed", about);
    let about = "`alg` is `none`, and the key is an RSA key.";
    let rsa = NONE.reject("unsupported_algorithm", "none-rsa", about);
    let about = "`alg` is `none`, and there is no second dot.";
    let two = NONE.reject("segments", "none-two-segments", about);
    unsigned.chain([
        signed
            .by("hs256", "HS256")
            .names(r#""none""#, "hs256")
            .twin("hs256"),
        rsa.by("rsa", "RS256")
            .names(r#""none""#, "rsa")
            .edit(without_signature)
            .twin("rs256"),
        two.by("hs256", "HS256")
            .names(r#""none""#, "hs256")
            .edit(|[header, payload, _]| format!("{header}.{payload}"))
            .twin("hs256"),
    ])
}

fn without_signature([header, payload, _]: [&str; 3]) -> String {
    format!("{header}.{payload}.")
}

const NOT_ALLOWED: &str = "
not-allowed-hs384   | HS384   | HS256   | HS384 is not allowed.
not-allowed-rs512   | RS512   | RS256   | RS512 is not allowed.
not-allowed-ps256   | PS256   | RS256   | PS256 is not allowed.
not-allowed-rs256   | RS256   | PS256   | RS256 is not allowed.
not-allowed-es256   | ES256   | HS256   | ES256 is not allowed.
not-allowed-es384   | ES384   | ES256   | ES384 is not allowed.
not-allowed-eddsa   | EdDSA   | Ed25519 | Only the other name of the algorithm is allowed.
";

fn allowed() -> impl Iterator<Item = Case> {
    let rejected = rows(NOT_ALLOWED).map(|[slug, algorithm, allowed, about]| {
        let [_, key, ..] = row_of(algorithm);
        let rule = if algorithm == "EdDSA" {
            ED25519
        } else {
            ALLOWED
        };
        let case = rule
            .reject("algorithm_not_allowed", slug, about)
            .by(key, algorithm);
        case.allow(&[allowed]).twin(twin_of(algorithm))
    });
    rejected.chain([
        ALLOWED
            .reject(
                "algorithm_not_allowed",
                "none-allowed",
                "No algorithm is allowed.",
            )
            .by("hs256", "HS256")
            .allow(&[])
            .twin("hs256"),
        ALLOWED
            .accept("second-allowed", "The second of two algorithms is used.")
            .by("rsa", "RS256")
            .allow(&["PS256", "RS256"]),
        ED25519
            .accept("ed25519", "The algorithm has its name of RFC 9864.")
            .by("ed25519", "Ed25519"),
        ED25519
            .reject(
                "algorithm_not_allowed",
                "not-allowed-ed25519",
                "Only `EdDSA` is allowed.",
            )
            .by("ed25519", "Ed25519")
            .allow(&["EdDSA"])
            .twin("ed25519"),
    ])
}

const KEY_ALGORITHMS: &str = "
key-rs256         | accept             | rsa     | RS256   | RS256 | The key and the token name `RS256`.
key-rs512         | algorithm_mismatch | rsa     | RS256   | RS512 | The key is for RS512, the token names RS256.
key-ps256         | algorithm_mismatch | rsa     | RS256   | PS256 | The key is for PS256, the token names RS256.
key-ps256-itself  | accept             | rsa     | PS256   | PS256 | The key and the token name `PS256`.
key-rs256-not     | algorithm_mismatch | rsa     | PS256   | RS256 | The key is for RS256, the token names PS256.
key-hs512         | accept             | hs512   | HS512   | HS512 | The key and the token name `HS512`.
key-hs384         | algorithm_mismatch | hs512   | HS512   | HS384 | The key is for HS384, the token names HS512.
key-ed25519-eddsa | accept             | ed25519 | Ed25519 | EdDSA | The key names `EdDSA`, the token `Ed25519`.
key-ed25519       | accept             | ed25519 | Ed25519 | Ed25519 | The key and the token name `Ed25519`.
key-eddsa-ed25519 | accept             | ed25519 | EdDSA   | Ed25519 | The key names `Ed25519`, the token `EdDSA`.
";

/// The `alg` of the key. The policy allows both algorithms.
fn key_algorithms() -> impl Iterator<Item = Case> {
    let named = rows(KEY_ALGORITHMS).map(|[slug, result, key, algorithm, named, about]| {
        let rule = if key == "ed25519" { ED25519 } else { ONE_KEY };
        let case = match (result, algorithm) {
            ("accept", _) => rule.accept(slug, about),
            (reason, "RS256") => rule.reject(reason, slug, about).twin("key-rs256"),
            (reason, "PS256") => rule.reject(reason, slug, about).twin("key-ps256-itself"),
            (reason, _) => rule.reject(reason, slug, about).twin("key-hs512"),
        };
        let keys = members(key).set("alg", format!("\"{named}\"")).set_json();
        let others = match key {
            "rsa" => ["RS256", "RS512", "PS256"],
            "hs512" => ["HS256", "HS384", "HS512"],
            _ => ["EdDSA", "Ed25519", "ES256"],
        };
        case.by(key, algorithm).key_set(keys).allow(&others)
    });
    named.chain([
        CURVE
            .reject(
                "algorithm_mismatch",
                "es384-on-p256",
                "ES384 with a key on P-256.",
            )
            .by("es256", "ES256")
            .names(r#""ES384""#, "es256")
            .allow(&["ES384"])
            .twin("es256"),
        CURVE
            .reject(
                "algorithm_mismatch",
                "es256-on-p384",
                "ES256 with a key on P-384.",
            )
            .by("es384", "ES384")
            .names(r#""ES256""#, "es384")
            .allow(&["ES256"])
            .twin("es384"),
        CURVE
            .reject(
                "algorithm_mismatch",
                "es384-on-p256-unnamed",
                "ES384 with a key on P-256 without `alg`.",
            )
            .by("es256", "ES256")
            .names(r#""ES384""#, "es256")
            .key_set(members("es256").without("alg").set_json())
            .allow(&["ES384"])
            .twin("es256"),
    ])
}
