//! ID tokens (OpenID Connect Core 1.0).

mod support;

use std::time::Duration;

use jwt_ring::oauth::id_token::{IdTokenClaims, Verifier, access_token_hash};
use jwt_ring::{
    Algorithm, Claim, FixedClock, NumericDate, SignError, Signer, SigningKey, Token, VerifyError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

const ISSUER: &str = "https://issuer.example";
const CLIENT: &str = "web-shop";
const OTHER: &str = "https://other.example";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn with_clock(verifier: Verifier, clock: FixedClock) -> Verifier {
    verifier.map_verifier(|verifier| verifier.clock(clock))
}

fn with_leeway(verifier: Verifier, seconds: u64) -> Verifier {
    verifier.map_verifier(|verifier| verifier.leeway(Duration::from_secs(seconds)))
}

fn verifier() -> Verifier {
    with_clock(Verifier::new(ISSUER, CLIENT), clock())
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
) -> Result<Token<IdTokenClaims>, VerifyError> {
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
    // The token is for another request.
    assert_eq!(why(verify(&verifier, &with, None)), "Unexpected(Nonce)");
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
        (json!({ "amr": "pwd" }), errors::wrong_type(Claim::Amr)),
        (json!({ "amr": ["pwd", 1] }), errors::wrong_type(Claim::Amr)),
        (json!({ "acr": 1 }), errors::wrong_type(Claim::Acr)),
    ] {
        assert_eq!(why(verify(&verifier(), &with(changes), None)), reason);
    }
    let late = with(json!({ "exp": NOW - 1 }));
    let lenient = with_leeway(verifier(), 2);
    assert!(verify(&lenient, &late, None).is_ok());
    // An access token is not an ID token.
    let token = forge(
        &key(),
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        payload().to_string(),
    );
    let result = verifier().verify::<IdTokenClaims>(&token, &key().verifying_key(), None);
    assert_eq!(why(result), errors::typ_mismatch(&["JWT"]));
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
            Err(errors::mismatch(Claim::AuthorizedParty, &[CLIENT])),
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
            Err(errors::mismatch(Claim::AuthorizedParty, &[CLIENT])),
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
    let lenient = with_leeway(verifier.clone(), 5);
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
        .max_age(Duration::from_secs(9));
    let verifier = with_clock(verifier, clock.clone());
    let both = json!([CLIENT, OTHER]);
    let first = json!({ "nonce": "n-1", "auth_time": NOW - 9, "aud": both, "azp": CLIENT });
    let first = verify(&verifier, &with(first), Some("n-1")).expect("a good token");
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
        assert_eq!(why(refresh(bad.clone())), reason, "{bad}");
    }

    // Without `azp` in the first token, there must be none in the next one.
    let first = verify(&self::verifier(), &payload(), None).expect("a good token");
    let with_azp = sign(&with(json!({ "azp": CLIENT })));
    let refreshed = self::verifier().verify_refreshed::<IdTokenClaims, _>(
        &with_azp,
        &key().verifying_key(),
        first.claims(),
    );
    assert_eq!(why(refreshed), mismatch(Claim::AuthorizedParty));
}

