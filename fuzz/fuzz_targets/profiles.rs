//! A token that is made from a valid one of some profile by changes, given to the verifiers of all
//! profiles: the result is that of the naive rules, and the type of the profile holds what they hold.
//! What a profile's signer signs is accepted, and read as it was.

#![no_main]

#[path = "profiles/fit.rs"]
mod fit;
#[path = "profiles/input.rs"]
mod input;
#[path = "profiles/mode.rs"]
mod mode;
#[path = "../../tests/reference/mod.rs"]
mod reference;
#[path = "profiles/rules.rs"]
mod rules;
#[path = "profiles/settings.rs"]
mod settings;
#[path = "profiles/signers.rs"]
mod signers;

use std::fmt::Debug;

use jwt_ring::oauth::access_token::{self, AccessTokenClaims};
use jwt_ring::oauth::client_assertion;
use jwt_ring::oauth::id_token::{self, IdTokenClaims};
use jwt_ring::oauth::identity_assertion::{self, IdentityAssertionClaims};
use jwt_ring::oauth::logout_token::{self, LogoutTokenClaims};
use jwt_ring::oauth::security_event::{self, SecurityEventClaims};
use jwt_ring::replay::{OneTime, ReplayError, ReplayGuard};
use jwt_ring::{Token, VerifyError};
use jwt_ring_fuzz::{PUBLIC, forge};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

use fit::Field;
use input::NOW;
use mode::{CLIENT, MODES, Mode};
use reference::json::Json;
use reference::{Reader, outcome_of};
use settings::{Settings, date, seconds};

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Token(input::Input<'a>),
    Signed(signers::Input<'a>),
}

fuzz_target!(|input: Input<'_>| {
    match &input {
        Input::Token(token) => check_token(token),
        Input::Signed(signed) => signers::check(signed),
    }
});

