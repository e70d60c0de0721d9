//! ID tokens and the request, the access token and the earlier ID token that they belong to.

use std::time::Duration;

use jwt_ring::oauth::id_token::{IdTokenClaims, access_token_hash};
use jwt_ring::{Algorithm, Claim, FixedClock, NumericDate};
use serde_json::{Value, json};

use crate::support::{self, NOW, errors};
use crate::{
    CLIENT, ISSUER, OTHER, error, key, mismatch, missing, payload, sign, verifier, verify, with,
    with_clock, with_leeway,
};

#[test]
fn the_nonce_must_be_that_of_the_request() {
    let verifier = verifier();
    let without = payload();
    let with = with(json!({ "nonce": "n-1" }));
    assert!(verify(&verifier, &with, Some("n-1")).is_ok());
    assert!(verify(&verifier, &without, None).is_ok());
    assert_eq!(
        error(verify(&verifier, &with, Some("n-2"))),
        mismatch(Claim::Nonce)
    );
    assert_eq!(
        error(verify(&verifier, &with, Some(""))),
        mismatch(Claim::Nonce)
    );
    // The token is for another request.
    assert_eq!(error(verify(&verifier, &with, None)), "Unexpected(Nonce)");
    assert_eq!(
        error(verify(&verifier, &without, Some("n-1"))),
        missing(Claim::Nonce)
    );
}

#[test]
fn max_age_limits_the_time_since_auth_time() {
    let verifier = verifier().max_age(Duration::from_secs(60));
    let at = |seconds: i64| with(json!({ "auth_time": NOW - seconds }));
    assert!(verify(&verifier, &at(60), None).is_ok());
    let too_old = |seconds: i64| {
        let [at, now] = [NOW - seconds, NOW].map(NumericDate::from_seconds);
        format!("TooOld {{ claim: AuthTime, at: {at:?}, now: {now:?} }}")
    };
    assert_eq!(error(verify(&verifier, &at(61), None)), too_old(61));
    assert_eq!(
        error(verify(&verifier, &payload(), None)),
        missing(Claim::AuthTime)
    );
    let lenient = with_leeway(verifier.clone(), 5);
    assert!(verify(&lenient, &at(65), None).is_ok());
    assert_eq!(error(verify(&lenient, &at(66), None)), too_old(66));
    // Without `max_age`, `auth_time` is not checked.
    assert!(verify(&self::verifier(), &at(1_000_000), None).is_ok());
}

/// The example of OpenID Connect Core, appendix A.3 and A.4, and the other hash functions.
#[test]
fn at_hash_is_the_first_half_of_the_hash_of_the_access_token() {
    let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    let hash = "77QmUPtjPfzWtF2AnpK9RQ";
    assert_eq!(access_token_hash(Algorithm::RS256, access_token), hash);
    for (algorithm, length) in [
        (Algorithm::ES256, 16),
        (Algorithm::PS384, 24),
        (Algorithm::ES384, 24),
        (Algorithm::HS512, 32),
        (Algorithm::EdDSA, 32),
    ] {
        let hash = access_token_hash(algorithm, access_token);
        assert_eq!(support::decode(&hash).len(), length, "{algorithm}");
    }
    let verifier = verifier();
    let token = verify(&verifier, &with(json!({ "at_hash": hash })), None).expect("a valid token");
    assert!(verifier.check_access_token(&token, access_token).is_ok());
    let other = verifier.check_access_token(&token, "another");
    assert_eq!(error(other), mismatch(Claim::AccessTokenHash));
    let token = verify(&verifier, &payload(), None).expect("a valid token");
    let without = verifier.check_access_token(&token, access_token);
    assert_eq!(error(without), missing(Claim::AccessTokenHash));
}

#[test]
fn a_refreshed_token_must_match_the_first_one() {
    // The first token is as old as `max_age` allows; a refreshed one may be older.
    let clock = FixedClock::at(NumericDate::from_seconds(NOW));
    let verifier = verifier()
        .trust_audience(OTHER)
        .max_age(Duration::from_secs(9));
    let verifier = with_clock(verifier, clock.clone());
    let both = json!([CLIENT, OTHER]);
    let first = json!({ "nonce": "n-1", "auth_time": NOW - 9, "aud": both, "azp": CLIENT });
    let first = verify(&verifier, &with(first), Some("n-1")).expect("a valid token");
    clock.advance(Duration::from_secs(1));
    let refresh = |changes: Value| {
        let mut all = json!({ "iat": NOW + 1, "auth_time": NOW - 9, "aud": both, "azp": CLIENT });
        for (name, value) in changes.as_object().expect("an object") {
            all[name] = value.clone();
        }
        verifier.verify_refreshed::<IdTokenClaims, _>(
            &sign(&with(all)),
            &key().verifying_key(),
            first.claims(),
        )
    };
    for good in [
        json!({}),
        json!({ "nonce": "n-1" }),
        json!({ "iat": NOW }),
        json!({ "auth_time": null }),
        json!({ "aud": [OTHER, CLIENT] }),
    ] {
        let result = refresh(good.clone());
        assert!(result.is_ok(), "{good}: {result:?}");
    }
    for (bad, reason) in [
        (json!({ "sub": "user-43" }), mismatch(Claim::Subject)),
        (json!({ "aud": CLIENT }), mismatch(Claim::Audience)),
        (json!({ "iat": NOW - 1 }), mismatch(Claim::IssuedAt)),
        (
            json!({ "iss": OTHER }),
            errors::mismatch(Claim::Issuer, &[ISSUER]),
        ),
        (json!({ "nonce": "n-2" }), mismatch(Claim::Nonce)),
        (json!({ "auth_time": NOW }), mismatch(Claim::AuthTime)),
        (json!({ "azp": null }), missing(Claim::AuthorizedParty)),
        (json!({ "exp": NOW + 1 }), errors::expired(NOW + 1, NOW + 1)),
    ] {
        assert_eq!(error(refresh(bad.clone())), reason, "{bad}");
    }

    // Without `azp` in the first token, there must be none in the next one.
    let first = verify(&self::verifier(), &payload(), None).expect("a valid token");
    let with_azp = sign(&with(json!({ "azp": CLIENT })));
    let refreshed = self::verifier().verify_refreshed::<IdTokenClaims, _>(
        &with_azp,
        &key().verifying_key(),
        first.claims(),
    );
    assert_eq!(error(refreshed), mismatch(Claim::AuthorizedParty));
}

#[test]
fn max_age_rejects_an_auth_time_in_the_future() {
    let verifier = verifier().max_age(Duration::from_secs(60));
    let at = |auth_time: i64| with(json!({ "auth_time": auth_time }));
    assert!(verify(&verifier, &at(NOW), None).is_ok());
    let error = verify(&verifier, &at(NOW + 1), None).expect_err("in the future");
    assert_eq!(error.code(), "issued_in_future");
}
