//! Rotation of signing keys.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::KeyError;
use crate::key::SigningKey;
use crate::key_set::KeySet;
use crate::numeric_date::NumericDate;

/// Rotates signing keys; every key is published before it signs.
///
/// A key that is added signs after `publish_ahead`, when all verifiers have fetched it. It is
/// published until `token_lifetime` after its successor began to sign, when its last token has
/// expired. All of that follows from the times that are passed, each of which must be the current one.
///
/// It is a handle: clones share the keys. Pass one to
/// [`access_token::Signer::new`](crate::oauth::access_token::Signer::new) and keep another.
///
/// ```
/// use jwt_ring::jwks::KeyRotation;
/// use jwt_ring::{Algorithm, Clock, SigningKey, SystemClock};
/// use std::time::Duration;
///
/// let key = || SigningKey::generate(Algorithm::ES256);
/// let (ahead, lifetime) = (Duration::from_secs(3_600), Duration::from_secs(300));
/// let rotation = KeyRotation::new(key()?, ahead, lifetime)?;
///
/// // Every month:
/// let now = SystemClock.now();
/// rotation.add(key()?, now)?;
/// assert_eq!(rotation.published(now).len(), 2);
/// let first = rotation.active(now).id().map(str::to_owned);
///
/// // Store each key when it is added, with its id and its times. (A key that was loaded cannot be
/// // exported: keep what was stored, and store only its times again.)
/// let mut stored = Vec::new();
/// for (key, times) in rotation.keys() {
///     let times = serde_json::to_string(&times)?;
///     stored.push((key.secret_pkcs8_der()?.to_vec(), key.id().map(str::to_owned), times));
/// }
/// // Restore them after a restart.
/// let mut keys = Vec::new();
/// for (der, id, times) in &stored {
///     let key = SigningKey::from_der(Algorithm::ES256, der)?;
///     let key = key.with_id(id.as_deref().unwrap_or_default());
///     keys.push((key, serde_json::from_str(times)?));
/// }
/// let restored = KeyRotation::restore(keys, ahead, lifetime)?;
/// assert_eq!(restored.active(now).id().map(str::to_owned), first);
///
/// // An hour later, the second key signs.
/// let now = now.saturating_add(ahead);
/// assert_ne!(rotation.active(now).id().map(str::to_owned), first);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Wrong clocks
///
/// No single time decides that a key signs, except for one in the future, which is indistinguishable
/// from the time after a long pause:
///
/// - A key that is added while the clock is in the past, before the latest time seen, signs when it
///   has been published for `publish_ahead` by that clock, or after it was corrected. Times are seen by
///   all clones, and restored with the keys.
/// - After a time in the future, the clock is before the latest time seen as well: keys that are added
///   then, or were added in the future, sign when the clock has advanced by `publish_ahead`. So the
///   rotation continues. A key that signed in the future stays published until those tokens have expired.
/// - A clock in the past that has passed the latest time seen is indistinguishable from one that is
///   right.
/// - While the clock is in the past, an earlier key may sign again, and is published again. While it is
///   in the future, a key may sign before it was published for `publish_ahead`, and a key whose tokens
///   are valid may be missing from those published. Both end when the clock is corrected.
#[derive(Clone, Debug)]
pub struct KeyRotation {
    keys: Arc<Mutex<Keys>>,
    /// `None` for a single key, which never rotates.
    publish_ahead: Option<Duration>,
    token_lifetime: Duration,
}

/// The keys in the order in which they sign.
#[derive(Debug)]
struct Keys {
    first: Rotating,
    later: Vec<Rotating>,
    /// The latest time seen.
    latest: NumericDate,
}

#[derive(Debug)]
struct Rotating {
    key: Arc<SigningKey>,
    times: KeyTimes,
}

/// The times of a key in a [`KeyRotation`], to be stored with the key.
///
/// Through serde, it is an object whose members stay the same across releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyTimes {
    /// The time from which the key signs.
    from: NumericDate,
    /// Since when the clock has been behind the time from which `from` was counted.
    behind: Option<NumericDate>,
    /// Whether the clock was behind when it was added, so that the time of that is unknown.
    was_added_behind: bool,
    /// The latest time at which it signed.
    used: NumericDate,
}

/// The time from which a key signs that is the first.
const ALWAYS: NumericDate = NumericDate::from_seconds(i64::MIN);

