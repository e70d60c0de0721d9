//! HS256, whose floor is lowest.

use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, FixedClock, KeySet, NumericDate, SystemClock, Token, Verifier, VerifyingKey,
};
use jwt_ring_benches::{Job, compare, job};
use ring::hmac;
use serde::Deserialize;

use crate::claims::{
    Access, BorrowedAccess, BorrowedWhole, BorrowedWholeProfile, Profile, Whole, WholeProfile,
    large, usual,
};
use crate::{KEY_ID, SECRET, pair, split, verifier};

/// Verifies a usual token.
pub(crate) fn verify() {
    let (signer, public) = pair(Algorithm::HS256);
    let token = signer.sign(&usual(&SystemClock)).expect("a token");
    let (message, signature) = split(&token);
    let verifier = verifier();
    let caching = verifier.clone().cached::<Claims<Access>>(1_000);
    let forged = forge(&token);
    let past = FixedClock::at(NumericDate::from_seconds(1_700_000_000));
    let expired = signer.sign(&usual(&past)).expect("a token");
    let set = key_set();
    let (mut buffer, mut whole_buffer) = (Vec::new(), Vec::new());
    compare(
        &format!("HS256 verify, {} bytes", token.len()),
        vec![
            floor(message, &signature),
            job("into `Claims<App>`", || {
                let token: Token<Claims<Access>> = verifier.verify(&token, &public).expect("valid");
                token
            }),
            job("into a struct with all claims", || {
                verifier.verify::<Whole>(&token, &public).expect("valid")
            }),
            job("into such a struct, borrowed", || {
                let verified = verifier.verify_borrowed::<BorrowedWhole<'_>>(
                    &token,
                    &public,
                    &mut whole_buffer,
                );
                std::hint::black_box(&verified).is_ok()
            }),
            job("into `Claims<App>`, `App` borrowed", || {
                let token = verifier
                    .verify_borrowed::<Claims<BorrowedAccess<'_>>>(&token, &public, &mut buffer)
                    .expect("valid");
                let custom = &token.claims().custom;
                custom.client_id.len() + custom.scope.len()
            }),
            job("reject an expired token", || {
                verifier
                    .verify::<Claims<Access>>(&expired, &public)
                    .expect_err("expired")
            }),
            job("reject an invalid signature", || {
                verifier
                    .verify::<Claims<Access>>(&forged, &public)
                    .expect_err("forged")
            }),
            job("by `kid` among 10 keys", || {
                let token: Token<Claims<Access>> = verifier.verify(&token, &set).expect("valid");
                token
            }),
            job("cached", || caching.verify(&token, &public).expect("valid")),
        ],
    );
}

/// Verifies a large token.
pub(crate) fn verify_large() {
    let (signer, public) = pair(Algorithm::HS256);
    let token = signer.sign(&large(&SystemClock)).expect("a token");
    let (message, signature) = split(&token);
    let verifier = verifier();
    let mut buffer = Vec::new();
    compare(
        &format!("HS256 verify, {} bytes", token.len()),
        vec![
            floor(message, &signature),
            job("into `Claims<App>`", || {
                let token: Token<Claims<Profile>> =
                    verifier.verify(&token, &public).expect("valid");
                token
            }),
            job("into a struct with all claims", || {
                verifier
                    .verify::<WholeProfile>(&token, &public)
                    .expect("valid")
            }),
            job("into such a struct, borrowed", || {
                let verified = verifier.verify_borrowed::<BorrowedWholeProfile<'_>>(
                    &token,
                    &public,
                    &mut buffer,
                );
                std::hint::black_box(&verified).is_ok()
            }),
        ],
    );
}

fn floor<'a>(message: &'a [u8], signature: &'a [u8]) -> Job<'a> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    job("ring", move || {
        hmac::verify(&key, message, signature).expect("valid");
    })
}

/// Changes the last character but one of the signature.
fn forge(token: &str) -> String {
    let at = token.len() - 2;
    let other = if token.as_bytes()[at] == b'A' {
        "B"
    } else {
        "A"
    };
    let mut forged = token.to_owned();
    forged.replace_range(at..=at, other);
    forged
}

/// Ten keys, of which the eighth has the secret and the `kid` of the token.
fn key_set() -> KeySet {
    let key = |n| {
        let key = VerifyingKey::from_secret(Algorithm::HS256, [n; 32]).expect("a key");
        if n == 7 {
            key.with_id(KEY_ID)
        } else {
            key.with_id(format!("2025-11-key-{n:02}"))
        }
    };
    (0..10).map(key).collect()
}

/// Signs a usual token.
pub(crate) fn sign() {
    let (signer, _) = pair(Algorithm::HS256);
    let claims = usual(&SystemClock);
    let token = signer.sign(&claims).expect("a token");
    let (message, _) = split(&token);
    let floor = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    let mut text = String::new();
    compare(
        "HS256 sign",
        vec![
            job("ring", || hmac::sign(&floor, message)),
            job("into a new string", || {
                signer.sign(&claims).expect("a token")
            }),
            job("into the caller's string", || {
                text.clear();
                signer.sign_into(&claims, &mut text).expect("a token");
            }),
        ],
    );
}

/// Custom claims of any length.
#[derive(Deserialize)]
struct Long<'a> {
    #[serde(default)]
    text: &'a str,
    #[serde(borrow, default)]
    groups: Vec<&'a str>,
}

/// Measures how the cost grows with the length of the token.
pub(crate) fn lengths() {
    let (signer, public) = pair(Algorithm::HS256);
    let verifier = Verifier::new();
    for (what, payload) in [
        (
            "one long string",
            |length| serde_json::json!({ "text": "x".repeat(length) }),
        ),
        ("groups of 12 bytes", |length: usize| {
            let groups: Vec<String> = (0..length / 15).map(|n| format!("group-{n:06}")).collect();
            serde_json::json!({ "groups": groups })
        }),
    ] as [(&str, fn(usize) -> serde_json::Value); 2]
    {
        for length in [16, 192, 750, 3_000, 12_000, 44_000] {
            let claims =
                Claims::new(&SystemClock, Duration::from_secs(900)).custom(payload(length));
            let token = signer.sign(&claims).expect("a token");
            let (message, signature) = split(&token);
            let mut buffer = Vec::new();
            compare(
                &format!("HS256 verify, {what}: {} bytes", token.len()),
                vec![
                    floor(message, &signature),
                    job("registered claims alone", || {
                        verifier.verify::<Claims>(&token, &public).expect("valid")
                    }),
                    job("into a borrowed struct, caller's buffer", || {
                        let token = verifier.verify_borrowed::<Claims<Long<'_>>>(
                            &token,
                            &public,
                            &mut buffer,
                        );
                        let custom = &token.as_ref().expect("valid").claims().custom;
                        custom.text.len() + custom.groups.len()
                    }),
                ],
            );
        }
    }
}
