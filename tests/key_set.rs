//! Several keys: which of them is a token's, which are left out of a set and why, and what is
//! published of them.

mod support;

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jwt_ring::{
    Algorithm, Header, KeySet, Keys, SigningKey, Token, Verifier, VerifyError, VerifyingKey,
};
use serde_json::{Value, json};
use support::{NOW, clock, encode, forge, key_file};

use Algorithm::{ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, PS512, RS256, RS384};

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

/// The public JWK of a key, with these members put in place of its own; null takes one out.
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

/// `verified`, or the code of the error.
fn verdict(keys: &dyn Keys, token: &str) -> &'static str {
    let verified: Result<Token<Value>, _> = Verifier::new().clock(clock()).verify(token, keys);
    verified.map_or_else(|error| error.code(), |_| "verified")
}

#[test]
fn the_kid_of_a_token_selects_and_without_one_only_one_key_may_fit() {
    let [one, other] = [generate(ES256), generate(ES256)];
    let ed = generate(EdDSA);
    let id = |key, kid: &str| jwk(key, json!({ "kid": kid }));
    let no_id = |key| jwk(key, json!({}));
    let same_id = || vec![id(&one, "a"), id(&ed, "a")];
    let rows = [
        (
            "its key",
            vec![id(&one, "a"), id(&other, "b")],
            Some("a"),
            "verified",
        ),
        (
            "another's",
            vec![id(&one, "b"), id(&other, "a")],
            Some("a"),
            "invalid_signature",
        ),
        (
            "nobody's",
            vec![id(&one, "a"), id(&other, "b")],
            Some("c"),
            "unknown_key",
        ),
        ("other case", vec![id(&one, "a")], Some("A"), "unknown_key"),
        ("an empty one", vec![no_id(&one)], Some(""), "unknown_key"),
        (
            "no key's, one has none",
            vec![no_id(&one), id(&other, "b")],
            Some("a"),
            "unknown_key",
        ),
        (
            "its key, one has none",
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
        ("two keys', one fits", same_id(), Some("a"), "verified"),
        (
            "two keys', both fit",
            vec![id(&one, "a"), id(&other, "a")],
            Some("a"),
            "ambiguous_key",
        ),
        (
            "one key's, twice",
            vec![id(&one, "a"), id(&one, "a")],
            Some("a"),
            "ambiguous_key",
        ),
        (
            "a key's of another kind",
            vec![id(&ed, "a"), id(&one, "b")],
            Some("a"),
            "algorithm_mismatch",
        ),
        ("no set at all", vec![], None, "unknown_key"),
        ("no set at all", vec![], Some("a"), "unknown_key"),
    ];
    for (name, keys, kid, expected) in rows {
        assert_eq!(verdict(&set(keys), &token(&one, kid)), expected, "{name}");
    }
    assert_eq!(verdict(&set(same_id()), &token(&ed, Some("a"))), "verified");
}

#[test]
fn a_token_that_lies_about_the_algorithm_of_its_key_hears_which_it_is() {
    let keys = set([jwk(&generate(ES256), json!({ "kid": "a" }))]);
    let refused = Verifier::new().verify::<Value>(&token(&generate(EdDSA), Some("a")), &keys);
    assert!(matches!(
        refused,
        Err(VerifyError::AlgorithmMismatch {
            expected: ES256,
            found: EdDSA
        })
    ));
}

#[test]
fn an_rsa_key_serves_the_algorithm_it_names_or_all_six() {
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
            assert_eq!(verdict(&any, &token(&key, kid)), "verified", "{name}");
        }
        assert_eq!(verdict(&one, &token(&key, Some("a"))), named, "{name}");
        assert_eq!(verdict(&one, &token(&key, None)), unnamed, "{name}");
    }
    // It serves no other family, whoever signs with the bytes that everybody knows.
    let secret = serde_json::to_string(&any).expect("JSON");
    let forged = support::forge_segments(
        &SigningKey::from_secret(HS256, [b"!", secret.as_bytes()].concat()).expect("a key"),
        &encode(r#"{"alg":"HS256","kid":"a"}"#),
        &encode(json!({ "exp": NOW + 1 }).to_string()),
    );
    assert_eq!(verdict(&any, &forged), "algorithm_mismatch");
}

