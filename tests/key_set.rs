//! Key sets: which key verifies a token, which keys are ignored and why, and what is published.

mod support;

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jwt_ring::{
    Algorithm, Claims, Header, KeyLookupError, KeySet, Keys, SigningKey, Token, Verifier,
    VerifyError, VerifyingKey,
};
use serde_json::{Value, json};
use support::keys::{UNKNOWN_ALG, UNKNOWN_CRV, UNKNOWN_KTY, member_names};
use support::{NOW, clock, encode, forge, key_file};

use Algorithm::{ES256, ES384, Ed25519, EdDSA, HS256, HS384, HS512, PS256, PS512, RS256, RS384};

const RSA: [&str; 6] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

fn generate(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).expect("a key")
}

fn rsa(algorithm: Algorithm) -> SigningKey {
    let pem = String::from_utf8(key_file("rsa2048.pkcs8.pem")).expect("text");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = BASE64_STANDARD.decode(body).expect("base64");
    SigningKey::from_der(algorithm, der).expect("a key")
}

/// Returns the public JWK of a key, with these members replaced; null removes one.
fn jwk(key: &SigningKey, members: Value) -> Value {
    let mut jwk = serde_json::to_value(key.verifying_key()).expect("a public key");
    let all = jwk.as_object_mut().expect("an object");
    all.extend(members.as_object().expect("an object").clone());
    all.retain(|_, value| !value.is_null());
    jwk
}

fn set<J: Into<Value>>(keys: impl IntoIterator<Item = J>) -> KeySet {
    let keys: Vec<Value> = keys.into_iter().map(Into::into).collect();
    KeySet::from_json(json!({ "keys": keys }).to_string()).expect("a set")
}

fn token(key: &SigningKey, kid: Option<&str>) -> String {
    let header = match kid {
        Some(kid) => json!({ "alg": key.algorithm(), "kid": kid }),
        None => json!({ "alg": key.algorithm() }),
    };
    forge(
        key,
        header.to_string(),
        json!({ "exp": NOW + 1 }).to_string(),
    )
}

