//! Reads JWK Sets, from JSON text and through serde.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Entry, IgnoredKey, KeySet};
use crate::error::KeyError;
use crate::json::{self, Malformed};
use crate::key::jwk::Jwk;
use crate::key::{PREPARED_HMAC_SIZE, VerifyingKey};

/// The longest document in bytes, unless set.
const DEFAULT_MAX_SIZE: usize = 1024 * 1024;
/// The largest number of keys in a document that serde reads.
const MAX_KEYS: usize = 10_000;
/// How many of the ignored keys are reported.
const MAX_REPORTED: usize = 100;
/// A symmetric key with fewer entries before it is kept in the faster of two forms, which takes more
/// than four times the memory of the document: at most 20 KiB for all.
const MAX_PREPARED: usize = 20 * 1024 / PREPARED_HMAC_SIZE;

impl KeySet {
    /// Reads a JWK Set of at most 1 MiB, such as an issuer publishes under its `jwks_uri`.
    ///
    /// Keys that are of an unknown type, not for verifying signatures, broken, or symmetric are left
    /// out: [`KeySet::ignored`] returns which and why. An RSA key without `alg` serves all six
    /// algorithms of RSA.
    ///
    /// The time is proportional to the document: 10 ms for 1 MiB of usual keys, and at most about
    /// 0.1 s.
    ///
    /// # Errors
    ///
    /// - [`KeyError::TooLarge`] if the document is longer than 1 MiB.
    /// - [`KeyError::Malformed`] if it is not a JSON object with an array `keys`.
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_json_with_limit(json, DEFAULT_MAX_SIZE)
    }

    /// Reads a JWK Set like [`KeySet::from_json`], of at most `limit` bytes.
    ///
    /// The set takes at most four times the memory of the document, and 64 KiB. With the feature
    /// `aws-lc-rs`, keys take more once they have verified a valid signature.
    ///
    /// # Errors
    ///
    /// Those of [`KeySet::from_json`].
    pub fn from_json_with_limit(json: impl AsRef<[u8]>, limit: usize) -> Result<Self, KeyError> {
        Self::read(json.as_ref(), limit, false)
    }

    /// Reads a JWK Set of at most 1 MiB that is itself a secret, with its symmetric keys.
    ///
    /// Never use it for a set that others can write or read: the set that an issuer publishes has
    /// public keys only.
    ///
    /// # Errors
    ///
    /// Those of [`KeySet::from_json`].
    pub fn from_secret_json(json: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::read(json.as_ref(), DEFAULT_MAX_SIZE, true)
    }

    fn read(json: &[u8], limit: usize, with_symmetric: bool) -> Result<Self, KeyError> {
        let found = json.len();
        if found > limit {
            return Err(KeyError::TooLarge { limit, found });
        }
        let text = str::from_utf8(json).map_err(|_| malformed(json::NOT_UTF8))?;
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
        let mut reader = Reader {
            with_symmetric,
            ..Reader::default()
        };
        for key in keys {
            reader.push(key.text());
        }
        Ok(reader.finish())
    }
}

/// Reads the JWKs of a set one after the other.
#[derive(Default)]
struct Reader {
    set: KeySet,
    with_symmetric: bool,
    /// The number of JWKs so far.
    count: usize,
}

impl Reader {
    fn load(&self, jwk: &Jwk<'_>) -> Result<Entry, KeyError> {
        if jwk.is_symmetric() && !self.with_symmetric {
            return Err(KeyError::SymmetricInSet);
        }
        let is_small = self.set.entries.len() < MAX_PREPARED;
        let (key, algorithms) = VerifyingKey::from_jwk_of_set(jwk, is_small)?;
        let any_of = if algorithms.len() > 1 {
            algorithms
        } else {
            &[]
        };
        Ok(Entry { key, any_of })
    }

    /// Adds a JWK, or counts it as ignored.
    fn push(&mut self, jwk: &str) {
        let index = self.count;
        self.count += 1;
        let jwk = Jwk::parse(jwk);
        let error = match &jwk {
            Ok(jwk) => match self.load(jwk) {
                Ok(entry) => return self.set.entries.push(entry),
                Err(error) => error,
            },
            Err(error) => error.clone(),
        };
        self.set.ignored_count += 1;
        if self.set.ignored.len() < MAX_REPORTED {
            let key_id = jwk.as_ref().ok().and_then(Jwk::key_id).map(str::to_owned);
            self.set.ignored.push(IgnoredKey {
                index,
                key_id,
                error,
            });
        }
    }

    fn finish(mut self) -> KeySet {
        self.set.index();
        self.set
    }
}

fn malformed(Malformed(reason): Malformed) -> KeyError {
    KeyError::Malformed {
        encoding: "a JWK Set",
        reason,
    }
}

impl<'de> Deserialize<'de> for KeySet {
    /// Reads a JWK Set like [`KeySet::from_json`], of at most 10,000 keys.
    ///
    /// A duplicate member of a key is not detected, and the last one counts. Private members pass
    /// through memory that is not overwritten. For untrusted documents, prefer
    /// [`KeySet::from_json`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SetVisitor)
    }
}

struct SetVisitor;

impl<'de> Visitor<'de> for SetVisitor {
    type Value = KeySet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JWK Set: an object with an array `keys`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<KeySet, A::Error> {
        let mut set = None;
        while let Some(name) = map.next_key::<String>()? {
            if name != "keys" {
                map.next_value::<IgnoredAny>()?;
            } else if set.is_some() {
                return Err(A::Error::duplicate_field("keys"));
            } else {
                let Elements(elements) = map.next_value()?;
                set = Some(elements);
            }
        }
        set.ok_or_else(|| A::Error::missing_field("keys"))
    }
}

/// The elements of the array `keys`.
struct Elements(KeySet);

impl<'de> Deserialize<'de> for Elements {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ElementsVisitor).map(Self)
    }
}

struct ElementsVisitor;

impl<'de> Visitor<'de> for ElementsVisitor {
    type Value = KeySet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of JWKs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<KeySet, A::Error> {
        let mut reader = Reader::default();
        while let Some(jwk) = elements.next_element::<serde_json::Value>()? {
            if reader.count == MAX_KEYS {
                return Err(A::Error::custom(format_args!(
                    "expected at most {MAX_KEYS} keys, found more"
                )));
            }
            reader.push(&jwk.to_string());
        }
        Ok(reader.finish())
    }
}
