//! Client assertions (RFC 7523, draft-ietf-oauth-rfc7523bis-11).

mod support;

use std::fmt::Debug;
use std::time::Duration;

use jwt_ring::oauth::client_assertion::{Signer, Verifier, client_id};
use jwt_ring::replay::{OneTime, ReplayError, ReplayGuard, ReplayKey};
use jwt_ring::{Algorithm, Claim, NumericDate, SigningKey, Token, VerifyError};
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

const ISSUER: &str = "https://issuer.example";
const CLIENT: &str = "web-shop";
const HEADER: &str = r#"{"alg":"HS256","typ":"client-authentication+jwt"}"#;

type Verified = Result<OneTime<Token<Value>>, VerifyError>;

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new(ISSUER).map_verifier(|verifier| verifier.clock(clock()))
}

/// A payload with other values; a claim that is `null` is left out.
fn with(changes: Value) -> Value {
    let mut payload = json!({
        "iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "exp": NOW + 60, "jti": "1",
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

fn too_long(issued_at: i64, expiration: i64, max: u64) -> String {
    let [issued_at, expiration] = [issued_at, expiration].map(NumericDate::from_seconds);
    let max = Duration::from_secs(max);
    format!(
        "LifetimeTooLong {{ issued_at: {issued_at:?}, expiration: {expiration:?}, max: {max:?} }}"
    )
}

#[test]
fn a_signed_assertion_verifies() {
    for algorithm in [Algorithm::ES256, Algorithm::HS256] {
        let key = support::signing_key(algorithm).with_id("1");
        let keys = key.verifying_key();
        let signer = Signer::new(key, CLIENT, ISSUER).clock(clock());
        let assertion = signer.sign().expect("an assertion");
        let token: Token<Value> = verifier()
            .verify(&assertion, CLIENT, &keys)
            .expect("a valid assertion")
            .without_replay_check();
        assert_eq!(token.header().typ(), Some("client-authentication+jwt"));
        assert_eq!(token.header().key_id(), Some("1"));
        let jti = token.claims()["jti"].as_str().expect("a string");
        assert_eq!(support::decode(jti).len(), 16, "128 bits");
        assert_eq!(
            token.claims(),
            &json!({
                "iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "iat": NOW, "exp": NOW + 60, "jti": jti,
            }),
        );
        let another = signer.sign().expect("an assertion");
        let another: Token<Value> = verifier()
            .verify(&another, CLIENT, &keys)
            .expect("a valid assertion")
            .without_replay_check();
        assert_ne!(another.claims()["jti"], *jti);
        let long = signer.lifetime(Duration::from_secs(300));
        let verify = |assertion: &str| verifier().verify::<Value>(assertion, CLIENT, &keys);
        assert!(verify(&long.sign().expect("an assertion")).is_ok());
        let longer = long.lifetime(Duration::from_secs(301));
        let assertion = longer.sign().expect("an assertion");
        assert_eq!(error(verify(&assertion)), too_long(NOW, NOW + 301, 300));
    }
}

#[test]
fn typ_is_that_of_client_assertions_jwt_or_absent() {
    for typ in [
        r#","typ":"client-authentication+jwt""#,
        r#","typ":"application/client-authentication+jwt""#,
        r#","typ":"JWT""#,
        "",
    ] {
        let header = format!(r#"{{"alg":"HS256"{typ}}}"#);
        assert!(verify_with(&verifier(), &header, &with(json!({}))).is_ok());
    }
    for typ in ["at+jwt", "dpop+jwt", "oauth-id-jag+jwt"] {
        let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
        let found = error(verify_with(&verifier(), &header, &with(json!({}))));
        let expected = errors::typ_mismatch(&["client-authentication+jwt", "JWT"]);
        assert_eq!(found, expected, "{typ}");
    }
}

#[test]
fn claims_are_required_typed_and_compared() {
    assert!(verify(json!({})).is_ok());
    for claim in [
        Claim::Expiration,
        Claim::Issuer,
        Claim::Audience,
        Claim::Subject,
        Claim::JwtId,
    ] {
        let found = error(verify(json!({ claim.name(): null })));
        assert_eq!(found, errors::missing(claim));
        let found = error(verify(json!({ claim.name(): { "a": 1 } })));
        assert_eq!(found, errors::wrong_type(claim));
    }
    let jti = || errors::mismatch(Claim::JwtId, &[]);
    let client = |claim| errors::mismatch(claim, &[CLIENT]);
    for (changes, expected) in [
        (json!({ "iss": "other" }), client(Claim::Issuer)),
        (
            json!({ "iss": "other", "sub": "other" }),
            client(Claim::Issuer),
        ),
        (json!({ "sub": "other" }), client(Claim::Subject)),
        (json!({ "sub": "" }), client(Claim::Subject)),
        (json!({ "exp": NOW }), errors::expired(NOW, NOW)),
        (
            json!({ "nbf": NOW + 1 }),
            errors::not_yet_valid(NOW + 1, NOW),
        ),
        (json!({ "iat": "x" }), errors::wrong_type(Claim::IssuedAt)),
        (json!({ "jti": "" }), jti()),
        (json!({ "jti": "x".repeat(257) }), jti()),
        (json!({ "jti": "é".repeat(129) }), jti()),
    ] {
        assert_eq!(error(verify(changes.clone())), expected, "{changes}");
    }
    for good in [
        json!({ "nbf": NOW, "iat": NOW }),
        json!({ "jti": "x".repeat(256) }),
        json!({ "jti": "é".repeat(128) }),
        json!({ "jti": "\u{1}".repeat(256) }), // longer in JSON
    ] {
        assert!(verify(good.clone()).is_ok(), "{good}");
    }
    // An assertion of one client is none of another.
    let assertion = forge(&key(), HEADER, with(json!({})).to_string());
    let other = verifier().verify::<Value>(&assertion, "other", &key().verifying_key());
    assert_eq!(error(other), errors::mismatch(Claim::Issuer, &["other"]));
}

#[test]
fn the_issuer_is_the_sole_audience() {
    for good in [json!(ISSUER), json!([ISSUER])] {
        assert!(verify(json!({ "aud": good.clone() })).is_ok(), "{good}");
    }
    for bad in [
        json!(format!("{ISSUER}/token")),
        json!(format!("{ISSUER}/")),
        json!([format!("{ISSUER}/token")]),
        json!([ISSUER, format!("{ISSUER}/token")]),
        json!([ISSUER, ISSUER]),
        json!([]),
        json!(""),
    ] {
        let found = error(verify(json!({ "aud": bad.clone() })));
        assert_eq!(found, errors::mismatch(Claim::Audience, &[ISSUER]), "{bad}");
    }
}

#[test]
fn the_lifetime_is_short() {
    // `iat`, `exp`, the leeway, and the time from which the lifetime counts.
    for (iat, exp, leeway, expected) in [
        (None, 300, 0, None),
        (None, 301, 0, Some(0)),
        (None, 310, 10, None),
        (None, 311, 10, Some(0)),
        (Some(-100), 200, 0, None),
        (Some(-100), 201, 0, Some(-100)),
        (Some(-100), 210, 10, None),
        // In the future, it does not prolong the lifetime.
        (Some(100), 300, 0, None),
        (Some(100), 301, 0, Some(0)),
    ] {
        let mut payload = with(json!({ "exp": NOW + exp }));
        if let Some(iat) = iat {
            payload["iat"] = json!(NOW + iat);
        }
        let verifier =
            verifier().map_verifier(|verifier| verifier.leeway(Duration::from_secs(leeway)));
        let found = verify_with(&verifier, HEADER, &payload).map(drop);
        let found = found.map_err(|error| errors::text(&error)).err();
        let expected = expected.map(|start| too_long(NOW + start, NOW + exp, 300));
        assert_eq!(found, expected, "{payload}");
    }
    let short = verifier().max_lifetime(Duration::from_secs(30));
    let payload = |exp| with(json!({ "exp": NOW + exp }));
    assert!(verify_with(&short, HEADER, &payload(30)).is_ok());
    let found = error(verify_with(&short, HEADER, &payload(31)));
    assert_eq!(found, too_long(NOW, NOW + 31, 30));
}

#[test]
fn map_verifier_cannot_weaken_the_profile() {
    let verifier = Verifier::new(ISSUER).map_verifier(|verifier| {
        verifier
            .clock(clock())
            .audience("https://issuer.example/token")
            .any_audience()
            .typ("at+jwt")
            .allow_missing_expiration()
    });
    assert!(verify_with(&verifier, HEADER, &with(json!({}))).is_ok());
    for (changes, expected) in [
        (json!({ "exp": null }), errors::missing(Claim::Expiration)),
        (json!({ "aud": null }), errors::missing(Claim::Audience)),
        (
            json!({ "aud": "https://issuer.example/token" }),
            errors::mismatch(Claim::Audience, &[ISSUER]),
        ),
    ] {
        let found = error(verify_with(&verifier, HEADER, &with(changes)));
        assert_eq!(found, expected);
    }
    let at = r#"{"alg":"HS256","typ":"at+jwt"}"#;
    let found = error(verify_with(&verifier, at, &with(json!({}))));
    let expected = errors::typ_mismatch(&["client-authentication+jwt", "JWT"]);
    assert_eq!(found, expected);
    // It can strengthen it.
    let strict = self::verifier().map_verifier(|verifier| verifier.algorithms([Algorithm::ES256]));
    let found = error(verify_with(&strict, HEADER, &with(json!({}))));
    assert_eq!(found, errors::algorithm_not_allowed(Algorithm::HS256));
}

#[test]
fn an_assertion_is_used_once() {
    let guard = ReplayGuard::new(10);
    let leeway = Duration::from_secs(5);
    let clock = clock();
    let verifier =
        Verifier::new(ISSUER).map_verifier(|verifier| verifier.clock(clock.clone()).leeway(leeway));
    let payload = with(json!({}));
    let use_it = || {
        let verified = verify_with(&verifier, HEADER, &payload)?;
        // The key is kept until the verifier rejects the assertion.
        let until = NumericDate::from_seconds(NOW + 65);
        let expected = ReplayKey::new("client-assertion", CLIENT, "1", until);
        assert_eq!(verified.replay_key(), &expected);
        Ok(verified.first_use(&guard).map(drop))
    };
    assert_eq!(use_it(), Ok(Ok(())));
    clock.set(NumericDate::from_seconds(NOW + 64));
    assert_eq!(use_it(), Ok(Err(ReplayError::Replayed)));
    clock.set(NumericDate::from_seconds(NOW + 65));
    assert_eq!(error(use_it()), errors::expired(NOW + 60, NOW + 65));
}

#[test]
fn keys_of_another_client_do_not_verify() {
    let assertion = forge(&key(), HEADER, with(json!({})).to_string());
    let other = SigningKey::from_secret(Algorithm::HS256, [8; 32]).expect("a key");
    let found = verifier().verify::<Value>(&assertion, CLIENT, &other.verifying_key());
    assert_eq!(error(found), errors::invalid_signature());
}

#[test]
fn the_client_is_read_before_verification() {
    let read = |payload: &str| client_id(&forge(&key(), HEADER, payload));
    assert_eq!(read(r#"{"iss":"web-shop"}"#), Ok(CLIENT.into()));
    assert_eq!(
        read(r#"{"\u0069ss":"web\u002dshop","x":[1]}"#),
        Ok(CLIENT.into())
    );
    let duplicate = "has two members of the same name";
    for (payload, expected) in [
        ("{}", errors::missing(Claim::Issuer)),
        (r#"{"iss":7}"#, errors::wrong_type(Claim::Issuer)),
        (r#"{"iss":null}"#, errors::wrong_type(Claim::Issuer)),
        (
            r#"{"iss":"a","iss":"a"}"#,
            errors::malformed_payload(duplicate),
        ),
        (
            r#"{"iss":"a","is\u0073":"b"}"#,
            errors::malformed_payload(duplicate),
        ),
        (
            r#"["iss"]"#,
            errors::malformed_payload("is not a JSON object"),
        ),
    ] {
        assert_eq!(error(read(payload)), expected, "{payload}");
    }
    assert_eq!(error(client_id("a.b")), errors::segments(2));
    let not_base64 = errors::malformed_payload("is not base64url without padding");
    assert_eq!(error(client_id("a.b=.c")), not_base64);
    let token = format!("a.{}.", support::encode(r#"{"iss":"web-shop"}"#));
    let padded = |length: usize| format!("{token}{}", "A".repeat(length - token.len()));
    assert_eq!(client_id(&padded(65_536)), Ok(CLIENT.into()));
    let too_large = errors::too_large(65_536, 65_537);
    assert_eq!(error(client_id(&padded(65_537))), too_large);
}
