//! Times that are wrong, in either direction, and corrected.

use jwt_ring::jwks::KeyRotation;
use jwt_ring::{Clock, FixedClock, NumericDate};

use crate::{AHEAD, LIFETIME, add, at, expect, ids, key, load, rotation_of, store, times};

/// A thousand years.
const FAR: i64 = 1_000 * 365 * 24 * 3600;

#[test]
fn a_key_that_is_added_in_the_past_does_not_sign_at_once_when_the_clock_is_corrected() {
    for past in [-FAR, -9_999, -600, -1] {
        let rotation = rotation_of("a");
        expect(&rotation, 0, "a", "a");
        add(&rotation, "b", past);
        expect(&rotation, past, "a", "a b");
        expect(&rotation, 1, "a", "a b");
        expect(&rotation, 600, "a", "a b");
        expect(&rotation, 601, "b", "a b");
        expect(&rotation, 900, "b", "a b");
        expect(&rotation, 901, "b", "b");
    }
}

#[test]
fn a_clock_that_stays_in_the_past_does_not_stop_the_rotation() {
    let rotation = rotation_of("a");
    expect(&rotation, 0, "a", "a");
    add(&rotation, "b", -FAR);
    expect(&rotation, 599 - FAR, "a", "a b");
    expect(&rotation, 600 - FAR, "b", "a b");
    // It is set back further: the time counts anew for a key that has not signed.
    add(&rotation, "c", 700 - FAR);
    expect(&rotation, -2 * FAR, "a", "a b c");
    expect(&rotation, 1_299 - 2 * FAR, "c", "a b c");
    // When it is corrected, the tokens of the first key have not expired.
    expect(&rotation, 299, "c", "a c");
}

/// Between them, the clock was right, so it has not run in the past for long.
#[test]
fn two_times_in_the_past_do_not_let_a_key_sign_early() {
    let rotation = rotation_of("a");
    add(&rotation, "b", 0);
    for (past, now) in [(-5_000, 1), (-4_000, 2)] {
        expect(&rotation, past, "a", "a b");
        expect(&rotation, now, "a", "a b");
    }
    expect(&rotation, 600, "b", "a b");
}

#[test]
fn a_key_that_is_added_in_the_future_does_not_stop_the_rotation() {
    let rotation = rotation_of("a");
    add(&rotation, "far", FAR);
    add(&rotation, "b", 0);
    expect(&rotation, 599, "a", "a far b");
    expect(&rotation, 600, "b", "a far b");
    add(&rotation, "c", 650);
    expect(&rotation, 900, "b", "b c");
    expect(&rotation, 1_249, "b", "b c");
    expect(&rotation, 1_250, "c", "b c");
    expect(&rotation, FAR, "c", "c");
}

/// As above, but no key is added in the future.
#[test]
fn a_time_in_the_future_that_was_only_seen_does_not_stop_the_rotation() {
    for (future, from) in [
        (601, 600),
        (1_200, 600),
        (FAR, 600),
        (100, 700),
        (600, 1_200),
    ] {
        let rotation = rotation_of("a");
        let _ = rotation.published(at(future));
        add(&rotation, "b", 0);
        // If the clock was ahead by less than `publish_ahead`, it counts from the time seen.
        expect(&rotation, from - 600, "a", "a b");
        expect(&rotation, from - 1, "a", "a b");
        expect(&rotation, from, "b", "a b");
    }
}

/// The key was added at an unknown time, so it counts from when the clock is right again.
#[test]
fn a_key_that_is_added_in_the_past_after_a_pause_does_not_sign_at_once() {
    let rotation = rotation_of("a");
    expect(&rotation, -9_999, "a", "a");
    add(&rotation, "b", -FAR);
    expect(&rotation, 0, "a", "a b");
    expect(&rotation, 599, "a", "a b");
    expect(&rotation, 600, "b", "a b");
    expect(&rotation, 900, "b", "b");
    // Callers whose times differ a little do not put it off again and again.
    let rotation = rotation_of("a");
    expect(&rotation, 1, "a", "a");
    add(&rotation, "b", 0);
    for now in 0..600 {
        let _ = (rotation.active(at(now)), rotation.active(at(now + 1)));
    }
    expect(&rotation, 601, "b", "a b");
}

#[test]
fn a_key_that_signed_in_the_future_is_published_until_those_tokens_have_expired() {
    let rotation = rotation_of("a");
    add(&rotation, "b", 0);
    expect(&rotation, 10_000, "b", "b");
    // Corrected: the second key was not published for long enough yet.
    expect(&rotation, 1, "a", "a b");
    expect(&rotation, 600, "b", "a b");
    add(&rotation, "c", 700);
    for now in [701, 1_500, 5_000, 10_299] {
        let _ = rotation.active(at(now));
        rotation.drop_expired(at(now));
        let published = ids(&rotation.published(at(now)));
        assert!(published.contains('b'), "{published} at {now}");
    }
    expect(&rotation, 10_300, "c", "c");
}

