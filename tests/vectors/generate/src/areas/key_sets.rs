//! JWK Sets, and the key that a token selects.

use super::signed::rows;
use crate::case::{Case, Rule, choice, must, set_of, should};
use crate::members::members;

/// In all payloads, so that no other area has the same tokens.
const CLAIMS: &str = r#""jti":"key_sets""#;

const SET: Rule = must(&["RFC 7517 §5", "RFC 7517 §5.1"]);
const MEMBERS: Rule = must(&["RFC 7517 §5"]);
const IGNORED: Rule = should(&["RFC 7517 §5"]);
/// The sections do not state how a `kid` selects a key.
const KID: Rule = choice(&["RFC 7515 §4.1.4", "RFC 7517 §4.5"]);
const FITTING: Rule = choice(&["RFC 7517 §4.5"]);
const TYPE: Rule = must(&["RFC 8725bis §3.1"]);
const ONE: Rule = choice(&["jwt-ring: exactly one key fits"]);
const SAME: Rule = choice(&["jwt-ring: the same key listed twice is one key"]);
const NAMED: Rule = choice(&["jwt-ring: a token with a `kid` has a key with the `kid`"]);
const PUBLIC: Rule = choice(&["jwt-ring: a symmetric key in a set of public keys is left out"]);

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = documents().collect();
    cases.extend(one_key());
    cases.extend(kids());
    cases.extend(several());
    cases.extend(beside());
    cases.extend(symmetric());
    cases
}

