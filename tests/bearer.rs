//! Bearer tokens in HTTP (RFC 6750).

mod support;

use std::time::Duration;

use jwt_ring::oauth::bearer::{self, Challenge, Rejection};
use jwt_ring::{Algorithm, Claims, KeyLookupError, SigningKey, Verifier, VerifyError};

#[test]
fn a_token_is_read_from_exactly_one_header() {
    for (values, expected) in [
        (&["Bearer abc"][..], Ok("abc")),
        (&["bearer abc"], Ok("abc")),
        (&["BEARER   abc  "], Ok("abc")),
        (&["Bearer aZ09-._~+/=="], Ok("aZ09-._~+/==")),
        (&[], Err(Rejection::NoToken)),
        (&[""], Err(Rejection::NoToken)),
        (&["Basic abc"], Err(Rejection::NoToken)),
        (&["Bearerabc"], Err(Rejection::NoToken)),
        (&["DPoP abc"], Err(Rejection::NoToken)),
        (&[" Bearer abc"], Err(Rejection::NoToken)),
        (&["Bearer"], Err(Rejection::InvalidRequest)),
        (&["Bearer "], Err(Rejection::InvalidRequest)),
        (&["Bearer ="], Err(Rejection::InvalidRequest)),
        (&["Bearer a b"], Err(Rejection::InvalidRequest)),
        (&["Bearer a=b"], Err(Rejection::InvalidRequest)),
        (&["Bearer a,b"], Err(Rejection::InvalidRequest)),
        (&["Bearer \"a\""], Err(Rejection::InvalidRequest)),
        (&["Bearer a\tb"], Err(Rejection::InvalidRequest)),
        (&["Bearer é"], Err(Rejection::InvalidRequest)),
        (
            &["Bearer abc", "Bearer abc"],
            Err(Rejection::InvalidRequest),
        ),
        (&["Basic abc", "Bearer abc"], Err(Rejection::InvalidRequest)),
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
        Err(Rejection::InvalidRequest)
    );
}

