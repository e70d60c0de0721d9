//! Bearer tokens in HTTP (RFC 6750).

mod support;

use std::time::Duration;

use jwt_ring::bearer::{self, Challenge, Refusal};
use jwt_ring::{Algorithm, Claims, KeyLookupError, SigningKey, Verifier, VerifyError};

#[test]
fn a_token_is_read_from_exactly_one_header() {
    for (values, expected) in [
        (&["Bearer abc"][..], Ok("abc")),
        (&["bearer abc"], Ok("abc")),
        (&["BEARER   abc  "], Ok("abc")),
        (&["Bearer aZ09-._~+/=="], Ok("aZ09-._~+/==")),
        (&[], Err(Refusal::NoToken)),
        (&[""], Err(Refusal::NoToken)),
        (&["Basic abc"], Err(Refusal::NoToken)),
        (&["Bearerabc"], Err(Refusal::NoToken)),
        (&["DPoP abc"], Err(Refusal::NoToken)),
        (&[" Bearer abc"], Err(Refusal::NoToken)),
        (&["Bearer"], Err(Refusal::InvalidRequest)),
        (&["Bearer "], Err(Refusal::InvalidRequest)),
        (&["Bearer ="], Err(Refusal::InvalidRequest)),
        (&["Bearer a b"], Err(Refusal::InvalidRequest)),
        (&["Bearer a=b"], Err(Refusal::InvalidRequest)),
        (&["Bearer a,b"], Err(Refusal::InvalidRequest)),
        (&["Bearer \"a\""], Err(Refusal::InvalidRequest)),
        (&["Bearer a\tb"], Err(Refusal::InvalidRequest)),
        (&["Bearer é"], Err(Refusal::InvalidRequest)),
        (&["Bearer abc", "Bearer abc"], Err(Refusal::InvalidRequest)),
        (&["Basic abc", "Bearer abc"], Err(Refusal::InvalidRequest)),
    ] {
        let values = values.iter().map(|value| value.as_bytes());
        assert_eq!(
            bearer::token(values.clone()),
            expected,
            "{:?}",
            values.collect::<Vec<_>>()
        );
    }
    assert_eq!(
        bearer::token([&b"Bearer \xff"[..]]),
        Err(Refusal::InvalidRequest)
    );
}

#[test]
fn each_refusal_has_a_status_and_a_challenge() {
    let challenge = Challenge::new("api");
    let scope = "b a".parse().expect("a scope");
    for (refusal, status, header) in [
        (Refusal::NoToken, 401, Some(r#"Bearer realm="api""#)),
        (
            Refusal::InvalidRequest,
            400,
            Some(r#"Bearer realm="api", error="invalid_request""#),
        ),
        (
            Refusal::InvalidToken { expired: false },
            401,
            Some(r#"Bearer realm="api", error="invalid_token""#),
        ),
        (
            Refusal::InvalidToken { expired: true },
            401,
            Some(r#"Bearer realm="api", error="invalid_token", error_description="expired""#),
        ),
        (
            Refusal::InsufficientScope(scope),
            403,
            Some(r#"Bearer realm="api", error="insufficient_scope", scope="a b""#),
        ),
        (
            Refusal::InsufficientAuthentication {
                acr_values: vec!["gold".into(), "silver".into()],
                max_age: Some(Duration::from_secs(300)),
            },
            401,
            Some(
                r#"Bearer realm="api", error="insufficient_user_authentication", acr_values="gold silver", max_age="300""#,
            ),
        ),
        (
            Refusal::InsufficientAuthentication {
                acr_values: Vec::new(),
                max_age: None,
            },
            401,
            Some(r#"Bearer realm="api", error="insufficient_user_authentication""#),
        ),
        (Refusal::KeysUnavailable, 503, None),
    ] {
        assert_eq!(refusal.status(), status, "{refusal:?}");
        assert_eq!(challenge.header(&refusal).as_deref(), header, "{refusal:?}");
    }
    let url = "https://api.example/.well-known/oauth-protected-resource";
    assert_eq!(
        challenge.resource_metadata(url).header(&Refusal::NoToken),
        Some(format!(r#"Bearer realm="api", resource_metadata="{url}""#)),
    );
}

#[test]
fn quoted_strings_are_escaped() {
    let challenge = Challenge::new("a\"b\\c\r\nSet-Cookie: x=1\u{e9}\u{7f}\0d");
    assert_eq!(
        challenge.header(&Refusal::NoToken).as_deref(),
        Some(r#"Bearer realm="a\"b\\cSet-Cookie: x=1d""#),
    );
}

/// Returns the error of verifying a token with this header and payload.
fn error(verifier: &Verifier, header: &str, payload: &str) -> VerifyError {
    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let token = support::forge(&key, header, payload);
    let found = verifier.verify::<Claims>(&token, &key.verifying_key());
    found.expect_err("a bad token")
}

#[test]
fn a_refusal_discloses_only_whether_the_token_has_expired() {
    const HEADER: &str = r#"{"alg":"HS256"}"#;
    let verifier = || Verifier::new().clock(support::clock());
    let expired = error(&verifier(), HEADER, r#"{"exp":0}"#);
    assert_eq!(expired.code(), "expired");
    assert_eq!(
        Refusal::from(&expired),
        Refusal::InvalidToken { expired: true }
    );
    for (error, code) in [
        (VerifyError::InvalidSignature, "invalid_signature"),
        (KeyLookupError::Unknown.into(), "unknown_key"),
        (KeyLookupError::Ambiguous.into(), "ambiguous_key"),
        (
            error(&verifier(), r#"{"alg":"HS256","typ":"at+jwt"}"#, "{}"),
            "typ_mismatch",
        ),
        (
            error(&verifier(), HEADER, r#"{"exp":9e9,"nbf":9e9}"#),
            "not_yet_valid",
        ),
        (
            error(&verifier(), r#"{"alg":"HS384"}"#, "{}"),
            "algorithm_mismatch",
        ),
        (
            error(
                &verifier().max_age(Duration::ZERO),
                HEADER,
                r#"{"exp":9e9,"iat":0}"#,
            ),
            "too_old",
        ),
        (
            error(&verifier().issuer("a"), HEADER, r#"{"exp":9e9,"iss":"b"}"#),
            "mismatch",
        ),
        (error(&verifier(), HEADER, "{}"), "missing"),
    ] {
        assert_eq!(error.code(), code);
        assert_eq!(
            Refusal::from(error),
            Refusal::InvalidToken { expired: false },
            "{code}"
        );
    }
    let down = VerifyError::from(KeyLookupError::unavailable("the issuer is down"));
    assert_eq!(Refusal::from(down), Refusal::KeysUnavailable);
}
