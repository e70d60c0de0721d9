//! Keys over time: the key cache of a verifier, and the key rotation of an issuer.

mod support;

use std::time::Duration;

use jwt_ring::key_cache::{Answer, KeyCache};
use jwt_ring::key_ring::KeyRing;
use jwt_ring::{Algorithm, Header, KeySet, NumericDate, Signer, SigningKey};
use support::NOW;

fn key(id: &str) -> SigningKey {
    SigningKey::generate(Algorithm::ES256)
        .expect("a key")
        .with_id(id)
}

fn set(ids: &[&str]) -> KeySet {
    ids.iter().map(|id| key(id).verifying_key()).collect()
}

fn at(seconds: i64) -> NumericDate {
    NumericDate::from_seconds(NOW + seconds)
}

/// The answer of the cache for a token with this `kid`, with the number of keys.
fn ask(cache: &mut KeyCache, id: &str, now: i64) -> String {
    let header = Header::new(Algorithm::ES256).with_key_id(id);
    match cache.ask(&header, at(now)) {
        Answer::Use(keys) => format!("use {}", keys.len()),
        Answer::Fetch => "fetch".into(),
        Answer::Unavailable => "unavailable".into(),
    }
}

/// A cache that fetched the key `a` at time 0.
fn filled() -> KeyCache {
    let mut cache = KeyCache::new();
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    cache.fetched(set(&["a"]), at(0));
    cache
}

#[test]
fn known_keys_are_used_until_max_age() {
    let mut cache = filled();
    assert_eq!(ask(&mut cache, "a", 0), "use 1");
    assert_eq!(ask(&mut cache, "a", 599), "use 1");
    assert_eq!(ask(&mut cache, "a", 600), "fetch", "keys expire");
    cache.fetched(set(&["b", "c"]), at(600));
    assert_eq!(
        ask(&mut cache, "a", 601),
        "use 2",
        "a fetch ends the search"
    );
    let mut short = KeyCache::default().max_age(Duration::from_secs(60));
    assert_eq!(ask(&mut short, "a", 0), "fetch");
    short.fetched(set(&["a"]), at(0));
    assert_eq!(ask(&mut short, "a", 59), "use 1");
    assert_eq!(ask(&mut short, "a", 60), "fetch");
}

#[test]
fn known_returns_keys_without_changing_the_cache() {
    let cache = filled();
    let known = |id: &str, now| {
        let header = Header::new(Algorithm::ES256).with_key_id(id);
        cache.known(&header, at(now)).map(|keys| keys.len())
    };
    assert_eq!(known("a", 0), Some(1));
    assert_eq!(known("a", 599), Some(1));
    assert_eq!(known("a", 600), None, "too old");
    assert_eq!(known("a", -1), None, "from the future");
    assert_eq!(known("x", 30), None);
    assert_eq!(
        ask(&mut cache.clone(), "x", 30),
        "fetch",
        "no fetch was recorded"
    );
    assert!(
        KeyCache::new()
            .known(&Header::new(Algorithm::ES256), at(0))
            .is_none()
    );
}

#[test]
fn an_unknown_kid_causes_one_fetch_per_cooldown() {
    let mut cache = filled();
    assert_eq!(ask(&mut cache, "x", 29), "use 1");
    assert_eq!(ask(&mut cache, "x", 30), "fetch");
    cache.fetched(set(&["a"]), at(30));
    for n in 0..200 {
        assert_eq!(
            ask(&mut cache, &format!("random-{n}"), 31 + n / 10),
            "use 1"
        );
    }
    assert_eq!(ask(&mut cache, "x", 60), "fetch");
    cache.failed();
    assert_eq!(
        ask(&mut cache, "x", 61),
        "use 1",
        "the keys are younger than max_age"
    );
    assert_eq!(ask(&mut cache, "x", 90), "fetch");
    let mut long = filled().cooldown(Duration::from_secs(100));
    assert_eq!(ask(&mut long, "x", 99), "use 1");
    assert_eq!(ask(&mut long, "x", 100), "fetch");
}

#[test]
fn an_unreported_fetch_blocks_others_for_one_cooldown_at_most() {
    let mut cache = KeyCache::new();
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    assert_eq!(ask(&mut cache, "a", 0), "unavailable", "at the same time");
    assert_eq!(ask(&mut cache, "a", 29), "unavailable");
    assert_eq!(ask(&mut cache, "a", 30), "fetch");
}

#[test]
fn keys_are_unavailable_until_the_first_fetch() {
    let mut cache = KeyCache::new();
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    cache.failed();
    assert_eq!(ask(&mut cache, "a", 1), "unavailable");
    assert_eq!(ask(&mut cache, "a", 30), "fetch");
    cache.fetched(set(&[]), at(30));
    assert_eq!(ask(&mut cache, "a", 31), "use 0");
}

