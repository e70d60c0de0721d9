//! Any JSON as a JWK: a key that loads works, serves the algorithms of one kind only, and is published
//! without its private members.

#![no_main]

use jwt_ring::{SigningKey, VerifyingKey};
use jwt_ring_fuzz::{ALGORITHMS, check_signing_key, check_verifying_key};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|jwk: &str| {
    let mut kinds = Vec::new();
    for algorithm in ALGORITHMS {
        let public = VerifyingKey::from_jwk(algorithm, jwk);
        let private = SigningKey::from_jwk(algorithm, jwk);
        if let Ok(key) = &public {
            check_verifying_key(key);
            kinds.push(kind(algorithm.name()));
            check_published(key, jwk);
        }
        if let Ok(key) = &private {
            check_signing_key(key);
        }
        if let (Ok(public), Ok(private)) = (public, private) {
            let same = private.verifying_key();
            assert_eq!(public.thumbprint(), same.thumbprint());
            assert_eq!(public.id(), same.id());
        }
    }
    kinds.dedup();
    assert!(kinds.len() <= 1, "a key of one kind: {kinds:?}");
});

/// Returns the kind of key that an algorithm requires.
fn kind(algorithm: &str) -> &str {
    match algorithm {
        "PS256" | "PS384" | "PS512" => "RS",
        "ES256" | "ES384" => algorithm,
        _ => &algorithm[..2],
    }
}

/// Checks that only public members are published, with their values.
fn check_published(key: &VerifyingKey, jwk: &str) {
    let Ok(Value::Object(written)) = serde_json::to_value(key) else {
        return;
    };
    let read: Value = serde_json::from_str(jwk).expect("a valid JWK");
    for (name, value) in written {
        match name.as_str() {
            "kty" | "crv" | "x" | "y" | "kid" => assert_eq!(value, read[&name], "{name}"),
            // Leading zeros are dropped, and `alg` is that of the key.
            "n" | "e" | "alg" => {}
            "use" => assert_eq!(value, "sig"),
            _ => panic!("an unexpected member {name}"),
        }
    }
}
