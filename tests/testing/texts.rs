//! Invalid tokens whose members are those of a valid one, and proofs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::testing::{Issuer, Profile, TestToken};
use jwt_ring::{Algorithm, SigningKey};
use serde_json::{Value, json};

use crate::{NOW, issuer};

/// All tokens have one ID, and the signatures of HMAC are the same for the same token.
fn issuer_with(algorithm: Algorithm) -> Issuer {
    let secret = vec![7; 64];
    let key = SigningKey::from_secret(algorithm, secret).expect("a key");
    issuer().claim("jti", "1").key(key)
}

fn named(issuer: &Issuer, profile: Profile, name: &str) -> TestToken {
    let mut tokens = issuer.invalid_tokens(profile);
    let found = tokens.find(|invalid| invalid.name == name);
    found.expect("an invalid token").token
}

fn signature(token: &TestToken) -> Vec<u8> {
    let (_, signature) = token.as_str().rsplit_once('.').expect("a signature");
    URL_SAFE_NO_PAD.decode(signature).expect("base64url")
}

#[test]
fn a_signature_is_changed_by_a_bit_or_cut_in_half() {
    let issuer = issuer_with(Algorithm::HS256);
    let valid = signature(&issuer.token(Profile::Plain));
    let of = |name| signature(&named(&issuer, Profile::Plain, name));
    let mut changed = valid.clone();
    changed[0] ^= 1;
    assert_eq!(of("signature changed"), changed);
    assert_eq!(of("signature shortened"), valid[..16]);
    assert_eq!(of("signature of zeros"), [0; 32]);
}

/// Where base64 has none, there are four characters.
#[test]
fn padding_is_that_of_base64() {
    for (algorithm, padding) in [
        (Algorithm::HS256, "="),
        (Algorithm::HS384, "===="),
        (Algorithm::HS512, "=="),
    ] {
        let issuer = issuer_with(algorithm);
        let valid = issuer.token(Profile::Plain);
        let padded = named(&issuer, Profile::Plain, "padding in the signature");
        let expected = format!("{}{padding}", valid.as_str());
        assert_eq!(padded.as_str(), expected, "{algorithm:?}");
    }
    for (name, index) in [("padding in the header", 0), ("padding in the payload", 1)] {
        let padded = named(&issuer(), Profile::Plain, name);
        let segment = padded.as_str().split('.').nth(index).expect("a segment");
        let characters = segment.trim_end_matches('=').len();
        let padding = segment.len() - characters;
        assert!(matches!(padding, 1 | 2), "{name}: {segment}");
        assert!(segment.len().is_multiple_of(4), "{name}: {segment}");
    }
}

#[test]
fn proofs_are_for_another_method_and_another_time() {
    for (method, other) in [("GET", "POST"), ("POST", "GET"), ("PUT", "POST")] {
        let issuer = issuer().request(method, "https://api.example/orders");
        let claim = |name: &str, claim: &str| {
            let token = named(&issuer, Profile::Dpop, name);
            let payload = token.proofs()[0].split('.').nth(1).expect("a payload");
            let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
            let claims: Value = serde_json::from_slice(&payload).expect("JSON");
            claims[claim].clone()
        };
        assert_eq!(claim("proof of another method", "htm"), json!(other));
        assert_eq!(claim("proof without `iat`", "htm"), json!(method));
        assert_eq!(claim("proof of an hour ago", "iat"), json!(NOW - 3_600));
        assert_eq!(claim("proof of the next hour", "iat"), json!(NOW + 3_600));
    }
}
