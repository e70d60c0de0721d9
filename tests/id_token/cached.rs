//! Cached ID tokens.

use std::time::Duration;

use jwt_ring::NumericDate;
use jwt_ring::oauth::id_token::{IdTokenClaims, Verifier};
use serde_json::json;

use crate::support::{NOW, clock};
use crate::{CLIENT, ISSUER, OTHER, error, key, sign, with, with_clock};

/// Tokens with and without a nonce, against each nonce of a request, plain and cached, with the cache
/// cold and warm, and while the tokens and the authentication grow old.
#[test]
fn a_cached_token_has_the_result_of_the_plain_verifier() {
    let clock = clock();
    let plain = with_clock(Verifier::new(ISSUER, CLIENT), clock.clone());
    let plain = plain.max_age(Duration::from_secs(10));
    let cached = plain.clone().cached::<IdTokenClaims>(100);
    let keys = key().verifying_key();
    let recent = json!({ "auth_time": NOW - 5 });
    let tokens = [
        json!({}),
        json!({ "nonce": "n-1" }),
        json!({ "aud": OTHER }),
        json!({ "aud": OTHER, "nonce": "n-1" }),
        json!({ "auth_time": null, "nonce": "n-1" }),
        json!({ "nonce": "n-1", "exp": NOW + 3 }),
        json!({ "nonce": "n-1", "nbf": NOW + 1 }),
        json!({ "nonce": "n-1", "events": {} }),
    ]
    .map(|changes| {
        let mut all = recent.clone();
        for (name, value) in changes.as_object().expect("an object") {
            all[name] = value.clone();
        }
        sign(&with(all))
    });
    let mut results = std::collections::BTreeSet::new();
    for seconds in [0, 0, 1, 3, 5, 6, 300, 5, 0, 0] {
        clock.set(NumericDate::from_seconds(NOW + seconds));
        for token in &tokens {
            for nonce in [Some("n-1"), None, Some("n-2"), Some(""), Some("n-1")] {
                let expected = plain.verify::<IdTokenClaims>(token, &keys, nonce);
                let found = cached.verify(token, &keys, nonce);
                match (expected, found) {
                    (Ok(expected), Ok(found)) => {
                        assert_eq!(expected.claims(), found.claims());
                        results.insert("valid".to_owned());
                    }
                    (expected, found) => {
                        let expected = error(expected);
                        assert_eq!(error(found), expected, "{nonce:?} at {seconds}");
                        results.insert(expected.split([' ', '(']).next().unwrap().to_owned());
                    }
                }
            }
        }
    }
    let results: Vec<_> = results.iter().map(String::as_str).collect();
    let all = [
        "Expired",
        "Mismatch",
        "Missing",
        "NotYetValid",
        "TooOld",
        "Unexpected",
        "valid",
    ];
    assert_eq!(results, all);
    // It is cached: the same one in memory.
    clock.set(NumericDate::from_seconds(NOW));
    let verify = || {
        cached
            .verify(&tokens[1], &keys, Some("n-1"))
            .expect("a valid token")
    };
    assert!(std::sync::Arc::ptr_eq(&verify(), &verify()));
}
