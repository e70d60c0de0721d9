//! Access tokens (RFC 9068).

mod support;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use jwt_ring::oauth::access_token::{AccessTokenClaims, Signer, Verifier};
use jwt_ring::oauth::{InvalidScope, Scope};
use jwt_ring::{
    Algorithm, Claim, Claims, FixedClock, NumericDate, SignError, SigningKey, Token, VerifyError,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use support::{NOW, clock, errors, forge};

const ISSUER: &str = "https://issuer.example";
const API: &str = "https://api.example";
const OTHER: &str = "https://other.example";
const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;
const JWT: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const MISFIT: &str = "does not fit the type asked for";
const DECLARES: &str = "does not fit, because the type of the custom claims declares a claim that is a \
                        field beside them: name the struct itself";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn with_clock(verifier: Verifier, clock: FixedClock) -> Verifier {
    verifier.map_verifier(|verifier| verifier.clock(clock))
}

fn verifier() -> Verifier {
    with_clock(Verifier::new(ISSUER, API), clock())
}

fn verify_as<C: DeserializeOwned>(
    verifier: &Verifier,
    header: &str,
    payload: &Value,
) -> Result<Token<C>, VerifyError> {
    let token = forge(&key(), header, payload.to_string());
    verifier.verify(&token, &key().verifying_key())
}

fn verify(header: &str, payload: &Value) -> Result<Token<AccessTokenClaims>, VerifyError> {
    verify_as(&verifier(), header, payload)
}

#[track_caller]
fn error<T: Debug>(result: Result<T, VerifyError>) -> String {
    errors::text(&result.expect_err("a rejected token"))
}

/// The claims that RFC 9068 §2.2 requires, and no others.
fn least() -> Value {
    json!({
        "iss": ISSUER, "exp": NOW + 1, "aud": API, "sub": "user-42", "client_id": "web-shop",
        "iat": NOW, "jti": "1",
    })
}

/// `least()` with other values; a claim whose value is `REMOVE` is left out.
fn with(changes: Value) -> Value {
    let mut payload = least();
    let members = payload.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::String(text) if text == REMOVE => members.remove(name),
            _ => members.insert(name.clone(), value.clone()),
        };
    }
    payload
}

/// The optional claims of RFC 9068 whose types are not checked in other access tokens.
const RFC_9068: [Claim; 6] = [
    Claim::Scope,
    Claim::Acr,
    Claim::Amr,
    Claim::Roles,
    Claim::Groups,
    Claim::Entitlements,
];

const REMOVE: &str = "(removed)";

