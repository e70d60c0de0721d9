//! Callers whose clocks differ, and a clock that is set.

use jwt_ring::NumericDate;
use jwt_ring::jwks::{JwksCache, KeysNeeded};

use super::{Tested, ask, at, failed, fill, filled, header, seconds, set};

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
        assert_eq!(ask(&mut cache, "a", 1), "use 1", "the fetch started at 0");
        assert_eq!(ask(&mut cache, "x", 1), "fetch", "a cooldown of the future");
        fill(&mut cache, &["a"], 1);
        assert_eq!(ask(&mut cache, "a", 2), "use 1");
        assert_eq!(ask(&mut cache, "a", year), "fetch");
        assert_eq!(failed(&mut cache, year), None, "they are a year old");
        assert_eq!(ask(&mut cache, "a", 3), "use 1", "the keys were kept");
        assert_eq!(ask(&mut cache, "x", 3), "fetch", "a cooldown of the future");
    }
    // Back during a fetch: its keys are dated from the end. Or ahead: they are too old.
    let mut cache = Tested::new(JwksCache::new());
    assert_eq!(ask(&mut cache, "a", year), "fetch");
    fill(&mut cache, &["a"], 0);
    assert_eq!(ask(&mut cache, "a", 599), "use 1");
    assert_eq!(ask(&mut cache, "a", 600), "fetch");
    fill(&mut cache, &["a"], year);
    assert_eq!(ask(&mut cache, "a", year), "unavailable");
    assert_eq!(ask(&mut cache, "a", year + 1), "fetch");
    // The ends of the range.
    let mut cache = JwksCache::new();
    for now in [i64::MIN, i64::MAX, 0, i64::MIN] {
        let now = NumericDate::from_seconds(now);
        let KeysNeeded::Fetch(ticket) = cache.ask(&header("a"), now) else {
            panic!("no keys of that time")
        };
        cache.fetched(ticket, set(&["a"]), now);
    }
}
