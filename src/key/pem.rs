//! PEM (RFC 7468): reads the one block of a text, and writes blocks.
//!
//! Private keys pass through here, so the text is decoded into memory that is overwritten.

use super::key_text;
use crate::base64url;
use crate::der::Reader;
use crate::error::KeyError;
use crate::secret::Secret;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// Returns the DER of the one key or certificate in the text.
///
/// The label is only compared with that of the end: the DER decides what the key is. Blocks may be
/// indented or in one line.
pub(super) fn decode(pem: &[u8]) -> Result<Secret, KeyError> {
    // `openssl ecparam -genkey` writes the name of the curve before the key.
    let mut blocks = Blocks(pem).filter(|(label, _)| *label != b"EC PARAMETERS");
    let Some((label, rest)) = blocks.next() else {
        return Err(KeyError::NoPem {
            found: describe(pem),
        });
    };
    let others = blocks.count();
    if others > 0 {
        return Err(KeyError::SeveralPem { found: 1 + others });
    }
    let (body, end) = split(rest, END).ok_or(malformed("has no end"))?;
    let end = end
        .strip_prefix(label)
        .and_then(|end| end.strip_prefix(DASHES));
    end.ok_or(malformed(
        "has an end with another label than its beginning",
    ))?;
    if label == b"ENCRYPTED PRIVATE KEY" || key_text::contains(body, b"DEK-Info:") {
        return Err(KeyError::Encrypted);
    }
    if label == b"OPENSSH PRIVATE KEY" {
        return Err(malformed(
            "is a private key of OpenSSH: convert it with `ssh-keygen -p -m PKCS8 -f key`, if it is RSA or ECDSA",
        ));
    }
    decode_body(body)
}

fn decode_body(body: &[u8]) -> Result<Secret, KeyError> {
    let visible = body.iter().filter(|byte| !byte.is_ascii_whitespace());
    let text = Secret::collect(body.len(), visible.copied());
    base64url::decode_standard_secret(text.as_ref()).ok_or_else(|| {
        malformed(if key_text::contains(body, br"\n") {
            r"has `\n` as a backslash and a letter: replace both with a line break"
        } else {
            "is not base64 with padding"
        })
    })
}

/// The labels of the blocks, each with the text after it.
struct Blocks<'a>(&'a [u8]);

impl<'a> Iterator for Blocks<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (_, rest) = split(self.0, BEGIN)?;
        let (label, rest) = split(rest, DASHES)?;
        self.0 = rest;
        Some((label, rest))
    }
}

/// Returns the text before and after the first occurrence of the separator.
fn split<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mut windows = text.windows(separator.len());
    let at = windows.position(|window| window == separator)?;
    let (before, rest) = text.split_at(at);
    Some((before, rest.strip_prefix(separator)?))
}

/// Returns what a text without a PEM block is, for humans.
fn describe(text: &[u8]) -> &'static str {
    let visible = key_text::visible(text).trim_ascii_end();
    if text.is_empty() {
        "an empty text"
    } else if Reader::document(text).is_some() {
        "DER: load it with `from_der`"
    } else if key_text::contains(text, b"-\0-\0-\0-\0-\0B\0") {
        "UTF-16: convert it to UTF-8"
    } else if visible.is_empty() {
        "white space"
    } else if visible.starts_with(b"{") {
        "JSON: load a JWK with `from_jwk`"
    } else if key_text::is_ssh_key(text) {
        "an SSH key: convert it with `ssh-keygen -e -m PKCS8 -f key.pub`, if it is RSA or ECDSA"
    } else if is_path(visible) {
        "the path of a file: read the file first"
    } else if is_base64_of_der(visible) {
        "base64 without its lines `-----BEGIN …-----` and `-----END …-----`"
    } else {
        "none"
    }
}

/// Returns whether the text can be the base64 of a SEQUENCE.
fn is_base64_of_der(text: &[u8]) -> bool {
    let is_base64 = |byte: &u8| {
        byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"+/=".contains(byte)
    };
    text.starts_with(b"M") && text.len() > 32 && text.iter().all(is_base64)
}

fn is_path(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 4] = [b"/", b"./", b"../", b"~/"];
    const ENDS: [&[u8]; 6] = [b".pem", b".key", b".crt", b".cer", b".der", b".pub"];
    text.len() < 4096
        && !text.contains(&b'\n')
        && (STARTS.iter().any(|start| text.starts_with(start))
            || ENDS.iter().any(|end| text.ends_with(end)))
}

/// Writes a block in lines of 64 characters (RFC 7468 §2).
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    const LINE: usize = 64;
    let body = Secret::from(base64url::encode_standard(der).into_bytes());
    let length = body.as_ref().len();
    // Enough room for all of it, because growing would leave copies behind.
    let mut pem = String::with_capacity(length + length / LINE + 2 * label.len() + 64);
    for part in ["-----BEGIN ", label, "-----\n"] {
        pem.push_str(part);
    }
    for line in body.as_ref().chunks(LINE) {
        pem.extend(line.iter().copied().map(char::from));
        pem.push('\n');
    }
    for part in ["-----END ", label, "-----\n"] {
        pem.push_str(part);
    }
    pem
}

fn malformed(reason: &'static str) -> KeyError {
    KeyError::Malformed {
        encoding: "a PEM block",
        reason,
    }
}
