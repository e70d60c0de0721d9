//! Identity assertions (draft-ietf-oauth-identity-assertion-authz-grant).

mod support;

use std::fmt::Debug;
use std::time::Duration;

use jwt_ring::oauth::identity_assertion::{IdentityAssertionClaims, Signer, Verifier};
use jwt_ring::replay::{OneTime, ReplayError, ReplayGuard, ReplayKey};
use jwt_ring::{Algorithm, Claim, NumericDate, SignError, SigningKey, Token, VerifyError};
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

const IDP: &str = "https://idp.example";
const SERVER: &str = "https://chat.example";
const CLIENT: &str = "wiki";
const OTHER: &str = "https://other.example";
const HEADER: &str = r#"{"alg":"HS256","typ":"oauth-id-jag+jwt"}"#;
const DUPLICATE: &str = "has two members of the same name";

type Verified = Result<OneTime<Token<IdentityAssertionClaims>>, VerifyError>;

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new(IDP, SERVER).map_verifier(|verifier| verifier.clock(clock()))
}

/// A payload with other values; a claim that is `null` is left out.
fn with(changes: Value) -> Value {
    let mut payload = json!({
        "iss": IDP, "sub": "user-42", "aud": SERVER, "client_id": CLIENT, "iat": NOW,
        "exp": NOW + 300, "jti": "1",
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
    verifier.verify(&token, CLIENT, &key().verifying_key())
}

fn verify(changes: Value) -> Verified {
    verify_with(&verifier(), HEADER, &with(changes))
}

#[track_caller]
fn error<T: Debug>(result: Result<T, VerifyError>) -> String {
    errors::text(&result.expect_err("a rejected assertion"))
}

#[test]
fn a_signed_assertion_verifies() {
    let signer = Signer::new(key().with_id("1"), IDP).clock(clock());
    let claims = signer.claims("user-42", SERVER, CLIENT).expect("claims");
    assert_eq!(claims.expiration.seconds(), NOW + 300);
    assert_eq!(support::decode(&claims.jwt_id).len(), 16, "128 bits");
    let signer = signer.lifetime(Duration::from_secs(60));
    let claims = signer.claims("user-42", SERVER, CLIENT).expect("claims");
    let mut claims = claims.scope("chat.read".parse().expect("a scope"));
    claims.resource = vec!["https://api.chat.example".into()];
    claims.authorization_details = vec![json!({ "type": "chat" })];
    claims.actor = json!({ "sub": "agent" }).as_object().cloned();
    claims.tenant = Some("acme".into());
    claims.audience_tenant = Some("acme-chat".into());
    claims.audience_subject = Some("U1".into());
    claims.email = Some("user@example.com".into());
    claims.auth_time = Some(NumericDate::from_seconds(NOW - 5));
    claims.acr = Some("gold".into());
    claims.amr = vec!["mfa".into()];
    let assertion = signer.sign(&claims).expect("an assertion");
    let token: Token<IdentityAssertionClaims> = verifier()
        .verify(&assertion, CLIENT, &key().verifying_key())
        .expect("a valid assertion")
        .without_replay_check();
    assert_eq!(token.header().typ(), Some("oauth-id-jag+jwt"));
    assert_eq!(token.header().key_id(), Some("1"));
    assert_eq!(token.claims(), &claims);
    let payload = support::decode(assertion.split('.').nth(1).expect("a payload"));
    let payload: Value = serde_json::from_slice(&payload).expect("JSON");
    assert_eq!(
        payload,
        json!({
            "iss": IDP, "sub": "user-42", "aud": SERVER, "client_id": CLIENT, "iat": NOW,
            "exp": NOW + 60, "jti": claims.jwt_id, "scope": "chat.read",
            "resource": ["https://api.chat.example"],
            "authorization_details": [{ "type": "chat" }], "act": { "sub": "agent" },
            "tenant": "acme", "aud_tenant": "acme-chat", "aud_sub": "U1",
            "email": "user@example.com", "auth_time": NOW - 5, "acr": "gold", "amr": ["mfa"],
        }),
    );
    let shadowed = signer.sign(&claims.custom(json!({ "client_id": "x" })));
    assert_eq!(shadowed, Err(SignError::ShadowedClaim("client_id".into())));
}

#[test]
fn typ_is_that_of_identity_assertions() {
    for typ in ["oauth-id-jag+jwt", "application/oauth-id-jag+jwt"] {
        let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
        assert!(
            verify_with(&verifier(), &header, &with(json!({}))).is_ok(),
            "{typ}"
        );
    }
    for typ in [r#","typ":"JWT""#, r#","typ":"at+jwt""#, ""] {
        let header = format!(r#"{{"alg":"HS256"{typ}}}"#);
        let found = error(verify_with(&verifier(), &header, &with(json!({}))));
        assert_eq!(found, errors::typ_mismatch(&["oauth-id-jag+jwt"]), "{typ}");
    }
}

#[test]
fn claims_are_required_typed_and_compared() {
    assert!(verify(json!({})).is_ok());
    for claim in [
        Claim::Expiration,
        Claim::IssuedAt,
        Claim::Issuer,
        Claim::Audience,
        Claim::Subject,
        Claim::JwtId,
        Claim::ClientId,
    ] {
        let found = error(verify(json!({ claim.name(): null })));
        assert_eq!(found, errors::missing(claim));
        let found = error(verify(json!({ claim.name(): true })));
        assert_eq!(found, errors::wrong_type(claim));
    }
    let audience = || errors::mismatch(Claim::Audience, &[SERVER]);
    for (changes, expected) in [
        (
            json!({ "iss": OTHER }),
            errors::mismatch(Claim::Issuer, &[IDP]),
        ),
        (json!({ "aud": OTHER }), audience()),
        (json!({ "aud": [SERVER, OTHER] }), audience()),
        (json!({ "aud": [] }), audience()),
        (
            json!({ "client_id": "other" }),
            errors::mismatch(Claim::ClientId, &[CLIENT]),
        ),
        (json!({ "exp": NOW }), errors::expired(NOW, NOW)),
        (json!({ "jti": "" }), errors::mismatch(Claim::JwtId, &[])),
        (json!({ "scope": 7 }), errors::wrong_type(Claim::Scope)),
        (
            json!({ "resource": 7 }),
            errors::wrong_type(Claim::Resource),
        ),
        (
            json!({ "resource": [7] }),
            errors::wrong_type(Claim::Resource),
        ),
        (
            json!({ "auth_time": "x" }),
            errors::wrong_type(Claim::AuthTime),
        ),
        (json!({ "acr": 7 }), errors::wrong_type(Claim::Acr)),
        (json!({ "amr": "pwd" }), errors::wrong_type(Claim::Amr)),
        (
            json!({ "cnf": "x" }),
            errors::wrong_type(Claim::Confirmation),
        ),
        (json!({ "cnf": {} }), "Unexpected(Confirmation)".into()),
    ] {
        assert_eq!(error(verify(changes.clone())), expected, "{changes}");
    }
    for good in [
        json!({ "aud": [SERVER] }),
        json!({ "scope": "a b", "resource": "r", "auth_time": NOW, "acr": "x", "amr": ["pwd"] }),
        json!({ "resource": ["r", "s"] }),
    ] {
        assert!(verify(good.clone()).is_ok(), "{good}");
    }
    let one = verify(json!({ "resource": "r" })).expect("a valid assertion");
    assert_eq!(one.without_replay_check().into_claims().resource, ["r"]);
}

#[test]
fn a_bound_assertion_requires_its_proof() {
    let verify_bound = |cnf: &str, thumbprint: &str| {
        let payload = with(json!({})).to_string();
        let rest = payload.strip_prefix('{').expect("an object");
        let token = forge(&key(), HEADER, format!(r#"{{{cnf}{rest}"#));
        let keys = key().verifying_key();
        verifier()
            .verify_bound::<Value>(&token, CLIENT, &keys, |cnf| {
                cnf.get("jkt").is_some_and(|found| found == thumbprint)
            })
            .map_err(|error| errors::text(&error))
            .err()
    };
    let cnf = r#""cnf":{"jkt":"x"},"#;
    assert_eq!(verify_bound(cnf, "x"), None);
    let mismatch = errors::mismatch(Claim::Confirmation, &[]);
    assert_eq!(verify_bound(cnf, "y"), Some(mismatch));
    let mismatch = errors::mismatch(Claim::Confirmation, &[]);
    let certificate = r#""cnf":{"x5t#S256":"x"},"#;
    assert_eq!(verify_bound(certificate, "x"), Some(mismatch));
    let missing = errors::missing(Claim::Confirmation);
    assert_eq!(verify_bound("", "x"), Some(missing));
    let two = r#""cnf":{"jkt":"x","\u006akt":"y"},"#;
    assert_eq!(
        verify_bound(two, "x"),
        Some(errors::malformed_payload(DUPLICATE))
    );
}

#[test]
fn map_verifier_cannot_weaken_the_profile() {
    let verifier = verifier().map_verifier(|verifier| {
        verifier
            .audience(OTHER)
            .any_audience()
            .typ("JWT")
            .allow_missing_expiration()
    });
    assert!(verify_with(&verifier, HEADER, &with(json!({}))).is_ok());
    for (changes, expected) in [
        (json!({ "exp": null }), errors::missing(Claim::Expiration)),
        (
            json!({ "aud": OTHER }),
            errors::mismatch(Claim::Audience, &[SERVER]),
        ),
        (
            json!({ "iss": OTHER }),
            errors::mismatch(Claim::Issuer, &[IDP]),
        ),
    ] {
        let found = error(verify_with(&verifier, HEADER, &with(changes)));
        assert_eq!(found, expected);
    }
    let jwt = r#"{"alg":"HS256","typ":"JWT"}"#;
    let found = error(verify_with(&verifier, jwt, &with(json!({}))));
    assert_eq!(found, errors::typ_mismatch(&["oauth-id-jag+jwt"]));
}

#[test]
fn an_assertion_is_used_once() {
    let guard = ReplayGuard::new(10);
    let verifier = verifier().map_verifier(|verifier| verifier.leeway(Duration::from_secs(5)));
    let verified = || verify_with(&verifier, HEADER, &with(json!({}))).expect("valid");
    let until = NumericDate::from_seconds(NOW + 305);
    let expected = ReplayKey::new("identity-assertion", IDP, "1", until);
    assert_eq!(verified().replay_key(), &expected);
    assert!(verified().first_use(&guard).is_ok());
    assert_eq!(
        verified().first_use(&guard).err(),
        Some(ReplayError::Replayed)
    );
}
