//! The clock of a verifier.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jwt_ring::{Claim, Clock, NumericDate, Verifier};

use super::support::{NOW, clock};
use super::{MINUTE, NANO, at, check, check_token, error, expired, missing, now};

#[derive(Clone, Debug, Default)]
struct CountingClock(Arc<AtomicUsize>);

impl CountingClock {
    /// Returns how often the clock was read since the last call.
    fn reads(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl Clock for CountingClock {
    fn now(&self) -> NumericDate {
        self.0.fetch_add(1, Ordering::Relaxed);
        now()
    }
}

#[test]
fn the_clock_is_read_once_per_verification() {
    let clock = CountingClock::default();
    let verifier = Verifier::new()
        .clock(clock.clone())
        .max_age(MINUTE)
        .max_lifetime(MINUTE)
        .leeway(NANO);
    let good = format!(r#""exp":{},"nbf":{NOW},"iat":{NOW}"#, NOW + 1);
    check(&verifier, &good, Ok(()));
    assert_eq!(clock.reads(), 1);
    check(&verifier, "", missing(Claim::Expiration));
    assert_eq!(clock.reads(), 1);
    check(&verifier, r#""exp":0,"iat":0"#, expired(at(0), now()));
    assert_eq!(clock.reads(), 1);
    // A clone of a verifier has the same clock.
    check(&verifier.clone(), &good, Ok(()));
    assert_eq!(clock.reads(), 1);
    // What is rejected before its claims are checked need not read it.
    check_token(
        &verifier,
        r#"{"alg":"none"}"#,
        "{}",
        error("UnsupportedAlgorithm"),
    );
    assert!(clock.reads() <= 1);
}

#[test]
fn clones_of_a_fixed_clock_share_the_time() {
    let clock = clock();
    let verifier = Verifier::new().clock(clock.clone());
    let members = format!(r#""exp":{}"#, NOW + 60);
    let late = || expired(at(NOW + 60), at(NOW + 60));
    check(&verifier, &members, Ok(()));
    clock.clone().advance(MINUTE);
    check(&verifier, &members, late());
    check(&verifier.clone(), &members, late());
    clock.set(now());
    check(&verifier, &members, Ok(()));
    clock.advance(Duration::MAX);
    clock.advance(Duration::MAX);
    let end = clock.now();
    assert_eq!(end.seconds(), i64::MAX);
    check(&verifier, &members, expired(at(NOW + 60), end));
    clock.set(at(i64::MIN));
    check(&verifier, &members, Ok(()));
}
