//! Signing access tokens.

use std::fmt::Debug;
use std::time::Duration;

use jwt_ring::oauth::access_token::AccessTokenClaims;
use jwt_ring::{NumericDate, SignError, Token};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::support::{self, NOW, errors};
use crate::{
    API, App, DECLARES, HEADER, ISSUER, OTHER, claims, error, key, least, scope, signer, verifier,
    verify_as,
};

#[test]
fn a_signed_token_verifies() {
    let signer = signer().lifetime(Duration::from_secs(60));
    let claims = signer.claims("user-42", API, "web-shop").expect("claims");
    let mut claims = claims.scope(scope("b a")).custom(App {
        tenant: "acme".into(),
    });
    claims.roles = vec!["admin".into()];
    let jwt = signer.sign(&claims).expect("a token");

    let token: Token<AccessTokenClaims<App>> = verifier()
        .verify(&jwt, &key().verifying_key())
        .expect("a valid token");
    assert_eq!(token.header().typ(), Some("at+jwt"));
    assert_eq!(token.header().key_id(), Some("1"));
    assert_eq!(token.claims(), &claims);
    let payload = support::decode(jwt.split('.').nth(1).expect("a payload"));
    let payload: Value = serde_json::from_slice(&payload).expect("JSON");
    assert_eq!(support::decode(&claims.jwt_id).len(), 16, "128 bits");
    assert_eq!(
        payload,
        json!({
            "iss": ISSUER, "sub": "user-42", "aud": API, "iat": NOW, "exp": NOW + 60,
            "jti": claims.jwt_id, "client_id": "web-shop", "scope": "a b", "roles": ["admin"],
            "tenant": "acme",
        }),
    );
    let another = signer.claims("user-42", API, "web-shop").expect("claims");
    assert_ne!(another.jwt_id, claims.jwt_id, "each `jti` is unique");
    // The default lifetime is 5 minutes, and `aud` may be several.
    let claims = self::signer().claims(
        "a",
        [API, OTHER].into_iter().collect::<jwt_ring::Audience>(),
        "b",
    );
    let claims = claims.expect("claims");
    assert_eq!(claims.expiration.seconds(), NOW + 300);
    assert!(claims.audience.contains(OTHER));
}

#[test]
fn a_token_with_all_claims_reads_back_the_same() {
    let mut claims = claims()
        .scope(scope("a"))
        .custom(json!({ "tenant": { "id": 7 } }));
    claims.not_before = Some(NumericDate::from_seconds(NOW));
    claims.auth_time = Some(NumericDate::from_seconds(NOW - 1));
    claims.acr = Some("gold".into());
    claims.amr = vec!["pwd".into()];
    claims.roles = vec!["r".into()];
    claims.groups = vec!["g".into()];
    claims.entitlements = vec!["e".into()];
    claims.confirmation = Map::from_iter([("jkt".into(), json!("x"))]).into();
    let jwt = signer().sign(&claims).expect("a token");
    let token = verifier().verify_bound(&jwt, &key().verifying_key(), |cnf| cnf["jkt"] == "x");
    let token: Token<AccessTokenClaims<Value>> = token.expect("a valid token");
    assert_eq!(token.into_claims(), claims);
}

#[test]
fn custom_claims_cannot_shadow_a_claim_of_the_profile() {
    macro_rules! declares {
        ($($field:ident),*) => {$({
            #[derive(Debug, Deserialize)]
            struct Custom {
                #[allow(dead_code, reason = "only the declaration counts")]
                $field: Option<Value>,
            }

            let result = verify_as::<AccessTokenClaims<Custom>>(&verifier(), HEADER, &least());
            assert_eq!(error(result), errors::custom_claims(None, DECLARES), stringify!($field));
        })*};
    }

    declares!(
        iss,
        sub,
        aud,
        client_id,
        exp,
        iat,
        jti,
        nbf,
        scope,
        auth_time,
        acr,
        amr,
        roles,
        groups,
        entitlements,
        cnf
    );
    for name in [
        "iss",
        "sub",
        "aud",
        "client_id",
        "exp",
        "iat",
        "jti",
        "nbf",
        "scope",
        "auth_time",
        "acr",
        "amr",
        "roles",
        "groups",
        "entitlements",
        "cnf",
    ] {
        let found = signer().sign(&claims().custom(json!({ "tenant": 1, name: "admin" })));
        assert_eq!(found, Err(SignError::ShadowedClaim(name.into())), "{name}");
    }
    for good in [
        json!({}),
        json!({ "tenant": 1, "Scope": "admin", "nonce": "n" }),
    ] {
        assert!(signer().sign(&claims().custom(good)).is_ok());
    }
    for no_object in [json!(7), json!([1]), json!("x"), json!(true)] {
        let found = signer().sign(&claims().custom(no_object));
        let error = found.expect_err("no object");
        assert_eq!(
            error.to_string(),
            "the payload has custom claims that are not a JSON object"
        );
    }
}

#[test]
fn a_signer_rejects_claims_that_every_verifier_rejects() {
    let sign = |custom: Value| {
        signer()
            .sign(&claims().custom(custom))
            .expect_err("rejected")
    };
    let deep = (0..200).fold(json!(0), |value, _| json!([value]));
    assert_eq!(sign(json!({ "x": deep })).code(), "malformed_payload");
    assert_eq!(sign(json!({ "x": "x".repeat(70_000) })).code(), "too_large");
}
