//! base64url without padding (RFC 7515 §2): the encoding of every segment and JWK member.

use base64::Engine;
#[cfg(feature = "pem")]
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Appends the encoding of `bytes` to `text`.
pub(crate) fn encode_into(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The length of the encoding of `length` bytes.
pub(crate) fn encoded_length(length: usize) -> usize {
    (length * 4).div_ceil(3)
}

/// Appends what `text` encodes to `bytes`. `None` for padding, white space, other alphabets and
/// unused bits that are not zero, so that no two texts mean the same bytes.
pub(crate) fn decode_into(text: &str, bytes: &mut Vec<u8>) -> Option<()> {
    URL_SAFE_NO_PAD.decode_vec(text, bytes).ok()
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Decodes into a buffer on the stack, and returns the part that was filled. `None` also where it
/// is too small.
pub(crate) fn decode_slice<'a>(text: &str, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let length = URL_SAFE_NO_PAD.decode_slice(text, buffer).ok()?;
    buffer.get(..length)
}

/// The body of a PEM block (RFC 7468), which has the other alphabet and padding.
#[cfg(feature = "pem")]
pub(crate) fn encode_standard(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
