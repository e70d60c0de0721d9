//! All checks are made before the type is read, and none depends on it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claim, Claims, Clock, Header, KeyLookupError, KeySet, Keys, NumericDate, SigningKey,
    Verifier, VerifyError, VerifyingKey,
};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::support::{NOW, errors, forge};
use crate::{HEADER, Own, key, payload, read, read_with, verifier};

/// A type that fits no payload of these tests.
#[derive(Debug, Deserialize)]
struct DoesNotFit {
    #[allow(dead_code, reason = "it is never made")]
    exp: String,
    #[allow(dead_code, reason = "it is never made")]
    absent: u8,
}

/// Checks the error for types that fit and types that do not.
#[track_caller]
fn rejects(verifier: &Verifier, keys: &dyn Keys, token: &str, expected: &str) {
    fn error<C: DeserializeOwned>(verifier: &Verifier, keys: &dyn Keys, token: &str) -> String {
        let result = verifier.verify::<C>(token, keys).map(drop);
        errors::text(&result.expect_err(token))
    }
    for found in [
        error::<Claims>(verifier, keys, token),
        error::<Claims<Value>>(verifier, keys, token),
        error::<Claims<Own>>(verifier, keys, token),
        error::<Value>(verifier, keys, token),
        error::<HashMap<String, Value>>(verifier, keys, token),
        error::<Own>(verifier, keys, token),
        error::<DoesNotFit>(verifier, keys, token),
        error::<Vec<u8>>(verifier, keys, token),
        error::<()>(verifier, keys, token),
    ] {
        assert_eq!(found, expected, "{token}");
    }
    let mut buffer = Vec::new();
    let result = verifier.verify_borrowed::<&str>(token, keys, &mut buffer);
    assert_eq!(errors::text(&result.map(drop).expect_err(token)), expected);
}

