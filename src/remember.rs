//! Tokens that were seen before: a bounded memory of what held, which decides nothing.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde::de::DeserializeOwned;

use crate::claims::{self, Times};
use crate::error::VerifyError;
use crate::key::VerifyingKey;
use crate::keys::Keys;
use crate::token::Token;
use crate::verifier::Verifier;

/// How many threads have a memory of their own. What two threads share, the processor carries from
/// one core to the other and back, which takes longer than to find a token.
const LANES: usize = 16;
/// The length in bytes of the longest token that is remembered, to bound the memory.
const MAX_SIZE: usize = 8 * 1024;
/// How many bytes of a token's end find its place. There the signature is, which differs.
const TAIL: usize = 32;

/// A [`Verifier`] that remembers the tokens whose signature held, for services that get the same
/// token many times.
///
/// A token that comes again, byte for byte, is neither decoded nor is its signature computed again.
/// Everything else is as with the verifier alone: the policy is applied and the clock is read every
/// time, and a key that is no longer among the [`Keys`] no longer counts. The verdict is never
/// another.
///
/// What is kept is the text, the claims and the key of as many tokens as was said, each until another
/// takes its place or it is over: whenever one is added, two are looked at, so what is over leaves as
/// long as new ones come. Texts over 8 KiB are not kept. Only what held is ever kept, so a stranger
/// can neither fill the memory nor take anybody's place in it. Each thread that verifies remembers for
/// itself, up to 16 of them; more share.
///
/// ```
/// use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Verifier};
/// use std::time::Duration;
///
/// let key = SigningKey::generate(Algorithm::ES256)?;
/// let keys = key.verifying_key();
/// let jwt = Signer::new(key).sign(&Claims::new(&SystemClock, Duration::from_secs(900)))?;
///
/// let verifier = Verifier::new().remember::<Claims>(10_000);
/// let first = verifier.verify(&jwt, &keys)?;
/// let again = verifier.verify(&jwt, &keys)?; // some hundred times faster
/// assert_eq!(first.claims(), again.claims());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a verifier does nothing until it verifies"]
pub struct Remembering<C> {
    verifier: Verifier,
    lanes: [Mutex<Lane<C>>; LANES],
    hasher: RandomState,
}

impl Verifier {
    /// Makes a verifier that remembers so many tokens whose signature held, for each of the threads
    /// that use it.
    pub fn remember<T>(self, capacity: usize) -> Remembering<T> {
        Remembering {
            verifier: self,
            lanes: std::array::from_fn(|_| Mutex::new(Lane::new(capacity))),
            hasher: RandomState::new(),
        }
    }
}

