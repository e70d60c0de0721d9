//! Which key a token is to be verified with.

use std::borrow::Cow;
use std::sync::Arc;

use crate::error::VerifyError;
use crate::header::Header;
use crate::key::VerifyingKey;
use ours::Ours;

/// Where a [`Verifier`](crate::Verifier) gets the key for a token from: one [`VerifyingKey`], a
/// [`KeySet`], an `Arc<dyn Keys>`, or something of your own.
///
/// The header is what a stranger sent. Use it to look a key up, never to make one: a key that the
/// token itself brings or points to proves nothing (RFC 8725 §3.10). Do no I/O here: fetch keys
/// beforehand, where you can wait, with [`Unverified`](crate::Unverified) if it is the token that
/// says which.
///
/// ```
/// use jwt_ring::{Header, KeySet, Keys, VerifyError, VerifyingKey};
/// use std::borrow::Cow;
/// use std::sync::RwLock;
///
/// /// Keys that another task replaces from time to time.
/// struct Current(RwLock<KeySet>);
///
/// impl Keys for Current {
///     fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, VerifyError> {
///         let keys = self.0.read().map_err(|_| VerifyError::KeysUnavailable("poisoned".into()))?;
///         keys.key(header).map(|key| Cow::Owned(key.into_owned()))
///     }
/// }
/// ```
pub trait Keys: Send + Sync {
    /// Returns the one key that a token with this header is to be verified with.
    ///
    /// # Errors
    ///
    /// [`VerifyError::UnknownKey`] if there is none, [`VerifyError::AmbiguousKey`] if there are
    /// several, [`VerifyError::KeysUnavailable`] if there is no telling now.
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, VerifyError>;

    /// Returns what a header segment says, if that is known without reading it: it saves time, and
    /// decides nothing. Only this crate can name the last argument, and so implement or call it.
    #[doc(hidden)]
    fn known_header(&self, segment: &str, _: Ours) -> Option<&Header> {
        let _ = segment;
        None
    }
}

pub(crate) mod ours {
    #[derive(Clone, Copy, Debug)]
    pub struct Ours;
}

/// One key is the key for every token, whatever its `kid` says.
impl Keys for VerifyingKey {
    fn key(&self, _: &Header) -> Result<Cow<'_, VerifyingKey>, VerifyError> {
        Ok(Cow::Borrowed(self))
    }

    fn known_header(&self, segment: &str, _: Ours) -> Option<&Header> {
        let mut known = self.known_headers().iter();
        let known = known.find(|known| known.segment == segment)?;
        Some(&known.header)
    }
}

impl<K: Keys + ?Sized> Keys for &K {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, VerifyError> {
        (**self).key(header)
    }

    fn known_header(&self, segment: &str, _: Ours) -> Option<&Header> {
        (**self).known_header(segment, Ours)
    }
}

impl<K: Keys + ?Sized> Keys for Arc<K> {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, VerifyError> {
        (**self).key(header)
    }

    fn known_header(&self, segment: &str, _: Ours) -> Option<&Header> {
        (**self).known_header(segment, Ours)
    }
}

impl<K: Keys + ?Sized> Keys for Box<K> {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, VerifyError> {
        (**self).key(header)
    }

    fn known_header(&self, segment: &str, _: Ours) -> Option<&Header> {
        (**self).known_header(segment, Ours)
    }
}