#[test]
fn checks_of_token_and_header_come_before_the_type() {
    let public = key().verifying_key();
    let with_header = |header: &str| forge(&key(), header, payload().to_string());
    let good = with_header(HEADER);
    let bare = &good[..=good.rfind('.').expect("a dot")];
    let other = SigningKey::from_secret(Algorithm::HS384, [7; 48]).expect("a key");
    let only_es256 = verifier().algorithms([Algorithm::ES256]);
    let (limit, found) = (good.len() - 1, good.len());
    let key_lookup = |error| errors::text(&VerifyError::KeyLookup(error));
    let no_keys = KeySet::default();
    let rows: [(Verifier, &dyn Keys, String, String); 12] = [
        (
            verifier().max_size(limit),
            &public,
            good.clone(),
            errors::too_large(limit, found),
        ),
        (verifier(), &public, "a.b".into(), errors::segments(2)),
        (
            verifier(),
            &public,
            with_header("{}"),
            errors::malformed_header("has no `alg`"),
        ),
        (
            verifier(),
            &public,
            with_header(r#"{"alg":"HS256","crit":[]}"#),
            errors::unsupported_extension("crit"),
        ),
        (
            verifier(),
            &public,
            with_header(r#"{"alg":"none"}"#),
            errors::unsupported_algorithm(),
        ),
        (
            only_es256,
            &public,
            good.clone(),
            errors::algorithm_not_allowed(Algorithm::HS256),
        ),
        (
            verifier(),
            &no_keys,
            good.clone(),
            key_lookup(KeyLookupError::Unknown),
        ),
        (
            verifier(),
            &other.verifying_key(),
            good.clone(),
            errors::algorithm_mismatch(Algorithm::HS384, Algorithm::HS256),
        ),
        (
            verifier(),
            &public,
            format!("{good}="),
            errors::malformed_signature("is not base64url without padding"),
        ),
        (
            verifier(),
            &public,
            bare.into(),
            errors::invalid_signature(),
        ),
        (
            verifier(),
            &public,
            with_header(r#"{"alg":"HS256","typ":"at+jwt"}"#),
            errors::typ_mismatch(&[]),
        ),
        (
            verifier(),
            &public,
            with_header(r#"{"alg":"HS256","cty":"JWT"}"#),
            errors::nested_token(),
        ),
    ];
    for (verifier, keys, token, expected) in rows {
        rejects(&verifier, keys, &token, &expected);
    }
}

#[test]
fn checks_of_the_payload_come_before_the_type() {
    let public = key().verifying_key();
    let second = Duration::from_secs(1);
    let date = NumericDate::from_seconds;
    let (now, future) = (date(NOW), NOW + 10);
    let unexpected_audience = errors::text(&VerifyError::UnexpectedAudience);
    let rows = [
        (
            verifier(),
            "[]".into(),
            errors::malformed_payload("is not a JSON object"),
        ),
        (
            verifier(),
            r#"{"role":1,"role":1}"#.into(),
            errors::malformed_payload("has two members of the same name"),
        ),
        (
            verifier(),
            format!(r#"{{"exp":{future},"nbf":"hunter2"}}"#),
            errors::wrong_type(Claim::NotBefore),
        ),
        (
            verifier().null_as_missing(),
            r#"{"exp":null}"#.into(),
            errors::missing(Claim::Expiration),
        ),
        (verifier(), "{}".into(), errors::missing(Claim::Expiration)),
        (verifier(), r#"{"exp":1}"#.into(), errors::expired(1, NOW)),
        (
            verifier(),
            format!(r#"{{"exp":{future},"nbf":{future}}}"#),
            errors::not_yet_valid(future, NOW),
        ),
        (
            verifier().max_age(second),
            format!(r#"{{"exp":{future},"iat":{future}}}"#),
            format!("IssuedInFuture {{ at: {:?}, now: {now:?} }}", date(future)),
        ),
        (
            verifier().max_age(second),
            format!(r#"{{"exp":{future},"iat":1}}"#),
            format!(
                "TooOld {{ claim: IssuedAt, at: {:?}, now: {now:?} }}",
                date(1)
            ),
        ),
        (
            verifier().max_lifetime(second),
            format!(r#"{{"exp":{future},"iat":{NOW}}}"#),
            format!(
                "LifetimeTooLong {{ issued_at: {now:?}, expiration: {:?}, max: {second:?} }}",
                date(future)
            ),
        ),
        (
            verifier().issuer("me"),
            format!(r#"{{"exp":{future},"iss":"you"}}"#),
            errors::mismatch(Claim::Issuer, &["me"]),
        ),
        (
            verifier().audience("me"),
            format!(r#"{{"exp":{future},"aud":["you"]}}"#),
            errors::mismatch(Claim::Audience, &["me"]),
        ),
        (
            verifier(),
            format!(r#"{{"exp":{future},"aud":"you"}}"#),
            unexpected_audience,
        ),
        (
            verifier().subject("me"),
            format!(r#"{{"exp":{future},"sub":"you"}}"#),
            errors::mismatch(Claim::Subject, &["me"]),
        ),
        (
            verifier().require(Claim::Nonce),
            format!(r#"{{"exp":{future}}}"#),
            errors::missing(Claim::Nonce),
        ),
    ];
    for (verifier, payload, expected) in rows {
        rejects(
            &verifier,
            &public,
            &forge(&key(), HEADER, payload),
            &expected,
        );
    }
    // The order of the checks is that of the design, not that of the members.
    for payload in [r#"{"role":5,"exp":"x"}"#, r#"{"exp":"x","role":5}"#] {
        let token = forge(&key(), HEADER, payload);
        rejects(
            &verifier(),
            &public,
            &token,
            &errors::wrong_type(Claim::Expiration),
        );
    }
}

/// A type that reads nothing, and one that ignores an error of the deserializer.
struct ReadsNothing;
struct IgnoresErrors;

impl<'de> Deserialize<'de> for ReadsNothing {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

impl<'de> Deserialize<'de> for IgnoresErrors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let _ = Own::deserialize(deserializer);
        Ok(Self)
    }
}

/// A type that quotes a value in its error.
#[derive(Debug)]
struct Quotes;

impl<'de> Deserialize<'de> for Quotes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Err(D::Error::custom(value))
    }
}

#[test]
fn a_type_with_an_implementation_of_its_own_does_not_change_the_checks() {
    let rows = [
        (r#"{"exp":9e9}"#, None),
        (r#"{"exp":1}"#, Some("expired")),
        (r#"{"exp":"x"}"#, Some("wrong_type")),
        (r#"{"exp":9e9,"a":1,"a":1}"#, Some("malformed_payload")),
        (r#"{"exp":9e9,"aud":"x"}"#, Some("unexpected_audience")),
    ];
    for (payload, expected) in rows {
        let code = |result: Result<(), VerifyError>| result.err().map(|error| error.code());
        let nothing = read_with::<ReadsNothing>(&verifier(), payload).map(drop);
        let ignores = read_with::<IgnoresErrors>(&verifier(), payload).map(drop);
        let quotes = read_with::<Quotes>(&verifier(), payload).map(drop);
        assert_eq!(
            code(quotes),
            expected.or(Some("custom_claims")),
            "{payload}"
        );
        // serde_json reports what was left unread.
        if expected.is_some() {
            assert_eq!(code(nothing), expected, "{payload}");
            assert_eq!(code(ignores), expected, "{payload}");
        }
    }
    let error = read::<Quotes>(r#"{"role":"hunter2"}"#).expect_err("its own");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn a_panic_of_the_callers_code_leaves_everything_usable() {
    struct Panics;

    impl<'de> Deserialize<'de> for Panics {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            panic!("expected")
        }
    }

    impl Keys for Panics {
        fn key(&self, _: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
            panic!("expected")
        }
    }

    #[derive(Debug)]
    struct PanickingClock;

    impl Clock for PanickingClock {
        fn now(&self) -> NumericDate {
            panic!("expected")
        }
    }

    let keys = key().verifying_key();
    let token = forge(&key(), HEADER, payload().to_string());
    let verifier = verifier();
    let with_clock = verifier.clone().clock(PanickingClock);
    let panics = |verify: &dyn Fn()| assert!(catch_unwind(AssertUnwindSafe(verify)).is_err());
    panics(&|| drop(verifier.verify::<Panics>(&token, &keys)));
    panics(&|| drop(verifier.verify::<Claims<Panics>>(&token, &keys)));
    panics(&|| drop(verifier.verify::<Claims>(&token, &Panics)));
    panics(&|| drop(with_clock.verify::<Claims>(&token, &keys)));
    assert!(verifier.verify::<Claims>(&token, &keys).is_ok());
    assert!(verifier.verify::<Own>(&token, &keys).is_ok());
}
