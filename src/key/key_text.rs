//! Recognizes encoded keys, which must not be used as HMAC secrets (CVE-2022-29217).

use super::der;
use crate::base64url;
use crate::error::KeyError;
use crate::json;
use crate::secret::Secret;

/// Returns what key the secret is an encoding of, for humans, if it is one.
pub(super) fn describe(secret: &[u8]) -> Option<&'static str> {
    describe_plain(secret).or_else(|| {
        let decoded = base64(secret)?;
        describe_plain(decoded.as_ref()).map(|_| "a key in base64")
    })
}

fn describe_plain(secret: &[u8]) -> Option<&'static str> {
    if is_der(visible(secret)) {
        return Some("a key in DER");
    }
    describe_text(secret)
        .or_else(|| describe_text(utf16(secret, u16::from_le_bytes).as_ref()))
        .or_else(|| describe_text(utf16(secret, u16::from_be_bytes).as_ref()))
}

/// Decodes a text that is base64 or base64url, with or without padding, in UTF-8 or UTF-16. White space
/// and byte order marks are skipped.
fn base64(text: &[u8]) -> Option<Secret> {
    let visible = text.iter().filter(|byte| byte.is_ascii_graphic());
    let digits = visible.map(|byte| match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => *other,
    });
    let digits = Secret::collect(text.len(), digits);
    let padding = digits
        .as_ref()
        .iter()
        .rev()
        .take_while(|byte| **byte == b'=');
    let length = digits.as_ref().len() - padding.count();
    base64url::decode_secret(digits.as_ref().get(..length)?)
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
    if is_pem(text) {
        return Some("a PEM block");
    }
    if is_ssh_key(text) {
        return Some("an SSH key");
    }
    is_jwk(visible(text)).then_some("a JWK")
}

/// Returns whether the text holds a PEM block, or the beginning of one whose label is in upper case.
fn is_pem(text: &[u8]) -> bool {
    let has_label = |block: &[u8]| {
        let mut label = block.iter().take_while(|byte| **byte != b'-');
        label.next().is_some_and(u8::is_ascii_uppercase) && !label.any(u8::is_ascii_lowercase)
    };
    let mut blocks = after(text, b"-----BEGIN ");
    let first = blocks.next();
    first.is_some_and(|first| has_label(first) || contains(first, b"-----END "))
        || blocks.any(has_label)
}

/// Returns whether the text holds a public key or a certificate of OpenSSH (RFC 4253 §6.6), such as a
/// line of `authorized_keys`, or is an SSH public key file (RFC 4716).
pub(super) fn is_ssh_key(text: &[u8]) -> bool {
    let mut words = text.split(u8::is_ascii_whitespace).map(visible);
    contains(text, b"---- BEGIN SSH2 ") || words.any(is_ssh_base64)
}

/// Returns whether the text begins like the base64 of a key: with the length of its type in four bytes,
/// and the type.
fn is_ssh_base64(text: &[u8]) -> bool {
    let begin = text.get(..12).and_then(base64url::decode_secret);
    begin.is_some_and(|begin| match begin.as_ref() {
        [0, 0, 0, _, name @ ..] => [&b"ssh-"[..], b"ecdsa", b"sk-"]
            .iter()
            .any(|prefix| name.starts_with(prefix)),
        _ => false,
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
        && (has_member(text, b"\"kty", b"")
            || has_member(text, b"\"keys", b"[")
            || has_escaped_name(text))
}

/// Returns whether there is a member of this name, given with its opening quote, whose value begins
/// like this, in an object or in the text of one whose quotes are escaped.
fn has_member(text: &[u8], name: &[u8], value: &[u8]) -> bool {
    after(text, name).any(|rest| {
        let rest = rest.strip_prefix(b"\\").unwrap_or(rest);
        let rest = rest.strip_prefix(b"\"").map(<[u8]>::trim_ascii_start);
        let rest = rest.and_then(|rest| rest.strip_prefix(b":"));
        rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(value))
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
        json::object(object, &mut |name, value| {
            is_found |= name == "kty" || name == "keys" && value.text().starts_with('[');
        })
        .is_ok()
    }) && is_found
}

/// Returns the texts after each occurrence of a part.
fn after<'a>(text: &'a [u8], part: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    (0..text.len()).filter_map(move |at| text.get(at..)?.strip_prefix(part))
}

pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
