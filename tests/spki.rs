//! Public keys as SPKI in DER and PEM, byte for byte as openssl writes them.

mod support;

use jwt_ring::{Algorithm, KeyError, VerifyingKey};
use support::keys::{der, generate, verifying_key};

use Algorithm::{ES256, ES384, EdDSA, HS256, RS256};

const FILES: [(Algorithm, &str); 7] = [
    (EdDSA, "ed25519"),
    (ES256, "ecp256"),
    (ES384, "ecp384"),
    (RS256, "rsa2048"),
    (RS256, "rsa3072"),
    (RS256, "rsa4096"),
    (RS256, "rsa8192"),
];

#[test]
fn the_spki_of_a_key_is_that_of_openssl() {
    for (algorithm, file) in FILES {
        let spki = der(&format!("{file}.spki"));
        for form in ["spki", "x509"] {
            let key = verifying_key(algorithm, &format!("{file}.{form}"));
            assert_eq!(key.to_spki_der().as_ref(), Ok(&spki), "{file}");
        }
    }
    // An exponent of one byte.
    let small = verifying_key(RS256, "rsa-e3.spki");
    assert_eq!(small.to_spki_der(), Ok(der("rsa-e3.spki")));
}

#[cfg(feature = "pem")]
#[test]
fn the_pem_of_a_key_is_that_of_openssl() {
    for (algorithm, file) in FILES {
        let file = format!("{file}.spki");
        let pem = String::from_utf8(support::keys::pem(&file)).expect("text");
        let key = verifying_key(algorithm, &file);
        assert_eq!(key.to_spki_pem(), Ok(pem.clone()), "{file}");
        let again = VerifyingKey::from_pem(algorithm, pem).expect("a key");
        assert_eq!(again.thumbprint(), key.thumbprint());
    }
}

#[test]
fn a_symmetric_key_has_no_spki() {
    let key = generate(HS256).verifying_key();
    assert_eq!(key.to_spki_der(), Err(KeyError::NoPublicHalf));
    #[cfg(feature = "pem")]
    assert_eq!(key.to_spki_pem(), Err(KeyError::NoPublicHalf));
    assert!(generate(ES256).verifying_key().to_spki_der().is_ok());
}

/// RFC 5280 §4.1.1.2: the parameters of RSA are NULL, which has no content.
#[test]
fn a_null_with_content_is_rejected() {
    let good = der("rsa2048.spki");
    // SEQUENCE (4 bytes), SEQUENCE (2), OID (11), NULL (2).
    assert_eq!(good[17..19], [5, 0]);
    for content in [&[0][..], &[1, 2]] {
        let count = u8::try_from(content.len()).expect("short");
        let mut bad = good.clone();
        bad[3] += count;
        bad[5] += count;
        bad[18] = count;
        bad.splice(19..19, content.iter().copied());
        let error = VerifyingKey::from_der(RS256, &bad).expect_err("a NULL with content");
        assert_eq!(error.code(), "malformed");
    }
    // Some tools leave it out.
    let mut without = good.clone();
    without[3] -= 2;
    without[5] -= 2;
    without.drain(17..19);
    for der in [good, without] {
        VerifyingKey::from_der(RS256, der).expect("a key");
    }
}
