//! Ed25519 keys: points that are not keys, with signatures made without a private key.

use num_bigint::BigUint;
use ring::digest;

use super::super::signed::rows;
use super::{case, hex, valid};
use crate::case::{Case, Rule, choice, must};
use crate::sign::{encode, forge};

const OKP: Rule = must(&["RFC 8037 §2"]);
const ORDER: Rule = choice(&[
    "jwt-ring: an Ed25519 key is not of small order",
    "RFC 8725bis §3.4",
]);
const CANONICAL: Rule = must(&["RFC 8032 §5.1.3"]);

const SET: &str = r#"
okp-crv-missing  | unsupported_curve | crv | -                                             | There is no `crv`.
okp-crv-null     | malformed         | crv | null                                          | `crv` is null.
okp-crv-case     | unsupported_curve | crv | "ed25519"                                     | `crv` is `ed25519`.
okp-crv-x25519   | unsupported_curve | crv | "X25519"                                      | `crv` is for key agreement.
okp-crv-ed448    | unsupported_curve | crv | "Ed448"                                       | `crv` has longer keys.
okp-crv-p256     | malformed         | crv | "P-256"                                       | `crv` is a curve of EC keys.
okp-x-missing    | malformed         | x   | -                                             | There is no `x`.
okp-x-null       | malformed         | x   | null                                          | `x` is null.
okp-x-empty      | invalid           | x   | ""                                            | `x` is empty.
okp-x-31-bytes   | invalid           | x   | "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQg"  | `x` has 31 bytes.
okp-x-33-bytes   | invalid           | x   | "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC" | `x` has 33 bytes.
"#;

/// y and the sign of x, least significant byte first. For order n, the identity is a signature if the
/// hash is a multiple of n, for which the number in the payload is chosen.
const POINTS: &str = "
okp-order-1       | 01 00 00 | The key is the point of order 1.
okp-order-2       | ec ff 7f | The key is the point of order 2.
okp-order-4       | 00 00 00 | The key is a point of order 4.
okp-order-4-sign  | 00 00 80 | The key is the other point of order 4.
okp-order-1-sign  | 01 00 80 | The key is the point of order 1, with a sign.
okp-order-2-sign  | ec ff ff | The key is the point of order 2, with a sign.
okp-p             | ed ff 7f | y of the key is the prime.
okp-p-sign        | ed ff ff | y of the key is the prime, with a sign.
okp-p-plus-1      | ee ff 7f | y of the key is the prime plus 1.
okp-p-plus-1-sign | ee ff ff | y of the key is the prime plus 1, with a sign.
";

/// The y of the points of order 8.
const ORDER_8: [&str; 2] = [
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
];

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let set = rows(SET).map(|[slug, reason, member, value, about]| {
        let key = match value {
            "-" => valid("okp").without(member),
            value => valid("okp").set(member, value),
        };
        case(OKP, reason, slug, about, "okp").key_set(key.set_json())
    });
    let points = rows(POINTS).map(|[slug, ends, about]| {
        let [first, middle, last] =
            <[u8; 3]>::try_from(hex(&ends.replace(' ', ""))).expect("three bytes");
        let mut point = [middle; 32];
        (point[0], point[31]) = (first, last);
        let is_order = slug.starts_with("okp-order-") && !slug.ends_with("-sign")
            || slug == "okp-order-4-sign";
        forged(
            if is_order { ORDER } else { CANONICAL },
            slug,
            about,
            &point,
        )
    });
    let order_8 = [
        ("okp-order-8", 0, 0, "The key is a point of order 8."),
        (
            "okp-order-8-sign",
            0,
            0x80,
            "The key is a point of order 8, with a sign.",
        ),
        (
            "okp-order-8-other",
            1,
            0,
            "The key is another point of order 8.",
        ),
        (
            "okp-order-8-other-sign",
            1,
            0x80,
            "The key is another point of order 8, with a sign.",
        ),
    ];
    let order_8 = order_8.map(|(slug, index, sign, about)| {
        let mut point = hex(ORDER_8[index]);
        point[31] |= sign;
        forged(ORDER, slug, about, &point)
    });
    set.chain(points).chain(order_8).chain([no_point()])
}

/// The signature is the identity and 0.
fn forged(rule: Rule, slug: &'static str, about: &'static str, point: &[u8]) -> Case {
    let forged = case(rule, "invalid", slug, about, "okp").sign("ed25519", "EdDSA: identity");
    let forged = forged.key_set(valid("okp").set_bytes("x", point).set_json());
    forged.claims(claims_of(point))
}

/// No point has y = 2.
fn no_point() -> Case {
    let mut point = [0; 32];
    point[0] = 2;
    let about = "There is no point with the y of the key.";
    case(CANONICAL, "invalid_signature", "okp-no-point", about, "okp")
        .key_set(valid("okp").set_bytes("x", &point).set_json())
}

/// Claims for which the hash, reduced modulo the order of the base point, is a multiple of 8.
fn claims_of(point: &[u8]) -> String {
    let identity = [&[1][..], &[0; 31]].concat();
    let header = encode(r#"{"alg":"EdDSA","kid":"ed25519"}"#);
    let claims = (0_u8..).map(|number| format!(r#""jti":"keys-{number}""#));
    let mut claims = claims.filter(|claims| {
        let payload = encode(format!(r#"{{"exp":1800000900,{claims}}}"#));
        let input = format!("{header}.{payload}");
        let hash = digest::digest(
            &digest::SHA512,
            &[&*identity, point, input.as_bytes()].concat(),
        );
        let hash = BigUint::from_bytes_le(hash.as_ref()) % forge::number(forge::ED25519);
        hash % 8_u8 == BigUint::ZERO
    });
    claims.next().expect("a number")
}