#[test]
fn each_rejection_has_a_status_and_a_challenge() {
    let challenge = Challenge::new("api");
    let scope = "b a".parse().expect("a scope");
    for (rejection, status, header) in [
        (Rejection::NoToken, 401, Some(r#"Bearer realm="api""#)),
        (
            Rejection::InvalidRequest,
            400,
            Some(r#"Bearer realm="api", error="invalid_request""#),
        ),
        (
            Rejection::InvalidToken { expired: false },
            401,
            Some(r#"Bearer realm="api", error="invalid_token""#),
        ),
        (
            Rejection::InvalidToken { expired: true },
            401,
            Some(r#"Bearer realm="api", error="invalid_token", error_description="expired""#),
        ),
        (
            Rejection::InsufficientScope(scope),
            403,
            Some(r#"Bearer realm="api", error="insufficient_scope", scope="a b""#),
        ),
        (
            Rejection::InsufficientAuthentication {
                acr_values: vec!["gold".into(), "silver".into()],
                max_age: Some(Duration::from_secs(300)),
            },
            401,
            Some(
                r#"Bearer realm="api", error="insufficient_user_authentication", acr_values="gold silver", max_age="300""#,
            ),
        ),
        (
            Rejection::InsufficientAuthentication {
                acr_values: Vec::new(),
                max_age: None,
            },
            401,
            Some(r#"Bearer realm="api", error="insufficient_user_authentication""#),
        ),
        (
            Rejection::InvalidDpopProof,
            401,
            Some(r#"Bearer realm="api", error="invalid_dpop_proof""#),
        ),
        (
            Rejection::UseDpopNonce,
            401,
            Some(r#"Bearer realm="api", error="use_dpop_nonce""#),
        ),
        (Rejection::KeysUnavailable, 503, None),
        (Rejection::ReplayCheckUnavailable, 503, None),
    ] {
        assert_eq!(rejection.status(), status, "{rejection:?}");
        assert_eq!(
            challenge.header(&rejection).as_deref(),
            header,
            "{rejection:?}"
        );
    }
    let url = "https://api.example/.well-known/oauth-protected-resource";
    assert_eq!(
        challenge.resource_metadata(url).header(&Rejection::NoToken),
        Some(format!(r#"Bearer realm="api", resource_metadata="{url}""#)),
    );
}

#[test]
fn the_scope_of_a_challenge_is_in_the_answers_with_status_401() {
    let scope = |text: &str| text.parse().expect("a scope");
    let challenge = Challenge::new("api").scope(scope("b a"));
    for (rejection, header) in [
        (Rejection::NoToken, r#"Bearer realm="api", scope="a b""#),
        (
            Rejection::InvalidToken { expired: true },
            r#"Bearer realm="api", error="invalid_token", error_description="expired", scope="a b""#,
        ),
        (
            Rejection::InsufficientAuthentication {
                acr_values: vec!["gold".into()],
                max_age: None,
            },
            r#"Bearer realm="api", error="insufficient_user_authentication", acr_values="gold", scope="a b""#,
        ),
        // The scope that is missing, and not that of the challenge.
        (
            Rejection::InsufficientScope(scope("c")),
            r#"Bearer realm="api", error="insufficient_scope", scope="c""#,
        ),
        (
            Rejection::InvalidRequest,
            r#"Bearer realm="api", error="invalid_request""#,
        ),
    ] {
        assert_eq!(challenge.header(&rejection).as_deref(), Some(header));
    }
    assert_eq!(challenge.header(&Rejection::KeysUnavailable), None);
    let empty = Challenge::new("api").scope(scope(""));
    let header = empty.header(&Rejection::NoToken);
    assert_eq!(header.as_deref(), Some(r#"Bearer realm="api""#));
}

#[test]
fn rejections_are_errors_with_a_message_and_a_code() {
    fn error(error: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
        error.to_string()
    }
    for (rejection, code, message) in [
        (
            Rejection::NoToken,
            None,
            "expected a bearer token, found none",
        ),
        (
            Rejection::InvalidRequest,
            Some("invalid_request"),
            "expected one `Authorization` header with a bearer token",
        ),
        (
            Rejection::InvalidToken { expired: false },
            Some("invalid_token"),
            "the token was rejected",
        ),
        (
            Rejection::InvalidToken { expired: true },
            Some("invalid_token"),
            "the token was rejected: it has expired",
        ),
        (
            Rejection::InsufficientScope("b a".parse().expect("a scope")),
            Some("insufficient_scope"),
            "expected a token with the scope \"a b\"",
        ),
        (
            Rejection::InsufficientAuthentication {
                acr_values: Vec::new(),
                max_age: None,
            },
            Some("insufficient_user_authentication"),
            "expected another or a more recent authentication of the user",
        ),
        (
            Rejection::KeysUnavailable,
            None,
            "verification keys are unavailable",
        ),
    ] {
        assert_eq!((rejection.error(), &*error(&rejection)), (code, message));
    }
}

#[test]
fn quoted_strings_are_escaped() {
    let challenge = Challenge::new("a\"b\\c\r\nSet-Cookie: x=1\u{e9}\u{7f}\0d");
    assert_eq!(
        challenge.header(&Rejection::NoToken).as_deref(),
        Some(r#"Bearer realm="a\"b\\cSet-Cookie: x=1d""#),
    );
}

/// Returns the error of verifying a token with this header and payload.
fn error(verifier: &Verifier, header: &str, payload: &str) -> VerifyError {
    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let token = support::forge(&key, header, payload);
    let found = verifier.verify::<Claims>(&token, &key.verifying_key());
    found.expect_err("a rejected token")
}

#[test]
fn a_rejection_discloses_only_whether_the_token_has_expired() {
    const HEADER: &str = r#"{"alg":"HS256"}"#;
    let verifier = || Verifier::new().clock(support::clock());
    let expired = error(&verifier(), HEADER, r#"{"exp":0}"#);
    assert_eq!(expired.code(), "expired");
    assert_eq!(
        Rejection::from(&expired),
        Rejection::InvalidToken { expired: true }
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
            Rejection::from(error),
            Rejection::InvalidToken { expired: false },
            "{code}"
        );
    }
    let down = VerifyError::from(KeyLookupError::unavailable("the issuer is down"));
    assert_eq!(Rejection::from(down), Rejection::KeysUnavailable);
}
