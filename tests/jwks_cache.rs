//! The cache of an issuer's key set.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use jwt_ring::jwks::{FetchTicket, JwksCache, KeysNeeded};
use jwt_ring::{Algorithm, Clock, FixedClock, Header, KeySet, NumericDate, SigningKey};
use support::NOW;

fn set(ids: &[&str]) -> KeySet {
    let key = |id: &&str| {
        let key = SigningKey::generate(Algorithm::ES256).expect("a key");
        key.with_id(*id).verifying_key()
    };
    ids.iter().map(key).collect()
}

fn at(seconds: i64) -> NumericDate {
    NumericDate::from_seconds(NOW + seconds)
}

fn header(id: &str) -> Header {
    Header::new(Algorithm::ES256).with_key_id(id)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A cache with the tickets of its fetches.
#[derive(Clone)]
struct Tested {
    cache: JwksCache,
    tickets: Vec<FetchTicket>,
}

impl Tested {
    fn new(cache: JwksCache) -> Self {
        let tickets = Vec::new();
        Self { cache, tickets }
    }

    fn last_ticket(&self) -> FetchTicket {
        self.tickets.last().expect("a fetch").clone()
    }
}

/// Returns the answer of the cache for a token with this `kid`, with the number of keys.
fn ask(tested: &mut Tested, id: &str, now: i64) -> String {
    match tested.cache.ask(&header(id), at(now)) {
        KeysNeeded::Use(keys) => format!("use {}", keys.len()),
        KeysNeeded::Fetch(ticket) => {
            tested.tickets.push(ticket);
            "fetch".into()
        }
        KeysNeeded::Wait => "wait".into(),
        KeysNeeded::Unavailable => "unavailable".into(),
    }
}

fn fill(tested: &mut Tested, ids: &[&str], now: i64) {
    let ticket = tested.last_ticket();
    let keys = tested.cache.fetched(ticket, set(ids), at(now));
    assert_eq!(keys.len(), ids.len(), "the fetched keys are returned");
}

fn failed(tested: &mut Tested, now: i64) -> Option<usize> {
    let ticket = tested.last_ticket();
    let keys = tested.cache.failed(ticket, at(now));
    keys.map(|keys| keys.len())
}

/// Fetches the key `a` at time 0.
fn filled(cache: JwksCache) -> Tested {
    let mut tested = Tested::new(cache);
    assert_eq!(ask(&mut tested, "a", 0), "fetch");
    fill(&mut tested, &["a"], 0);
    tested
}

// The rows of the table of states, each with a known key, an unknown one, and keys that are too old.

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
    // Several keys that fit are no reason to fetch.
    let mut cache = filled(JwksCache::new());
    assert_eq!(ask(&mut cache, "b", 30), "fetch");
    fill(&mut cache, &["a", "b"], 30);
    let Tested { cache, .. } = cache;
    let without_kid = Header::new(Algorithm::ES256);
    assert!(cache.known(&without_kid, at(30)).is_some());
    let other = Header::new(Algorithm::EdDSA);
    assert!(cache.known(&other, at(30)).is_none());
}

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

