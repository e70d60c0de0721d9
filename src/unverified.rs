//! Tokens before verification.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::claims::{self, Payload};
use crate::compact::{self, Compact};
use crate::error::VerifyError;
use crate::header::Header;
use crate::json::Malformed;
use crate::key::sha256;

/// A token whose signature was not checked: untrusted input.
///
/// Use it to find out which issuer's keys to fetch, and to debug. A sender can write anything into
/// it; only a [`Verifier`](crate::Verifier) makes a [`Token`](crate::Token).
///
/// ```
/// use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Unverified};
/// use std::time::Duration;
///
/// let signer = Signer::new(SigningKey::generate(Algorithm::ES256)?.with_id("2026-11"));
/// let jwt = signer.sign(&Claims::new(&SystemClock, Duration::from_secs(900)).issuer("me"))?;
///
/// let unverified = Unverified::parse(&jwt)?;
/// assert_eq!(unverified.key_id(), Some("2026-11"));
/// assert_eq!(unverified.claims::<Claims>()?.issuer.as_deref(), Some("me"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Unverified<'a> {
    header: Header,
    payload: &'a str,
    signing_input: &'a [u8],
}

impl<'a> Unverified<'a> {
    /// Splits a token and reads its header. The length of the token is not limited.
    ///
    /// # Errors
    ///
    /// Those of a verification up to the header: [`VerifyError::Segments`],
    /// [`VerifyError::MalformedHeader`], [`VerifyError::UnsupportedExtension`],
    /// [`VerifyError::UnsupportedAlgorithm`].
    #[doc(alias = "decode_header")]
    pub fn parse(token: &'a str) -> Result<Self, VerifyError> {
        let compact = Compact::split(token)?;
        Ok(Self {
            header: Header::decode(compact.header)?,
            payload: compact.payload,
            signing_input: compact.signing_input,
        })
    }

    /// Returns the header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns `kid`, the identifier of the key that the header names.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.header.key_id()
    }

    /// Computes an identifier of the token: the SHA-256 hash of the signing input (RFC 7515 §2).
    ///
    /// The text of a token is no identifier, because an ECDSA signature has a second valid form. Use
    /// this for lists of revoked tokens, after the token was verified.
    #[must_use]
    pub fn id(&self) -> [u8; 32] {
        sha256(self.signing_input)
    }

    /// Reads the payload into [`Claims`](crate::Claims) or a type of yours. Only the encoding is
    /// checked.
    ///
    /// # Errors
    ///
    /// [`VerifyError::MalformedPayload`] if the payload breaks a rule of its encoding,
    /// [`VerifyError::CustomClaims`] if it does not fit the type.
    #[doc(alias = "insecure_decode")]
    #[doc(alias = "dangerous")]
    pub fn claims<C: DeserializeOwned>(&self) -> Result<C, VerifyError> {
        let malformed = |Malformed(reason)| VerifyError::MalformedPayload { reason };
        let mut buffer = Vec::new();
        let text = compact::decode_text(self.payload, &mut buffer).map_err(malformed)?;
        let mut slot = None;
        let payload = Payload::scan(&mut slot, text).map_err(malformed)?;
        claims::fit(payload)
    }
}

impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
