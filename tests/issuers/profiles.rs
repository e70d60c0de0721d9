//! Access tokens and ID tokens of several issuers.

use jwt_ring::Token;
use jwt_ring::oauth::access_token::{self, AccessTokenClaims};
use jwt_ring::oauth::id_token::{self, IdTokenClaims};
use jwt_ring::oauth::identity_assertion;

use super::*;

const API: &str = "https://api.example";
const AT_JWT: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;

fn access_token(issuer: &str, by: u8, cnf: bool) -> String {
    let mut payload = json!({
        "iss": issuer, "exp": NOW + 60, "aud": API, "sub": "user-42", "client_id": "web-shop",
        "iat": NOW, "jti": "1",
    });
    if cnf {
        payload["cnf"] = json!({ "jkt": "thumbprint" });
    }
    forge(&key(by), AT_JWT, payload.to_string())
}

/// A verifier that was made for another issuer, and accepts a third.
fn access_verifier() -> access_token::Verifier {
    access_token::Verifier::new("https://other.example", API)
        .map_verifier(|verifier| verifier.clock(clock()).issuer("https://third.example"))
}

#[test]
fn access_tokens_of_several_issuers() {
    let issuers = Issuers::new()
        .trust(A, access_verifier(), key(1).verifying_key())
        .trust(B, access_verifier().allow_typ_jwt(), key(2).verifying_key());
    let cached = issuers.clone().cached::<AccessTokenClaims>(100);
    let verify = |token: &str| {
        let plain = issuers.verify::<AccessTokenClaims>(token);
        for _ in 0..2 {
            let found = cached.verify(token).map(|token| token.claims().clone());
            let expected = plain.clone().map(Token::into_claims);
            assert_eq!(found, expected);
        }
        plain.map(Token::into_claims)
    };
    for (issuer, by) in [(A, 1), (B, 2)] {
        let claims = verify(&access_token(issuer, by, false)).expect("a valid token");
        assert_eq!(claims.issuer, issuer);
        // The rules of the profile.
        let bound = verify(&access_token(issuer, by, true));
        let expected = errors::text(&VerifyError::Unexpected(Claim::Confirmation));
        assert_eq!(error(bound), expected);
    }
    for (issuer, by) in [(A, 2), (B, 1)] {
        let rejected = verify(&access_token(issuer, by, false));
        assert_eq!(error(rejected), errors::invalid_signature());
    }
    // `allow_typ_jwt` is that of B.
    assert_eq!(
        error(verify(&token(A, 1))),
        errors::typ_mismatch(&["at+jwt"])
    );
    assert_eq!(
        error(verify(&token(B, 2))),
        errors::missing(Claim::Audience)
    );
}

#[test]
fn the_verifier_of_access_tokens_expects_its_issuer_alone() {
    let issuers = Issuers::new().trust(A, access_verifier(), key(1).verifying_key());
    let (selected, keys) = issuers.select(&token(A, 1)).expect("a trusted issuer");
    // Changing it does not bring the former issuer back.
    let selected = selected.clone().map_verifier(|verifier| verifier);
    let verify = |issuer| {
        let token = access_token(issuer, 1, false);
        selected.verify::<AccessTokenClaims>(&token, keys)
    };
    verify(A).expect("a valid token");
    for other in ["https://other.example", "https://third.example"] {
        assert_eq!(error(verify(other)), errors::mismatch(Claim::Issuer, &[A]));
    }
}

#[test]
fn id_tokens_of_several_issuers_are_verified_with_what_was_selected() {
    let made_for_another = || {
        id_token::Verifier::new("https://other.example", "client-1")
            .client_id("client-2")
            .map_verifier(|verifier| verifier.clock(clock()).issuer("https://third.example"))
    };
    let issuers = Issuers::new()
        .trust(A, made_for_another(), key(1).verifying_key())
        .trust(B, made_for_another(), key(2).verifying_key());
    let id_token = |issuer: &str, by| {
        let payload = json!({
            "iss": issuer, "exp": NOW + 60, "aud": "client-2", "sub": "user-42", "iat": NOW,
        });
        forge(&key(by), HEADER, payload.to_string())
    };
    let verify = |issuer: &str, by| {
        let token = id_token(issuer, by);
        let (verifier, keys) = issuers.select(&token)?;
        verifier.verify::<IdTokenClaims>(&token, keys, None)
    };
    for (issuer, by) in [(A, 1), (B, 2)] {
        let token = verify(issuer, by).expect("a valid token");
        assert_eq!(token.claims().issuer, issuer);
    }
    assert_eq!(error(verify(A, 2)), errors::invalid_signature());
    assert_eq!(error(verify("https://other.example", 1)), unknown());
    let (verifier, keys) = issuers.select(&token(A, 1)).expect("a trusted issuer");
    for verifier in [verifier, &verifier.clone().client_id("client-3")] {
        for other in ["https://other.example", "https://third.example", B] {
            let rejected = verifier.verify::<IdTokenClaims>(&id_token(other, 1), keys, None);
            assert_eq!(error(rejected), errors::mismatch(Claim::Issuer, &[A]));
        }
    }
}

#[test]
fn identity_assertions_of_several_issuers_are_verified_with_what_was_selected() {
    let made_for_another = || {
        identity_assertion::Verifier::new("https://other.example", API)
            .map_verifier(|verifier| verifier.clock(clock()).issuer("https://third.example"))
    };
    let issuers = Issuers::new()
        .trust(A, made_for_another(), key(1).verifying_key())
        .trust(B, made_for_another(), key(2).verifying_key());
    let assertion = |issuer: &str, by| {
        let payload = json!({
            "iss": issuer, "exp": NOW + 60, "aud": API, "sub": "user-42", "iat": NOW, "jti": "1",
            "client_id": "web-shop",
        });
        let header = r#"{"alg":"HS256","kid":"1","typ":"oauth-id-jag+jwt"}"#;
        forge(&key(by), header, payload.to_string())
    };
    let verify = |issuer: &str, by| {
        let assertion = assertion(issuer, by);
        let (verifier, keys) = issuers.select(&assertion)?;
        verifier.verify::<Value>(&assertion, "web-shop", keys)
    };
    for (issuer, by) in [(A, 1), (B, 2)] {
        let token = verify(issuer, by).expect("a valid assertion");
        assert_eq!(token.without_replay_check().claims()["iss"], issuer);
    }
    assert_eq!(error(verify(A, 2)), errors::invalid_signature());
    assert_eq!(error(verify("https://other.example", 1)), unknown());
    let (verifier, keys) = issuers.select(&token(A, 1)).expect("a trusted issuer");
    // The rules of the profile are applied again, with the issuer that it is trusted for.
    for verifier in [
        verifier,
        &verifier.clone().map_verifier(|verifier| verifier),
    ] {
        for other in ["https://other.example", "https://third.example", B] {
            let rejected = verifier.verify::<Value>(&assertion(other, 1), "web-shop", keys);
            assert_eq!(error(rejected), errors::mismatch(Claim::Issuer, &[A]));
        }
    }
}
