//! Sources of the current time.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown", feature = "wasm-js")))]
use std::time::SystemTime;

use crate::numeric_date::NumericDate;

/// A source of the current time, by which tokens are signed and checked.
///
/// [`SystemClock`] in production, [`FixedClock`] in tests, or your own, for instance one that
/// follows a time server:
///
/// ```
/// use jwt_ring::{Clock, NumericDate, SystemClock};
/// use std::time::Duration;
///
/// #[derive(Debug)]
/// struct Ahead(Duration);
///
/// impl Clock for Ahead {
///     fn now(&self) -> NumericDate {
///         SystemClock.now().saturating_add(self.0)
///     }
/// }
/// ```
pub trait Clock: Debug + Send + Sync {
    /// Returns the current time. It need not be monotonic.
    fn now(&self) -> NumericDate;
}

/// A shared clock is a clock.
impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> NumericDate {
        (**self).now()
    }
}

/// The time of the operating system: the default.
///
/// On `wasm32-unknown-unknown`, which has no operating system, the time of JavaScript's `Date.now`,
/// in milliseconds. The feature `wasm-js` is required there.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[cfg(not(all(target_arch = "wasm32", target_os = "unknown", feature = "wasm-js")))]
    fn now(&self) -> NumericDate {
        SystemTime::now().into()
    }

    // `SystemTime::now` panics on this target.
    #[cfg(all(target_arch = "wasm32", target_os = "unknown", feature = "wasm-js"))]
    fn now(&self) -> NumericDate {
        from_milliseconds(js_sys::Date::now())
    }
}

#[cfg(all(
    target_arch = "wasm32",
    target_os = "unknown",
    not(feature = "wasm-js")
))]
compile_error!(
    "wasm32-unknown-unknown has no clock and no random numbers of its own: turn on the feature \
     `wasm-js` of jwt-ring, which takes them from JavaScript"
);

/// Converts what `Date.now` returns: a whole number of milliseconds since 1970.
#[cfg(any(
    test,
    all(target_arch = "wasm32", target_os = "unknown", feature = "wasm-js")
))]
fn from_milliseconds(milliseconds: f64) -> NumericDate {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` stops at the ends of the range"
    )]
    let milliseconds = milliseconds as i64;
    NumericDate::from_seconds(milliseconds.div_euclid(1_000)).saturating_add(Duration::from_millis(
        milliseconds.rem_euclid(1_000).unsigned_abs(),
    ))
}

/// A clock for tests, whose time changes only by [`set`](Self::set) and [`advance`](Self::advance).
///
/// Its clones are handles to one clock, so that a test can move the time of a verifier that holds a
/// clone.
///
/// ```
/// use jwt_ring::{Clock, FixedClock, NumericDate};
/// use std::time::Duration;
/// use time::macros::datetime;
///
/// let clock = FixedClock::at(datetime!(2026-11-23 12:00 UTC));
/// let handle = clock.clone();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(handle.now(), NumericDate::from(datetime!(2026-11-23 12:01 UTC)));
/// ```
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<Mutex<NumericDate>>);

impl FixedClock {
    /// Makes a clock with the given time.
    #[must_use]
    pub fn at(now: impl Into<NumericDate>) -> Self {
        Self(Arc::new(Mutex::new(now.into())))
    }

    /// Moves the clock, and all its clones, forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.lock();
        *now = now.saturating_add(by);
    }

    /// Moves the clock, and all its clones, to the given time, which may be earlier than its time.
    pub fn set(&self, now: impl Into<NumericDate>) {
        *self.lock() = now.into();
    }

    fn lock(&self) -> MutexGuard<'_, NumericDate> {
        // The date is valid at any moment, so poisoning does not matter.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> NumericDate {
        *self.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_a_date() {
        let now = from_milliseconds(1_796_169_600_123.0);
        assert_eq!(
            (now.seconds(), now.nanoseconds()),
            (1_796_169_600, 123_000_000)
        );
    }

    #[test]
    fn milliseconds_before_1970_are_a_date() {
        let before = from_milliseconds(-1.0);
        assert_eq!((before.seconds(), before.nanoseconds()), (-1, 999_000_000));
    }

    #[test]
    fn no_number_of_milliseconds_is_out_of_range() {
        for (number, milliseconds) in [
            (f64::INFINITY, i64::MAX),
            (f64::NEG_INFINITY, i64::MIN),
            (f64::NAN, 0),
        ] {
            let date = from_milliseconds(number);
            assert_eq!(date.seconds(), milliseconds.div_euclid(1_000), "{number}");
        }
    }
}
