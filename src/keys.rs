//! Which key verifies a token.

use std::borrow::Cow;
use std::sync::Arc;

use crate::error::KeyLookupError;
use crate::header::{Header, KnownHeader};
use crate::key::VerifyingKey;

/// A source of verification keys: one [`VerifyingKey`], a [`KeySet`](crate::KeySet), or an
/// implementation of your own.
///
/// The header is untrusted input. Use it to look a key up, never to make one: a key that the token
/// itself holds or points to proves nothing (RFC 8725 §3.10). Do no I/O here: fetch keys beforehand,
/// with [`Unverified`](crate::Unverified) if it is the token that says which.
///
/// ```
/// use jwt_ring::{Header, KeyLookupError, KeySet, Keys, VerifyingKey};
/// use std::borrow::Cow;
/// use std::sync::RwLock;
///
/// /// Keys that another task replaces from time to time.
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

/// Matches every token, whatever its `kid`.
impl Keys for VerifyingKey {
    fn key(&self, _: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        Ok(Cow::Borrowed(self))
    }

    fn known_header(&self, segment: &str) -> Option<&KnownHeader> {
        let mut known = self.known_headers().iter();
        known.find(|known| known.segment() == segment)
    }
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
