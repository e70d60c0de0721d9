//! Errors of keys that name what was found and the remedy.

mod support;

use jwt_ring::{Algorithm, KeyError, KeySet, SigningKey, VerifyingKey};
use serde_json::{Value, json};
use support::encode;
use support::keys::{generate, jwk_of, thumbprint, verifying_key};

use Algorithm::{ES256, EdDSA, HS256, RS256};

fn jwk_error(algorithm: Algorithm, jwk: &Value) -> String {
    let text = jwk.to_string();
    let error = VerifyingKey::from_jwk(algorithm, &text)
        .expect_err("no key")
        .to_string();
    let set = KeySet::from_secret_json(json!({ "keys": [jwk] }).to_string()).expect("a set");
    assert_eq!(set.ignored()[0].error.to_string(), error);
    error
}

fn with(mut jwk: Value, members: &Value) -> Value {
    let all = jwk.as_object_mut().expect("an object");
    all.extend(members.as_object().expect("an object").clone());
    all.retain(|_, value| !value.is_null());
    jwk
}

#[test]
fn an_even_rsa_modulus_is_named() {
    let good = jwk_of(RS256, "rsa2048.spki");
    let mut n = support::decode(good["n"].as_str().expect("text"));
    *n.last_mut().expect("a byte") ^= 1;
    let even = with(good.clone(), &json!({ "n": encode(&n) }));
    let message = "expected an RSA key with an odd modulus, found numbers that do not make one";
    assert_eq!(jwk_error(RS256, &even), message);
    let even = with(good.clone(), &json!({ "e": "AQAA" }));
    assert_eq!(
        jwk_error(RS256, &even),
        "expected an RSA public key with an odd exponent of 2 to 33 bits, found numbers that do \
         not make one"
    );
    VerifyingKey::from_jwk(RS256, &good.to_string()).expect("a key");

    // The modulus of a private key, in PKCS#1.
    let mut pkcs1 = support::keys::der("rsa2048.pkcs1");
    SigningKey::from_der(RS256, &pkcs1).expect("a key");
    let at = pkcs1
        .windows(32)
        .position(|window| *window == n[..32])
        .expect("the modulus");
    pkcs1[at + n.len() - 1] ^= 1;
    let error = SigningKey::from_der(RS256, &pkcs1).expect_err("an even modulus");
    assert_eq!(error.to_string(), message);
}

#[test]
fn a_kty_that_does_not_fit_is_named() {
    let message = "expected a JWK, found that it has a `kty` that does not fit its other members";
    let [ec, ed, rsa] = [
        jwk_of(ES256, "ecp256.spki"),
        jwk_of(EdDSA, "ed25519.spki"),
        jwk_of(RS256, "rsa2048.spki"),
    ];
    let oct = json!({ "kty": "oct", "k": encode([7; 32]) });
    for (algorithm, jwk, kinds) in [
        (ES256, &ec, ["RSA", "OKP", "oct"]),
        (EdDSA, &ed, ["RSA", "EC", "oct"]),
        (RS256, &rsa, ["EC", "OKP", "oct"]),
        (HS256, &oct, ["RSA", "EC", "OKP"]),
    ] {
        VerifyingKey::from_jwk(algorithm, &jwk.to_string()).expect("a key");
        for kty in kinds {
            assert_eq!(
                jwk_error(algorithm, &with(jwk.clone(), &json!({ "kty": kty }))),
                message
            );
        }
    }
}

#[test]
fn a_member_that_is_missing_is_named() {
    let requires = |name: &str| {
        format!("expected a JWK, found that it has no `{name}`, which its `kty` requires")
    };
    for (algorithm, file, members) in [
        (ES256, "ecp256.spki", &["x", "y"][..]),
        (EdDSA, "ed25519.spki", &["x"]),
        (RS256, "rsa2048.spki", &["n", "e"]),
    ] {
        let jwk = jwk_of(algorithm, file);
        for name in members {
            assert_eq!(
                jwk_error(algorithm, &with(jwk.clone(), &json!({ *name: null }))),
                requires(name)
            );
        }
    }
    assert_eq!(jwk_error(HS256, &json!({ "kty": "oct" })), requires("k"));
    let rsa = with(jwk_of(RS256, "rsa2048.spki"), &json!({ "d": "AQAB" })).to_string();
    let error = SigningKey::from_jwk(RS256, &rsa).expect_err("no primes");
    assert_eq!(
        error.to_string(),
        "expected a JWK, found that it has no `p`: an RSA private key requires its primes"
    );
}

