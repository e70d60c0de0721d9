//! Signs tokens.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::algorithm::{Algorithm, Family};
use crate::claims::{self, Payload};
use crate::compact;
use crate::error::{SignError, VerifyError};
use crate::header::Header;
use crate::json::{Malformed, NOT_UTF8, Value};
use crate::key::SigningKey;
use crate::signature::{self, Signature};

/// The capacity in bytes of a new token, enough for most, so that they are written in one
/// allocation.
const USUAL_SIZE: usize = 1024;

/// The longest token in bytes, unless set: the default of verifiers.
const DEFAULT_MAX_SIZE: usize = 64 * 1024;

/// Signs tokens with one key.
///
/// The header is `{"alg", "typ": "JWT", "kid"}`, with the algorithm and the id of the key. Build a
/// signer once and share it.
///
/// Signing fails for a payload that every [`Verifier`](crate::Verifier) rejects, for instance one
/// with a duplicate name.
///
/// ```
/// use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock};
/// use std::time::Duration;
///
/// let signer = Signer::new(SigningKey::generate(Algorithm::ES256)?.with_id("2026-11"));
/// let claims = Claims::new(&SystemClock, Duration::from_secs(900)).subject("user-42");
/// let jwt: String = signer.sign(&claims)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Signer {
    key: Arc<SigningKey>,
    header: Header,
    /// The header segment, or why the header cannot be signed.
    segment: Result<String, SignError>,
    max_size: usize,
}

impl Signer {
    /// Makes a signer of plain JWTs, with a key of its own or a shared one.
    #[must_use]
    pub fn new(key: impl Into<Arc<SigningKey>>) -> Self {
        Self::with_header(key.into(), |header| header)
    }

    /// Makes a signer, and changes the header before it is encoded.
    pub(crate) fn with_header(key: Arc<SigningKey>, change: impl FnOnce(Header) -> Header) -> Self {
        let header = Header::new(key.algorithm());
        let header = change(match key.id() {
            Some(id) => header.with_key_id(id),
            None => header,
        });
        Self {
            segment: header.encode(),
            key,
            header,
            max_size: DEFAULT_MAX_SIZE,
        }
    }

    /// Sets `typ`, the media type of the tokens, for instance `at+jwt` for access tokens (RFC 9068
    /// §2.1).
    #[must_use]
    pub fn typ(self, typ: impl Into<String>) -> Self {
        self.map_header(|header| header.with_typ(typ))
    }

    /// Sets another header parameter. [`sign`](Self::sign) fails with
    /// [`SignError::ReservedParameter`] if it is `alg`, `typ`, `kid`, `crit` or `b64`.
    #[must_use]
    pub fn header_parameter(
        self,
        name: impl Into<String>,
        value: impl Into<serde_json::Value>,
    ) -> Self {
        self.map_header(|header| header.with_parameter(name, value))
    }

    /// Sets the length of the longest token, in bytes. Default: 64 KiB, as for verifiers.
    #[must_use]
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    fn map_header(mut self, change: impl FnOnce(Header) -> Header) -> Self {
        self.header = change(self.header);
        self.segment = self.header.encode();
        self
    }

    /// Returns the key that signs.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Signs a payload: [`Claims`](crate::Claims), or any type that serde writes as a JSON object.
    ///
    /// # Errors
    ///
    /// - [`SignError::Payload`] if the type cannot be serialized.
    /// - [`SignError::ShadowedClaim`] if custom claims have a claim that is a field beside them.
    /// - [`SignError::MalformedPayload`] if it is not a JSON object, has a duplicate name, or is
    ///   nested too deeply.
    /// - [`SignError::NullClaim`], [`SignError::WrongType`] for a registered claim that verifiers
    ///   reject.
    /// - [`SignError::ReservedParameter`], [`SignError::MalformedHeader`] for a header parameter
    ///   that verifiers reject.
    /// - [`SignError::TooLarge`] if the token is longer than [`max_size`](Self::max_size).
    /// - [`SignError::Failed`] if the operating system returns no random bytes.
    #[doc(alias = "encode")]
    pub fn sign<P: Serialize + ?Sized>(&self, payload: &P) -> Result<String, SignError> {
        let mut token = String::with_capacity(USUAL_SIZE);
        self.sign_into(payload, &mut token)?;
        Ok(token)
    }

