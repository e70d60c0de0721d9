//! The cooldown limits how often keys are fetched.

use std::time::Duration;

use jwt_ring::jwks::{JwksCache, KeysNeeded};
use jwt_ring::{Clock, FixedClock};

use super::{Tested, ask, at, failed, fill, filled, header, seconds, set};

#[test]
fn an_unknown_kid_causes_one_fetch_per_cooldown() {
    let mut cache = filled(JwksCache::new());
    let mut fetches = 0;
    for now in 0..300 {
        if ask(&mut cache, &format!("random-{now}"), now) == "fetch" {
            fetches += 1;
            fill(&mut cache, &["a"], now);
        }
    }
    assert_eq!(fetches, 9);
    let mut long = filled(JwksCache::new().cooldown(seconds(100)));
    assert_eq!(ask(&mut long, "x", 99), "use 1");
    assert_eq!(ask(&mut long, "x", 100), "fetch");
}

/// The documented loop: the caller repeats `ask` until it has keys or they are unavailable. Each fetch
/// takes `fetch` seconds and succeeds if `ok`.
fn ask_until_decided(
    cache: &mut JwksCache,
    id: &str,
    clock: &FixedClock,
    fetch: u64,
    ok: bool,
) -> u32 {
    let mut fetches = 0;
    for _ in 0..10 {
        match cache.ask(&header(id), clock.now()) {
            KeysNeeded::Use(_) | KeysNeeded::Unavailable => return fetches,
            KeysNeeded::Wait => panic!("no other caller fetches"),
            KeysNeeded::Fetch(ticket) => {
                fetches += 1;
                clock.advance(seconds(fetch));
                if ok {
                    cache.fetched(ticket, set(&["a"]), clock.now());
                } else {
                    let _ = cache.failed(ticket, clock.now());
                }
            }
        }
    }
    panic!("the loop does not end");
}

#[test]
fn the_documented_loop_ends_for_every_cooldown_and_fetch_time() {
    for cooldown in [0, 1, 30, 1_000, u64::MAX] {
        for fetch in [0, 1, 29, 30, 31, 1_000, 5_000] {
            for max_age in [0, 10, 600] {
                for ok in [true, false] {
                    let clock = FixedClock::at(at(0));
                    let cache = JwksCache::new().cooldown(seconds(cooldown));
                    let mut cache = cache.max_age(seconds(max_age)).fetch_timeout(seconds(30));
                    for id in ["a", "unknown", "unknown"] {
                        let fetches = ask_until_decided(&mut cache, id, &clock, fetch, ok);
                        assert!(fetches <= 1, "{cooldown} {fetch} {max_age} {ok}");
                    }
                    // Also later, from every state.
                    clock.advance(seconds(1_000_000));
                    ask_until_decided(&mut cache, "unknown", &clock, fetch, ok);
                }
            }
        }
    }
}

#[test]
fn the_cooldown_is_one_second_at_least_and_counts_from_the_end_of_the_fetch() {
    let mut cache = filled(JwksCache::new().cooldown(Duration::ZERO));
    assert_eq!(ask(&mut cache, "x", 0), "use 1");
    assert_eq!(ask(&mut cache, "x", 1), "fetch");
    fill(&mut cache, &["a"], 20);
    assert_eq!(ask(&mut cache, "x", 20), "use 1");
    assert_eq!(ask(&mut cache, "x", 21), "fetch");
    let mut cache = Tested::new(JwksCache::new().cooldown(seconds(10)));
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    fill(&mut cache, &["a"], 10);
    assert_eq!(ask(&mut cache, "x", 19), "use 1");
    assert_eq!(ask(&mut cache, "x", 20), "fetch");
}

#[test]
fn keys_that_are_too_old_are_fetched_though_the_cooldown_is_longer() {
    let mut cache = filled(JwksCache::new().max_age(seconds(10)).cooldown(seconds(30)));
    assert_eq!(ask(&mut cache, "x", 9), "use 1");
    assert_eq!(ask(&mut cache, "a", 10), "fetch");
    // A failed fetch is not repeated before the cooldown ends.
    assert_eq!(failed(&mut cache, 11), None);
    assert_eq!(ask(&mut cache, "a", 40), "unavailable");
    assert_eq!(ask(&mut cache, "a", 41), "fetch");
}
