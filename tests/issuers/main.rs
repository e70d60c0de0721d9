//! Tokens of several issuers: keys of one never verify tokens of another.

#[path = "../support/mod.rs"]
mod support;

mod cached;
#[cfg(feature = "oauth")]
mod profiles;
mod select;

use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claim, Claims, Header, Issuers, KeyLookupError, KeySet, Keys, SigningKey, Verifier,
    VerifyError, VerifyingKey,
};
use serde_json::{Value, json};
use support::{NOW, clock, errors, forge};

const A: &str = "https://a.example";
const B: &str = "https://b.example";
const HEADER: &str = r#"{"alg":"HS256","kid":"1"}"#;

/// Keys of all issuers have the same ID.
fn key(n: u8) -> SigningKey {
    let key = SigningKey::from_secret(Algorithm::HS256, [n; 32]).expect("a key");
    key.with_id("1")
}

fn verifier() -> Verifier {
    Verifier::new().clock(clock())
}

/// A token of the issuer, signed with the key.
fn token(issuer: &str, by: u8) -> String {
    let payload = json!({ "iss": issuer, "exp": NOW + 60, "sub": by.to_string() });
    forge(&key(by), HEADER, payload.to_string())
}

/// Issuer A has key 1, and issuer B key 2.
fn issuers() -> Issuers<VerifyingKey> {
    Issuers::new()
        .trust(A, verifier(), key(1).verifying_key())
        .trust(B, verifier(), key(2).verifying_key())
}

#[track_caller]
fn error<T: Debug>(result: Result<T, VerifyError>) -> String {
    errors::text(&result.expect_err("a rejected token"))
}

fn verify<K: Keys>(issuers: &Issuers<K>, token: &str) -> Result<Claims, VerifyError> {
    let verified = issuers.verify::<Claims>(token)?;
    Ok(verified.into_claims())
}

fn unknown() -> String {
    errors::text(&VerifyError::UnknownIssuer)
}

/// Counts the keys that are looked up.
#[derive(Clone)]
struct Counted {
    key: VerifyingKey,
    lookups: Arc<AtomicUsize>,
}

impl Counted {
    fn new(key: &SigningKey) -> Self {
        Self {
            key: key.verifying_key(),
            lookups: Arc::default(),
        }
    }

    fn lookups(&self) -> usize {
        self.lookups.load(Ordering::Relaxed)
    }
}

impl Keys for Counted {
    fn key(&self, _header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        self.lookups.fetch_add(1, Ordering::Relaxed);
        Ok(Cow::Borrowed(&self.key))
    }
}

#[test]
fn the_same_kid_at_two_issuers_is_two_keys() {
    let issuers = issuers();
    for (issuer, by) in [(A, 1), (B, 2)] {
        let claims = verify(&issuers, &token(issuer, by)).expect("a valid token");
        assert_eq!(claims.issuer.as_deref(), Some(issuer));
        assert_eq!(claims.subject, Some(by.to_string()));
    }
    for (issuer, by) in [(A, 2), (B, 1)] {
        let rejected = verify(&issuers, &token(issuer, by));
        assert_eq!(error(rejected), errors::invalid_signature(), "{issuer}");
    }
}

#[test]
fn a_verifier_expects_the_issuer_that_it_is_trusted_for_alone() {
    // Without `trust`, this one would accept a token of B signed with the key of A.
    let given = verifier().issuer(B).issuer("https://c.example");
    let issuers = Issuers::new().trust(A, given, key(1).verifying_key());
    verify(&issuers, &token(A, 1)).expect("a valid token");
    let (selected, keys) = issuers.select(&token(A, 1)).expect("a trusted issuer");
    for other in [B, "https://c.example"] {
        let token = token(other, 1);
        assert_eq!(error(verify(&issuers, &token)), unknown());
        let rejected = selected.verify::<Claims>(&token, keys);
        let expected = errors::mismatch(Claim::Issuer, &[A]);
        assert_eq!(error(rejected), expected, "{other}");
    }
    // Also if none was given.
    let issuers = issuers.trust(A, verifier(), key(1).verifying_key());
    let (selected, keys) = issuers.select(&token(A, 1)).expect("a trusted issuer");
    let rejected = selected.verify::<Claims>(&token(B, 1), keys);
    assert_eq!(error(rejected), errors::mismatch(Claim::Issuer, &[A]));
}

