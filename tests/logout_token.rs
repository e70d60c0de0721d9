//! Logout tokens (OpenID Connect Back-Channel Logout 1.0).

mod support;

use std::fmt::Debug;
use std::time::Duration;

use jwt_ring::oauth::logout_token::{LogoutTokenClaims, Verifier};
use jwt_ring::replay::{OneTime, ReplayError, ReplayGuard, ReplayKey};
use jwt_ring::{Algorithm, Claim, NumericDate, SigningKey, Token, VerifyError};
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

const ISSUER: &str = "https://issuer.example";
const CLIENT: &str = "web-shop";
const OTHER: &str = "other";
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
const HEADER: &str = r#"{"alg":"HS256","typ":"logout+jwt"}"#;
const DUPLICATE: &str = "has two members of the same name";

type Verified = Result<OneTime<Token<LogoutTokenClaims>>, VerifyError>;

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new(ISSUER, CLIENT).map_verifier(|verifier| verifier.clock(clock()))
}

/// A payload with other values; a claim that is `null` is left out.
fn with(changes: Value) -> Value {
    let mut payload = json!({
        "iss": ISSUER, "sub": "user-42", "aud": CLIENT, "iat": NOW, "exp": NOW + 120, "jti": "1",
        "events": { LOGOUT: {} },
    });
    let members = payload.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => members.remove(name),
            _ => members.insert(name.clone(), value.clone()),
        };
    }
    payload
}

fn verify_with(verifier: &Verifier, header: &str, payload: &Value) -> Verified {
    let token = forge(&key(), header, payload.to_string());
    verifier.verify(&token, &key().verifying_key())
}

fn verify(changes: Value) -> Verified {
    verify_with(&verifier(), HEADER, &with(changes))
}

#[track_caller]
fn error<T: Debug>(result: Result<T, VerifyError>) -> String {
    errors::text(&result.expect_err("a rejected token"))
}

#[test]
fn a_logout_token_is_read() {
    let token = verify(json!({ "sid": "s", "aud": [CLIENT] })).expect("a valid token");
    let claims = token.without_replay_check().into_claims();
    assert_eq!(claims.subject.as_deref(), Some("user-42"));
    assert_eq!(claims.session_id.as_deref(), Some("s"));
    assert_eq!(Value::Object(claims.events), json!({ LOGOUT: {} }));
    let seconds = (claims.issued_at.seconds(), claims.expiration.seconds());
    assert_eq!(seconds, (NOW, NOW + 120));
}

