//! The members of JWKs.

use super::super::signed::rows;
use super::{case, hex, valid};
use crate::case::{Case, Rule, choice, must};

const REQUIRED: Rule = must(&["RFC 7517 §4.1", "RFC 7518 §6"]);
/// The sections state what the members mean, and not that a verifier reads them.
const USE: Rule = choice(&[
    "jwt-ring: a key is used as its `use` states",
    "RFC 7517 §4.2",
]);
const OPERATIONS: Rule = choice(&[
    "jwt-ring: a key is used as its `key_ops` state",
    "RFC 7517 §4.3",
]);
const ALGORITHM: Rule = must(&["RFC 7517 §4.4", "RFC 8725bis §3.1"]);
/// A member that may be absent has another type. No section states what follows.
const TYPE: Rule = choice(&["RFC 7517 §4"]);
const SEVERAL: Rule = choice(&["RFC 7517 §4.3"]);
const UNKNOWN: Rule = must(&["RFC 7517 §4"]);
const RSA: Rule = must(&["RFC 7518 §6.3.1", "RFC 7518 §3.3"]);
const EC: Rule = must(&["RFC 7518 §6.2.1", "RFC 8725bis §3.4"]);
/// RFC 7517 does not state that base64url which is not valid makes a key invalid.
pub(super) const BASE64: Rule = choice(&[
    "jwt-ring: base64url in keys is as strict as in tokens",
    "RFC 7518 §2",
]);
const LENIENT: Rule = choice(&["jwt-ring: zeros at the start of RSA numbers are skipped"]);
const PRIVATE: Rule = choice(&["jwt-ring: the public half of a private JWK verifies"]);
const EXPONENTS: &str = "jwt-ring: RSA moduli of 2048 to 8192 bits, exponents of 2 to 33 bits";
const LIMITS: Rule = choice(&[EXPONENTS]);
const CURVES: Rule = choice(&["jwt-ring: the curves are P-256, P-384 and Ed25519"]);

