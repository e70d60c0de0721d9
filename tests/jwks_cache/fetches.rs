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
fn fetched_keys_are_used_for_at_least_a_second_for_every_max_age() {
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