/// Returns `verified`, or the code of the error.
fn outcome(keys: &dyn Keys, token: &str) -> &'static str {
    let verified: Result<Token<Claims<Value>>, _> =
        Verifier::new().clock(clock()).verify(token, keys);
    verified.map_or_else(|error| error.code(), |_| "verified")
}

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
    for name in RSA {
        let key = rsa(name.parse().expect("an algorithm"));
        let named = if name == "PS256" {
            "verified"
        } else {
            "algorithm_mismatch"
        };
        let unnamed = if name == "PS256" {
            "verified"
        } else {
            "unknown_key"
        };
        for kid in [Some("a"), None] {
            assert_eq!(outcome(&any, &token(&key, kid)), "verified", "{name}");
        }
        assert_eq!(outcome(&one, &token(&key, Some("a"))), named, "{name}");
        assert_eq!(outcome(&one, &token(&key, None)), unnamed, "{name}");
    }
    // It serves no other family: its public bytes are no HMAC secret.
    let secret = serde_json::to_string(&any).expect("JSON");
    let forged = support::forge_segments(
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

#[test]
fn a_key_with_a_member_that_is_null_is_ignored() {
    let good = generate(ES256);
    let wrong = "expected a JWK, found that it has a member of a wrong type";
    for member in ["kty", "kid", "use", "key_ops", "alg", "crv", "x", "y"] {
        let mut bad = jwk(&good, json!({ "kid": "bad" }));
        bad[member] = Value::Null;
        let keys = set([bad, jwk(&good, json!({ "kid": "good" }))]);
        assert_eq!(
            outcome(&keys, &token(&good, Some("good"))),
            "verified",
            "{member}"
        );
        assert_eq!(
            outcome(&keys, &token(&good, Some("bad"))),
            "unknown_key",
            "{member}"
        );
        let [ignored] = keys.ignored() else {
            panic!("{:?} for {member}", keys.ignored());
        };
        assert_eq!(
            (ignored.index, &*ignored.error.to_string()),
            (0, wrong),
            "{member}"
        );
    }
}

#[test]
fn unusable_keys_are_ignored_and_reported() {
    let good = generate(ES256);
    let id = json!({ "kid": "bad" });
    let ec =
        |member: &str, value: Value| jwk(&good, json!({ "kid": "bad", member: value })).to_string();
    let wrong = |reason: &str| format!("expected a JWK, found that it {reason}");
    let use_ = "expected a JWK for verifying signatures, found one whose `use` or `key_ops` says \
                otherwise";
    let symmetric = "expected public keys in the set, found a symmetric one: \
                     if the set is secret, read it with `KeySet::from_secret_json`";
    let off_curve =
        "expected a point on the curve of the EC key, found numbers that do not make one";
    let small = "expected an RSA modulus of 2048 to 8192 bits, found 1024 bits";
    let deep = format!(
        r#"{{"kty":"EC","a":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let rsa_small = json!({ "kty": "RSA", "n": encode([255; 128]), "e": "AQAB" }).to_string();
    // The text of a key, whether its id can be read, and why it is left out.
    let rows = [
        (ec("use", json!("enc")), true, use_.into()),
        (
            ec("key_ops", json!(["sign", "deriveKey"])),
            true,
            use_.into(),
        ),
        (ec("key_ops", json!([])), true, use_.into()),
        (ec("kty", json!("AKP")), true, UNKNOWN_KTY.into()),
        (ec("crv", json!("P-521")), true, UNKNOWN_CRV.into()),
        (ec("crv", Value::Null), true, UNKNOWN_CRV.into()),
        (ec("alg", json!("ECDH-ES")), true, UNKNOWN_ALG.into()),
        (ec("alg", json!("ES384")), true, UNKNOWN_ALG.into()),
        (
            jwk(&rsa(RS256), json!({ "alg": "RSA-OAEP", "kid": "bad" })).to_string(),
            true,
            UNKNOWN_ALG.into(),
        ),
        (
            jwk(&rsa(RS256), json!({ "alg": "HS256", "kid": "bad" })).to_string(),
            true,
            UNKNOWN_ALG.into(),
        ),
        (ec("y", json!(encode([7; 32]))), true, off_curve.into()),
        (
            ec("y", Value::Null),
            true,
            wrong("has no `y`, which its `kty` requires"),
        ),
        (
            ec("x", json!("A===")),
            true,
            wrong("has a number that is not base64url without padding"),
        ),
        (rsa_small, false, small.into()),
        (
            json!({ "kty": "oct", "kid": "bad", "k": encode([7; 32]) }).to_string(),
            true,
            symmetric.into(),
        ),
        (
            json!({ "kty": "oct", "kid": "bad" }).to_string(),
            true,
            symmetric.into(),
        ),
        (id.to_string(), false, wrong("has no `kty`")),
        (
            ec("kty", json!(1)),
            false,
            wrong("has a member of a wrong type"),
        ),
        (
            ec("kid", json!(1)),
            false,
            wrong("has a member of a wrong type"),
        ),
        ("null".into(), false, wrong("is not a JSON object")),
        ("\"EC\"".into(), false, wrong("is not a JSON object")),
        (
            format!("[{}]", jwk(&good, id.clone())),
            false,
            wrong("is not a JSON object"),
        ),
        (
            r#"{"kty":"EC","kid":"bad","kty":"EC"}"#.into(),
            false,
            wrong("has two members of the same name"),
        ),
        (
            r#"{"kty":"EC","kid":"\ud800"}"#.into(),
            false,
            wrong("has an escape for half of a surrogate pair"),
        ),
        (
            r#"{"kty":"EC","\udfff":1}"#.into(),
            false,
            wrong("has an escape for half of a surrogate pair"),
        ),
        (deep, false, wrong("is nested more than 127 levels deep")),
    ];

    // Each in a set of ten, at each index in turn.
    let (kid, jwt) = (json!({ "kid": "good" }), token(&good, Some("good")));
    for (place, (bad, has_id, sentence)) in rows.iter().enumerate() {
        let place = place % 10;
        let mut keys: Vec<String> = (0..8)
            .map(|_| jwk(&generate(EdDSA), json!({})).to_string())
            .collect();
        keys.insert(4, jwk(&good, kid.clone()).to_string());
        keys.insert(place, bad.clone());
        let keys = KeySet::from_json(format!(r#"{{"keys":[{}]}}"#, keys.join(","))).expect("a set");
        assert_eq!(outcome(&keys, &jwt), "verified", "{sentence}");
        assert_eq!(keys.len(), 9, "{sentence}");
        let [ignored] = keys.ignored() else {
            panic!("{:?} for {sentence}", keys.ignored());
        };
        assert_eq!(
            (ignored.index, &ignored.error.to_string()),
            (place, sentence)
        );
        assert_eq!(
            ignored.key_id.as_deref(),
            has_id.then_some("bad"),
            "{sentence}"
        );
        assert_eq!(outcome(&keys, &token(&good, Some("bad"))), "unknown_key");
    }
    // All of them at once.
    let all = rows
        .iter()
        .map(|(bad, ..)| bad.as_str())
        .collect::<Vec<_>>()
        .join(",");
    let keys = KeySet::from_json(format!(r#"{{"keys":[{all}]}}"#)).expect("a set");
    let reported: Vec<_> = keys
        .ignored()
        .iter()
        .map(|ignored| ignored.error.to_string())
        .collect();
    assert!(
        keys.is_empty()
            && reported
                .iter()
                .eq(rows.iter().map(|(.., sentence)| sentence))
    );
}

#[test]
fn symmetric_keys_are_read_from_secret_sets_only() {
    let secret = |length, kid| json!({ "kty": "oct", "kid": kid, "k": encode(vec![7; length]) });
    let json = json!({ "keys": [secret(48, "long"), secret(31, "short")] }).to_string();
    assert!(KeySet::from_json(&json).expect("a set").is_empty());
    let keys = KeySet::from_secret_json(&json).expect("a set");
    // The secret is long enough for two of the three hash functions.
    for (algorithm, length, expected) in [
        (HS256, 48, "verified"),
        (HS384, 48, "verified"),
        (HS512, 64, "algorithm_mismatch"),
    ] {
        let key = SigningKey::from_secret(algorithm, vec![7; length]).expect("a key");
        assert_eq!(outcome(&keys, &token(&key, Some("long"))), expected);
    }
    let [ignored] = keys.ignored() else {
        panic!("{:?}", keys.ignored());
    };
    assert_eq!(
        (ignored.index, ignored.key_id.as_deref()),
        (1, Some("short"))
    );
    let sentence = "expected a secret of 32 bytes or more for HS256, found 31";
    assert_eq!(ignored.error.to_string(), sentence);
    assert_eq!(
        serde_json::to_string(&keys).expect("JSON"),
        r#"{"keys":[]}"#
    );
    assert!(!format!("{keys:?}").contains(&encode([7; 6])));
}

#[test]
fn a_malformed_set_is_rejected() {
    let good = json!({ "keys": [jwk(&generate(ES256), json!({}))] }).to_string();
    let rows: [(&[u8], &str); 14] = [
        (b"", "is not valid JSON"),
        (b"{", "is not valid JSON"),
        (b"<html>", "is not valid JSON"),
        (br#"{"keys":[],}"#, "is not valid JSON"),
        (b"\xef\xbb\xbf{\"keys\":[]}", "is not valid JSON"),
        (br#"{"keys":[]}{"keys":[]}"#, "is not valid JSON"),
        (b"{\"keys\":[],\"a\":\"\xff\"}", "is not valid UTF-8"),
        (b"[]", "is not a JSON object"),
        (b"[[]]", "is not a JSON object"),
        (b"null", "is not a JSON object"),
        (b"{}", "has no `keys`"),
        (br#"{"keys":{}}"#, "has `keys` that are not an array"),
        (br#"{"keys":null}"#, "has `keys` that are not an array"),
        (
            br#"{"keys":[],"keys":[]}"#,
            "has two members of the same name",
        ),
    ];
    for (json, reason) in rows {
        let sentence = format!("expected a JWK Set, found that it {reason}");
        for read in [KeySet::from_json(json), KeySet::from_secret_json(json)] {
            assert_eq!(read.expect_err(reason).to_string(), sentence);
        }
    }
    let more = good.replacen('{', r#"{"issuer":{"a":[null]},"x":1.5e9,"#, 1);
    for text in [good.clone(), format!(" \n{good}\n"), more] {
        assert_eq!(KeySet::from_json(&text).expect("a set").len(), 1, "{text}");
    }
    assert!(
        KeySet::from_json(r#"{"keys":[]}"#)
            .expect("a set")
            .is_empty()
    );
}

#[test]
fn unknown_members_of_a_key_are_ignored() {
    let key = generate(ES256);
    let more =
        json!({ "x5c": ["MII", 1], "x5u": "https://attacker.example", "ext": true, "iat": -1e300 });
    let keys = set([jwk(&key, more)]);
    assert_eq!(
        (outcome(&keys, &token(&key, None)), keys.ignored()),
        ("verified", &[][..])
    );
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

#[test]
fn a_single_key_verifies_any_kid() {
    let key = generate(ES256).with_id("a");
    for kid in [None, Some("a"), Some("b")] {
        assert_eq!(outcome(&key.verifying_key(), &token(&key, kid)), "verified");
    }
    let other = token(&generate(ES384), Some("a"));
    assert_eq!(outcome(&key.verifying_key(), &other), "algorithm_mismatch");
}

/// Keys of a remote service; `None` if it is down.
struct Remote(Option<VerifyingKey>);

impl Keys for Remote {
    fn key(&self, _: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        let key = self.0.clone().map(Cow::Owned);
        key.ok_or_else(|| KeyLookupError::unavailable("the service is down"))
    }
}

#[test]
fn every_implementation_of_keys_verifies() {
    let key = generate(ES256).with_id("a");
    let public = key.verifying_key();
    let many: KeySet = [public.clone()].into_iter().collect();
    let shared: Arc<dyn Keys> = Arc::new(many.clone());
    let boxed: Box<dyn Keys> = Box::new(Arc::clone(&shared));
    let by_hand = Remote(Some(public.clone()));
    let sources: [&dyn Keys; 8] = [
        &public, &many, &&public, &&&many, &shared, &boxed, &&*boxed, &by_hand,
    ];
    for keys in sources {
        assert_eq!(outcome(keys, &token(&key, Some("a"))), "verified");
        assert_eq!(
            outcome(keys, &token(&generate(ES256), Some("a"))),
            "invalid_signature"
        );
    }
    // The algorithm of a key from the caller is compared as well.
    let other = token(&generate(EdDSA), None);
    assert_eq!(outcome(&by_hand, &other), "algorithm_mismatch");

    let result = Verifier::new().verify::<Claims<Value>>(&other, &Remote(None));
    let error = result.expect_err("no keys");
    assert_eq!(error.code(), "keys_unavailable");
    let source = error.source().map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("the service is down"));
}
