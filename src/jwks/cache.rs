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
/// The age of keys counts from the start of their fetch. They are too old after `max_age`, or after
/// `max_age` and `stale_if_error` if the last fetch failed. The cooldown after a successful fetch ends
/// when its keys are too old, but not within 1 second.
///
/// Each fetch has a [`FetchTicket`]. A fetch that ends after `fetch_timeout`, when another one was
/// started, changes neither the keys nor the state. Neither does a ticket of another cache.
#[derive(Clone, Debug)]
pub struct JwksCache {
    max_age: Duration,
    cooldown: Duration,
    stale_if_error: Duration,
    fetch_timeout: Duration,
    keys: Option<Fetched>,
    state: State,
    /// The number of the last fetch.
    last: u64,
    /// Identifies this cache and its clones by its address.
    identity: Arc<()>,
}

#[derive(Clone, Debug)]
struct Fetched {
    keys: Arc<KeySet>,
    /// The start of the fetch.
    since: NumericDate,
    number: u64,
}

/// `failed` is whether the last fetch failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Fetching { since: NumericDate, failed: bool },
    CoolingDown { since: NumericDate, failed: bool },
}

/// What a token needs, as [`JwksCache::ask`] returns it.
#[derive(Debug)]
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
#[derive(Debug)]
pub struct FetchTicket {
    number: u64,
    cache: Arc<()>,
}

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
            last: 0,
            identity: Arc::new(()),
        }
    }

    /// Sets how long keys are used, from the start of their fetch. A removed key stays trusted for
    /// at most this long. It must be longer than a fetch takes, so that callers that waited can use
    /// its keys. Default: 10 minutes; at least 1 second.
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
        // Whether the last fetch failed, if another one is started.
        let failed = match self.state {
            State::Idle => false,
            State::Fetching { since, .. } => {
                if !has_passed(since, self.fetch_timeout) {
                    let keys = self.usable(now).filter(|keys| has_key(keys, header));
                    // A token with a new key must not be rejected while that key is being fetched.
                    return keys.map_or(KeysNeeded::Wait, KeysNeeded::Use);
                }
                true
            }
            State::CoolingDown { since, failed } => {
                let keys = self.usable(now);
                let is_stale = !failed && keys.is_none() && has_passed(since, SHORTEST);
                if !is_stale && !has_passed(since, self.cooldown) {
                    return keys.map_or(KeysNeeded::Unavailable, KeysNeeded::Use);
                }
                failed
            }
        };
        self.state = State::Fetching { since: now, failed };
        self.last = self.last.wrapping_add(1);
        KeysNeeded::Fetch(FetchTicket {
            number: self.last,
            cache: Arc::clone(&self.identity),
        })
    }

    /// Takes the keys that were fetched, at the time at which the fetch ended. Returns the keys to
    /// use: these, or newer ones if a fetch that was started later has been reported.
    pub fn fetched(&mut self, ticket: FetchTicket, keys: KeySet, now: NumericDate) -> Arc<KeySet> {
        let keys = Arc::new(keys);
        if let Some(since) = self.end(&ticket, now, false) {
            self.keys = Some(Fetched {
                keys: Arc::clone(&keys),
                since,
                number: ticket.number,
            });
        }
        match &self.keys {
            Some(newer) if self.is_own(&ticket) && newer.number > ticket.number => {
                Arc::clone(&newer.keys)
            }
            _ => keys,
        }
    }

    /// Notes that a fetch failed, at the time at which it ended. Returns the keys to use instead, if
    /// there are any that are not too old.
    pub fn failed(&mut self, ticket: FetchTicket, now: NumericDate) -> Option<Arc<KeySet>> {
        self.end(&ticket, now, true);
        self.usable(now)
    }

    /// Ends the current fetch, and returns when it started. `None` if the ticket is that of another one.
    fn end(&mut self, ticket: &FetchTicket, now: NumericDate, failed: bool) -> Option<NumericDate> {
        let State::Fetching { since, .. } = self.state else {
            return None;
        };
        if !self.is_own(ticket) || ticket.number != self.last {
            return None;
        }
        self.state = State::CoolingDown { since: now, failed };
        // The clock may have been set back meanwhile.
        Some(since.min(now))
    }

    fn is_own(&self, ticket: &FetchTicket) -> bool {
        Arc::ptr_eq(&self.identity, &ticket.cache)
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
        let Fetched { keys, since, .. } = self.keys.as_ref()?;
        // The age of keys from before the clock was set back is unknown.
        let is_usable = now < since.saturating_add(age) && !is_set_back(*since, now);
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
