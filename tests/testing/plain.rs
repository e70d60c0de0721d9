//! The kit against a verifier of plain JWTs, and what an issuer can be set to.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jwt_ring::testing::Profile::{Dpop, Plain};
use jwt_ring::testing::{Issuer, TestToken, assert_rejects_all, assert_rejects_all_async};
use jwt_ring::{Algorithm, Claims, Issuers, KeySet, SigningKey, SystemClock, Verifier};
use serde_json::{Value, json};

use crate::{AUDIENCE, ISSUER, NOW, PROFILES, clock, issuer, message_of};

fn verifier() -> Verifier {
    Verifier::new()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .clock(clock())
}

fn assert_passes(issuer: &Issuer, verifier: &Verifier) {
    let keys = KeySet::from_json(issuer.jwks()).expect("a key set");
    assert_rejects_all(issuer, Plain, |token| is_rejected(verifier, &keys, token));
}

fn is_rejected(verifier: &Verifier, keys: &KeySet, token: &TestToken) -> bool {
    verifier.verify::<Value>(token.as_str(), keys).is_err()
}

#[test]
fn plain_tokens_pass() {
    assert_passes(&issuer(), &verifier());
    let in_array = issuer().claim("aud", json!([AUDIENCE]));
    assert_passes(&in_array, &verifier());
    assert_passes(
        &issuer().claim("sub", "admin").claim("note", "x"),
        &verifier(),
    );
    assert_passes(
        &Issuer::new(SystemClock, ISSUER, AUDIENCE),
        &verifier().clock(SystemClock),
    );
}

#[test]
fn any_key_pair_can_sign() {
    for algorithm in [Algorithm::ES384, Algorithm::EdDSA, Algorithm::Ed25519] {
        let key = SigningKey::generate(algorithm).expect("a key");
        assert_passes(&issuer().key(key), &verifier());
    }
    let pem = include_str!("../keys/rsa2048.pkcs8.pem");
    for algorithm in [Algorithm::RS256, Algorithm::PS512] {
        let key = SigningKey::from_pem(algorithm, pem)
            .expect("a key")
            .with_id("rsa");
        assert_passes(&issuer().key(key), &verifier());
    }
}