#[test]
fn unsupported_types_curves_and_algorithms_have_errors_of_their_own() {
    let ec = jwk_of(ES256, "ecp256.spki");
    for (members, expected) in [
        (json!({ "kty": "AKP" }), KeyError::UnsupportedKeyType),
        (json!({ "crv": "P-521" }), KeyError::UnsupportedCurve),
        (json!({ "crv": null }), KeyError::UnsupportedCurve),
        (json!({ "alg": "ECDH-ES" }), KeyError::UnsupportedAlgorithm),
        (json!({ "alg": "ES384" }), KeyError::UnsupportedAlgorithm),
    ] {
        let set = json!({ "keys": [with(ec.clone(), &members)] }).to_string();
        let set = KeySet::from_json(set).expect("a set");
        assert_eq!(set.ignored()[0].error, expected, "{members}");
    }
}

#[test]
fn a_key_of_another_kind_says_expected_and_found() {
    let pem_of_ec = support::keys::der("ecp384.pkcs8");
    let error = VerifyingKey::from_der(RS256, pem_of_ec).expect_err("another kind");
    assert!(matches!(
        error,
        KeyError::WrongKind {
            expected: "an RSA public key",
            found: "an EC P-384 private key",
            ..
        }
    ));
    assert_eq!(
        error.to_string(),
        "expected an RSA public key, found an EC P-384 private key"
    );
}

#[test]
fn a_number_may_be_written_with_escapes() {
    let escape = |c: char| format!("\\u{:04X}", u32::from(c));
    let escape_all = |number: &str| number.chars().map(escape).collect::<String>();
    let escape_last = |number: &str| {
        let (rest, last) = number.split_at(number.len() - 1);
        rest.to_owned() + &escape_all(last)
    };
    for (algorithm, file, number) in [
        (EdDSA, "ed25519.spki", "x"),
        (ES256, "ecp256.spki", "x"),
        (ES256, "ecp256.spki", "y"),
        (RS256, "rsa2048.spki", "n"),
    ] {
        let jwk = jwk_of(algorithm, file);
        let number = jwk[number].as_str().expect("text");
        for escaped in [escape_all(number), escape_last(number)] {
            let text = jwk.to_string().replace(number, &escaped);
            let key = VerifyingKey::from_jwk(algorithm, &text).expect("a key");
            assert_eq!(
                thumbprint(&key),
                thumbprint(&verifying_key(algorithm, file))
            );
        }
    }
    let jwk = jwk_of(EdDSA, "ed25519.spki");
    let x = jwk["x"].as_str().expect("text");
    let last = escape_last(x);
    for bad in [
        format!("{x}\\u003d"),
        format!("{x}\\n"),
        format!("{x}\\\\"),
        format!("{}\\/", &x[..42]),
        format!("{}\\u0100", &x[..42]),
        format!("{}\\u00e9", &x[..42]),
        format!("{}é", &x[..42]),
        format!("{last}A"),
    ] {
        let text = jwk.to_string().replace(x, &bad);
        let error = VerifyingKey::from_jwk(EdDSA, &text).expect_err("no key");
        assert!(
            ["malformed", "invalid"].contains(&error.code()),
            "{bad}: {error}"
        );
    }
}

#[test]
fn an_export_that_does_not_exist_is_named() {
    let loaded = SigningKey::from_secret(HS256, [7; 32]).expect("a key");
    let message =
        "key cannot be exported: it was loaded, not generated, or has no export in this form";
    for error in [loaded.secret_bytes(), generate(ES256).secret_bytes()] {
        assert_eq!(error.expect_err("no export").to_string(), message);
    }
    generate(HS256).secret_bytes().expect("a secret");
}
