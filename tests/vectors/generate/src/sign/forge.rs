//! Signatures that no honest signer makes: changed ones, and blocks that RSA must not accept.

use num_bigint::BigUint;
use ring::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use super::{Jwk, bytes, pss};

/// The orders of P-256, P-384 and Ed25519 (SP 800-186 §3.2.1, RFC 8032 §5.1).
const P256: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P384: &str = "ffffffffffffffffffffffffffffffffffffffffffffffff\
                    c7634d81f4372ddf581a0db248b0a77aecec196accc52973";
pub(crate) const ED25519: &str = "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed";
/// DigestInfo of SHA-256 up to the hash, with and without NULL (RFC 8017 §9.2).
const SHA256_INFO: &[u8] =
    b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
const SHA256_INFO_WITHOUT_NULL: &[u8] =
    b"\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20";

/// Makes a signature by its description: an algorithm, a colon, and what is done to its signature.
pub(super) fn sign(key: &Jwk, description: &str, input: &[u8]) -> Vec<u8> {
    let parts = description.split_once(": ");
    let (algorithm, change) = parts.unwrap_or_else(|| panic!("no algorithm {description}"));
    match algorithm {
        "RSA" => rsa(key, change, input),
        "SHA256" => digest::digest(&SHA256, input).as_ref().to_vec(),
        "ES256" => ecdsa(P256, change, key.sign(algorithm, input)),
        "ES384" => ecdsa(P384, change, key.sign(algorithm, input)),
        "EdDSA" => eddsa(change, key.sign(algorithm, input)),
        _ => changed(change, key.sign(algorithm, input)),
    }
}

fn changed(change: &str, mut signature: Vec<u8>) -> Vec<u8> {
    let last = signature.len() - 1;
    match change {
        "empty" => signature.clear(),
        "zeros" => signature.fill(0),
        "first bit" => signature[0] ^= 0x80,
        "last bit" => signature[last] ^= 1,
        "without first zero" => assert_eq!(signature.remove(0), 0, "another counter"),
        "without last byte" => drop(signature.pop()),
        "zero before" => signature.insert(0, 0),
        "zero after" => signature.push(0),
        "half" => signature.truncate(signature.len() / 2),
        "twice" => signature.extend_from_within(..),
        "hex" => {
            signature = signature
                .iter()
                .flat_map(|byte| format!("{byte:02x}").into_bytes())
                .collect();
        }
        _ => panic!("no change {change}"),
    }
    signature
}

fn ecdsa(order: &str, change: &str, signature: Vec<u8>) -> Vec<u8> {
    let order = number(order);
    let (r, s) = signature.split_at(signature.len() / 2);
    let fixed = |number: &BigUint| padded(number, r.len());
    let [zero, one, n] = [BigUint::ZERO, BigUint::from(1_u8), order.clone()].map(|one| fixed(&one));
    match change {
        "r is 0" => [&zero, s].concat(),
        "s is 0" => [r, &zero].concat(),
        "both are 1" => [&*one, &one].concat(),
        "r is n" => [&n, s].concat(),
        "s is n" => [r, &n].concat(),
        "both are n" => [&*n, &n].concat(),
        "all ones" => vec![0xff; signature.len()],
        "s is negated" => [r, &*fixed(&(order - BigUint::from_bytes_be(s)))].concat(),
        "swapped" => [s, r].concat(),
        "DER" => der(r, s),
        _ => changed(change, signature),
    }
}

/// An Ecdsa-Sig-Value (RFC 3279 §2.2.3).
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let mut number = BigUint::from_bytes_be(number).to_bytes_be();
        if number[0] >= 0x80 {
            number.insert(0, 0);
        }
        [vec![2, number.len().to_le_bytes()[0]], number].concat()
    };
    let content = [integer(r), integer(s)].concat();
    [vec![0x30, content.len().to_le_bytes()[0]], content].concat()
}

