//! Keys as JWKs (RFC 7517): the same keys as in their PEM files, and every error with its message.

mod support;

use jwt_ring::{Algorithm, SigningKey, VerifyingKey};
use serde_json::{Value, json};
use support::keys::For::{Signing, Verifying};
use support::keys::{
    LOADS, assert_pair, der, jwk_of, member_names, outcome, thumbprint, verifying_key,
};
use support::keys::{
    NO_EC_PAIR, NO_ED25519_PAIR, NO_RSA_PAIR, NO_RSA_PUBLIC, OFF_CURVE, SMALL_TO_SIGN,
    SMALL_TO_VERIFY, UNKNOWN_CRV, UNKNOWN_KTY,
};
use support::{decode, encode};

use Algorithm::{ES256, ES384, EdDSA, HS256, PS256, PS512, RS256};

const NO_ED25519_POINT: &str = "expected an Ed25519 public key of 32 bytes, found numbers that do \
                                not make one";

/// Returns the JWK of a private key. The library does not write them, so the numbers come from the
/// DER.
fn private_jwk(algorithm: Algorithm) -> Value {
    let (public, private) = match algorithm {
        ES256 => (
            "ecp256.spki",
            vec![("d", der("ecp256.sec1")[7..39].to_vec())],
        ),
        ES384 => (
            "ecp384.spki",
            vec![("d", der("ecp384.sec1")[8..56].to_vec())],
        ),
        EdDSA => (
            "ed25519.spki",
            vec![("d", der("ed25519.pkcs8")[16..48].to_vec())],
        ),
        _ => {
            let names = ["version", "n", "e", "d", "p", "q", "dp", "dq", "qi"];
            let numbers = integers(&der("rsa2048.pkcs1")[4..]);
            let numbers = names.into_iter().zip(numbers);
            ("rsa2048.spki", numbers.skip(3).collect())
        }
    };
    let mut jwk = jwk_of(algorithm, public);
    for (name, number) in private {
        jwk[name] = encode(number).into();
    }
    jwk
}

/// Reads consecutive INTEGERs.
fn integers(mut der: &[u8]) -> Vec<Vec<u8>> {
    let mut numbers = Vec::new();
    while let [2, rest @ ..] = der {
        let (length, rest) = match rest {
            [0x82, high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]).into(), rest),
            [0x81, length, rest @ ..] | [length, rest @ ..] => (usize::from(*length), rest),
            [] => panic!("a tag without a length"),
        };
        let (number, rest) = rest.split_at(length);
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        numbers.push(number[zeros..].to_vec());
        der = rest;
    }
    numbers
}

/// Returns a JWK with one member replaced; null removes it.
fn with(jwk: &Value, member: &str, value: Value) -> String {
    let mut jwk = jwk.clone();
    match value {
        Value::Null => _ = jwk.as_object_mut().expect("an object").remove(member),
        value => jwk[member] = value,
    }
    jwk.to_string()
}

