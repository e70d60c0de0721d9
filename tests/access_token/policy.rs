//! The policy of the verifier that is wrapped.

use std::time::Duration;

use jwt_ring::oauth::access_token::{AccessTokenClaims, Signer, Verifier};
use jwt_ring::{Algorithm, Claim, Claims, SigningKey, VerifyError};
use serde_json::{Value, json};

use crate::support::{NOW, clock, errors};
use crate::{
    API, HEADER, ISSUER, JWT, REMOVE, REQUIRED, error, least, verifier, verify, verify_as, with,
};

#[test]
fn map_verifier_cannot_weaken_the_profile() {
    let weak = || {
        verifier().map_verifier(|verifier| {
            verifier
                .typ("JWT")
                .allow_missing_expiration()
                .any_audience()
        })
    };
    let fresh = || {
        // Another verifier replaces it, which does not compare `iss` and `aud`.
        verifier().map_verifier(|_| jwt_ring::Verifier::new().any_audience().clock(clock()))
    };
    for weak in [weak(), fresh()] {
        let verify = |header, payload: &Value| verify_as::<Value>(&weak, header, payload);
        assert!(verify(HEADER, &least()).is_ok());
        assert_eq!(
            error(verify(JWT, &least())),
            errors::typ_mismatch(&["at+jwt"])
        );
        for claim in REQUIRED {
            let payload = with(json!({ claim.name(): REMOVE }));
            assert_eq!(error(verify(HEADER, &payload)), errors::missing(claim));
        }
        let bound = with(json!({ "cnf": {} }));
        assert_eq!(error(verify(HEADER, &bound)), "Unexpected(Confirmation)");
    }
    // It can be stricter, and called again it adds.
    let strict = verifier()
        .map_verifier(|verifier| verifier.subject("user-42"))
        .map_verifier(|verifier| verifier.max_age(Duration::from_secs(9)).max_size(1_000));
    let verify = |payload: &Value| verify_as::<Value>(&strict, HEADER, payload);
    assert!(verify(&least()).is_ok());
    let subject = verify(&with(json!({ "sub": "x" })));
    assert_eq!(
        error(subject),
        errors::mismatch(Claim::Subject, &["user-42"])
    );
    let old = verify(&with(json!({ "iat": NOW - 10 }))).expect_err("too old");
    assert_eq!(old.code(), "too_old");
    let long = verify(&with(json!({ "x": "x".repeat(1_000) }))).expect_err("too large");
    assert_eq!(long.code(), "too_large");
}

#[test]
fn several_issuers_and_audiences_can_be_expected() {
    let both = verifier().map_verifier(|verifier| verifier.issuer("b").audience("c"));
    let verify = |payload: Value| verify_as::<AccessTokenClaims>(&both, HEADER, &with(payload));
    for good in [
        json!({}),
        json!({ "iss": "b" }),
        json!({ "aud": "c" }),
        json!({ "iss": "b", "aud": ["x", "c"] }),
    ] {
        assert!(verify(good.clone()).is_ok(), "{good}");
    }
    let issuer = errors::mismatch(Claim::Issuer, &[ISSUER, "b"]);
    assert_eq!(error(verify(json!({ "iss": "c" }))), issuer);
    let audience = errors::mismatch(Claim::Audience, &[API, "c"]);
    assert_eq!(error(verify(json!({ "aud": "b" }))), audience);
    let sole = verifier().map_verifier(|verifier| verifier.sole_audience("c"));
    let of =
        |aud: Value| verify_as::<AccessTokenClaims>(&sole, HEADER, &with(json!({ "aud": aud })));
    assert!(of(json!(["c"])).is_ok());
    let audience = errors::mismatch(Claim::Audience, &["c"]);
    assert_eq!(error(of(json!(["c", API]))), audience);
}

#[test]
fn leeway_applies_to_exp() {
    let payload = with(json!({ "exp": NOW - 5 }));
    for (leeway, is_valid) in [(5, false), (6, true)] {
        let leeway = Duration::from_secs(leeway);
        let verifier = verifier().map_verifier(|verifier| verifier.leeway(leeway));
        let result = verify_as::<AccessTokenClaims>(&verifier, HEADER, &payload);
        assert_eq!(result.is_ok(), is_valid);
    }
}

/// An ID token that is presented to an API is rejected for its `typ`, not for a claim that it lacks.
#[test]
fn an_id_token_is_rejected_for_its_typ() {
    let payload = json!({
        "iss": ISSUER, "sub": "user-42", "aud": API, "exp": NOW + 1, "iat": NOW, "nonce": "n",
    });
    for header in [r#"{"alg":"HS256"}"#, JWT] {
        let expected = errors::typ_mismatch(&["at+jwt"]);
        assert_eq!(error(verify(header, &payload)), expected);
    }
}

#[test]
fn the_issuer_and_the_audience_are_compared_by_any_wrapped_verifier() {
    let wrapped = || jwt_ring::Verifier::new().any_audience().clock(clock());
    let key = SigningKey::generate(Algorithm::ES256).expect("a key");
    let keys = key.verifying_key();
    let signer = |issuer: &str| {
        let key = SigningKey::from_der(Algorithm::ES256, key.secret_pkcs8_der().expect("PKCS#8"));
        Signer::new(key.expect("a key"), issuer).clock(clock())
    };
    let verifier = Verifier::new("https://a.example", "api").map_verifier(|_| wrapped());
    let verify = |issuer: &str, audience: &str| {
        let claims = signer(issuer)
            .claims("user", audience, "web")
            .expect("claims");
        let jwt = signer(issuer).sign(&claims).expect("a token");
        verifier.verify::<Claims>(&jwt, &keys).map(drop)
    };
    assert_eq!(verify("https://a.example", "api"), Ok(()));
    let found = |result: Result<(), VerifyError>| result.expect_err("another").to_string();
    assert_eq!(
        found(verify("https://evil.example", "api")),
        "expected the claim `iss` to be \"https://a.example\", found another value"
    );
    assert_eq!(
        found(verify("https://a.example", "other")),
        "expected the claim `aud` to be \"api\", found another value"
    );
}
