//! Any text, against a verifier with a key of each kind: nobody guesses a signature, and what the
//! header says is the same whether it is believed or not.

#![no_main]

use jwt_ring::{Unverified, Verifier, VerifyError};
use jwt_ring_fuzz::PUBLIC;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let verifier = Verifier::new().allow_missing_expiry();
    let unverified = Unverified::parse(text).map(|token| token.header().clone());
    for key in &*PUBLIC {
        let error = verifier
            .verify::<serde_json::Value>(text, key)
            .expect_err("a token that nobody signed");
        let _ = error.to_string();
        match (&unverified, error) {
            (_, VerifyError::TooLarge { .. }) => assert!(text.len() > 64 * 1024),
            (Ok(header), VerifyError::AlgorithmMismatch { found, .. }) => {
                assert_eq!(found, header.algorithm());
            }
            (Ok(header), error) => {
                assert_eq!(error.code(), "invalid_signature");
                assert_eq!(header.algorithm(), key.algorithm());
            }
            (Err(expected), error) => assert_eq!(error.to_string(), expected.to_string()),
        }
    }
});