#[test]
fn wrong_types_are_wrong_types_and_not_absent_claims() {
    for (name, claim) in [
        ("nonce", Claim::Nonce),
        ("azp", Claim::AuthorizedParty),
        ("auth_time", Claim::AuthTime),
        ("at_hash", Claim::AccessTokenHash),
        ("acr", Claim::Acr),
        ("amr", Claim::Amr),
    ] {
        for value in ["null", "[7]", "{}", "true", r#"["x",{}]"#] {
            let payload = payload().to_string();
            let payload = payload.strip_suffix('}').expect("an object");
            let token = forge(
                &key(),
                r#"{"alg":"HS256"}"#,
                format!(r#"{payload},"{name}":{value}}}"#),
            );
            for nonce in [None, Some("n-1")] {
                let result = verifier().verify::<Value>(&token, &key().verifying_key(), nonce);
                assert_eq!(why(result), errors::wrong_type(claim), "{name} {value}");
            }
        }
        let wrong = if claim == Claim::AuthTime {
            json!("1")
        } else {
            json!(1)
        };
        let result = verify(&verifier(), &with(json!({ name: wrong })), None);
        assert_eq!(why(result), errors::wrong_type(claim));
    }
}

/// Providers write claims of their own by these names, of any type.
#[test]
fn the_claims_of_access_tokens_may_have_any_type() {
    for name in [
        "scope",
        "roles",
        "groups",
        "entitlements",
        "typ",
        "cnf",
        "token_use",
    ] {
        for value in ["null", "7", r#""admins""#, r#"[7]"#] {
            let payload = payload().to_string();
            let payload = payload.strip_suffix('}').expect("an object");
            let token = format!(r#"{payload},"{name}":{value}}}"#);
            let token = forge(&key(), r#"{"alg":"HS256"}"#, token);
            let result = verifier().verify::<Value>(&token, &key().verifying_key(), None);
            assert!(result.is_ok(), "{name} {value}: {result:?}");
        }
    }
}

#[test]
fn null_as_missing_applies_to_the_claims_of_the_profile() {
    let lenient = verifier().map_verifier(jwt_ring::Verifier::null_as_missing);
    let payload = r#"{"iss":"https://issuer.example","sub":"user-42","aud":"web-shop",
        "exp":4e9,"iat":0,"nonce":null,"azp":null,"auth_time":null,"at_hash":null,"events":null,
        "acr":null,"amr":null,"jti":null,"nbf":null}"#;
    let token = forge(&key(), r#"{"alg":"HS256"}"#, payload);
    let verify = |verifier: &Verifier, nonce| {
        verifier.verify::<IdTokenClaims>(&token, &key().verifying_key(), nonce)
    };
    let token = verify(&lenient, None).expect("a valid token");
    let claims = token.claims();
    assert_eq!((&claims.nonce, &claims.authorized_party), (&None, &None));
    assert_eq!((&claims.auth_time, &claims.acr), (&None, &None));
    assert!(claims.amr.is_empty());
    assert_eq!(why(verify(&lenient, Some("n"))), missing(Claim::Nonce));
    let aged = lenient.max_age(Duration::MAX);
    assert_eq!(why(verify(&aged, None)), missing(Claim::AuthTime));
}

/// A logout token has `events`, whatever its value (OpenID Connect Back-Channel Logout §2.4).
#[test]
fn a_token_with_events_is_rejected() {
    let logout = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    for events in [logout, json!({}), json!(7), json!("x")] {
        let payload = with(json!({ "events": events }));
        assert_eq!(
            why(verify(&verifier(), &payload, None)),
            "Unexpected(Events)"
        );
        // The reason is not that it has no nonce.
        let found = verify(&verifier(), &payload, Some("n"));
        assert_eq!(why(found), "Unexpected(Events)");
    }
    assert!(verify(&verifier(), &with(json!({ "event": {} })), None).is_ok());
}

#[derive(Debug, Deserialize)]
struct Role {
    #[allow(dead_code, reason = "only its type counts")]
    role: String,
}

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
                        let expected = why(expected);
                        assert_eq!(why(found), expected, "{nonce:?} at {seconds}");
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

/// Each step corrects the first error.
#[test]
fn types_come_before_presence_before_values_before_the_type_of_the_claims() {
    let verifier = verifier()
        .trust_audience("third")
        .max_age(Duration::from_secs(9));
    let verify = |payload: &Value| {
        let token = sign(payload);
        verifier.verify::<IdTokenClaims<Role>>(&token, &key().verifying_key(), Some("n-1"))
    };
    let mut payload = json!({
        "exp": "x", "iss": OTHER, "aud": [OTHER], "nonce": 7, "azp": 7, "auth_time": "x",
        "at_hash": 7, "events": {}, "amr": 7, "role": 7,
    });
    let remove = || json!("(removed)");
    for (name, value, expected) in [
        ("exp", json!(NOW), errors::wrong_type(Claim::Expiration)),
        ("iat", json!(NOW), missing(Claim::IssuedAt)),
        ("sub", json!("user-42"), missing(Claim::Subject)),
        ("exp", json!(NOW + 1), errors::expired(NOW, NOW)),
        (
            "iss",
            json!(ISSUER),
            errors::mismatch(Claim::Issuer, &[ISSUER]),
        ),
        (
            "aud",
            json!([CLIENT, OTHER]),
            errors::mismatch(Claim::Audience, &[CLIENT]),
        ),
        ("nonce", remove(), errors::wrong_type(Claim::Nonce)),
        ("azp", remove(), errors::wrong_type(Claim::AuthorizedParty)),
        ("auth_time", remove(), errors::wrong_type(Claim::AuthTime)),
        (
            "at_hash",
            json!("x"),
            errors::wrong_type(Claim::AccessTokenHash),
        ),
        ("amr", json!([]), errors::wrong_type(Claim::Amr)),
        ("events", remove(), "Unexpected(Events)".into()),
        ("azp", json!(OTHER), missing(Claim::AuthorizedParty)),
        ("auth_time", json!(NOW - 10), missing(Claim::AuthTime)),
        ("nonce", json!("n-2"), missing(Claim::Nonce)),
        ("aud", json!([CLIENT, "third"]), "UnexpectedAudience".into()),
        (
            "azp",
            json!(CLIENT),
            errors::mismatch(Claim::AuthorizedParty, &[CLIENT]),
        ),
        ("auth_time", json!(NOW - 9), {
            let [at, now] = [NOW - 10, NOW].map(NumericDate::from_seconds);
            format!("TooOld {{ claim: AuthTime, at: {at:?}, now: {now:?} }}")
        }),
        ("nonce", json!("n-1"), mismatch(Claim::Nonce)),
        ("role", json!("a"), misfit("role")),
    ] {
        assert_eq!(why(verify(&payload)), expected, "{payload}");
        let members = payload.as_object_mut().expect("an object");
        if value == remove() {
            members.remove(name);
        } else {
            members.insert(name.into(), value);
        }
    }
    assert!(verify(&payload).is_ok(), "{payload}");
}

#[test]
fn map_verifier_cannot_weaken_the_profile() {
    let weak = verifier().map_verifier(|verifier| {
        verifier
            .typ("at+jwt")
            .allow_missing_expiration()
            .any_audience()
    });
    let fresh =
        verifier().map_verifier(|_| jwt_ring::Verifier::new().any_audience().clock(clock()));
    for weak in [weak, fresh] {
        assert!(verify(&weak, &payload(), None).is_ok());
        let token = forge(
            &key(),
            r#"{"alg":"HS256","typ":"at+jwt"}"#,
            payload().to_string(),
        );
        let found = weak.verify::<Value>(&token, &key().verifying_key(), None);
        assert_eq!(why(found), errors::typ_mismatch(&["JWT"]));
        for claim in [
            Claim::Expiration,
            Claim::IssuedAt,
            Claim::Issuer,
            Claim::Audience,
            Claim::Subject,
        ] {
            let payload = with(json!({ claim.name(): null }));
            assert_eq!(why(verify(&weak, &payload, None)), missing(claim));
        }
        // The client is among the audiences all the same.
        let found = verify(&weak, &with(json!({ "aud": OTHER })), None);
        assert_eq!(why(found), errors::mismatch(Claim::Audience, &[CLIENT]));
        let found = verify(
            &weak,
            &with(json!({ "aud": [CLIENT, OTHER], "azp": CLIENT })),
            None,
        );
        assert_eq!(why(found), "UnexpectedAudience");
    }
    let strict = verifier().map_verifier(|verifier| {
        verifier
            .issuer("accounts.example")
            .max_age(Duration::from_secs(5))
            .max_size(2_000)
    });
    assert!(verify(&strict, &with(json!({ "iss": "accounts.example" })), None).is_ok());
    let found = verify(&strict, &with(json!({ "iss": OTHER })), None);
    let issuers = errors::mismatch(Claim::Issuer, &[ISSUER, "accounts.example"]);
    assert_eq!(why(found), issuers);
    let old = verify(&strict, &with(json!({ "iat": NOW - 6 })), None);
    assert_eq!(old.expect_err("too old").code(), "too_old");
    let long = verify(&strict, &with(json!({ "x": "x".repeat(2_000) })), None);
    assert_eq!(long.expect_err("too long").code(), "too_large");
}

#[test]
fn another_authorized_party_can_be_trusted() {
    let trusting = verifier().trust_authorized_party("android");
    for azp in [CLIENT, "android"] {
        assert!(verify(&trusting, &with(json!({ "azp": azp })), None).is_ok());
    }
    let found = verify(&trusting, &with(json!({ "azp": "other" })), None);
    let expected = errors::mismatch(Claim::AuthorizedParty, &[CLIENT, "android"]);
    assert_eq!(why(found), expected);
    // It is no audience: the token must be for the client.
    let found = verify(
        &trusting,
        &with(json!({ "aud": "android", "azp": "android" })),
        None,
    );
    assert_eq!(why(found), errors::mismatch(Claim::Audience, &[CLIENT]));
    // An audience that is listed twice is one.
    let twice = with(json!({ "aud": [CLIENT, CLIENT] }));
    assert!(verify(&verifier(), &twice, None).is_ok());
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Profile {
    email: String,
}

#[test]
fn claims_are_read_into_any_type() {
    #[derive(Deserialize)]
    struct Whole {
        sub: String,
        email: String,
    }

    let payload = with(json!({ "email": "a@b.example", "acr": "2", "amr": ["pwd"] }));
    fn read<C: serde::de::DeserializeOwned>(payload: &Value) -> C {
        let token = verifier().verify(&sign(payload), &key().verifying_key(), None);
        token.expect("a valid token").into_claims()
    }
    let claims: IdTokenClaims<Profile> = read(&payload);
    assert_eq!(claims.custom.email, "a@b.example");
    assert_eq!(claims.acr.as_deref(), Some("2"));
    assert_eq!(claims.amr, ["pwd"]);
    let whole: Whole = read(&payload);
    assert_eq!((&*whole.sub, &*whole.email), ("user-42", "a@b.example"));
    assert_eq!(read::<Value>(&payload), payload);
    let custom = read::<IdTokenClaims<Value>>(&payload).custom;
    assert_eq!(custom, json!({ "email": "a@b.example" }));
}

#[test]
fn a_signed_id_token_reads_back_the_same_and_cannot_be_shadowed() {
    let [issued_at, expiration] = [NOW, NOW + 300].map(NumericDate::from_seconds);
    let least = IdTokenClaims::new(ISSUER, "user-42", CLIENT, issued_at, expiration);
    let written = serde_json::to_value(&least).expect("JSON");
    assert_eq!(written, payload());
    let mut claims = least.clone().custom(Profile {
        email: "a@b.example".into(),
    });
    claims.nonce = Some("n-1".into());
    claims.auth_time = Some(issued_at);
    claims.acr = Some("2".into());
    claims.amr = vec!["pwd".into()];
    claims.authorized_party = Some(CLIENT.into());
    claims.access_token_hash = Some("hash".into());
    claims.jwt_id = Some("1".into());
    claims.not_before = Some(issued_at);
    let signer = Signer::new(key());
    let jwt = signer.sign(&claims).expect("a token");
    let token = verifier().verify(&jwt, &key().verifying_key(), Some("n-1"));
    let token: Token<IdTokenClaims<Profile>> = token.expect("a valid token");
    assert_eq!(token.claims(), &claims);

    for name in [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nonce",
        "auth_time",
        "acr",
        "amr",
        "azp",
        "at_hash",
        "jti",
        "nbf",
    ] {
        let found = signer.sign(&least.clone().custom(json!({ name: "x" })));
        assert_eq!(found, Err(SignError::ShadowedClaim(name.into())));
    }
    #[derive(Debug, Deserialize)]
    struct Declares {
        #[allow(dead_code, reason = "only the declaration counts")]
        nonce: Option<String>,
    }
    let keys = key().verifying_key();
    let found = verifier().verify::<IdTokenClaims<Declares>>(&jwt, &keys, Some("n-1"));
    let problem = "does not fit, because the type of the custom claims declares a claim that is a \
                   field beside them: name the struct itself";
    assert_eq!(why(found), errors::custom_claims(None, problem));
    // The struct itself can be named.
    assert!(
        verifier()
            .verify::<Declares>(&jwt, &keys, Some("n-1"))
            .is_ok()
    );
}

#[test]
fn tokens_of_several_clients_of_an_application_are_accepted() {
    let several = verifier().client_id("ios");
    for (audience, azp) in [(CLIENT, CLIENT), ("ios", "ios"), (CLIENT, "ios")] {
        let payload = with(json!({ "aud": audience, "azp": azp }));
        let result = verify(&several, &payload, None);
        assert!(result.is_ok(), "{audience} {azp}: {result:?}");
    }
    let android = with(json!({ "aud": "android", "azp": "android" }));
    let found = why(verify(&several, &android, None));
    assert_eq!(found, errors::mismatch(Claim::Audience, &[CLIENT, "ios"]));
}

#[test]
fn the_issuer_and_the_client_are_compared_whatever_verifier_is_wrapped() {
    let fresh =
        verifier().map_verifier(|_| jwt_ring::Verifier::new().any_audience().clock(clock()));
    assert!(verify(&fresh, &payload(), None).is_ok());
    let found = why(verify(&fresh, &with(json!({ "iss": "evil" })), None));
    assert_eq!(found, errors::mismatch(Claim::Issuer, &[ISSUER]));
    let found = why(verify(&fresh, &with(json!({ "aud": "other" })), None));
    assert_eq!(found, errors::mismatch(Claim::Audience, &[CLIENT]));
}

#[test]
fn max_age_rejects_an_auth_time_in_the_future() {
    let verifier = verifier().max_age(Duration::from_secs(60));
    let at = |auth_time: i64| with(json!({ "auth_time": auth_time }));
    assert!(verify(&verifier, &at(NOW), None).is_ok());
    let error = verify(&verifier, &at(NOW + 1), None).expect_err("in the future");
    assert_eq!(error.code(), "issued_in_future");
}
