//! The rows of the table of states: a known key, an unknown key, and keys that are too old.

use jwt_ring::jwks::JwksCache;
use jwt_ring::{Algorithm, Header};

use super::{Tested, ask, at, failed, fill, filled, header, seconds};

#[test]
fn an_idle_cache_fetches_for_keys_that_it_does_not_have() {
    for cache in [JwksCache::new(), JwksCache::default()].map(Tested::new) {
        assert_eq!(ask(&mut cache.clone(), "a", 0), "fetch");
        assert_eq!(ask(&mut cache.clone(), "a", -9_999_999), "fetch");
    }
    // When the cooldown has ended, the cache is idle again.
    let cache = filled(JwksCache::new());
    assert_eq!(ask(&mut cache.clone(), "a", 30), "use 1");
    assert_eq!(ask(&mut cache.clone(), "x", 30), "fetch");
    assert_eq!(ask(&mut cache.clone(), "a", 600), "fetch");
}

#[test]
fn while_keys_are_fetched_tokens_with_known_keys_do_not_wait_and_others_do() {
    let mut cache = Tested::new(JwksCache::new());
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    assert_eq!(ask(&mut cache, "a", 0), "wait");
    assert_eq!(ask(&mut cache, "a", 29), "wait");
    let mut cache = filled(JwksCache::new());
    assert_eq!(ask(&mut cache, "x", 590), "fetch");
    assert_eq!(ask(&mut cache, "a", 591), "use 1");
    assert_eq!(
        ask(&mut cache, "x", 591),
        "wait",
        "its key may be among the new ones"
    );
    assert_eq!(ask(&mut cache, "a", 600), "wait", "the keys are too old");
    fill(&mut cache, &["a", "x"], 601);
    assert_eq!(ask(&mut cache, "x", 601), "use 2");
}

#[test]
fn during_a_cooldown_keys_that_are_not_too_old_are_used_for_any_token() {
    let mut cache = filled(JwksCache::new());
    assert_eq!(ask(&mut cache, "x", 29), "use 1");
    for n in 0..200 {
        assert_eq!(ask(&mut cache, &format!("random-{n}"), n / 10), "use 1");
    }
    assert_eq!(ask(&mut cache, "x", 30), "fetch");
    assert_eq!(
        failed(&mut cache, 31),
        Some(1),
        "they are younger than max_age"
    );
    assert_eq!(ask(&mut cache, "x", 60), "use 1");
    assert_eq!(ask(&mut cache, "x", 61), "fetch");
    // With no keys, or with keys that are too old.
    let mut empty = Tested::new(JwksCache::new());
    assert_eq!(ask(&mut empty, "a", 0), "fetch");
    assert_eq!(failed(&mut empty, 1), None);
    assert_eq!(ask(&mut empty, "a", 30), "unavailable");
    assert_eq!(ask(&mut empty, "a", 31), "fetch");
    let mut old = filled(JwksCache::new());
    assert_eq!(ask(&mut old, "a", 600), "fetch");
    assert_eq!(failed(&mut old, 601), None);
    assert_eq!(ask(&mut old, "a", 630), "unavailable");
    assert_eq!(ask(&mut old, "a", 631), "fetch");
    fill(&mut old, &[], 632);
    assert_eq!(ask(&mut old, "a", 633), "use 0", "an empty set is one");
}

#[test]
fn known_keys_are_used_until_max_age() {
    let mut cache = filled(JwksCache::new());
    assert_eq!(ask(&mut cache, "a", 0), "use 1");
    assert_eq!(ask(&mut cache, "a", 599), "use 1");
    assert_eq!(ask(&mut cache, "a", 600), "fetch");
    fill(&mut cache, &["b", "c"], 600);
    assert_eq!(
        ask(&mut cache, "a", 601),
        "use 2",
        "a removed key is unknown"
    );
    let mut short = filled(JwksCache::new().max_age(seconds(60)));
    assert_eq!(ask(&mut short, "a", 59), "use 1");
    assert_eq!(ask(&mut short, "a", 60), "fetch");
}

#[test]
fn known_returns_keys_without_changing_the_cache() {
    let cache = filled(JwksCache::new());
    let known = |id, now| {
        let keys = cache.cache.known(&header(id), at(now));
        keys.map(|keys| keys.len())
    };
    assert_eq!(known("a", 0), Some(1));
    assert_eq!(known("a", 599), Some(1));
    assert_eq!(known("a", 600), None, "too old");
    assert_eq!(known("x", 30), None);
    assert_eq!(
        ask(&mut cache.clone(), "x", 30),
        "fetch",
        "nothing was recorded"
    );
    assert!(JwksCache::new().known(&header("a"), at(0)).is_none());
    // Several matching keys do not cause a fetch.
    let mut cache = filled(JwksCache::new());
    assert_eq!(ask(&mut cache, "b", 30), "fetch");
    fill(&mut cache, &["a", "b"], 30);
    let Tested { cache, .. } = cache;
    let without_kid = Header::new(Algorithm::ES256);
    assert!(cache.known(&without_kid, at(30)).is_some());
    let other = Header::new(Algorithm::EdDSA);
    assert!(cache.known(&other, at(30)).is_none());
}
