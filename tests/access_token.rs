//! Access tokens (RFC 9068).

mod support;

use std::sync::Arc;
use std::time::Duration;

use jwt_ring::access_token::{AccessToken, InvalidScope, Minter, Scope, Verifier};
use jwt_ring::{
    Algorithm, Claim, Claims, NumericDate, SigningKey, Token, VerifyError, VerifyingKey,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

const ISSUER: &str = "https://issuer.example";
const API: &str = "https://api.example";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new(ISSUER, API).clock(clock())
}

fn verify(header: &str, payload: &Value) -> Result<Token<Claims<AccessToken>>, VerifyError> {
    let token = forge(&key(), header, payload.to_string());
    verifier().verify(&token, &key().verifying_key())
}

/// The claims that RFC 9068 §2.2 requires, and no others.
fn least() -> Value {
    json!({
        "iss": ISSUER, "exp": NOW + 1, "aud": API, "sub": "user-42", "client_id": "web-shop",
        "iat": NOW, "jti": "1",
    })
}

const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;

fn scope(text: &str) -> Scope {
    text.parse().expect("a scope")
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Own {
    tenant: String,
}

#[test]
fn a_minted_token_verifies() {
    let minter = Minter::new(key().with_id("1"), ISSUER)
        .clock(clock())
        .lifetime(Duration::from_secs(60));
    let mut custom = AccessToken::new("web-shop").scope(scope("b a")).own(Own {
        tenant: "acme".into(),
    });
    custom.roles = vec!["admin".into()];
    let claims = minter.claims().expect("claims");
    let claims = claims.subject("user-42").audience(API).custom(custom);
    let jwt = minter.sign(&claims).expect("a token");

    let token: Token<Claims<AccessToken<Own>>> = verifier()
        .verify(&jwt, &key().verifying_key())
        .expect("a good token");
    assert_eq!(token.header().typ(), Some("at+jwt"));
    assert_eq!(token.header().key_id(), Some("1"));
    assert_eq!(token.claims(), &claims);
    let payload = support::decode(jwt.split('.').nth(1).expect("a payload"));
    let payload: Value = serde_json::from_slice(&payload).expect("JSON");
    let jwt_id = claims.jwt_id.as_deref().expect("a jti");
    assert_eq!(support::decode(jwt_id).len(), 16, "128 bits");
    assert_eq!(
        payload,
        json!({
            "iss": ISSUER, "sub": "user-42", "aud": API, "iat": NOW, "exp": NOW + 60,
            "jti": jwt_id, "client_id": "web-shop", "scope": "a b", "roles": ["admin"],
            "tenant": "acme",
        }),
    );
    let another = minter.claims().expect("claims");
    assert_ne!(
        another.jwt_id.as_deref(),
        Some(jwt_id),
        "each `jti` is another"
    );
}

#[test]
fn a_minter_rejects_claims_that_every_verifier_rejects() {
    let minter = Minter::new(key(), ISSUER).clock(clock());
    let full = || {
        let claims = minter.claims().expect("claims");
        claims
            .subject("user-42")
            .audience(API)
            .custom(AccessToken::new("web-shop"))
    };
    assert!(minter.sign(&full()).is_ok());
    type Without = fn(&mut Claims<AccessToken>);
    let cases: [(&str, Without); 6] = [
        ("iss", |claims| claims.issuer = None),
        ("sub", |claims| claims.subject = None),
        ("aud", |claims| claims.audience = None),
        ("exp", |claims| claims.expiration = None),
        ("iat", |claims| claims.issued_at = None),
        ("jti", |claims| claims.jwt_id = None),
    ];
    for (name, without) in cases {
        let mut claims = full();
        without(&mut claims);
        let error = minter.sign(&claims).expect_err(name);
        assert_eq!(error.code(), "payload");
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    }
}

#[test]
fn each_required_claim_must_be_present() {
    assert!(verify(HEADER, &least()).is_ok());
    for claim in [
        Claim::Issuer,
        Claim::Expiration,
        Claim::Audience,
        Claim::Subject,
        Claim::IssuedAt,
        Claim::JwtId,
        Claim::ClientId,
    ] {
        let mut payload = least();
        let members = payload.as_object_mut().expect("an object");
        members.remove(claim.name());
        let error = verify(HEADER, &payload).expect_err(claim.name());
        assert_eq!(error, VerifyError::Missing(claim));
    }
}

#[test]
fn typ_issuer_audience_and_types_are_checked() {
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
        assert!(verify(&header, &least()).is_ok(), "{typ}");
    }
    for header in [
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"JWT"}"#,
        r#"{"alg":"HS256","typ":"dpop+jwt"}"#,
    ] {
        let error = verify(header, &least()).expect_err(header);
        let expected = errors::typ_mismatch(&["at+jwt"]);
        assert_eq!(errors::text(&error), expected, "{header}");
    }
    let issuer = || errors::mismatch(Claim::Issuer, &[ISSUER]);
    let audience = || errors::mismatch(Claim::Audience, &[API]);
    let wrong_type = errors::wrong_type;
    let misfit = |member| errors::custom_claims(Some(member), "does not fit the type asked for");
    for (name, value, expected) in [
        ("iss", json!("https://other.example"), issuer()),
        ("iss", json!(format!("{ISSUER}/")), issuer()),
        ("aud", json!("https://other.example"), audience()),
        ("aud", json!([]), audience()),
        ("aud", json!(["https://other.example"]), audience()),
        ("exp", json!(NOW), errors::expired(NOW, NOW)),
        ("nbf", json!(NOW + 1), errors::not_yet_valid(NOW + 1, NOW)),
        ("sub", json!(42), wrong_type(Claim::Subject)),
        ("client_id", json!(42), wrong_type(Claim::ClientId)),
        ("client_id", json!(null), wrong_type(Claim::ClientId)),
        ("scope", json!("a  b"), misfit("scope")),
        ("scope", json!(7), misfit("scope")),
        ("auth_time", json!("now"), misfit("auth_time")),
        ("roles", json!("admin"), misfit("roles")),
        ("roles", json!([7]), misfit("roles")),
        ("cnf", json!("key"), misfit("cnf")),
    ] {
        let mut payload = least();
        payload[name] = value.clone();
        let error = verify(HEADER, &payload).expect_err(name);
        assert_eq!(errors::text(&error), expected, "{name} {value}");
    }
    let mut payload = least();
    payload["aud"] = json!(["https://other.example", API]);
    assert!(verify(HEADER, &payload).is_ok());
}

