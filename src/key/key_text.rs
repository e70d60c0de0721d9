//! Recognizes encoded keys, which must not be used as HMAC secrets (CVE-2022-29217).

use super::der;
use crate::error::KeyError;
use crate::json;
use crate::secret::Secret;

/// Returns what key the secret is an encoding of, for humans, if it is one.
pub(super) fn describe(secret: &[u8]) -> Option<&'static str> {
    if is_der(visible(secret)) {
        return Some("a key in DER");
    }
    describe_text(secret)
        .or_else(|| describe_text(utf16(secret, u16::from_le_bytes).as_ref()))
        .or_else(|| describe_text(utf16(secret, u16::from_be_bytes).as_ref()))
}

/// Returns whether the bytes are a key or a certificate, possibly with white space after it.
///
/// The structure must be complete: random bytes begin like DER too often.
fn is_der(bytes: &[u8]) -> bool {
    let invisible = bytes
        .iter()
        .rev()
        .take_while(|byte| !byte.is_ascii_graphic());
    (0..=invisible.count()).any(|after| {
        let (der, _) = bytes.split_at(bytes.len() - after);
        // All other errors are those of a key: it is encrypted, for instance.
        !matches!(der::parse(der), Err(KeyError::Malformed { .. }))
    })
}

fn describe_text(text: &[u8]) -> Option<&'static str> {
    if contains(text, b"-----BEGIN ") {
        return Some("a PEM block");
    }
    if is_ssh_key(text) {
        return Some("an SSH key");
    }
    is_jwk(visible(text)).then_some("a JWK")
}

/// Returns whether the text holds a public key or a certificate of OpenSSH (RFC 4253 §6.6), such as a
/// line of `authorized_keys`, or is an SSH public key file (RFC 4716).
pub(super) fn is_ssh_key(text: &[u8]) -> bool {
    let words = text.split(u8::is_ascii_whitespace);
    let mut follows_type = false;
    contains(text, b"---- BEGIN SSH2 ")
        || words.filter(|word| !word.is_empty()).any(|word| {
            // The base64 of a key begins with the length of its type in four bytes.
            let is_key = follows_type && word.starts_with(b"AAAA");
            follows_type = contains(word, b"ssh-") || contains(word, b"ecdsa-sha2-");
            is_key
        })
}

/// Returns the text from its first visible ASCII character on: without a byte order mark, and
/// without white space in any encoding.
pub(super) fn visible(text: &[u8]) -> &[u8] {
    let skipped = text.iter().take_while(|byte| !byte.is_ascii_graphic());
    text.split_at(skipped.count()).1
}

/// Decodes UTF-16.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Secret {
    let (units, _) = bytes.as_chunks::<2>();
    // Three bytes for each unit are enough, so that no copy is left behind by growing.
    let mut text = Vec::with_capacity(3 * units.len());
    for decoded in char::decode_utf16(units.iter().map(|pair| unit(*pair))) {
        let decoded = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        text.extend_from_slice(decoded.encode_utf8(&mut [0; 4]).as_bytes());
    }
    text.into()
}

/// Returns whether the text is a JWK, a JWK Set, an array of them, or a JSON string that holds one,
/// possibly cut or with bytes before and after it.
fn is_jwk(text: &[u8]) -> bool {
    matches!(text, [b'{' | b'[' | b'"', ..])
        && (has_name(text, b"\"kty") || has_name(text, b"\"keys") || has_escaped_name(text))
}

/// Returns whether there is a member of this name, given with its opening quote, in an object or in
/// the text of one whose quotes are escaped.
fn has_name(text: &[u8], name: &[u8]) -> bool {
    let mut rests = (0..text.len()).filter_map(|at| text.get(at..)?.strip_prefix(name));
    rests.any(|rest| {
        let rest = rest.strip_prefix(b"\\").unwrap_or(rest);
        let rest = rest.strip_prefix(b"\"").map(<[u8]>::trim_ascii_start);
        rest.is_some_and(|rest| rest.starts_with(b":"))
    })
}

/// Returns whether the text is an object with such a member, whose name may be written with escapes.
fn has_escaped_name(text: &[u8]) -> bool {
    let Some(end) = text.iter().rposition(|byte| *byte == b'}') else {
        return false;
    };
    let object = text
        .get(..=end)
        .and_then(|object| str::from_utf8(object).ok());
    let mut is_found = false;
    object.is_some_and(|object| {
        json::object(object, &mut |name, _| {
            is_found |= matches!(name, "kty" | "keys");
        })
        .is_ok()
    }) && is_found
}

pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