#[test]
fn keys_that_are_not_for_this_are_left_out_and_told_and_break_no_other() {
    let good = generate(ES256);
    let id = json!({ "kid": "bad" });
    let ec =
        |member: &str, value: Value| jwk(&good, json!({ "kid": "bad", member: value })).to_string();
    let wrong = |reason: &str| format!("expected a JWK, found that it {reason}");
    let unknown =
        |member: &str| format!("expected a JWK whose {member} is known here, found another");
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
        (ec("kty", json!("AKP")), true, unknown("kty")),
        (ec("crv", json!("P-521")), true, unknown("crv")),
        (ec("crv", Value::Null), true, unknown("crv")),
        (ec("alg", json!("ECDH-ES")), true, unknown("alg")),
        (ec("alg", json!("ES384")), true, unknown("alg")),
        (
            jwk(&rsa(RS256), json!({ "alg": "RSA-OAEP", "kid": "bad" })).to_string(),
            true,
            unknown("alg"),
        ),
        (
            jwk(&rsa(RS256), json!({ "alg": "HS256", "kid": "bad" })).to_string(),
            true,
            unknown("alg"),
        ),
        (ec("y", json!(encode([7; 32]))), true, off_curve.into()),
        (
            ec("y", Value::Null),
            true,
            wrong("lacks a number that its type has"),
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
            wrong("has an escape that is half a character"),
        ),
        (
            r#"{"kty":"EC","\udfff":1}"#.into(),
            false,
            wrong("has an escape that is half a character"),
        ),
        (deep, false, wrong("is nested too deeply")),
    ];

    // Each in a set of ten, at every place in turn.
    let (kid, jwt) = (json!({ "kid": "good" }), token(&good, Some("good")));
    for (place, (bad, has_id, sentence)) in rows.iter().enumerate() {
        let place = place % 10;
        let mut keys: Vec<String> = (0..8)
            .map(|_| jwk(&generate(EdDSA), json!({})).to_string())
            .collect();
        keys.insert(4, jwk(&good, kid.clone()).to_string());
        keys.insert(place, bad.clone());
        let keys = KeySet::from_json(format!(r#"{{"keys":[{}]}}"#, keys.join(","))).expect("a set");
        assert_eq!(verdict(&keys, &jwt), "verified", "{sentence}");
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
        assert_eq!(verdict(&keys, &token(&good, Some("bad"))), "unknown_key");
    }
    // All of them at once.
    let all = rows
        .iter()
        .map(|(bad, ..)| bad.as_str())
        .collect::<Vec<_>>()
        .join(",");
    let keys = KeySet::from_json(format!(r#"{{"keys":[{all}]}}"#)).expect("a set");
    let told: Vec<_> = keys
        .ignored()
        .iter()
        .map(|ignored| ignored.error.to_string())
        .collect();
    assert!(keys.is_empty() && told.iter().eq(rows.iter().map(|(.., sentence)| sentence)));
}

#[test]
fn symmetric_keys_are_read_from_a_secret_set_only() {
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
        assert_eq!(verdict(&keys, &token(&key, Some("long"))), expected);
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
fn a_document_that_is_no_set_is_refused_as_a_whole() {
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
fn members_of_a_key_that_nobody_knows_are_passed_over() {
    let key = generate(ES256);
    let more =
        json!({ "x5c": ["MII", 1], "x5u": "https://evil.example", "ext": true, "iat": -1e300 });
    let keys = set([jwk(&key, more)]);
    assert_eq!(
        (verdict(&keys, &token(&key, None)), keys.ignored()),
        ("verified", &[][..])
    );
}

#[test]
fn what_is_published_is_public_and_reads_back_as_the_same_set() {
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
    let names = published.iter().map(|key| {
        let members: Vec<_> = key
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        members.join(" ")
    });
    assert_eq!(
        names.collect::<Vec<_>>(),
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
        assert_eq!(verdict(&read, &token(key, key.id())), "verified", "{key:?}");
    }

    // An RSA key that names no algorithm is published as it came, and a private one without its
    // private half.
    let any = jwk(
        &rsa(RS384),
        json!({ "alg": null, "d": "AQAB", "p": "AQAB", "kid": "any" }),
    );
    let published = serde_json::to_value(set([any])).expect("JSON");
    let expected = jwk(&rsa(RS384), json!({ "alg": null, "kid": "any" }));
    assert_eq!(published, json!({ "keys": [expected] }));
}

#[test]
fn one_key_is_the_key_for_every_kid() {
    let key = generate(ES256).with_id("a");
    for kid in [None, Some("a"), Some("b")] {
        assert_eq!(verdict(&key.verifying_key(), &token(&key, kid)), "verified");
    }
    let other = token(&generate(ES384), Some("a"));
    assert_eq!(verdict(&key.verifying_key(), &other), "algorithm_mismatch");
}

/// Keys that another service holds, which is up or down.
struct Remote(Option<VerifyingKey>);

impl Keys for Remote {
    fn key(&self, _: &Header) -> Result<Cow<'_, VerifyingKey>, VerifyError> {
        let key = self.0.clone().map(Cow::Owned);
        key.ok_or_else(|| VerifyError::KeysUnavailable("the service is down".into()))
    }
}

#[test]
fn keys_are_had_from_whatever_gives_them() {
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
        assert_eq!(verdict(keys, &token(&key, Some("a"))), "verified");
        assert_eq!(
            verdict(keys, &token(&generate(ES256), Some("a"))),
            "invalid_signature"
        );
    }
    // What the caller's keys answer is still held against the token.
    let other = token(&generate(EdDSA), None);
    assert_eq!(verdict(&by_hand, &other), "algorithm_mismatch");

    let refused = Verifier::new().verify::<Value>(&other, &Remote(None));
    let refused = refused.expect_err("no keys");
    assert_eq!(refused.code(), "keys_unavailable");
    let source = refused.source().map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("the service is down"));
}
