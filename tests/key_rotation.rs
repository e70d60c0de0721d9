//! Keys over time: the cache of a verifier, and the ring of an issuer.

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

/// What the cache answers for a token with this `kid`: how many keys, or a word.
fn ask(cache: &mut KeyCache, id: &str, now: i64) -> String {
    let header = Header::new(Algorithm::ES256).with_key_id(id);
    match cache.ask(&header, at(now)) {
        Answer::Use(keys) => format!("use {}", keys.len()),
        Answer::Fetch => "fetch".into(),
        Answer::Unavailable => "unavailable".into(),
    }
}

/// A cache that fetched the key `a` at 0.
fn filled() -> KeyCache {
    let mut cache = KeyCache::new();
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    cache.fetched(set(&["a"]), at(0));
    cache
}

#[test]
fn known_keys_are_used_until_their_age() {
    let mut cache = filled();
    assert_eq!(ask(&mut cache, "a", 0), "use 1");
    assert_eq!(ask(&mut cache, "a", 599), "use 1");
    assert_eq!(ask(&mut cache, "a", 600), "fetch", "a removed key must die");
    cache.fetched(set(&["b", "c"]), at(600));
    assert_eq!(ask(&mut cache, "a", 601), "use 2", "which do not have it");
    let mut short = KeyCache::default().max_age(Duration::from_secs(60));
    assert_eq!(ask(&mut short, "a", 0), "fetch");
    short.fetched(set(&["a"]), at(0));
    assert_eq!(ask(&mut short, "a", 59), "use 1");
    assert_eq!(ask(&mut short, "a", 60), "fetch");
}

#[test]
fn known_keys_need_no_asking_and_looking_changes_nothing() {
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
        "it was not noted as one"
    );
    assert!(
        KeyCache::new()
            .known(&Header::new(Algorithm::ES256), at(0))
            .is_none()
    );
}

#[test]
fn unknown_keys_cost_a_fetch_a_cooldown_whatever_it_brings() {
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
        "the old keys are still good"
    );
    assert_eq!(ask(&mut cache, "x", 90), "fetch");
    let mut long = filled().cooldown(Duration::from_secs(100));
    assert_eq!(ask(&mut long, "x", 99), "use 1");
    assert_eq!(ask(&mut long, "x", 100), "fetch");
}

#[test]
fn a_fetch_that_nobody_reports_blocks_nobody_for_longer_than_the_cooldown() {
    let mut cache = KeyCache::new();
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    assert_eq!(ask(&mut cache, "a", 0), "unavailable", "in the same moment");
    assert_eq!(ask(&mut cache, "a", 29), "unavailable");
    assert_eq!(ask(&mut cache, "a", 30), "fetch");
}

#[test]
fn without_keys_there_is_nothing_to_use() {
    let mut cache = KeyCache::new();
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    cache.failed();
    assert_eq!(ask(&mut cache, "a", 1), "unavailable");
    assert_eq!(ask(&mut cache, "a", 30), "fetch");
    cache.fetched(set(&[]), at(30));
    assert_eq!(ask(&mut cache, "a", 31), "use 0");
}

#[test]
fn old_keys_are_used_only_if_asked_for_and_only_while_fetching_fails() {
    let mut closed = filled();
    assert_eq!(ask(&mut closed, "a", 600), "fetch");
    closed.failed();
    assert_eq!(ask(&mut closed, "a", 601), "unavailable");

    let mut open = filled().stale_if_error(Duration::from_secs(100));
    assert_eq!(ask(&mut open, "a", 600), "fetch");
    assert_eq!(
        ask(&mut open, "a", 601),
        "unavailable",
        "it has not failed yet"
    );
    open.failed();
    assert_eq!(ask(&mut open, "a", 602), "use 1");
    assert_eq!(ask(&mut open, "a", 630), "fetch", "and is tried again");
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
        "an old failure is forgotten"
    );
}

#[test]
fn a_clock_that_is_set_back_makes_keys_neither_immortal_nor_unavailable() {
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
fn keys_are_published_before_they_sign_and_after() {
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
    // Two at once take turns in their order.
    ring.add(key("c"), at(1_000)).expect("a key");
    ring.add(key("d"), at(1_001)).expect("a key");
    assert_eq!(state(&ring, 1_001), expect("b", "b c d"));
    assert_eq!(state(&ring, 1_600), expect("c", "b c d"));
    assert_eq!(state(&ring, 1_601), expect("d", "b c d"));
    assert_eq!(state(&ring, 1_900), expect("d", "c d"));
    assert_eq!(state(&ring, 1_901), expect("d", "d"));
    // A clock that was set back does not let an older key overtake a newer one.
    ring.add(key("e"), at(-5_000)).expect("a key");
    assert_eq!(state(&ring, 1_601), expect("e", "b c d e"));
}

#[test]
fn what_is_not_published_any_more_is_dropped() {
    let mut ring = KeyRing::new(key("a"), AHEAD, LIFETIME).expect("a ring");
    for n in 0..50_i64 {
        ring.add(key(&n.to_string()), at(n * 1_000)).expect("a key");
    }
    assert_eq!(
        ids(&ring.published(at(0))).len(),
        2,
        "the one before, and the last"
    );
}

#[test]
fn any_key_of_the_ring_can_sign_at_its_time() {
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
        let error = KeyRing::new(secret, AHEAD, LIFETIME).expect_err("not to be published");
        assert_eq!(error.code(), "no_public_half");
    }
    let error = ring.add(secret(), at(0)).expect_err("not to be published");
    assert_eq!(error.code(), "no_public_half");
    assert_eq!(ring.published(at(0)).len(), 1);
}
