//! ID tokens (OpenID Connect Core 1.0).

mod support;

use std::time::Duration;

use jwt_ring::id_token::{IdToken, Verifier, access_token_hash};
use jwt_ring::{Algorithm, Claim, Claims, FixedClock, NumericDate, SigningKey, Token, VerifyError};
use serde::Deserialize;
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

const ISSUER: &str = "https://issuer.example";
const CLIENT: &str = "web-shop";
const OTHER: &str = "https://other.example";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new(ISSUER, CLIENT).clock(clock())
}

fn payload() -> Value {
    json!({ "iss": ISSUER, "sub": "user-42", "aud": CLIENT, "exp": NOW + 300, "iat": NOW })
}

fn with(changes: Value) -> Value {
    let mut payload = payload();
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => payload.as_object_mut().expect("an object").remove(name),
            _ => payload
                .as_object_mut()
                .expect("an object")
                .insert(name.clone(), value.clone()),
        };
    }
    payload
}

fn sign(payload: &Value) -> String {
    forge(&key(), r#"{"alg":"HS256"}"#, payload.to_string())
}

fn verify(
    verifier: &Verifier,
    payload: &Value,
    nonce: Option<&str>,
) -> Result<Token<Claims<IdToken>>, VerifyError> {
    verifier.verify(&sign(payload), &key().verifying_key(), nonce)
}

/// The error with all its fields.
fn why<T: std::fmt::Debug>(result: Result<T, VerifyError>) -> String {
    errors::text(&result.expect_err("a bad token"))
}

fn missing(claim: Claim) -> String {
    errors::missing(claim)
}

/// The values of the request and of an earlier token are not in the error.
fn mismatch(claim: Claim) -> String {
    errors::mismatch(claim, &[])
}

fn misfit(member: &str) -> String {
    errors::custom_claims(Some(member), "does not fit the type asked for")
}

#[test]
fn the_nonce_must_be_that_of_the_request() {
    let verifier = verifier();
    let without = payload();
    let with = with(json!({ "nonce": "n-1" }));
    assert!(verify(&verifier, &with, Some("n-1")).is_ok());
    assert!(verify(&verifier, &without, None).is_ok());
    assert_eq!(
        why(verify(&verifier, &with, Some("n-2"))),
        mismatch(Claim::Nonce)
    );
    assert_eq!(
        why(verify(&verifier, &with, Some(""))),
        mismatch(Claim::Nonce)
    );
    assert_eq!(why(verify(&verifier, &with, None)), mismatch(Claim::Nonce));
    assert_eq!(
        why(verify(&verifier, &without, Some("n-1"))),
        missing(Claim::Nonce)
    );
}

#[test]
fn the_claims_of_every_id_token_are_required() {
    for claim in [
        Claim::Issuer,
        Claim::Subject,
        Claim::Audience,
        Claim::Expiration,
        Claim::IssuedAt,
    ] {
        let payload = with(json!({ claim.name(): null }));
        assert_eq!(why(verify(&verifier(), &payload, None)), missing(claim));
    }
    for (changes, reason) in [
        (
            json!({ "iss": OTHER }),
            errors::mismatch(Claim::Issuer, &[ISSUER]),
        ),
        (json!({ "exp": NOW }), errors::expired(NOW, NOW)),
        (json!({ "sub": 7 }), errors::wrong_type(Claim::Subject)),
        (json!({ "nonce": 7 }), misfit("nonce")),
        (json!({ "auth_time": "x" }), misfit("auth_time")),
        (json!({ "amr": "pwd" }), misfit("amr")),
    ] {
        assert_eq!(why(verify(&verifier(), &with(changes), None)), reason);
    }
    let late = with(json!({ "exp": NOW - 1 }));
    let lenient = verifier().leeway(Duration::from_secs(2));
    assert!(verify(&lenient, &late, None).is_ok());
    // An access token is not an ID token.
    let token = forge(
        &key(),
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        payload().to_string(),
    );
    let result = verifier().verify::<()>(&token, &key().verifying_key(), None);
    assert_eq!(why(result), errors::typ_mismatch(&[]));
}

#[test]
fn other_audiences_must_be_trusted_and_azp_must_be_this_client() {
    let trusting = verifier().trust_audience(OTHER);
    for (verifier, changes, expected) in [
        (verifier(), json!({ "aud": [CLIENT] }), Ok(())),
        (
            verifier(),
            json!({ "aud": [CLIENT], "azp": CLIENT }),
            Ok(()),
        ),
        (verifier(), json!({ "azp": CLIENT }), Ok(())),
        (
            verifier(),
            json!({ "azp": OTHER }),
            Err(mismatch(Claim::AuthorizedParty)),
        ),
        (
            verifier(),
            json!({ "aud": OTHER }),
            Err(errors::mismatch(Claim::Audience, &[CLIENT])),
        ),
        (
            verifier(),
            json!({ "aud": [CLIENT, OTHER], "azp": CLIENT }),
            Err("UnexpectedAudience".into()),
        ),
        (
            trusting.clone(),
            json!({ "aud": [CLIENT, OTHER], "azp": CLIENT }),
            Ok(()),
        ),
        (
            trusting.clone(),
            json!({ "aud": [CLIENT, OTHER] }),
            Err(missing(Claim::AuthorizedParty)),
        ),
        (
            trusting.clone(),
            json!({ "aud": [CLIENT, OTHER], "azp": OTHER }),
            Err(mismatch(Claim::AuthorizedParty)),
        ),
        (
            trusting.clone(),
            json!({ "aud": OTHER }),
            Err(errors::mismatch(Claim::Audience, &[CLIENT])),
        ),
        (
            trusting,
            json!({ "aud": [CLIENT, OTHER, "third"], "azp": CLIENT }),
            Err("UnexpectedAudience".into()),
        ),
    ] {
        let result = verify(&verifier, &with(changes.clone()), None);
        match expected {
            Ok(()) => assert!(result.is_ok(), "{changes}: {result:?}"),
            Err(reason) => assert_eq!(why(result), reason, "{changes}"),
        }
    }
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
    assert_eq!(why(verify(&verifier, &at(61), None)), too_old(61));
    assert_eq!(
        why(verify(&verifier, &payload(), None)),
        missing(Claim::AuthTime)
    );
    let lenient = verifier.clone().leeway(Duration::from_secs(5));
    assert!(verify(&lenient, &at(65), None).is_ok());
    assert_eq!(why(verify(&lenient, &at(66), None)), too_old(66));
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
    let token = verify(&verifier, &with(json!({ "at_hash": hash })), None).expect("a good token");
    assert!(verifier.check_access_token(&token, access_token).is_ok());
    let other = verifier.check_access_token(&token, "another");
    assert_eq!(why(other), mismatch(Claim::AccessTokenHash));
    let token = verify(&verifier, &payload(), None).expect("a good token");
    let without = verifier.check_access_token(&token, access_token);
    assert_eq!(why(without), missing(Claim::AccessTokenHash));
}

#[test]
fn a_refreshed_token_must_match_the_first_one() {
    // The first token is as old as `max_age` allows; a refreshed one may be older.
    let clock = FixedClock::at(NumericDate::from_seconds(NOW));
    let verifier = verifier()
        .trust_audience(OTHER)
        .max_age(Duration::from_secs(9))
        .clock(clock.clone());
    let both = json!([CLIENT, OTHER]);
    let first = json!({ "nonce": "n-1", "auth_time": NOW - 9, "aud": both, "azp": CLIENT });
    let first = verify(&verifier, &with(first), Some("n-1")).expect("a good token");
    clock.advance(Duration::from_secs(1));
    let refresh = |changes: Value| {
        let mut all = json!({ "iat": NOW + 1, "auth_time": NOW - 9, "aud": both, "azp": CLIENT });
        for (name, value) in changes.as_object().expect("an object") {
            all[name] = value.clone();
        }
        verifier.verify_refreshed::<(), ()>(&sign(&with(all)), &key().verifying_key(), &first)
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
        assert_eq!(why(refresh(bad.clone())), reason, "{bad}");
    }

    // Without `azp` in the first token, there must be none in the next one.
    let first = verify(&self::verifier(), &payload(), None).expect("a good token");
    let with_azp = sign(&with(json!({ "azp": CLIENT })));
    let refreshed =
        self::verifier().verify_refreshed::<(), ()>(&with_azp, &key().verifying_key(), &first);
    assert_eq!(why(refreshed), mismatch(Claim::AuthorizedParty));
}

#[test]
fn other_claims_are_read_into_the_callers_type() {
    #[derive(Deserialize)]
    struct Profile {
        email: String,
    }
    let payload = with(json!({ "email": "a@b.example", "acr": "2", "amr": ["pwd"] }));
    let token = verifier()
        .verify::<Profile>(&sign(&payload), &key().verifying_key(), None)
        .expect("a good token");
    let custom = &token.claims().custom;
    assert_eq!(custom.own.email, "a@b.example");
    assert_eq!(custom.acr.as_deref(), Some("2"));
    assert_eq!(custom.amr, ["pwd"]);
    let written = serde_json::to_value(custom_of(custom)).expect("JSON");
    assert_eq!(written, json!({ "acr": "2", "amr": ["pwd"] }));
}

fn custom_of<T>(claims: &IdToken<T>) -> IdToken {
    let mut copy = IdToken::default();
    copy.acr.clone_from(&claims.acr);
    copy.amr.clone_from(&claims.amr);
    copy
}
