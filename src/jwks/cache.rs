//! A cache of an issuer's key set.

use std::sync::Arc;
use std::time::Duration;

use crate::error::KeyLookupError;
use crate::header::Header;
use crate::key_set::KeySet;
use crate::keys::Keys;
use crate::numeric_date::NumericDate;

/// How far the times of concurrent callers may differ. A larger difference means that the clock was
/// set.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

/// The shortest duration that can be set for `max_age`, `cooldown` and `fetch_timeout`.
const SHORTEST: Duration = Duration::from_secs(1);

/// Caches the key set of one issuer, and decides when to fetch it.
///
/// It does no I/O and takes the time as an argument. Call [`ask`](Self::ask) for each token, fetch the
/// keys if it returns [`KeysNeeded::Fetch`], and report the result:
///
/// ```
/// use jwt_ring::jwks::{JwksCache, KeysNeeded};
/// use jwt_ring::{Clock, KeyLookupError, KeySet, SystemClock, Unverified, VerifyError};
/// use std::sync::Arc;
///
/// /// Gets the document at the issuer's `jwks_uri`, with any HTTP client.
/// fn fetch() -> Option<String> {
/// #    Some(r#"{"keys":[]}"#.into())
/// }
///
/// fn keys(cache: &mut JwksCache, token: &str) -> Result<Arc<KeySet>, VerifyError> {
///     let unavailable = || KeyLookupError::unavailable("the key set cannot be fetched");
///     let token = Unverified::parse(token)?;
///     match cache.ask(token.header(), SystemClock.now()) {
///         KeysNeeded::Use(keys) => Ok(keys),
///         KeysNeeded::Fetch(ticket) => {
///             let fetched = fetch().and_then(|json| KeySet::from_json(json).ok());
///             let now = SystemClock.now();
///             match fetched {
///                 Some(keys) => Ok(cache.fetched(ticket, keys, now)),
///                 None => Ok(cache.failed(ticket, now).ok_or_else(unavailable)?),
///             }
///         }
///         KeysNeeded::Wait | KeysNeeded::Unavailable => Err(unavailable().into()), // answer 503
///     }
/// }
/// ```
///
/// With several threads or tasks, use [`known`](Self::known) first. If it returns `None`, ask under a
/// lock that is held while fetching: one caller fetches and the others wait, while tokens whose keys
/// are known are not delayed. Fetch in a task of its own, so that it goes on if the request is
/// cancelled. To fetch the keys before the first token arrives, ask with any header.
///
/// # States
///
/// | state | after | a token whose key is unknown, or keys older than `max_age` |
/// |---|---|---|
/// | idle | `new`, or a cooldown after a fetch ended | starts a fetch |
/// | fetching | `Fetch` was returned | waits, or uses stale keys (see below) that have its key; after `fetch_timeout` starts a fetch |
/// | cooling down | `fetched` or `failed` | uses keys that are not too old, else is unavailable |
///
/// Keys are too old after `max_age`, or after `max_age` and `stale_if_error` if the last fetch failed.
/// The cooldown after a successful fetch ends with `max_age` at the latest, so keys that were just
/// fetched are always used.
///
/// Each fetch has a [`FetchTicket`]. A fetch that ends after `fetch_timeout`, when another one was
/// started, changes neither the keys nor the state.
#[derive(Clone, Debug)]
pub struct JwksCache {
    max_age: Duration,
    cooldown: Duration,
    stale_if_error: Duration,
    fetch_timeout: Duration,
    keys: Option<Fetched>,
    state: State,
    /// The ticket of the last fetch.
    ticket: u64,
}

#[derive(Clone, Debug)]
struct Fetched {
    keys: Arc<KeySet>,
    at: NumericDate,
    ticket: u64,
}

/// `failed` is whether the last fetch failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Fetching { since: NumericDate, failed: bool },
    CoolingDown { since: NumericDate, failed: bool },
}

/// What a token needs, as [`JwksCache::ask`] returns it.
#[derive(Clone, Debug)]
pub enum KeysNeeded {
    /// Verify the token with these keys. They need not have the key of the token.
    Use(Arc<KeySet>),
    /// Fetch the keys, and report the result with [`JwksCache::fetched`] or [`JwksCache::failed`].
    Fetch(FetchTicket),
    /// Another caller is fetching the keys: wait for that and ask again, or answer 503.
    Wait,
    /// The keys could not be fetched, and it is too early to try again: answer 503.
    Unavailable,
}

/// Identifies a fetch that [`JwksCache::ask`] started, to report its result.
#[derive(Clone, Debug)]
pub struct FetchTicket(u64);

impl JwksCache {
    /// Makes an empty cache with the defaults of the methods that follow.
    #[must_use]
    pub fn new() -> Self {
        Self {
            max_age: Duration::from_secs(600),
            cooldown: Duration::from_secs(30),
            stale_if_error: Duration::ZERO,
            fetch_timeout: Duration::from_secs(30),
            keys: None,
            state: State::Idle,
            ticket: 0,
        }
    }

