//! Key sets (RFC 7517 §5).

mod read;

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::algorithm::Algorithm;
use crate::error::{KeyError, KeyLookupError};
use crate::header::{Header, KnownHeader};
use crate::key::VerifyingKey;
use crate::keys::{self, Keys, MAX_KNOWN};

/// The length of the longest id for which headers of tokens are prepared, to bound their memory.
const MAX_KNOWN_ID: usize = 128;

/// A set of keys (RFC 7517 §5), such as an issuer publishes.
///
/// For a token with a `kid`, only the keys with that id count; for one without, all do. Exactly one
/// of them must be for the token's algorithm. Keys with the same id, content and algorithms are one.
///
/// Serialized, it is a JWK Set with public members only. Symmetric keys are left out.
///
/// ```
/// use jwt_ring::{Algorithm, KeySet, SigningKey};
///
/// let current = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
/// let next = SigningKey::generate(Algorithm::ES256)?.with_id("2026-12");
/// let published: KeySet = [current.verifying_key(), next.verifying_key()].into_iter().collect();
/// let json = serde_json::to_string(&published)?;
///
/// let keys = KeySet::from_json(&json)?;
/// let ids: Vec<_> = keys.iter().filter_map(|entry| entry.key_id()).collect();
/// assert_eq!(ids, ["2026-11", "2026-12"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
#[doc(alias = "JwkSet")]
#[doc(alias = "JWKS")]
pub struct KeySet {
    /// In the order of the document, without duplicates.
    entries: Vec<Entry>,
    /// The indices of the entries, ordered by id.
    by_id: Vec<u32>,
    ignored: Vec<IgnoredKey>,
    ignored_count: usize,
    /// The headers that tokens by these keys usually have, ordered by their segments.
    known: OnceLock<Box<[KnownHeader]>>,
}

/// A stored key.
#[derive(Clone)]
struct Entry {
    key: VerifyingKey,
    /// The algorithms that the key serves, if its JWK names none and its type allows several.
    /// Otherwise empty: it serves its own.
    any_of: &'static [Algorithm],
}

/// A key of a [`KeySet`].
#[derive(Clone, Copy)]
pub struct KeySetEntry<'a>(&'a Entry);

/// A key that was left out of a [`KeySet`], and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IgnoredKey {
    /// The index of the key in the document, from 0.
    pub index: usize,
    /// The `kid` of the key, if it could be read.
    pub key_id: Option<String>,
    /// Why it was left out.
    pub error: KeyError,
}

impl KeySet {
    /// Returns the keys, in the order of the document.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = KeySetEntry<'_>> {
        self.entries.iter().map(KeySetEntry)
    }

    /// Returns the keys of the document that were left out: the first 100 of them.
    #[must_use]
    pub fn ignored(&self) -> &[IgnoredKey] {
        &self.ignored
    }

    /// Returns the number of all keys of the document that were left out.
    #[must_use]
    pub fn ignored_count(&self) -> usize {
        self.ignored_count
    }

    /// Returns the number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there are no keys, so that every token is rejected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'a> KeySetEntry<'a> {
    /// Returns the key's id, the `kid` of its JWK (RFC 7517 §4.5).
    #[must_use]
    pub fn key_id(&self) -> Option<&'a str> {
        self.0.key.id()
    }

    /// Returns the algorithms that the key serves: one, or for an RSA JWK without `alg` all six of
    /// RSA, and for a symmetric one those for which the secret is long enough.
    #[must_use]
    pub fn algorithms(&self) -> &'a [Algorithm] {
        self.0.algorithms()
    }

    /// Returns the key for one of its [`algorithms`](Self::algorithms), or `None` for another.
    #[must_use]
    pub fn verifying_key(&self, algorithm: Algorithm) -> Option<VerifyingKey> {
        let key = self.0.for_algorithm(algorithm)?;
        (key.algorithm() == algorithm).then(|| key.into_owned())
    }
}

impl fmt::Debug for KeySetEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySetEntry")
            .field("key_id", &self.key_id())
            .field("algorithms", &self.algorithms())
            .finish()
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<_> = self.iter().collect();
        f.debug_struct("KeySet")
            .field("keys", &entries)
            .field("ignored", &self.ignored)
            .field("ignored_count", &self.ignored_count)
            .finish()
    }
}

impl Keys for KeySet {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        let algorithm = header.algorithm();
        let Some(id) = header.key_id() else {
            // A scan, which takes about 25 µs for 10,000 keys.
            let fitting = self
                .entries
                .iter()
                .filter_map(|entry| entry.for_algorithm(algorithm));
            return sole(fitting)?.ok_or(KeyLookupError::Unknown);
        };
        let fitting = self
            .named(id)
            .filter_map(|entry| entry.for_algorithm(algorithm));
        if let Some(key) = sole(fitting)? {
            return Ok(key);
        }
        // With the right `kid` only, the verifier reports that the algorithms differ.
        let named = self.named(id).next();
        named
            .map(|entry| Cow::Borrowed(&entry.key))
            .ok_or(KeyLookupError::Unknown)
    }

    fn known_header(&self, segment: &str) -> Option<&KnownHeader> {
        let known = self.known.get_or_init(|| self.known_headers());
        let index = known.binary_search_by(|known| known.segment().cmp(segment));
        known.get(index.ok()?)
    }
}