/// Texts that are not sets. `KEY` stands for a JWK.
const DOCUMENTS: &str = r#"
empty-text       | SET     | malformed   |                        | The text is empty.
not-json         | SET     | malformed   | {"keys":[KEY]          | The set is not closed.
array            | SET     | malformed   | [KEY]                  | The document is an array of keys.
jwk              | SET     | malformed   | KEY                    | The document is a JWK.
string           | SET     | malformed   | "keys"                 | The document is a string.
null             | SET     | malformed   | null                   | The document is null.
keys-missing     | SET     | malformed   | {}                     | There is no `keys`.
keys-null        | SET     | malformed   | {"keys":null}          | `keys` is null.
keys-object      | SET     | malformed   | {"keys":{"a":KEY}}     | `keys` is an object.
keys-jwk         | SET     | malformed   | {"keys":KEY}           | `keys` is a JWK.
keys-string      | SET     | malformed   | {"keys":"KEY"}         | `keys` is a string.
keys-upper-case  | SET     | malformed   | {"KEYS":[KEY]}         | The member is named `KEYS`.
text-after       | MEMBERS | malformed   | {"keys":[KEY]}x        | There is a letter after the set.
set-after        | MEMBERS | malformed   | {"keys":[KEY]}{}       | There is an object after the set.
comma            | MEMBERS | malformed   | {"keys":[KEY,]}        | There is a comma after the last key.
comment          | MEMBERS | malformed   | {"keys":[KEY]/* */}    | There is a comment in the set.
"#;

fn documents() -> impl Iterator<Item = Case> {
    let key = members("es256").json();
    let malformed = rows(DOCUMENTS).map(move |[slug, rule, reason, text, about]| {
        let rule = if rule == "SET" { SET } else { MEMBERS };
        let case = rule.reject(reason, slug, about).twin("one-key");
        es256(case).keys_text(text.replace("KEY", &key))
    });
    let key = members("es256").json();
    let mark = format!("\u{feff}{{\"keys\":[{key}]}}");
    let twice = format!(r#"{{"keys":[{key}],"keys":[]}}"#);
    let unknown = format!(r#"{{"a":{{"keys":[]}},"keys":[{key}],"b":[1e400]}}"#);
    let spaces = format!(" {{\n\t\"keys\" :\r[ {key} ] }} ");
    let escaped = format!(r#"{{"\u006beys":[{key}]}}"#);
    malformed.chain([
        es256(SET.accept("one-key", "The set has the key.")),
        es256(MEMBERS.accept("unknown-members", "The set has members that are not known."))
            .keys_text(unknown),
        es256(MEMBERS.accept(
            "white-space",
            "There is white space around all tokens of the JSON.",
        ))
        .keys_text(spaces),
        es256(MEMBERS.accept("keys-escaped", "The name `keys` has an escape.")).keys_text(escaped),
        es256(choice(&["RFC 8259 §8.1"]).reject(
            "malformed",
            "byte-order-mark",
            "The text begins with a byte order mark.",
        ))
        .keys_text(mark)
        .twin("one-key"),
        es256(choice(&["RFC 8259 §4", "RFC 7493 §2.3"]).reject(
            "malformed",
            "keys-twice",
            "`keys` is present twice.",
        ))
        .keys_text(twice)
        .twin("one-key"),
        es256(SET.reject("unknown_key", "empty", "The set is empty."))
            .key_set(r#"{"keys":[]}"#)
            .twin("one-key"),
    ])
}

/// A token of ES256, and a set of its key.
fn es256(case: Case) -> Case {
    case.by("es256", "ES256").claims(CLAIMS)
}

/// The `kid` of the token (`-` for none) and that of the only key.
const ONE_KEY: &str = r#"
kid-unknown     | KID   | unknown_key | "another" | "es256"       | The token names another key.
kid-upper-case  | KID   | unknown_key | "ES256"   | "es256"       | The token's `kid` has another case.
kid-prefix      | KID   | unknown_key | "es"      | "es256"       | The token's `kid` is the beginning of the key's.
kid-longer      | KID   | unknown_key | "es256 "  | "es256"       | The token's `kid` has a space after it.
kid-empty-token | KID   | unknown_key | ""        | "es256"       | The token's `kid` is empty.
kid-decomposed  | KID   | unknown_key | "e\u0301" | "\u00e9"      | The two `kid` are equal after normalization only.
kid-empty       | KID   | accept      | ""        | ""            | Both `kid` are empty.
kid-escaped     | KID   | accept      | "\u0065s256" | "es256"    | The token's `kid` has an escape.
kid-escaped-key | KID   | accept      | "es256"   | "\u0065s256"  | The key's `kid` has an escape.
kid-path        | KID   | accept      | "../a/b"  | "../a\/b"     | The `kid` is a path.
kid-of-none     | ONE   | accept      | -         | "es256"       | The token has no `kid`.
kid-of-neither  | ONE   | accept      | -         | -             | Neither the token nor the key has a `kid`.
kid-of-token    | NAMED | unknown_key | "es256"   | -             | The token has a `kid`, and the key has none.
"#;

fn one_key() -> impl Iterator<Item = Case> {
    rows(ONE_KEY).map(|[slug, rule, result, token, key, about]| {
        let rule = match rule {
            "KID" => KID,
            "ONE" => ONE,
            _ => NAMED,
        };
        let case = match result {
            "accept" => rule.accept(slug, about),
            reason => rule.reject(reason, slug, about).twin("one-key"),
        };
        let keys = match key {
            "-" => members("es256").without("kid"),
            key => members("es256").set("kid", key),
        };
        let header = match token {
            "-" => r#"{"alg":"ES256"}"#.to_owned(),
            kid => format!(r#"{{"alg":"ES256","kid":{kid}}}"#),
        };
        es256(case).header(header).key_set(keys.set_json())
    })
}

/// A set of keys as JSON.
fn set(keys: &[String]) -> String {
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// Several keys, and a `kid`.
fn kids() -> impl Iterator<Item = Case> {
    let kid = |name: &str, kid: &str| members(name).set("kid", format!("\"{kid}\"")).json();
    let [good, other] = ["es256", "es256-other"].map(|name| members(name).json());
    let both = ["RS256", "ES256"];
    let [rs256, ps256] =
        ["RS256", "PS256"].map(|name| members("rsa").set("alg", format!("\"{name}\"")).json());
    [
        es256(KID.accept("first-of-two", "The token names the first of two keys."))
            .key_set(set(&[good.clone(), other.clone()])),
        es256(KID.accept("second-of-two", "The token names the second of two keys."))
            .key_set(set(&[other.clone(), good.clone()])),
        es256(KID.reject(
            "invalid_signature",
            "other-of-two",
            "The token names the key that did not sign it.",
        ))
        .names(r#""ES256""#, "es256-other")
        .key_set(set(&[good.clone(), other]))
        .twin("first-of-two"),
        es256(ONE.reject(
            "ambiguous_key",
            "same-kid",
            "Two keys have the `kid` and fit.",
        ))
        .key_set(set(&[good.clone(), kid("es256-other", "es256")]))
        .twin("first-of-two"),
        es256(FITTING.accept(
            "same-kid-other-type",
            "Two keys have the `kid`, one of which fits.",
        ))
        .key_set(set(&[kid("rsa", "es256"), good.clone()]))
        .allow(&both),
        es256(FITTING.accept(
            "same-kid-encryption",
            "Two keys have the `kid`, one of which is for encryption.",
        ))
        .key_set(set(&[
            members("es256-other")
                .set("kid", r#""es256""#)
                .set("use", r#""enc""#)
                .json(),
            good.clone(),
        ])),
        es256(FITTING.accept(
            "same-kid-alg",
            "The set has a key for each of two algorithms.",
        ))
        .by("rsa", "PS256")
        .claims(CLAIMS)
        .key_set(set(&[rs256, ps256]))
        .allow(&["RS256", "PS256"]),
        es256(TYPE.reject(
            "algorithm_mismatch",
            "kid-of-other-type",
            "The token names a key of another type.",
        ))
        .names(r#""ES256""#, "rsa")
        .key_set(set(&[members("rsa").json(), good]))
        .allow(&both)
        .twin("same-kid-other-type"),
    ]
    .into_iter()
}

/// Several keys, and no `kid`.
fn several() -> impl Iterator<Item = Case> {
    let [good, other, rsa] = ["es256", "es256-other", "rsa"].map(|name| members(name).json());
    let unnamed = members("es256").without("kid").json();
    let renamed = members("es256").set("kid", r#""another""#).json();
    let encryption = members("es256-other").set("use", r#""enc""#).json();
    let without = |rule: Rule, slug, about| es256(rule.accept(slug, about)).without_kid("ES256");
    [
        without(
            FITTING,
            "none-one-fits",
            "The token has no `kid`, and one of two keys has the type.",
        )
        .key_set(set(&[rsa, good.clone()])),
        without(
            FITTING,
            "none-one-verifies",
            "The token has no `kid`, and one of two keys is for verifying.",
        )
        .key_set(set(&[encryption, good.clone()])),
        es256(ONE.reject(
            "ambiguous_key",
            "none-two-fit",
            "The token has no `kid`, and two keys fit.",
        ))
        .without_kid("ES256")
        .key_set(set(&[other, good.clone()]))
        .twin("none-one-fits"),
        es256(TYPE.reject(
            "unknown_key",
            "none-fits",
            "The token has no `kid`, and no key fits.",
        ))
        .without_kid("ES256")
        .keys(&["rsa", "ed25519"])
        .twin("none-one-fits"),
        without(
            SAME,
            "none-twice",
            "The token has no `kid`, and the set has the key twice.",
        )
        .key_set(set(&[good.clone(), good.clone()])),
        without(
            SAME,
            "none-twice-renamed",
            "The token has no `kid`, and the set has the key with two.",
        )
        .key_set(set(&[good.clone(), renamed])),
        without(
            SAME,
            "none-twice-unnamed",
            "The token has no `kid`, and the set has the key with one and without.",
        )
        .key_set(set(&[unnamed, good.clone()])),
        es256(SAME.accept(
            "twice",
            "The set has the key twice, and the token names it.",
        ))
        .key_set(set(&[good.clone(), good])),
    ]
    .into_iter()
}

/// The element before the key.
const BESIDE: &str = r#"
beside-unknown-kty  | {"kty":"DSA","kid":"a","y":"AQ"}                    | A key of an unknown type is beside the key.
beside-akp          | {"kty":"AKP","kid":"a","alg":"ML-DSA-44","pub":"AQ"} | A key of another algorithm is beside the key.
beside-unknown-crv  | {"kty":"EC","kid":"a","crv":"P-0","x":"AQ","y":"AQ"} | A key on an unknown curve is beside the key.
beside-x25519       | {"kty":"OKP","kid":"a","crv":"X25519","x":"AQ"}     | A key for key agreement is beside the key.
beside-no-n         | {"kty":"RSA","kid":"a","e":"AQAB"}                  | An RSA key without `n` is beside the key.
beside-short-n      | {"kty":"RSA","kid":"a","n":"AQ","e":"AQAB"}         | An RSA key of one bit is beside the key.
beside-no-point     | {"kty":"EC","kid":"a","crv":"P-256","x":"AQ","y":"AQ"} | An EC key of short coordinates is beside the key.
beside-no-kty       | {"kid":"a"}                                         | An object without `kty` is beside the key.
beside-empty        | {}                                                  | An empty object is beside the key.
beside-same-kid     | {"kty":"EC","kid":"es256","crv":"P-256","x":"AQ","y":"AQ"} | A broken key with the `kid` is beside the key.
beside-null         | null                                                | A null is beside the key.
beside-string       | "key"                                               | A string is beside the key.
beside-array        | []                                                  | An array is beside the key.
"#;

fn beside() -> impl Iterator<Item = Case> {
    let good = members("es256").json();
    let broken = members("es256-other").set("x", r#""AQ""#).json();
    let named = es256(IGNORED.reject(
        "unknown_key",
        "beside-named",
        "The token names a broken key.",
    ))
    .names(r#""ES256""#, "es256-other")
    .key_set(set(&[broken, good.clone()]))
    .twin("second-of-two");
    let beside = rows(BESIDE).map(move |[slug, key, about]| {
        let is_key = key.starts_with('{');
        let rule = if is_key {
            IGNORED
        } else {
            choice(&["RFC 7517 §5"])
        };
        es256(rule.accept(slug, about)).key_set(set(&[key.to_owned(), good.clone()]))
    });
    beside.chain([named])
}

/// A secret among public keys.
fn symmetric() -> impl Iterator<Item = Case> {
    let hs256 = |case: Case| {
        case.by("hs256", "HS256")
            .claims(CLAIMS)
            .allow(&["HS256", "ES256"])
    };
    let mixed = set_of(&["hs256", "es256"]);
    [
        hs256(SET.accept("secret", "The set has one key, which is symmetric.")),
        hs256(SET.accept("secrets", "The set has two keys, which are symmetric."))
            .keys(&["hs256-other", "hs256"]),
        hs256(PUBLIC.reject(
            "unknown_key",
            "secret-among-public",
            "A symmetric key is beside a public one.",
        ))
        .key_set(mixed.clone())
        .twin("secret"),
        hs256(PUBLIC.reject(
            "unknown_key",
            "secret-among-public-unnamed",
            "A symmetric key is beside a public one, and the token has no `kid`.",
        ))
        .without_kid("HS256")
        .key_set(mixed.clone())
        .twin("secret"),
        es256(PUBLIC.accept(
            "public-beside-secret",
            "A symmetric key is beside the public one.",
        ))
        .key_set(mixed)
        .allow(&["HS256", "ES256"]),
    ]
    .into_iter()
}