    /// Signs a payload like [`sign`](Self::sign), and appends the token to a string, for instance to
    /// `"Bearer "`. If the string has the room, nothing is allocated.
    ///
    /// # Errors
    ///
    /// Those of [`sign`](Self::sign). The string is then unchanged.
    pub fn sign_into<P: Serialize + ?Sized>(
        &self,
        payload: &P,
        text: &mut String,
    ) -> Result<(), SignError> {
        let segment = self.segment.as_ref().map_err(SignError::clone)?;
        append(text, |bytes| {
            let start = bytes.len();
            push_signing_input(bytes, segment, payload)?;
            let signing_input = bytes.get(start..).unwrap_or_default();
            let (mut short, mut long);
            // All signatures but those of RSA are short, and clearing a long buffer takes time.
            let buffer: &mut [u8] = match self.key.algorithm().family() {
                Family::Rsa => {
                    long = [0; signature::MAX_MADE];
                    &mut long
                }
                Family::Hmac | Family::Ecdsa(_) | Family::Ed25519 => {
                    short = [0; signature::MAX_SHORT];
                    &mut short
                }
            };
            compact::push_signature(bytes, self.key.sign_into(signing_input, buffer)?);
            check_size(bytes.len() - start, self.max_size)
        })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("key", &self.key)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// A token without its signature, for keys in a KMS, an HSM or another process.
///
/// ```
/// # fn kms_sign(signing_input: &[u8]) -> Vec<u8> { vec![0; 64] }
/// use jwt_ring::{Algorithm, Claims, Header, Signature, SystemClock, Unsigned};
/// use std::time::Duration;
///
/// let header = Header::new(Algorithm::ES256).with_key_id("arn:aws:kms:key/2026-11");
/// let claims = Claims::new(&SystemClock, Duration::from_secs(900));
/// let unsigned = Unsigned::new(&header, &claims)?;
/// // `.await` it if it is async. A service that answers in DER needs `Signature::from_der`.
/// let signature = kms_sign(unsigned.signing_input());
/// let jwt = unsigned.with_signature(&Signature::from_bytes(Algorithm::ES256, signature)?)?;
/// # Ok::<(), jwt_ring::SignError>(())
/// ```
#[derive(Debug)]
#[must_use = "an unsigned token must be completed by `with_signature`"]
pub struct Unsigned {
    algorithm: Algorithm,
    signing_input: String,
}

impl Unsigned {
    /// Writes the header and the payload: [`Claims`](crate::Claims), or any type that serde writes
    /// as a JSON object.
    ///
    /// # Errors
    ///
    /// Those of [`Signer::sign`] for the header and the payload.
    pub fn new<P: Serialize + ?Sized>(header: &Header, payload: &P) -> Result<Self, SignError> {
        let segment = header.encode()?;
        let mut signing_input = String::with_capacity(USUAL_SIZE);
        append(&mut signing_input, |bytes| {
            push_signing_input(bytes, &segment, payload)?;
            // Before the signature is made, which may cost.
            check_size(bytes.len(), DEFAULT_MAX_SIZE)
        })?;
        Ok(Self {
            algorithm: header.algorithm(),
            signing_input,
        })
    }

    /// Returns the bytes to sign (RFC 7515 §2, JWS Signing Input). They are not hashed yet.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// Completes the token. The signature is not verified.
    ///
    /// # Errors
    ///
    /// - [`SignError::AlgorithmMismatch`] if the signature was made for another algorithm than the
    ///   header names.
    /// - [`SignError::TooLarge`] if the token is longer than 64 KiB.
    pub fn with_signature(self, signature: &Signature) -> Result<String, SignError> {
        let (expected, found) = (self.algorithm, signature.algorithm());
        if !expected.verifies(found) {
            return Err(SignError::AlgorithmMismatch { expected, found });
        }
        let mut token = self.signing_input;
        append(&mut token, |bytes| {
            compact::push_signature(bytes, signature.as_ref());
            check_size(bytes.len(), DEFAULT_MAX_SIZE)
        })?;
        Ok(token)
    }
}

/// Appends to a string what `write` writes as ASCII; nothing if that fails or panics.
fn append(
    text: &mut String,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), SignError>,
) -> Result<(), SignError> {
    let mut appending = Appending {
        end: text.len(),
        bytes: std::mem::take(text).into_bytes(),
        text,
    };
    write(&mut appending.bytes)?;
    appending.end = appending.bytes.len();
    Ok(())
}

/// A string that is being appended to. When dropped, it gets its bytes back up to `end`.
struct Appending<'t> {
    text: &'t mut String,
    bytes: Vec<u8>,
    end: usize,
}

impl Drop for Appending<'_> {
    fn drop(&mut self) {
        self.bytes.truncate(self.end);
        *self.text = String::from_utf8(std::mem::take(&mut self.bytes))
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    }
}

fn push_signing_input<P: Serialize + ?Sized>(
    bytes: &mut Vec<u8>,
    header: &str,
    payload: &P,
) -> Result<(), SignError> {
    compact::push_signing_input(bytes, header, |json| {
        let start = json.len();
        serde_json::to_writer(&mut *json, payload)
            .map_err(|error| serialization(error.to_string()))?;
        check_payload(json.get(start..).unwrap_or_default())
    })
}

/// Distinguishes our own errors from those of the caller's type.
fn serialization(message: String) -> SignError {
    match message.strip_prefix(claims::SHADOWS) {
        Some(name) => SignError::ShadowedClaim(name.to_owned()),
        None => match [claims::NOT_AN_OBJECT, claims::VARIANT_WITH_FIELDS]
            .into_iter()
            .find(|reason| *reason == message)
        {
            Some(reason) => SignError::MalformedPayload { reason },
            None => SignError::Payload(message),
        },
    }
}

/// Checks what was written as a verifier does.
fn check_payload(json: &[u8]) -> Result<(), SignError> {
    let malformed = |Malformed(reason)| SignError::MalformedPayload { reason };
    let text = std::str::from_utf8(json).map_err(|_| malformed(NOT_UTF8))?;
    let mut slot = None;
    let claims = Payload::scan(&mut slot, text).map_err(malformed)?;
    match claims.check_registered() {
        Err(VerifyError::WrongType(claim)) if claims.get(claim).is_some_and(Value::is_null) => {
            Err(SignError::NullClaim(claim))
        }
        Err(VerifyError::WrongType(claim)) => Err(SignError::WrongType(claim)),
        _ => Ok(()),
    }
}

fn check_size(found: usize, limit: usize) -> Result<(), SignError> {
    if found > limit {
        return Err(SignError::TooLarge { limit, found });
    }
    Ok(())
}
