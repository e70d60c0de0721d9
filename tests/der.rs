//! Malformed and unusual keys in DER, each with its valid twin.

mod support;

use jwt_ring::{Algorithm, KeyError, SigningKey, VerifyingKey};
use support::keys::For::Signing;
use support::keys::{
    LOADS, NO_EC_PAIR, NO_ED25519_PAIR, assert_pair, der, generate, verifying_key,
};

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

const NO_EC_SIZE: &str =
    "expected an EC point of the size of its curve, found numbers that do not make one";

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

/// The last bytes of an SPKI are the raw key.
fn raw(key: &VerifyingKey, length: usize) -> Vec<u8> {
    let spki = key.to_spki_der().expect("a public key");
    spki[spki.len() - length..].to_vec()
}

/// Returns the uncompressed point of the P-256 key.
fn point() -> Vec<u8> {
    raw(&verifying_key(Algorithm::ES256, "ecp256.spki"), 65)
}

/// PKCS#8 version 2 (RFC 5958 §2) with the public key after the private key: as the RFC has it, and
/// with an explicit tag, as older *ring* wrote it.
fn pkcs8_v2(algorithm: &[Vec<u8>], private: &[u8], public: &[u8]) -> [Vec<u8>; 2] {
    let public = [&[0], public].concat();
    [tlv(0x81, &public), tlv(0xa1, &tlv(0x03, &public))].map(|public| {
        let (version, algorithm) = (tlv(0x02, &[1]), sequence(algorithm));
        sequence(&[version, algorithm, tlv(0x04, private), public])
    })
}

/// `ECPrivateKey` (RFC 5915 §3) of the P-256 key, with this public key.
fn sec1(public: Option<&[u8]>) -> Vec<u8> {
    let whole = der("ecp256.sec1");
    let scalar = tlv(0x04, &whole[7..39]);
    let public = public.map(|public| tlv(0xa1, &tlv(0x03, &[&[0], public].concat())));
    sequence(&[tlv(0x02, &[1]), scalar, public.unwrap_or_default()])
}

fn ec_p256(point: &[u8]) -> Result<VerifyingKey, KeyError> {
    let algorithm = sequence(&[oid(EC), oid(P256)]);
    VerifyingKey::from_der(Algorithm::ES256, spki(algorithm, point))
}

#[test]
fn a_point_has_the_size_of_its_curve_and_a_known_form() {
    let good = point();
    ec_p256(&good).expect("a good point");
    let size = Err(NO_EC_SIZE);
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
    let sec1 = der("ecp256.sec1");
    let pkcs8 = |curve| {
        let algorithm = sequence(&[oid(EC), oid(curve)]);
        let pkcs8 = sequence(&[tlv(0x02, &[0]), algorithm, tlv(0x04, &sec1)]);
        SigningKey::from_der(Algorithm::ES256, pkcs8)
    };
    pkcs8(P256).expect("one curve");
    assert_eq!(pkcs8(P384).expect_err("two curves").code(), "malformed");
}

/// The public key may be in the SEC1 structure, beside it, or in both.
#[test]
fn the_public_key_beside_an_ec_private_key_is_used_and_checked() {
    let (good, other) = (
        point(),
        raw(&generate(Algorithm::ES256).verifying_key(), 65),
    );
    let public = verifying_key(Algorithm::ES256, "ecp256.spki");
    let rows: [(_, &[u8], _); 8] = [
        (None, &good, LOADS),
        (Some(&good), &good, LOADS),
        (None, &other, NO_EC_PAIR),
        (Some(&good), &other, NO_EC_PAIR),
        (Some(&other), &good, NO_EC_PAIR),
        (Some(&other), &other, NO_EC_PAIR),
        (Some(&good), &[], NO_EC_PAIR),
        (None, &[], NO_EC_SIZE),
    ];
    for (inner, outer, expected) in rows {
        let private = sec1(inner.map(Vec::as_slice));
        for der in pkcs8_v2(&[oid(EC), oid(P256)], &private, outer) {
            assert_eq!(Signing(Algorithm::ES256).der(&der), expected, "{inner:?}");
            if expected == LOADS {
                let key = SigningKey::from_der(Algorithm::ES256, der).expect("a key");
                assert_pair(key, &public);
            }
        }
    }
    let compressed = [&[2 + good[64] % 2], &good[1..33]].concat();
    for der in pkcs8_v2(&[oid(EC), oid(P256)], &sec1(None), &compressed) {
        let error = SigningKey::from_der(Algorithm::ES256, der).err();
        assert_eq!(error, Some(KeyError::CompressedPoint));
    }
}

#[test]
fn the_public_key_beside_an_ed25519_private_key_is_checked() {
    let seed = &der("ed25519.pkcs8")[14..];
    let good = raw(&verifying_key(Algorithm::EdDSA, "ed25519.spki"), 32);
    let other = raw(&generate(Algorithm::EdDSA).verifying_key(), 32);
    for (public, expected) in [
        (&good[..], LOADS),
        (&other, NO_ED25519_PAIR),
        (&good[1..], NO_ED25519_PAIR),
        (&[], NO_ED25519_PAIR),
    ] {
        for der in pkcs8_v2(&[oid(ED25519)], seed, public) {
            assert_eq!(Signing(Algorithm::EdDSA).der(&der), expected);
        }
    }
}

