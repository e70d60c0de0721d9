//! base64url without padding (RFC 7515 §2): the encoding of every segment and JWK member.

use std::sync::LazyLock;

use base64::Engine;
#[cfg(feature = "pem")]
use base64::engine::general_purpose::STANDARD;

use crate::secret::Secret;

/// The engine for the processor, which is detected once. It takes a third of the time of the
/// general one.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static ENGINE: LazyLock<base64::engine::Simd> =
    LazyLock::new(|| base64::engine::Simd::url_safe(base64::engine::general_purpose::NO_PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static ENGINE: LazyLock<base64::engine::GeneralPurpose> =
    LazyLock::new(|| base64::engine::general_purpose::URL_SAFE_NO_PAD);

/// Replaces the bytes from `start` on with their encoding.
#[expect(
    clippy::indexing_slicing,
    reason = "the buffer is resized for all indices first"
)]
pub(crate) fn encode_in_place(bytes: &mut Vec<u8>, start: usize) {
    /// Few chunks for a usual payload, and little memory on the stack; a multiple of 3.
    const CHUNK: usize = 384;

    let length = bytes.len().saturating_sub(start);
    bytes.resize(start + encoded_length(length), 0);
    let text = &mut bytes[start..];
    // Backwards, because the text is longer: no chunk is overwritten before it is read.
    for from in (0..length).step_by(CHUNK).rev() {
        let size = CHUNK.min(length - from);
        let mut chunk = [0; CHUNK];
        chunk[..size].copy_from_slice(&text[from..from + size]);
        let written = ENGINE.encode_slice(&chunk[..size], &mut text[encoded_length(from)..]);
        debug_assert_eq!(written.ok(), Some(encoded_length(size)));
    }
}

/// Appends the encoding of the bytes to the text.
pub(crate) fn encode_into(bytes: &[u8], text: &mut Vec<u8>) {
    let start = text.len();
    text.resize(start + encoded_length(bytes.len()), 0);
    let written = ENGINE.encode_slice(bytes, text.get_mut(start..).unwrap_or_default());
    debug_assert_eq!(written.ok(), Some(encoded_length(bytes.len())));
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// The length of the encoding of `length` bytes.
pub(crate) fn encoded_length(length: usize) -> usize {
    // Four thirds, without an overflow where `usize` has 32 bits.
    length + length.div_ceil(3)
}

/// Decodes `text` and appends the bytes. `None` for padding, white space, other alphabets and unused
/// bits that are not zero, so that no two texts decode to the same bytes.
pub(crate) fn decode_into(text: &str, bytes: &mut Vec<u8>) -> Option<()> {
    ENGINE.decode_vec(text, bytes).ok()
}

/// Decodes bytes that may be secret. No copy stays in freed memory, even on failure.
pub(crate) fn decode_secret(text: impl AsRef<[u8]>) -> Option<Secret> {
    decode_secret_with(&*ENGINE, text.as_ref())
}

fn decode_secret_with(engine: &impl Engine, text: &[u8]) -> Option<Secret> {
    let mut bytes = Secret::zeroed(text.len() / 4 * 3 + 3);
    let length = engine.decode_slice(text, bytes.as_mut()).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

/// Decodes into a buffer, and returns the part that was filled. `None` also if it is too small.
pub(crate) fn decode_slice<'a>(text: &str, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let length = ENGINE.decode_slice(text, buffer).ok()?;
    buffer.get(..length)
}

/// Encodes the body of a PEM block (RFC 7468), which has the other alphabet and padding.
#[cfg(feature = "pem")]
pub(crate) fn encode_standard(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes the body of a PEM block without its line breaks, like [`decode_secret`].
#[cfg(feature = "pem")]
pub(crate) fn decode_standard_secret(text: &[u8]) -> Option<Secret> {
    decode_secret_with(&STANDARD, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_in_place_equals_encoding() {
        // Miri is slow, and these lengths leave all three remainders.
        for length in (0..1_200_u32).step_by(if cfg!(miri) { 97 } else { 1 }) {
            let raw: Vec<u8> = (0..length).map(|n| n.to_le_bytes()[0] ^ 0x5a).collect();
            let mut bytes = [b"before", &raw[..]].concat();
            encode_in_place(&mut bytes, 6);
            assert_eq!(bytes, format!("before{}", encode(&raw)).into_bytes());
            assert_eq!(bytes.len(), 6 + encoded_length(raw.len()));
        }
    }
}