impl KeyRotation {
    /// Starts with a key that signs at once. Here and later, a key without an id gets its thumbprint
    /// as its id.
    ///
    /// `publish_ahead` must be at least as long as verifiers cache keys, and `token_lifetime` at least
    /// the longest lifetime of a token plus the leeway of verifiers.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoPublicHalf`] for a symmetric key, which cannot be published.
    pub fn new(
        first: SigningKey,
        publish_ahead: Duration,
        token_lifetime: Duration,
    ) -> Result<Self, KeyError> {
        Self::restore(
            [(first, KeyTimes::new(ALWAYS))],
            publish_ahead,
            token_lifetime,
        )
    }

    /// Starts with stored keys and their times, which [`keys`](Self::keys) returned.
    ///
    /// # Errors
    ///
    /// - [`KeyError::NoKeys`] if there is none.
    /// - [`KeyError::NoPublicHalf`] for a symmetric key.
    /// - [`KeyError::DuplicateId`] if two keys have the same id.
    pub fn restore(
        keys: impl IntoIterator<Item = (SigningKey, KeyTimes)>,
        publish_ahead: Duration,
        token_lifetime: Duration,
    ) -> Result<Self, KeyError> {
        let mut stored = keys.into_iter();
        let (first, times) = stored.next().ok_or(KeyError::NoKeys)?;
        let mut keys = Keys::new(Arc::new(named(first)?), times);
        for (key, times) in stored {
            let key = Arc::new(named(key)?);
            keys.insert(Rotating { key, times })?;
        }
        let seen = keys.iter().map(|one| one.times.seen(publish_ahead)).max();
        keys.latest = seen.unwrap_or(ALWAYS);
        Ok(Self {
            keys: Arc::new(Mutex::new(keys)),
            publish_ahead: Some(publish_ahead),
            token_lifetime,
        })
    }

    /// Adds the key that signs from `publish_ahead` after now, or after the latest time seen if the
    /// clock is [behind](Self#wrong-clocks) it.
    ///
    /// # Errors
    ///
    /// - [`KeyError::NoPublicHalf`] for a symmetric key.
    /// - [`KeyError::DuplicateId`] if a key has this id already.
    /// - [`KeyError::WrongKind`] if the rotation was converted from a single key, whose tokens may have
    ///   no `kid` to distinguish them.
    pub fn add(&self, key: SigningKey, now: NumericDate) -> Result<(), KeyError> {
        let Some(publish_ahead) = self.publish_ahead else {
            return Err(KeyError::WrongKind {
                expected: "a rotation made by `KeyRotation::new` or `restore`",
                found: "a single key",
            });
        };
        let key = Arc::new(named(key)?);
        let mut keys = self.at(now);
        let times = KeyTimes {
            was_added_behind: now < keys.latest,
            ..KeyTimes::new(keys.latest.saturating_add(publish_ahead))
        };
        keys.insert(Rotating { key, times })?;
        keys.see(now, publish_ahead);
        Ok(())
    }

    /// Drops the keys that are not published any more. A wrong time drops keys whose tokens are
    /// still valid, so this is not part of [`add`](Self::add).
    pub fn drop_expired(&self, now: NumericDate) {
        let mut keys = self.at(now);
        while let Some(second) = keys.later.first()
            && self.is_expired(&keys.first.times, &second.times, now)
        {
            keys.first = keys.later.remove(0);
        }
    }

    /// Returns the key that signs at this time.
    #[must_use]
    pub fn active(&self, now: NumericDate) -> Arc<SigningKey> {
        let mut keys = self.at(now);
        let Keys { first, later, .. } = &mut *keys;
        let latest = later.iter_mut().rev().find(|next| next.times.from <= now);
        let Rotating { key, times } = latest.unwrap_or(first);
        times.used = times.used.max(now);
        Arc::clone(key)
    }

    /// Returns the key set to publish at this time: the keys that sign, will sign, or signed tokens
    /// that may not have expired. A single key that is symmetric is not among them.
    #[must_use]
    pub fn published(&self, now: NumericDate) -> KeySet {
        let keys = self.at(now);
        let successors = keys.later.iter().map(Some).chain([None]);
        let published = keys.iter().zip(successors).filter(|(one, next)| {
            let is_expired = next.is_some_and(|next| self.is_expired(&one.times, &next.times, now));
            !is_expired
        });
        let published = published.map(|(one, _)| one.key.verifying_key());
        published.filter(|key| !key.is_symmetric()).collect()
    }