#[test]
fn a_shared_secret_can_sign() {
    let key = SigningKey::generate(Algorithm::HS256).expect("a key");
    let issuer = issuer().key(key);
    assert_eq!(issuer.jwks(), r#"{"keys":[]}"#);
    let (verifier, keys) = (verifier(), issuer.key_set());
    assert_rejects_all(&issuer, Plain, |token| is_rejected(&verifier, &keys, token));
    // There is no public key to be used as a secret, nor a certificate of it.
    let count = |issuer: &Issuer| issuer.invalid_tokens(Plain).count();
    assert_eq!(count(&issuer) + 4, count(&crate::issuer()));
}

#[test]
fn issuers_pass() {
    let (issuer, other) = (issuer(), issuer());
    let issuers = Issuers::new()
        .trust(ISSUER, verifier(), issuer.key_set())
        .trust("https://attacker.example", verifier(), other.key_set());
    assert_rejects_all(&issuer, Plain, |token| {
        issuers.verify::<Value>(token.as_str()).is_err()
    });
}

#[test]
fn the_edges_move_with_the_leeway() {
    let leeway = Duration::from_secs(60);
    let (issuer, verifier) = (issuer(), verifier().leeway(leeway));
    let keys = issuer.key_set();
    let with_leeway = issuer.clone().leeway(leeway);
    let is_rejected = |token: &TestToken| is_rejected(&verifier, &keys, token);
    assert_rejects_all(&with_leeway, Plain, is_rejected);

    let message = message_of(|| assert_rejects_all(&issuer, Plain, is_rejected));
    let count = issuer.invalid_tokens(Plain).count();
    let expected = format!(
        "Plain: 2 of {count} invalid tokens were accepted\n  \
           accepted: expires now (RFC 7519 §4.1.4)\n  \
           accepted: valid in 30 seconds (RFC 7519 §4.1.5)\n"
    );
    assert_eq!(message, Some(expected));
}

/// As on a slow machine, where the clock of the system goes on.
#[test]
fn tokens_stay_invalid_for_some_seconds() {
    let clock = clock();
    let issuer = Issuer::new(clock.clone(), ISSUER, AUDIENCE);
    let (verifier, keys) = (verifier().clock(clock.clone()), issuer.key_set());
    let tokens: Vec<_> = issuer.invalid_tokens(Plain).collect();
    let valid = issuer.token(Plain);
    clock.advance(Duration::from_secs(29));
    assert!(!is_rejected(&verifier, &keys, &valid));
    for invalid in tokens {
        assert!(is_rejected(&verifier, &keys, &invalid.token), "{invalid}");
    }
}

#[test]
fn rules_can_be_left_out() {
    let names = |issuer: &Issuer| -> Vec<_> {
        issuer
            .invalid_tokens(Plain)
            .map(|invalid| invalid.name)
            .collect()
    };
    let all = issuer();
    let fewer = issuer().except("expires now").except("no `iss`");
    let removed: Vec<_> = names(&all)
        .into_iter()
        .filter(|name| !names(&fewer).contains(name))
        .collect();
    assert_eq!(removed, ["expires now", "no `iss`"]);

    let name = "proof without `htm`";
    let has = |issuer: &Issuer| issuer.invalid_tokens(Dpop).any(|one| one.name == name);
    assert!(has(&all));
    assert!(!has(&issuer().except(name)));

    let message = message_of(|| drop(issuer().except("expired")));
    let expected = "expected the name of an invalid token, found \"expired\"";
    assert_eq!(message.as_deref(), Some(expected));
}

#[test]
fn names_are_unique_and_sections_are_stated() {
    for profile in PROFILES {
        let mut names = Vec::new();
        for invalid in issuer().nonce("n-1").invalid_tokens(profile) {
            assert!(!names.contains(&invalid.name), "{invalid}");
            assert!(
                invalid.rfc.starts_with("RFC ") && invalid.rfc.contains(" §"),
                "{invalid}"
            );
            names.push(invalid.name);
        }
    }
}

#[test]
fn a_service_that_rejects_everything_fails() {
    let issuer = issuer().claim("jti", "1");
    let message = message_of(|| assert_rejects_all(&issuer, Plain, |_| true));
    let count = issuer.invalid_tokens(Plain).count();
    let exp = NOW + 300;
    let contents = format!(
        "{{\"alg\":\"ES256\",\"kid\":\"test-1\",\"typ\":\"JWT\"}} \
           {{\"aud\":\"{AUDIENCE}\",\"exp\":{exp},\"iat\":{NOW},\"iss\":\"{ISSUER}\",\
           \"jti\":\"1\",\"sub\":\"user-42\"}}"
    );
    let expected = format!(
        "Plain: 0 of {count} invalid tokens were accepted\n  \
           a valid token before the invalid ones was rejected\n    {contents}\n  \
           a valid token after the invalid ones was rejected\n    {contents}\n"
    );
    assert_eq!(message, Some(expected));

    // As one that locks the client out.
    let first = Cell::new(true);
    let message = message_of(|| assert_rejects_all(&issuer, Plain, |_| !first.replace(false)));
    let message = message.expect("a failure");
    let expected = format!("a valid token after the invalid ones was rejected\n    {contents}\n");
    assert!(message.ends_with(&expected), "{message}");
    assert_eq!(message.lines().count(), 3, "{message}");
}

#[test]
fn the_proofs_of_a_rejected_token_are_shown() {
    let message = message_of(|| assert_rejects_all(&issuer(), Dpop, |_| true));
    let message = message.expect("a failure");
    let lines: Vec<_> = message.lines().collect();
    assert!(lines[1].ends_with("before the invalid ones was rejected"));
    assert!(lines[2].starts_with(r#"    {"alg":"ES256","kid":"test-1","typ":"at+jwt"} {"aud":"#));
    assert!(
        lines[3].starts_with(r#"    {"alg":"ES256","jwk":{"#)
            && lines[3].contains(r#""htm":"GET""#)
    );
}

#[test]
fn an_issuer_is_shared_by_threads() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    is_shared(&issuer());
}

#[test]
fn claims_can_be_set_and_left_out() {
    let issuer = issuer()
        .claim("role", "admin")
        .claim("sub", "alice")
        .claim("jti", Value::Null);
    let token = issuer.token(Plain);
    let verified = verifier().verify::<Claims<Value>>(token.as_str(), &issuer.key_set());
    let claims = verified.expect("a valid token").into_claims();
    assert_eq!(claims.custom, json!({ "role": "admin" }));
    assert_eq!(claims.subject.as_deref(), Some("alice"));
    assert_eq!(claims.jwt_id, None);
}

#[test]
fn a_typ_of_the_service_is_expected() {
    let own = issuer().typ("example+jwt");
    let (strict, keys) = (verifier().typ("example+jwt"), own.key_set());
    assert_rejects_all(&own, Plain, |token| is_rejected(&strict, &keys, token));

    // A service that accepts the default, too.
    let message = message_of(|| {
        assert_rejects_all(&own, Plain, |token| {
            is_rejected(&strict, &keys, token) && is_rejected(&verifier(), &keys, token)
        });
    });
    let count = own.invalid_tokens(Plain).count();
    let expected = format!(
        "Plain: 2 of {count} invalid tokens were accepted\n  \
           accepted: no `typ` (RFC 8725 §3.11)\n  \
           accepted: `typ` JWT (RFC 8725 §3.11)\n"
    );
    assert_eq!(message, Some(expected));

    // The `typ` of an invalid token.
    let logout = issuer().typ("logout+jwt").except("logout token");
    let (verifier, keys) = (verifier().typ("logout+jwt"), logout.key_set());
    assert_rejects_all(&logout, Plain, |token| is_rejected(&verifier, &keys, token));
}

/// The rule about an issuer that differs by a slash removes one then.
#[test]
fn an_issuer_may_end_with_a_slash() {
    let slashed = format!("{ISSUER}/");
    let issuer = Issuer::new(clock(), &*slashed, AUDIENCE);
    let verifier = |issuers: &[&str]| {
        let verifier = Verifier::new().audience(AUDIENCE).clock(clock());
        issuers
            .iter()
            .fold(verifier, |verifier, one| verifier.issuer(*one))
    };
    assert_passes(&issuer, &verifier(&[&slashed]));
    let keys = issuer.key_set();
    let lenient = verifier(&[&slashed, ISSUER]);
    let message = message_of(|| {
        assert_rejects_all(&issuer, Plain, |token| is_rejected(&lenient, &keys, token));
    });
    let message = message.expect("a failure");
    assert!(
        message.contains("`iss` that differs by a slash"),
        "{message}"
    );
    assert!(message.starts_with("Plain: 1 of "), "{message}");
}

#[test]
fn an_async_service_is_tested() {
    let issuer = issuer();
    let (verifier, keys) = (verifier(), issuer.key_set());
    let service = async |token: &TestToken| {
        std::future::ready(()).await;
        is_rejected(&verifier, &keys, token)
    };
    block_on(assert_rejects_all_async(&issuer, Plain, service));
    let message = message_of(|| {
        block_on(assert_rejects_all_async(
            &issuer,
            Plain,
            async |_: &TestToken| false,
        ));
    });
    let count = issuer.invalid_tokens(Plain).count();
    let expected = format!("Plain: {count} of {count} invalid tokens were accepted\n");
    assert!(message.expect("a failure").starts_with(&expected));
}

/// Runs a future that waits for nothing.
fn block_on(future: impl Future<Output = ()>) {
    let mut context = Context::from_waker(Waker::noop());
    let polled = pin!(future).poll(&mut context);
    assert_eq!(polled, Poll::Ready(()));
}
