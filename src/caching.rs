//! A cache of verified tokens.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;

use crate::claims::{self, Times};
use crate::error::VerifyError;
use crate::key::VerifyingKey;
use crate::keys::Keys;
use crate::numeric_date::NumericDate;
use crate::token::Token;
use crate::verifier::{Checked, PerCall, Verifier};

/// How many threads have a shard of their own, so that a hit writes to no memory that another thread
/// writes to.
const SHARDS: usize = 16;
/// The longest token in bytes that is kept.
const MAX_SIZE: usize = 8 * 1024;
/// How many bytes at the end of a token it is found by: part of the signature, which differs.
const TAIL: usize = 32;
type Tail = [u8; TAIL];

/// A verifier that caches verified tokens, for services that receive the same token many times.
///
/// A token in the cache is not decoded and its signature is not checked again. The times in it are
/// checked on each call, and the key is looked up: an entry counts only for a key of the same
/// content. The result is that of the verifier without a cache.
///
/// It holds up to `capacity` tokens of at most 8 KiB. Expired entries are removed when they are met
/// and while the same thread inserts others. Each thread, up to 16, has a shard of its own, so a
/// token that several threads receive takes several entries. If the cache is full, the CLOCK hand
/// of the largest shard evicts an entry that was not used since its last pass. Only verified tokens
/// are kept.
///
/// ```
/// use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Verifier};
/// use std::time::Duration;
///
/// let key = SigningKey::generate(Algorithm::ES256)?;
/// let keys = key.verifying_key();
/// let jwt = Signer::new(key).sign(&Claims::new(&SystemClock, Duration::from_secs(900)))?;
///
/// let verifier = Verifier::new().cached::<Claims>(10_000);
/// let first = verifier.verify(&jwt, &keys)?;
/// let again = verifier.verify(&jwt, &keys)?; // takes about 1/200 of the time of RS256
/// assert_eq!(first.claims(), again.claims());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a verifier does nothing until `verify` is called"]
pub struct CachingVerifier<C, V = Verifier> {
    pub(crate) verifier: V,
    shards: [Mutex<Shard<C>>; SHARDS],
    /// The number of entries in all shards.
    len: AtomicUsize,
    capacity: usize,
}

/// What the cache needs of a verifier.
pub(crate) trait Cacheable {
    /// Returns the verifier that checks the times of a token.
    fn core(&self, per_call: &PerCall) -> Option<&Verifier>;
}

impl Cacheable for Verifier {
    #[inline(always)]
    fn core(&self, _per_call: &PerCall) -> Option<&Verifier> {
        Some(self)
    }
}

impl Verifier {
    /// Caches up to `capacity` verified tokens, whose claims are of type `C`.
    pub fn cached<C>(self, capacity: usize) -> CachingVerifier<C> {
        CachingVerifier::new(self, capacity)
    }
}

