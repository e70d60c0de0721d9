//! Any bytes as PEM: a key that loads works, and is the same with other text around the block.

#![no_main]

use jwt_ring::{SigningKey, VerifyingKey};
use jwt_ring_fuzz::{KINDS, check_signing_key, check_verifying_key};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|pem: &[u8]| {
    let framed = [b"Bag Attributes: none\n", pem, b"\n\n"].concat();
    let twice = [pem, b"\n", pem].concat();
    for algorithm in KINDS {
        match VerifyingKey::from_pem(algorithm, pem) {
            Ok(key) => {
                check_verifying_key(&key);
                let same = VerifyingKey::from_pem(algorithm, &framed).expect("the same key");
                assert_eq!(key.thumbprint(), same.thumbprint());
                let error = VerifyingKey::from_pem(algorithm, &twice).expect_err("two blocks");
                assert_eq!(error.code(), "several_pem");
                // A block is a public key or a private one, never both.
                assert!(SigningKey::from_pem(algorithm, pem).is_err());
            }
            Err(error) => drop(error.to_string()),
        }
        match SigningKey::from_pem(algorithm, pem) {
            Ok(key) => check_signing_key(&key),
            Err(error) => drop(error.to_string()),
        }
        assert!(SigningKey::from_secret(algorithm, pem).is_err() || !looks_like_pem(pem));
    }
});

/// Returns whether the bytes are rejected as a secret because they are the text of a key.
fn looks_like_pem(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        let begin = text.find("-----BEGIN ");
        begin.is_some_and(|begin| text[begin..].contains("-----END "))
    })
}