#[test]
fn the_times_that_are_restored_count_as_seen() {
    // The process starts again with its clock in the past, and adds a key.
    let original = rotation_of("a");
    add(&original, "b", 0);
    let restored = load(&store(&original));
    add(&restored, "c", -FAR);
    expect(&restored, 1, "a", "a b c");
    expect(&restored, 600, "b", "a b c");
    expect(&restored, 601, "c", "a b c");
    // The same after the second key signed.
    expect(&original, 1_000, "b", "b");
    let restored = load(&store(&original));
    add(&restored, "c", -FAR);
    expect(&restored, 1_001, "b", "b c");
    expect(&restored, 1_600, "b", "b c");
    expect(&restored, 1_601, "c", "b c");

    // A key that was added in the future is restored, and signs as without that.
    let original = rotation_of("a");
    add(&original, "far", FAR);
    let restored = load(&store(&original));
    expect(&restored, 0, "a", "a far");
    expect(&restored, 599, "a", "a far");
    expect(&restored, 600, "far", "a far");
    assert_eq!(times(&restored)[1], at(600), "the time to store");
}

/// The clock is in the past when the key is added, and corrected after a restart.
#[test]
fn a_key_that_is_added_in_the_past_before_a_restart_does_not_sign_early() {
    for past in [-FAR, -100] {
        let original = rotation_of("a");
        expect(&original, 0, "a", "a");
        add(&original, "b", past);
        let restored = load(&store(&original));
        for rotation in [&original, &restored] {
            expect(rotation, 5_000, "a", "a b");
            expect(rotation, 5_599, "a", "a b");
            expect(rotation, 5_600, "b", "a b");
        }
    }
}

#[test]
fn restarts_do_not_stop_the_rotation_after_a_key_was_added_in_the_future() {
    let original = rotation_of("a");
    add(&original, "b", FAR);
    let mut stored = store(&original);
    for now in (0..600).step_by(10) {
        let restored = load(&stored);
        expect(&restored, now, "a", "a b");
        stored = store(&restored);
    }
    expect(&load(&stored), 600, "b", "a b");
}

#[test]
fn a_key_that_signed_in_the_future_before_a_restart_is_published() {
    let original = rotation_of("a");
    add(&original, "b", 0);
    expect(&original, 10_000, "b", "b");
    let restored = load(&store(&original));
    add(&restored, "c", 0);
    for now in [0, 600, 1_500, 10_299] {
        let _ = restored.active(at(now));
        let published = ids(&restored.published(at(now)));
        assert!(published.contains('b'), "{published} at {now}");
    }
    expect(&restored, 10_300, "c", "c");
}

#[test]
fn the_ends_of_the_range_are_valid_times() {
    let rotation = rotation_of("a");
    for (id, end) in [("min", i64::MIN), ("max", i64::MAX), ("again", i64::MIN)] {
        let end = NumericDate::from_seconds(end);
        rotation.add(key(id), end).expect("a key");
        rotation.drop_expired(NumericDate::from_seconds(i64::MIN));
        let _ = (rotation.active(end), rotation.published(end));
    }
    add(&rotation, "b", 0);
    let _ = rotation.active(at(600));
    assert_eq!(rotation.active(at(600)).id(), Some("b"));
}

/// A token: the id of its key, and when it expires.
type Issued = (String, NumericDate);

/// Simulates an issuer whose clock is wrong by `offset` from `start` to `end`, and who adds a key each
/// 700 seconds. Outside of that time, no key signs before it was published for `AHEAD`, all tokens that
/// are valid have a published key, and a new key signs, or a later one does, after three
/// times `AHEAD` at the latest. The process starts again after each `restarts` seconds.
fn simulate(offset: i64, start: i64, end: i64, restarts: i64) {
    let clock = FixedClock::at(at(0));
    let mut rotation = KeyRotation::new(key("0"), AHEAD, LIFETIME).expect("a rotation");
    let mut added = vec![-1 << 40];
    let mut issued: Vec<Issued> = Vec::new();
    for now in (0..7_000).step_by(50) {
        let is_wrong = (start..end).contains(&now);
        clock.set(at(if is_wrong { now + offset } else { now }));
        let case = format!("{offset} from {start} to {end}, restarts {restarts}, at {now}");
        if now % restarts == 0 {
            rotation = load(&store(&rotation));
        }
        if now % 700 == 350 {
            let id = added.len().to_string();
            rotation.add(key(&id), clock.now()).expect("a key");
            added.push(now);
        }
        let active = rotation.active(clock.now()).id().expect("an id").to_owned();
        issued.push((active.clone(), clock.now().saturating_add(LIFETIME)));
        if is_wrong {
            continue;
        }
        let number: usize = active.parse().expect("a number");
        assert!(added[number] + 600 <= now, "{case}: {active} signs early");
        let is_late = |added: i64| added.max(end) + 1_800 <= now;
        let newest = added.iter().rposition(|added| is_late(*added));
        assert!(newest <= Some(number), "{case}: {active} signs still");
        let published = ids(&rotation.published(clock.now()));
        for (id, expiration) in &issued {
            let is_published = published.split(' ').any(|one| one == id);
            let is_valid = *expiration > clock.now();
            assert!(is_published || !is_valid, "{case}: {id} in {published}");
        }
    }
}

#[test]
fn each_key_is_published_in_time_whenever_the_clock_was_wrong() {
    for offset in [
        -FAR, -10_000, -1_000, -600, -350, -50, 0, 50, 350, 600, 1_000, 10_000, FAR,
    ] {
        for start in [300, 450, 750] {
            for length in [50, 500, 700, 1_500] {
                // Later, a clock in the past has passed the latest time seen: it cannot be
                // distinguished from one that is right.
                if offset < 0 && length >= -offset {
                    continue;
                }
                for restarts in [i64::MAX, 450] {
                    simulate(offset, start, start + length, restarts);
                }
            }
        }
    }
}
