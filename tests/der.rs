//! Keys in DER that no tool writes, each with its valid twin.

mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jwt_ring::{Algorithm, KeyError, SigningKey, VerifyingKey};
use support::key_file;

const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];

fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let mut der = vec![tag];
    match u8::try_from(length) {
        Ok(length @ 0..0x80) => der.push(length),
        Ok(length) => der.extend([0x81, length]),
        Err(_) => {
            der.push(0x82);
            der.extend(u16::try_from(length).expect("a short key").to_be_bytes());
        }
    }
    der.extend_from_slice(contents);
    der
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn oid(oid: &[u8]) -> Vec<u8> {
    tlv(0x06, oid)
}

fn spki(algorithm: Vec<u8>, public: &[u8]) -> Vec<u8> {
    sequence(&[algorithm, tlv(0x03, &[&[0], public].concat())])
}

fn der(file: &str) -> Vec<u8> {
    let pem = String::from_utf8(key_file(file)).expect("text");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(body).expect("base64")
}

/// Returns the uncompressed point of a P-256 key.
fn point() -> Vec<u8> {
    let spki = der("ecp256.spki.pem");
    spki[spki.len() - 65..].to_vec()
}

fn ec_p256(point: &[u8]) -> Result<VerifyingKey, KeyError> {
    let algorithm = sequence(&[oid(EC), oid(P256)]);
    VerifyingKey::from_der(Algorithm::ES256, spki(algorithm, point))
}

#[test]
fn a_point_has_the_size_of_its_curve_and_a_known_form() {
    let good = point();
    ec_p256(&good).expect("a good point");
    let size =
        Err("expected an EC point of the size of its curve, found numbers that do not make one");
    let curve =
        Err("expected a point on the curve of the EC key, found numbers that do not make one");
    let outcome = |point: &[u8]| {
        let result = ec_p256(point);
        result.map(drop).map_err(|error| error.to_string())
    };
    let check = |point: &[u8], expected: Result<(), &str>| {
        assert_eq!(outcome(point), expected.map_err(str::to_owned), "{point:?}");
    };
    check(&[], size);
    check(&[0], size);
    check(&good[..64], size);
    check(&[&good[..], &[0]].concat(), size);
    check(&[&[5], &good[1..]].concat(), size);
    check(&[&[4], &good[..32]].concat(), size);
    let mut off = good.clone();
    off[64] ^= 1;
    check(&off, curve);
    check(&[&[4], &[0; 64][..]].concat(), curve);

    let compressed = |first: u8, length: usize| ec_p256(&[&[first], &good[1..=length]].concat());
    for first in [2, 3] {
        assert_eq!(compressed(first, 32).err(), Some(KeyError::CompressedPoint));
        for length in [31, 33, 64] {
            let error = compressed(first, length).expect_err("a wrong length");
            assert_eq!(error.code(), "invalid");
        }
    }
    for first in [0, 1, 5, 0xff] {
        let error = compressed(first, 32).expect_err("an unknown form");
        assert_eq!(error.code(), "invalid");
    }
}

#[test]
fn two_names_of_different_curves_are_rejected() {
    let sec1 = der("ecp256.sec1.pem");
    let pkcs8 = |curve| {
        let algorithm = sequence(&[oid(EC), oid(curve)]);
        let pkcs8 = sequence(&[tlv(0x02, &[0]), algorithm, tlv(0x04, &sec1)]);
        SigningKey::from_der(Algorithm::ES256, pkcs8)
    };
    pkcs8(P256).expect("one curve");
    assert_eq!(pkcs8(P384).expect_err("two curves").code(), "malformed");
}

#[test]
fn errors_name_the_kind_of_an_unsupported_key() {
    let dsa: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
    let x448: &[u8] = &[0x2b, 0x65, 0x6f];
    for (kind, found) in [
        (dsa, "a DSA public key"),
        (x448, "an X448 public key"),
        (&[0x2b, 0x65, 0x70], "an Ed25519 public key"),
        (&[0x2a, 0x03], "an unknown kind of public key"),
    ] {
        let der = spki(sequence(&[oid(kind)]), &[7; 32]);
        let error = VerifyingKey::from_der(Algorithm::ES256, der).expect_err("another kind");
        let expected = "an EC P-256 public key";
        assert_eq!(
            format!("{error:?}"),
            format!("WrongKind {{ expected: {expected:?}, found: {found:?} }}")
        );
    }
    let ed25519 = spki(sequence(&[oid(&[0x2b, 0x65, 0x70])]), &[7; 32]);
    VerifyingKey::from_der(Algorithm::EdDSA, ed25519).expect("any 32 bytes");
}