fn check_token(input: &input::Input<'_>) {
    let payload = input.payload();
    // The naive parser is recursive.
    if payload
        .bytes()
        .filter(|byte| matches!(byte, b'[' | b'{'))
        .count()
        > 1_000
    {
        return;
    }
    let typ = input.typ();
    let header = match typ {
        Some(typ) => format!(r#"{{"alg":"HS256","typ":{}}}"#, Value::from(typ)),
        None => r#"{"alg":"HS256"}"#.into(),
    };
    let token = forge(header, &payload);
    for mode in MODES {
        let policy = mode.policy(&input.settings);
        let (_, may_be_absent) = mode.typs();
        let counted_typ = typ.or(may_be_absent.then_some("JWT"));
        let core = policy.decide(counted_typ, None, payload.as_bytes(), Reader::Claims);
        let found = Verified::<IgnoredAny>::verify(mode, &input.settings, &token);
        match (core, found) {
            (Err(expected), found) => {
                let found = outcome_of(found.map(|_| ())).expect_err(&expected);
                assert_eq!(code(&found), code(&expected), "{mode:?} {payload}");
            }
            (Ok(()), found) => {
                let members = reference::members(payload.as_bytes()).expect("no broken rule");
                check_profile(mode, &input.settings, &token, &members, found);
            }
        }
    }
}

/// Checks the result for a token that breaks no rule of any token.
fn check_profile(
    mode: Mode,
    settings: &Settings,
    token: &str,
    members: &[(String, Json)],
    found: Result<Verified<IgnoredAny>, VerifyError>,
) {
    let broken = rules::broken(mode, settings, members);
    let is_type = |code: &String| code.starts_with("wrong_type") || code == "malformed_payload";
    match found {
        Ok(verified) => {
            assert!(broken.is_empty(), "{mode:?} {broken:?} {members:?}");
            if let Verified::OneTime(one_time) = verified {
                check_one_time(*one_time, settings, members);
            }
            check_fit(mode, settings, token, members);
        }
        Err(error) => {
            let found = code(&outcome_of::<()>(Err(error)).expect_err("an error"));
            assert!(
                broken.contains(&found),
                "{mode:?} {found} {broken:?} {members:?}"
            );
            // Types are checked before values.
            assert!(
                is_type(&found) || !broken.iter().any(is_type),
                "{mode:?} {found} {broken:?}"
            );
        }
    }
}

/// Returns the code of an error and its claim.
fn code(outcome: &str) -> String {
    let mut words = outcome.split(' ');
    let code = words.next().unwrap_or_default();
    match (code, words.next()) {
        ("wrong_type" | "missing" | "mismatch" | "unexpected" | "too_old", Some(claim)) => {
            format!("{code} {claim}")
        }
        _ => code.to_owned(),
    }
}

/// A one-time token is accepted once, and its use is kept for as long as the token is valid.
fn check_one_time(
    token: OneTime<Token<IgnoredAny>>,
    settings: &Settings,
    members: &[(String, Json)],
) {
    let (_, expiration) = members
        .iter()
        .find(|(name, _)| name == "exp")
        .expect("an exp");
    let Json::Number(expiration) = expiration else {
        panic!("expected a number, found {expiration:?}");
    };
    let (at, nanoseconds) = reference::date::parse(expiration).expect("a date");
    let until = at.saturating_add(settings.leeway.unwrap_or(0).into());
    let until = until.saturating_add((nanoseconds > 0).into());
    assert_eq!(token.replay_key().expiration().seconds(), until);
    let guard = ReplayGuard::new(1);
    assert!(until > NOW);
    assert!(token.clone().first_use(&guard).is_ok());
    assert_eq!(token.first_use(&guard).err(), Some(ReplayError::Replayed));
}

fn check_fit(mode: Mode, settings: &Settings, token: &str, members: &[(String, Json)]) {
    type Others = Map<String, Value>;
    let (fields, found) = match mode {
        Mode::Access | Mode::AccessBound | Mode::OtherAccess => (
            fit::ACCESS_TOKEN,
            read::<AccessTokenClaims<Others>>(mode, settings, token),
        ),
        Mode::Id | Mode::IdRefreshed => (
            fit::ID_TOKEN,
            read::<IdTokenClaims<Others>>(mode, settings, token),
        ),
        Mode::Logout => (
            fit::LOGOUT_TOKEN,
            read::<LogoutTokenClaims<Others>>(mode, settings, token),
        ),
        Mode::Client => return,
        Mode::Identity | Mode::IdentityBound => (
            fit::IDENTITY_ASSERTION,
            read::<IdentityAssertionClaims<Others>>(mode, settings, token),
        ),
        Mode::Event => (
            fit::SECURITY_EVENT,
            read::<SecurityEventClaims<Others>>(mode, settings, token),
        ),
    };
    compare(fields, members, found);
}

fn compare(fields: &[Field], members: &[(String, Json)], found: Result<Value, VerifyError>) {
    match (fit::fit(fields, members), found) {
        (Some(expected), Ok(found)) => assert_eq!(found, Value::Object(expected)),
        (None, Err(VerifyError::CustomClaims { .. })) => {}
        (expected, found) => panic!("{expected:?} {found:?} {members:?}"),
    }
}

/// Returns what the type is written as.
fn read<C: DeserializeOwned + Serialize + Debug>(
    mode: Mode,
    settings: &Settings,
    token: &str,
) -> Result<Value, VerifyError> {
    let token = match Verified::<C>::verify(mode, settings, token)? {
        Verified::Token(token) => *token,
        Verified::OneTime(token) => token.without_replay_check(),
    };
    Ok(serde_json::to_value(token.into_claims()).expect("an object"))
}

/// What the verifier of a profile returns.
enum Verified<C> {
    Token(Box<Token<C>>),
    OneTime(Box<OneTime<Token<C>>>),
}

impl<C: DeserializeOwned> Verified<C> {
    fn verify(mode: Mode, settings: &Settings, token: &str) -> Result<Self, VerifyError> {
        let (keys, change) = (&PUBLIC[0], |verifier| settings.apply(verifier));
        let is_proven = |cnf: &Map<String, Value>| cnf.get("k").is_some_and(|key| key == "n");
        let access_token = access_token::Verifier::new("i", "a").map_verifier(change);
        let identity_assertion = identity_assertion::Verifier::new("i", "a").map_verifier(change);
        let one_time = |token| Ok(Self::OneTime(Box::new(token)));
        let verified = match mode {
            Mode::Access => access_token.verify(token, keys),
            Mode::AccessBound => access_token.verify_bound(token, keys, is_proven),
            Mode::OtherAccess => access_token.allow_typ_jwt().verify(token, keys),
            Mode::Id => id_token_verifier(settings).verify(token, keys, settings.nonce),
            Mode::IdRefreshed => {
                let first = first_claims(settings);
                id_token_verifier(settings).verify_refreshed(token, keys, &first)
            }
            Mode::Logout => {
                let verifier = logout_token::Verifier::new("i", "a").map_verifier(change);
                return verifier.verify(token, keys).and_then(one_time);
            }
            Mode::Client => {
                let mut verifier = client_assertion::Verifier::new("a").map_verifier(change);
                if let Some(lifetime) = settings.assertion_lifetime {
                    verifier = verifier.max_lifetime(seconds(lifetime));
                }
                return verifier.verify(token, CLIENT, keys).and_then(one_time);
            }
            Mode::Identity => {
                return identity_assertion
                    .verify(token, CLIENT, keys)
                    .and_then(one_time);
            }
            Mode::IdentityBound => {
                let verified = identity_assertion.verify_bound(token, CLIENT, keys, is_proven);
                return verified.and_then(one_time);
            }
            Mode::Event => security_event::Verifier::new("i", "a")
                .map_verifier(change)
                .verify(token, keys),
        };
        verified.map(|token| Self::Token(Box::new(token)))
    }
}

fn id_token_verifier(settings: &Settings) -> id_token::Verifier {
    let mut verifier = id_token::Verifier::new("i", "a");
    if settings.another_client {
        verifier = verifier.client_id("c2");
    }
    verifier = verifier.map_verifier(|verifier| settings.apply(verifier));
    if settings.trust_audience {
        verifier = verifier.trust_audience("t");
    }
    if settings.trust_party {
        verifier = verifier.trust_authorized_party("p");
    }
    match settings.auth_max_age {
        Some(max_age) => verifier.max_age(seconds(max_age)),
        None => verifier,
    }
}

fn first_claims(settings: &Settings) -> IdTokenClaims {
    let first = &settings.first;
    let audiences: jwt_ring::Audience = first.audiences.iter().copied().collect();
    let mut claims =
        IdTokenClaims::new("i", first.subject, audiences, date(first.issued), date(60));
    claims.nonce = first.nonce.map(str::to_owned);
    claims.authorized_party = first.party.map(str::to_owned);
    claims.auth_time = first.auth_time.map(date);
    claims
}