#[test]
fn a_jwk_is_the_key_of_its_pem_and_is_written_as_it_was_read() {
    for (algorithm, file, members) in [
        (RS256, "rsa2048.spki", "alg e kid kty n use"),
        (PS512, "rsa2048.spki", "alg e kid kty n use"),
        (ES256, "ecp256.spki", "alg crv kid kty use x y"),
        (ES384, "ecp384.spki", "alg crv kid kty use x y"),
        (EdDSA, "ed25519.spki", "alg crv kid kty use x"),
    ] {
        let key = verifying_key(algorithm, file).with_id("kid");
        let jwk = serde_json::to_value(&key).expect("JSON");
        assert_eq!(member_names(&jwk), members);
        assert_eq!(jwk["alg"], algorithm.name());
        assert_eq!(jwk["use"], "sig");
        let read = VerifyingKey::from_jwk(algorithm, &jwk.to_string()).expect("a key");
        assert_eq!(
            (thumbprint(&read), read.id()),
            (thumbprint(&key), Some("kid"))
        );
        assert_eq!(serde_json::to_value(&read).ok(), Some(jwk));

        // The private JWK is the signing key, and of it a `VerifyingKey` keeps the public half only.
        let private = with(&private_jwk(algorithm), "kid", json!("kid"));
        let public = VerifyingKey::from_jwk(algorithm, &private).expect("a key");
        assert_eq!(
            serde_json::to_value(&public).ok(),
            serde_json::to_value(&key).ok()
        );
        let private = SigningKey::from_jwk(algorithm, &private).expect("a key");
        assert_eq!(private.id(), Some("kid"));
        let private = private.with_thumbprint_id().expect("a public half");
        assert_eq!(private.id(), Some(&*thumbprint(&key)));
        assert_pair(private, &key);
    }
    let secret = r#"{"kty":"oct","kid":"kid","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}"#;
    let private = SigningKey::from_jwk(HS256, secret).expect("a key");
    let key = VerifyingKey::from_jwk(HS256, secret).expect("a key");
    let none = "expected a key with a public half, found a symmetric key";
    assert_eq!(key.id(), Some("kid"));
    assert_eq!(
        serde_json::to_string(&key)
            .expect_err("a secret")
            .to_string(),
        none
    );
    assert_eq!(outcome(key.thumbprint()), none);
    assert_pair(private, &key);
    assert_eq!(
        outcome(SigningKey::generate(HS256).and_then(SigningKey::with_thumbprint_id)),
        none
    );
}

#[test]
fn the_use_that_a_jwk_declares_is_respected() {
    const NOT_TO_SIGN: &str =
        "expected a JWK for signing, found one with another `use` or `key_ops`";
    const NOT_TO_VERIFY: &str =
        "expected a JWK for verifying signatures, found one with another `use` or `key_ops`";
    const OTHER: &str = "expected a JWK for EdDSA, found one for another algorithm";
    let jwk = private_jwk(EdDSA);
    for (member, value, to_sign, to_verify) in [
        ("use", json!("sig"), LOADS, LOADS),
        ("use", json!("enc"), NOT_TO_SIGN, NOT_TO_VERIFY),
        ("use", json!("SIG"), NOT_TO_SIGN, NOT_TO_VERIFY),
        ("key_ops", json!(["sign", "verify"]), LOADS, LOADS),
        ("key_ops", json!(["sign", "wrapKey"]), LOADS, NOT_TO_VERIFY),
        ("key_ops", json!(["verify"]), NOT_TO_SIGN, LOADS),
        ("key_ops", json!([]), NOT_TO_SIGN, NOT_TO_VERIFY),
        ("alg", json!("EdDSA"), LOADS, LOADS),
        ("alg", json!("Ed25519"), LOADS, LOADS),
        ("alg", json!("eddsa"), OTHER, OTHER),
        ("alg", json!("ES256"), OTHER, OTHER),
        ("alg", json!("none"), OTHER, OTHER),
        ("x5t", json!({ "is": ["ignored"] }), LOADS, LOADS),
    ] {
        let text = with(&jwk, member, value);
        assert_eq!(Signing(EdDSA).jwk(&text), to_sign, "{text}");
        assert_eq!(Verifying(EdDSA).jwk(&text), to_verify, "{text}");
    }
    // A member that is null is not absent.
    let wrong = "expected a JWK, found that it has a member of a wrong type";
    for member in ["use", "key_ops", "alg", "kid", "kty", "crv", "x", "d"] {
        let mut jwk = jwk.clone();
        jwk[member] = Value::Null;
        assert_eq!(Signing(EdDSA).jwk(&jwk.to_string()), wrong, "{member}");
        assert_eq!(Verifying(EdDSA).jwk(&jwk.to_string()), wrong, "{member}");
    }
    let rsa = with(&private_jwk(RS256), "alg", json!("RS256"));
    assert_eq!(Signing(RS256).jwk(&rsa), LOADS);
    let other = "expected a JWK for PS256, found one for another algorithm";
    assert_eq!(Signing(PS256).jwk(&rsa), other);
    assert_eq!(Verifying(PS256).jwk(&rsa), other);
}

