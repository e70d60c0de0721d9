//! Any text, verified with a key of each kind: always rejected, and the header is read the same by
//! `Unverified` and the verifier.

#![no_main]

use jwt_ring::{Claims, Unverified, Verifier, VerifyError};
use jwt_ring_fuzz::PUBLIC;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let verifier = Verifier::new().allow_missing_expiration();
    let unverified = Unverified::parse(text).map(|token| token.header().clone());
    for key in &*PUBLIC {
        let error = verifier
            .verify::<Claims<serde_json::Value>>(text, key)
            .expect_err("a token without a valid signature");
        let _ = error.to_string();
        match (&unverified, error) {
            (_, VerifyError::TooLarge { .. }) => assert!(text.len() > 64 * 1024),
            (Ok(header), VerifyError::AlgorithmMismatch { found, .. }) => {
                assert_eq!(found, header.algorithm());
            }
            (Ok(header), error) => {
                let codes = ["invalid_signature", "malformed_signature"];
                assert!(codes.contains(&error.code()), "{error}");
                let is_eddsa = |name: &str| matches!(name, "EdDSA" | "Ed25519");
                let (found, expected) = (header.algorithm(), key.algorithm());
                let both = is_eddsa(found.name()) && is_eddsa(expected.name());
                assert!(found == expected || both);
            }
            (Err(expected), error) => assert_eq!(&error, expected),
        }
    }
});
