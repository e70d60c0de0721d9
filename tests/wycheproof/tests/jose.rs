//! Wycheproof's JSON Web Signature, Key and Crypto files: every case has the result that the file
//! states, or is in the table of exceptions with its reason.
//!
//! The payloads are not JSON, so a valid signature shows in the error of the check after it.

use std::collections::BTreeSet;

use jwt_ring::{Algorithm, Claims, KeyError, KeySet, Keys, Verifier, VerifyError, VerifyingKey};
use serde_json::Value;
use wycheproof_ng_kdf_jose::json_web::{TestGroup, TestName, TestSet};

/// The cases in which the library differs from the file: the file, the cases, and the reason.
const EXCEPTIONS: [(TestName, &[usize], &str); 8] = [
    (
        TestName::JsonWebSignature,
        &[346, 350],
        "the token names PS384, and its key is for PS256 (RFC 8725 §3.1)",
    ),
    (
        TestName::JsonWebSignature,
        &[347, 351],
        "ring has no P-521, and RFC 7518 no ES521",
    ),
    (
        TestName::JsonWebSignature,
        &[367, 370],
        "the padding that makes it invalid was lost: the text is that of case 357, which is valid",
    ),
    (
        TestName::JsonWebSignature,
        &[372, 373],
        "a question mark in a segment is not base64url (RFC 7515 §2), as in cases 365 and 371",
    ),
    (
        TestName::JsonWebKey,
        &[4],
        "of two keys with one id, one is not base64url and is ignored, so the other is unambiguous",
    ),
    (
        TestName::JsonWebKey,
        &[7],
        "ring accepts keys with the ROCA weakness, which their issuer must replace",
    ),
    (TestName::JsonWebCrypto, &[46], "the same key as in case 7"),
    (TestName::JsonWebCrypto, &[50, 67], "encryption (JWE)"),
];

#[test]
fn json_web_signature() {
    check(TestName::JsonWebSignature, 401);
}

#[test]
fn json_web_key() {
    check(TestName::JsonWebKey, 26);
}

#[test]
fn json_web_crypto() {
    check(TestName::JsonWebCrypto, 83);
}

fn check(name: TestName, count: usize) {
    let set = TestSet::load(name).expect("the vectors");
    let mut seen = 0;
    let mut otherwise = BTreeSet::new();
    for group in &set.test_groups {
        for test in &group.tests {
            seen += 1;
            let token = test.jws.as_ref().or(test.jwe.as_ref()).expect("a token");
            let token = token
                .as_str()
                .map_or_else(|| token.to_string(), str::to_owned);
            let expected = !test.result.must_fail();
            if is_valid(group, &token) != expected {
                println!("{} {}", test.tc_id, test.comment);
                otherwise.insert(test.tc_id);
            }
        }
    }
    let excepted: BTreeSet<_> = EXCEPTIONS
        .iter()
        .filter(|(file, _, _)| *file == name)
        .flat_map(|(_, cases, _)| cases.iter().copied())
        .collect();
    assert_eq!(otherwise, excepted, "cases that differ, and the exceptions");
    assert_eq!(seen, count, "cases");
}

/// Returns whether the signature is valid under the key of the group.
fn is_valid(group: &TestGroup, token: &str) -> bool {
    let key = group.public_key.as_ref().or(group.private_key.as_ref());
    match keys(key.expect("a key")) {
        Ok(keys) => match Verifier::new().verify::<Claims>(token, &*keys) {
            Ok(_) => true,
            Err(VerifyError::MalformedPayload { reason, .. }) => !reason.contains("base64url"),
            Err(_) => false,
        },
        Err(_) => false,
    }
}

/// Loads a key for the algorithm that it names, or a set, with secrets if all keys are symmetric.
fn keys(json: &Value) -> Result<Box<dyn Keys>, KeyError> {
    let text = json.to_string();
    if let Some(keys) = json["keys"].as_array() {
        let is_secret = keys.iter().all(|key| key["kty"] == "oct");
        let set = match is_secret {
            true => KeySet::from_secret_json(text)?,
            false => KeySet::from_json(text)?,
        };
        return Ok(Box::new(set));
    }
    let algorithm = json["alg"].as_str().unwrap_or_default();
    let algorithm: Algorithm = algorithm
        .parse()
        .map_err(|_| KeyError::UnsupportedAlgorithm)?;
    Ok(Box::new(VerifyingKey::from_jwk(algorithm, &text)?))
}
