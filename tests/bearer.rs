//! Bearer tokens in HTTP (RFC 6750).

use std::time::Duration;

use jwt_ring::bearer::{self, Challenge, Refusal};
use jwt_ring::{Algorithm, NumericDate, VerifyError};

#[test]
fn a_token_comes_out_of_one_header() {
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
fn every_refusal_has_its_status_and_its_challenge() {
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
fn nothing_breaks_out_of_the_quotes() {
    let challenge = Challenge::new("a\"b\\c\r\nSet-Cookie: x=1\u{e9}\u{7f}\0d");
    assert_eq!(
        challenge.header(&Refusal::NoToken).as_deref(),
        Some(r#"Bearer realm="a\"b\\cSet-Cookie: x=1d""#),
    );
}

#[test]
fn of_an_error_only_expiry_is_told() {
    let date = NumericDate::from_seconds(1);
    let expired = VerifyError::Expired {
        at: date,
        now: date,
    };
    assert_eq!(
        Refusal::from(&expired),
        Refusal::InvalidToken { expired: true }
    );
    for error in [
        VerifyError::InvalidSignature,
        VerifyError::UnknownKey,
        VerifyError::TokenType,
        VerifyError::NotYetValid {
            at: date,
            now: date,
        },
        VerifyError::AlgorithmMismatch {
            expected: Algorithm::ES256,
            found: Algorithm::HS256,
        },
    ] {
        assert_eq!(
            Refusal::from(error),
            Refusal::InvalidToken { expired: false }
        );
    }
    let down = VerifyError::KeysUnavailable("the issuer is down".into());
    assert_eq!(Refusal::from(down), Refusal::KeysUnavailable);
}
