//! Secrets of HMAC: bytes of a length, and encoded public keys, which must not be used (CVE-2022-29217).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::sign::{bytes, key};

/// SPKI up to the point or the PKCS#1 key (RFC 5480 §2, RFC 8410 §4).
const SPKI_ES256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
const SPKI_ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
const RSA_OID: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

/// Returns a secret by its name.
pub(crate) fn of(name: &str) -> Vec<u8> {
    let text = |text: String| text.into_bytes();
    if let Some(length) = name.strip_suffix(" bytes") {
        return (1..=length.parse().expect("a length")).collect();
    }
    match name {
        "RSA in SPKI" => spki_rsa(),
        "RSA in PKCS#1" => pkcs1(),
        "RSA in PEM" => text(pem("PUBLIC KEY", &spki_rsa())),
        "RSA in PEM, trimmed" => text(pem("PUBLIC KEY", &spki_rsa()).trim_end().to_owned()),
        "RSA in PEM of PKCS#1" => text(pem("RSA PUBLIC KEY", &pkcs1())),
        "RSA in PEM with a byte order mark" => {
            text(format!("\u{feff}{}", pem("PUBLIC KEY", &spki_rsa())))
        }
        "RSA in PEM of UTF-16" => {
            let pem = pem("PUBLIC KEY", &spki_rsa());
            pem.encode_utf16().flat_map(u16::to_le_bytes).collect()
        }
        "RSA in base64 of SPKI" => text(BASE64_STANDARD.encode(spki_rsa())),
        "RSA as a JWK" => text(key("rsa").public().json()),
        "RSA as a JWK Set" => text(crate::case::set_of(&["rsa"])),
        "modulus of RSA" => bytes(key("rsa").n.as_ref()),
        "ES256 in SPKI" => [SPKI_ES256, &point()].concat(),
        "ES256 in PEM" => text(pem("PUBLIC KEY", &[SPKI_ES256, &point()].concat())),
        "ES256 as a JWK" => text(key("es256").public().json()),
        "point of ES256" => point(),
        "Ed25519 in PEM" => text(pem("PUBLIC KEY", &[SPKI_ED25519, &raw()].concat())),
        "Ed25519 in SSH" => {
            let blob = [b"\0\0\0\x0bssh-ed25519\0\0\0\x20", &*raw()].concat();
            text(format!(
                "ssh-ed25519 {} key@example\n",
                BASE64_STANDARD.encode(blob)
            ))
        }
        "bytes of Ed25519" => raw(),
        _ => panic!("no key or secret {name}"),
    }
}

fn raw() -> Vec<u8> {
    bytes(key("ed25519").x.as_ref())
}

fn point() -> Vec<u8> {
    let key = key("es256");
    [vec![4], bytes(key.x.as_ref()), bytes(key.y.as_ref())].concat()
}

fn pkcs1() -> Vec<u8> {
    let key = key("rsa");
    let [n, e] = [key.n.as_ref(), key.e.as_ref()].map(bytes);
    // The highest bit of the modulus is set.
    let numbers = [tlv(2, &[vec![0], n].concat()), tlv(2, &e)].concat();
    tlv(0x30, &numbers)
}

fn spki_rsa() -> Vec<u8> {
    let bits = tlv(3, &[vec![0], pkcs1()].concat());
    tlv(0x30, &[RSA_OID, &bits].concat())
}

/// A DER element.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    let header = match (high, low) {
        (0, 0..0x80) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [&header, content].concat()
}

fn pem(label: &str, der: &[u8]) -> String {
    let base64 = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = base64
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}