impl<C: DeserializeOwned> CachingVerifier<C> {
    /// Verifies a token like [`Verifier::verify`].
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`].
    pub fn verify(&self, token: &str, keys: &dyn Keys) -> Result<Arc<Token<C>>, VerifyError> {
        if let Some((entry, _)) = self.find(token, keys)? {
            return Ok(Arc::clone(&entry.token));
        }
        let (mut buffer, mut slot) = (Vec::new(), None);
        let checked = self.verifier.check(token, keys, &mut buffer, &mut slot)?;
        self.keep(token, checked)
    }
}

#[expect(private_bounds, reason = "its methods are private too")]
impl<C: DeserializeOwned, V: Cacheable> CachingVerifier<C, V> {
    /// Finds a token that is cached, and checks its key and times. The caller's code (keys, clock,
    /// `Deserialize` and `Drop` of the claims) runs without a lock, here and below.
    pub(crate) fn find(&self, token: &str, keys: &dyn Keys) -> Result<Option<Hit<C>>, VerifyError> {
        match self.get(token) {
            Some(entry) => self.check_hit(entry, token, keys),
            None => Ok(None),
        }
    }

    /// Finds a token that is cached, before its key and times are checked.
    #[inline(always)]
    pub(crate) fn get(&self, token: &str) -> Option<Arc<Entry<C>>> {
        self.lock(own_shard()).get(token)
    }

    /// Checks the key and the times of a token that is cached.
    #[inline(always)]
    pub(crate) fn check_hit(
        &self,
        entry: Arc<Entry<C>>,
        token: &str,
        keys: &dyn Keys,
    ) -> Result<Option<Hit<C>>, VerifyError> {
        let Some(core) = self.verifier.core(&entry.per_call) else {
            return Ok(None);
        };
        if !keys.key(entry.token.header())?.is_same(&entry.key) {
            return Ok(None);
        }
        let now = core.now();
        let result = core.check_times(&entry.times, now);
        if has_expired(&result) {
            let removed = [self.lock(own_shard()).entries.remove(&tail(token))];
            self.count_off(&removed);
        }
        result.map(|()| Some((entry, now)))
    }

    /// Returns the token that passed all checks, and keeps it.
    pub(crate) fn keep(
        &self,
        token: &str,
        checked: Checked<'_, '_>,
    ) -> Result<Arc<Token<C>>, VerifyError> {
        let claims = claims::fit(checked.payload)?;
        let verified = Arc::new(Token::new(checked.header.into_owned(), claims));
        if token.len() <= MAX_SIZE {
            let entry = Entry {
                text: token.into(),
                key: checked.key.into_owned(),
                times: checked.times,
                per_call: checked.per_call,
                token: Arc::clone(&verified),
                used: AtomicBool::new(false),
            };
            self.insert(Arc::new(entry), checked.now);
        }
        Ok(verified)
    }

    fn insert(&self, entry: Arc<Entry<C>>, now: NumericDate) {
        let has_expired = |one: &Entry<C>| {
            let core = self.verifier.core(&one.per_call);
            core.is_none_or(|core| has_expired(&core.check_times(&one.times, now)))
        };
        // What is removed is dropped at the end, without a lock.
        let expired = self.lock(own_shard()).take_expired(has_expired);
        self.count_off(&expired);
        if let Some(_evicted) = self.reserve() {
            let replaced = [self.lock(own_shard()).insert(entry)];
            self.count_off(&replaced);
        }
    }
}

impl<C, V> CachingVerifier<C, V> {
    pub(crate) fn new(verifier: V, capacity: usize) -> Self {
        Self {
            verifier,
            shards: std::array::from_fn(|_| {
                Mutex::new(Shard {
                    entries: HashMap::new(),
                    clock: VecDeque::new(),
                    sweep: 0,
                })
            }),
            len: AtomicUsize::new(0),
            capacity,
        }
    }

    fn lock(&self, shard: usize) -> MutexGuard<'_, Shard<C>> {
        let [first, ..] = &self.shards;
        let shard = self.shards.get(shard % SHARDS).unwrap_or(first);
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for an entry. Returns what had to be evicted for that, or `None` if there is no
    /// room.
    fn reserve(&self) -> Option<Option<Arc<Entry<C>>>> {
        let has_room = |len| (len < self.capacity).then_some(len + 1);
        if self.len.fetch_update(Relaxed, Relaxed, has_room).is_ok() {
            return Some(None);
        }
        // From the largest shard, so that a thread with many tokens does not evict those of others.
        let largest = (0..SHARDS).max_by_key(|shard| self.lock(*shard).entries.len())?;
        self.lock(largest).evict().map(Some)
    }

    fn count_off(&self, removed: &[Option<Arc<Entry<C>>>]) {
        self.len
            .fetch_sub(removed.iter().flatten().count(), Relaxed);
    }
}

/// Returns whether a token will not be valid again, unless the clock is set back.
fn has_expired(result: &Result<(), VerifyError>) -> bool {
    use VerifyError::{Expired, TooOld};
    matches!(result, Err(Expired { .. } | TooOld { .. }))
}

fn tail(token: &str) -> Tail {
    // No token with a signature is shorter.
    *token.as_bytes().last_chunk().unwrap_or(&[0; TAIL])
}

/// Returns the number of this thread, whose remainder is that of its shard.
fn own_shard() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static SHARD: usize = NEXT.fetch_add(1, Relaxed));
    SHARD.try_with(|shard| *shard).unwrap_or_default()
}

/// An entry whose key and times were checked, and the time of that.
type Hit<C> = (Arc<Entry<C>>, NumericDate);

/// A verified token, and what is checked on a hit.
pub(crate) struct Entry<C> {
    text: Box<str>,
    key: VerifyingKey,
    times: Times,
    pub(crate) per_call: PerCall,
    pub(crate) token: Arc<Token<C>>,
    /// Whether it was used since the CLOCK hand passed.
    used: AtomicBool,
}

/// The entries of a thread.
#[repr(align(128))] // Shards must not share a cache line, of which some processors fetch two.
struct Shard<C> {
    entries: HashMap<Tail, Arc<Entry<C>>>,
    /// The entries in the order in which the CLOCK hand meets them, which is that of their insertion
    /// except where entries were removed. Those that were removed are dropped when they are met.
    clock: VecDeque<Tail>,
    /// The index in `clock` of the entry that is checked next for whether it has expired.
    sweep: usize,
}

impl<C> Shard<C> {
    fn get(&self, token: &str) -> Option<Arc<Entry<C>>> {
        let entry = self.entries.get(&tail(token))?;
        (*entry.text == *token).then(|| {
            entry.used.store(true, Relaxed);
            Arc::clone(entry)
        })
    }

    /// Inserts an entry, and returns the one that it replaces.
    fn insert(&mut self, entry: Arc<Entry<C>>) -> Option<Arc<Entry<C>>> {
        let tail = tail(&entry.text);
        let replaced = self.entries.insert(tail, entry);
        self.clock.extend(replaced.is_none().then_some(tail));
        // A clock that goes back and forth can remove and insert the same token again and again.
        if self.clock.len() > 2 * self.entries.len() + 2 {
            self.clock = self.entries.keys().copied().collect();
        }
        replaced
    }

    /// Evicts the first entry that was not used since the hand passed it.
    fn evict(&mut self) -> Option<Arc<Entry<C>>> {
        while let Some(tail) = self.clock.pop_front() {
            let entry = self.entries.get(&tail);
            if entry.is_some_and(|entry| entry.used.swap(false, Relaxed)) {
                self.clock.push_back(tail);
            } else if let Some(evicted) = self.entries.remove(&tail) {
                return Some(evicted);
            }
        }
        None
    }

    /// Removes the expired ones of the next two entries: one more than are inserted, so that the sweep
    /// meets all. It does not move the hand, which would pass entries without evicting them.
    fn take_expired(&mut self, expired: impl Fn(&Entry<C>) -> bool) -> [Option<Arc<Entry<C>>>; 2] {
        [0, 1].map(|_| {
            self.sweep %= self.clock.len().max(1);
            let tail = *self.clock.get(self.sweep)?;
            let entry = self.entries.get(&tail);
            if entry.is_some_and(|entry| !expired(entry)) {
                self.sweep += 1;
                return None;
            }
            self.clock.swap_remove_front(self.sweep);
            self.entries.remove(&tail)
        })
    }
}

impl<C, V: fmt::Debug> fmt::Debug for CachingVerifier<C, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachingVerifier")
            .field("verifier", &self.verifier)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::algorithm::Algorithm;
    use crate::claims::Claims;
    use crate::clock::FixedClock;
    use crate::key::SigningKey;
    use crate::signer::Signer;

    #[test]
    fn the_list_of_the_clock_hand_stays_short_if_time_goes_back_and_forth() {
        let (valid, expired) = [1_000, 1_010].map(NumericDate::from_seconds).into();
        let clock = FixedClock::at(valid);
        let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).unwrap();
        let (keys, signer) = (key.verifying_key(), Signer::new(key));
        let tokens: [String; 20] = std::array::from_fn(|id| {
            let claims = Claims::new(&clock, Duration::from_secs(10));
            signer.sign(&claims.jwt_id(id.to_string())).unwrap()
        });
        let verifier = Verifier::new().clock(clock.clone()).cached::<Claims>(100);
        for _ in 0..50 {
            clock.set(valid);
            assert!(
                tokens
                    .iter()
                    .all(|token| verifier.verify(token, &keys).is_ok())
            );
            clock.set(expired);
            assert!(
                tokens
                    .iter()
                    .all(|token| verifier.verify(token, &keys).is_err())
            );
        }
        let longest = (0..SHARDS)
            .map(|shard| verifier.lock(shard).clock.len())
            .max();
        assert!(longest.unwrap() <= 2 * tokens.len() + 2, "{longest:?}");
    }
}
