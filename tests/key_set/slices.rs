//! Which key of a slice, an array or a vector verifies a token.

use std::sync::Arc;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, Header, KeySet, Keys, SigningKey, Token, Unsigned, Verifier, VerifyError,
    VerifyingKey,
};
use serde_json::json;

use crate::support::clock;
use crate::support::keys::generate;
use crate::{outcome, token, with_id};
use Algorithm::{ES256, Ed25519, EdDSA, HS512};

#[test]
fn a_slice_matches_by_algorithm_and_then_by_kid() {
    let [one, other] = [generate(ES256), generate(ES256)];
    let ed = generate(EdDSA);
    let no_id = |key: &SigningKey| key.verifying_key();
    let rows = [
        (
            "its id",
            vec![with_id(&one, "a"), with_id(&other, "b")],
            Some("a"),
            "verified",
        ),
        (
            "another's id",
            vec![with_id(&one, "b"), with_id(&other, "a")],
            Some("a"),
            "invalid_signature",
        ),
        (
            "no key's id",
            vec![with_id(&one, "a"), with_id(&other, "b")],
            Some("c"),
            "unknown_key",
        ),
        (
            "another case",
            vec![with_id(&one, "a")],
            Some("A"),
            "unknown_key",
        ),
        (
            "a key without an id",
            vec![no_id(&one)],
            Some("a"),
            "verified",
        ),
        (
            "a key without an id, and another's",
            vec![with_id(&other, "b"), no_id(&one)],
            Some("a"),
            "verified",
        ),
        (
            "the id is preferred",
            vec![no_id(&other), with_id(&one, "a")],
            Some("a"),
            "verified",
        ),
        (
            "the id of a key for another algorithm, and one without",
            vec![with_id(&ed, "a"), no_id(&one)],
            Some("a"),
            "verified",
        ),
        (
            "the id of a key for another algorithm only",
            vec![with_id(&ed, "a"), with_id(&one, "b")],
            Some("a"),
            "algorithm_mismatch",
        ),
        (
            "two keys with the id, for two algorithms",
            vec![with_id(&ed, "a"), with_id(&one, "a")],
            Some("a"),
            "verified",
        ),
        (
            "two keys with the id",
            vec![with_id(&one, "a"), with_id(&other, "a")],
            Some("a"),
            "ambiguous_key",
        ),
        (
            "two keys without an id",
            vec![no_id(&one), no_id(&other)],
            Some("a"),
            "ambiguous_key",
        ),
        (
            "one key twice with the id",
            vec![with_id(&one, "a"), with_id(&one, "a")],
            Some("a"),
            "verified",
        ),
        (
            "one key twice without an id",
            vec![no_id(&one), no_id(&one)],
            Some("a"),
            "verified",
        ),
        (
            "no kid, one fits",
            vec![with_id(&ed, "a"), with_id(&one, "b")],
            None,
            "verified",
        ),
        (
            "no kid, two fit",
            vec![with_id(&one, "a"), no_id(&other)],
            None,
            "ambiguous_key",
        ),
        (
            "no kid, one key under two ids",
            vec![with_id(&one, "a"), with_id(&one, "b")],
            None,
            "verified",
        ),
        (
            "no kid, one key twice and another",
            vec![with_id(&one, "a"), with_id(&one, "b"), no_id(&other)],
            None,
            "ambiguous_key",
        ),
        (
            "no kid, none fits",
            vec![with_id(&ed, "a")],
            None,
            "unknown_key",
        ),
        ("no keys", vec![], None, "unknown_key"),
        ("no keys", vec![], Some("a"), "unknown_key"),
    ];
    for (name, keys, kid, expected) in rows {
        let jwt = token(&one, kid);
        assert_eq!(outcome(&keys, &jwt), expected, "{name}");
        let (slice, boxed): (&[_], Box<[_]>) = (&keys, keys.clone().into());
        assert_eq!(outcome(&slice, &jwt), expected, "{name}");
        assert_eq!(outcome(&boxed, &jwt), expected, "{name}");
        assert_eq!(
            outcome(&Arc::<[VerifyingKey]>::from(boxed), &jwt),
            expected,
            "{name}"
        );
        if let [first, second] = &keys[..] {
            assert_eq!(
                outcome(&[first.clone(), second.clone()], &jwt),
                expected,
                "{name}"
            );
        }
    }
    let rejected: Result<Token, _> =
        Verifier::new().verify(&token(&one, Some("a")), &[with_id(&ed, "a")]);
    assert!(matches!(
        rejected,
        Err(VerifyError::AlgorithmMismatch {
            expected: EdDSA,
            found: ES256,
            ..
        })
    ));
}