/// A public key beside the private one is of version 2 (RFC 5958 §2), whose number is 1.
#[test]
fn a_public_key_beside_a_private_key_of_another_version_is_malformed() {
    let (ec, ed25519) = (
        point(),
        raw(&verifying_key(Algorithm::EdDSA, "ed25519.spki"), 32),
    );
    let seed = &der("ed25519.pkcs8")[14..];
    let both = [
        (
            Algorithm::ES256,
            pkcs8_v2(&[oid(EC), oid(P256)], &sec1(Some(&ec)), &ec),
        ),
        (Algorithm::EdDSA, pkcs8_v2(&[oid(ED25519)], seed, &ed25519)),
    ];
    for (algorithm, keys) in both {
        for mut der in keys {
            assert_eq!(Signing(algorithm).der(&der), LOADS);
            let version = if der[1] == 0x81 { 5 } else { 4 };
            assert_eq!(der[version - 2..=version], [0x02, 1, 1]);
            for other in [0, 2] {
                der[version] = other;
                let error = SigningKey::from_der(algorithm, &der).expect_err("another version");
                assert_eq!(error.code(), "malformed", "{algorithm} {other}");
            }
        }
    }
}

#[test]
fn the_public_key_beside_an_rsa_private_key_is_checked() {
    let private = der("rsa2048.pkcs1");
    let other = "expected an RSA private key with the public key that belongs to it, found numbers \
                 that do not make one";
    for (public, expected) in [
        (der("rsa2048.pkcs1-public"), LOADS),
        (der("rsa3072.pkcs1-public"), other),
        (private.clone(), other),
        (vec![], other),
    ] {
        for der in pkcs8_v2(&[oid(RSA), tlv(0x05, &[])], &private, &public) {
            assert_eq!(Signing(Algorithm::RS256).der(&der), expected);
        }
    }
}

#[test]
fn errors_name_the_kind_of_an_unsupported_key() {
    let dsa: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
    let x448: &[u8] = &[0x2b, 0x65, 0x6f];
    for (kind, found) in [
        (dsa, "a DSA public key"),
        (x448, "an X448 public key"),
        (ED25519, "an Ed25519 public key"),
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
    let ed25519 = spki(sequence(&[oid(ED25519)]), &[7; 32]);
    VerifyingKey::from_der(Algorithm::EdDSA, ed25519).expect("any 32 bytes");
}

#[test]
fn parts_of_keys_that_the_rfcs_do_not_allow_are_malformed() {
    let rsa = || sequence(&[oid(RSA), tlv(0x05, &[])]);
    let pkcs8 = |version, algorithm, private: &[u8]| {
        sequence(&[tlv(0x02, &[version]), algorithm, tlv(0x04, private)])
    };
    let private = der("rsa2048.pkcs1");
    let public = der("rsa2048.pkcs1-public");
    let mut three_primes = private.clone();
    assert_eq!(three_primes[4..7], [0x02, 1, 0], "the version");
    three_primes[6] = 1;
    let mut sec1_version_2 = der("ecp256.sec1");
    assert_eq!(sec1_version_2[2..5], [0x02, 1, 1]);
    sec1_version_2[4] = 2;
    let [with_public, _] = pkcs8_v2(&[oid(EC), oid(P256)], &sec1(None), &point());
    let mut unused_bits = with_public.clone();
    let bits = unused_bits.len() - point().len() - 1;
    unused_bits[bits] = 1;

    let without_public = sequence(&[
        tlv(0x02, &[1]),
        sequence(&[oid(EC), oid(P256)]),
        tlv(0x04, &sec1(Some(&point()))),
    ]);
    assert_eq!(Signing(Algorithm::ES256).der(&without_public), LOADS);
    for (what, algorithm, valid, malformed) in [
        (
            "version 2 of PKCS#8 without a public key",
            Algorithm::RS256,
            pkcs8(0, rsa(), &private),
            pkcs8(2, rsa(), &private),
        ),
        (
            "an RSA public key inside PKCS#8",
            Algorithm::RS256,
            pkcs8(0, rsa(), &private),
            pkcs8(0, rsa(), &public),
        ),
        (
            "an RSA key of more than two primes (RFC 8017 A.1.2)",
            Algorithm::RS256,
            private.clone(),
            three_primes,
        ),
        (
            "version 2 of SEC1",
            Algorithm::ES256,
            der("ecp256.sec1"),
            sec1_version_2,
        ),
        (
            "a public key with unused bits",
            Algorithm::ES256,
            with_public,
            unused_bits,
        ),
    ] {
        assert_eq!(Signing(algorithm).der(&valid), LOADS, "{what}");
        let error = SigningKey::from_der(algorithm, &malformed).expect_err(what);
        assert_eq!(error.code(), "malformed", "{what}");
    }

    let valid = VerifyingKey::from_der(Algorithm::RS256, spki(rsa(), &public));
    valid.expect("a public key");
    let error = VerifyingKey::from_der(Algorithm::RS256, spki(rsa(), &private));
    let error = error.expect_err("a private key inside SPKI");
    assert_eq!(error.code(), "malformed");
}

/// The public key beside a private key of an unsupported kind is not looked at.
#[test]
fn errors_name_the_kind_of_an_unsupported_private_key() {
    let x448: &[u8] = &[0x2b, 0x65, 0x6f];
    let unknown_curve: &[u8] = &[0x2a, 0x03];
    for (algorithm, found) in [
        (vec![oid(x448)], "an X448 private key"),
        (
            vec![oid(EC), oid(unknown_curve)],
            "an EC (on an unknown curve) private key",
        ),
    ] {
        for der in pkcs8_v2(&algorithm, &sec1(None), &[7; 56]) {
            let error = SigningKey::from_der(Algorithm::ES256, der).expect_err("another kind");
            let expected = "an EC P-256 private key";
            assert_eq!(
                format!("{error:?}"),
                format!("WrongKind {{ expected: {expected:?}, found: {found:?} }}")
            );
        }
    }
}