fn sole<'k>(
    keys: impl Iterator<Item = Cow<'k, VerifyingKey>>,
) -> Result<Option<Cow<'k, VerifyingKey>>, KeyLookupError> {
    keys::sole(keys, |one, other| one.has_content_of(other))
}

impl KeySet {
    /// Returns the entries with the id, by binary search.
    fn named(&self, id: &str) -> impl Iterator<Item = &Entry> {
        let id_at = |index: &u32| self.entry(*index).and_then(|entry| entry.key.id());
        let start = self.by_id.partition_point(|index| id_at(index) < Some(id));
        let rest = self.by_id.split_at(start).1;
        rest.iter()
            .map_while(|index| self.entry(*index))
            .take_while(move |entry| entry.key.id() == Some(id))
    }

    fn entry(&self, index: u32) -> Option<&Entry> {
        self.entries.get(index as usize)
    }

    /// Prepares the headers of tokens; none for a large set, for which they take much memory.
    fn known_headers(&self) -> Box<[KnownHeader]> {
        if self.entries.len() > MAX_KNOWN {
            return Box::default();
        }
        let has_short_id = |entry: &&Entry| {
            let id = entry.key.id();
            id.is_none_or(|id| id.len() <= MAX_KNOWN_ID)
        };
        let entries = self.entries.iter().filter(has_short_id);
        let mut known: Vec<_> = entries
            .flat_map(|entry| {
                let algorithms = entry.algorithms().iter();
                algorithms.flat_map(|algorithm| KnownHeader::of_key(*algorithm, entry.key.id()))
            })
            .collect();
        known.sort_by(|one, other| one.segment().cmp(other.segment()));
        known.dedup_by(|one, other| one.segment() == other.segment());
        known.into()
    }

    /// Removes duplicates and orders the entries by id. It must follow every change of the entries.
    fn index(&mut self) {
        self.by_id = by_id(&self.entries);
        if self.remove_duplicates() {
            self.by_id = by_id(&self.entries);
        }
        self.entries.shrink_to_fit();
        self.known = OnceLock::new();
    }

    /// Keeps the first of entries with the same id, content and algorithms.
    fn remove_duplicates(&mut self) -> bool {
        let id = |index: &u32| self.entry(*index).and_then(|entry| entry.key.id());
        let mut duplicates: Vec<u32> = Vec::new();
        for same_id in self.by_id.chunk_by(|one, other| id(one) == id(other)) {
            if same_id.len() == 1 {
                continue;
            }
            let identity = |index: &u32| self.entry(*index).map(Entry::identity);
            let mut order = same_id.to_vec();
            // The sort is stable, so the first of several duplicates stays.
            order.sort_by(|one, other| identity(one).cmp(&identity(other)));
            let same = order.chunk_by(|one, other| identity(one) == identity(other));
            duplicates.extend(same.flat_map(|same| same.iter().skip(1)));
        }
        duplicates.sort_unstable();
        let mut removed = duplicates.iter().copied().peekable();
        let mut index = 0;
        self.entries.retain(|_| {
            index += 1;
            removed.next_if_eq(&(index - 1)).is_none()
        });
        !duplicates.is_empty()
    }
}

/// Returns the indices of the entries, ordered by id, and those of the same id in their order.
fn by_id(entries: &[Entry]) -> Vec<u32> {
    let id = |index: &u32| {
        let entry = entries.get(*index as usize);
        entry.and_then(|entry| entry.key.id())
    };
    // No set that fits into memory has more keys.
    let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let mut order: Vec<u32> = (0..count).collect();
    order.sort_by(|one, other| id(one).cmp(&id(other)));
    order
}

impl Entry {
    /// Returns what tells entries with the same id apart.
    fn identity(&self) -> (impl Ord, &[Algorithm]) {
        (self.key.content(), self.algorithms())
    }

    fn algorithms(&self) -> &[Algorithm] {
        match self.any_of {
            [] => self.key.algorithms(),
            any_of => any_of,
        }
    }

    /// Returns the key, if it verifies signatures of the algorithm.
    fn for_algorithm(&self, algorithm: Algorithm) -> Option<Cow<'_, VerifyingKey>> {
        if self.key.algorithm().verifies(algorithm) {
            Some(Cow::Borrowed(&self.key))
        } else if self.any_of.contains(&algorithm) {
            Some(Cow::Owned(self.key.for_algorithm(algorithm)))
        } else {
            None
        }
    }
}

impl FromIterator<VerifyingKey> for KeySet {
    fn from_iter<I: IntoIterator<Item = VerifyingKey>>(keys: I) -> Self {
        let mut set = Self::default();
        set.extend(keys);
        set
    }
}

impl Extend<VerifyingKey> for KeySet {
    fn extend<I: IntoIterator<Item = VerifyingKey>>(&mut self, keys: I) {
        let entries = keys.into_iter().map(|key| Entry { key, any_of: &[] });
        self.entries.extend(entries);
        self.index();
    }
}

impl Serialize for KeySet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let public = self
            .entries
            .iter()
            .filter(|entry| !entry.key.is_symmetric());
        let keys: Vec<_> = public
            .map(|entry| {
                let names_algorithm = entry.any_of.is_empty();
                let algorithm = names_algorithm.then(|| entry.key.algorithm());
                entry.key.to_jwk(algorithm)
            })
            .collect();
        let mut document = serializer.serialize_struct("KeySet", 1)?;
        document.serialize_field("keys", &keys)?;
        document.end()
    }
}