#[test]
fn typ_is_that_of_logout_tokens_jwt_or_absent() {
    for typ in [r#","typ":"logout+jwt""#, r#","typ":"JWT""#, ""] {
        let header = format!(r#"{{"alg":"HS256"{typ}}}"#);
        assert!(verify_with(&verifier(), &header, &with(json!({}))).is_ok());
    }
    for typ in ["at+jwt", "secevent+jwt"] {
        let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
        let found = error(verify_with(&verifier(), &header, &with(json!({}))));
        assert_eq!(found, errors::typ_mismatch(&["logout+jwt", "JWT"]), "{typ}");
    }
    let none = r#"{"alg":"none","typ":"logout+jwt"}"#;
    let found = error(verify_with(&verifier(), none, &with(json!({}))));
    assert_eq!(found, errors::unsupported_algorithm());
}

#[test]
fn claims_are_required_typed_and_compared() {
    assert!(verify(json!({})).is_ok());
    for claim in [
        Claim::Expiration,
        Claim::IssuedAt,
        Claim::Issuer,
        Claim::Audience,
        Claim::JwtId,
        Claim::Events,
    ] {
        let found = error(verify(json!({ claim.name(): null })));
        assert_eq!(found, errors::missing(claim));
        let found = error(verify(json!({ claim.name(): true })));
        assert_eq!(found, errors::wrong_type(claim));
    }
    let no_logout = || errors::mismatch(Claim::Events, &[LOGOUT]);
    let wrong_type = errors::wrong_type;
    for (changes, expected) in [
        (
            json!({ "iss": OTHER }),
            errors::mismatch(Claim::Issuer, &[ISSUER]),
        ),
        (
            json!({ "aud": OTHER }),
            errors::mismatch(Claim::Audience, &[CLIENT]),
        ),
        (json!({ "exp": NOW }), errors::expired(NOW, NOW)),
        (json!({ "sub": 7 }), wrong_type(Claim::Subject)),
        (json!({ "sid": 7 }), wrong_type(Claim::SessionId)),
        (json!({ "sub": null }), errors::missing(Claim::Subject)),
        (json!({ "nonce": "n" }), "Unexpected(Nonce)".into()),
        (json!({ "nonce": 7 }), "Unexpected(Nonce)".into()),
        (json!({ "jti": "" }), errors::mismatch(Claim::JwtId, &[])),
        (
            json!({ "events": {} }),
            errors::mismatch(Claim::Events, &[]),
        ),
        (json!({ "events": [LOGOUT] }), wrong_type(Claim::Events)),
        (
            json!({ "events": { LOGOUT: 7 } }),
            wrong_type(Claim::Events),
        ),
        (
            json!({ "events": { LOGOUT: [] } }),
            wrong_type(Claim::Events),
        ),
        (
            json!({ "events": { LOGOUT: {}, "a": 7 } }),
            wrong_type(Claim::Events),
        ),
        (json!({ "events": { "a": {} } }), no_logout()),
        (json!({ "events": { "a": { LOGOUT: {} } } }), no_logout()),
        (
            json!({ "events": { format!("{LOGOUT}/"): {} } }),
            no_logout(),
        ),
    ] {
        assert_eq!(error(verify(changes.clone())), expected, "{changes}");
    }
    for good in [
        json!({ "sub": null, "sid": "s" }),
        json!({ "sid": "s" }),
        json!({ "events": { "a": {}, LOGOUT: { "b": 7 } } }),
    ] {
        assert!(verify(good.clone()).is_ok(), "{good}");
    }
}

/// They are not trusted, as in an ID token (OpenID Connect Core §3.1.3.7).
#[test]
fn further_audiences_are_rejected_unless_allowed() {
    let expected = errors::mismatch(Claim::Audience, &[CLIENT]);
    for further in [json!([OTHER, CLIENT]), json!([CLIENT, OTHER])] {
        let changes = json!({ "aud": further });
        assert_eq!(error(verify(changes.clone())), expected, "{further}");
        let allowing = verifier().map_verifier(|verifier| verifier.audience(CLIENT));
        assert!(verify_with(&allowing, HEADER, &with(changes)).is_ok());
    }
    assert!(verify(json!({ "aud": [CLIENT] })).is_ok());
}

#[test]
fn events_have_no_duplicate_names() {
    let event = format!(r#""{LOGOUT}":{{}}"#);
    let escaped = event.replace('b', r"\u0062");
    let two = (event.clone() + "," + &escaped, Some(DUPLICATE));
    for (events, expected) in [(event, None), (escaped, None), two] {
        let payload = with(json!({ "events": null })).to_string();
        let rest = payload.strip_prefix('{').expect("an object");
        let token = forge(&key(), HEADER, format!(r#"{{"events":{{{events}}},{rest}"#));
        let found = verifier().verify::<Value>(&token, &key().verifying_key());
        let found = found.map_err(|error| errors::text(&error)).err();
        assert_eq!(found, expected.map(errors::malformed_payload), "{events}");
    }
}

#[test]
fn map_verifier_cannot_weaken_the_profile() {
    let verifier = verifier().map_verifier(|verifier| {
        verifier
            .any_audience()
            .typ("at+jwt")
            .allow_missing_expiration()
    });
    assert!(verify_with(&verifier, HEADER, &with(json!({}))).is_ok());
    for (changes, expected) in [
        (json!({ "exp": null }), errors::missing(Claim::Expiration)),
        (json!({ "aud": null }), errors::missing(Claim::Audience)),
        (
            json!({ "aud": OTHER }),
            errors::mismatch(Claim::Audience, &[CLIENT]),
        ),
    ] {
        let found = error(verify_with(&verifier, HEADER, &with(changes)));
        assert_eq!(found, expected);
    }
    let at = r#"{"alg":"HS256","typ":"at+jwt"}"#;
    let found = error(verify_with(&verifier, at, &with(json!({}))));
    assert_eq!(found, errors::typ_mismatch(&["logout+jwt", "JWT"]));
}

#[test]
fn a_logout_token_is_used_once() {
    let guard = ReplayGuard::new(10);
    let verifier = verifier().map_verifier(|verifier| verifier.leeway(Duration::from_secs(5)));
    let verified = || verify_with(&verifier, HEADER, &with(json!({}))).expect("a valid token");
    let until = NumericDate::from_seconds(NOW + 125);
    let expected = ReplayKey::new("logout-token", ISSUER, "1", until);
    assert_eq!(verified().replay_key(), &expected);
    assert!(verified().first_use(&guard).is_ok());
    assert_eq!(
        verified().first_use(&guard).err(),
        Some(ReplayError::Replayed)
    );
}