#[test]
fn both_names_of_ed25519_find_its_key() {
    let key = generate(EdDSA);
    let pkcs8 = key.secret_pkcs8_der().expect("DER");
    let renamed = SigningKey::from_der(Ed25519, pkcs8).expect("a key");
    for keys in [[key.verifying_key()], [renamed.verifying_key()]] {
        let set: KeySet = keys.iter().cloned().collect();
        for signing in [&key, &renamed] {
            assert_eq!(outcome(&keys, &token(signing, None)), "verified");
            assert_eq!(outcome(&set, &token(signing, None)), "verified");
        }
    }
    // Listed under both names, it is still one key.
    let both = [with_id(&key, "a"), with_id(&renamed, "a")];
    let set: KeySet = both.iter().cloned().collect();
    for kid in [Some("a"), None] {
        assert_eq!(outcome(&both, &token(&key, kid)), "verified");
        assert_eq!(outcome(&set, &token(&key, kid)), "verified");
    }
}

/// HMAC-SHA-256 hashes a secret of more than 64 bytes first, HMAC-SHA-512 one of more than 128.
#[test]
fn a_secret_and_its_hash_are_two_keys() {
    let long = [7; 100];
    let hash = ring::digest::digest(&ring::digest::SHA256, &long);
    let key = |secret: &[u8]| {
        let key = SigningKey::from_short_secret(HS512, secret).expect("a key");
        (token(&key, None), key.verifying_key())
    };
    let ((jwt, long), (other_jwt, hash)) = (key(&long), key(hash.as_ref()));
    assert_eq!(outcome(&long, &other_jwt), "invalid_signature");
    assert_eq!(outcome(&[long.clone(), hash], &jwt), "ambiguous_key");
    assert_eq!(outcome(&[long.clone(), long], &jwt), "verified");
}

/// Headers that keys expect are a shortcut, and change no result.
#[test]
fn a_known_header_is_that_of_its_key() {
    let signing: Vec<_> = (0..40)
        .map(|n| generate(ES256).with_id(format!("kid-{n}")))
        .collect();
    let keys: Vec<_> = signing.iter().map(SigningKey::verifying_key).collect();
    let set: KeySet = keys.iter().cloned().collect();
    let small: KeySet = keys.iter().take(16).cloned().collect();
    for (n, key) in signing.iter().enumerate() {
        let claims: Claims = Claims::new(&clock(), Duration::from_secs(1));
        let jwt = Unsigned::new(&Header::new(ES256).with_key_id(format!("kid-{n}")), &claims);
        let jwt = jwt.expect("a token");
        let signature = key.sign(jwt.signing_input()).expect("a signature");
        let jwt = jwt.with_signature(&signature).expect("a token");
        let (segment, _) = jwt.split_once('.').expect("a header");
        assert_eq!(keys.known_header(segment).is_some(), n < 16);
        assert_eq!(keys.as_slice().known_header(segment).is_some(), n < 16);
        assert_eq!(small.known_header(segment).is_some(), n < 16);
        assert!(set.known_header(segment).is_none());
        assert_eq!(outcome(&keys, &jwt), "verified");
        assert_eq!(outcome(&set, &jwt), "verified");
        assert_eq!(
            outcome(&small, &jwt),
            if n < 16 { "verified" } else { "unknown_key" }
        );
    }
    let long: KeySet = [with_id(&signing[0], &"k".repeat(129))]
        .into_iter()
        .collect();
    let fits: KeySet = [with_id(&signing[0], &"k".repeat(128))]
        .into_iter()
        .collect();
    for (set, length, is_known) in [(long, 129, false), (fits, 128, true)] {
        let header = Header::new(ES256).with_key_id("k".repeat(length));
        let unsigned = Unsigned::new(&header, &json!({ "exp": 1 })).expect("a token");
        let text = String::from_utf8(unsigned.signing_input().to_vec()).expect("text");
        let (segment, _) = text.split_once('.').expect("a header");
        assert_eq!(set.known_header(segment).is_some(), is_known);
    }
}
