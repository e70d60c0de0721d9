//! What a client makes.

use jwt_ring::oauth::dpop::{Prover, Request};
use jwt_ring::{Algorithm, KeyError, SignError, SigningKey, Unverified};
use serde_json::{Value, json};

use crate::support::{self, NOW};
use crate::{URI, client_key, proofs, prover};

fn parts(proof: &str) -> (Value, Value) {
    let [header, payload] = [0, 1].map(|index| {
        let segment = proof.split('.').nth(index).expect("a segment");
        serde_json::from_slice(&support::decode(segment)).expect("JSON")
    });
    (header, payload)
}

#[test]
fn a_proof_has_the_form_of_rfc_9449() {
    let proof = prover()
        .proof("GET", "https://API.example/orders?a#b", None, None)
        .expect("a proof");
    let (header, mut payload) = parts(&proof);
    let jwk = serde_json::to_value(client_key().verifying_key()).expect("a JWK");
    let expected = json!({
        "typ": "dpop+jwt", "alg": "ES256",
        "jwk": { "kty": "EC", "crv": "P-256", "x": jwk["x"], "y": jwk["y"] },
    });
    assert_eq!(header, expected);
    let id = payload["jti"].take();
    assert_eq!(support::decode(id.as_str().expect("a string")).len(), 16);
    let expected = json!({ "jti": null, "htm": "GET", "htu": URI, "iat": NOW });
    assert_eq!(payload, expected);

    let proof = prover()
        .proof("GET", URI, Some("abc"), Some("n-0S6"))
        .expect("a proof");
    let (_, payload) = parts(&proof);
    // SHA-256 of "abc", FIPS 180-4.
    assert_eq!(
        payload["ath"],
        "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
    );
    assert_eq!(payload["nonce"], "n-0S6");
}

#[test]
fn each_proof_is_new_and_is_verified() {
    for algorithm in support::ALGORITHMS {
        if algorithm.name().starts_with("HS") {
            continue;
        }
        let key = support::signing_key(algorithm).with_id("2026-11");
        let thumbprint = key.verifying_key().thumbprint().expect("a thumbprint");
        let prover = Prover::new(key).expect("a prover").clock(support::clock());
        assert_eq!(prover.thumbprint(), thumbprint);
        let [one, other] = [0, 1].map(|_| prover.proof("GET", URI, None, None).expect("a proof"));
        let keys = [&one, &other].map(|proof| {
            let verified = proofs().verify(&Request::new("GET", URI).dpop([proof]));
            let verified = verified.expect("a valid proof");
            assert_eq!(
                verified.clone().without_replay_check().thumbprint,
                thumbprint
            );
            verified.replay_key().to_string()
        });
        assert_ne!(keys[0], keys[1]);
        assert_eq!(Unverified::parse(&one).expect("a proof").key_id(), None);
    }
}

#[test]
fn a_uri_that_no_server_accepts_is_an_error() {
    for uri in [
        "/orders",
        "https://me:secret@api.example/",
        "ftp://api.example/",
    ] {
        let Err(SignError::MalformedPayload { .. }) = prover().proof("GET", uri, None, None) else {
            panic!("expected an error: {uri}");
        };
    }
}

#[test]
fn a_symmetric_key_makes_no_proofs() {
    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    assert_eq!(Prover::new(key).err(), Some(KeyError::NoPublicHalf));
}
