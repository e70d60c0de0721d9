//! Any token, and any payload with a signature or without: `select` reads the issuer that serde_json
//! reads, and `verify` accepts nothing but a token that the issuer signed.

#![no_main]

use std::sync::LazyLock;

use jwt_ring::{Claims, Issuers, SigningKey, Verifier, VerifyError, VerifyingKey};
use jwt_ring_fuzz::{KEYS, encode, forge_with};
use libfuzzer_sys::{arbitrary, fuzz_target};
use serde_json::Value;

const A: &str = "a";
const B: &str = "b";

#[derive(arbitrary::Arbitrary, Debug)]
struct Input<'a> {
    token: &'a str,
    payload: &'a [u8],
    signature: &'a [u8],
}

/// Issuer A has the key for ES256, and issuer B that for Ed25519.
static SIGNERS: LazyLock<[(&str, &SigningKey); 2]> =
    LazyLock::new(|| [(A, &KEYS[2]), (B, &KEYS[4])]);

static ISSUERS: LazyLock<Issuers<VerifyingKey>> = LazyLock::new(|| {
    SIGNERS
        .iter()
        .fold(Issuers::new(), |issuers, (issuer, key)| {
            let verifier = Verifier::new().allow_missing_expiration().any_audience();
            issuers.trust(*issuer, verifier, key.verifying_key())
        })
});

fuzz_target!(|input: Input<'_>| {
    check_unsigned(input.token);
    // The payload as it is, and as the rest of one that begins with an issuer.
    let with_issuer = [br#"{"iss":"a""#, input.payload].concat();
    for payload in [input.payload, &with_issuer] {
        let header = encode(r#"{"alg":"EdDSA"}"#);
        let segment = encode(payload);
        check_unsigned(&format!("{header}.{segment}.{}", encode(input.signature)));
        for (signer, key) in &*SIGNERS {
            let header = format!(r#"{{"alg":"{}"}}"#, key.algorithm());
            let token = forge_with(key, header, payload);
            check_issuer(&token, payload);
            if let Ok(verified) = ISSUERS.verify::<Claims>(&token) {
                assert_eq!(verified.claims().issuer.as_deref(), Some(*signer));
            }
        }
    }
});

/// No such token is valid, and what `select` rejects, `verify` rejects alike.
fn check_unsigned(token: &str) {
    let error = ISSUERS
        .verify::<Claims>(token)
        .expect_err("a token without a valid signature");
    if let Err(selected) = ISSUERS.select(token) {
        assert_eq!(selected, error);
    }
}

/// What `select` reads is what serde_json reads, unless it is more than serde_json holds: a number out of
/// the range of `f64`.
fn check_issuer(token: &str, payload: &[u8]) {
    let Ok(read) = serde_json::from_slice::<Value>(payload) else {
        return;
    };
    let issuer = read.get("iss");
    match ISSUERS.select(token).map(|(_, keys)| keys.algorithm()) {
        Ok(algorithm) => {
            let of_keys = SIGNERS.iter().find(|(_, key)| key.algorithm() == algorithm);
            let (name, _) = of_keys.expect("keys of one issuer");
            assert_eq!(issuer.and_then(Value::as_str), Some(*name));
        }
        Err(VerifyError::UnknownIssuer) => {
            let name = issuer.and_then(Value::as_str).expect("a string");
            assert!(![A, B].contains(&name));
        }
        Err(VerifyError::Missing(_)) => assert_eq!(issuer, None),
        Err(VerifyError::WrongType(_)) => {
            assert!(issuer.is_some_and(|issuer| !issuer.is_string()));
        }
        // serde_json accepts duplicate names, and any value at the top.
        Err(error) => assert!(["malformed_payload", "too_large"].contains(&error.code())),
    }
}
