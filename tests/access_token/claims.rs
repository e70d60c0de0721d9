//! The claims of an access token: presence, types and values.

use std::fmt::Debug;

use jwt_ring::oauth::Scope;
use jwt_ring::oauth::access_token::AccessTokenClaims;
use jwt_ring::{Claim, Claims, NumericDate};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::support::{NOW, errors};
use crate::{
    API, App, DOES_NOT_FIT, HEADER, ISSUER, JWT, OTHER, REMOVE, REQUIRED, RFC_9068, error, key,
    least, scope, signer, verifier, verify, verify_as, with,
};

#[test]
fn each_required_claim_must_be_present() {
    assert!(verify(HEADER, &least()).is_ok());
    // Of several missing claims, the first in the order of the checks is the error.
    let mut all = least();
    for claim in REQUIRED.into_iter().rev() {
        let payload = with(json!({ claim.name(): REMOVE }));
        assert_eq!(error(verify(HEADER, &payload)), errors::missing(claim));
        // It does not depend on the type of the claims.
        let as_value = verify_as::<Value>(&verifier(), HEADER, &payload);
        assert_eq!(error(as_value), errors::missing(claim));
        all.as_object_mut().expect("an object").remove(claim.name());
        assert_eq!(error(verify(HEADER, &all)), errors::missing(claim));
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
        JWT,
        r#"{"alg":"HS256","typ":"dpop+jwt"}"#,
    ] {
        let expected = errors::typ_mismatch(&["at+jwt"]);
        assert_eq!(error(verify(header, &least())), expected, "{header}");
    }
    let issuer = || errors::mismatch(Claim::Issuer, &[ISSUER]);
    let audience = || errors::mismatch(Claim::Audience, &[API]);
    let wrong_type = errors::wrong_type;
    let does_not_fit = |member| errors::custom_claims(Some(member), DOES_NOT_FIT);
    for (name, value, expected) in [
        ("iss", json!(OTHER), issuer()),
        ("iss", json!(format!("{ISSUER}/")), issuer()),
        ("aud", json!(OTHER), audience()),
        ("aud", json!([]), audience()),
        ("aud", json!([OTHER]), audience()),
        ("exp", json!(NOW), errors::expired(NOW, NOW)),
        ("nbf", json!(NOW + 1), errors::not_yet_valid(NOW + 1, NOW)),
        ("sub", json!(42), wrong_type(Claim::Subject)),
        ("client_id", json!(42), wrong_type(Claim::ClientId)),
        ("client_id", json!(null), wrong_type(Claim::ClientId)),
        (
            "client_id",
            json!(["web-shop"]),
            wrong_type(Claim::ClientId),
        ),
        ("auth_time", json!("now"), wrong_type(Claim::AuthTime)),
        ("auth_time", json!(null), wrong_type(Claim::AuthTime)),
        ("cnf", json!("key"), wrong_type(Claim::Confirmation)),
        ("cnf", json!([]), wrong_type(Claim::Confirmation)),
        ("cnf", json!(null), wrong_type(Claim::Confirmation)),
        ("token_use", json!(7), wrong_type(Claim::TokenUse)),
        ("scope", json!("a  b"), does_not_fit("scope")),
        ("scope", json!(7), wrong_type(Claim::Scope)),
        ("scope", json!(["a", 7]), wrong_type(Claim::Scope)),
        ("acr", json!(1), wrong_type(Claim::Acr)),
        ("amr", json!("pwd"), wrong_type(Claim::Amr)),
        ("amr", json!(["pwd", 7]), wrong_type(Claim::Amr)),
        ("roles", json!("admin"), wrong_type(Claim::Roles)),
        ("roles", json!([7]), does_not_fit("roles")),
        ("groups", json!({ "value": "x" }), wrong_type(Claim::Groups)),
        (
            "groups",
            json!([{ "display": "x" }]),
            does_not_fit("groups"),
        ),
        ("entitlements", json!(7), wrong_type(Claim::Entitlements)),
    ] {
        let payload = with(json!({ name: value.clone() }));
        assert_eq!(error(verify(HEADER, &payload)), expected, "{name} {value}");
    }
    // The types do not depend on the type that the claims are read into.
    for claim in RFC_9068 {
        let payload = with(json!({ claim.name(): 7 }));
        let as_value = verify_as::<Value>(&verifier(), HEADER, &payload);
        assert_eq!(error(as_value), wrong_type(claim));
    }
    for good in [
        json!({ "scope": [] }),
        json!({ "amr": [], "roles": [], "groups": [], "entitlements": [] }),
        json!({ "typ": "ID" }), // matters with `allow_typ_jwt` only
        json!({ "aud": [OTHER, API] }),
        json!({ "nbf": NOW }),
        json!({ "auth_time": 1.5e9 }),
        json!({ "token_use": "id" }), // matters with `allow_typ_jwt` only
        json!({ "nonce": 7, "events": 7, "at_hash": 7 }), // are no claims of an access token
    ] {
        let result = verify(HEADER, &with(good.clone()));
        assert!(result.is_ok(), "{good}: {result:?}");
    }
}

