//! A cache of verified tokens.

use std::collections::VecDeque;
use std::collections::hash_map::{HashMap, RandomState};
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Checked, Verifier};
use crate::claims::{self, Payload, Times};
use crate::error::VerifyError;
use crate::key::VerifyingKey;
use crate::keys::Keys;
use crate::numeric_date::NumericDate;
use crate::token::Token;

/// How many threads have a shard of their own, so that a hit writes to no memory that another thread
/// writes to.
const SHARDS: usize = 16;
/// The longest token in bytes that is kept.
const MAX_SIZE: usize = 8 * 1024;
/// How many bytes at the end of a token are hashed: part of the signature, which differs.
const TAIL: usize = 32;

/// A verifier that caches the tokens that it verified, for services that get a token many times.
///
/// A token in the cache is not decoded and its signature is not checked again. The times in it are
/// checked on each call, and the key is looked up: an entry counts only for a key of the same
/// content. The result is that of the verifier without a cache.
///
/// It holds up to `capacity` tokens of at most 8 KiB. Expired entries are removed when they are met
/// and while others are inserted; if the cache is full, the CLOCK hand evicts an entry that was not
/// used since its last pass. Each thread, up to 16, has a shard of its own, so a token that several
/// threads get takes several entries. Only verified tokens are kept.
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
    verifier: V,
    shards: [Mutex<Shard<C>>; SHARDS],
    /// The number of entries in all shards.
    len: AtomicUsize,
    /// The shard that is swept and evicted from next.
    turn: AtomicUsize,
    capacity: usize,
    hasher: RandomState,
}

/// What the cache needs of a verifier.
pub(crate) trait Cacheable {
    /// Makes all checks, and fills `payload`.
    fn check<'b, 'k>(
        &self,
        token: &str,
        keys: &'k dyn Keys,
        buffer: &'b mut Vec<u8>,
        payload: &mut Payload<'b>,
    ) -> Result<Checked<'k>, VerifyError>;

    /// Repeats the checks whose result changes with the time.
    fn check_times(&self, times: &Times, now: NumericDate) -> Result<(), VerifyError>;

    fn now(&self) -> NumericDate;
}

/// A verified token, and what is checked on a hit.
struct Entry<C> {
    text: Box<str>,
    key: VerifyingKey,
    times: Times,
    confirmation: Option<Map<String, Value>>,
    token: Arc<Token<C>>,
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
        self.verify_with(token, keys, |_| Ok(()))
    }
}

impl<C, V> CachingVerifier<C, V> {
    pub(crate) fn new(verifier: V, capacity: usize) -> Self {
        Self {
            verifier,
            shards: std::array::from_fn(|_| Mutex::default()),
            len: AtomicUsize::new(0),
            turn: AtomicUsize::new(0),
            capacity,
            hasher: RandomState::new(),
        }
    }

    fn lock(&self, shard: usize) -> MutexGuard<'_, Shard<C>> {
        let [first, ..] = &self.shards;
        let shard = self.shards.get(shard % SHARDS).unwrap_or(first);
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for an entry, if need be by evicting one from the first shard from `turn` on that has
    /// one. Returns `false` if there is no room, and what was evicted, which must be dropped without a
    /// lock.
    fn reserve(&self, turn: usize) -> (bool, Option<Slot<C>>) {
        let has_room = |len| (len < self.capacity).then_some(len + 1);
        let reserved = self
            .len
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, has_room);
        if reserved.is_ok() {
            return (true, None);
        }
        let mut shards = (0..SHARDS).map(|next| turn.wrapping_add(next));
        let evicted = shards.find_map(|shard| self.lock(shard).evict());
        (evicted.is_some(), evicted)
    }
}

#[expect(private_bounds, reason = "its methods are private too")]
impl<C: DeserializeOwned, V: Cacheable> CachingVerifier<C, V> {
    /// Verifies a token; `accept` checks its `cnf`. The caller's code (keys, clock, `Deserialize` and
    /// `Drop` of the claims) runs without a lock.
    pub(crate) fn verify_with(
        &self,
        token: &str,
        keys: &dyn Keys,
        accept: impl FnOnce(Option<&Map<String, Value>>) -> Result<(), VerifyError>,
    ) -> Result<Arc<Token<C>>, VerifyError> {
        let place = self.place(token);
        let shard = SHARD.try_with(|shard| *shard).unwrap_or_default();
        let found = self.lock(shard).get(place, token);
        if let Some(entry) = found
            && keys.key(entry.token.header())?.is_same(&entry.key)
        {
            let result = self.verifier.check_times(&entry.times, self.verifier.now());
            if has_expired(&result) {
                drop(self.remove(shard, place));
            }
            result?;
            accept(entry.confirmation.as_ref())?;
            return Ok(Arc::clone(&entry.token));
        }
        let (mut buffer, mut payload) = (Vec::new(), Payload::new());
        let checked = self
            .verifier
            .check(token, keys, &mut buffer, &mut payload)?;
        accept(checked.confirmation.as_ref())?;
        let claims = claims::fit(&payload)?;
        let verified = Arc::new(Token::new(checked.header.into_owned(), claims));
        if token.len() <= MAX_SIZE {
            let entry = Arc::new(Entry {
                text: token.into(),
                key: checked.key.into_owned(),
                times: checked.times,
                confirmation: checked.confirmation,
                token: Arc::clone(&verified),
            });
            self.insert(shard, place, entry, checked.now);
        }
        Ok(verified)
    }

