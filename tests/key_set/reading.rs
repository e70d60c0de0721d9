//! Which keys of a document are ignored and why, and documents that are rejected.

use jwt_ring::{Algorithm, KeySet, SigningKey};
use serde_json::{Value, json};

use crate::support::encode;
use crate::support::keys::{UNKNOWN_ALG, UNKNOWN_CRV, UNKNOWN_KTY, generate};
use crate::{jwk, outcome, rsa, set, token};
use Algorithm::{ES256, EdDSA, HS256, HS384, HS512, RS256};

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
    let use_ = "expected a JWK for verifying signatures, found one with another `use` or \
                `key_ops`";
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
    for (row, (bad, has_id, message)) in rows.iter().enumerate() {
        let index = row % 10;
        let mut keys: Vec<String> = (0..8)
            .map(|_| jwk(&generate(EdDSA), json!({})).to_string())
            .collect();
        keys.insert(4, jwk(&good, kid.clone()).to_string());
        keys.insert(index, bad.clone());
        let keys = KeySet::from_json(format!(r#"{{"keys":[{}]}}"#, keys.join(","))).expect("a set");
        assert_eq!(outcome(&keys, &jwt), "verified", "{message}");
        assert_eq!(keys.len(), 9, "{message}");
        let [ignored] = keys.ignored() else {
            panic!("{:?} for {message}", keys.ignored());
        };
        assert_eq!(
            (ignored.index, &ignored.error.to_string()),
            (index, message)
        );
        assert_eq!(
            ignored.key_id.as_deref(),
            has_id.then_some("bad"),
            "{message}"
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
    assert!(keys.is_empty() && reported.iter().eq(rows.iter().map(|(.., message)| message)));
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
    let message = "expected a secret of 32 bytes or more for HS256, found 31";
    assert_eq!(ignored.error.to_string(), message);
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
        let message = format!("expected a JWK Set, found that it {reason}");
        for read in [KeySet::from_json(json), KeySet::from_secret_json(json)] {
            assert_eq!(read.expect_err(reason).to_string(), message);
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
