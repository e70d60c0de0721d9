//! Which key of a set verifies a token.

use jwt_ring::{Algorithm, Claims, KeySet, SigningKey, Verifier, VerifyError};
use serde_json::{Value, json};

use crate::support::keys::{RSA, generate};
use crate::support::{NOW, encode, forge_segments};
use crate::{jwk, outcome, rsa, set, token};
use Algorithm::{ES256, Ed25519, EdDSA, HS256, PS256, RS256};

#[test]
fn a_kid_selects_a_key_and_without_one_only_one_key_may_fit() {
    let [one, other] = [generate(ES256), generate(ES256)];
    let ed = generate(EdDSA);
    let id = |key, kid: &str| jwk(key, json!({ "kid": kid }));
    let no_id = |key| jwk(key, json!({}));
    let same_id = || vec![id(&one, "a"), id(&ed, "a")];
    let rows = [
        (
            "the key's own",
            vec![id(&one, "a"), id(&other, "b")],
            Some("a"),
            "verified",
        ),
        (
            "that of another key",
            vec![id(&one, "b"), id(&other, "a")],
            Some("a"),
            "invalid_signature",
        ),
        (
            "unknown",
            vec![id(&one, "a"), id(&other, "b")],
            Some("c"),
            "unknown_key",
        ),
        ("other case", vec![id(&one, "a")], Some("A"), "unknown_key"),
        ("an empty one", vec![no_id(&one)], Some(""), "unknown_key"),
        (
            "unknown, one key has none",
            vec![no_id(&one), id(&other, "b")],
            Some("a"),
            "unknown_key",
        ),
        (
            "the key's own, another key has none",
            vec![no_id(&other), id(&one, "a")],
            Some("a"),
            "verified",
        ),
        (
            "none, one fits",
            vec![id(&ed, "a"), id(&one, "b")],
            None,
            "verified",
        ),
        ("none, one key without", vec![no_id(&one)], None, "verified"),
        (
            "none, two fit",
            vec![id(&one, "a"), no_id(&other)],
            None,
            "ambiguous_key",
        ),
        ("none, none fits", vec![id(&ed, "a")], None, "unknown_key"),
        (
            "that of two keys, one fits",
            same_id(),
            Some("a"),
            "verified",
        ),
        (
            "that of two keys, both fit",
            vec![id(&one, "a"), id(&other, "a")],
            Some("a"),
            "ambiguous_key",
        ),
        (
            "that of one key listed twice",
            vec![id(&one, "a"), id(&one, "a")],
            Some("a"),
            "verified",
        ),
        (
            "that of a key of another kind",
            vec![id(&ed, "a"), id(&one, "b")],
            Some("a"),
            "algorithm_mismatch",
        ),
        ("an empty set", vec![], None, "unknown_key"),
        ("an empty set", vec![], Some("a"), "unknown_key"),
    ];
    for (name, keys, kid, expected) in rows {
        assert_eq!(outcome(&set(keys), &token(&one, kid)), expected, "{name}");
    }
    assert_eq!(outcome(&set(same_id()), &token(&ed, Some("a"))), "verified");
}

#[test]
fn an_algorithm_mismatch_names_both_algorithms() {
    let keys = set([jwk(&generate(ES256), json!({ "kid": "a" }))]);
    let result =
        Verifier::new().verify::<Claims<Value>>(&token(&generate(EdDSA), Some("a")), &keys);
    assert!(matches!(
        result,
        Err(VerifyError::AlgorithmMismatch {
            expected: ES256,
            found: EdDSA,
            ..
        })
    ));
}

#[test]
fn an_rsa_key_serves_the_algorithm_that_it_names_or_all_six() {
    let any = set([jwk(&rsa(RS256), json!({ "alg": null, "kid": "a" }))]);
    let one = set([jwk(&rsa(PS256), json!({ "kid": "a" }))]);
    assert_eq!((any.len(), one.len()), (1, 1));
    for &algorithm in RSA {
        let key = rsa(algorithm);
        let (named, unnamed) = match algorithm {
            PS256 => ("verified", "verified"),
            _ => ("algorithm_mismatch", "unknown_key"),
        };
        for kid in [Some("a"), None] {
            assert_eq!(outcome(&any, &token(&key, kid)), "verified", "{algorithm}");
        }
        assert_eq!(outcome(&one, &token(&key, Some("a"))), named, "{algorithm}");
        assert_eq!(outcome(&one, &token(&key, None)), unnamed, "{algorithm}");
    }
    // It serves no other family: its public bytes are no HMAC secret.
    let secret = serde_json::to_string(&any).expect("JSON");
    let forged = forge_segments(
        &SigningKey::from_secret(HS256, [b"!", secret.as_bytes()].concat()).expect("a key"),
        &encode(r#"{"alg":"HS256","kid":"a"}"#),
        &encode(json!({ "exp": NOW + 1 }).to_string()),
    );
    assert_eq!(outcome(&any, &forged), "algorithm_mismatch");
}

/// RFC 9864: `EdDSA` and `Ed25519` name the same signatures.
#[test]
fn a_key_for_eddsa_or_ed25519_verifies_both_names() {
    let secret = generate(EdDSA).secret_pkcs8_der().expect("DER").to_vec();
    let keys = [EdDSA, Ed25519].map(|algorithm| {
        let key = SigningKey::from_der(algorithm, &secret).expect("a key");
        key.with_id("a")
    });
    for one in &keys {
        let written = jwk(one, json!({}));
        assert_eq!(written["alg"], one.algorithm().name());
        let unnamed = jwk(one, json!({ "alg": null }));
        for other in &keys {
            for kid in [Some("a"), None] {
                let jwt = token(other, kid);
                assert_eq!(outcome(&one.verifying_key(), &jwt), "verified");
                assert_eq!(outcome(&set([written.clone()]), &jwt), "verified");
                assert_eq!(outcome(&set([unnamed.clone()]), &jwt), "verified");
            }
        }
    }
    let both: KeySet = keys.iter().map(SigningKey::verifying_key).collect();
    let other = generate(Ed25519);
    assert_eq!(outcome(&both, &token(&other, Some("b"))), "unknown_key");
    assert_eq!(
        outcome(&set([jwk(&keys[0], json!({}))]), &token(&other, None)),
        "invalid_signature"
    );
}