    fn insert(&self, shard: usize, place: u64, entry: Arc<Entry<C>>, now: NumericDate) {
        let has_expired =
            |entry: &Entry<C>| has_expired(&self.verifier.check_times(&entry.times, now));
        // Beside its own shard all shards in turn, so that no thread keeps what it does not use.
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let expired = [shard, turn].map(|shard| self.lock(shard).take_expired(has_expired));
        let count = expired.iter().flatten().flatten().count();
        self.len.fetch_sub(count, Ordering::Relaxed);
        let (has_room, evicted) = self.reserve(turn);
        if has_room {
            let replaced = self.lock(shard).insert(place, entry);
            if replaced.is_some() {
                self.len.fetch_sub(1, Ordering::Relaxed);
            }
            drop(replaced);
        }
        drop((expired, evicted));
    }

    fn remove(&self, shard: usize, place: u64) -> Option<Slot<C>> {
        let removed = self.lock(shard).slots.remove(&place);
        if removed.is_some() {
            self.len.fetch_sub(1, Ordering::Relaxed);
        }
        removed
    }

    /// Hashes with a key of this cache, so that no sender can choose tokens that collide.
    fn place(&self, token: &str) -> u64 {
        let bytes = token.as_bytes();
        let tail = bytes.len().saturating_sub(TAIL);
        self.hasher.hash_one(bytes.get(tail..))
    }
}

/// Returns whether a token will not be valid again, unless the clock is set back.
fn has_expired(result: &Result<(), VerifyError>) -> bool {
    matches!(
        result,
        Err(VerifyError::Expired { .. } | VerifyError::TooOld { .. })
    )
}

thread_local! {
    /// The shard of this thread: its number, which counts up from thread to thread.
    static SHARD: usize = {
        let mut number = Number::default();
        thread::current().id().hash(&mut number);
        usize::try_from(number.0 % SHARDS as u64).unwrap_or_default()
    };
}

/// Takes the number that is hashed for the hash.
#[derive(Default)]
struct Number(u64);

impl Hasher for Number {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(256).wrapping_add((*byte).into());
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The entries of a thread.
#[repr(align(128))] // Shards must not share a cache line, of which some processors fetch two.
struct Shard<C> {
    slots: HashMap<u64, Slot<C>>,
    /// The places and numbers of the slots, in the order in which the CLOCK hand meets them. Those of
    /// slots that were removed are dropped when they are met.
    clock: VecDeque<(u64, u64)>,
    /// The index in `clock` of the entry that is checked next for whether it has expired.
    sweep: usize,
    /// The number of the next slot.
    next: u64,
}

struct Slot<C> {
    entry: Arc<Entry<C>>,
    number: u64,
    /// Whether it was used since the hand passed.
    used: bool,
}

impl<C> Shard<C> {
    fn get(&mut self, place: u64, token: &str) -> Option<Arc<Entry<C>>> {
        let slot = self.slots.get_mut(&place)?;
        if *slot.entry.text != *token {
            return None;
        }
        slot.used = true;
        Some(Arc::clone(&slot.entry))
    }

    /// Inserts an entry, and returns the one that it replaces.
    fn insert(&mut self, place: u64, entry: Arc<Entry<C>>) -> Option<Slot<C>> {
        let (number, used) = (self.next, false);
        self.next += 1;
        self.clock.push_back((place, number));
        let slot = Slot {
            entry,
            number,
            used,
        };
        self.slots.insert(place, slot)
    }

    /// Evicts the first entry that was not used since the hand passed it.
    fn evict(&mut self) -> Option<Slot<C>> {
        while let Some((place, number)) = self.clock.pop_front() {
            self.sweep = self.sweep.saturating_sub(1);
            match self.slots.get_mut(&place) {
                Some(slot) if slot.number == number => {
                    if !mem::take(&mut slot.used) {
                        return self.slots.remove(&place);
                    }
                    self.clock.push_back((place, number));
                }
                _ => {}
            }
        }
        None
    }

    /// Removes the expired ones of the next two entries: one more than are inserted, so that the sweep
    /// meets all. It does not move the hand, which would pass entries without evicting them.
    fn take_expired(&mut self, has_expired: impl Fn(&Entry<C>) -> bool) -> [Option<Slot<C>>; 2] {
        [0, 1].map(|_| {
            if self.sweep >= self.clock.len() {
                self.sweep = 0;
            }
            let (place, number) = *self.clock.get(self.sweep)?;
            let slot = self.slots.get(&place);
            let slot = slot.filter(|slot| slot.number == number);
            if slot.is_some_and(|slot| !has_expired(&slot.entry)) {
                self.sweep += 1;
                return None;
            }
            let is_current = slot.is_some();
            self.clock.swap_remove_front(self.sweep);
            if is_current {
                self.slots.remove(&place)
            } else {
                None
            }
        })
    }
}

impl<C> Default for Shard<C> {
    fn default() -> Self {
        Self {
            slots: HashMap::new(),
            clock: VecDeque::new(),
            sweep: 0,
            next: 0,
        }
    }
}

impl<C, V: fmt::Debug> fmt::Debug for CachingVerifier<C, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachingVerifier")
            .field("verifier", &self.verifier)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
