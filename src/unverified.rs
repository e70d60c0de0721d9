//! Looking at a token without believing it.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::compact::{self, Compact};
use crate::error::VerifyError;
use crate::header::Header;
use crate::json;

/// What a stranger sent: a token taken apart, its signature not looked at.
///
/// It serves to find out which issuer's keys to fetch, and to debug. Anybody can write anything into
/// it; only a [`Verifier`](crate::Verifier) makes a [`Token`](crate::Token) that can be relied on.
///
/// ```
/// use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Unverified};
/// use std::time::Duration;
///
/// let signer = Signer::new(SigningKey::generate(Algorithm::ES256)?.with_id("2026-11"));
/// let jwt = signer.sign(&Claims::new(&SystemClock, Duration::from_secs(900)).issuer("me"))?;
///
/// let peek = Unverified::parse(&jwt)?;
/// assert_eq!(peek.key_id(), Some("2026-11"));
/// assert_eq!(peek.claims::<serde_json::Value>()?["iss"], "me");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Unverified<'a> {
    header: Header,
    payload: &'a str,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart and reads its header.
    ///
    /// # Errors
    ///
    /// Those of a verification up to the header: [`VerifyError::Segments`],
    /// [`VerifyError::MalformedHeader`], [`VerifyError::UnsupportedExtension`],
    /// [`VerifyError::UnsupportedAlgorithm`]. There is no limit to the length of the token.
    pub fn parse(token: &'a str) -> Result<Self, VerifyError> {
        let compact = Compact::split(token)?;
        Ok(Self {
            header: Header::decode(compact.header)?,
            payload: compact.payload,
        })
    }

    /// Returns the header that the token has.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns `kid`: the key that the token says it was signed with.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.header.key_id()
    }

    /// Reads the whole payload as a type of yours, registered claims included.
    ///
    /// # Errors
    ///
    /// [`VerifyError::MalformedPayload`] or [`VerifyError::CustomClaims`].
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, VerifyError> {
        let mut buffer = Vec::new();
        let text = compact::decode_text(self.payload, &mut buffer)?;
        Ok(json::read(text, &mut ())?)
    }
}

impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
