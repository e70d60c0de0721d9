//! Making tokens.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::algorithm::Algorithm;
use crate::compact;
use crate::error::SignError;
use crate::header::Header;
use crate::key::SigningKey;
use crate::signature::{self, Signature};

/// The room for a token in bytes: enough for most, so that they are written without being moved.
const USUAL_LENGTH: usize = 1024;

/// Mints tokens with one key.
///
/// Every token gets the header `{"alg", "typ": "JWT", "kid"}`: the algorithm and the id are the
/// key's. Build it once and share it.
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
    /// The header as it stands in every token.
    segment: String,
}

impl Signer {
    /// Makes a signer of plain JWTs, with a key of its own or one that is shared.
    #[must_use]
    pub fn new(key: impl Into<Arc<SigningKey>>) -> Self {
        let key = key.into();
        let header = Header::new(key.algorithm());
        let header = match key.id() {
            Some(id) => header.with_key_id(id),
            None => header,
        };
        Self::with_header(key, header)
    }

    /// Sets the type of the tokens (`typ`), for instance `at+jwt` for access tokens (RFC 9068).
    #[must_use]
    pub fn token_type(self, token_type: impl Into<String>) -> Self {
        Self::with_header(self.key, self.header.with_token_type(token_type))
    }

    fn with_header(key: Arc<SigningKey>, header: Header) -> Self {
        Self {
            segment: header.encode_own(),
            key,
            header,
        }
    }

    /// Returns the key that signs.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Signs a payload: [`Claims`](crate::Claims), or anything that serde writes as a JSON object.
    ///
    /// Of your own types, see that no two members have the same name: verifiers refuse that.
    ///
    /// # Errors
    ///
    /// - [`SignError::Payload`] if the payload is not a JSON object, cannot be written, or has custom
    ///   claims that hold a registered one.
    /// - [`SignError::Failed`] if the operating system gives no random bytes.
    pub fn sign<P: Serialize + ?Sized>(&self, payload: &P) -> Result<String, SignError> {
        let mut token = String::with_capacity(USUAL_LENGTH);
        self.sign_into(payload, &mut token)?;
        Ok(token)
    }

    /// Signs a payload like [`sign`](Self::sign), and appends the token to a string: to `"Bearer "`,
    /// or to one that was used before and has the room already, so that nothing is allocated.
    ///
    /// # Errors
    ///
    /// Those of [`sign`](Self::sign). The string is then what it was.
    pub fn sign_into<P: Serialize + ?Sized>(
        &self,
        payload: &P,
        text: &mut String,
    ) -> Result<(), SignError> {
        append(text, |bytes| {
            let start = bytes.len();
            push_message(bytes, &self.segment, payload)?;
            let mut buffer = [0; signature::MAX_MADE];
            let message = bytes.get(start..).unwrap_or_default();
            let signature = self.key.sign_into(message, &mut buffer)?;
            compact::push_signature(bytes, signature);
            Ok(())
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

/// A token without its signature, for keys that are not here: in a KMS, an HSM, or another process.
///
/// ```
/// # fn kms_sign(message: &[u8]) -> Vec<u8> { vec![0; 64] }
/// use jwt_ring::{Algorithm, Claims, Header, SystemClock, Unsigned};
/// use std::time::Duration;
///
/// let header = Header::new(Algorithm::ES256).with_key_id("arn:aws:kms:key/2026-11");
/// let claims = Claims::new(&SystemClock, Duration::from_secs(900));
/// let unsigned = Unsigned::new(&header, &claims)?;
/// let signature = kms_sign(unsigned.message()); // or .await; in DER, convert with Signature::from_der
/// let jwt = unsigned.attach(&signature)?;
/// # Ok::<(), jwt_ring::SignError>(())
/// ```
#[derive(Debug)]
#[must_use = "an unsigned token is of no use to anybody"]
pub struct Unsigned {
    algorithm: Algorithm,
    message: String,
}

impl Unsigned {
    /// Writes the header and the payload: [`Claims`](crate::Claims), or anything that serde writes
    /// as a JSON object.
    ///
    /// # Errors
    ///
    /// - [`SignError::ReservedMember`] if the header has members that are not for the caller.
    /// - [`SignError::Payload`] as for [`Signer::sign`].
    pub fn new<P: Serialize + ?Sized>(header: &Header, payload: &P) -> Result<Self, SignError> {
        let segment = header.encode()?;
        let mut message = String::with_capacity(USUAL_LENGTH);
        append(&mut message, |bytes| push_message(bytes, &segment, payload))?;
        Ok(Self {
            algorithm: header.algorithm(),
            message,
        })
    }

    /// Returns the bytes to be signed: hashed, where the algorithm hashes, by whoever signs.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        self.message.as_bytes()
    }

    /// Completes the token with its signature: a [`Signature`], or the raw bytes as
    /// [`Signature::from_bytes`] takes them. Whether it is right is not checked.
    ///
    /// # Errors
    ///
    /// [`SignError::SignatureLength`] if it has not the length of the header's algorithm, which is
    /// so for ECDSA in DER.
    pub fn attach(self, signature: impl AsRef<[u8]>) -> Result<String, SignError> {
        let signature = Signature::from_bytes(self.algorithm, signature.as_ref())?;
        let mut token = self.message;
        append(&mut token, |bytes| {
            compact::push_signature(bytes, signature.as_ref());
            Ok(())
        })?;
        Ok(token)
    }
}

/// Appends to a string what is written as bytes; nothing, if that fails.
fn append(
    text: &mut String,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), SignError>,
) -> Result<(), SignError> {
    let start = text.len();
    let mut bytes = std::mem::take(text).into_bytes();
    let outcome = write(&mut bytes);
    if outcome.is_err() {
        bytes.truncate(start);
    }
    // What was appended is base64url.
    *text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    outcome
}

/// Appends the header segment and the payload segment.
fn push_message<P: Serialize + ?Sized>(
    bytes: &mut Vec<u8>,
    header: &str,
    payload: &P,
) -> Result<(), SignError> {
    compact::push_message(bytes, header, |json| {
        let start = json.len();
        serde_json::to_writer(&mut *json, payload)
            .map_err(|error| SignError::Payload(error.to_string()))?;
        match json.get(start) {
            Some(b'{') => Ok(()),
            _ => Err(SignError::Payload("it is not a JSON object".into())),
        }
    })
}