/// One member is set to a value, or is removed if the value is `-`.
const SET: &str = r#"
kty-missing       | malformed              | rsa | kty     | -                    | REQUIRED   | There is no `kty`.
kty-null          | malformed              | rsa | kty     | null                 | REQUIRED   | `kty` is null.
kty-number        | malformed              | rsa | kty     | 1                    | REQUIRED   | `kty` is a number.
kty-lower-case    | unsupported_key_type   | rsa | kty     | "rsa"                | REQUIRED   | `kty` is `rsa`.
kty-unknown       | unsupported_key_type   | rsa | kty     | "DSA"                | REQUIRED   | `kty` is not known.
kty-oct-of-rsa    | malformed              | rsa | kty     | "oct"                | REQUIRED   | `kty` is `oct`, the members are those of RSA.
kty-ec-of-rsa     | malformed              | rsa | kty     | "EC"                 | REQUIRED   | `kty` is `EC`, the members are those of RSA.
kty-rsa-of-ec     | malformed              | ec  | kty     | "RSA"                | REQUIRED   | `kty` is `RSA`, the members are those of EC.
kty-okp-of-ec     | malformed              | ec  | kty     | "OKP"                | REQUIRED   | `kty` is `OKP`, the members are those of EC.
kty-ec-of-okp     | malformed              | okp | kty     | "EC"                 | REQUIRED   | `kty` is `EC`, the members are those of OKP.
kid-null          | malformed              | rsa | kid     | null                 | TYPE        | `kid` is null.
kid-number        | malformed              | rsa | kid     | 1                    | TYPE        | `kid` is a number.
use-sig           | accept                 | rsa | use     | "sig"                | USE        | `use` is `sig`.
use-enc           | wrong_use              | rsa | use     | "enc"                | USE        | `use` is `enc`.
use-enc-of-ec     | wrong_use              | ec  | use     | "enc"                | USE        | `use` of an EC key is `enc`.
use-enc-of-oct    | wrong_use              | oct | use     | "enc"                | USE        | `use` of a symmetric key is `enc`.
use-enc-of-okp    | wrong_use              | okp | use     | "enc"                | USE        | `use` of an Ed25519 key is `enc`.
use-upper-case    | wrong_use              | rsa | use     | "SIG"                | TYPE        | `use` is `SIG`.
use-empty         | wrong_use              | rsa | use     | ""                   | TYPE        | `use` is empty.
use-null          | malformed              | rsa | use     | null                 | TYPE        | `use` is null.
use-array         | malformed              | rsa | use     | ["sig"]              | TYPE        | `use` is an array.
ops-verify        | accept                 | rsa | key_ops | ["verify"]           | OPERATIONS | `key_ops` is `verify`.
ops-two           | accept                 | rsa | key_ops | ["sign","verify"]    | SEVERAL    | `key_ops` has `verify`, among others.
ops-twice         | accept                 | rsa | key_ops | ["verify","verify"]  | SEVERAL    | `key_ops` has `verify` twice.
ops-sign          | wrong_use              | rsa | key_ops | ["sign"]             | OPERATIONS | `key_ops` is `sign`.
ops-sign-of-oct   | wrong_use              | oct | key_ops | ["sign"]             | OPERATIONS | `key_ops` of a symmetric key is `sign`.
ops-encrypt       | wrong_use              | rsa | key_ops | ["encrypt","wrapKey"] | OPERATIONS | `key_ops` is for encryption.
ops-upper-case    | wrong_use              | rsa | key_ops | ["VERIFY"]           | OPERATIONS | `key_ops` is `VERIFY`.
ops-empty         | wrong_use              | rsa | key_ops | []                   | OPERATIONS | `key_ops` is empty.
ops-null          | malformed              | rsa | key_ops | null                 | TYPE       | `key_ops` is null.
ops-string        | malformed              | rsa | key_ops | "verify"             | TYPE       | `key_ops` is a string.
ops-number        | malformed              | rsa | key_ops | ["verify",1]         | TYPE       | `key_ops` has a number.
alg-itself        | accept                 | rsa | alg     | "RS256"              | ALGORITHM  | `alg` is the same as in the token.
alg-null          | malformed              | rsa | alg     | null                 | TYPE       | `alg` is null.
alg-array         | malformed              | rsa | alg     | ["RS256"]            | TYPE       | `alg` is an array.
alg-lower-case    | unsupported_algorithm  | rsa | alg     | "rs256"              | ALGORITHM  | `alg` is `rs256`.
alg-none          | unsupported_algorithm  | rsa | alg     | "none"               | ALGORITHM  | `alg` is `none`.
alg-encryption    | unsupported_algorithm  | rsa | alg     | "RSA-OAEP-256"       | ALGORITHM  | `alg` is for encryption.
alg-hs256-of-rsa  | unsupported_algorithm  | rsa | alg     | "HS256"              | ALGORITHM  | `alg` of an RSA key is `HS256`.
alg-es256-of-rsa  | unsupported_algorithm  | rsa | alg     | "ES256"              | ALGORITHM  | `alg` of an RSA key is `ES256`.
alg-rs256-of-oct  | unsupported_algorithm  | oct | alg     | "RS256"              | ALGORITHM  | `alg` of a symmetric key is `RS256`.
alg-es384-of-ec   | unsupported_algorithm  | ec  | alg     | "ES384"              | ALGORITHM  | `alg` of a key on P-256 is `ES384`.
unknown-member    | accept                 | rsa | colour  | {"a":[null]}         | UNKNOWN    | A member is not known.
ext-true          | accept                 | rsa | ext     | true                 | UNKNOWN    | `ext` is true, which browsers write.
private           | accept                 | okp | d       | "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" | PRIVATE | There is a private member.
n-missing         | malformed              | rsa | n       | -                    | RSA        | There is no `n`.
n-null            | malformed              | rsa | n       | null                 | RSA        | `n` is null.
n-number          | malformed              | rsa | n       | 3233                 | RSA        | `n` is a number.
n-empty           | rsa_size               | rsa | n       | ""                   | RSA        | `n` is empty.
e-missing         | malformed              | rsa | e       | -                    | RSA        | There is no `e`.
e-null            | malformed              | rsa | e       | null                 | RSA        | `e` is null.
e-empty           | invalid                | rsa | e       | ""                   | RSA        | `e` is empty.
e-zero            | invalid                | rsa | e       | "AA"                 | RSA        | `e` is 0.
e-even            | invalid                | rsa | e       | "AQAA"               | RSA        | `e` is even.
e-long            | invalid                | rsa | e       | "AgAAAAE"            | LIMITS     | `e` has 34 bits.
e-zeros           | accept                 | rsa | e       | "AAAAAQAB"           | LENIENT    | `e` has zeros at its start.
e-padding         | malformed              | rsa | e       | "AQAB===="           | BASE64     | `e` has padding.
e-space           | malformed              | rsa | e       | "AQ AB"              | BASE64     | `e` has a space.
e-unused-bits     | malformed              | rsa | e       | "Ax"                 | BASE64     | `e` has an unused bit that is set.
crv-missing       | unsupported_curve      | ec  | crv     | -                    | EC         | There is no `crv`.
crv-null          | malformed              | ec  | crv     | null                 | EC         | `crv` is null.
crv-lower-case    | unsupported_curve      | ec  | crv     | "p-256"              | EC         | `crv` is `p-256`.
crv-name          | unsupported_curve      | ec  | crv     | "secp256r1"          | EC         | `crv` is another name of the curve.
crv-p521          | unsupported_curve      | ec  | crv     | "P-521"              | CURVES     | `crv` is `P-521`.
crv-secp256k1     | unsupported_curve      | ec  | crv     | "secp256k1"          | CURVES     | `crv` is `secp256k1`.
x-missing         | malformed              | ec  | x       | -                    | EC         | There is no `x`.
x-null            | malformed              | ec  | x       | null                 | EC         | `x` is null.
x-empty           | malformed              | ec  | x       | ""                   | EC         | `x` is empty.
x-zero            | invalid                | ec  | x       | "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" | EC | `x` is 0.
y-missing         | malformed              | ec  | y       | -                    | EC         | There is no `y`.
y-null            | malformed              | ec  | y       | null                 | EC         | `y` is null.
y-zero            | invalid                | ec  | y       | "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" | EC | `y` is 0.
"#;

