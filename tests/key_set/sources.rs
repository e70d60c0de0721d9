//! Single keys, pointers to keys, and implementations of `Keys` by the caller.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use jwt_ring::{Algorithm, Claims, Header, KeyLookupError, KeySet, Keys, Verifier, VerifyingKey};
use serde_json::Value;

use crate::support::keys::generate;
use crate::{outcome, token, with_id};
use Algorithm::{ES256, ES384, EdDSA};

#[test]
fn a_single_key_verifies_any_kid() {
    let key = generate(ES256);
    for public in [key.verifying_key(), with_id(&key, "a")] {
        for kid in [None, Some("a"), Some("b")] {
            assert_eq!(outcome(&public, &token(&key, kid)), "verified");
        }
    }
    let other = token(&generate(ES384), Some("a"));
    assert_eq!(outcome(&key.verifying_key(), &other), "algorithm_mismatch");
}

/// Keys of a remote service; `None` if it is down.
struct Remote(Option<VerifyingKey>);

impl Keys for Remote {
    fn key(&self, _: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        let key = self.0.clone().map(Cow::Owned);
        key.ok_or_else(|| KeyLookupError::unavailable("the service is down"))
    }
}

#[test]
fn every_implementation_of_keys_verifies() {
    let key = generate(ES256).with_id("a");
    let public = key.verifying_key();
    let many: KeySet = [public.clone()].into_iter().collect();
    let shared: Arc<dyn Keys> = Arc::new(many.clone());
    let boxed: Box<dyn Keys> = Box::new(Arc::clone(&shared));
    let by_hand = Remote(Some(public.clone()));
    let sources: [&dyn Keys; 8] = [
        &public, &many, &&public, &&&many, &shared, &boxed, &&*boxed, &by_hand,
    ];
    for keys in sources {
        assert_eq!(outcome(keys, &token(&key, Some("a"))), "verified");
        assert_eq!(
            outcome(keys, &token(&generate(ES256), Some("a"))),
            "invalid_signature"
        );
    }
    // The algorithm of a key from the caller is compared as well.
    let other = token(&generate(EdDSA), None);
    assert_eq!(outcome(&by_hand, &other), "algorithm_mismatch");

    let result = Verifier::new().verify::<Claims<Value>>(&other, &Remote(None));
    let error = result.expect_err("no keys");
    assert_eq!(error.code(), "keys_unavailable");
    let source = error.source().map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("the service is down"));
}

struct Single(VerifyingKey);

impl Keys for Single {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        [self.0.clone()]
            .key(header)
            .map(|key| Cow::Owned(key.into_owned()))
    }
}

#[test]
fn keys_of_the_caller_can_use_a_slice() {
    let key = generate(ES256);
    let keys: Vec<Box<dyn Keys>> = vec![Box::new(Single(with_id(&key, "a")))];
    assert_eq!(outcome(&keys[0], &token(&key, Some("a"))), "verified");
    assert_eq!(outcome(&keys[0], &token(&key, Some("b"))), "unknown_key");
}
