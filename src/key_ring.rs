//! The keys of an issuer, which take turns: the next one, the one that signs, and those that signed.

use std::sync::Arc;
use std::time::Duration;

use crate::error::KeyError;
use crate::key::SigningKey;
use crate::key_set::KeySet;
use crate::numeric_date::NumericDate;

/// Keys that take turns in signing, without a moment at which a verifier does not know one.
///
/// A key is published when it is added, and signs once it has been published for a while, so that
/// all verifiers have fetched it by then. It is published on after the next one took over, until
/// the last token that it signed has expired. All of that follows from the time alone.
///
/// ```
/// use jwt_ring::{Algorithm, Clock, SigningKey, SystemClock, key_ring::KeyRing};
/// use std::time::Duration;
///
/// let key = || SigningKey::generate(Algorithm::ES256);
/// let (ahead, lifetime) = (Duration::from_secs(3_600), Duration::from_secs(300));
/// let mut ring = KeyRing::new(key()?, ahead, lifetime)?;
///
/// // Every month:
/// let now = SystemClock.now();
/// ring.add(key()?, now)?;
/// assert_eq!(ring.published(now).len(), 2);
/// let first = ring.active(now).id().map(str::to_owned);
/// let later = now.saturating_add(ahead);
/// assert_ne!(ring.active(later).id().map(str::to_owned), first);
/// # Ok::<(), jwt_ring::KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyRing {
    oldest: Arc<SigningKey>,
    /// The others, in the order of their turns, and from when on they sign.
    later: Vec<(Arc<SigningKey>, NumericDate)>,
    publish_ahead: Duration,
    token_lifetime: Duration,
}

impl KeyRing {
    /// Makes a ring with a first key, which signs at once.
    ///
    /// A key is published for `publish_ahead` before it signs: at least as long as verifiers keep
    /// the keys that they fetched. It is published for `token_lifetime` after it signed: as long as
    /// the longest-lived token lives, and what leeway verifiers give.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoPublicHalf`] for a symmetric key, which cannot be published.
    pub fn new(
        first: SigningKey,
        publish_ahead: Duration,
        token_lifetime: Duration,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            oldest: Arc::new(named(first)?),
            later: Vec::new(),
            publish_ahead,
            token_lifetime,
        })
    }

    /// Adds the key that signs next, and drops those that are not published any more. A key
    /// without an id gets its thumbprint for one.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoPublicHalf`] for a symmetric key.
    pub fn add(&mut self, key: SigningKey, now: NumericDate) -> Result<(), KeyError> {
        let key = named(key)?;
        while let Some((_, from)) = self.later.first()
            && self.is_forgotten(*from, now)
        {
            let (oldest, _) = self.later.remove(0);
            self.oldest = oldest;
        }
        let from = now.saturating_add(self.publish_ahead);
        // Turns are taken in order, also when the clock was set back.
        let from = self.later.last().map_or(from, |(_, last)| from.max(*last));
        self.later.push((Arc::new(key), from));
        Ok(())
    }

    /// Returns the key that signs at this time, for a [`Signer`](crate::Signer).
    #[must_use]
    pub fn active(&self, now: NumericDate) -> &Arc<SigningKey> {
        let mut latest_first = self.later.iter().rev();
        latest_first
            .find(|(_, from)| *from <= now)
            .map_or(&self.oldest, |(key, _)| key)
    }

    /// Returns the set to publish at this time: the keys that sign, will sign, or signed tokens that
    /// may not have expired.
    #[must_use]
    pub fn published(&self, now: NumericDate) -> KeySet {
        let keys = std::iter::once(&self.oldest).chain(self.later.iter().map(|(key, _)| key));
        let successors = self.later.iter().map(|(_, from)| Some(*from));
        keys.zip(successors.chain([None]))
            .filter(|(_, successor)| successor.is_none_or(|from| !self.is_forgotten(from, now)))
            .map(|(key, _)| key.verifying_key())
            .collect()
    }

    /// Tells whether all tokens have expired that were signed before this successor took over.
    fn is_forgotten(&self, successor: NumericDate, now: NumericDate) -> bool {
        successor.saturating_add(self.token_lifetime) <= now
    }
}

fn named(key: SigningKey) -> Result<SigningKey, KeyError> {
    match key.id() {
        // A symmetric key fails here too.
        Some(_) => key.verifying_key().thumbprint().map(|_| key),
        None => key.with_thumbprint_id(),
    }
}