    /// Returns the keys and their times, to be stored for [`restore`](Self::restore).
    ///
    /// Store them after each [`add`](Self::add). Store the times again while the process runs, at
    /// least once per `publish_ahead` and between two restarts: they include what was seen of a
    /// [wrong clock](Self#wrong-clocks). If the clock is right, an earlier copy restores the same
    /// rotation.
    #[must_use]
    pub fn keys(&self) -> Vec<(Arc<SigningKey>, KeyTimes)> {
        let keys = self.lock();
        keys.iter()
            .map(|one| (Arc::clone(&one.key), one.times))
            .collect()
    }

    /// Returns whether the tokens of a key have expired.
    fn is_expired(&self, key: &KeyTimes, successor: &KeyTimes, now: NumericDate) -> bool {
        let last_signed = successor.from.max(key.used);
        last_signed.saturating_add(self.token_lifetime) <= now
    }

    /// Locks the keys, as they are at this time.
    fn at(&self, now: NumericDate) -> MutexGuard<'_, Keys> {
        let mut keys = self.lock();
        if let Some(publish_ahead) = self.publish_ahead {
            keys.see(now, publish_ahead);
        }
        keys
    }

    fn lock(&self) -> MutexGuard<'_, Keys> {
        // The keys are complete at any moment.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    fn new(key: Arc<SigningKey>, times: KeyTimes) -> Self {
        Self {
            first: Rotating { key, times },
            later: Vec::new(),
            latest: ALWAYS,
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Rotating> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// Notes the time.
    fn see(&mut self, now: NumericDate, publish_ahead: Duration) {
        self.latest = self.latest.max(now);
        for one in std::iter::once(&mut self.first).chain(&mut self.later) {
            one.times.see(now, publish_ahead);
        }
        self.sort();
    }

    fn insert(&mut self, added: Rotating) -> Result<(), KeyError> {
        if self.iter().any(|one| one.key.id() == added.key.id()) {
            return Err(KeyError::DuplicateId);
        }
        self.later.push(added);
        self.sort();
        Ok(())
    }

    /// Of keys with the same time, the one that was added later is the later one.
    fn sort(&mut self) {
        self.later.sort_by_key(|one| one.times.from);
        if let Some(second) = self.later.first_mut()
            && second.times.from < self.first.times.from
        {
            std::mem::swap(second, &mut self.first);
            self.later.sort_by_key(|one| one.times.from);
        }
    }
}

impl KeyTimes {
    fn new(from: NumericDate) -> Self {
        Self {
            from,
            behind: None,
            was_added_behind: false,
            used: ALWAYS,
        }
    }

    /// The latest time that was seen, as far as it is known.
    fn seen(&self, publish_ahead: Duration) -> NumericDate {
        self.used.max(self.from.saturating_sub(publish_ahead))
    }

    /// Notes the time. The key is dated anew when the clock has been behind for `publish_ahead`, and one
    /// that was added meanwhile also when it is behind no longer.
    fn see(&mut self, now: NumericDate, publish_ahead: Duration) {
        if now >= self.from.saturating_sub(publish_ahead) {
            self.behind = None;
            if std::mem::take(&mut self.was_added_behind) {
                self.from = now.saturating_add(publish_ahead);
            }
            return;
        }
        let behind = self.behind.map_or(now, |behind| behind.min(now));
        self.behind = Some(behind);
        // The key was published all that time, so it was a time in the future that was wrong.
        if now >= behind.saturating_add(publish_ahead) {
            (self.from, self.behind) = (now, None);
            self.was_added_behind = false;
        }
    }
}

fn named(key: SigningKey) -> Result<SigningKey, KeyError> {
    match key.id() {
        // A symmetric key has no thumbprint either.
        Some(_) => key.verifying_key().thumbprint().map(|_| key),
        None => key.with_thumbprint_id(),
    }
}

/// A single key, which never rotates: [`add`](KeyRotation::add) fails. It may be symmetric, which is not
/// published, or without an id.
impl From<Arc<SigningKey>> for KeyRotation {
    fn from(key: Arc<SigningKey>) -> Self {
        Self {
            keys: Arc::new(Mutex::new(Keys::new(key, KeyTimes::new(ALWAYS)))),
            publish_ahead: None,
            token_lifetime: Duration::MAX,
        }
    }
}

impl From<SigningKey> for KeyRotation {
    fn from(key: SigningKey) -> Self {
        Self::from(Arc::new(key))
    }
}
