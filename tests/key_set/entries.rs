//! What a key set holds: its entries, duplicates, and what it publishes.

use jwt_ring::{Algorithm, KeySet, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use crate::support::keys::{RSA, assert_pair, generate, member_names};
use crate::support::{ALGORITHMS, encode};
use crate::{jwk, outcome, rsa, set, token, with_id};
use Algorithm::{ES256, ES384, EdDSA, HS256, HS384, HS512, PS512, RS256, RS384};

fn secret_set(keys: impl IntoIterator<Item = Value>) -> KeySet {
    let keys: Vec<Value> = keys.into_iter().collect();
    KeySet::from_secret_json(json!({ "keys": keys }).to_string()).expect("a set")
}

#[test]
fn a_key_that_a_set_lists_twice_is_one() {
    let [one, other] = [generate(ES256), generate(ES256)];
    let id = |key, id: &str| jwk(key, json!({ "kid": id }));
    let rsa = rsa(RS256);
    let rsa_of = |members| jwk(&rsa, members);
    let rows = [
        (vec![id(&one, "a"), id(&one, "a"), id(&one, "a")], 1),
        // The same content in other words.
        (
            vec![
                id(&one, "a"),
                jwk(&one, json!({ "kid": "a", "alg": null, "x5t": "x" })),
            ],
            1,
        ),
        (vec![id(&one, "a"), id(&one, "b")], 2),
        (vec![id(&one, "a"), jwk(&one, json!({}))], 2),
        (vec![id(&one, "a"), id(&other, "a")], 2),
        (
            vec![
                rsa_of(json!({ "alg": "RS256" })),
                rsa_of(json!({ "alg": null })),
            ],
            2,
        ),
        (
            vec![
                rsa_of(json!({ "alg": null })),
                rsa_of(json!({ "alg": null })),
            ],
            1,
        ),
        (
            vec![
                id(&other, "b"),
                id(&one, "a"),
                id(&other, "b"),
                id(&one, "c"),
            ],
            3,
        ),
        // The groups of ids are in another order than the keys.
        (
            vec![
                id(&other, "b"),
                id(&one, "a"),
                id(&other, "b"),
                id(&one, "a"),
            ],
            2,
        ),
    ];
    for (keys, count) in rows {
        assert_eq!(secret_set(keys.clone()).len(), count, "{keys:?}");
        // Added one by one, and after others.
        let mut grown = KeySet::default();
        for key in &keys {
            let key = key.to_string();
            let algorithm = if key.contains("RSA") { RS256 } else { ES256 };
            grown.extend([VerifyingKey::from_jwk(algorithm, &key).expect("a key")]);
        }
        if !keys[0].to_string().contains("RSA") {
            assert_eq!(grown.len(), count, "{keys:?}");
        }
    }
    let order = secret_set([
        id(&other, "b"),
        id(&one, "a"),
        id(&other, "b"),
        id(&one, "c"),
    ]);
    let ids: Vec<_> = order.iter().filter_map(|entry| entry.key_id()).collect();
    assert_eq!(ids, ["b", "a", "c"]);

    // With another id or another `alg` it is another entry, and for a token still one key.
    let twice = secret_set([id(&one, "a"), id(&one, "b")]);
    assert_eq!(outcome(&twice, &token(&one, None)), "verified");
    let named = secret_set([
        rsa_of(json!({ "kid": "r" })),
        rsa_of(json!({ "kid": "r", "alg": null })),
    ]);
    for kid in [Some("r"), None] {
        assert_eq!(outcome(&named, &token(&rsa, kid)), "verified");
    }
    let two = secret_set([id(&one, "a"), id(&other, "a")]);
    assert_eq!(outcome(&two, &token(&one, Some("a"))), "ambiguous_key");
}

#[test]
fn the_entries_of_a_set_are_its_keys() {
    let (ec, rsa) = (generate(ES256), rsa(RS256));
    let secret = encode([7; 48]);
    let keys = secret_set([
        jwk(&ec, json!({ "kid": "ec" })),
        jwk(&rsa, json!({ "alg": null, "kid": "any" })),
        jwk(&rsa, json!({ "alg": "PS512" })),
        json!({ "kty": "oct", "k": secret, "kid": "oct" }),
    ]);
    let rsa_algorithms: Vec<Algorithm> = RSA.to_vec();
    let entries: Vec<_> = keys
        .iter()
        .map(|entry| (entry.key_id(), entry.algorithms().to_vec()))
        .collect();
    assert_eq!(
        entries,
        [
            (Some("ec"), vec![ES256]),
            (Some("any"), rsa_algorithms.clone()),
            (None, vec![PS512]),
            (Some("oct"), vec![HS256, HS384]),
        ]
    );
    assert_eq!(keys.iter().len(), 4);
    for entry in keys.iter() {
        for algorithm in ALGORITHMS {
            let key = entry.verifying_key(algorithm);
            assert_eq!(key.is_some(), entry.algorithms().contains(&algorithm));
            if let Some(key) = key {
                assert_eq!((key.algorithm(), key.id()), (algorithm, entry.key_id()));
            }
        }
    }
    // The secret is not published.
    let published = serde_json::to_value(&keys).expect("JSON");
    assert_eq!(published["keys"].as_array().expect("an array").len(), 3);
    // A key is returned for the name that it was made for.
    let ed_set: KeySet = [generate(EdDSA).verifying_key()].into_iter().collect();
    let ed = ed_set.iter().next().expect("an entry");
    assert!(ed.verifying_key(EdDSA).is_some() && ed.verifying_key(Algorithm::Ed25519).is_none());
    // A key of an entry verifies on its own.
    let any = keys.iter().nth(1).expect("an entry");
    for algorithm in rsa_algorithms {
        let signing = crate::rsa(algorithm);
        let key = any.verifying_key(algorithm).expect("a key");
        assert_pair(signing, &key);
    }
    let oct = keys.iter().nth(3).expect("an entry");
    for algorithm in [HS256, HS384] {
        let signing = SigningKey::from_secret(algorithm, [7; 48]).expect("a key");
        let key = oct.verifying_key(algorithm).expect("a key");
        assert_eq!(outcome(&keys, &token(&signing, Some("oct"))), "verified");
        assert_pair(signing, &key);
        let other = SigningKey::from_secret(algorithm, [8; 48]).expect("a key");
        assert_eq!(outcome(&key, &token(&other, None)), "invalid_signature");
    }
    let long = SigningKey::from_secret(HS512, [7; 64]).expect("a key");
    assert_eq!(
        outcome(&keys, &token(&long, Some("oct"))),
        "algorithm_mismatch"
    );
    // Nothing secret is printed.
    let entries = format!("{:?}", keys.iter().collect::<Vec<_>>());
    assert!(entries.contains(r#"key_id: Some("oct")"#), "{entries}");
    let printed = format!("{keys:?} {entries}");
    assert!(printed.starts_with(&format!("KeySet {{ keys: {entries}")));
    assert!(
        !printed.contains(&secret[..8]) && !printed.contains("7, 7"),
        "{printed}"
    );
}

#[test]
fn a_set_is_published_as_it_was_read() {
    let rsa = rsa(RS256);
    let ed = generate(EdDSA);
    let keys = vec![
        jwk(&rsa, json!({ "alg": null, "kid": "any" })),
        jwk(&rsa, json!({ "alg": "PS512", "kid": "one" })),
        jwk(&ed, json!({ "alg": "Ed25519" })),
        jwk(&ed, json!({})),
    ];
    let published = serde_json::to_value(secret_set(keys.clone())).expect("JSON");
    assert_eq!(published, json!({ "keys": keys }));
    assert_eq!(published["keys"][0].get("alg"), None);
}

/// The same secret for another algorithm is another key.
#[test]
fn a_set_keeps_one_secret_for_two_algorithms() {
    let key = |algorithm| SigningKey::from_secret(algorithm, [7; 64]).expect("a key");
    let keys = [HS256, HS512].map(|algorithm| with_id(&key(algorithm), "a"));
    let collected: KeySet = keys.iter().cloned().collect();
    let secret = encode([7; 64]);
    let read = secret_set([HS256, HS512].map(
        |algorithm| json!({ "kty": "oct", "k": secret, "kid": "a", "alg": algorithm.name() }),
    ));
    for set in [collected, read] {
        assert_eq!(set.len(), 2);
        for algorithm in [HS256, HS512] {
            assert_eq!(
                outcome(&set, &token(&key(algorithm), Some("a"))),
                "verified"
            );
        }
        assert_eq!(
            outcome(&set, &token(&key(HS384), Some("a"))),
            "algorithm_mismatch"
        );
    }
}

/// Two secrets of one id are two keys, in both forms in which they are kept, and one that is kept in
/// both forms is one.
#[test]
fn secrets_are_told_apart_by_their_content() {
    let jwk = |byte: u8, algorithm: Option<&str>| json!({ "kty": "oct", "k": encode([byte; 32]), "kid": "a", "alg": algorithm });
    let plain = |byte| jwk(byte, Some("HS256"));
    let shared = |byte| {
        let mut jwk = jwk(byte, None);
        jwk.as_object_mut().expect("an object").remove("alg");
        jwk
    };
    let signer = SigningKey::from_secret(HS256, [1; 32]).expect("a key");
    let other = |n: usize| json!({ "kty": "oct", "k": encode(n.to_be_bytes().repeat(4)), "alg": "HS256", "kid": n.to_string() });
    let many = |last: [Value; 2]| (0..120).map(other).chain(last).collect::<Vec<_>>();
    for (keys, expected) in [
        (vec![shared(1), shared(2)], "ambiguous_key"),
        (vec![plain(1), plain(2)], "ambiguous_key"),
        (many([plain(1), plain(2)]), "ambiguous_key"),
        (vec![shared(1), shared(1)], "verified"),
        (many([plain(1), plain(1)]), "verified"),
        // A prepared key and one that is not.
        (vec![plain(1), shared(1)], "verified"),
    ] {
        let set = secret_set(keys);
        assert_eq!(outcome(&set, &token(&signer, Some("a"))), expected);
    }
}

#[test]
fn a_published_set_is_public_and_reads_back_the_same() {
    let signers = [
        generate(ES256).with_id("a"),
        generate(ES384),
        generate(EdDSA).with_id("\"c\"\n"),
        rsa(PS512).with_id("d"),
    ];
    let mut keys: KeySet = signers.iter().map(SigningKey::verifying_key).collect();
    keys.extend([generate(HS256).with_id("secret").verifying_key()]);
    assert_eq!(
        (keys.len(), keys.is_empty(), keys.ignored().len()),
        (5, false, 0)
    );

    let json = serde_json::to_value(&keys).expect("JSON");
    let published = json["keys"].as_array().expect("an array");
    let names: Vec<_> = published.iter().map(member_names).collect();
    assert_eq!(
        names,
        [
            "alg crv kid kty use x y",
            "alg crv kty use x y",
            "alg crv kid kty use x",
            "alg e kid kty n use",
        ]
    );
    let read = KeySet::from_json(json.to_string()).expect("a set");
    assert_eq!(serde_json::to_value(&read).ok(), Some(json));
    for key in &signers {
        assert_eq!(outcome(&read, &token(key, key.id())), "verified", "{key:?}");
    }

    // An RSA key without `alg` is published without `alg`, and a private key without its private half.
    let any = jwk(
        &rsa(RS384),
        json!({ "alg": null, "d": "AQAB", "p": "AQAB", "kid": "any" }),
    );
    let published = serde_json::to_value(set([any])).expect("JSON");
    let expected = jwk(&rsa(RS384), json!({ "alg": null, "kid": "any" }));
    assert_eq!(published, json!({ "keys": [expected] }));
}
