//! Sources of the current time.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

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
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> NumericDate {
        SystemTime::now().into()
    }
}

/// A clock for tests, whose time changes only by [`set`](Self::set) and [`advance`](Self::advance).
///
/// Its clones are handles to one clock, so that a test can move the time of a verifier that it has
/// given a clone to.
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

    /// Moves the clock, and all its clones, to the given time, which may lie in its past.
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
