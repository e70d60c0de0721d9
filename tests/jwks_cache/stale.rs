//! `stale_if_error`: old keys while fetching fails.

use std::time::Duration;

use jwt_ring::jwks::{JwksCache, KeysNeeded};

use super::{Tested, ask, at, failed, fill, filled, header, seconds};

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