#[test]
fn optional_claims_are_read_in_each_form_that_issuers_send() {
    let mut payload = least();
    for (name, value) in [
        ("scope", json!(["b", "a"])),
        ("auth_time", json!(NOW - 5)),
        ("acr", json!("urn:mace:incommon:iap:silver")),
        ("amr", json!(["pwd", "otp"])),
        (
            "roles",
            json!(["admin", { "value": "editor", "display": "Editor" }]),
        ),
        (
            "groups",
            json!([{ "value": "staff", "$ref": "https://issuer.example/groups/1" }]),
        ),
        ("entitlements", json!([])),
        ("unknown", json!({ "deep": [null] })),
    ] {
        payload[name] = value;
    }
    let token = verify(HEADER, &payload).expect("a good token");
    let custom = &token.claims().custom;
    assert_eq!(custom.client_id, "web-shop");
    assert_eq!(custom.scope, scope("a b"));
    assert_eq!(custom.auth_time.map(NumericDate::seconds), Some(NOW - 5));
    assert_eq!(custom.acr.as_deref(), Some("urn:mace:incommon:iap:silver"));
    assert_eq!(custom.amr, ["pwd", "otp"]);
    assert_eq!(custom.roles, ["admin", "editor"]);
    assert_eq!(custom.groups, ["staff"]);
    assert!(custom.entitlements.is_empty());
}

#[test]
fn a_bound_token_requires_its_proof() {
    let key = key();
    let public: VerifyingKey = key.verifying_key();
    let mut payload = least();
    let unbound = forge(&key, HEADER, payload.to_string());
    payload["cnf"] = json!({ "jkt": "thumbprint" });
    let bound = forge(&key, HEADER, payload.to_string());
    let error = |result: Result<Token<Claims<AccessToken>>, VerifyError>| {
        result.map(drop).expect_err("a rejected token")
    };

    assert!(verifier().verify::<()>(&unbound, &public).is_ok());
    assert_eq!(
        error(verifier().verify(&bound, &public)),
        VerifyError::Unexpected(Claim::Confirmation)
    );
    let proven = |thumbprint: &'static str| {
        verifier().verify_bound::<()>(&bound, &public, move |cnf| cnf["jkt"] == thumbprint)
    };
    assert!(proven("thumbprint").is_ok());
    assert_eq!(
        errors::text(&error(proven("another"))),
        errors::mismatch(Claim::Confirmation, &[])
    );
    assert_eq!(
        error(verifier().verify_bound(&unbound, &public, |_| true)),
        VerifyError::Missing(Claim::Confirmation)
    );
    // The closure is called only for a token that passes all other checks.
    let forged = format!("{bound}A");
    let result = verifier().verify_bound::<()>(&forged, &public, |_| panic!("not called"));
    assert_eq!(error(result), VerifyError::InvalidSignature);
    payload["exp"] = json!(NOW);
    let expired = forge(&key, HEADER, payload.to_string());
    let result = verifier().verify_bound::<()>(&expired, &public, |_| panic!("not called"));
    assert_eq!(error(result).code(), "expired");
}

