//! Loading keys: every encoding that openssl writes, and every error with its message.
//!
//! `tests/keys/README.md` lists the files. Each is loaded as DER and, with the feature `pem`, as PEM;
//! the results must be equal.

mod support;

use jwt_ring::Algorithm;
#[cfg(feature = "pem")]
use jwt_ring::{SigningKey, VerifyingKey};
use support::keys::For::{self, Signing, Verifying};
use support::keys::{
    ENCRYPTED, NO_EC_PAIR, NO_RSA_PAIR, NO_RSA_PUBLIC, NO_STRUCTURE, OFF_CURVE, SMALL_TO_SIGN,
    SMALL_TO_VERIFY,
};
use support::keys::{
    LOADS, RSA, assert_pair, der, pem, signing_key, thumbprint, verify, verifying_key,
};
use support::keys_directory;

use Algorithm::{
    ES256, ES384, Ed25519, EdDSA, HS256, HS512, PS256, PS384, PS512, RS256, RS384, RS512,
};

/// The algorithms of a key, the files that sign, and the files that verify.
const PAIRS: [(&[Algorithm], &[&str], &[&str]); 6] = [
    (
        &[EdDSA, Ed25519],
        &["ed25519.pkcs8"],
        &["ed25519.spki", "ed25519.x509"],
    ),
    (
        &[ES256],
        &["ecp256.pkcs8", "ecp256.sec1", "ecp256.with-parameters"],
        &["ecp256.spki", "ecp256.x509"],
    ),
    (
        &[ES384],
        &["ecp384.pkcs8", "ecp384.sec1"],
        &["ecp384.spki", "ecp384.x509"],
    ),
    (
        RSA,
        &["rsa2048.pkcs8", "rsa2048.pkcs1"],
        &["rsa2048.spki", "rsa2048.pkcs1-public", "rsa2048.x509"],
    ),
    (
        RSA,
        &["rsa3072.pkcs8", "rsa3072.pkcs1"],
        &["rsa3072.spki", "rsa3072.pkcs1-public", "rsa3072.x509"],
    ),
    (
        RSA,
        &["rsa4096.pkcs8", "rsa4096.pkcs1"],
        &["rsa4096.spki", "rsa4096.pkcs1-public", "rsa4096.x509"],
    ),
];

#[test]
fn every_file_serves_every_algorithm_of_its_key() {
    for (algorithms, private, public) in PAIRS {
        for &algorithm in algorithms {
            for file in private {
                assert_eq!(Signing(algorithm).file(file), LOADS, "{file}");
            }
            for file in public {
                assert_eq!(Verifying(algorithm).file(file), LOADS, "{file}");
                for private in private {
                    let private = signing_key(algorithm, private);
                    let public = verifying_key(algorithm, file);
                    assert_eq!(thumbprint(&public), thumbprint(&private.verifying_key()));
                    assert_pair(private, &public);
                }
            }
        }
    }
}

#[cfg(feature = "pem")]
#[test]
fn pem_and_der_of_a_file_are_the_same_key() {
    for (algorithms, private, public) in PAIRS {
        let algorithm = algorithms[0];
        for file in private {
            let key = SigningKey::from_pem(algorithm, pem(file)).expect("a key");
            assert_pair(key, &verifying_key(algorithm, public[0]));
        }
        for file in public {
            let key = VerifyingKey::from_pem(algorithm, pem(file)).expect("a key");
            assert_pair(signing_key(algorithm, private[0]), &key);
        }
    }
}

/// openssl signed this with `rsa-e3.pkcs8.pem`, which *ring* does not sign with.
#[test]
fn a_key_that_ring_only_verifies_with_loads_for_verifying() {
    let key = verifying_key(RS256, "rsa-e3.spki");
    assert_eq!(Verifying(RS256).file("rsa-e3.spki"), LOADS);
    verify(
        "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3OTU0MzUyMDF9.\
         QrHQxiMaWlzEiwA7L-R31OBoGVAW81y3WwTV76_4tqYUEF7eIYWuNMOCosjFmauGa2KxBoCj3C19roNYozIHurnAGTt\
         VjtOx3bilxFxg8iIySM7ziMSkSX0vrtyaIsyl6XvFgsfQBMzRSyYHekhbzG5F5nLTjneT0mb_fIFPQ721dw2dsOFJxg\
         jZH1eQSL3YIoguUNqW7JpI8Q2SmsOyiewos43ImS0SgzTA7IhATGRJA0eCDPvSUX0WrieKNp1DDhP5Jq0mFua7MiVrt\
         -stntnM1RnqrAMndQnZvrJvNWPgdH7V6ikvEdBjJvrWs21ueAkQJs-qClNFFcn2Yse5Cw",
        &key,
    );
    for file in ["rsa8192.spki", "rsa8192.pkcs1-public", "rsa8192.x509"] {
        for &algorithm in RSA {
            assert_eq!(Verifying(algorithm).file(file), LOADS, "{file}");
        }
    }
}