/// Each step corrects the first error. Types come first, then presence, values, and last `C`.
#[test]
fn types_come_before_presence_before_values_before_the_type_of_the_claims() {
    let mut payload = json!({
        "exp": "x", "aud": OTHER, "iss": OTHER, "client_id": 7, "auth_time": "x", "cnf": 7,
        "token_use": 7, "scope": 7, "roles": [7],
    });
    for (name, value, expected) in [
        ("exp", json!(NOW), errors::wrong_type(Claim::Expiration)),
        ("iat", json!(NOW), errors::missing(Claim::IssuedAt)),
        ("sub", json!("user-42"), errors::missing(Claim::Subject)),
        ("jti", json!("1"), errors::missing(Claim::JwtId)),
        ("exp", json!(NOW + 1), errors::expired(NOW, NOW)),
        (
            "iss",
            json!(ISSUER),
            errors::mismatch(Claim::Issuer, &[ISSUER]),
        ),
        ("aud", json!(API), errors::mismatch(Claim::Audience, &[API])),
        (
            "client_id",
            json!(REMOVE),
            errors::wrong_type(Claim::ClientId),
        ),
        ("auth_time", json!(NOW), errors::wrong_type(Claim::AuthTime)),
        ("cnf", json!({}), errors::wrong_type(Claim::Confirmation)),
        ("token_use", json!("x"), errors::wrong_type(Claim::TokenUse)),
        ("scope", json!("a"), errors::wrong_type(Claim::Scope)),
        ("client_id", json!("c"), errors::missing(Claim::ClientId)),
        ("cnf", json!(REMOVE), "Unexpected(Confirmation)".into()),
        (
            "roles",
            json!([]),
            errors::custom_claims(Some("roles"), DOES_NOT_FIT),
        ),
    ] {
        assert_eq!(error(verify(HEADER, &payload)), expected, "{payload}");
        let members = payload.as_object_mut().expect("an object");
        match value {
            Value::String(text) if text == REMOVE => members.remove(name),
            value => members.insert(name.into(), value),
        };
    }
    assert!(verify(HEADER, &payload).is_ok(), "{payload}");
}

#[test]
fn optional_claims_are_read_in_each_form_that_issuers_send() {
    let payload = with(json!({
        "scope": ["b", "a"],
        "auth_time": NOW - 5,
        "acr": "urn:mace:incommon:iap:silver",
        "amr": ["pwd", "otp"],
        "roles": ["admin", { "value": "editor", "display": "Editor" }],
        "groups": [{ "value": "staff", "$ref": "https://issuer.example/groups/1" }],
        "entitlements": [],
        "unknown": { "deep": [null] },
    }));
    let token = verify(HEADER, &payload).expect("a valid token");
    let claims = token.claims();
    assert_eq!(claims.client_id, "web-shop");
    assert_eq!(claims.scope, scope("a b"));
    assert_eq!(claims.auth_time.map(NumericDate::seconds), Some(NOW - 5));
    assert_eq!(claims.acr.as_deref(), Some("urn:mace:incommon:iap:silver"));
    assert_eq!(claims.amr, ["pwd", "otp"]);
    assert_eq!(claims.roles, ["admin", "editor"]);
    assert_eq!(claims.groups, ["staff"]);
    assert!(claims.entitlements.is_empty());
}