/// An ID token that is shown to an API is rejected for its `typ`, not for a claim that it lacks.
#[test]
fn an_id_token_is_rejected_for_its_typ() {
    let payload = json!({
        "iss": ISSUER, "sub": "user-42", "aud": API, "exp": NOW + 1, "iat": NOW, "nonce": "n",
    });
    for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","typ":"JWT"}"#] {
        let error = verify(header, &payload).expect_err("an ID token");
        assert_eq!(errors::text(&error), errors::typ_mismatch(&["at+jwt"]));
    }
}

#[test]
fn a_remembering_verifier_skips_the_signature_only() {
    let (key, clock) = (key(), clock());
    let public = key.verifying_key();
    let mut payload = least();
    let unbound = forge(&key, HEADER, payload.to_string());
    payload["cnf"] = json!({ "jkt": "thumbprint" });
    let bound = forge(&key, HEADER, payload.to_string());
    let verifier = Verifier::new(ISSUER, API).clock(clock.clone());
    let verifier = verifier.remember::<()>(10);
    let first = verifier.verify(&unbound, &public).expect("a good token");
    let again = verifier.verify(&unbound, &public).expect("a good token");
    assert!(Arc::ptr_eq(&first, &again));
    for _ in 0..2 {
        let error = |result: Result<_, VerifyError>| result.expect_err("a rejected token");
        assert_eq!(
            error(verifier.verify(&bound, &public)),
            VerifyError::Unexpected(Claim::Confirmation)
        );
        let proven = |is| verifier.verify_bound(&bound, &public, move |_| is);
        assert!(proven(true).is_ok());
        assert_eq!(
            errors::text(&error(proven(false))),
            errors::mismatch(Claim::Confirmation, &[])
        );
        assert_eq!(
            error(verifier.verify_bound(&unbound, &public, |_| true)),
            VerifyError::Missing(Claim::Confirmation)
        );
    }
    clock.advance(Duration::from_secs(1_000));
    let expired = verifier.verify(&unbound, &public).expect_err("expired");
    assert_eq!(expired.code(), "expired");
}

#[test]
fn leeway_applies_to_exp() {
    let mut payload = least();
    payload["exp"] = json!(NOW - 5);
    let token = forge(&key(), HEADER, payload.to_string());
    let public = key().verifying_key();
    for (leeway, is_good) in [(5, false), (6, true)] {
        let verifier = verifier().leeway(Duration::from_secs(leeway));
        assert_eq!(verifier.verify::<()>(&token, &public).is_ok(), is_good);
    }
}

#[test]
fn scopes_are_sets_of_names() {
    let granted = scope("orders:read orders:write orders:read");
    assert_eq!(
        granted.iter().collect::<Vec<_>>(),
        ["orders:read", "orders:write"]
    );
    assert_eq!(granted.to_string(), "orders:read orders:write");
    assert!(granted.contains("orders:read"));
    for not_there in [
        "orders",
        "read",
        "ORDERS:READ",
        "",
        "orders:read orders:write",
    ] {
        assert!(!granted.contains(not_there), "{not_there}");
    }
    assert!(scope("orders:write").is_subset(&granted));
    assert!(scope("").is_subset(&granted) && scope("").is_empty());
    assert!(!granted.is_subset(&scope("orders:write")));
    assert!(!granted.is_empty());
    for good in ["!", "#$%&'()*+,-./09:;<=>?@AZ[", "]^_`az{|}~"] {
        assert_eq!(scope(good).to_string(), good);
    }
    for bad in [
        " ", "a  b", " a", "a ", "a\tb", "a\nb", "\"", "a\\b", "\u{7f}", "é",
    ] {
        assert_eq!(bad.parse::<Scope>(), Err(InvalidScope), "{bad:?}");
    }
    let json = |value: Value| serde_json::from_value::<Scope>(value).ok();
    assert_eq!(json(json!("a b")), Some(scope("a b")));
    assert_eq!(json(json!(["a", "b"])), Some(scope("a b")));
    assert_eq!(json(json!([])), Some(Scope::default()));
    for bad in [
        json!(["a b"]),
        json!([""]),
        json!([1]),
        json!(null),
        json!({}),
    ] {
        assert_eq!(json(bad.clone()), None, "{bad}");
    }
    let why = serde_json::from_value::<Scope>(json!(5)).expect_err("no scope");
    let expected = "expected names with spaces between them, or an array of names";
    assert!(why.to_string().ends_with(expected), "{why}");
    assert_eq!(
        serde_json::to_value(scope("b a")).expect("JSON"),
        json!("a b")
    );
}
