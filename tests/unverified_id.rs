//! `Unverified::id`: a token has one identifier, however its signature is written.

#[path = "support/mod.rs"]
mod support;

use std::time::Duration;

use jwt_ring::{Algorithm, Claims, Signer, SigningKey, Unverified, Verifier};
use support::{ALGORITHMS, clock, decode, encode, signing_key};

/// The orders of the groups of P-256 and P-384 (FIPS 186-4 §D.1.2).
const N256: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const N384: &str = "ffffffffffffffffffffffffffffffffffffffffffffffff\
                    c7634d81f4372ddf581a0db248b0a77aecec196accc52973";

fn id(token: &str) -> [u8; 32] {
    Unverified::parse(token).expect("a header").id()
}

/// Returns the difference of two numbers of the same length.
fn subtract(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let digits = one.iter().zip(other).rev().map(|(one, other)| {
        let digit = i16::from(*one) - i16::from(*other) - borrow;
        borrow = i16::from(digit < 0);
        u8::try_from(digit.rem_euclid(256)).expect("a byte")
    });
    let mut digits: Vec<u8> = digits.collect();
    digits.reverse();
    digits
}

fn hex(text: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
    (0..text.len()).step_by(2).map(digits).collect()
}

#[test]
fn both_forms_of_an_ecdsa_signature_have_one_id() {
    for (algorithm, order) in [(Algorithm::ES256, N256), (Algorithm::ES384, N384)] {
        let key = SigningKey::generate(algorithm).expect("a key");
        let keys = key.verifying_key();
        let claims: Claims = Claims::new(&clock(), Duration::from_secs(60));
        let token = Signer::new(key).sign(&claims).expect("a token");
        let (signing_input, signature) = token.rsplit_once('.').expect("a signature");
        let signature = decode(signature);
        let (r, s) = signature.split_at(signature.len() / 2);
        let other = [r, &subtract(&hex(order), s)].concat();
        let other = format!("{signing_input}.{}", encode(other));

        assert_ne!(token, other);
        let verifier = Verifier::new().clock(clock());
        for token in [&token, &other] {
            let verified = verifier.verify::<Claims>(token, &keys);
            assert_eq!(verified.expect("a valid token").claims(), &claims);
        }
        assert_eq!(id(&token), id(&other));
    }
}

#[test]
fn the_id_is_the_hash_of_the_signing_input() {
    let claims = |id: &str| -> Claims { Claims::new(&clock(), Duration::from_secs(60)).jwt_id(id) };
    let mut ids = std::collections::HashSet::new();
    for algorithm in ALGORITHMS {
        let signer = Signer::new(signing_key(algorithm));
        for jwt_id in ["1", "2"] {
            let token = signer.sign(&claims(jwt_id)).expect("a token");
            let (signing_input, _) = token.rsplit_once('.').expect("a signature");
            let hash = ring::digest::digest(&ring::digest::SHA256, signing_input.as_bytes());
            assert_eq!(id(&token), hash.as_ref());
            assert!(ids.insert(id(&token)), "another token has another id");
            // The signature is not hashed, and need not be valid.
            assert_eq!(id(&format!("{signing_input}.")), id(&token));
        }
    }
}
