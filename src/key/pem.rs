//! PEM (RFC 7468): finds the one block of a file.

use rustls_pki_types::pem::{PemObject, SectionKind};

use crate::base64url;
use crate::error::KeyError;
use crate::secret::Secret;

/// The labels of blocks that may hold a key for us.
const LABELS: [&[u8]; 6] = [
    b"PRIVATE KEY",
    b"RSA PRIVATE KEY",
    b"EC PRIVATE KEY",
    b"PUBLIC KEY",
    PKCS1_PUBLIC,
    b"CERTIFICATE",
];
/// A label that rustls-pki-types does not know.
const PKCS1_PUBLIC: &[u8] = b"RSA PUBLIC KEY";

/// Returns the DER of the one key or certificate in the file.
pub(super) fn decode(pem: &[u8]) -> Result<Secret, KeyError> {
    // `openssl ecparam -genkey` writes the name of the curve before the key.
    let labels: Vec<_> = labels(pem)
        .filter(|label| *label != b"EC PARAMETERS")
        .collect();
    let label = match *labels.as_slice() {
        [] => return Err(KeyError::NoPem),
        [label] => label,
        [..] => {
            let found = labels.len();
            return Err(KeyError::SeveralPem { found });
        }
    };
    if label == b"ENCRYPTED PRIVATE KEY" || lines(pem).any(|line| line.starts_with(b"DEK-Info:")) {
        return Err(KeyError::Encrypted);
    }
    if !LABELS.contains(&label) {
        return Err(malformed("has a label that no key for tokens has"));
    }
    if label == PKCS1_PUBLIC {
        return decode_block(&rename_pkcs1_public(pem));
    }
    decode_block(pem)
}

/// Writes a private key in PKCS#8, in lines of 64 characters (RFC 7468 §2).
pub(super) fn encode_private(pkcs8: &[u8]) -> String {
    const LINE: usize = 64;
    let body = Secret::from(base64url::encode_standard(pkcs8).into_bytes());
    let length = body.as_ref().len();
    // As long as it gets, lest it leave copies behind as it grows.
    let mut pem = String::with_capacity(length + length / LINE + 64);
    pem.push_str("-----BEGIN PRIVATE KEY-----\n");
    for line in body.as_ref().chunks(LINE) {
        pem.extend(line.iter().copied().map(char::from));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}

fn decode_block(pem: &[u8]) -> Result<Secret, KeyError> {
    let (_, der) = <(SectionKind, Vec<u8>)>::from_pem_slice(pem)
        .map_err(|_| malformed("has no end, or is not base64"))?;
    Ok(der.into())
}

/// The label says nothing that the DER does not say, so any known one will do.
fn rename_pkcs1_public(pem: &[u8]) -> Vec<u8> {
    let renamed: Vec<_> = lines(pem)
        .map(|line| match label(line, b"-----END ") {
            Some(PKCS1_PUBLIC) => &b"-----END PUBLIC KEY-----"[..],
            _ if label(line, BEGIN) == Some(PKCS1_PUBLIC) => b"-----BEGIN PUBLIC KEY-----",
            _ => line,
        })
        .collect();
    renamed.join(&b'\n')
}

const BEGIN: &[u8] = b"-----BEGIN ";

fn labels(pem: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines(pem).filter_map(|line| label(line, BEGIN))
}

fn label<'a>(line: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    line.trim_ascii_end()
        .strip_prefix(prefix)?
        .strip_suffix(b"-----")
}

fn lines(pem: &[u8]) -> impl Iterator<Item = &[u8]> {
    pem.split(|byte| matches!(byte, b'\n' | b'\r'))
}

fn malformed(reason: &'static str) -> KeyError {
    KeyError::Malformed {
        encoding: "a PEM block",
        reason,
    }
}