/// The name of a kind of key, its private files, and its public ones.
const KINDS: [(&str, &[&str], &[&str]); 10] = [
    ("an RSA", PAIRS[3].1, PAIRS[3].2),
    ("an EC P-256", PAIRS[1].1, PAIRS[1].2),
    ("an EC P-384", PAIRS[2].1, PAIRS[2].2),
    ("an Ed25519", PAIRS[0].1, PAIRS[0].2),
    (
        "an EC P-521",
        &["ecp521.pkcs8", "ecp521.sec1"],
        &["ecp521.spki", "ecp521.x509"],
    ),
    (
        "an EC secp256k1",
        &["ecsecp256k1.pkcs8", "ecsecp256k1.sec1"],
        &["ecsecp256k1.spki", "ecsecp256k1.x509"],
    ),
    (
        "an EC (on a curve without a name)",
        &["ecp256.explicit.sec1"],
        &["ecp256.explicit.spki"],
    ),
    ("an Ed448", &["ed448.pkcs8"], &["ed448.spki"]),
    ("an X25519", &["x25519.pkcs8"], &["x25519.spki"]),
    (
        "an RSASSA-PSS (not plain RSA)",
        &["rsa-pss.pkcs8"],
        &["rsa-pss.spki"],
    ),
];

/// Every kind of key for every family and either use.
#[test]
fn a_key_of_another_kind_is_rejected_with_both_kinds() {
    let families = [
        (RS256, "an RSA"),
        (PS512, "an RSA"),
        (ES256, "an EC P-256"),
        (ES384, "an EC P-384"),
        (EdDSA, "an Ed25519"),
        (Ed25519, "an Ed25519"),
    ];
    for (kind, private, public) in KINDS {
        let private = private.iter().map(|file| (file, "private"));
        let files = private.chain(public.iter().map(|file| (file, "public")));
        for (file, half) in files {
            let found = format!("{kind} {half} key");
            for (algorithm, wanted) in families {
                for (load, wanted_half) in [
                    (Signing(algorithm), "private"),
                    (Verifying(algorithm), "public"),
                ] {
                    let wanted = format!("{wanted} {wanted_half} key");
                    let expected = match found == wanted {
                        true => LOADS.into(),
                        false => format!("expected {wanted}, found {found}"),
                    };
                    assert_eq!(load.file(file), expected, "{file} {load:?}");
                }
            }
            let expected = format!("expected a symmetric key, found {found}");
            assert_eq!(Signing(HS256).file(file), expected);
            assert_eq!(Verifying(HS512).file(file), expected);
        }
    }
    // One message in full.
    assert_eq!(
        Verifying(RS256).file("ecp384.pkcs8"),
        "expected an RSA public key, found an EC P-384 private key"
    );
}

const NO_PUBLIC: &str = "expected an EC private key with its public key, found one without: \
                         add it with `openssl ec -in key.pem -out with-public.pem`";
const COMPRESSED: &str = "expected an uncompressed EC point, found a compressed one: convert the \
                          key with `openssl ec -conv_form uncompressed -in key.pem -out \
                          uncompressed.pem` (and `-pubin` for a public key)";
const LARGE_TO_SIGN: &str = "expected an RSA modulus of 2048 to 4096 bits, found 8192 bits";

/// `every_file_serves_every_algorithm_of_its_key` loads their valid twins.
#[test]
fn an_unusable_key_of_the_right_kind_is_rejected_with_the_remedy() {
    let rows = [
        (Signing(ES256), "ecp256.no-public.sec1", NO_PUBLIC),
        (Signing(ES256), "ecp256.no-public.pkcs8", NO_PUBLIC),
        (Signing(ES256), "ecp256.compressed.sec1", COMPRESSED),
        (Verifying(ES256), "ecp256.compressed.spki", COMPRESSED),
        (Signing(ES256), "encrypted.pkcs8", ENCRYPTED),
        (Signing(RS256), "rsa1024.pkcs8", SMALL_TO_SIGN),
        (Signing(PS512), "rsa1024.pkcs1", SMALL_TO_SIGN),
        (Verifying(RS256), "rsa1024.spki", SMALL_TO_VERIFY),
        (Verifying(PS384), "rsa1024.pkcs1-public", SMALL_TO_VERIFY),
        (Verifying(RS512), "rsa1024.x509", SMALL_TO_VERIFY),
        (Signing(RS256), "rsa8192.pkcs8", LARGE_TO_SIGN),
        (Signing(PS256), "rsa8192.pkcs1", LARGE_TO_SIGN),
        (Signing(RS384), "rsa-e3.pkcs8", NO_RSA_PAIR),
        (Signing(RS256), "rsa2560.pkcs8", NO_RSA_PAIR),
        (Signing(RS256), "rsa-primes-unequal.pkcs1", NO_RSA_PAIR),
        (Signing(RS256), "rsa-d-long.pkcs1", NO_RSA_PAIR),
        (Signing(RS256), "rsa-d-short.pkcs1", NO_RSA_PAIR),
    ];
    for (load, file, message) in rows {
        assert_eq!(load.file(file), message, "{file}");
    }
}