impl<T> Remembering<T> {
    /// Returns the verifier without its memory.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Verifies a token like [`Verifier::verify`].
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::verify`].
    pub fn verify(&self, token: &str, keys: &dyn Keys) -> Result<Arc<Token<T>>, VerifyError>
    where
        T: DeserializeOwned,
    {
        let place = self.place(token);
        let recalled = self.lane().recall(place, token);
        if let Some(seen) = recalled {
            if keys.key(seen.token.header())?.is_same(&seen.key) {
                let verdict = self.verifier.check_times(&seen.times, self.verifier.now());
                if is_over(&verdict) {
                    self.lane().forget(place);
                }
                return verdict.map(|()| Arc::clone(&seen.token));
            }
            self.lane().forget(place);
        }
        let mut buffer = Vec::new();
        let checked = self.verifier.check(token, keys, &mut buffer)?;
        let claims = claims::fit(checked.payload)?;
        let verified = Arc::new(Token::new(checked.header.into_owned(), claims));
        if token.len() <= MAX_SIZE {
            let seen = Seen {
                text: token.into(),
                key: checked.key.into_owned(),
                times: checked.times,
                token: Arc::clone(&verified),
            };
            let mut lane = self.lane();
            lane.sweep(|seen| is_over(&self.verifier.check_times(&seen.times, checked.now)));
            lane.keep(place, Arc::new(seen));
        }
        Ok(verified)
    }

    /// Where a token stands, if it does: found with a secret of this memory, so that nobody outside
    /// can tell which tokens share a place.
    fn place(&self, token: &str) -> u64 {
        let bytes = token.as_bytes();
        let tail = bytes.len().saturating_sub(TAIL);
        self.hasher.hash_one(bytes.get(tail..))
    }

    /// The memory of this thread. What a thread that panicked left decides nothing either.
    fn lane(&self) -> MutexGuard<'_, Lane<T>> {
        let number = NUMBER.try_with(|number| *number).unwrap_or_default();
        let index = usize::try_from(number % LANES as u64).unwrap_or_default();
        let [first, ..] = &self.lanes;
        let lane = self.lanes.get(index).unwrap_or(first);
        lane.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

thread_local! {
    /// Which thread this is. Looked up once: to ask for a thread is to count one more who holds it,
    /// and two threads' counters may stand side by side.
    static NUMBER: u64 = {
        let mut number = Number::default();
        thread::current().id().hash(&mut number);
        number.finish()
    };
}

/// Takes a number for its own hash. A thread's id is one: threads that start in a row have numbers in
/// a row, and so lanes of their own.
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

impl<T> fmt::Debug for Remembering<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembering")
            .field("verifier", &self.verifier)
            .finish_non_exhaustive()
    }
}

/// Tells whether a token will not be good again, unless the clock is set back.
fn is_over(verdict: &Result<(), VerifyError>) -> bool {
    matches!(
        verdict,
        Err(VerifyError::Expired { .. } | VerifyError::TooOld { .. })
    )
}

/// A token that held, and under which key.
struct Seen<T> {
    text: Box<str>,
    key: VerifyingKey,
    times: Times,
    token: Arc<Token<T>>,
}

/// The memory of a thread: a clock of slots, in which whoever was not seen again when the hand comes
/// round makes room.
#[repr(align(128))] // Neighbours must not share a cache line, of which some processors fetch two.
struct Lane<T> {
    slots: Vec<Slot<T>>,
    /// By place, which is a hash already.
    index: HashMap<u64, usize, BuildHasherDefault<Number>>,
    hand: usize,
    broom: usize,
    capacity: usize,
}

struct Slot<T> {
    place: u64,
    /// `None` where it was forgotten.
    seen: Option<Arc<Seen<T>>>,
    again: bool,
}

impl<T> Lane<T> {
    fn new(capacity: usize) -> Self {
        Self {
            slots: Vec::new(),
            index: HashMap::default(),
            hand: 0,
            broom: 0,
            capacity,
        }
    }

    fn recall(&mut self, place: u64, token: &str) -> Option<Arc<Seen<T>>> {
        let slot = self.slots.get_mut(*self.index.get(&place)?)?;
        let seen = slot.seen.as_ref().filter(|seen| *seen.text == *token)?;
        slot.again = true;
        Some(Arc::clone(seen))
    }

    fn keep(&mut self, place: u64, seen: Arc<Seen<T>>) {
        let slot = Slot {
            place,
            seen: Some(seen),
            again: false,
        };
        if let Some(old) = self
            .index
            .get(&place)
            .and_then(|at| self.slots.get_mut(*at))
        {
            *old = slot;
        } else if self.slots.len() < self.capacity {
            self.index.insert(place, self.slots.len());
            self.slots.push(slot);
        } else if let Some(old) = self.free().and_then(|at| self.slots.get_mut(at)) {
            self.index.remove(&old.place);
            self.index.insert(place, self.hand);
            *old = slot;
        }
    }

    /// Turns the hand to a slot that is free, or whose token was not seen again since the hand last
    /// passed it: once around at most, and then the first.
    fn free(&mut self) -> Option<usize> {
        for _ in 0..=self.slots.len() {
            self.hand = (self.hand + 1).checked_rem(self.slots.len())?;
            let slot = self.slots.get_mut(self.hand)?;
            if slot.seen.is_none() || !std::mem::take(&mut slot.again) {
                return Some(self.hand);
            }
        }
        None
    }

    /// Looks at the next two slots, for tokens that nobody will need again: faster than one is added,
    /// so that the broom comes round however the memory grows.
    fn sweep(&mut self, is_over: impl Fn(&Seen<T>) -> bool) {
        for _ in 0..2 {
            self.broom = (self.broom + 1).checked_rem(self.slots.len()).unwrap_or(0);
            if let Some(slot) = self.slots.get_mut(self.broom)
                && slot.seen.as_deref().is_some_and(&is_over)
            {
                slot.seen = None;
            }
        }
    }

    fn forget(&mut self, place: u64) {
        if let Some(slot) = self
            .index
            .get(&place)
            .and_then(|at| self.slots.get_mut(*at))
        {
            slot.seen = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: impl Hash) -> u64 {
        let mut number = Number::default();
        value.hash(&mut number);
        number.finish()
    }

    #[test]
    fn threads_have_numbers_in_a_row() {
        assert_eq!(number(7_u64), 7);
        assert_eq!(number(u16::from_ne_bytes([1, 2])), 0x0102);
        let here = || NUMBER.with(|number| *number);
        assert_eq!(here(), number(thread::current().id()));
        let there = thread::spawn(here).join().unwrap();
        let next = thread::spawn(here).join().unwrap();
        assert!(here() != there && there != next);
    }
}