fn scope(text: &str) -> Scope {
    text.parse().expect("a scope")
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct App {
    tenant: String,
}

fn signer() -> Signer {
    Signer::new(key().with_id("1"), ISSUER).clock(clock())
}

fn claims() -> AccessTokenClaims {
    signer().claims("user-42", API, "web-shop").expect("claims")
}

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
    assert_ne!(another.jwt_id, claims.jwt_id, "each `jti` is another");
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
fn each_required_claim_must_be_present() {
    assert!(verify(HEADER, &least()).is_ok());
    // In the order of the checks: of several that are missing, the first is the error.
    let required = [
        Claim::Expiration,
        Claim::IssuedAt,
        Claim::Issuer,
        Claim::Audience,
        Claim::Subject,
        Claim::JwtId,
        Claim::ClientId,
    ];
    let mut all = least();
    for claim in required.into_iter().rev() {
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
    let misfit = |member| errors::custom_claims(Some(member), MISFIT);
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
        ("scope", json!("a  b"), misfit("scope")),
        ("scope", json!(7), wrong_type(Claim::Scope)),
        ("scope", json!(["a", 7]), wrong_type(Claim::Scope)),
        ("acr", json!(1), wrong_type(Claim::Acr)),
        ("amr", json!("pwd"), wrong_type(Claim::Amr)),
        ("amr", json!(["pwd", 7]), wrong_type(Claim::Amr)),
        ("roles", json!("admin"), wrong_type(Claim::Roles)),
        ("roles", json!([7]), misfit("roles")),
        ("groups", json!({ "value": "x" }), wrong_type(Claim::Groups)),
        ("groups", json!([{ "display": "x" }]), misfit("groups")),
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

/// Each step takes the first fault away. Types come first, then presence, values, and last `C`.
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
            errors::custom_claims(Some("roles"), MISFIT),
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
    for claim in [
        Claim::Expiration,
        Claim::IssuedAt,
        Claim::Issuer,
        Claim::Audience,
        Claim::Subject,
        Claim::JwtId,
        Claim::ClientId,
    ] {
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

#[test]
fn map_verifier_cannot_weaken_the_profile() {
    let weak = || {
        verifier().map_verifier(|verifier| {
            verifier
                .typ("JWT")
                .allow_missing_expiration()
                .any_audience()
        })
    };
    let fresh = || {
        // Even another verifier in its place: `iss` and `aud` are not compared then.
        verifier().map_verifier(|_| jwt_ring::Verifier::new().any_audience().clock(clock()))
    };
    for weak in [weak(), fresh()] {
        let verify = |header, payload: &Value| verify_as::<Value>(&weak, header, payload);
        assert!(verify(HEADER, &least()).is_ok());
        assert_eq!(
            error(verify(JWT, &least())),
            errors::typ_mismatch(&["at+jwt"])
        );
        for claim in [
            Claim::Expiration,
            Claim::IssuedAt,
            Claim::Issuer,
            Claim::Audience,
            Claim::Subject,
            Claim::JwtId,
            Claim::ClientId,
        ] {
            let payload = with(json!({ claim.name(): REMOVE }));
            assert_eq!(error(verify(HEADER, &payload)), errors::missing(claim));
        }
        let bound = with(json!({ "cnf": {} }));
        assert_eq!(error(verify(HEADER, &bound)), "Unexpected(Confirmation)");
    }
    // It can be stricter, and called again it adds.
    let strict = verifier()
        .map_verifier(|verifier| verifier.subject("user-42"))
        .map_verifier(|verifier| verifier.max_age(Duration::from_secs(9)).max_size(1_000));
    let verify = |payload: &Value| verify_as::<Value>(&strict, HEADER, payload);
    assert!(verify(&least()).is_ok());
    let subject = verify(&with(json!({ "sub": "x" })));
    assert_eq!(
        error(subject),
        errors::mismatch(Claim::Subject, &["user-42"])
    );
    let old = verify(&with(json!({ "iat": NOW - 10 }))).expect_err("too old");
    assert_eq!(old.code(), "too_old");
    let long = verify(&with(json!({ "x": "x".repeat(1_000) }))).expect_err("too large");
    assert_eq!(long.code(), "too_large");
}

#[test]
fn several_issuers_and_audiences_can_be_expected() {
    let both = verifier().map_verifier(|verifier| verifier.issuer("b").audience("c"));
    let verify = |payload: Value| verify_as::<AccessTokenClaims>(&both, HEADER, &with(payload));
    for good in [
        json!({}),
        json!({ "iss": "b" }),
        json!({ "aud": "c" }),
        json!({ "iss": "b", "aud": ["x", "c"] }),
    ] {
        assert!(verify(good.clone()).is_ok(), "{good}");
    }
    let issuer = errors::mismatch(Claim::Issuer, &[ISSUER, "b"]);
    assert_eq!(error(verify(json!({ "iss": "c" }))), issuer);
    let audience = errors::mismatch(Claim::Audience, &[API, "c"]);
    assert_eq!(error(verify(json!({ "aud": "b" }))), audience);
    let sole = verifier().map_verifier(|verifier| verifier.sole_audience("c"));
    let of =
        |aud: Value| verify_as::<AccessTokenClaims>(&sole, HEADER, &with(json!({ "aud": aud })));
    assert!(of(json!(["c"])).is_ok());
    let audience = errors::mismatch(Claim::Audience, &["c"]);
    assert_eq!(error(of(json!(["c", API]))), audience);
}

#[test]
fn leeway_applies_to_exp() {
    let payload = with(json!({ "exp": NOW - 5 }));
    for (leeway, is_valid) in [(5, false), (6, true)] {
        let leeway = Duration::from_secs(leeway);
        let verifier = verifier().map_verifier(|verifier| verifier.leeway(leeway));
        let result = verify_as::<AccessTokenClaims>(&verifier, HEADER, &payload);
        assert_eq!(result.is_ok(), is_valid);
    }
}

/// With `allow_typ_jwt`: what is required, what is not, and what tells other tokens apart.
#[test]
fn allow_typ_jwt_accepts_other_access_tokens_and_no_others() {
    let verifier = verifier().allow_typ_jwt();
    let verify = |header, payload: &Value| verify_as::<Claims<Value>>(&verifier, header, payload);
    let least = json!({ "iss": ISSUER, "exp": NOW + 1, "aud": API, "sub": "user-42" });
    let plain = r#"{"alg":"HS256"}"#;
    for header in [HEADER, JWT, plain] {
        assert!(verify(header, &least).is_ok(), "{header}");
    }
    let with = |name: &str, value: Value| {
        let mut payload = least.clone();
        payload[name] = value;
        payload
    };
    let logout = r#"{"alg":"HS256","typ":"logout+jwt"}"#;
    let typ = errors::typ_mismatch(&["at+jwt", "JWT"]);
    assert_eq!(error(verify(logout, &least)), typ);
    for claim in [
        Claim::Expiration,
        Claim::Issuer,
        Claim::Audience,
        Claim::Subject,
    ] {
        let mut payload = least.clone();
        payload
            .as_object_mut()
            .expect("an object")
            .remove(claim.name());
        assert_eq!(error(verify(JWT, &payload)), errors::missing(claim));
    }
    for claim in [Claim::Nonce, Claim::AccessTokenHash, Claim::Events] {
        for value in [json!("x"), json!({}), json!(7), json!(null)] {
            for header in [HEADER, JWT, plain] {
                let found = verify(header, &with(claim.name(), value.clone()));
                assert_eq!(error(found), format!("Unexpected({claim:?})"));
            }
        }
    }
    assert!(verify(JWT, &with("token_use", json!("access"))).is_ok());
    let of_id = verify(JWT, &with("token_use", json!("id")));
    assert_eq!(error(of_id), errors::mismatch(Claim::TokenUse, &["access"]));
    for typ in ["ID", "Refresh", "Offline", "Logout"] {
        let expected = errors::mismatch(Claim::Typ, &["Bearer"]);
        for header in [HEADER, JWT, plain] {
            assert_eq!(error(verify(header, &with("typ", json!(typ)))), expected);
        }
    }
    for typ in [
        json!("Bearer"),
        json!("DPoP"),
        json!("id"),
        json!(7),
        json!(["ID"]),
    ] {
        assert!(verify(JWT, &with("typ", typ.clone())).is_ok(), "{typ}");
    }
    // These may be claims of the issuer's own.
    for claim in RFC_9068 {
        for value in [json!(7), json!(null), json!({}), json!("a")] {
            assert!(verify(JWT, &with(claim.name(), value)).is_ok(), "{claim}");
        }
    }
    for claim in [
        Claim::ClientId,
        Claim::AuthTime,
        Claim::Confirmation,
        Claim::TokenUse,
    ] {
        let found = verify(JWT, &with(claim.name(), json!([])));
        assert_eq!(error(found), errors::wrong_type(claim));
    }
    assert_eq!(
        error(verify(JWT, &with("cnf", json!({})))),
        "Unexpected(Confirmation)"
    );

    // The order of `map_verifier` and `allow_typ_jwt` does not matter.
    let any = |verifier: Verifier| {
        verifier.map_verifier(|verifier| verifier.any_audience().clock(clock()))
    };
    let new = || Verifier::new(ISSUER, API);
    for verifier in [any(new()).allow_typ_jwt(), any(new().allow_typ_jwt())] {
        let mut payload = least.clone();
        payload.as_object_mut().expect("an object").remove("aud");
        for payload in [payload, with("aud", json!("x"))] {
            assert!(
                verify_as::<Value>(&verifier, JWT, &payload).is_ok(),
                "{payload}"
            );
        }
    }
}

type Result2<C> = (
    Result<Token<C>, VerifyError>,
    Result<Arc<Token<C>>, VerifyError>,
);

/// Asserts that both are the same, and returns the error.
#[track_caller]
fn same<C: Debug + PartialEq>((plain, cached): Result2<C>) -> Option<String> {
    match (plain, cached) {
        (Ok(plain), Ok(cached)) => {
            assert_eq!(plain.claims(), cached.claims());
            assert_eq!(plain.header(), cached.header());
            None
        }
        (plain, cached) => {
            let plain = error(plain);
            assert_eq!(plain, error(cached));
            Some(plain)
        }
    }
}

/// Bound and unbound tokens, bearer and bound verification, with and without a proof, plain and
/// cached, before and after the token expired, with the cache cold and warm.
#[test]
fn a_bound_token_requires_its_proof() {
    let keys = key().verifying_key();
    let unbound = forge(&key(), HEADER, least().to_string());
    let cnf = json!({ "jkt": "thumbprint" });
    let bound = forge(&key(), HEADER, with(json!({ "cnf": cnf })).to_string());
    let forged = format!("{bound}A");
    let clock = clock();
    let plain = with_clock(Verifier::new(ISSUER, API), clock.clone());
    let cached = plain.clone().cached::<AccessTokenClaims>(10);
    let mismatch = errors::mismatch(Claim::Confirmation, &[]);
    let missing = errors::missing(Claim::Confirmation);
    for now in [NOW, NOW, NOW + 1, NOW + 1, NOW, NOW] {
        clock.set(NumericDate::from_seconds(now));
        for (token, proof, expected) in [
            (&unbound, None, None),
            (&unbound, Some("thumbprint"), Some(&*missing)),
            (&bound, None, Some("Unexpected(Confirmation)")),
            (&bound, Some("thumbprint"), None),
            (&bound, Some("another"), Some(&*mismatch)),
            (&forged, None, Some("InvalidSignature")),
            (&forged, Some("thumbprint"), Some("InvalidSignature")),
        ] {
            let mut calls = 0;
            let both = match proof {
                None => (plain.verify(token, &keys), cached.verify(token, &keys)),
                Some(proof) => {
                    let mut is_proven = |cnf: &Map<String, Value>| {
                        calls += 1;
                        cnf["jkt"] == proof
                    };
                    (
                        plain.verify_bound(token, &keys, &mut is_proven),
                        cached.verify_bound(token, &keys, &mut is_proven),
                    )
                }
            };
            let expired = errors::expired(NOW + 1, now);
            let expected = match expected {
                Some("InvalidSignature") | None if now == NOW => expected,
                Some("InvalidSignature") => expected,
                _ if now > NOW => Some(&*expired),
                _ => expected,
            };
            assert_eq!(same(both).as_deref(), expected, "{proof:?} at {now}");
            // The closure is called only for a token that passes all other checks.
            let is_called = token == &bound && proof.is_some() && now == NOW;
            assert_eq!(calls, if is_called { 2 } else { 0 });
        }
    }
}

#[test]
fn a_proof_is_not_cached_and_a_token_is() {
    let keys = key().verifying_key();
    let bound = forge(
        &key(),
        HEADER,
        with(json!({ "cnf": { "jkt": "x" } })).to_string(),
    );
    let verifier = verifier().cached::<Value>(10);
    let proven = |is| verifier.verify_bound(&bound, &keys, move |_| is);
    // A token whose proof failed is not in the cache either.
    assert!(proven(false).is_err());
    let first = proven(true).expect("a valid token");
    assert!(proven(false).is_err());
    assert!(verifier.verify(&bound, &keys).is_err());
    assert!(Arc::ptr_eq(&first, &proven(true).expect("a valid token")));
    let printed = format!("{verifier:?}");
    assert!(
        printed.starts_with("CachingVerifier { verifier: Verifier {"),
        "{printed}"
    );
}

#[test]
fn cnf_has_no_duplicate_names() {
    let payload = |cnf: &str| {
        let least = least().to_string();
        format!(
            r#"{},"cnf":{cnf}}}"#,
            least.strip_suffix('}').expect("an object")
        )
    };
    let keys = key().verifying_key();
    let plain = verifier();
    let cached = verifier().cached::<AccessTokenClaims>(10);
    for (cnf, expected) in [
        (r#"{"jkt":"a","x":[{"b":1,"b":2}]}"#, None), // only the members are read
        (
            r#"{"jkt":"a","jkt":"a"}"#,
            Some("has two members of the same name"),
        ),
        (
            r#"{"jkt":"a","\u006akt":"b"}"#,
            Some("has two members of the same name"),
        ),
        (r#"{}"#, None),
    ] {
        let token = forge(&key(), HEADER, payload(cnf));
        for _ in 0..2 {
            let both = (
                plain.verify_bound(&token, &keys, |_| true),
                cached.verify_bound(&token, &keys, |_| true),
            );
            let expected = expected.map(errors::malformed_payload);
            assert_eq!(same(both), expected, "{cnf}");
        }
    }
}

/// An ID token that is shown to an API is rejected for its `typ`, not for a claim that it lacks.
#[test]
fn an_id_token_is_rejected_for_its_typ() {
    let payload = json!({
        "iss": ISSUER, "sub": "user-42", "aud": API, "exp": NOW + 1, "iat": NOW, "nonce": "n",
    });
    for header in [r#"{"alg":"HS256"}"#, JWT] {
        let expected = errors::typ_mismatch(&["at+jwt"]);
        assert_eq!(error(verify(header, &payload)), expected);
    }
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
        "is missing, and the type asked for requires it",
    );
    assert_eq!(error(lacking), expected);
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

#[test]
fn scopes_are_sets_of_names() {
    let granted = scope("orders:read orders:write orders:read");
    assert_eq!(
        granted.iter().collect::<Vec<_>>(),
        ["orders:read", "orders:write"]
    );
    assert_eq!(granted.to_string(), "orders:read orders:write");
    assert!(granted.contains("orders:read"));
    for absent in [
        "orders",
        "read",
        "ORDERS:READ",
        "",
        "orders:read orders:write",
    ] {
        assert!(!granted.contains(absent), "{absent}");
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
        let error: InvalidScope = bad.parse::<Scope>().expect_err(bad);
        let expected =
            "expected names with one space between them, of ASCII characters other than \" and \\";
        assert_eq!(error.to_string(), expected);
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
    let error = serde_json::from_value::<Scope>(json!(5)).expect_err("no scope");
    let expected = "expected names with spaces between them, or an array of names";
    assert!(error.to_string().ends_with(expected), "{error}");
    assert_eq!(
        serde_json::to_value(scope("b a")).expect("JSON"),
        json!("a b")
    );
}

#[test]
fn the_issuer_and_the_audience_are_compared_whatever_verifier_is_wrapped() {
    let wrapped = || jwt_ring::Verifier::new().any_audience().clock(clock());
    let key = SigningKey::generate(Algorithm::ES256).expect("a key");
    let keys = key.verifying_key();
    let signer = |issuer: &str| {
        let key = SigningKey::from_der(Algorithm::ES256, key.secret_pkcs8_der().expect("PKCS#8"));
        Signer::new(key.expect("a key"), issuer).clock(clock())
    };
    let verifier = Verifier::new("https://a.example", "api").map_verifier(|_| wrapped());
    let verify = |issuer: &str, audience: &str| {
        let claims = signer(issuer)
            .claims("user", audience, "web")
            .expect("claims");
        let jwt = signer(issuer).sign(&claims).expect("a token");
        verifier.verify::<Claims>(&jwt, &keys).map(drop)
    };
    assert_eq!(verify("https://a.example", "api"), Ok(()));
    let found = |result: Result<(), VerifyError>| result.expect_err("another").to_string();
    assert_eq!(
        found(verify("https://evil.example", "api")),
        "expected the claim `iss` to be \"https://a.example\", found another value"
    );
    assert_eq!(
        found(verify("https://a.example", "other")),
        "expected the claim `aud` to be \"api\", found another value"
    );
}
