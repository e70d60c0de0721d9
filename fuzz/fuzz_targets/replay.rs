//! Uses of one-time tokens under a clock that goes forward and back: no token is accepted twice, and as
//! long as the clock goes forward, each result is that of a list of all uses.

#![no_main]

use jwt_ring::NumericDate;
use jwt_ring::replay::{ReplayError, ReplayGuard, ReplayKey};
use libfuzzer_sys::{arbitrary, fuzz_target};

#[derive(arbitrary::Arbitrary, Debug)]
struct Use {
    /// How far the clock goes before it.
    step: i8,
    jwt_id: u8,
    /// From the beginning, in halves of a second.
    expiration: u8,
}

fuzz_target!(|input: (u8, Vec<Use>)| {
    let (capacity, uses) = input;
    let capacity = usize::from(capacity % 6);
    let guard = ReplayGuard::new(capacity);
    let (mut now, mut latest) = (0_i64, 0);
    // The tokens that were accepted, and when they expire.
    let mut accepted: Vec<(u8, NumericDate)> = Vec::new();
    for Use {
        step,
        jwt_id,
        expiration,
    } in uses
    {
        now += i64::from(step / 8);
        latest = latest.max(now);
        let half = std::time::Duration::from_millis(500);
        let expiration = NumericDate::from_seconds(0).saturating_add(half * expiration.into());
        let (jwt_id, time) = (jwt_id % 8, NumericDate::from_seconds(now));
        let key = ReplayKey::new("kind", "i", &jwt_id.to_string(), expiration);
        assert!(key.expiration() >= expiration);
        let found = guard.first_use(&key, time);

        let held = |at| {
            accepted
                .iter()
                .filter(move |(_, expiration)| *expiration > at)
        };
        let is_used = |at| held(at).any(|(one, _)| *one == jwt_id);
        if found.is_ok() {
            assert!(
                !accepted.contains(&(jwt_id, key.expiration())),
                "accepted twice"
            );
            assert!(key.expiration() > time, "accepted when it has expired");
            // Those that have expired by the latest time may have been removed.
            let latest = NumericDate::from_seconds(latest);
            assert!(!is_used(latest), "accepted twice");
            assert!(held(latest).count() < capacity, "more than the capacity");
        }
        if now == latest {
            let expected = if is_used(time) {
                Err(ReplayError::Replayed)
            } else if key.expiration() <= time {
                Err(ReplayError::Expired)
            } else if held(time).count() >= capacity {
                Err(ReplayError::Full)
            } else {
                Ok(())
            };
            assert_eq!(found, expected);
        }
        if found.is_ok() {
            accepted.push((jwt_id, key.expiration()));
        }
    }
});
