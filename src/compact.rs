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
    #[inline(always)]
    pub(crate) fn split(token: &'a str) -> Result<Self, VerifyError> {
        Self::try_split(token).ok_or_else(|| wrong_segments(token))
    }

    #[inline(always)]
    fn try_split(token: &'a str) -> Option<Self> {
        let (first, last) = (first_dot(token.as_bytes())?, last_dot(token.as_bytes())?);
        let payload = token.get(first + 1..last)?;
        // Without an early exit the compiler vectorizes the loop.
        let dots = payload
            .bytes()
            .fold(false, |dot, byte| dot | (byte == b'.'));
        (!dots).then_some(Self {
            header: token.get(..first)?,
            payload,
            signature: token.get(last + 1..)?,
            signing_input: token.as_bytes().get(..last)?,
        })
    }
}

/// Returns the index of the first dot.
#[inline(always)]
fn first_dot(bytes: &[u8]) -> Option<usize> {
    let (chunks, tail) = bytes.as_chunks();
    for (index, chunk) in chunks.iter().enumerate() {
        let dots = dots(*chunk);
        if dots != 0 {
            return Some(8 * index + (dots.trailing_zeros() / 8) as usize);
        }
    }
    let index = tail.iter().position(|byte| *byte == b'.')?;
    Some(8 * chunks.len() + index)
}

/// Returns the index of the last dot.
#[inline(always)]
fn last_dot(bytes: &[u8]) -> Option<usize> {
    let (_, chunks) = bytes.as_rchunks();
    let without = chunks.iter().rev().take_while(|chunk| dots(**chunk) == 0);
    let end = bytes.len() - 8 * without.count();
    bytes.get(..end)?.iter().rposition(|byte| *byte == b'.')
}

/// Flags the dots among eight bytes, in their highest bits.
///
/// The lowest flag is exact. Higher ones may be wrong, because the subtraction borrows upwards.
#[inline(always)]
const fn dots(chunk: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let zero_if_dot = u64::from_le_bytes(chunk) ^ (ONES * b'.' as u64);
    zero_if_dot.wrapping_sub(ONES) & !zero_if_dot & (ONES << 7)
}

#[cold]
fn wrong_segments(token: &str) -> VerifyError {
    let dots = token.bytes().filter(|byte| *byte == b'.').count();
    VerifyError::Segments { found: 1 + dots }
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
    base64url::encode_into(signature, token);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_split_as_std_does() {
        // Eight bytes are searched at a time; a slash differs from a dot by one bit. Miri is slow.
        for length in 0..if cfg!(miri) { 7 } else { 28 } {
            for first in 0..=length {
                for second in first..=length {
                    for other in ["a", "/", "é"] {
                        let mut parts = vec![other; length];
                        parts.splice(second..second, ["."]);
                        parts.splice(first..first, ["."]);
                        check(&parts.concat());
                        parts.splice(length / 2..length / 2, ["."]);
                        check(&parts.concat());
                    }
                }
            }
        }
        for token in [
            "",
            ".",
            "a",
            "abcdefgh",
            "abcdefg.",
            ".abcdefg",
            "a.abcdefg",
        ] {
            check(token);
        }
    }

    fn check(token: &str) {
        let split = Compact::split(token).map(|compact| {
            let signing_input = format!("{}.{}", compact.header, compact.payload);
            assert_eq!(compact.signing_input, signing_input.as_bytes(), "{token}");
            [compact.header, compact.payload, compact.signature]
        });
        let segments: Vec<&str> = token.split('.').collect();
        let found = segments.len();
        let expected = <[&str; 3]>::try_from(segments);
        let expected = expected.map_err(|_| VerifyError::Segments { found });
        assert_eq!(split, expected, "{token}");
    }
}
