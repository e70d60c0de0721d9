//! Sources of verification keys.

use std::borrow::Cow;
use std::sync::Arc;

use crate::error::KeyLookupError;
use crate::header::{Header, KnownHeader};
use crate::key::VerifyingKey;

/// The largest number of keys for which headers of their tokens are prepared.
pub(crate) const MAX_KNOWN: usize = 16;

/// A source of verification keys: one [`VerifyingKey`], a slice of them, a
/// [`KeySet`](crate::KeySet), or your own implementation.
///
/// The header is untrusted input. Use it to look up a key, never to make one: a key that the token
/// holds or points to proves nothing (RFC 8725 §3.10). Do no I/O here: fetch keys beforehand, and read
/// the token with [`Unverified`](crate::Unverified) if it determines which.
///
/// | keys | the key for a token |
/// |---|---|
/// | one `VerifyingKey` | the key, for any `kid` or none |
/// | a slice, an array or a `Vec` | by `alg`, then by `kid`; a key without an id fits any `kid` |
/// | a [`KeySet`](crate::KeySet) | by `kid`, then by `alg`; a key without an id fits no `kid` |
///
/// If several keys fit, the token is rejected, unless all have the same content.
///
/// ```
/// use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Token, Verifier};
/// use std::time::Duration;
///
/// let old = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
/// let new = SigningKey::generate(Algorithm::ES256)?.with_id("2026-12");
/// let keys = [old.verifying_key(), new.verifying_key()];
///
/// let jwt = Signer::new(new).sign(&Claims::new(&SystemClock, Duration::from_secs(900)))?;
/// let token: Token = Verifier::new().verify(&jwt, &keys)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An implementation:
///
/// ```
/// use jwt_ring::{Header, KeyLookupError, KeySet, Keys, VerifyingKey};
/// use std::borrow::Cow;
/// use std::sync::RwLock;
///
/// /// Keys that another task replaces.
/// struct Current(RwLock<KeySet>);
///
/// impl Keys for Current {
///     fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
///         let keys = self.0.read().map_err(|_| KeyLookupError::unavailable("poisoned"))?;
///         keys.key(header).map(|key| Cow::Owned(key.into_owned()))
///     }
/// }
/// ```
pub trait Keys: Send + Sync {
    /// Returns the key that verifies a token with this header.
    ///
    /// # Errors
    ///
    /// - [`KeyLookupError::Unknown`] if no key matches.
    /// - [`KeyLookupError::Ambiguous`] if several keys match.
    /// - [`KeyLookupError::Unavailable`] if the keys cannot be obtained now.
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError>;

    /// Returns the header that an encoded header segment decodes to, if it is one that tokens by
    /// these keys usually have.
    ///
    /// It saves decoding, which takes about half the time of an HMAC, and changes no result. An
    /// implementation that wraps other keys may forward it. Default: `None`.
    fn known_header(&self, segment: &str) -> Option<&KnownHeader> {
        let _ = segment;
        None
    }
}

/// Matches every token, with any `kid` or none.
impl Keys for VerifyingKey {
    fn key(&self, _: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        Ok(Cow::Borrowed(self))
    }

    fn known_header(&self, segment: &str) -> Option<&KnownHeader> {
        let mut known = self.known_headers().iter();
        known.find(|known| known.segment() == segment)
    }
}

/// Matches by `alg`, then by `kid`; a key without an id matches any `kid`. A key with the `kid` is
/// preferred to one without an id.
impl Keys for [VerifyingKey] {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        let algorithm = header.algorithm();
        let fitting = || {
            let keys = self.iter();
            keys.filter(move |key| key.algorithm().verifies(algorithm))
        };
        let Some(id) = header.key_id() else {
            let key = sole(fitting(), |one, other| one.has_content_of(other))?;
            return key.map(Cow::Borrowed).ok_or(KeyLookupError::Unknown);
        };
        for wanted in [Some(id), None] {
            let named = fitting().filter(|key| key.id() == wanted);
            if let Some(key) = sole(named, |one, other| one.has_content_of(other))? {
                return Ok(Cow::Borrowed(key));
            }
        }
        // With the right `kid` only, the verifier reports that the algorithms differ.
        let named = self.iter().find(|key| key.id() == Some(id));
        named.map(Cow::Borrowed).ok_or(KeyLookupError::Unknown)
    }

    fn known_header(&self, segment: &str) -> Option<&KnownHeader> {
        let mut keys = self.iter().take(MAX_KNOWN);
        keys.find_map(|key| key.known_header(segment))
    }
}

impl<const N: usize> Keys for [VerifyingKey; N] {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        self.as_slice().key(header)
    }

    fn known_header(&self, segment: &str) -> Option<&KnownHeader> {
        self.as_slice().known_header(segment)
    }
}

impl Keys for Vec<VerifyingKey> {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        self.as_slice().key(header)
    }

    fn known_header(&self, segment: &str) -> Option<&KnownHeader> {
        self.as_slice().known_header(segment)
    }
}

/// Returns the only one of the keys, of which those with the same content count as one.
pub(crate) fn sole<K>(
    mut keys: impl Iterator<Item = K>,
    are_same: impl Fn(&K, &K) -> bool,
) -> Result<Option<K>, KeyLookupError> {
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    if keys.any(|other| !are_same(&key, &other)) {
        return Err(KeyLookupError::Ambiguous);
    }
    Ok(Some(key))
}

impl<K: Keys + ?Sized> Keys for &K {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        (**self).key(header)
    }

    fn known_header(&self, segment: &str) -> Option<&KnownHeader> {
        (**self).known_header(segment)
    }
}

impl<K: Keys + ?Sized> Keys for Arc<K> {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        (**self).key(header)
    }

    fn known_header(&self, segment: &str) -> Option<&KnownHeader> {
        (**self).known_header(segment)
    }
}

impl<K: Keys + ?Sized> Keys for Box<K> {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        (**self).key(header)
    }

    fn known_header(&self, segment: &str) -> Option<&KnownHeader> {
        (**self).known_header(segment)
    }
}