    /// Sets how long keys are used. A removed key stays trusted for at most this long. Default: 10
    /// minutes; at least 1 second, so that callers that waited for a fetch can use its keys.
    #[must_use]
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age.max(SHORTEST);
        self
    }

    /// Sets the time between the end of a fetch and the next one, so that tokens with invented `kid`s
    /// do not cause a fetch each. Default: 30 seconds; at least 1 second.
    #[must_use]
    pub fn cooldown(mut self, cooldown: Duration) -> Self {
        self.cooldown = cooldown.max(SHORTEST);
        self
    }

    /// Sets for how long after `max_age` keys are used while fetching fails. Default: 0.
    #[must_use]
    pub fn stale_if_error(mut self, stale_if_error: Duration) -> Self {
        self.stale_if_error = stale_if_error;
        self
    }

    /// Sets the time after which a fetch that was not reported counts as failed, so that another one
    /// is started. It must be longer than the timeout of the HTTP client. Default: 30 seconds; at
    /// least 1 second.
    #[must_use]
    pub fn fetch_timeout(mut self, fetch_timeout: Duration) -> Self {
        self.fetch_timeout = fetch_timeout.max(SHORTEST);
        self
    }

    /// Returns the keys if they are not older than `max_age` and have the key of the token. It changes
    /// nothing, so that it can be used under a lock for readers.
    #[must_use]
    pub fn known(&self, header: &Header, now: NumericDate) -> Option<Arc<KeySet>> {
        let keys = self.not_older_than(self.max_age, now)?;
        has_key(&keys, header).then_some(keys)
    }

    /// Returns what is needed to verify a token with this header.
    pub fn ask(&mut self, header: &Header, now: NumericDate) -> KeysNeeded {
        if let Some(keys) = self.known(header, now) {
            return KeysNeeded::Use(keys);
        }
        let has_passed = |since: NumericDate, duration| {
            now >= since.saturating_add(duration) || is_set_back(since, now)
        };
        let (is_fetching, failed) = match self.state {
            State::Idle => (None, false),
            State::Fetching { since, failed } => {
                let is_lost = has_passed(since, self.fetch_timeout);
                ((!is_lost).then_some(true), failed || is_lost)
            }
            State::CoolingDown { since, failed } => {
                let has_ended = has_passed(since, self.cooldown_after(failed));
                ((!has_ended).then_some(false), failed)
            }
        };
        match (is_fetching, self.usable(now)) {
            (None, _) => {
                self.state = State::Fetching { since: now, failed };
                self.ticket = self.ticket.wrapping_add(1);
                KeysNeeded::Fetch(FetchTicket(self.ticket))
            }
            // A token with a new key must not be rejected while that key is being fetched.
            (Some(true), Some(keys)) if has_key(&keys, header) => KeysNeeded::Use(keys),
            (Some(true), _) => KeysNeeded::Wait,
            (Some(false), Some(keys)) => KeysNeeded::Use(keys),
            (Some(false), None) => KeysNeeded::Unavailable,
        }
    }

    /// Takes the keys that were fetched, at the time at which the fetch ended. Returns the keys to
    /// use: these, or newer ones if a fetch that was started later has been reported.
    pub fn fetched(&mut self, ticket: FetchTicket, keys: KeySet, now: NumericDate) -> Arc<KeySet> {
        let (FetchTicket(ticket), keys) = (ticket, Arc::new(keys));
        if self.end(ticket, now, false) {
            let keys = Arc::clone(&keys);
            let at = now;
            self.keys = Some(Fetched { keys, at, ticket });
        }
        match &self.keys {
            Some(newer) if newer.ticket > ticket => Arc::clone(&newer.keys),
            _ => keys,
        }
    }

    /// Notes that a fetch failed, at the time at which it ended. Returns the keys to use instead, if
    /// there are any that are not too old.
    pub fn failed(&mut self, ticket: FetchTicket, now: NumericDate) -> Option<Arc<KeySet>> {
        self.end(ticket.0, now, true);
        self.usable(now)
    }

    /// Ends the current fetch. Returns `false` if that is another one, or has ended.
    fn end(&mut self, ticket: u64, now: NumericDate, failed: bool) -> bool {
        let is_current = ticket == self.ticket && matches!(self.state, State::Fetching { .. });
        if is_current {
            self.state = State::CoolingDown { since: now, failed };
        }
        is_current
    }

    /// Keys that are too old are fetched again though the cooldown is longer, unless fetching fails.
    fn cooldown_after(&self, failed: bool) -> Duration {
        if failed {
            self.cooldown
        } else {
            self.cooldown.min(self.max_age)
        }
    }

    /// The keys that can be used until others are fetched.
    fn usable(&self, now: NumericDate) -> Option<Arc<KeySet>> {
        let age = match self.state {
            State::Fetching { failed: true, .. } | State::CoolingDown { failed: true, .. } => {
                self.max_age.saturating_add(self.stale_if_error)
            }
            _ => self.max_age,
        };
        self.not_older_than(age, now)
    }

    fn not_older_than(&self, age: Duration, now: NumericDate) -> Option<Arc<KeySet>> {
        let Fetched { keys, at, .. } = self.keys.as_ref()?;
        // The age of keys from before the clock was set back is unknown.
        let is_usable = now < at.saturating_add(age) && !is_set_back(*at, now);
        is_usable.then(|| Arc::clone(keys))
    }
}

fn has_key(keys: &KeySet, header: &Header) -> bool {
    !matches!(keys.key(header), Err(KeyLookupError::Unknown))
}

fn is_set_back(then: NumericDate, now: NumericDate) -> bool {
    now.saturating_add(CLOCK_TOLERANCE) < then
}

impl Default for JwksCache {
    fn default() -> Self {
        Self::new()
    }
}
