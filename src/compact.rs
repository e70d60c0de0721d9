//! The compact serialization (RFC 7515 §3.1): `header.payload.signature`.

use crate::base64url;
use crate::error::VerifyError;
use crate::json::{Fault, NOT_BASE64URL, NOT_UTF8};

/// The segments of a token, still encoded.
pub(crate) struct Compact<'a> {
    pub(crate) header: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) signature: &'a str,
    /// What the signature is over: the first two segments with the dot between them.
    pub(crate) message: &'a [u8],
}

impl<'a> Compact<'a> {
    pub(crate) fn split(token: &'a str) -> Result<Self, VerifyError> {
        Self::try_split(token).ok_or_else(|| VerifyError::Segments {
            found: token.split('.').count(),
        })
    }

    fn try_split(token: &'a str) -> Option<Self> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        (!payload.contains('.')).then_some(Self {
            header,
            payload,
            signature,
            message: message.as_bytes(),
        })
    }
}

/// Decodes a segment that holds JSON into the buffer, and returns it as text.
pub(crate) fn decode_text<'b>(segment: &str, buffer: &'b mut Vec<u8>) -> Result<&'b str, Fault> {
    buffer.clear();
    base64url::decode_into(segment, buffer).ok_or(NOT_BASE64URL)?;
    std::str::from_utf8(buffer).map_err(|_| NOT_UTF8)
}

/// Writes the header segment and the payload segment: what is to be signed.
pub(crate) fn message(header: &str, payload: &[u8], room_for_signature: usize) -> String {
    let length = header.len() + 1 + base64url::encoded_length(payload.len());
    let mut message = String::with_capacity(length + room_for_signature);
    message.push_str(header);
    message.push('.');
    base64url::encode_into(payload, &mut message);
    message
}

/// Appends the signature segment.
pub(crate) fn push_signature(message: &mut String, signature: &[u8]) {
    message.push('.');
    base64url::encode_into(signature, message);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token is one string of the right size: nothing is moved while it grows.
    #[test]
    fn there_is_room_for_exactly_what_is_written() {
        for length in 0..7 {
            let message = message("header", &[0; 7][..length], 10);
            assert_eq!(message.capacity(), message.len() + 10, "{length}");
        }
    }
}