/// As documented, by a caller that asks again until it has keys or none can be had. Each fetch takes
/// `fetch` seconds, and succeeds or not.
fn loop_until_decided(
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
fn the_loop_ends_for_every_cooldown_and_every_length_of_a_fetch() {
    for cooldown in [0, 1, 30, 1_000, u64::MAX] {
        for fetch in [0, 1, 29, 30, 31, 1_000, 5_000] {
            for max_age in [0, 10, 600] {
                for ok in [true, false] {
                    let clock = FixedClock::at(at(0));
                    let cache = JwksCache::new().cooldown(seconds(cooldown));
                    let mut cache = cache.max_age(seconds(max_age)).fetch_timeout(seconds(30));
                    for id in ["a", "unknown", "unknown"] {
                        let fetches = loop_until_decided(&mut cache, id, &clock, fetch, ok);
                        assert!(fetches <= 1, "{cooldown} {fetch} {max_age} {ok}");
                    }
                    // Later as well, whatever the state was.
                    clock.advance(seconds(1_000_000));
                    loop_until_decided(&mut cache, "unknown", &clock, fetch, ok);
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

#[test]
fn a_lost_fetch_is_started_again_after_its_timeout() {
    let mut cache = Tested::new(JwksCache::new());
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    assert_eq!(ask(&mut cache, "a", 29), "wait");
    assert_eq!(ask(&mut cache, "a", 30), "fetch");
    assert_eq!(ask(&mut cache, "a", 31), "wait");
    assert_eq!(
        ask(&mut cache, "a", 59),
        "wait",
        "the timeout is that of the second fetch"
    );
    let mut short = Tested::new(JwksCache::new().fetch_timeout(seconds(5)));
    assert_eq!(ask(&mut short, "a", 0), "fetch");
    assert_eq!(ask(&mut short, "a", 4), "wait");
    assert_eq!(ask(&mut short, "a", 5), "fetch");
    // It counts as failed: stale keys are used while the next one runs.
    let mut open = filled(JwksCache::new().stale_if_error(seconds(100)));
    assert_eq!(ask(&mut open, "a", 600), "fetch");
    assert_eq!(ask(&mut open, "a", 601), "wait");
    assert_eq!(ask(&mut open, "a", 630), "fetch");
    assert_eq!(ask(&mut open, "a", 631), "use 1");
    assert_eq!(ask(&mut open, "x", 631), "wait");
}

/// Two fetches, of which the first one is reported after its timeout.
#[test]
fn a_fetch_that_is_reported_late_changes_neither_keys_nor_state() {
    let two = || {
        let mut cache = filled(JwksCache::new());
        assert_eq!(ask(&mut cache, "x", 590), "fetch");
        assert_eq!(ask(&mut cache, "x", 620), "fetch");
        let late = cache.tickets[1].clone();
        (cache, late)
    };
    let ids = |keys: &KeySet| -> Vec<String> {
        let ids = keys.iter().filter_map(|key| key.key_id());
        ids.map(str::to_owned).collect()
    };

    // While the second one runs, the caller of the first one can use what it fetched.
    let (mut cache, late) = two();
    let keys = cache.cache.fetched(late.clone(), set(&["x", "y"]), at(621));
    assert_eq!(ids(&keys), ["x", "y"]);
    assert_eq!(ask(&mut cache, "x", 621), "wait", "the second fetch runs");
    assert!(cache.cache.failed(late, at(622)).is_none());
    assert_eq!(ask(&mut cache, "x", 622), "wait", "it has not failed");
    fill(&mut cache, &["x"], 623);
    assert_eq!(ask(&mut cache, "x", 624), "use 1");

    // After the second one succeeded, its keys are used.
    let (mut cache, late) = two();
    fill(&mut cache, &["x"], 621);
    let keys = cache.cache.fetched(late.clone(), set(&["a", "b"]), at(640));
    assert_eq!(ids(&keys), ["x"]);
    let usable = cache.cache.failed(late, at(641));
    assert!(usable.is_some_and(|usable| Arc::ptr_eq(&usable, &keys)));
    assert_eq!(
        ask(&mut cache, "b", 650),
        "use 1",
        "the cooldown began at 621"
    );
    assert_eq!(ask(&mut cache, "b", 651), "fetch");

    // After the second one failed.
    let (mut cache, late) = two();
    assert_eq!(failed(&mut cache, 621), None);
    let keys = cache.cache.fetched(late, set(&["x"]), at(622));
    assert_eq!(ids(&keys), ["x"]);
    assert_eq!(ask(&mut cache, "x", 650), "unavailable");
    assert_eq!(ask(&mut cache, "x", 651), "fetch");

    // A fetch that is reported twice.
    let mut cache = filled(JwksCache::new());
    let ticket = cache.last_ticket();
    assert_eq!(
        cache
            .cache
            .failed(ticket.clone(), at(20))
            .map(|keys| keys.len()),
        Some(1)
    );
    let keys = cache.cache.fetched(ticket, set(&["b", "c"]), at(20));
    assert_eq!(ids(&keys), ["b", "c"]);
    assert_eq!(ask(&mut cache, "a", 29), "use 1");
    assert_eq!(ask(&mut cache, "b", 30), "fetch");

    // After its timeout, before another one was started, it is not late.
    let mut cache = Tested::new(JwksCache::new());
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    fill(&mut cache, &["a"], 100);
    assert_eq!(ask(&mut cache, "a", 101), "use 1");
}

#[test]
fn keys_that_were_just_fetched_are_used_for_a_second_whatever_max_age_is() {
    for max_age in [Duration::ZERO, Duration::from_millis(10), seconds(1)] {
        let mut cache = filled(JwksCache::new().max_age(max_age));
        assert_eq!(ask(&mut cache, "a", 0), "use 1", "{max_age:?}");
        assert_eq!(ask(&mut cache, "x", 0), "use 1", "{max_age:?}");
        assert_eq!(ask(&mut cache, "a", 1), "fetch", "{max_age:?}");
        // The caller that fetched them can use them; the others wait for that.
        assert_eq!(ask(&mut cache, "a", 5), "wait", "{max_age:?}");
        fill(&mut cache, &["b"], 10);
        assert_eq!(ask(&mut cache, "b", 10), "use 1", "{max_age:?}");
    }
}

#[test]
fn concurrent_callers_whose_times_differ_do_not_make_each_other_fetch_or_fail() {
    for offset in [-60, -59, -1, 0, 1] {
        let mut cache = Tested::new(JwksCache::new());
        assert_eq!(ask(&mut cache, "a", 0), "fetch");
        assert_eq!(ask(&mut cache, "a", offset), "wait", "{offset}");
        fill(&mut cache, &["a"], 1);
        assert_eq!(ask(&mut cache, "a", 1 + offset), "use 1", "{offset}");
        assert_eq!(ask(&mut cache, "x", 1 + offset), "use 1", "{offset}");
        let known = cache.cache.known(&header("a"), at(1 + offset));
        assert!(known.is_some(), "{offset}");
    }
    let mut cache = Tested::new(JwksCache::new());
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    assert_eq!(failed(&mut cache, 1), None);
    for offset in [-60, -1, 0, 1] {
        assert_eq!(ask(&mut cache, "a", 1 + offset), "unavailable", "{offset}");
    }
}

#[test]
fn a_clock_that_was_set_does_not_stop_the_cache() {
    // Back, by more than callers may differ: the age of the keys is unknown.
    let mut cache = filled(JwksCache::new());
    assert_eq!(ask(&mut cache, "a", -61), "fetch");
    assert_eq!(ask(&mut cache, "a", -61), "wait");
    fill(&mut cache, &["a", "b"], -61);
    assert_eq!(ask(&mut cache, "a", 538), "use 2");
    assert_eq!(ask(&mut cache, "a", 539), "fetch");
    // A year ahead and back, in each state.
    let year = 365 * 24 * 3600;
    for stale in [0, 100] {
        let stale = seconds(stale);
        let mut cache = Tested::new(JwksCache::new().stale_if_error(stale));
        assert_eq!(ask(&mut cache, "a", year), "fetch");
        assert_eq!(
            ask(&mut cache, "a", 0),
            "fetch",
            "fetching since the future"
        );
        fill(&mut cache, &["a"], year);
        assert_eq!(
            ask(&mut cache, "a", 1),
            "fetch",
            "keys and cooldown of the future"
        );
        fill(&mut cache, &["a"], 1);
        assert_eq!(ask(&mut cache, "a", 2), "use 1");
        assert_eq!(ask(&mut cache, "a", year), "fetch");
        assert_eq!(failed(&mut cache, year), None, "they are a year old");
        assert_eq!(ask(&mut cache, "a", 3), "use 1", "they never left");
        assert_eq!(ask(&mut cache, "x", 3), "fetch", "a cooldown of the future");
    }
    // The ends of time.
    let mut cache = JwksCache::new();
    for now in [i64::MIN, i64::MAX, 0, i64::MIN] {
        let now = NumericDate::from_seconds(now);
        let KeysNeeded::Fetch(ticket) = cache.ask(&header("a"), now) else {
            panic!("no keys of that time")
        };
        cache.fetched(ticket, set(&["a"]), now);
    }
}

#[test]
fn stale_keys_are_used_only_if_set_and_while_fetching_fails() {
    let mut closed = filled(JwksCache::new());
    assert_eq!(ask(&mut closed, "a", 600), "fetch");
    assert_eq!(failed(&mut closed, 601), None);
    assert_eq!(ask(&mut closed, "a", 602), "unavailable");

    let mut open = filled(JwksCache::new().stale_if_error(seconds(100)));
    assert_eq!(ask(&mut open, "a", 600), "fetch");
    assert_eq!(ask(&mut open, "a", 601), "wait", "no fetch has failed");
    assert_eq!(failed(&mut open, 602), Some(1));
    assert_eq!(ask(&mut open, "a", 603), "use 1");
    assert_eq!(ask(&mut open, "x", 603), "use 1");
    assert!(
        open.cache.known(&header("a"), at(603)).is_none(),
        "`known` never returns stale keys"
    );
    assert_eq!(ask(&mut open, "a", 631), "use 1");
    assert_eq!(ask(&mut open, "a", 632), "fetch", "after the cooldown");
    assert_eq!(ask(&mut open, "a", 633), "use 1", "the last fetch failed");
    assert_eq!(ask(&mut open, "x", 633), "wait");
    assert_eq!(failed(&mut open, 660), Some(1));
    assert_eq!(ask(&mut open, "a", 690), "fetch");
    assert_eq!(
        ask(&mut open, "a", 699),
        "use 1",
        "max_age and stale_if_error"
    );
    assert_eq!(ask(&mut open, "a", 700), "wait");
    assert_eq!(failed(&mut open, 700), None);
    assert_eq!(ask(&mut open, "a", 701), "unavailable");
    assert_eq!(ask(&mut open, "a", 730), "fetch");
    fill(&mut open, &["a", "b"], 731);
    assert_eq!(ask(&mut open, "a", 732), "use 2");
    assert_eq!(ask(&mut open, "a", 1_331), "fetch");
    assert_eq!(
        ask(&mut open, "a", 1_332),
        "wait",
        "the failure was before the last fetch"
    );
}

#[test]
fn the_edges_of_stale_if_error_are_exact() {
    let failed_at = |nanoseconds: u64| {
        let Tested { mut cache, .. } = filled(JwksCache::new().stale_if_error(seconds(100)));
        let now = at(0).saturating_add(seconds(700) - Duration::from_nanos(nanoseconds));
        let KeysNeeded::Fetch(ticket) = cache.ask(&header("a"), now) else {
            panic!("the keys are too old")
        };
        cache.failed(ticket, now).is_some()
    };
    assert!(failed_at(1));
    assert!(!failed_at(0));
    let mut forever = filled(JwksCache::new().stale_if_error(Duration::MAX));
    assert_eq!(ask(&mut forever, "a", 1 << 40), "fetch");
    assert_eq!(failed(&mut forever, 1 << 40), Some(1));
}

/// Threads that share a cache under a lock for each call, and fetch without it: one fetches, none
/// fails, and none gets keys without its own.
#[test]
fn many_threads_fetch_once() {
    const THREADS: usize = 24;
    let cache = Mutex::new(JwksCache::new());
    let (fetches, waiting) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let json = serde_json::to_string(&set(&["a"])).expect("JSON");
    let verify = |n: i64| {
        // The times of the threads differ by up to 24 seconds.
        let now = at(n);
        let mut has_waited = false;
        loop {
            let needed = cache.lock().expect("the cache").ask(&header("a"), now);
            match needed {
                KeysNeeded::Use(keys) => break keys,
                KeysNeeded::Fetch(ticket) => {
                    fetches.fetch_add(1, Ordering::SeqCst);
                    // The fetch ends when all others have asked.
                    while waiting.load(Ordering::SeqCst) < THREADS - 1 {
                        thread::yield_now();
                    }
                    let keys = KeySet::from_json(&json).expect("keys");
                    let mut cache = cache.lock().expect("the cache");
                    break cache.fetched(ticket, keys, now);
                }
                KeysNeeded::Wait => {
                    if !std::mem::replace(&mut has_waited, true) {
                        waiting.fetch_add(1, Ordering::SeqCst);
                    }
                    thread::yield_now();
                }
                KeysNeeded::Unavailable => panic!("no fetch failed"),
            }
        }
    };
    let keys: Vec<Arc<KeySet>> = thread::scope(|scope| {
        let verify = &verify;
        let threads: Vec<_> = (0..THREADS)
            .map(|n| scope.spawn(move || verify(i64::try_from(n).expect("small"))))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("keys"))
            .collect()
    });
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
    assert!(keys.iter().all(|one| Arc::ptr_eq(one, &keys[0])));
}
