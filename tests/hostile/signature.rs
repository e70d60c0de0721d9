//! Invalid signatures.

use std::fmt::Display;

use jwt_ring::{Algorithm, SigningKey};
use ring::rand::SystemRandom;
use ring::signature;

use crate::support::{decode, encode, errors, forge};
use crate::{check, payload, three, verifier};

fn signed_by(key: &SigningKey) -> String {
    forge(
        key,
        format!(r#"{{"alg":"{}"}}"#, key.algorithm()),
        payload(),
    )
}

/// Checks a valid token with other signatures.
#[track_caller]
fn check_signatures<N: Display>(
    key: &SigningKey,
    good: &str,
    bad: impl IntoIterator<Item = (N, Vec<u8>)>,
) {
    let [header, payload, _] = three(good);
    check(
        &verifier(),
        &key.verifying_key(),
        bad.into_iter().map(|(name, signature)| {
            let bad = format!("{header}.{payload}.{}", encode(signature));
            (name, bad, good.to_owned(), errors::invalid_signature())
        }),
    );
}

#[test]
fn a_signature_has_one_length_and_covers_the_signing_input() {
    for algorithm in [
        Algorithm::HS256,
        Algorithm::HS384,
        Algorithm::HS512,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::EdDSA,
    ] {
        let key = SigningKey::generate(algorithm).expect("a key");
        let good = signed_by(&key);
        let other = forge(
            &key,
            format!(r#"{{"alg":"{algorithm}"}}"#),
            r#"{"exp":9e9}"#,
        );
        let raw = decode(three(&good)[2]);
        check_signatures(
            &key,
            &good,
            [
                ("empty", Vec::new()),
                ("one byte", vec![0]),
                ("without its first byte", raw[1..].to_vec()),
                ("without its last byte", raw[..raw.len() - 1].to_vec()),
                ("its first half", raw[..raw.len() / 2].to_vec()),
                ("with a byte after it", [&raw[..], &[0]].concat()),
                ("with a byte before it", [&[0], &raw[..]].concat()),
                ("twice", raw.repeat(2)),
                ("longer than any", vec![1; 40_000]),
                ("zeros", vec![0; raw.len()]),
                ("ones", vec![0xff; raw.len()]),
                ("of another token", decode(three(&other)[2])),
            ],
        );
    }
}

/// CVE-2022-21449 and variants: R or S is zero modulo the order of the curve.
#[test]
fn psychic_signatures_are_rejected() {
    let orders = [
        (
            Algorithm::ES256,
            "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE",
        ),
        (
            Algorithm::ES384,
            "________________________________x2NNgfQ3Ld9YGg2ySLCneuzsGWrMxSlz",
        ),
    ];
    for (algorithm, order) in orders {
        let key = SigningKey::generate(algorithm).expect("a key");
        let good = signed_by(&key);
        let (order, raw) = (decode(order), decode(three(&good)[2]));
        let zero = vec![0; order.len()];
        let (r, s) = raw.split_at(order.len());
        let numbers = [&zero, &order];
        let both = numbers
            .iter()
            .flat_map(|r| numbers.map(|s| [&r[..], s].concat()));
        let one = numbers
            .iter()
            .flat_map(|n| [[n, s].concat(), [r, n].concat()]);
        check_signatures(
            &key,
            &good,
            both.chain(one).map(|bad| (format!("{bad:x?}"), bad)),
        );
    }
}

#[test]
fn an_ecdsa_signature_in_der_is_rejected() {
    for (algorithm, in_der) in [
        (Algorithm::ES256, &signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        (Algorithm::ES384, &signature::ECDSA_P384_SHA384_ASN1_SIGNING),
    ] {
        let key = SigningKey::generate(algorithm).expect("a key");
        let good = signed_by(&key);
        let (message, _) = good.rsplit_once('.').expect("a dot");
        let pkcs8 = key.secret_pkcs8_der().expect("its export");
        let random = SystemRandom::new();
        let pair = signature::EcdsaKeyPair::from_pkcs8(in_der, pkcs8, &random).expect("a key");
        let der = pair.sign(&random, message.as_bytes()).expect("a signature");
        check_signatures(&key, &good, [("DER", der.as_ref().to_vec())]);
    }
}
