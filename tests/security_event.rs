//! Security event tokens (RFC 8417), and the errors of their delivery (RFC 8935).

mod support;

use std::borrow::Cow;
use std::fmt::Debug;

use jwt_ring::oauth::security_event::{DeliveryError, SecurityEventClaims, Verifier};
use jwt_ring::{
    Algorithm, Claim, Header, KeyLookupError, KeySet, Keys, NumericDate, Signer, SigningKey, Token,
    VerifyError, VerifyingKey,
};
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

const ISSUER: &str = "https://issuer.example";
const RECIPIENT: &str = "https://receiver.example";
const OTHER: &str = "https://other.example";
const EVENT: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
const HEADER: &str = r#"{"alg":"HS256","typ":"secevent+jwt"}"#;
const DUPLICATE: &str = "has two members of the same name";

type Verified = Result<Token<SecurityEventClaims>, VerifyError>;

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new(ISSUER, RECIPIENT).map_verifier(|verifier| verifier.clock(clock()))
}

/// A payload with other values; a claim that is `null` is left out.
fn with(changes: Value) -> Value {
    let mut payload = json!({
        "iss": ISSUER, "aud": RECIPIENT, "iat": NOW, "jti": "1", "events": { EVENT: {} },
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
fn a_signed_token_verifies() {
    let mut claims = SecurityEventClaims::new(ISSUER, "1", NumericDate::from_seconds(NOW))
        .audience(RECIPIENT)
        .event(EVENT, json!({ "event_timestamp": NOW }))
        .event("urn:example:event", json!({}));
    claims.transaction_id = Some("8675309".into());
    claims.time_of_event = Some(NumericDate::from_seconds(NOW - 5));
    claims.subject_id = json!({ "format": "opaque", "id": "1" })
        .as_object()
        .cloned();
    let signer = Signer::new(key()).typ("secevent+jwt");
    let set = signer.sign(&claims).expect("a token");
    let token: Token<SecurityEventClaims> = verifier()
        .verify(&set, &key().verifying_key())
        .expect("a valid token");
    assert_eq!(token.claims(), &claims);
    let payload = support::decode(set.split('.').nth(1).expect("a payload"));
    let payload: Value = serde_json::from_slice(&payload).expect("JSON");
    assert_eq!(
        payload,
        json!({
            "iss": ISSUER, "aud": RECIPIENT, "iat": NOW, "jti": "1", "txn": "8675309",
            "toe": NOW - 5, "sub_id": { "format": "opaque", "id": "1" },
            "events": { EVENT: { "event_timestamp": NOW }, "urn:example:event": {} },
        }),
    );
}

#[test]
fn typ_is_that_of_security_events() {
    for typ in ["secevent+jwt", "application/secevent+jwt"] {
        let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
        assert!(
            verify_with(&verifier(), &header, &with(json!({}))).is_ok(),
            "{typ}"
        );
    }
    for typ in [r#","typ":"JWT""#, r#","typ":"logout+jwt""#, ""] {
        let header = format!(r#"{{"alg":"HS256"{typ}}}"#);
        let found = error(verify_with(&verifier(), &header, &with(json!({}))));
        assert_eq!(found, errors::typ_mismatch(&["secevent+jwt"]), "{typ}");
    }
}

#[test]
fn claims_are_required_typed_and_compared() {
    assert!(verify(json!({})).is_ok());
    for claim in [
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
    let wrong_type = errors::wrong_type;
    for (changes, expected) in [
        (
            json!({ "iss": OTHER }),
            errors::mismatch(Claim::Issuer, &[ISSUER]),
        ),
        (
            json!({ "aud": OTHER }),
            errors::mismatch(Claim::Audience, &[RECIPIENT]),
        ),
        (json!({ "toe": "x" }), wrong_type(Claim::TimeOfEvent)),
        (json!({ "txn": 7 }), wrong_type(Claim::TransactionId)),
        (json!({ "sub_id": "x" }), wrong_type(Claim::SubjectId)),
        (
            json!({ "events": {} }),
            errors::mismatch(Claim::Events, &[]),
        ),
        (json!({ "events": [EVENT] }), wrong_type(Claim::Events)),
        (
            json!({ "events": { EVENT: "x" } }),
            wrong_type(Claim::Events),
        ),
        (
            json!({ "events": { EVENT: {}, "a": [] } }),
            wrong_type(Claim::Events),
        ),
        // `exp` is not required; if it is present, it is honoured.
        (json!({ "exp": NOW }), errors::expired(NOW, NOW)),
        (json!({ "exp": "x" }), wrong_type(Claim::Expiration)),
    ] {
        assert_eq!(error(verify(changes.clone())), expected, "{changes}");
    }
    for good in [
        json!({ "exp": NOW + 1 }),
        json!({ "aud": [OTHER, RECIPIENT] }),
        json!({ "toe": 1.5e9, "txn": "x", "sub": "x", "sub_id": {} }),
        json!({ "events": { "a": {}, "b": { "c": 7 } } }),
    ] {
        assert!(verify(good.clone()).is_ok(), "{good}");
    }
}

#[test]
fn events_and_sub_id_have_no_duplicate_names() {
    for name in ["events", "sub_id"] {
        for (members, expected) in [
            (r#""a":{}"#, None),
            (r#""a":{"b":1,"b":1}"#, None), // only the members are read
            (r#""a":{},"a":{}"#, Some(DUPLICATE)),
            (r#""a":{},"\u0061":{}"#, Some(DUPLICATE)),
        ] {
            let payload = with(json!({ name: null })).to_string();
            let rest = payload.strip_prefix('{').expect("an object");
            let token = forge(
                &key(),
                HEADER,
                format!(r#"{{"{name}":{{{members}}},{rest}"#),
            );
            let found = verifier().verify::<Value>(&token, &key().verifying_key());
            let found = found.map_err(|error| errors::text(&error)).err();
            let expected = expected.map(errors::malformed_payload);
            assert_eq!(found, expected, "{name} {members}");
        }
    }
}

#[test]
fn map_verifier_changes_the_audience_and_nothing_else() {
    let any = verifier().map_verifier(|verifier| verifier.any_audience().typ("JWT"));
    for aud in [json!(null), json!(OTHER), json!(RECIPIENT)] {
        assert!(verify_with(&any, HEADER, &with(json!({ "aud": aud }))).is_ok());
    }
    let found = error(verify_with(&any, HEADER, &with(json!({ "iss": OTHER }))));
    assert_eq!(found, errors::mismatch(Claim::Issuer, &[ISSUER]));
    let jwt = r#"{"alg":"HS256","typ":"JWT"}"#;
    let found = error(verify_with(&any, jwt, &with(json!({}))));
    assert_eq!(found, errors::typ_mismatch(&["secevent+jwt"]));
    let two = verifier().map_verifier(|verifier| verifier.audience(OTHER));
    for aud in [OTHER, RECIPIENT] {
        assert!(verify_with(&two, HEADER, &with(json!({ "aud": aud }))).is_ok());
    }
}

/// Keys that cannot be fetched.
struct Unavailable;

impl Keys for Unavailable {
    fn key(&self, _: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        Err(KeyLookupError::unavailable(std::io::Error::other("down")))
    }
}

#[test]
fn errors_of_delivery() {
    use DeliveryError::{InvalidAudience, InvalidIssuer, InvalidKey, InvalidRequest};

    let keys = key().verifying_key();
    let none = KeySet::from_json(r#"{"keys":[]}"#).expect("a key set");
    let other = SigningKey::from_secret(Algorithm::HS256, [8; 32]).expect("a key");
    let other = other.verifying_key();
    let es256 = support::signing_key(Algorithm::ES256).verifying_key();
    let cases: [(&str, Value, &dyn Keys, Option<DeliveryError>); 12] = [
        (r#"{"alg":"none"}"#, json!({}), &keys, Some(InvalidKey)),
        (HEADER, json!({}), &es256, Some(InvalidKey)),
        (HEADER, json!({}), &other, Some(InvalidKey)),
        (HEADER, json!({}), &none, Some(InvalidKey)),
        (HEADER, json!({}), &Unavailable, None),
        (r#"{"alg":"HS256"}"#, json!({}), &keys, Some(InvalidRequest)),
        (HEADER, json!({ "events": {} }), &keys, Some(InvalidRequest)),
        (HEADER, json!({ "iss": null }), &keys, Some(InvalidRequest)),
        (HEADER, json!({ "iss": OTHER }), &keys, Some(InvalidIssuer)),
        (
            HEADER,
            json!({ "aud": OTHER }),
            &keys,
            Some(InvalidAudience),
        ),
        (HEADER, json!({ "aud": null }), &keys, Some(InvalidAudience)),
        (HEADER, json!({ "exp": 0 }), &keys, Some(InvalidRequest)),
    ];
    for (header, changes, keys, expected) in cases {
        let token = forge(&key(), header, with(changes.clone()).to_string());
        let found = verifier().verify::<Value>(&token, keys);
        let found = found.expect_err("a rejected token");
        assert_eq!(DeliveryError::of(&found), expected, "{header} {changes}");
    }
    let strict = verifier().map_verifier(|verifier| verifier.algorithms([Algorithm::ES256]));
    let found = verify_with(&strict, HEADER, &with(json!({}))).expect_err("a rejected token");
    assert_eq!(DeliveryError::of(&found), Some(InvalidKey));
    let unknown = VerifyError::UnknownIssuer;
    assert_eq!(DeliveryError::of(&unknown), Some(InvalidIssuer));
    for (error, code) in [
        (InvalidRequest, "invalid_request"),
        (InvalidKey, "invalid_key"),
        (InvalidIssuer, "invalid_issuer"),
        (InvalidAudience, "invalid_audience"),
        (DeliveryError::AuthenticationFailed, "authentication_failed"),
        (DeliveryError::AccessDenied, "access_denied"),
    ] {
        assert_eq!(error.code(), code);
        assert!(!error.to_string().is_empty());
    }
}
