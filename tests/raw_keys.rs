//! Public keys as raw bytes, and Ed25519 keys that must be rejected.

mod support;

use jwt_ring::{Algorithm, KeyError, KeySet, VerifyingKey};
use serde_json::json;
use support::encode;
use support::keys::{assert_pair, der, signing_key, thumbprint, verifying_key};

use Algorithm::{ES256, ES384, Ed25519, EdDSA, HS256, RS256};

const INVALID_ED25519: &str = "expected a canonical Ed25519 public key that is not of small order, \
                               found numbers that do not make one";

/// The last bytes of an SPKI are the raw key.
fn raw(file: &str, length: usize) -> Vec<u8> {
    let der = der(file);
    der[der.len() - length..].to_vec()
}

fn error(result: Result<VerifyingKey, KeyError>) -> String {
    result.expect_err("no key").to_string()
}

#[test]
fn raw_bytes_are_the_key_of_the_spki() {
    for (algorithm, file, length) in [
        (EdDSA, "ed25519", 32),
        (Ed25519, "ed25519", 32),
        (ES256, "ecp256", 65),
        (ES384, "ecp384", 97),
    ] {
        let spki = format!("{file}.spki");
        let bytes = raw(&spki, length);
        let key = VerifyingKey::from_raw(algorithm, &bytes).expect("a key");
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(
            thumbprint(&key),
            thumbprint(&verifying_key(algorithm, &spki))
        );
        assert_pair(signing_key(algorithm, &format!("{file}.pkcs8")), &key);
        for wrong in [&bytes[1..], &[&bytes[..], &[0]].concat(), &[]] {
            let error = VerifyingKey::from_raw(algorithm, wrong).expect_err("a wrong length");
            assert_eq!(error.code(), "invalid");
        }
    }
}

#[test]
fn raw_bytes_are_of_a_key_that_the_algorithm_takes() {
    let (ed25519, point) = (raw("ed25519.spki", 32), raw("ecp256.spki", 65));
    for (algorithm, expected) in [(RS256, "an RSA public key"), (HS256, "a symmetric key")] {
        assert_eq!(
            error(VerifyingKey::from_raw(algorithm, &ed25519)),
            format!("expected {expected}, found raw bytes, which are an EC or Ed25519 public key")
        );
    }
    assert_eq!(
        error(VerifyingKey::from_raw(ES256, &ed25519)),
        "expected an EC point of the size of its curve, found numbers that do not make one"
    );
    assert_eq!(
        error(VerifyingKey::from_raw(EdDSA, &point)),
        "expected an Ed25519 public key of 32 bytes, found numbers that do not make one"
    );
    assert_eq!(
        VerifyingKey::from_raw(ES256, &point[..33])
            .map_err(|error| error.code())
            .err(),
        Some("invalid")
    );
    let compressed = [&[2], &point[1..33]].concat();
    assert_eq!(
        VerifyingKey::from_raw(ES256, compressed).err(),
        Some(KeyError::CompressedPoint)
    );
    let mut off_curve = point;
    off_curve[64] ^= 1;
    assert!(error(VerifyingKey::from_raw(ES256, off_curve)).contains("on the curve"));
}

/// Loads the bytes in each encoding, and returns the one error.
fn load_ed25519(point: [u8; 32]) -> Result<(), String> {
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(point) }).to_string();
    let mut spki = der("ed25519.spki");
    let start = spki.len() - 32;
    spki[start..].copy_from_slice(&point);
    let raw = VerifyingKey::from_raw(EdDSA, point).map(drop);
    assert_eq!(VerifyingKey::from_der(EdDSA, &spki).map(drop), raw);
    assert_eq!(VerifyingKey::from_jwk(EdDSA, &jwk).map(drop), raw);
    let set = KeySet::from_json(format!(r#"{{"keys":[{jwk}]}}"#)).expect("a set");
    assert_eq!(set.len(), usize::from(raw.is_ok()));
    raw.map_err(|error| error.to_string())
}

/// y of the points whose order divides 8, little-endian: 1, -1, 0, and two of order 8.
fn small_order() -> [[u8; 32]; 5] {
    let minus_one = little_endian(0xec, 0xff, 0x7f);
    let hex = |text: &str| {
        let byte = |at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex");
        std::array::from_fn(byte)
    };
    [
        little_endian(1, 0, 0),
        minus_one,
        [0; 32],
        hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    ]
}

fn little_endian(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut number = [middle; 32];
    (number[0], number[31]) = (first, last);
    number
}

fn with_sign(mut point: [u8; 32]) -> [u8; 32] {
    point[31] |= 0x80;
    point
}

#[test]
fn ed25519_keys_of_small_order_are_rejected() {
    let invalid = Err(INVALID_ED25519.to_owned());
    for y in small_order() {
        assert_eq!(load_ed25519(y), invalid, "{y:x?}");
        assert_eq!(load_ed25519(with_sign(y)), invalid, "{y:x?}");
    }
    // The neighbours of 0, 1 and -1, and of the points of order 8.
    let near = small_order().map(|mut y| {
        y[1] ^= 1;
        y
    });
    for y in [little_endian(2, 0, 0), little_endian(0xeb, 0xff, 0x7f)] {
        assert_eq!(load_ed25519(y), Ok(()), "{y:x?}");
        assert_eq!(load_ed25519(with_sign(y)), Ok(()), "{y:x?}");
    }
    for y in near {
        assert_eq!(load_ed25519(y), Ok(()), "{y:x?}");
    }
}

#[test]
fn ed25519_keys_that_are_not_canonical_are_rejected() {
    let invalid = Err(INVALID_ED25519.to_owned());
    // From 2^255 - 19 on, which is 0 again.
    for first in 0xed..=0xff {
        let y = little_endian(first, 0xff, 0x7f);
        assert_eq!(load_ed25519(y), invalid, "{first:x}");
        assert_eq!(load_ed25519(with_sign(y)), invalid, "{first:x}");
    }
    for y in [
        little_endian(0xff, 0xff, 0x7e),
        little_endian(0xff, 0xfe, 0x7f),
        little_endian(0xeb, 0xff, 0x7f),
    ] {
        assert_eq!(load_ed25519(y), Ok(()), "{y:x?}");
    }
    let mut one_byte_less = little_endian(0xff, 0xff, 0x7f);
    one_byte_less[30] = 0xfe;
    assert_eq!(load_ed25519(one_byte_less), Ok(()));
}

/// *ring* accepts a signature by such a key for many messages: R is the neutral element, S is 0.
#[test]
fn a_key_of_small_order_would_verify_a_signature_made_without_a_private_key() {
    use ring::signature::{ED25519, UnparsedPublicKey};
    let mut forged = [0; 64];
    forged[0] = 1;
    for y in small_order() {
        let key = UnparsedPublicKey::new(&ED25519, y);
        let messages = (0..200_u8).map(|n| [n; 8]);
        let accepted = messages.filter(|message| key.verify(message, &forged).is_ok());
        assert!(accepted.count() > 5, "{y:x?}");
    }
}
