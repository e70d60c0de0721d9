//! Key sets (RFC 7517 §5).

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::algorithm::Algorithm;
use crate::error::{KeyError, KeyLookupError};
use crate::header::{Header, KnownHeader};
use crate::json::{self, Malformed};
use crate::key::VerifyingKey;
use crate::key::jwk::Jwk;
use crate::keys::Keys;

/// The number of keys up to which a set knows the headers of their tokens.
const MAX_KNOWN: usize = 16;

/// A set of keys (RFC 7517 §5), such as an issuer publishes.
///
/// For a token with a `kid`, only the keys with that id count; for one without, all do. Exactly one
/// of them must be for the token's algorithm.
///
/// As JSON it is written as a JWK Set, with public members only; symmetric keys are left out.
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
/// assert_eq!(keys.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    entries: Vec<Entry>,
    ignored: Vec<IgnoredKey>,
    /// The headers that tokens by these keys usually have, by their segments.
    known: OnceLock<HashMap<String, KnownHeader>>,
}

/// One key of the set, once for each algorithm that it serves: never empty, all with one id.
#[derive(Clone, Debug)]
struct Entry(Vec<VerifyingKey>);

/// A key that was left out of a [`KeySet`], and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IgnoredKey {
    /// Its place in the document, counted from 0.
    pub index: usize,
    /// Its `kid`, where it could be read.
    pub key_id: Option<String>,
    /// Why it was left out.
    pub error: KeyError,
}

impl KeySet {
    /// Reads a JWK Set, such as an issuer publishes under its `jwks_uri`.
    ///
    /// Keys that this library does not know, that are not for verifying signatures, that are broken,
    /// or that are symmetric are left out: [`KeySet::ignored`] tells which and why. An RSA key that
    /// names no algorithm serves all six.
    ///
    /// # Errors
    ///
    /// [`KeyError::Malformed`] if the document is not a JSON object with an array `keys`.
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::read(json.as_ref(), false)
    }

    /// Reads a JWK Set that is itself a secret, with the symmetric keys in it.
    ///
    /// Never use it for a set that others can write or read: an issuer's published set has public
    /// keys only.
    ///
    /// # Errors
    ///
    /// Those of [`KeySet::from_json`].
    pub fn from_secret_json(json: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::read(json.as_ref(), true)
    }

    fn read(json: &[u8], with_symmetric: bool) -> Result<Self, KeyError> {
        let text = std::str::from_utf8(json).map_err(|_| malformed(json::NOT_UTF8))?;
        let mut keys = None;
        json::outline(text, &mut |name, value| {
            if name == "keys" {
                keys = Some(value);
            }
        })
        .map_err(malformed)?;
        let keys = keys.ok_or(malformed(Malformed("has no `keys`")))?;
        let keys = keys
            .elements()
            .ok_or(malformed(Malformed("has `keys` that are not an array")))?;
        let mut set = Self::default();
        for (index, key) in keys.enumerate() {
            let jwk = Jwk::parse(key.text());
            let key_id = jwk.as_ref().ok().and_then(Jwk::key_id).map(str::to_owned);
            match jwk.and_then(|jwk| Entry::from_jwk(&jwk, with_symmetric)) {
                Ok(entry) => set.entries.push(entry),
                Err(error) => set.ignored.push(IgnoredKey {
                    index,
                    key_id,
                    error,
                }),
            }
        }
        Ok(set)
    }

    /// Returns the keys of the document that were left out.
    #[must_use]
    pub fn ignored(&self) -> &[IgnoredKey] {
        &self.ignored
    }

    /// Returns the number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Tells whether there are no keys, so that no token can be verified.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Keys for KeySet {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        let id = header.key_id();
        let mut named = self
            .entries
            .iter()
            .filter(|entry| id.is_none() || entry.id() == id)
            .peekable();
        let first = named.peek().and_then(|entry| entry.0.first());
        let mut fitting = named.filter_map(|entry| entry.for_algorithm(header.algorithm()));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(Cow::Borrowed(key)),
            (Some(_), Some(_)) => Err(KeyLookupError::Ambiguous),
            (None, _) => match first {
                // The token names this key, and lies about its algorithm.
                Some(key) if id.is_some() => Ok(Cow::Borrowed(key)),
                _ => Err(KeyLookupError::Unknown),
            },
        }
    }

    fn known_header(&self, segment: &str) -> Option<&KnownHeader> {
        self.known.get_or_init(|| self.known_headers()).get(segment)
    }
}

impl KeySet {
    /// Empty for a large set, in which they would need much memory.
    fn known_headers(&self) -> HashMap<String, KnownHeader> {
        let keys = self.entries.iter().flat_map(|entry| &entry.0);
        if self.entries.len() > MAX_KNOWN {
            return HashMap::new();
        }
        keys.flat_map(|key| KnownHeader::of_key(key.algorithm(), key.id()))
            .map(|known| (known.segment().to_owned(), known))
            .collect()
    }
}

impl Entry {
    fn from_jwk(jwk: &Jwk<'_>, with_symmetric: bool) -> Result<Self, KeyError> {
        if jwk.is_symmetric() && !with_symmetric {
            return Err(KeyError::SymmetricInSet);
        }
        let mut keys = Vec::new();
        let mut refusal = None;
        for &algorithm in jwk.algorithms()? {
            match VerifyingKey::from_parsed_jwk(algorithm, jwk) {
                Ok(key) => keys.push(key),
                // A secret may be long enough for one hash function only, and the first needs least.
                Err(error) => _ = refusal.get_or_insert(error),
            }
        }
        match refusal {
            Some(error) if keys.is_empty() => Err(error),
            _ => Ok(Self(keys)),
        }
    }

    fn id(&self) -> Option<&str> {
        self.0.first()?.id()
    }

    fn for_algorithm(&self, algorithm: Algorithm) -> Option<&VerifyingKey> {
        self.0
            .iter()
            .find(|key| key.algorithm().verifies(algorithm))
    }
}

fn malformed(Malformed(reason): Malformed) -> KeyError {
    KeyError::Malformed {
        encoding: "a JWK Set",
        reason,
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
        self.known = OnceLock::new();
        for key in keys {
            self.entries.push(Entry(vec![key]));
        }
    }
}

impl Serialize for KeySet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys: Vec<_> = self
            .entries
            .iter()
            .filter_map(|entry| {
                let key = entry.0.first().filter(|key| !key.is_symmetric())?;
                let algorithm = (entry.0.len() == 1).then(|| key.algorithm());
                Some(key.to_jwk(algorithm))
            })
            .collect();
        let mut document = serializer.serialize_struct("KeySet", 1)?;
        document.serialize_field("keys", &keys)?;
        document.end()
    }
}