#[test]
fn an_issuer_that_is_trusted_again_has_the_new_verifier_and_keys() {
    let strict = verifier().subject("user-42");
    let issuers = Issuers::new()
        .trust(A, strict, key(1).verifying_key())
        .trust(B, verifier(), key(2).verifying_key())
        .trust(A, verifier(), key(3).verifying_key());
    verify(&issuers, &token(A, 3)).expect("the new key and policy");
    verify(&issuers, &token(B, 2)).expect("the other issuer");
    for (issuer, by) in [(A, 1), (A, 2), (B, 1), (B, 3)] {
        let rejected = verify(&issuers, &token(issuer, by));
        assert_eq!(error(rejected), errors::invalid_signature(), "{issuer}");
    }
}

#[test]
fn each_issuer_has_a_policy_of_its_own() {
    let late = clock();
    late.advance(Duration::from_secs(100));
    let issuers = Issuers::new()
        .trust(A, verifier().audience("api"), key(1).verifying_key())
        .trust(B, Verifier::new().clock(late), key(2).verifying_key());
    let with = |issuer: &str, by, aud: Value| {
        let payload = json!({ "iss": issuer, "exp": NOW + 60, "aud": aud });
        forge(&key(by), HEADER, payload.to_string())
    };
    verify(&issuers, &with(A, 1, "api".into())).expect("a valid token");
    let rejected = verify(&issuers, &with(A, 1, "other".into()));
    assert_eq!(error(rejected), errors::mismatch(Claim::Audience, &["api"]));
    let rejected = verify(&issuers, &token(B, 2));
    assert_eq!(error(rejected), errors::expired(NOW + 60, NOW + 100));
}

#[test]
fn issuers_can_have_keys_of_different_types() {
    let set: KeySet = serde_json::from_value(json!({ "keys": [] })).expect("a set");
    let keys: [Arc<dyn Keys>; 2] = [Arc::new(key(1).verifying_key()), Arc::new(set)];
    let [one, none] = keys;
    let issuers = Issuers::new()
        .trust(A, verifier(), one)
        .trust(B, verifier(), none);
    verify(&issuers, &token(A, 1)).expect("a valid token");
    let rejected = verify(&issuers, &token(B, 2));
    assert_eq!(
        error(rejected),
        errors::text(&KeyLookupError::Unknown.into())
    );
}

#[test]
fn an_issuer_that_is_not_trusted_costs_no_key_lookup() {
    let keys = Counted::new(&key(1));
    let issuers = Issuers::new().trust(A, verifier(), keys.clone());
    assert_eq!(error(verify(&issuers, &token(B, 1))), unknown());
    assert_eq!(keys.lookups(), 0);
    issuers.select(&token(A, 1)).expect("a trusted issuer");
    assert_eq!(keys.lookups(), 0);
    verify(&issuers, &token(A, 1)).expect("a valid token");
    assert_eq!(keys.lookups(), 1);
    // Without any issuer, each is unknown.
    let none = Issuers::<Counted>::default();
    assert_eq!(error(verify(&none, &token(A, 1))), unknown());
}

#[test]
fn each_of_1_000_issuers_has_its_own_keys() {
    let name = |n: usize| format!("https://{n}.example/tenant");
    let secret = |n: usize| {
        let mut secret = [0; 32];
        secret[..size_of::<usize>()].copy_from_slice(&n.to_le_bytes());
        SigningKey::from_secret(Algorithm::HS256, secret).expect("a key")
    };
    let keys: Vec<_> = (0..1000).map(|n| Counted::new(&secret(n))).collect();
    let issuers = keys
        .iter()
        .enumerate()
        .fold(Issuers::new(), |issuers, (n, keys)| {
            issuers.trust(name(n), verifier(), keys.clone())
        });
    for n in 0..1000 {
        let payload = json!({ "iss": name(n), "exp": NOW + 60 }).to_string();
        let valid = forge(&secret(n), HEADER, &payload);
        let claims = verify(&issuers, &valid).expect("a valid token");
        assert_eq!(claims.issuer, Some(name(n)));
        let rejected = verify(&issuers, &forge(&secret((n + 1) % 1000), HEADER, &payload));
        assert_eq!(error(rejected), errors::invalid_signature());
    }
    // Its own keys twice, and no others.
    assert!(keys.iter().all(|keys| keys.lookups() == 2));
}

#[test]
fn debug_output_has_the_names_of_the_issuers_only() {
    let issuers = Issuers::new().trust(A, verifier().subject("user-42"), key(1).verifying_key());
    assert_eq!(format!("{issuers:?}"), format!("{{{A:?}}}"));
}