#[test]
fn a_jwk_that_is_not_a_valid_key_is_rejected() {
    let wrong = |reason: &str| format!("expected a JWK, found that it {reason}");
    let kind = |found, expected| format!("expected {expected} key, found {found} key");
    let lacks = |name| wrong(&format!("has no `{name}`, which its `kty` requires"));
    let unknown_kty = || UNKNOWN_KTY.to_owned();
    let unknown_crv = || UNKNOWN_CRV.to_owned();
    let text = || wrong("has a number that is not base64url without padding");
    let length = || wrong("has coordinates of another length than its curve");
    let type_of_member = || wrong("has a member of a wrong type");
    let bytes = |length| json!(encode(vec![7; length]));
    let gone = Value::Null;
    let long_d = json!(encode([&[0], &der("ecp256.sec1")[7..39]].concat()));

    // The use, and the member that is changed in a valid JWK.
    for (load, member, value, message) in [
        (
            Signing(RS256),
            "d",
            gone.clone(),
            kind("an RSA public", "an RSA private"),
        ),
        (
            Signing(RS256),
            "q",
            gone.clone(),
            wrong("has no `q`: an RSA private key requires its primes"),
        ),
        (Signing(RS256), "qi", json!("AQ"), NO_RSA_PAIR.into()),
        (
            Signing(RS256),
            "n",
            json!(encode(vec![0xc7; 256])),
            NO_RSA_PAIR.into(),
        ),
        (
            Signing(RS256),
            "n",
            bytes(255),
            SMALL_TO_SIGN.replace("1024", "2035"),
        ),
        (Verifying(RS256), "n", gone.clone(), lacks("n")),
        (
            Verifying(RS256),
            "n",
            json!(""),
            SMALL_TO_VERIFY.replace("1024", "0"),
        ),
        (Verifying(RS256), "e", gone.clone(), lacks("e")),
        (Verifying(RS256), "e", json!(65537), type_of_member()),
        (Verifying(RS256), "e", json!("AQ"), NO_RSA_PUBLIC.into()),
        (
            Verifying(RS256),
            "e",
            json!("AQABAQAB"),
            NO_RSA_PUBLIC.into(),
        ),
        (Verifying(RS256), "e", json!("AQAB="), text()),
        (Verifying(RS256), "e", json!("AQAB\n"), text()),
        (Verifying(RS256), "e", json!("A+A/"), text()),
        (Verifying(RS256), "e", json!("Bx"), text()),
        (
            Signing(ES256),
            "d",
            gone.clone(),
            kind("an EC P-256 public", "an EC P-256 private"),
        ),
        (Signing(ES256), "d", bytes(32), NO_EC_PAIR.into()),
        (Signing(ES256), "d", bytes(31), NO_EC_PAIR.into()),
        (Signing(ES256), "d", long_d, NO_EC_PAIR.into()),
        (Signing(ES256), "y", bytes(32), NO_EC_PAIR.into()),
        (Verifying(ES256), "y", bytes(32), OFF_CURVE.into()),
        (Verifying(ES256), "y", bytes(31), length()),
        (Verifying(ES256), "x", bytes(33), length()),
        (Verifying(ES256), "y", gone.clone(), lacks("y")),
        (Verifying(ES256), "crv", json!("P-384"), length()),
        (Verifying(ES256), "crv", json!("P-521"), unknown_crv()),
        (Verifying(ES256), "crv", json!("secp256k1"), unknown_crv()),
        (Verifying(ES256), "crv", gone.clone(), unknown_crv()),
        (Verifying(ES384), "crv", json!("P-256"), length()),
        (
            Signing(EdDSA),
            "d",
            gone.clone(),
            kind("an Ed25519 public", "an Ed25519 private"),
        ),
        (Signing(EdDSA), "d", bytes(32), NO_ED25519_PAIR.into()),
        (Signing(EdDSA), "x", bytes(32), NO_ED25519_PAIR.into()),
        (Verifying(EdDSA), "x", bytes(31), NO_ED25519_POINT.into()),
        (Verifying(EdDSA), "x", gone.clone(), lacks("x")),
        (Verifying(EdDSA), "crv", json!("X25519"), unknown_crv()),
        (Verifying(EdDSA), "kty", json!("AKP"), unknown_kty()),
        (Verifying(EdDSA), "kty", json!("okp"), unknown_kty()),
        (Verifying(EdDSA), "kty", gone.clone(), wrong("has no `kty`")),
        (Verifying(EdDSA), "kty", json!(["OKP"]), type_of_member()),
        (Verifying(EdDSA), "kid", json!(1), type_of_member()),
        (
            Verifying(EdDSA),
            "key_ops",
            json!("verify"),
            type_of_member(),
        ),
    ] {
        let algorithm = match load {
            Signing(algorithm) | Verifying(algorithm) => algorithm,
        };
        let good = private_jwk(algorithm);
        assert_eq!(load.jwk(&good.to_string()), LOADS);
        assert_eq!(
            load.jwk(&with(&good, member, value.clone())),
            message,
            "{member}: {value}"
        );
    }

    let (ec, oct) = (
        private_jwk(ES384).to_string(),
        r#"{"kty":"oct","k":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}"#,
    );
    assert_eq!(
        Verifying(ES256).jwk(&ec),
        kind("an EC P-384 public", "an EC P-256 public")
    );
    assert_eq!(
        Signing(RS256).jwk(&ec),
        kind("an EC P-384 private", "an RSA private")
    );
    assert_eq!(Signing(HS256).jwk(oct), LOADS);
    assert_eq!(
        Signing(ES256).jwk(oct),
        kind("a symmetric", "an EC P-256 private")
    );
    assert_eq!(
        Verifying(HS256).jwk(&ec),
        kind("an EC P-384 public", "a symmetric")
    );
    assert_eq!(Verifying(HS256).jwk(r#"{"kty":"oct"}"#), lacks("k"));
}

#[test]
fn the_json_of_a_jwk_is_one_unambiguous_object() {
    let good = jwk_of(EdDSA, "ed25519.spki").to_string();
    let object = |more: &str| good.replacen('{', &format!("{{{more},"), 1);
    let deep = |depth: usize| object(&format!("\"a\":{}{}", "[".repeat(depth), "]".repeat(depth)));
    for (text, reason) in [
        (String::new(), "is not valid JSON"),
        (format!("{good}{good}"), "is not valid JSON"),
        (format!("\u{feff}{good}"), "is not valid JSON"),
        (good.replace('}', ",}"), "is not valid JSON"),
        (format!("[{good}]"), "is not a JSON object"),
        (r#"["OKP"]"#.into(), "is not a JSON object"),
        (r#""OKP""#.into(), "is not a JSON object"),
        (object(r#""kty":"OKP""#), "has two members of the same name"),
        (
            object(r#""\u006bty":"OKP""#),
            "has two members of the same name",
        ),
        (object(r#""a":1,"a":1"#), "has two members of the same name"),
        (
            object(r#""kid":"\ud800""#),
            "has an escape for half of a surrogate pair",
        ),
        (
            object(r#""a":["\udfff"]"#),
            "has an escape for half of a surrogate pair",
        ),
        (deep(127), "is nested more than 127 levels deep"),
        (deep(100_000), "is nested more than 127 levels deep"),
    ] {
        assert_eq!(
            Verifying(EdDSA).jwk(&text),
            format!("expected a JWK, found that it {reason}")
        );
    }
    for text in [
        good.clone(),
        format!("\n {good} "),
        object(r#""kid":"\ud83d\ude00""#),
        deep(126),
    ] {
        assert_eq!(Verifying(EdDSA).jwk(&text), LOADS, "{text}");
    }
}

/// RFC 7518 §2 forbids them, but some issuers write them, and the number is the same.
#[test]
fn leading_zeros_of_an_rsa_number_are_ignored() {
    let jwk = private_jwk(RS256);
    let n = decode(jwk["n"].as_str().expect("text"));
    let padded = with(&jwk, "n", json!(encode([&[0, 0], &n[..]].concat())));
    let padded: Value = padded.parse().expect("JSON");
    let padded = with(&padded, "e", json!("AAEAAQ"));
    let key = VerifyingKey::from_jwk(RS256, &padded).expect("a key");
    assert_eq!(
        thumbprint(&key),
        thumbprint(&verifying_key(RS256, "rsa2048.spki"))
    );
    assert_pair(SigningKey::from_jwk(RS256, &padded).expect("a key"), &key);
}
