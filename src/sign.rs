//! Making tokens.

use std::fmt;

use serde::Serialize;

use crate::algorithm::Algorithm;
use crate::compact;
use crate::error::SignError;
use crate::header::Header;
use crate::key::SigningKey;
use crate::signature::Signature;

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
    key: SigningKey,
    header: Header,
    /// The header as it stands in every token.
    segment: String,
}

impl Signer {
    /// Makes a signer of plain JWTs.
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
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

    fn with_header(key: SigningKey, header: Header) -> Self {
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
        let mut token = message(&self.segment, payload)?;
        let signature = self.key.sign(token.as_bytes())?;
        compact::push_signature(&mut token, signature.as_ref());
        Ok(token)
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
        Ok(Self {
            algorithm: header.algorithm(),
            message: message(&header.encode()?, payload)?,
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
        compact::push_signature(&mut token, signature.as_ref());
        Ok(token)
    }
}

/// The header segment and the payload segment.
fn message<P: Serialize + ?Sized>(header: &str, payload: &P) -> Result<String, SignError> {
    /// Enough for all but RSA.
    const ROOM_FOR_SIGNATURE: usize = 130;

    let json =
        serde_json::to_vec(payload).map_err(|error| SignError::Payload(error.to_string()))?;
    if !json.starts_with(b"{") {
        return Err(SignError::Payload("it is not a JSON object".into()));
    }
    Ok(compact::message(header, &json, ROOM_FOR_SIGNATURE))
}
