//! The compact serialization (RFC 7515 §3.1): `header.payload.signature`.

use crate::base64url;
use crate::error::VerifyError;
use crate::json::{Malformed, NOT_BASE64URL, NOT_UTF8};

/// The segments of a token, still encoded.
pub(crate) struct Compact<'a> {
    pub(crate) header: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) signature: &'a str,
    /// The first two segments with the dot between them (RFC 7515 §2, JWS Signing Input).
    pub(crate) signing_input: &'a [u8],
}

impl<'a> Compact<'a> {
    pub(crate) fn split(token: &'a str) -> Result<Self, VerifyError> {
        Self::try_split(token).ok_or_else(|| VerifyError::Segments {
            found: 1 + token.bytes().filter(|byte| *byte == b'.').count(),
        })
    }

    fn try_split(token: &'a str) -> Option<Self> {
        let (signing_input, signature) = token.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        // Without an early exit the compiler vectorizes the loop.
        let dots = payload
            .bytes()
            .fold(false, |dot, byte| dot | (byte == b'.'));
        (!dots).then_some(Self {
            header,
            payload,
            signature,
            signing_input: signing_input.as_bytes(),
        })
    }
}

/// Decodes a segment that holds JSON into the buffer, and returns it as text.
pub(crate) fn decode_text<'b>(
    segment: &str,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b str, Malformed> {
    buffer.clear();
    base64url::decode_into(segment, buffer).ok_or(NOT_BASE64URL)?;
    std::str::from_utf8(buffer).map_err(|_| NOT_UTF8)
}

/// Appends the signing input: the header segment and the payload segment, of which `write` writes
/// the JSON.
pub(crate) fn push_signing_input<E>(
    token: &mut Vec<u8>,
    header: &str,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    token.extend_from_slice(header.as_bytes());
    token.push(b'.');
    let payload = token.len();
    write(token)?;
    base64url::encode_in_place(token, payload);
    Ok(())
}

/// Appends the signature segment.
pub(crate) fn push_signature(token: &mut Vec<u8>, signature: &[u8]) {
    token.push(b'.');
    let start = token.len();
    token.extend_from_slice(signature);
    base64url::encode_in_place(token, start);
}
