//! Signatures: their forms and the changes that make them invalid.

use super::super::signed::rows;
use super::twin_of;
use crate::case::{Case, Rule, must};

const VALID: Rule = must(&["RFC 7515 §5.2", "RFC 8725bis §3.3"]);
const HMAC: Rule = must(&["RFC 7518 §3.2", "RFC 8725bis §3.3"]);
const PKCS1: Rule = must(&["RFC 7518 §3.3", "RFC 8017 §8.2.2"]);
const PSS: Rule = must(&["RFC 7518 §3.5", "RFC 8017 §8.1.2"]);
const ECDSA: Rule = must(&["RFC 7518 §3.4", "RFC 8725bis §3.3"]);
const EDDSA: Rule = must(&["RFC 8037 §3.1", "RFC 8032 §5.1.7"]);

pub(super) fn cases() -> impl Iterator<Item = Case> {
    rejected(HMAC, "hs256", "HS256", HMAC_ROWS)
        .chain(rejected(PKCS1, "rsa", "RS256", PKCS1_ROWS))
        .chain(rejected(PSS, "rsa", "PS256", PSS_ROWS))
        .chain(rejected(ECDSA, "es256", "ES256", ES256_ROWS))
        .chain(rejected(ECDSA, "es384", "ES384", ES384_ROWS))
        .chain(rejected(EDDSA, "ed25519", "EdDSA", EDDSA_ROWS))
        .chain(others())
        .chain(other_keys())
}

fn rejected(
    rule: Rule,
    key: &'static str,
    algorithm: &'static str,
    table: &'static str,
) -> impl Iterator<Item = Case> {
    rows(table).map(move |[slug, about, signature]| {
        let case = rule
            .reject("invalid_signature", slug, about)
            .by(key, algorithm);
        case.sign(key, signature).twin(twin_of(algorithm))
    })
}

const HMAC_ROWS: &str = "
hs256-first-bit | The first bit of the HMAC is changed.            | HS256: first bit
hs256-last-bit  | The last bit of the HMAC is changed.             | HS256: last bit
hs256-half      | The HMAC is cut to 16 bytes.                     | HS256: half
hs256-31-bytes  | The last byte of the HMAC is missing.            | HS256: without last byte
hs256-33-bytes  | The HMAC has a zero byte after it.               | HS256: zero after
hs256-zeros     | The HMAC is all zeros.                           | HS256: zeros
hs256-hex       | The signature is the HMAC in hexadecimal digits. | HS256: hex
hs256-twice     | The signature is the HMAC twice.                 | HS256: twice
hs256-hash      | The signature is a hash without a key.           | SHA256: of the input
hs256-by-hs512  | The HMAC is that of HS512.                       | HS512
hs256-by-hs384  | The HMAC is that of HS384.                       | HS384
";

const PKCS1_ROWS: &str = "
rs256-first-bit     | The first bit of the signature is changed.        | RS256: first bit
rs256-last-bit      | The last bit of the signature is changed.         | RS256: last bit
rs256-255-bytes     | The last byte of the signature is missing.        | RS256: without last byte
rs256-257-bytes     | The signature has a zero byte after it.           | RS256: zero after
rs256-zero-before   | The signature has a zero byte before it.          | RS256: zero before
rs256-zeros         | The signature is all zeros.                       | RS256: zeros
rs256-half          | The signature is cut in half.                     | RS256: half
rs256-empty         | The signature is empty.                           | RS256: empty
rs256-by-rs384      | The signature is that of RS384.                   | RS384
rs256-by-rs512      | The signature is that of RS512.                   | RS512
rs256-by-ps256      | The signature is that of PS256.                   | PS256
rs256-block-type-2  | The block is one for encryption.                  | RSA: block type 2
rs256-without-null  | The algorithm in the block has no NULL.           | RSA: without NULL
rs256-hash-alone    | The block has no algorithm of the hash.           | RSA: hash alone
rs256-short-padding | The block has zeros after the hash.               | RSA: short padding
rs256-tail          | The block has other bytes after the hash.         | RSA: short padding, ones
rs256-block         | The signature is the block itself.                | RSA: unsigned block
";

const PSS_ROWS: &str = "
ps256-salt-0       | The salt is empty.                         | RSA: salt of 0 bytes
ps256-salt-20      | The salt has 20 bytes.                     | RSA: salt of 20 bytes
ps256-salt-31      | The salt has 31 bytes.                     | RSA: salt of 31 bytes
ps256-salt-33      | The salt has 33 bytes.                     | RSA: salt of 33 bytes
ps256-salt-longest | The salt has 222 bytes, which is the most. | RSA: longest salt
ps256-mgf1-sha1    | The mask is made with SHA-1.               | RSA: MGF1 with SHA-1
ps256-trailer      | The last byte of the block is another.     | RSA: another trailer
ps256-by-rs256     | The signature is that of RS256.            | RS256
ps256-by-ps384     | The signature is that of PS384.            | PS384
ps256-first-bit    | The first bit of the signature is changed. | PS256: first bit
ps256-empty        | The signature is empty.                    | PS256: empty
";