#[test]
fn stale_keys_are_used_only_if_set_and_after_a_failed_fetch() {
    let mut closed = filled();
    assert_eq!(ask(&mut closed, "a", 600), "fetch");
    closed.failed();
    assert_eq!(ask(&mut closed, "a", 601), "unavailable");

    let mut open = filled().stale_if_error(Duration::from_secs(100));
    assert_eq!(ask(&mut open, "a", 600), "fetch");
    assert_eq!(
        ask(&mut open, "a", 601),
        "unavailable",
        "no fetch has failed"
    );
    open.failed();
    assert_eq!(ask(&mut open, "a", 602), "use 1");
    assert_eq!(ask(&mut open, "a", 630), "fetch", "after the cooldown");
    open.failed();
    assert_eq!(ask(&mut open, "a", 659), "use 1");
    assert_eq!(ask(&mut open, "a", 690), "fetch");
    open.failed();
    assert_eq!(ask(&mut open, "a", 699), "use 1");
    assert_eq!(ask(&mut open, "a", 700), "unavailable");
    assert_eq!(ask(&mut open, "a", 720), "fetch");
    open.fetched(set(&["a", "b"]), at(720));
    assert_eq!(ask(&mut open, "a", 721), "use 2");
    assert_eq!(ask(&mut open, "a", 1_320), "fetch");
    assert_eq!(
        ask(&mut open, "a", 1_321),
        "unavailable",
        "the failure was before the last fetch"
    );
}

#[test]
fn keys_from_the_future_are_fetched_again() {
    let mut cache = filled();
    assert_eq!(ask(&mut cache, "a", -1), "fetch");
    cache.fetched(set(&["a", "b"]), at(-1));
    assert_eq!(ask(&mut cache, "a", 598), "use 2");
}

fn ids(keys: &KeySet) -> Vec<String> {
    let json = serde_json::to_value(keys).expect("JSON");
    let keys = json["keys"].as_array().expect("keys");
    keys.iter()
        .map(|key| key["kid"].as_str().expect("a kid").to_owned())
        .collect()
}

const AHEAD: Duration = Duration::from_secs(600);
const LIFETIME: Duration = Duration::from_secs(300);

#[test]
fn keys_are_published_before_and_after_they_sign() {
    let mut ring = KeyRing::new(key("a"), AHEAD, LIFETIME).expect("a ring");
    let state = |ring: &KeyRing, now: i64| {
        let active = ring.active(at(now)).id().expect("an id").to_owned();
        (active, ids(&ring.published(at(now))).join(" "))
    };
    let expect = |active: &str, published: &str| (active.to_owned(), published.to_owned());
    assert_eq!(state(&ring, 0), expect("a", "a"));
    ring.add(key("b"), at(0)).expect("a key");
    assert_eq!(state(&ring, 0), expect("a", "a b"));
    assert_eq!(state(&ring, 599), expect("a", "a b"));
    assert_eq!(state(&ring, 600), expect("b", "a b"));
    assert_eq!(state(&ring, 899), expect("b", "a b"));
    assert_eq!(state(&ring, 900), expect("b", "b"));
    // Keys that were added together sign in the order in which they were added.
    ring.add(key("c"), at(1_000)).expect("a key");
    ring.add(key("d"), at(1_001)).expect("a key");
    assert_eq!(state(&ring, 1_001), expect("b", "b c d"));
    assert_eq!(state(&ring, 1_600), expect("c", "b c d"));
    assert_eq!(state(&ring, 1_601), expect("d", "b c d"));
    assert_eq!(state(&ring, 1_900), expect("d", "c d"));
    assert_eq!(state(&ring, 1_901), expect("d", "d"));
    // A key that was added later signs later, even if the clock was set back.
    ring.add(key("e"), at(-5_000)).expect("a key");
    assert_eq!(state(&ring, 1_601), expect("e", "b c d e"));
}

#[test]
fn keys_that_are_no_longer_published_are_dropped() {
    let mut ring = KeyRing::new(key("a"), AHEAD, LIFETIME).expect("a ring");
    for n in 0..50_i64 {
        ring.add(key(&n.to_string()), at(n * 1_000)).expect("a key");
    }
    assert_eq!(
        ids(&ring.published(at(0))).len(),
        2,
        "the last one and the one before"
    );
}

#[test]
fn every_key_of_the_rotation_has_an_id_and_a_public_key() {
    let mut ring = KeyRing::new(
        SigningKey::generate(Algorithm::EdDSA).expect("a key"),
        AHEAD,
        LIFETIME,
    )
    .expect("a ring");
    let active = ring.active(at(0));
    let thumbprint = active.verifying_key().thumbprint().expect("a thumbprint");
    assert_eq!(active.id(), Some(&*thumbprint));
    assert_eq!(Signer::new(active.clone()).key().id(), active.id());
    let secret = || SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    for secret in [secret(), secret().with_id("1")] {
        let error = KeyRing::new(secret, AHEAD, LIFETIME).expect_err("a symmetric key");
        assert_eq!(error.code(), "no_public_half");
    }
    let error = ring.add(secret(), at(0)).expect_err("a symmetric key");
    assert_eq!(error.code(), "no_public_half");
    assert_eq!(ring.published(at(0)).len(), 1);
}
