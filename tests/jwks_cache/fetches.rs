//! Fetches that are lost, late, or shared by many threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use jwt_ring::KeySet;
use jwt_ring::jwks::{JwksCache, KeysNeeded};

use super::{Tested, ask, at, failed, fill, filled, header, seconds, set};

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

fn ids(keys: &KeySet) -> Vec<String> {
    let ids = keys.iter().filter_map(|key| key.key_id());
    ids.map(str::to_owned).collect()
}

/// Two fetches, of which the first one is reported after its timeout.
#[test]
fn a_fetch_that_is_reported_late_changes_neither_keys_nor_state() {
    let two = || {
        let mut cache = filled(JwksCache::new());
        assert_eq!(ask(&mut cache, "x", 590), "fetch");
        assert_eq!(ask(&mut cache, "x", 620), "fetch");
        let late = cache.tickets.remove(0);
        (cache, late)
    };

    // While the second one runs, the caller of the first one can use what it fetched.
    let (mut cache, late) = two();
    let keys = cache.cache.fetched(late, set(&["x", "y"]), at(621));
    assert_eq!(ids(&keys), ["x", "y"]);
    assert_eq!(ask(&mut cache, "x", 621), "wait", "the second fetch runs");
    fill(&mut cache, &["x"], 623);
    assert_eq!(ask(&mut cache, "x", 624), "use 1");
    let (mut cache, late) = two();
    assert!(cache.cache.failed(late, at(622)).is_none());
    assert_eq!(ask(&mut cache, "x", 622), "wait", "it has not failed");
    fill(&mut cache, &["x"], 623);
    assert_eq!(ask(&mut cache, "x", 624), "use 1");

    // After the second one succeeded, its keys are used.
    let (mut cache, late) = two();
    fill(&mut cache, &["x"], 621);
    let keys = cache.cache.fetched(late, set(&["a", "b"]), at(640));
    assert_eq!(ids(&keys), ["x"]);
    assert_eq!(
        ask(&mut cache, "b", 650),
        "use 1",
        "the cooldown began at 621"
    );
    assert_eq!(ask(&mut cache, "b", 651), "fetch");
    let (mut cache, late) = two();
    fill(&mut cache, &["x"], 621);
    let usable = cache.cache.failed(late, at(641)).expect("keys");
    assert_eq!(ids(&usable), ["x"]);
    assert_eq!(ask(&mut cache, "b", 651), "fetch");

    // After the second one failed.
    let (mut cache, late) = two();
    assert_eq!(failed(&mut cache, 621), None);
    let keys = cache.cache.fetched(late, set(&["x"]), at(622));
    assert_eq!(ids(&keys), ["x"]);
    assert_eq!(ask(&mut cache, "x", 650), "unavailable");
    assert_eq!(ask(&mut cache, "x", 651), "fetch");
}

/// A removed key is not trusted for longer because the fetch took long or was reported late.
#[test]
fn the_age_of_keys_counts_from_the_start_of_their_fetch() {
    for reported in [0, 1, 29, 100, 598] {
        let mut cache = Tested::new(JwksCache::new());
        assert_eq!(ask(&mut cache, "a", 0), "fetch");
        fill(&mut cache, &["a"], reported);
        assert_eq!(ask(&mut cache, "a", 599), "use 1", "{reported}");
        assert!(cache.cache.known(&header("a"), at(600)).is_none());
        assert_eq!(ask(&mut cache, "a", 600), "fetch", "{reported}");
    }
    // Reported a day later, they can be used by its caller only. The next fetch starts a second after.
    let day = 24 * 3600;
    let mut cache = Tested::new(JwksCache::new());
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    fill(&mut cache, &["a"], day);
    assert_eq!(ask(&mut cache, "a", day), "unavailable");
    assert_eq!(ask(&mut cache, "a", day + 1), "fetch");
    assert_eq!(ask(&mut cache, "a", day + 2), "wait");
    fill(&mut cache, &["a"], day + 2);
    assert_eq!(ask(&mut cache, "a", day + 2), "use 1");
    // Nor while fetching fails.
    let mut cache = Tested::new(JwksCache::new().stale_if_error(seconds(100)));
    assert_eq!(ask(&mut cache, "a", 0), "fetch");
    fill(&mut cache, &["a"], 20);
    assert_eq!(ask(&mut cache, "a", 600), "fetch");
    assert_eq!(failed(&mut cache, 601), Some(1));
    assert_eq!(ask(&mut cache, "a", 630), "use 1");
    assert_eq!(ask(&mut cache, "a", 690), "fetch");
    assert_eq!(failed(&mut cache, 699), Some(1));
    assert_eq!(ask(&mut cache, "a", 700), "unavailable");
}

#[test]
fn a_ticket_of_another_cache_changes_neither_keys_nor_state() {
    let fetching = || {
        let mut cache = Tested::new(JwksCache::new());
        assert_eq!(ask(&mut cache, "a", 0), "fetch");
        cache
    };
    let (mut cache, mut other) = (fetching(), fetching());
    let keys = cache.cache.fetched(other.last_ticket(), set(&["a"]), at(1));
    assert_eq!(ids(&keys), ["a"], "its caller can use them");
    assert_eq!(ask(&mut cache, "a", 2), "wait");
    assert!(
        cache
            .cache
            .failed(fetching().last_ticket(), at(3))
            .is_none()
    );
    assert_eq!(ask(&mut cache, "a", 4), "wait");
    fill(&mut cache, &["a"], 5);
    assert_eq!(ask(&mut cache, "a", 6), "use 1");
    // Keys of another issuer are not returned for those that were fetched.
    assert_eq!(ask(&mut cache, "x", 90), "fetch");
    fill(&mut cache, &["x"], 90);
    let keys = cache
        .cache
        .fetched(fetching().last_ticket(), set(&["b"]), at(91));
    assert_eq!(ids(&keys), ["b"]);
    // A ticket is also one of the clones.
    let mut cache = fetching();
    let ticket = cache.last_ticket();
    let mut clone = cache.clone();
    clone.cache.fetched(ticket, set(&["a"]), at(1));
    assert_eq!(ask(&mut clone, "a", 2), "use 1");
    assert_eq!(ask(&mut cache, "a", 2), "wait");
}

#[test]
fn fetched_keys_are_used_for_at_least_a_second_for_every_max_age() {
    for max_age in [Duration::ZERO, Duration::from_millis(10), seconds(1)] {
        let mut cache = filled(JwksCache::new().max_age(max_age));
        assert_eq!(ask(&mut cache, "a", 0), "use 1", "{max_age:?}");
        assert_eq!(ask(&mut cache, "x", 0), "use 1", "{max_age:?}");
        assert_eq!(ask(&mut cache, "a", 1), "fetch", "{max_age:?}");
        // If the fetch takes longer, only the caller that fetched them can use them.
        assert_eq!(ask(&mut cache, "a", 5), "wait", "{max_age:?}");
        fill(&mut cache, &["b"], 10);
        assert_eq!(ask(&mut cache, "b", 10), "unavailable", "{max_age:?}");
        assert_eq!(ask(&mut cache, "b", 11), "fetch", "{max_age:?}");
    }
}

/// Threads lock the shared cache for each call and fetch without the lock. One of them fetches, none
/// fails, and each receives its key.
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