const ES256_ROWS: &str = "
es256-r-0         | R is 0.                             | ES256: r is 0
es256-s-0         | S is 0.                             | ES256: s is 0
es256-zeros       | R and S are 0.                      | ES256: zeros
es256-both-1      | R and S are 1.                      | ES256: both are 1
es256-r-n         | R is the order of the curve.        | ES256: r is n
es256-s-n         | S is the order of the curve.        | ES256: s is n
es256-both-n      | R and S are the order of the curve. | ES256: both are n
es256-ones        | All bits of R and S are set.        | ES256: all ones
es256-swapped     | S is before R.                      | ES256: swapped
es256-der         | R and S are in DER.                 | ES256: DER
es256-63-bytes    | The last byte of S is missing.      | ES256: without last byte
es256-65-bytes    | There is a zero byte after S.       | ES256: zero after
es256-zero-before | There is a zero byte before R.      | ES256: zero before
es256-half        | There is no S.                      | ES256: half
es256-empty       | The signature is empty.             | ES256: empty
es256-first-bit   | The first bit of R is changed.      | ES256: first bit
es256-last-bit    | The last bit of S is changed.       | ES256: last bit
";

const ES384_ROWS: &str = "
es384-zeros    | R and S are 0.                      | ES384: zeros
es384-both-n   | R and S are the order of the curve. | ES384: both are n
es384-der      | R and S are in DER.                 | ES384: DER
es384-95-bytes | The last byte of S is missing.      | ES384: without last byte
es384-97-bytes | There is a zero byte after S.       | ES384: zero after
es384-last-bit | The last bit of S is changed.       | ES384: last bit
";

const EDDSA_ROWS: &str = "
eddsa-s-plus-order | S is not reduced modulo the order. | EdDSA: s plus the order
eddsa-s-0          | S is 0.                            | EdDSA: s is 0
eddsa-zeros        | R and S are 0.                     | EdDSA: zeros
eddsa-swapped      | S is before R.                     | EdDSA: swapped
eddsa-63-bytes     | The last byte of S is missing.     | EdDSA: without last byte
eddsa-65-bytes     | There is a zero byte after S.      | EdDSA: zero after
eddsa-empty        | The signature is empty.            | EdDSA: empty
eddsa-first-bit    | The first bit of R is changed.     | EdDSA: first bit
eddsa-last-bit     | The last bit of S is changed.      | EdDSA: last bit
";

fn others() -> impl Iterator<Item = Case> {
    [
        ECDSA
            .accept(
                "es256-s-negated",
                "S is the order of the curve minus S, which is valid.",
            )
            .by("es256", "ES256")
            .sign("es256", "ES256: s is negated"),
        PKCS1
            .reject(
                "invalid_signature",
                "rs256-hmac",
                "The signature is an HMAC with the PEM of the key.",
            )
            .by("rsa", "RS256")
            .sign("RSA in PEM", "HS256")
            .twin("rs256"),
        PKCS1
            .accept("rs256-zero-first", "The first byte of the signature is 0.")
            .by("rsa", "RS256")
            .claims(RS256_ZERO_FIRST),
        PKCS1
            .reject(
                "invalid_signature",
                "rs256-zero-removed",
                "The first byte, which is 0, is missing.",
            )
            .by("rsa", "RS256")
            .claims(RS256_ZERO_FIRST)
            .sign("rsa", "RS256: without first zero")
            .twin("rs256-zero-first"),
        PKCS1
            .accept(
                "rs256-small",
                "The signature is less than 2^2048 minus the modulus.",
            )
            .by("rsa", "RS256")
            .claims(RS256_SMALL),
        PKCS1
            .reject(
                "invalid_signature",
                "rs256-plus-modulus",
                "The modulus is added to the signature.",
            )
            .by("rsa", "RS256")
            .claims(RS256_SMALL)
            .sign("rsa", "RSA: plus n")
            .twin("rs256-small"),
        ECDSA
            .accept("es256-zero-first", "The first byte of R is 0.")
            .by("es256", "ES256")
            .claims(ES256_ZERO_FIRST),
        ECDSA
            .reject(
                "invalid_signature",
                "es256-zero-removed",
                "The first byte of R, which is 0, is missing.",
            )
            .by("es256", "ES256")
            .claims(ES256_ZERO_FIRST)
            .sign("es256", "ES256: without first zero")
            .twin("es256-zero-first"),
    ]
    .into_iter()
}

/// Claims with which the signature has the property.
const RS256_ZERO_FIRST: &str = r#""jti":"149""#;
const RS256_SMALL: &str = r#""jti":"8""#;
const ES256_ZERO_FIRST: &str = r#""jti":"94""#;

const OTHER_KEYS: &str = "
another-hs256 | hs256   | HS256 | hs256-other   | The token is signed with another secret.
another-rs256 | rsa     | RS256 | rsa-other     | The token is signed with another RSA key.
another-ps256 | rsa     | PS256 | rsa-other     | The token is signed with another RSA key.
another-es256 | es256   | ES256 | es256-other   | The token is signed with another EC key.
another-eddsa | ed25519 | EdDSA | ed25519-other | The token is signed with another Ed25519 key.
";

/// The signature is that of another key.
fn other_keys() -> impl Iterator<Item = Case> {
    rows(OTHER_KEYS).map(|[slug, key, algorithm, signer, about]| {
        let case = VALID
            .reject("invalid_signature", slug, about)
            .by(key, algorithm);
        case.sign(signer, algorithm).twin(twin_of(algorithm))
    })
}
