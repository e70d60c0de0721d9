//! Rotation of signing keys.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::KeyError;
use crate::key::SigningKey;
use crate::key_set::KeySet;
use crate::numeric_date::NumericDate;

/// Rotates signing keys; every key is published before it signs.
///
/// A key that is added signs after `publish_ahead`, when all verifiers have fetched it. It is
/// published until `token_lifetime` after its successor began to sign, when its last token has
/// expired. All of that follows from the times that are passed.
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
/// let later = now.saturating_add(ahead);
/// assert_ne!(rotation.active(later).id().map(str::to_owned), first);
///
/// // Store each key when it is added, with its id and the time from which it signs. (A key that was
/// // loaded cannot be exported, so what was stored stays.)
/// let mut stored = Vec::new();
/// for (key, from) in rotation.keys() {
///     stored.push((key.secret_pkcs8_der()?.to_vec(), key.id().map(str::to_owned), from));
/// }
/// // Restore them after a restart.
/// let mut keys = Vec::new();
/// for (der, id, from) in &stored {
///     let key = SigningKey::from_der(Algorithm::ES256, der)?;
///     keys.push((key.with_id(id.as_deref().unwrap_or_default()), *from));
/// }
/// let restored = KeyRotation::restore(keys, ahead, lifetime)?;
/// assert_eq!(restored.active(now).id().map(str::to_owned), first);
/// # Ok::<(), jwt_ring::KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyRotation {
    keys: Arc<Mutex<Keys>>,
    publish_ahead: Duration,
    token_lifetime: Duration,
}

/// The keys in the order in which they sign.
#[derive(Debug)]
struct Keys {
    first: Rotating,
    later: Vec<Rotating>,
}

/// A key, and the time from which it signs.
#[derive(Clone, Debug)]
struct Rotating {
    key: Arc<SigningKey>,
    from: NumericDate,
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
        Self::restore([(first, ALWAYS)], publish_ahead, token_lifetime)
    }

    /// Starts with stored keys and the times from which they sign, which [`keys`](Self::keys)
    /// returned.
    ///
    /// # Errors
    ///
    /// - [`KeyError::NoKeys`] if there is none.
    /// - [`KeyError::NoPublicHalf`] for a symmetric key.
    /// - [`KeyError::DuplicateId`] if two keys have the same id.
    pub fn restore(
        keys: impl IntoIterator<Item = (SigningKey, NumericDate)>,
        publish_ahead: Duration,
        token_lifetime: Duration,
    ) -> Result<Self, KeyError> {
        let mut stored = keys.into_iter();
        let (first, from) = stored.next().ok_or(KeyError::NoKeys)?;
        let key = Arc::new(named(first)?);
        let mut keys = Keys {
            first: Rotating { key, from },
            later: Vec::new(),
        };
        for (key, from) in stored {
            keys.insert(named(key)?, from)?;
        }
        Ok(Self {
            keys: Arc::new(Mutex::new(keys)),
            publish_ahead,
            token_lifetime,
        })
    }

    /// Adds the key that signs from `publish_ahead` after now.
    ///
    /// The time decides when the key signs: one in the past lets it sign before verifiers have fetched
    /// it, and one in the future keeps it published and unused until then.
    ///
    /// # Errors
    ///
    /// - [`KeyError::NoPublicHalf`] for a symmetric key.
    /// - [`KeyError::DuplicateId`] if a key has this id already.
    pub fn add(&self, key: SigningKey, now: NumericDate) -> Result<(), KeyError> {
        let from = now.saturating_add(self.publish_ahead);
        self.lock().insert(named(key)?, from)
    }

    /// Drops the keys that are not published any more. A wrong time drops keys whose tokens are
    /// still valid, so this is not part of [`add`](Self::add).
    pub fn drop_expired(&self, now: NumericDate) {
        let mut keys = self.lock();
        while let Some(second) = keys.later.first()
            && self.is_expired(second, now)
        {
            keys.first = keys.later.remove(0);
        }
    }

    /// Returns the key that signs at this time.
    #[must_use]
    pub fn active(&self, now: NumericDate) -> Arc<SigningKey> {
        let keys = self.lock();
        let latest = keys.later.iter().rev().find(|next| next.from <= now);
        Arc::clone(&latest.unwrap_or(&keys.first).key)
    }

    /// Returns the key set to publish at this time: the keys that sign, will sign, or signed tokens
    /// that may not have expired.
    #[must_use]
    pub fn published(&self, now: NumericDate) -> KeySet {
        let keys = self.lock();
        let expired = keys
            .later
            .iter()
            .take_while(|next| self.is_expired(next, now));
        let published = keys.iter().skip(expired.count());
        published.map(|one| one.key.verifying_key()).collect()
    }

    /// Returns the keys and the times from which they sign, to be stored for
    /// [`restore`](Self::restore).
    #[must_use]
    pub fn keys(&self) -> Vec<(Arc<SigningKey>, NumericDate)> {
        let keys = self.lock();
        keys.iter()
            .map(|one| (Arc::clone(&one.key), one.from))
            .collect()
    }

    /// Returns whether the tokens have expired that were signed before this key began to sign.
    fn is_expired(&self, successor: &Rotating, now: NumericDate) -> bool {
        successor.from.saturating_add(self.token_lifetime) <= now
    }

    fn lock(&self) -> MutexGuard<'_, Keys> {
        // The keys are complete at any moment.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    fn iter(&self) -> impl Iterator<Item = &Rotating> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// Inserts a key in the order of the times, so that one added at a wrong time in the future does
    /// not hold up those added later.
    fn insert(&mut self, key: SigningKey, from: NumericDate) -> Result<(), KeyError> {
        if self.iter().any(|one| one.key.id() == key.id()) {
            return Err(KeyError::DuplicateId);
        }
        let key = Arc::new(key);
        let added = Rotating { key, from };
        if from < self.first.from {
            let second = std::mem::replace(&mut self.first, added);
            self.later.insert(0, second);
        } else {
            let at = self.later.partition_point(|one| one.from <= from);
            self.later.insert(at, added);
        }
        Ok(())
    }
}

fn named(key: SigningKey) -> Result<SigningKey, KeyError> {
    match key.id() {
        // A symmetric key has no thumbprint either.
        Some(_) => key.verifying_key().thumbprint().map(|_| key),
        None => key.with_thumbprint_id(),
    }
}

/// One key as it is, which is not published if it is symmetric. Keys that are added to it sign at once.
impl From<Arc<SigningKey>> for KeyRotation {
    fn from(key: Arc<SigningKey>) -> Self {
        let keys = Keys {
            first: Rotating { key, from: ALWAYS },
            later: Vec::new(),
        };
        Self {
            keys: Arc::new(Mutex::new(keys)),
            publish_ahead: Duration::ZERO,
            token_lifetime: Duration::MAX,
        }
    }
}

impl From<SigningKey> for KeyRotation {
    fn from(key: SigningKey) -> Self {
        Self::from(Arc::new(key))
    }
}
