//! Detection of replays: each token, proof or assertion with a `jti` is accepted once.
//!
//! A verifier of one-time tokens returns a [`OneTime`], which holds the token until its [`ReplayKey`] is
//! recorded: in a [`ReplayGuard`], or in a database that several servers share, as the guide
//! (`guide::replay`) shows.
//!
//! ```
//! use jwt_ring::NumericDate;
//! use jwt_ring::replay::{ReplayError, ReplayGuard, ReplayKey};
//!
//! let guard = ReplayGuard::new(100_000);
//! let (now, expiration) = (NumericDate::from_seconds(1_000), NumericDate::from_seconds(1_060));
//! let key = ReplayKey::new("webhook", "https://issuer.example", "jti-1", expiration);
//! assert_eq!(guard.first_use(&key, now), Ok(()));
//! assert_eq!(guard.first_use(&key, now), Err(ReplayError::Replayed));
//! ```

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::base64url;
use crate::key::sha256;
use crate::numeric_date::NumericDate;

/// What identifies a one-time token, and how long it must be kept.
///
/// The identifier is a hash of the kind of token, of its issuer (or the thumbprint of its key) and of
/// `jti`, because a `jti` alone would let one client use up that of another. Its `Display` is the hash in
/// base64url, of 43 characters, for the key of a database.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplayKey {
    hash: [u8; 32],
    expiration: NumericDate,
}

impl ReplayKey {
    /// Makes the key of a token that is rejected from `expiration` on, any leeway included. It is
    /// rounded up to whole seconds.
    #[must_use]
    pub fn new(kind: &str, issuer: &str, jwt_id: &str, expiration: NumericDate) -> Self {
        // With their lengths, so that no two lists of parts are the same bytes.
        let mut bytes = Vec::with_capacity(24 + kind.len() + issuer.len() + jwt_id.len());
        for part in [kind, issuer, jwt_id] {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        Self {
            hash: sha256(&bytes),
            expiration: round_up(expiration),
        }
    }

    /// Returns the SHA-256 hash that identifies the token.
    #[must_use]
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Returns the time from which the key need not be kept.
    #[must_use]
    pub fn expiration(&self) -> NumericDate {
        self.expiration
    }
}

fn round_up(date: NumericDate) -> NumericDate {
    let seconds = date.seconds();
    NumericDate::from_seconds(match date.nanoseconds() {
        0 => seconds,
        _ => seconds.saturating_add(1),
    })
}

impl fmt::Display for ReplayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.hash))
    }
}

impl fmt::Debug for ReplayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayKey")
            .field("hash", &format_args!("{self}"))
            .field("expiration", &self.expiration)
            .finish()
    }
}

/// Why a one-time token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The token was used before.
    #[error("the token was used before")]
    Replayed,
    /// The token has expired, so an earlier use may have been removed.
    #[error("the token has expired")]
    Expired,
    /// The guard holds as many tokens as its capacity, none of which has expired.
    #[error("the replay guard is full")]
    Full,
}

impl ReplayError {
    /// Returns a name of the variant that stays the same across releases, for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Replayed => "replayed",
            Self::Expired => "replay_expired",
            Self::Full => "replay_full",
        }
    }
}

/// Records one-time tokens in memory, exactly: a token that was used is rejected until it expires.
///
/// It holds up to `capacity` keys, of up to 200 bytes each, and removes a key only if it has expired. If
/// it is full, new tokens are rejected with [`ReplayError::Full`], so call it last, once the sender is
/// authenticated and its rate is limited. Share a guard between threads by reference or `Arc`, and
/// between verifiers only if they accept a token for the same time; several servers need a database.
///
/// If the clock is set back, tokens that expire no later than those that were already removed are
/// rejected with [`ReplayError::Expired`].
pub struct ReplayGuard {
    used: Mutex<Used>,
    capacity: usize,
}

/// How many expired keys a call removes at most, so that none takes long. One is enough to make room.
const MAX_REMOVED: usize = 64;

/// The tokens that were used.
#[derive(Default)]
struct Used {
    expirations: HashMap<[u8; 32], NumericDate>,
    by_expiration: BTreeSet<(NumericDate, [u8; 32])>,
    /// The latest expiration of the keys that were removed. If the clock is set back, a key that
    /// expires until then may have been removed.
    removed_until: Option<NumericDate>,
}

impl ReplayGuard {
    /// Makes an empty guard.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            used: Mutex::default(),
            capacity,
        }
    }

    /// Records that a token is used now.
    ///
    /// # Errors
    ///
    /// - [`ReplayError::Replayed`] if it was used before.
    /// - [`ReplayError::Expired`] if it has expired, or may have been removed before the clock was set
    ///   back.
    /// - [`ReplayError::Full`] if there is no room.
    pub fn first_use(&self, key: &ReplayKey, now: NumericDate) -> Result<(), ReplayError> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.remove_expired(now);
        match used.expirations.get(&key.hash).copied() {
            Some(expiration) if expiration > now => return Err(ReplayError::Replayed),
            Some(expiration) => used.remove(expiration, key.hash),
            None => {}
        }
        if key.expiration <= now || Some(key.expiration) <= used.removed_until {
            return Err(ReplayError::Expired);
        }
        if used.expirations.len() >= self.capacity {
            return Err(ReplayError::Full);
        }
        used.expirations.insert(key.hash, key.expiration);
        used.by_expiration.insert((key.expiration, key.hash));
        Ok(())
    }
}

impl Used {
    fn remove_expired(&mut self, now: NumericDate) {
        for _ in 0..MAX_REMOVED {
            match self.by_expiration.first().copied() {
                Some((expiration, hash)) if expiration <= now => self.remove(expiration, hash),
                _ => break,
            }
        }
    }

    fn remove(&mut self, expiration: NumericDate, hash: [u8; 32]) {
        self.by_expiration.remove(&(expiration, hash));
        self.expirations.remove(&hash);
        self.removed_until = self.removed_until.max(Some(expiration));
    }
}

impl fmt::Debug for ReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayGuard")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

/// A value that may be used once, for instance a verified proof or assertion.
#[derive(Clone, Debug)]
#[must_use = "a one-time token is accepted by `first_use`"]
pub struct OneTime<T> {
    value: T,
    key: ReplayKey,
    now: NumericDate,
}

impl<T> OneTime<T> {
    /// `now` is the time of the checks.
    #[cfg(feature = "oauth")]
    pub(crate) fn new(value: T, key: ReplayKey, now: NumericDate) -> Self {
        Self { value, key, now }
    }

    /// Replaces the value, and keeps the key.
    #[cfg(feature = "oauth")]
    pub(crate) fn try_map<U, E>(
        self,
        change: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<OneTime<U>, E> {
        Ok(OneTime::new(change(self.value)?, self.key, self.now))
    }

    /// Records the use in a guard, and returns the value.
    ///
    /// # Errors
    ///
    /// Those of [`ReplayGuard::first_use`].
    pub fn first_use(self, guard: &ReplayGuard) -> Result<T, ReplayError> {
        guard.first_use(&self.key, self.now)?;
        Ok(self.value)
    }

    /// Returns the key to record in a database, before
    /// [`without_replay_check`](Self::without_replay_check).
    #[must_use]
    pub fn replay_key(&self) -> &ReplayKey {
        &self.key
    }

    /// Returns the value without a check of whether it was used before.
    #[must_use]
    pub fn without_replay_check(self) -> T {
        self.value
    }
}
