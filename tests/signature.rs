//! `Signature`: conversion from DER and bytes.

mod support;

use jwt_ring::{Algorithm, SignError, Signature};
use support::key_file;
use support::keys::{der, generate};

use Algorithm::{ES256, ES384, Ed25519, EdDSA, HS256, HS384, HS512, PS512, RS256};

/// Writes a raw signature in DER: minimal, non-negative integers.
fn signature_to_der(raw: &[u8]) -> Vec<u8> {
    let (r, s) = raw.split_at(raw.len() / 2);
    let integers = [r, s].map(|number| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let sign = match number.get(zeros) {
            Some(first) if *first < 0x80 => &[][..],
            _ => &[0],
        };
        let bytes = [sign, &number[zeros..]].concat();
        [&[2, length(&bytes)], &bytes[..]].concat()
    });
    let body = integers.concat();
    [&[0x30, length(&body)], &body[..]].concat()
}

fn length(bytes: &[u8]) -> u8 {
    u8::try_from(bytes.len())
        .ok()
        .filter(|length| *length < 0x80)
        .expect("a short length")
}

fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Vec<u8>, SignError> {
    Signature::from_der(algorithm, der).map(|signature| signature.as_ref().to_vec())
}

#[test]
fn a_signature_in_der_is_converted_to_raw() {
    for (algorithm, size) in [(ES256, 32), (ES384, 48)] {
        let number = |first: u8, zeros: usize| {
            let mut number = vec![0; size];
            number[zeros..].fill(first);
            number
        };
        let [small, large] = [number(0x01, 0), number(0xff, 0)];
        let [short, short_and_high] = [number(0x7f, 3), number(0x80, size - 1)];
        let made = generate(algorithm).sign(b"message").expect("a signature");
        for raw in [
            [&small[..], &large].concat(),
            [&large[..], &short].concat(),
            [&short[..], &short_and_high].concat(),
            [&short_and_high[..], &small].concat(),
            made.as_ref().to_vec(),
        ] {
            assert_eq!(from_der(algorithm, &signature_to_der(&raw)), Ok(raw));
        }
        // One byte more than the curve has.
        let long = [&[0x30, 6 + 2, 2, 1, 1, 2, 3, 1, 0, 0][..]].concat();
        assert!(from_der(algorithm, &long).is_ok());
        let long = signature_to_der(&[1; 98]);
        assert_eq!(
            from_der(algorithm, &long),
            Err(SignError::MalformedDer(algorithm))
        );
    }
}

#[test]
fn a_signature_of_openssl_in_der_verifies_as_raw() {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};
    for (algorithm, file, spki, ring) in [
        (
            ES256,
            "es256.signature.der",
            "ecp256.spki",
            &ECDSA_P256_SHA256_FIXED,
        ),
        (
            ES384,
            "es384.signature.der",
            "ecp384.spki",
            &ECDSA_P384_SHA384_FIXED,
        ),
    ] {
        let raw = from_der(algorithm, &key_file(file)).expect("a signature");
        let spki = der(spki);
        let point = &spki[spki.len() - raw.len() - 1..];
        assert!(
            UnparsedPublicKey::new(ring, point)
                .verify(b"message", &raw)
                .is_ok()
        );
    }
}

#[test]
fn a_signature_of_another_form_or_length_is_rejected() {
    let good = key_file("es256.signature.der");
    assert!(from_der(ES256, &good).is_ok());
    for bad in [
        vec![],
        good[..good.len() - 1].to_vec(),
        [&good[..], &[0]].concat(),
        vec![0x30, 0],
        vec![0x30, 3, 2, 1, 1],
        vec![0x30, 9, 2, 1, 1, 2, 1, 1, 2, 1, 1],
        vec![0x30, 6, 2, 1, 0x80, 2, 1, 1],
        vec![0x30, 7, 2, 2, 0, 1, 2, 1, 1],
        vec![0x30, 5, 2, 0, 2, 1, 1],
        vec![0x30, 0x81, 6, 2, 1, 1, 2, 1, 1],
        vec![0x31, 6, 2, 1, 1, 2, 1, 1],
        vec![7; 64],
    ] {
        assert_eq!(
            from_der(ES256, &bad),
            Err(SignError::MalformedDer(ES256)),
            "{bad:?}"
        );
    }
    for algorithm in [HS256, RS256, PS512, EdDSA, Ed25519] {
        assert_eq!(
            from_der(algorithm, &good),
            Err(SignError::MalformedDer(algorithm))
        );
    }

    for (algorithm, least, most) in [
        (HS256, 32, 32),
        (HS384, 48, 48),
        (HS512, 64, 64),
        (ES256, 64, 64),
        (ES384, 96, 96),
        (EdDSA, 64, 64),
        (Ed25519, 64, 64),
        (RS256, 256, 1024),
        (PS512, 256, 1024),
    ] {
        let from_bytes = |length| {
            Signature::from_bytes(algorithm, vec![7; length]).map(|signature| signature.algorithm())
        };
        assert_eq!(from_bytes(least), Ok(algorithm));
        assert_eq!(from_bytes(most), Ok(algorithm));
        for found in [0, least - 1, most + 1] {
            let error = from_bytes(found).expect_err("another length");
            let expected = format!(
                "SignatureLength {{ algorithm: {algorithm:?}, expected: {least}, found: {found} }}"
            );
            assert_eq!(format!("{error:?}"), expected);
        }
    }
}

#[test]
fn debug_output_names_the_algorithm_and_holds_no_bytes() {
    let signature = Signature::from_bytes(HS256, [7; 32]).expect("a signature");
    assert_eq!(
        format!("{signature:?}"),
        "Signature { algorithm: HS256, .. }"
    );
}
