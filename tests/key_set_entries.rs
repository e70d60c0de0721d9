//! What a key set holds: its entries, duplicates, and what it publishes.

mod support;

use jwt_ring::{Algorithm, Claims, KeySet, Keys, SigningKey, Token, Verifier, VerifyingKey};
use serde_json::{Value, json};
use support::keys::{generate, signing_key};
use support::{NOW, clock, forge};

use Algorithm::{ES256, EdDSA, HS256, HS384, HS512, PS512, RS256};

fn token(key: &SigningKey, kid: Option<&str>) -> String {
    let mut header = json!({ "alg": key.algorithm() });
    if let Some(kid) = kid {
        header["kid"] = json!(kid);
    }
    forge(
        key,
        header.to_string(),
        json!({ "exp": NOW + 1 }).to_string(),
    )
}

/// `verified`, or the code of the error.
fn outcome(keys: &dyn Keys, token: &str) -> &'static str {
    let verified: Result<Token<Claims<Value>>, _> =
        Verifier::new().clock(clock()).verify(token, keys);
    verified.map_or_else(|error| error.code(), |_| "verified")
}

fn with_id(key: &SigningKey, id: &str) -> VerifyingKey {
    key.verifying_key().with_id(id)
}

fn set(keys: impl IntoIterator<Item = Value>) -> KeySet {
    let keys: Vec<Value> = keys.into_iter().collect();
    KeySet::from_secret_json(json!({ "keys": keys }).to_string()).expect("a set")
}

fn jwk(key: &SigningKey, members: Value) -> Value {
    let mut jwk = serde_json::to_value(key.verifying_key()).expect("a public key");
    let all = jwk.as_object_mut().expect("an object");
    all.extend(members.as_object().expect("an object").clone());
    all.retain(|_, value| !value.is_null());
    jwk
}

#[test]
fn a_key_that_a_set_lists_twice_is_one() {
    let [one, other] = [generate(ES256), generate(ES256)];
    let id = |key, id: &str| jwk(key, json!({ "kid": id }));
    let rsa = signing_key(RS256, "rsa2048.pkcs8");
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
    ];
    for (keys, count) in rows {
        assert_eq!(set(keys.clone()).len(), count, "{keys:?}");
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
    let order = set([
        id(&other, "b"),
        id(&one, "a"),
        id(&other, "b"),
        id(&one, "c"),
    ]);
    let ids: Vec<_> = order.iter().filter_map(|entry| entry.key_id()).collect();
    assert_eq!(ids, ["b", "a", "c"]);

    // With another id or another `alg` it is another entry, and for a token still one key.
    let twice = set([id(&one, "a"), id(&one, "b")]);
    assert_eq!(outcome(&twice, &token(&one, None)), "verified");
    let named = set([
        rsa_of(json!({ "kid": "r" })),
        rsa_of(json!({ "kid": "r", "alg": null })),
    ]);
    for kid in [Some("r"), None] {
        assert_eq!(outcome(&named, &token(&rsa, kid)), "verified");
    }
    let two = set([id(&one, "a"), id(&other, "a")]);
    assert_eq!(outcome(&two, &token(&one, Some("a"))), "ambiguous_key");
}

#[test]
fn the_entries_of_a_set_are_its_keys() {
    let (ec, rsa) = (generate(ES256), signing_key(RS256, "rsa2048.pkcs8"));
    let secret = support::encode([7; 48]);
    let keys = set([
        jwk(&ec, json!({ "kid": "ec" })),
        jwk(&rsa, json!({ "alg": null, "kid": "any" })),
        jwk(&rsa, json!({ "alg": "PS512" })),
        json!({ "kty": "oct", "k": secret, "kid": "oct" }),
    ]);
    let rsa_algorithms: Vec<Algorithm> = support::keys::RSA.to_vec();
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
        for algorithm in support::ALGORITHMS {
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
        let signing = signing_key(algorithm, "rsa2048.pkcs8");
        let key = any.verifying_key(algorithm).expect("a key");
        support::keys::assert_pair(signing, &key);
    }
    let oct = keys.iter().nth(3).expect("an entry");
    for algorithm in [HS256, HS384] {
        let signing = SigningKey::from_secret(algorithm, [7; 48]).expect("a key");
        let key = oct.verifying_key(algorithm).expect("a key");
        assert_eq!(outcome(&keys, &token(&signing, Some("oct"))), "verified");
        support::keys::assert_pair(signing, &key);
        let other = SigningKey::from_secret(algorithm, [8; 48]).expect("a key");
        assert_eq!(outcome(&key, &token(&other, None)), "invalid_signature");
    }
    let long = SigningKey::from_secret(HS512, [7; 64]).expect("a key");
    assert_eq!(
        outcome(&keys, &token(&long, Some("oct"))),
        "algorithm_mismatch"
    );
    // Nothing secret is printed.
    let printed = format!("{keys:?} {:?}", keys.iter().collect::<Vec<_>>());
    assert!(
        !printed.contains(&secret[..8]) && !printed.contains("7, 7"),
        "{printed}"
    );
}

#[test]
fn a_set_is_published_as_it_was_read() {
    let rsa = signing_key(RS256, "rsa2048.pkcs8");
    let ed = generate(EdDSA);
    let keys = vec![
        jwk(&rsa, json!({ "alg": null, "kid": "any" })),
        jwk(&rsa, json!({ "alg": "PS512", "kid": "one" })),
        jwk(&ed, json!({ "alg": "Ed25519" })),
        jwk(&ed, json!({})),
    ];
    let published = serde_json::to_value(set(keys.clone())).expect("JSON");
    assert_eq!(published, json!({ "keys": keys }));
    assert_eq!(published["keys"][0].get("alg"), None);
}

/// The same secret for another algorithm is another key.
#[test]
fn a_set_keeps_one_secret_for_two_algorithms() {
    let key = |algorithm| SigningKey::from_secret(algorithm, [7; 64]).expect("a key");
    let keys = [HS256, HS512].map(|algorithm| with_id(&key(algorithm), "a"));
    let collected: KeySet = keys.iter().cloned().collect();
    let secret = support::encode([7; 64]);
    let read = set([HS256, HS512].map(
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
