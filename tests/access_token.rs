//! Access tokens (RFC 9068).

mod support;

use std::sync::Arc;
use std::time::Duration;

use jwt_ring::access_token::{AccessToken, InvalidScope, Minter, Scope, Verifier};
use jwt_ring::{Algorithm, Claims, SigningKey, Token, VerifyError, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{NOW, clock, forge};

const ISSUER: &str = "https://issuer.example";
const API: &str = "https://api.example";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new(ISSUER, API).clock(clock())
}

fn verify(header: &str, payload: &Value) -> Result<Token<AccessToken>, VerifyError> {
    let token = forge(&key(), header, payload.to_string());
    verifier().verify(&token, &key().verifying_key())
}

/// The claims that RFC 9068 §2.2 requires, and no more.
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
fn what_is_minted_verifies() {
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

    let token: Token<AccessToken<Own>> = verifier()
        .verify(&jwt, &key().verifying_key())
        .expect("a good token");
    assert_eq!(token.header().token_type(), Some("at+jwt"));
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
        "no two are the same"
    );
}

#[test]
fn a_minter_refuses_what_no_verifier_would_take() {
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
fn every_required_claim_is_required() {
    assert!(verify(HEADER, &least()).is_ok());
    for name in ["iss", "exp", "aud", "sub", "iat", "jti"] {
        let mut payload = least();
        payload.as_object_mut().expect("an object").remove(name);
        let error = verify(HEADER, &payload).expect_err(name);
        assert!(
            matches!(error, VerifyError::Missing(claim) if claim.name() == name),
            "{name}: {error}"
        );
    }
    let mut payload = least();
    payload
        .as_object_mut()
        .expect("an object")
        .remove("client_id");
    let error = verify(HEADER, &payload).expect_err("no client");
    assert_eq!(
        error.to_string(),
        "the payload's member \"client_id\" is expected, and missing"
    );
}

#[test]
fn only_access_tokens_of_this_issuer_for_this_audience() {
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
        assert_eq!(error.code(), "token_type", "{header}");
    }
    for (name, value, code) in [
        ("iss", json!("https://other.example"), "mismatch"),
        ("iss", json!(format!("{ISSUER}/")), "mismatch"),
        ("aud", json!("https://other.example"), "mismatch"),
        ("aud", json!([]), "mismatch"),
        ("aud", json!(["https://other.example"]), "mismatch"),
        ("exp", json!(NOW), "expired"),
        ("nbf", json!(NOW + 1), "not_yet_valid"),
        ("sub", json!(42), "wrong_type"),
        ("client_id", json!(42), "custom_claims"),
        ("scope", json!("a  b"), "custom_claims"),
        ("scope", json!(7), "custom_claims"),
        ("auth_time", json!("now"), "custom_claims"),
        ("roles", json!("admin"), "custom_claims"),
        ("roles", json!([7]), "custom_claims"),
        ("cnf", json!("key"), "custom_claims"),
    ] {
        let mut payload = least();
        payload[name] = value.clone();
        let error = verify(HEADER, &payload).expect_err(name);
        assert_eq!(error.code(), code, "{name} {value}");
    }
    let mut payload = least();
    payload["aud"] = json!(["https://other.example", API]);
    assert!(verify(HEADER, &payload).is_ok());
}

#[test]
fn optional_claims_are_read_in_every_form_that_issuers_send() {
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
    assert_eq!(
        custom.auth_time.map(jwt_ring::NumericDate::seconds),
        Some(NOW - 5)
    );
    assert_eq!(custom.acr.as_deref(), Some("urn:mace:incommon:iap:silver"));
    assert_eq!(custom.amr, ["pwd", "otp"]);
    assert_eq!(custom.roles, ["admin", "editor"]);
    assert_eq!(custom.groups, ["staff"]);
    assert!(custom.entitlements.is_empty());
}

#[test]
fn a_bound_token_needs_its_proof() {
    let key = key();
    let public: VerifyingKey = key.verifying_key();
    let mut payload = least();
    let unbound = forge(&key, HEADER, payload.to_string());
    payload["cnf"] = json!({ "jkt": "thumbprint" });
    let bound = forge(&key, HEADER, payload.to_string());
    let problem = |result: Result<Token<AccessToken>, VerifyError>| match result {
        Err(VerifyError::CustomClaims { member, problem }) => {
            assert_eq!(member.as_deref(), Some("cnf"));
            problem
        }
        other => panic!("{other:?}"),
    };

    assert!(verifier().verify::<()>(&unbound, &public).is_ok());
    assert_eq!(
        problem(verifier().verify(&bound, &public)),
        "binds the token to a key, and no proof was checked"
    );
    let proven = |thumbprint: &'static str| {
        verifier().verify_bound::<()>(&bound, &public, move |cnf| cnf["jkt"] == thumbprint)
    };
    assert!(proven("thumbprint").is_ok());
    assert_eq!(
        problem(proven("another")),
        "names another key than the one that was proven"
    );
    assert_eq!(
        problem(verifier().verify_bound(&unbound, &public, |_| true)),
        "is expected, and missing"
    );
    // Whatever the closure says, the rest is checked.
    let forged = format!("{}A", bound.strip_suffix(|_| true).expect("a character"));
    let result = verifier().verify_bound::<()>(&forged, &public, |_| panic!("not asked"));
    assert_eq!(result.expect_err("forged").code(), "invalid_signature");
}

#[test]
fn a_memory_spares_the_signature_and_nothing_else() {
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
        let code = |result: Result<_, VerifyError>| result.expect_err("refused").code();
        assert_eq!(code(verifier.verify(&bound, &public)), "custom_claims");
        let proven = |is| verifier.verify_bound(&bound, &public, move |_| is);
        assert!(proven(true).is_ok());
        assert_eq!(code(proven(false)), "custom_claims");
        let missing = verifier.verify_bound(&unbound, &public, |_| true);
        assert_eq!(code(missing), "custom_claims");
    }
    clock.advance(Duration::from_secs(1_000));
    let expired = verifier.verify(&unbound, &public).expect_err("expired");
    assert_eq!(expired.code(), "expired");
}

#[test]
fn leeway_is_what_was_set() {
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
fn scopes_are_sets_of_whole_names() {
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
