//! The keys of an issuer, fetched when they are needed: when to fetch, without the fetching.
//!
//! The library does no I/O. Ask the cache, do what it answers, and tell it what came of it:
//!
//! ```
//! use jwt_ring::key_cache::{Answer, KeyCache};
//! use jwt_ring::{Clock, KeySet, SystemClock, Unverified, VerifyError};
//! use std::sync::Arc;
//!
//! /// Whatever fetches `jwks_uri` for you.
//! fn fetch() -> Option<String> {
//! #    Some(r#"{"keys":[]}"#.into())
//! }
//!
//! fn keys(cache: &mut KeyCache, token: &str) -> Result<Option<Arc<KeySet>>, VerifyError> {
//!     let header = Unverified::parse(token)?;
//!     loop {
//!         match cache.ask(header.header(), SystemClock.now()) {
//!             Answer::Use(keys) => return Ok(Some(keys)),
//!             Answer::Unavailable => return Ok(None), // a 503
//!             Answer::Fetch => match fetch().map(|json| KeySet::from_json(&json)) {
//!                 Some(Ok(keys)) => cache.fetched(keys, SystemClock.now()),
//!                 _ => cache.failed(),
//!             },
//!         }
//!     }
//! }
//! ```
//!
//! With several threads or tasks, see [`KeyCache::known`] first, and ask under a lock that is held
//! while fetching: whoever has it fetches once for all, the others wait for that, and strangers with
//! invented keys hold up nobody whose key is known. Fetch in a task of its own, which goes on when
//! the request that set it off is dropped.

use std::sync::Arc;
use std::time::Duration;

use crate::error::KeyLookupError;
use crate::header::Header;
use crate::key_set::KeySet;
use crate::keys::Keys;
use crate::numeric_date::NumericDate;

/// The keys of one issuer, and when they were fetched.
#[derive(Clone, Debug)]
pub struct KeyCache {
    max_age: Duration,
    cooldown: Duration,
    stale_if_error: Duration,
    fetched: Option<(Arc<KeySet>, NumericDate)>,
    /// When a fetch was last asked for, and whether it failed.
    attempt: Option<NumericDate>,
    has_failed: bool,
}

/// What to do for a token.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Verify it with these keys. They need not have the token's.
    Use(Arc<KeySet>),
    /// Fetch the keys, say so with [`KeyCache::fetched`] or [`KeyCache::failed`], and ask again.
    Fetch,
    /// There are no keys, and it is too early to try again: answer 503.
    Unavailable,
}

impl KeyCache {
    /// Makes an empty cache: keys are good for 10 minutes, 30 seconds lie between two fetches, and
    /// when fetching fails, old keys are not used.
    #[must_use]
    pub fn new() -> Self {
        Self {
            max_age: Duration::from_secs(600),
            cooldown: Duration::from_secs(30),
            stale_if_error: Duration::ZERO,
            fetched: None,
            attempt: None,
            has_failed: false,
        }
    }

    /// Sets how long keys are good for, known ones too: so long does a key live on after its issuer
    /// removed it.
    #[must_use]
    pub fn max_age(self, max_age: Duration) -> Self {
        Self { max_age, ..self }
    }

    /// Sets the time between two fetches, whatever they brought: tokens with invented `kid`s cause
    /// no more than one fetch in that time.
    #[must_use]
    pub fn cooldown(self, cooldown: Duration) -> Self {
        Self { cooldown, ..self }
    }

    /// Sets how long after their `max_age` keys are used while fetching fails. Default: not at all.
    #[must_use]
    pub fn stale_if_error(self, stale_if_error: Duration) -> Self {
        Self {
            stale_if_error,
            ..self
        }
    }

    /// Returns the keys if they are good and have the token's, so that nothing is to be done. It
    /// changes nothing: where others fetch, a token with a known key need not wait for them.
    #[must_use]
    pub fn known(&self, header: &Header, now: NumericDate) -> Option<Arc<KeySet>> {
        let keys = self.good_for(self.max_age, now)?;
        let is_unknown = matches!(keys.key(header), Err(KeyLookupError::Unknown));
        (!is_unknown).then_some(keys)
    }

    /// Tells what to do for a token with this header, at this time.
    pub fn ask(&mut self, header: &Header, now: NumericDate) -> Answer {
        if let Some(keys) = self.known(header, now) {
            return Answer::Use(keys);
        }
        if self.may_fetch(now) {
            self.attempt = Some(now);
            return Answer::Fetch;
        }
        let stale = || {
            let age = self.max_age.saturating_add(self.stale_if_error);
            self.has_failed.then(|| self.good_for(age, now)).flatten()
        };
        self.good_for(self.max_age, now)
            .or_else(stale)
            .map_or(Answer::Unavailable, Answer::Use)
    }

    /// Takes the keys that were fetched.
    pub fn fetched(&mut self, keys: KeySet, now: NumericDate) {
        self.fetched = Some((Arc::new(keys), now));
        self.has_failed = false;
    }

    /// Notes that the fetch brought no keys.
    pub fn failed(&mut self) {
        self.has_failed = true;
    }

    /// The keys, if they are not older than that. Those from the future were fetched before the
    /// clock was set back, and nobody knows their age.
    fn good_for(&self, age: Duration, now: NumericDate) -> Option<Arc<KeySet>> {
        let (keys, fetched) = self.fetched.as_ref()?;
        let is_good = *fetched <= now && now < fetched.saturating_add(age);
        is_good.then(|| Arc::clone(keys))
    }

    fn may_fetch(&self, now: NumericDate) -> bool {
        self.attempt
            .is_none_or(|last| now < last || now >= last.saturating_add(self.cooldown))
    }
}

impl Default for KeyCache {
    fn default() -> Self {
        Self::new()
    }
}