fn eddsa(change: &str, signature: Vec<u8>) -> Vec<u8> {
    let (r, s) = signature.split_at(32);
    match change {
        "s plus the order" => {
            let s = BigUint::from_bytes_le(s) + number(ED25519);
            [r, &*s.to_bytes_le()].concat()
        }
        "s is 0" => [r, &[0; 32]].concat(),
        "swapped" => [s, r].concat(),
        // Valid for a key of small order, if the hash is a multiple of its order.
        "identity" => [&[1][..], &[0; 63]].concat(),
        _ => changed(change, signature),
    }
}

fn rsa(key: &Jwk, change: &str, input: &[u8]) -> Vec<u8> {
    let length = bytes(key.n.as_ref()).len();
    let hash = digest::digest(&SHA256, input);
    let info = [SHA256_INFO, hash.as_ref()].concat();
    let salted = |salt| pss::encode(&SHA256, &SHA256, salt, length, input);
    let block = match change {
        "PKCS#1" => padded_block(1, &info, length),
        "block type 2" => padded_block(2, &info, length),
        "without NULL" => padded_block(
            1,
            &[SHA256_INFO_WITHOUT_NULL, hash.as_ref()].concat(),
            length,
        ),
        "hash alone" => padded_block(1, hash.as_ref(), length),
        "short padding" => {
            let start = [&[0, 1][..], &[0xff; 8], &[0], &info].concat();
            [start.clone(), vec![0; length - start.len()]].concat()
        }
        "short padding, ones" => {
            let start = [&[0, 1][..], &[0xff; 8], &[0], &info].concat();
            [start.clone(), vec![0xff; length - start.len()]].concat()
        }
        "salt of 0 bytes" => salted(0),
        "salt of 20 bytes" => salted(20),
        "salt of 31 bytes" => salted(31),
        "salt of 33 bytes" => salted(33),
        "longest salt" => salted(length - 34),
        "MGF1 with SHA-1" => pss::encode(&SHA256, &SHA1_FOR_LEGACY_USE_ONLY, 32, length, input),
        "another trailer" => [&salted(32)[..length - 1], &[0xcc]].concat(),
        // With an exponent of 1, a block is its own signature.
        "unsigned block" => return padded_block(1, &info, length),
        "plus n" => {
            let signature = BigUint::from_bytes_be(&key.sign("RS256", input));
            let sum = signature + BigUint::from_bytes_be(&bytes(key.n.as_ref()));
            assert!(sum.bits() <= 8 * length as u64, "another counter");
            return padded(&sum, length);
        }
        _ => panic!("no change {change}"),
    };
    key.rsa_primitive(&block)
}

/// A block of PKCS#1 v1.5 (RFC 8017 §9.2).
fn padded_block(kind: u8, info: &[u8], length: usize) -> Vec<u8> {
    let padding = vec![0xff; length - info.len() - 3];
    [&[0, kind][..], &padding, &[0], info].concat()
}

impl Jwk {
    /// RSASP1 (RFC 8017 §5.2.1), for keys and blocks that *ring* does not sign.
    pub(super) fn rsa_primitive(&self, block: &[u8]) -> Vec<u8> {
        let [n, d] = [self.n.as_ref(), self.private.d.as_ref()].map(bytes);
        let [exponent, modulus, number] = [&d, &n, block].map(BigUint::from_bytes_be);
        padded(&number.modpow(&exponent, &modulus), n.len())
    }
}

/// Reads a number in hexadecimal digits.
pub(crate) fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).expect("hexadecimal digits")
}

/// Writes a number with zeros at the start.
fn padded(number: &BigUint, length: usize) -> Vec<u8> {
    let digits = number.to_bytes_be();
    [vec![0; length - digits.len()], digits].concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_block_is_signed_as_ring_does() {
        let key = crate::sign::key("rsa");
        let signatures = ["RS256", "RSA: PKCS#1"].map(|name| key.sign(name, b"input"));
        assert_eq!(signatures[0], signatures[1]);
    }
}
