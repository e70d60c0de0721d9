//! Tokens that are bound to a key by `cnf`.

use std::fmt::Debug;
use std::sync::Arc;

use jwt_ring::oauth::access_token::{AccessTokenClaims, Verifier};
use jwt_ring::{Claim, NumericDate, Token, VerifyError};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use crate::support::{NOW, clock, errors, forge};
use crate::{API, HEADER, ISSUER, error, key, least, verifier, with, with_clock};

type PlainAndCached<C> = (
    Result<Token<C>, VerifyError>,
    Result<Arc<Token<C>>, VerifyError>,
);

/// Asserts that both are the same, and returns the error.
#[track_caller]
fn same<C: Debug + PartialEq>((plain, cached): PlainAndCached<C>) -> Option<String> {
    match (plain, cached) {
        (Ok(plain), Ok(cached)) => {
            assert_eq!(plain.claims(), cached.claims());
            assert_eq!(plain.header(), cached.header());
            None
        }
        (plain, cached) => {
            let plain = error(plain);
            assert_eq!(plain, error(cached));
            Some(plain)
        }
    }
}

/// Bound and unbound tokens, bearer and bound verification, with and without a proof, plain and
/// cached, before and after the token expired, with the cache cold and warm.
#[test]
fn a_bound_token_requires_its_proof() {
    let keys = key().verifying_key();
    let unbound = forge(&key(), HEADER, least().to_string());
    let cnf = json!({ "jkt": "thumbprint" });
    let bound = forge(&key(), HEADER, with(json!({ "cnf": cnf })).to_string());
    let forged = format!("{bound}A");
    let clock = clock();
    let plain = with_clock(Verifier::new(ISSUER, API), clock.clone());
    let cached = plain.clone().cached::<AccessTokenClaims>(10);
    let mismatch = errors::mismatch(Claim::Confirmation, &[]);
    let missing = errors::missing(Claim::Confirmation);
    for now in [NOW, NOW, NOW + 1, NOW + 1, NOW, NOW] {
        clock.set(NumericDate::from_seconds(now));
        for (token, proof, expected) in [
            (&unbound, None, None),
            (&unbound, Some("thumbprint"), Some(&*missing)),
            (&bound, None, Some("Unexpected(Confirmation)")),
            (&bound, Some("thumbprint"), None),
            (&bound, Some("another"), Some(&*mismatch)),
            (&forged, None, Some("InvalidSignature")),
            (&forged, Some("thumbprint"), Some("InvalidSignature")),
        ] {
            let mut calls = 0;
            let both = match proof {
                None => (plain.verify(token, &keys), cached.verify(token, &keys)),
                Some(proof) => {
                    let mut is_proven = |cnf: &Map<String, Value>| {
                        calls += 1;
                        cnf["jkt"] == proof
                    };
                    (
                        plain.verify_bound(token, &keys, &mut is_proven),
                        cached.verify_bound(token, &keys, &mut is_proven),
                    )
                }
            };
            let expired = errors::expired(NOW + 1, now);
            let expected = match expected {
                Some("InvalidSignature") | None if now == NOW => expected,
                Some("InvalidSignature") => expected,
                _ if now > NOW => Some(&*expired),
                _ => expected,
            };
            assert_eq!(same(both).as_deref(), expected, "{proof:?} at {now}");
            // The closure is called only for a token that passes all other checks.
            let is_called = token == &bound && proof.is_some() && now == NOW;
            assert_eq!(calls, if is_called { 2 } else { 0 });
        }
    }
}

#[test]
fn the_token_is_cached_and_its_proof_is_not() {
    let keys = key().verifying_key();
    let bound = forge(
        &key(),
        HEADER,
        with(json!({ "cnf": { "jkt": "x" } })).to_string(),
    );
    let verifier = verifier().cached::<Value>(10);
    let proven = |is| verifier.verify_bound(&bound, &keys, move |_| is);
    // A token whose proof failed is not in the cache either.
    assert!(proven(false).is_err());
    let first = proven(true).expect("a valid token");
    assert!(proven(false).is_err());
    assert!(verifier.verify(&bound, &keys).is_err());
    assert!(Arc::ptr_eq(&first, &proven(true).expect("a valid token")));
    let printed = format!("{verifier:?}");
    assert!(
        printed.starts_with("CachingVerifier { verifier: Verifier {"),
        "{printed}"
    );
}

#[test]
fn cnf_has_no_duplicate_names() {
    let payload = |cnf: &str| {
        let least = least().to_string();
        format!(
            r#"{},"cnf":{cnf}}}"#,
            least.strip_suffix('}').expect("an object")
        )
    };
    let keys = key().verifying_key();
    let plain = verifier();
    let cached = verifier().cached::<AccessTokenClaims>(10);
    for (cnf, expected) in [
        (r#"{"jkt":"a","x":[{"b":1,"b":2}]}"#, None), // only the members are read
        (
            r#"{"jkt":"a","jkt":"a"}"#,
            Some("has two members of the same name"),
        ),
        (
            r#"{"jkt":"a","\u006akt":"b"}"#,
            Some("has two members of the same name"),
        ),
        (r#"{}"#, None),
    ] {
        let token = forge(&key(), HEADER, payload(cnf));
        for _ in 0..2 {
            let both = (
                plain.verify_bound(&token, &keys, |_| true),
                cached.verify_bound(&token, &keys, |_| true),
            );
            let expected = expected.map(errors::malformed_payload);
            assert_eq!(same(both), expected, "{cnf}");
        }
    }
}

/// `cnf` is returned as serde_json holds it: any number if another crate turns on `arbitrary_precision`.
#[test]
fn a_confirmation_with_a_number_that_serde_json_cannot_hold_is_rejected() {
    let text = |number: &str| {
        let payload = with(json!({ "cnf": { "jkt": "thumbprint", "x": 1 } })).to_string();
        let payload = payload.replace(r#""x":1"#, &format!(r#""x":{number}"#));
        let token = forge(&key(), HEADER, payload);
        let keys = key().verifying_key();
        verifier().verify_bound::<IgnoredAny>(&token, &keys, |_| true)
    };
    text("1e300").expect("a bound token");
    let expected = match serde_json::from_str::<Value>("1e400") {
        Ok(_) => Ok(()),
        Err(_) => Err(VerifyError::WrongType(Claim::Confirmation)),
    };
    assert_eq!(text("1e400").map(drop), expected);
}