#[test]
fn null_is_a_wrong_type_unless_it_is_missing() {
    let lenient = verifier().map_verifier(jwt_ring::Verifier::null_as_missing);
    let nulls = |names: &[&str]| with(names.iter().map(|name| (*name, json!(null))).collect());
    for claim in REQUIRED {
        let payload = nulls(&[claim.name()]);
        assert_eq!(error(verify(HEADER, &payload)), errors::wrong_type(claim));
        let missing = verify_as::<AccessTokenClaims>(&lenient, HEADER, &payload);
        assert_eq!(error(missing), errors::missing(claim));
    }
    let optional = [
        Claim::NotBefore,
        Claim::AuthTime,
        Claim::Confirmation,
        Claim::TokenUse,
    ];
    for claim in optional.into_iter().chain(RFC_9068) {
        let payload = nulls(&[claim.name()]);
        assert_eq!(error(verify(HEADER, &payload)), errors::wrong_type(claim));
        assert!(verify_as::<AccessTokenClaims>(&lenient, HEADER, &payload).is_ok());
    }
    let all = nulls(&RFC_9068.map(Claim::name));
    let token = verify_as::<AccessTokenClaims>(&lenient, HEADER, &all);
    let claims = token.expect("a valid token").into_claims();
    assert!(claims.scope.is_empty() && claims.roles.is_empty() && claims.acr.is_none());
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
enum Tenant {
    #[serde(rename = "tenant")]
    Tenant(String),
}

/// The claims can be of any type, and the custom claims of any that is an object.
#[test]
fn claims_are_read_into_any_type() {
    #[derive(Debug, Deserialize)]
    struct Whole {
        sub: String,
        client_id: String,
        scope: Scope,
        tenant: String,
    }

    #[derive(Debug, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        all: Map<String, Value>,
    }

    let payload = with(json!({ "scope": "a", "tenant": "acme" }));
    fn read<C: DeserializeOwned>(payload: &Value) -> C {
        let token = verify_as::<C>(&verifier(), HEADER, payload);
        token.expect("a valid token").into_claims()
    }
    let whole: Whole = read(&payload);
    assert_eq!(
        (&*whole.sub, &*whole.client_id, &*whole.tenant),
        ("user-42", "web-shop", "acme")
    );
    assert_eq!(whole.scope, scope("a"));
    assert_eq!(read::<Value>(&payload), payload);
    assert_eq!(Value::from(read::<Flat>(&payload).all), payload);
    let claims: Claims<Map<String, Value>> = read(&payload);
    assert_eq!(claims.custom["client_id"], "web-shop");

    let acme = || App {
        tenant: "acme".into(),
    };
    assert_eq!(read::<AccessTokenClaims<App>>(&payload).custom, acme());
    assert_eq!(
        read::<AccessTokenClaims<Option<App>>>(&payload).custom,
        Some(acme())
    );
    let map = read::<AccessTokenClaims<Map<String, Value>>>(&payload).custom;
    assert_eq!(Value::from(map), json!({ "tenant": "acme" }));
    let value = read::<AccessTokenClaims<Value>>(&payload).custom;
    assert_eq!(value, json!({ "tenant": "acme" }));
    let tenant = read::<AccessTokenClaims<Tenant>>(&payload);
    assert_eq!(tenant.custom, Tenant::Tenant("acme".into()));
    // What was read can be written: the same members.
    let jwt = signer().sign(&tenant).expect("a token");
    let token = verifier().verify::<AccessTokenClaims<Tenant>>(&jwt, &key().verifying_key());
    assert_eq!(token.expect("a valid token").claims(), &tenant);
    let lacking = verify_as::<AccessTokenClaims<App>>(&verifier(), HEADER, &least());
    let expected = errors::custom_claims(
        Some("tenant"),
        "is missing, and the expected type requires it",
    );
    assert_eq!(error(lacking), expected);
}