fn rule(name: &str) -> Rule {
    match name {
        "REQUIRED" => REQUIRED,
        "TYPE" => TYPE,
        "SEVERAL" => SEVERAL,
        "USE" => USE,
        "OPERATIONS" => OPERATIONS,
        "ALGORITHM" => ALGORITHM,
        "UNKNOWN" => UNKNOWN,
        "PRIVATE" => PRIVATE,
        "RSA" => RSA,
        "LIMITS" => LIMITS,
        "LENIENT" => LENIENT,
        "BASE64" => BASE64,
        "CURVES" => CURVES,
        "EC" => EC,
        _ => panic!("no rule {name}"),
    }
}

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let set = rows(SET).map(|[slug, result, twin, member, value, name, about]| {
        let key = match value {
            "-" => valid(twin).without(member),
            value => valid(twin).set(member, value),
        };
        case(rule(name), result, slug, about, twin).key_set(key.set_json())
    });
    set.chain(numbers()).chain(duplicates())
}

/// Members that are computed.
fn numbers() -> impl Iterator<Item = Case> {
    let change = |name: &str, change: fn(&mut Vec<u8>)| {
        let twin = if name == "n" { "rsa" } else { "ec" };
        let key = valid(twin);
        let mut number = key.bytes(name);
        change(&mut number);
        key.set_bytes(name, &number).set_json()
    };
    let ec = valid("ec");
    let (x, y) = (ec.bytes("x"), ec.bytes("y"));
    let swapped = ec.set_bytes("x", &y).set_bytes("y", &x).set_json();
    let both = "`use` and `key_ops` contradict each other.";
    [
        case(RSA, "invalid", "n-even", "`n` is even.", "rsa")
            .key_set(change("n", |n| *n.last_mut().expect("a byte") ^= 1)),
        case(
            LENIENT,
            "accept",
            "n-zero",
            "`n` has a zero at its start.",
            "rsa",
        )
        .key_set(change("n", |n| n.insert(0, 0))),
        case(
            RSA,
            "invalid_signature",
            "n-changed",
            "A bit of `n` is changed.",
            "rsa",
        )
        .key_set(change("n", |n| n[9] ^= 1)),
        case(
            LIMITS,
            "rsa_size",
            "n-16384-bits",
            "`n` has 16384 bits.",
            "rsa",
        )
        .key_set(change("n", |n| *n = n.repeat(8))),
        case(RSA, "rsa_size", "n-1024-bits", "`n` has 1024 bits.", "rsa")
            .keys(&["rsa-1024"])
            .names(r#""RS256""#, "rsa-1024")
            .sign("rsa-1024", "RSA: PKCS#1"),
        case(RSA, "rsa_size", "n-2040-bits", "`n` has 2040 bits.", "rsa")
            .keys(&["rsa-2040"])
            .names(r#""RS256""#, "rsa-2040")
            .sign("rsa-2040", "RSA: PKCS#1"),
        case(RSA, "accept", "n-3072-bits", "`n` has 3072 bits.", "rsa")
            .keys(&["rsa-3072"])
            .names(r#""RS256""#, "rsa-3072")
            .sign("rsa-3072", "RS256"),
        case(LIMITS, "accept", "e-3", "`e` is 3.", "rsa")
            .keys(&["rsa-e3"])
            .names(r#""RS256""#, "rsa-e3")
            .sign("rsa-e3", "RSA: PKCS#1"),
        case(
            choice(&[EXPONENTS, "RFC 8017 §3.1"]),
            "invalid",
            "e-1",
            "`e` is 1, and the signature is made without a private key.",
            "rsa",
        )
        .key_set(valid("rsa").set("e", r#""AQ""#).set_json())
        .sign("rsa", "RSA: unsigned block"),
        case(OPERATIONS, "wrong_use", "use-and-ops", both, "rsa").key_set(
            valid("rsa")
                .set("use", r#""sig""#)
                .set("key_ops", r#"["encrypt"]"#)
                .set_json(),
        ),
        case(
            EC,
            "malformed",
            "crv-p384",
            "`crv` has longer coordinates.",
            "ec",
        )
        .key_set(
            valid("ec")
                .without("alg")
                .set("crv", r#""P-384""#)
                .set_json(),
        ),
        case(
            EC,
            "invalid",
            "x-y-swapped",
            "`x` and `y` are swapped.",
            "ec",
        )
        .key_set(swapped),
        case(
            EC,
            "invalid",
            "x-changed",
            "A bit of `x` is changed, so the point is not on the curve.",
            "ec",
        )
        .key_set(change("x", |x| x[9] ^= 1)),
        case(
            EC,
            "malformed",
            "x-33-bytes",
            "`x` has a zero at its start.",
            "ec",
        )
        .key_set(change("x", |x| x.insert(0, 0))),
        case(
            EC,
            "malformed",
            "x-31-bytes",
            "The last byte of `x` is missing.",
            "ec",
        )
        .key_set(change("x", |x| x.truncate(31))),
        case(
            EC,
            "malformed",
            "y-31-bytes",
            "The last byte of `y` is missing.",
            "ec",
        )
        .key_set(change("y", |y| y.truncate(31))),
        case(
            EC,
            "invalid",
            "x-not-reduced",
            "`x` is 5 plus the prime of the curve.",
            "ec",
        )
        .key_set(
            valid("ec")
                .set_bytes("x", &hex(P_PLUS_5))
                .set_bytes("y", &hex(Y_OF_5))
                .set_json(),
        ),
    ]
    .into_iter()
}

/// The prime of P-256 plus 5, and the y of the point whose x is 5 (SP 800-186 §3.2.1.3).
const P_PLUS_5: &str = "ffffffff00000001000000000000000000000001000000000000000000000004";
const Y_OF_5: &str = "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc";

/// A parser rejects a JWK with a duplicate, or uses the last of the members (RFC 7517 §4).
fn duplicates() -> impl Iterator<Item = Case> {
    const MUST: Rule = must(&["RFC 7517 §4"]);
    const OPEN: Rule = choice(&["RFC 7517 §4"]);
    let text = |key: &str, name: &str, value: &str| valid(key).append(name, value).set_json();
    [
        case(
            MUST,
            "malformed",
            "duplicate-n",
            "`n` is present twice, and the last one is empty.",
            "rsa",
        )
        .keys_text(text("rsa", "n", r#""""#)),
        case(
            MUST,
            "malformed",
            "duplicate-kty",
            "`kty` is present twice, and the last one is `oct`.",
            "rsa",
        )
        .keys_text(text("rsa", "kty", r#""oct""#)),
        case(
            OPEN,
            "malformed",
            "duplicate-kid",
            "`kid` is present twice, and the last one is another.",
            "rsa",
        )
        .keys_text(text("rsa", "kid", r#""other""#)),
        case(
            OPEN,
            "malformed",
            "duplicate-escaped",
            "`kid` is present twice, and the last one is escaped.",
            "rsa",
        )
        .keys_text(text("rsa", r"\u006bid", r#""other""#)),
        case(
            OPEN,
            "malformed",
            "duplicate-same",
            "`kid` is present twice, with the same value.",
            "rsa",
        )
        .keys_text(text("rsa", "kid", r#""rsa""#)),
        case(
            OPEN,
            "malformed",
            "duplicate-unknown",
            "A member that is not known is present twice.",
            "rsa",
        )
        .keys_text(valid("rsa").append("a", "1").append("a", "2").set_json()),
    ]
    .into_iter()
}