/// *ring* signs without d and does not check it, and AWS-LC checks it.
#[test]
fn a_private_exponent_of_another_rsa_key_is_rejected_by_aws_lc() {
    let expected = if cfg!(feature = "aws-lc-rs") {
        NO_RSA_PAIR
    } else {
        LOADS
    };
    for &algorithm in RSA {
        assert_eq!(Signing(algorithm).file("rsa-d-other.pkcs1"), expected);
    }
}

const NO_SEQUENCE: &str = "expected a key in DER, found that it is not one SEQUENCE";

/// Each row changes the bytes of a valid file.
#[test]
fn bytes_that_are_not_the_der_of_a_key_are_rejected() {
    type Row<'a> = (&'a str, fn(&mut Vec<u8>), &'a str);
    let check = |load: For, file: &str, rows: &[Row<'_>]| {
        assert_eq!(load.file(file), LOADS, "{file}");
        for (name, change, message) in rows {
            let mut bytes = der(file);
            change(&mut bytes);
            assert_eq!(load.der(&bytes), *message, "{file}: {name}");
        }
    };
    let flip_last = |der: &mut Vec<u8>| *der.last_mut().expect("a byte") ^= 1;
    let public: &[Row<'_>] = &[
        ("empty", Vec::clear, NO_SEQUENCE),
        ("a tag only", |der| der.truncate(1), NO_SEQUENCE),
        ("a SET", |der| der[0] = 0x31, NO_SEQUENCE),
        ("a byte too many", |der| der.push(0), NO_SEQUENCE),
        ("a byte too few", |der| _ = der.pop(), NO_SEQUENCE),
        ("a long length", |der| der.insert(1, 0x81), NO_SEQUENCE),
        ("indefinite length", |der| der[1] = 0x80, NO_SEQUENCE),
        ("a bit unused", |der| der[11] = 1, NO_STRUCTURE),
    ];
    check(Verifying(EdDSA), "ed25519.spki", public);
    let long_inside = |der: &mut Vec<u8>| {
        der[1] += 1;
        der.insert(3, 0x81);
    };
    let more_inside = |der: &mut Vec<u8>| {
        der[1] += 2;
        der.extend([5, 0]);
    };
    let private: &[Row<'_>] = &[
        ("an unknown version", |der| der[4] = 2, NO_STRUCTURE),
        ("an extra value inside", more_inside, NO_STRUCTURE),
    ];
    check(Signing(EdDSA), "ed25519.pkcs8", private);
    check(
        Verifying(EdDSA),
        "ed25519.spki",
        &[("a long length inside", long_inside, NO_STRUCTURE)],
    );
    for (load, file, message) in [
        (Verifying(ES256), "ecp256.spki", OFF_CURVE),
        (Verifying(ES384), "ecp384.spki", OFF_CURVE),
        (Signing(ES256), "ecp256.sec1", NO_EC_PAIR),
        (Signing(ES384), "ecp384.pkcs8", NO_EC_PAIR),
        (Verifying(RS256), "rsa2048.spki", NO_RSA_PUBLIC),
        (Signing(RS256), "rsa2048.pkcs1", NO_RSA_PAIR),
        (Signing(RS256), "rsa2048.pkcs8", NO_RSA_PAIR),
    ] {
        check(load, file, &[("the last bit", flip_last, message)]);
    }
    assert_eq!(Verifying(ES256).der(&der("request")), NO_STRUCTURE);
    assert_eq!(Signing(ES256).der(&pem("ecp256.pkcs8")), NO_SEQUENCE);
}

#[test]
fn every_key_file_is_used_by_a_test() {
    for entry in std::fs::read_dir(keys_directory()).expect("the keys") {
        let name = entry.expect("an entry").file_name();
        let stem = name.to_str().expect("UTF-8").trim_end_matches(".pem");
        let tests = [
            include_str!("keys.rs"),
            include_str!("jwk.rs"),
            include_str!("pem.rs"),
            include_str!("signature.rs"),
        ];
        let is_named = tests.concat().contains(&format!("\"{stem}\""));
        assert!(is_named || name == "README.md", "{stem}");
    }
}
