//! Every encoding of every kind of key, as openssl makes it, and every refusal with its sentence.
//!
//! `tests/keys/README.md` says what is in the files. Each is loaded as DER, taken out of the PEM by
//! hand, and with the feature `pem` as it stands: both must say the same.

mod support;

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jwt_ring::{
    Algorithm, Claims, KeyError, SignError, Signature, Signer, SigningKey, Token, Verifier,
    VerifyingKey,
};
use serde_json::{Value, json};
use support::{clock, decode, encode, key_file};

use Algorithm::{
    ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512,
};
use For::{Signing, Verifying};

/// What a key is loaded for.
#[derive(Clone, Copy, Debug)]
enum For {
    Signing(Algorithm),
    Verifying(Algorithm),
}

const LOADS: &str = "loads";

/// `loads`, or the sentence of the error.
fn verdict<K>(result: Result<K, KeyError>) -> String {
    result.map_or_else(|error| error.to_string(), |_| LOADS.into())
}

impl For {
    fn der(self, der: &[u8]) -> String {
        match self {
            Signing(algorithm) => verdict(SigningKey::from_der(algorithm, der)),
            Verifying(algorithm) => verdict(VerifyingKey::from_der(algorithm, der)),
        }
    }

    #[cfg(feature = "pem")]
    fn pem(self, pem: impl AsRef<[u8]>) -> String {
        match self {
            Signing(algorithm) => verdict(SigningKey::from_pem(algorithm, pem)),
            Verifying(algorithm) => verdict(VerifyingKey::from_pem(algorithm, pem)),
        }
    }

    fn jwk(self, jwk: &str) -> String {
        match self {
            Signing(algorithm) => verdict(SigningKey::from_jwk(algorithm, jwk)),
            Verifying(algorithm) => verdict(VerifyingKey::from_jwk(algorithm, jwk)),
        }
    }

    fn file(self, stem: &str) -> String {
        let said = self.der(&der(stem));
        #[cfg(feature = "pem")]
        assert_eq!(self.pem(pem(stem)), said, "{stem} as PEM and as DER");
        said
    }
}

fn pem(stem: &str) -> Vec<u8> {
    key_file(&format!("{stem}.pem"))
}

/// The bytes of the last block of the file.
fn der(stem: &str) -> Vec<u8> {
    let pem = String::from_utf8(pem(stem)).expect("text");
    let (_, block) = pem.rsplit_once("-----BEGIN ").expect("a block");
    let body = block
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('-'));
    BASE64_STANDARD
        .decode(body.collect::<String>())
        .expect("base64")
}

fn signing_key(algorithm: Algorithm, stem: &str) -> SigningKey {
    SigningKey::from_der(algorithm, der(stem)).expect("a key")
}

fn verifying_key(algorithm: Algorithm, stem: &str) -> VerifyingKey {
    VerifyingKey::from_der(algorithm, der(stem)).expect("a key")
}

fn thumbprint(key: &VerifyingKey) -> String {
    key.thumbprint().expect("a public key")
}

fn verify(jwt: &str, key: &VerifyingKey) {
    let verified: Result<Token<Value>, _> = Verifier::new().clock(clock()).verify(jwt, key);
    verified.unwrap_or_else(|error| panic!("{error}: {key:?}"));
}

/// Shows that the one key signs what the other verifies.
#[track_caller]
fn assert_pair(private: SigningKey, public: &VerifyingKey) {
    let claims: Claims = Claims::new(&clock(), Duration::from_secs(1));
    verify(
        &Signer::new(private).sign(&claims).expect("a token"),
        public,
    );
}

const RSA: &[Algorithm] = &[RS256, RS384, RS512, PS256, PS384, PS512];

/// The algorithms of a key, the files that sign, and the files that verify.
const PAIRS: [(&[Algorithm], &[&str], &[&str]); 6] = [
    (
        &[EdDSA],
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
fn the_pem_of_a_file_is_the_key_of_its_der() {
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

/// openssl signed this with `rsa-e3.pkcs8.pem`, which ring does not sign with.
#[test]
fn what_only_verifies_loads_for_verifying() {
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

/// Every kind of key in every file, for every family and either use: what loads is the diagonal.
#[test]
fn a_key_of_another_kind_is_told_apart_from_the_one_wanted() {
    let families = [
        (RS256, "an RSA"),
        (PS512, "an RSA"),
        (ES256, "an EC P-256"),
        (ES384, "an EC P-384"),
        (EdDSA, "an Ed25519"),
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
                        false => format!("found {found}, wanted {wanted}"),
                    };
                    assert_eq!(load.file(file), expected, "{file} {load:?}");
                }
            }
            let expected = format!("found {found}, wanted a symmetric key");
            assert_eq!(Signing(HS256).file(file), expected);
            assert_eq!(Verifying(HS512).file(file), expected);
        }
    }
    // One of them in plain words, to be found by who looks for it.
    assert_eq!(
        Verifying(RS256).file("ecp384.pkcs8"),
        "found an EC P-384 private key, wanted an RSA public key"
    );
}

const NO_PUBLIC: &str = "expected an EC private key with its public key, found one without: \
                         add it with `openssl ec -in key.pem -out with-public.pem`";
const COMPRESSED: &str = "expected an uncompressed EC point, found a compressed one: convert the \
                          key with `openssl ec -conv_form uncompressed -in key.pem -out \
                          uncompressed.pem` (and `-pubin` for a public key)";
const SMALL_TO_SIGN: &str = "expected an RSA modulus of 2048 to 4096 bits, found 1024 bits";
const LARGE_TO_SIGN: &str = "expected an RSA modulus of 2048 to 4096 bits, found 8192 bits";
const SMALL_TO_VERIFY: &str = "expected an RSA modulus of 2048 to 8192 bits, found 1024 bits";
const NO_RSA_PAIR: &str = "expected an RSA private key with two primes, whose exponent is 65537 or \
                           more, found numbers that do not make one";
const NO_RSA_PUBLIC: &str = "expected an RSA public key with an odd exponent from 3 to 33 bits, \
                             found numbers that do not make one";
const NO_EC_PAIR: &str = "expected an EC private key with the public key that belongs to it, found \
                          numbers that do not make one";
const OFF_CURVE: &str = "expected a point on the curve of the EC key, found numbers that do not \
                         make one";
const NO_ED25519_PAIR: &str = "expected an Ed25519 private key with the public key that belongs to \
                               it, found numbers that do not make one";
const NO_ED25519_POINT: &str = "expected an Ed25519 public key of 32 bytes, found numbers that do \
                                not make one";
const ENCRYPTED: &str = "expected a plain private key, found an encrypted one: \
                         decrypt it with `openssl pkey -in encrypted.pem -out key.pem`";

/// The test of the pairs shows that their good twins load for the same use.
#[test]
fn a_key_of_the_right_kind_that_cannot_be_used_is_refused_with_the_remedy() {
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
    ];
    for (load, file, sentence) in rows {
        assert_eq!(load.file(file), sentence, "{file}");
    }
}

const NO_SEQUENCE: &str = "expected a key in DER, found that it is not one SEQUENCE";
const NO_SHAPE: &str = "expected a key in DER, found that it is not of the shape of PKCS#8, \
                        PKCS#1, SEC1, SPKI or X.509";

/// Each row spoils the bytes of a good file.
#[test]
fn bytes_that_are_not_der_or_not_of_a_key_are_refused() {
    type Row<'a> = (&'a str, fn(&mut Vec<u8>), &'a str);
    let check = |load: For, file: &str, rows: &[Row<'_>]| {
        assert_eq!(load.file(file), LOADS, "{file}");
        for (name, spoil, sentence) in rows {
            let mut bytes = der(file);
            spoil(&mut bytes);
            assert_eq!(load.der(&bytes), *sentence, "{file}: {name}");
        }
    };
    let flip_last = |der: &mut Vec<u8>| *der.last_mut().expect("a byte") ^= 1;
    let public: &[Row<'_>] = &[
        ("nothing", Vec::clear, NO_SEQUENCE),
        ("a tag only", |der| der.truncate(1), NO_SEQUENCE),
        ("a SET", |der| der[0] = 0x31, NO_SEQUENCE),
        ("a byte too many", |der| der.push(0), NO_SEQUENCE),
        ("a byte too few", |der| _ = der.pop(), NO_SEQUENCE),
        ("a long length", |der| der.insert(1, 0x81), NO_SEQUENCE),
        ("indefinite length", |der| der[1] = 0x80, NO_SEQUENCE),
        ("a bit unused", |der| der[11] = 1, NO_SHAPE),
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
        ("a version unheard of", |der| der[4] = 2, NO_SHAPE),
        ("a value too many inside", more_inside, NO_SHAPE),
    ];
    check(Signing(EdDSA), "ed25519.pkcs8", private);
    check(
        Verifying(EdDSA),
        "ed25519.spki",
        &[("a long length inside", long_inside, NO_SHAPE)],
    );
    for (load, file, sentence) in [
        (Verifying(ES256), "ecp256.spki", OFF_CURVE),
        (Verifying(ES384), "ecp384.spki", OFF_CURVE),
        (Signing(ES256), "ecp256.sec1", NO_EC_PAIR),
        (Signing(ES384), "ecp384.pkcs8", NO_EC_PAIR),
        (Verifying(RS256), "rsa2048.spki", NO_RSA_PUBLIC),
        (Signing(RS256), "rsa2048.pkcs1", NO_RSA_PAIR),
        (Signing(RS256), "rsa2048.pkcs8", NO_RSA_PAIR),
    ] {
        check(load, file, &[("the last bit", flip_last, sentence)]);
    }
    assert_eq!(Verifying(ES256).der(&der("request")), NO_SHAPE);
    assert_eq!(Signing(ES256).der(&pem("ecp256.pkcs8")), NO_SEQUENCE);
}

/// PKCS#8 version 2 (RFC 5958), in the form of the RFC and in the one that older *ring* wrote.
#[test]
fn an_ed25519_key_with_its_public_key_is_checked_against_it() {
    let public = der("ed25519.spki")[12..].to_vec();
    let with_public = |tag: &[u8], point: &[u8]| {
        let mut bytes = [&der("ed25519.pkcs8"), tag, point].concat();
        bytes[1] = u8::try_from(bytes.len() - 2).expect("short");
        bytes[4] = 1;
        bytes
    };
    for tag in [&[0x81, 0x21, 0][..], &[0xa1, 0x23, 0x03, 0x21, 0]] {
        assert_eq!(Signing(EdDSA).der(&with_public(tag, &public)), LOADS);
        let alien = with_public(tag, &[9; 32]);
        assert_eq!(Signing(EdDSA).der(&alien), NO_ED25519_PAIR);
    }
}

#[cfg(feature = "pem")]
#[test]
fn a_pem_file_may_come_from_anywhere_but_holds_one_plain_key() {
    const NO_PEM: &str = "expected a PEM block, found none: is the file empty, or is it DER?";
    const TWO: &str = "expected one PEM block, found 2: keep one key or certificate in each file";
    const NO_BLOCK: &str = "expected a PEM block, found that it has no end, or is not base64";
    const NO_KEY: &str =
        "expected a PEM block, found that it has a label that no key for tokens has";
    let text = |stem| String::from_utf8(pem(stem)).expect("text");
    let (ec, rsa) = (text("ecp256.spki"), text("rsa2048.pkcs1-public"));
    let (to_verify, to_sign) = (Verifying(ES256), Signing(ES256));

    for (load, pem) in [(to_verify, &ec), (Verifying(RS256), &rsa)] {
        for pem in [
            pem.replace('\n', "\r\n"),
            format!("subject=CN = test\n\n{pem}\nand text after it\n"),
            format!("Attributes: none\r\n{}", pem.replace('\n', "\r\n")),
            pem.trim_end().to_owned(),
        ] {
            assert_eq!(load.pem(&pem), LOADS, "{pem}");
        }
    }
    let (head, end) = ec.split_once("-----END").expect("an end");
    for (load, pem, sentence) in [
        (to_verify, String::new(), NO_PEM),
        (to_verify, "no key at all".into(), NO_PEM),
        (to_verify, head.lines().skip(1).collect(), NO_PEM),
        (to_verify, format!("{ec}{rsa}"), TWO),
        (to_verify, format!("{ec}{ec}"), TWO),
        (to_sign, format!("{}{ec}", text("ecp256.sec1")), TWO),
        (to_verify, head.into(), NO_BLOCK),
        (to_verify, format!("{head}!\n-----END{end}"), NO_BLOCK),
        (to_verify, ec.replace("END PUBLIC", "END PRIVATE"), NO_BLOCK),
        (to_verify, text("request"), NO_KEY),
        (to_sign, text("encrypted.sec1"), ENCRYPTED),
        (to_sign, text("encrypted.pkcs8"), ENCRYPTED),
        (Signing(RS256), text("encrypted.pkcs1"), ENCRYPTED),
    ] {
        assert_eq!(load.pem(&pem), sentence, "{pem}");
    }
    assert_eq!(to_verify.pem(der("ecp256.spki")), NO_PEM);
}

#[test]
fn a_secret_is_as_long_as_the_hash_and_not_the_text_of_a_key() {
    let load = |algorithm, secret: &[u8]| {
        let said = verdict(SigningKey::from_secret(algorithm, secret));
        assert_eq!(verdict(VerifyingKey::from_secret(algorithm, secret)), said);
        let jwk = json!({ "kty": "oct", "k": encode(secret) }).to_string();
        assert_eq!(Signing(algorithm).jwk(&jwk), said);
        assert_eq!(Verifying(algorithm).jwk(&jwk), said);
        said
    };
    for (algorithm, least) in [(HS256, 32), (HS384, 48), (HS512, 64)] {
        assert_eq!(load(algorithm, &vec![7; least]), LOADS);
        let found = least - 1;
        let short =
            format!("expected a secret of {least} bytes or more for {algorithm}, found {found}");
        assert_eq!(load(algorithm, &vec![7; found]), short);
    }

    let text = |stem| String::from_utf8(pem(stem)).expect("text");
    let jwk = jwk_of(RS256, "rsa2048.spki").to_string();
    let ssh = "AAAAC3NzaC1lZDI1NTE5AAAAIGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE";
    for (secret, what) in [
        (text("rsa2048.spki"), "a PEM block"),
        (text("ecp256.x509"), "a PEM block"),
        (
            format!("\n\ncomment\n{}", text("ed25519.spki")),
            "a PEM block",
        ),
        (jwk.clone(), "a JWK"),
        (format!(" \n{jwk}\n"), "a JWK"),
        (format!("{{\"keys\":[{jwk}]}}"), "a JWK"),
        (format!("ssh-ed25519 {ssh} user@host"), "an SSH key"),
        (format!("ecdsa-sha2-nistp256 {ssh}"), "an SSH key"),
    ] {
        let sentence =
            format!("expected a random secret, found {what}: load it as the key that it is");
        assert_eq!(load(HS256, secret.as_bytes()), sentence, "{secret}");
    }
    // Secrets that only look like it from afar.
    for secret in [
        ssh,
        "{not a JWK, but thirty-two characters or more}",
        r#"{"kid":"no key, but 32 characters"}"#,
    ] {
        assert_eq!(load(HS256, secret.as_bytes()), LOADS, "{secret}");
    }
    for (algorithm, wanted) in [
        (ES256, "an EC P-256 private key"),
        (RS256, "an RSA private key"),
        (EdDSA, "an Ed25519 private key"),
    ] {
        let said = verdict(SigningKey::from_secret(algorithm, [7; 64]));
        assert_eq!(said, format!("found a symmetric key, wanted {wanted}"));
    }
}

/// The JWK of a public file, with the members that make it a key and no more.
fn jwk_of(algorithm: Algorithm, stem: &str) -> Value {
    let mut jwk = serde_json::to_value(verifying_key(algorithm, stem)).expect("JSON");
    let members = jwk.as_object_mut().expect("an object");
    members.retain(|name, _| name != "alg" && name != "use");
    jwk
}

/// The JWK of a private file. The library never writes one, so the numbers are cut out of the DER.
fn private_jwk(algorithm: Algorithm) -> Value {
    let (public, private) = match algorithm {
        ES256 => (
            "ecp256.spki",
            vec![("d", der("ecp256.sec1")[7..39].to_vec())],
        ),
        ES384 => (
            "ecp384.spki",
            vec![("d", der("ecp384.sec1")[8..56].to_vec())],
        ),
        EdDSA => (
            "ed25519.spki",
            vec![("d", der("ed25519.pkcs8")[16..48].to_vec())],
        ),
        _ => {
            let names = ["version", "n", "e", "d", "p", "q", "dp", "dq", "qi"];
            let numbers = integers(&der("rsa2048.pkcs1")[4..]);
            let numbers = names.into_iter().zip(numbers);
            ("rsa2048.spki", numbers.skip(3).collect())
        }
    };
    let mut jwk = jwk_of(algorithm, public);
    for (name, number) in private {
        jwk[name] = encode(number).into();
    }
    jwk
}

/// Reads INTEGERs one after the other.
fn integers(mut der: &[u8]) -> Vec<Vec<u8>> {
    let mut numbers = Vec::new();
    while let [2, rest @ ..] = der {
        let (length, rest) = match rest {
            [0x82, high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]).into(), rest),
            [0x81, length, rest @ ..] | [length, rest @ ..] => (usize::from(*length), rest),
            [] => panic!("a tag without a length"),
        };
        let (number, rest) = rest.split_at(length);
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        numbers.push(number[zeros..].to_vec());
        der = rest;
    }
    numbers
}

/// A JWK with one member changed, or taken out where the value is null.
fn with(jwk: &Value, member: &str, value: Value) -> String {
    let mut jwk = jwk.clone();
    match value {
        Value::Null => _ = jwk.as_object_mut().expect("an object").remove(member),
        value => jwk[member] = value,
    }
    jwk.to_string()
}

#[test]
fn a_jwk_is_the_key_of_its_pem_and_is_written_as_it_was_read() {
    for (algorithm, file, members) in [
        (RS256, "rsa2048.spki", "alg e kid kty n use"),
        (PS512, "rsa2048.spki", "alg e kid kty n use"),
        (ES256, "ecp256.spki", "alg crv kid kty use x y"),
        (ES384, "ecp384.spki", "alg crv kid kty use x y"),
        (EdDSA, "ed25519.spki", "alg crv kid kty use x"),
    ] {
        let key = verifying_key(algorithm, file).with_id("kid");
        let jwk = serde_json::to_value(&key).expect("JSON");
        let names: Vec<_> = jwk
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(names.join(" "), members);
        assert_eq!(jwk["alg"], algorithm.name());
        assert_eq!(jwk["use"], "sig");
        let read = VerifyingKey::from_jwk(algorithm, &jwk.to_string()).expect("a key");
        assert_eq!(
            (thumbprint(&read), read.id()),
            (thumbprint(&key), Some("kid"))
        );
        assert_eq!(serde_json::to_value(&read).ok(), Some(jwk));

        // The private JWK signs for it, and of the private JWK only the public half is kept.
        let private = with(&private_jwk(algorithm), "kid", json!("kid"));
        let public = VerifyingKey::from_jwk(algorithm, &private).expect("a key");
        assert_eq!(
            serde_json::to_value(&public).ok(),
            serde_json::to_value(&key).ok()
        );
        let private = SigningKey::from_jwk(algorithm, &private).expect("a key");
        assert_eq!(private.id(), Some("kid"));
        let private = private.with_thumbprint_id().expect("a public half");
        assert_eq!(private.id(), Some(&*thumbprint(&key)));
        assert_pair(private, &key);
    }
    let secret = r#"{"kty":"oct","kid":"kid","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}"#;
    let private = SigningKey::from_jwk(HS256, secret).expect("a key");
    let key = VerifyingKey::from_jwk(HS256, secret).expect("a key");
    let none = "expected a key with a public half, found a symmetric key";
    assert_eq!(key.id(), Some("kid"));
    assert_eq!(
        serde_json::to_string(&key)
            .expect_err("a secret")
            .to_string(),
        none
    );
    assert_eq!(verdict(key.thumbprint()), none);
    assert_pair(private, &key);
    assert_eq!(
        verdict(SigningKey::generate(HS256).and_then(SigningKey::with_thumbprint_id)),
        none
    );
}

#[test]
fn the_use_that_a_jwk_declares_is_respected() {
    const NOT_TO_SIGN: &str =
        "expected a JWK for signing, found one whose `use` or `key_ops` says otherwise";
    const NOT_TO_VERIFY: &str = "expected a JWK for verifying signatures, found one whose `use` or `key_ops` says otherwise";
    const OTHER: &str = "expected a JWK for EdDSA, found one for another algorithm";
    let jwk = private_jwk(EdDSA);
    for (member, value, to_sign, to_verify) in [
        ("use", json!("sig"), LOADS, LOADS),
        ("use", json!("enc"), NOT_TO_SIGN, NOT_TO_VERIFY),
        ("use", json!("SIG"), NOT_TO_SIGN, NOT_TO_VERIFY),
        ("key_ops", json!(["sign", "verify"]), LOADS, LOADS),
        ("key_ops", json!(["sign", "wrapKey"]), LOADS, NOT_TO_VERIFY),
        ("key_ops", json!(["verify"]), NOT_TO_SIGN, LOADS),
        ("key_ops", json!([]), NOT_TO_SIGN, NOT_TO_VERIFY),
        ("alg", json!("EdDSA"), LOADS, LOADS),
        ("alg", json!("Ed25519"), LOADS, LOADS),
        ("alg", json!("eddsa"), OTHER, OTHER),
        ("alg", json!("ES256"), OTHER, OTHER),
        ("alg", json!("none"), OTHER, OTHER),
        ("x5t", json!({ "passed": ["over"] }), LOADS, LOADS),
    ] {
        let text = with(&jwk, member, value);
        assert_eq!(Signing(EdDSA).jwk(&text), to_sign, "{text}");
        assert_eq!(Verifying(EdDSA).jwk(&text), to_verify, "{text}");
    }
    let rsa = with(&private_jwk(RS256), "alg", json!("RS256"));
    assert_eq!(Signing(RS256).jwk(&rsa), LOADS);
    let other = "expected a JWK for PS256, found one for another algorithm";
    assert_eq!(Signing(PS256).jwk(&rsa), other);
    assert_eq!(Verifying(PS256).jwk(&rsa), other);
}

#[test]
fn a_jwk_that_is_no_key_is_refused() {
    let wrong = |reason| format!("expected a JWK, found that it {reason}");
    let unknown = |member| format!("expected a JWK whose {member} is known here, found another");
    let kind = |found, wanted| format!("found {found} key, wanted {wanted} key");
    let lacks = || wrong("lacks a number that its type has");
    let text = || wrong("has a number that is not base64url without padding");
    let length = || wrong("has coordinates of another length than its curve");
    let type_of_member = || wrong("has a member of a wrong type");
    let bytes = |length| json!(encode(vec![7; length]));
    let gone = Value::Null;

    // What is changed in which good JWK, for which use.
    for (load, member, value, sentence) in [
        (
            Signing(RS256),
            "d",
            gone.clone(),
            kind("an RSA public", "an RSA private"),
        ),
        (Signing(RS256), "q", gone.clone(), lacks()),
        (Signing(RS256), "qi", json!("AQ"), NO_RSA_PAIR.into()),
        (
            Signing(RS256),
            "n",
            json!(encode(vec![0xc7; 256])),
            NO_RSA_PAIR.into(),
        ),
        (
            Signing(RS256),
            "n",
            bytes(255),
            SMALL_TO_SIGN.replace("1024", "2035"),
        ),
        (Verifying(RS256), "n", gone.clone(), lacks()),
        (
            Verifying(RS256),
            "n",
            json!(""),
            SMALL_TO_VERIFY.replace("1024", "0"),
        ),
        (Verifying(RS256), "e", gone.clone(), lacks()),
        (Verifying(RS256), "e", json!(65537), type_of_member()),
        (Verifying(RS256), "e", json!("AQ"), NO_RSA_PUBLIC.into()),
        (
            Verifying(RS256),
            "e",
            json!("AQABAQAB"),
            NO_RSA_PUBLIC.into(),
        ),
        (Verifying(RS256), "e", json!("AQAB="), text()),
        (Verifying(RS256), "e", json!("AQAB\n"), text()),
        (Verifying(RS256), "e", json!("A+A/"), text()),
        (Verifying(RS256), "e", json!("Bx"), text()),
        (
            Signing(ES256),
            "d",
            gone.clone(),
            kind("an EC P-256 public", "an EC P-256 private"),
        ),
        (Signing(ES256), "d", bytes(32), NO_EC_PAIR.into()),
        (Signing(ES256), "d", bytes(31), NO_EC_PAIR.into()),
        (Signing(ES256), "y", bytes(32), NO_EC_PAIR.into()),
        (Verifying(ES256), "y", bytes(32), OFF_CURVE.into()),
        (Verifying(ES256), "y", bytes(31), length()),
        (Verifying(ES256), "x", bytes(33), length()),
        (Verifying(ES256), "y", gone.clone(), lacks()),
        (Verifying(ES256), "crv", json!("P-384"), length()),
        (Verifying(ES256), "crv", json!("P-521"), unknown("crv")),
        (Verifying(ES256), "crv", json!("secp256k1"), unknown("crv")),
        (Verifying(ES256), "crv", gone.clone(), unknown("crv")),
        (Verifying(ES384), "crv", json!("P-256"), length()),
        (
            Signing(EdDSA),
            "d",
            gone.clone(),
            kind("an Ed25519 public", "an Ed25519 private"),
        ),
        (Signing(EdDSA), "d", bytes(32), NO_ED25519_PAIR.into()),
        (Signing(EdDSA), "x", bytes(32), NO_ED25519_PAIR.into()),
        (Verifying(EdDSA), "x", bytes(31), NO_ED25519_POINT.into()),
        (Verifying(EdDSA), "x", gone.clone(), lacks()),
        (Verifying(EdDSA), "crv", json!("X25519"), unknown("crv")),
        (Verifying(EdDSA), "kty", json!("AKP"), unknown("kty")),
        (Verifying(EdDSA), "kty", json!("okp"), unknown("kty")),
        (Verifying(EdDSA), "kty", gone.clone(), wrong("has no `kty`")),
        (Verifying(EdDSA), "kty", json!(["OKP"]), type_of_member()),
        (Verifying(EdDSA), "kid", json!(1), type_of_member()),
        (
            Verifying(EdDSA),
            "key_ops",
            json!("verify"),
            type_of_member(),
        ),
    ] {
        let algorithm = match load {
            Signing(algorithm) | Verifying(algorithm) => algorithm,
        };
        let good = private_jwk(algorithm);
        assert_eq!(load.jwk(&good.to_string()), LOADS);
        assert_eq!(
            load.jwk(&with(&good, member, value.clone())),
            sentence,
            "{member}: {value}"
        );
    }

    let (ec, oct) = (
        private_jwk(ES384).to_string(),
        r#"{"kty":"oct","k":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}"#,
    );
    assert_eq!(
        Verifying(ES256).jwk(&ec),
        kind("an EC P-384 public", "an EC P-256 public")
    );
    assert_eq!(
        Signing(RS256).jwk(&ec),
        kind("an EC P-384 private", "an RSA private")
    );
    assert_eq!(Signing(HS256).jwk(oct), LOADS);
    assert_eq!(
        Signing(ES256).jwk(oct),
        kind("a symmetric", "an EC P-256 private")
    );
    assert_eq!(
        Verifying(HS256).jwk(&ec),
        kind("an EC P-384 public", "a symmetric")
    );
    assert_eq!(Verifying(HS256).jwk(r#"{"kty":"oct"}"#), lacks());
}

#[test]
fn the_json_of_a_jwk_is_one_object_that_everybody_reads_alike() {
    let good = jwk_of(EdDSA, "ed25519.spki").to_string();
    let object = |more: &str| good.replacen('{', &format!("{{{more},"), 1);
    let deep = |depth: usize| object(&format!("\"a\":{}{}", "[".repeat(depth), "]".repeat(depth)));
    for (text, reason) in [
        (String::new(), "is not valid JSON"),
        (format!("{good}{good}"), "is not valid JSON"),
        (format!("\u{feff}{good}"), "is not valid JSON"),
        (good.replace('}', ",}"), "is not valid JSON"),
        (format!("[{good}]"), "is not a JSON object"),
        (r#"["OKP"]"#.into(), "is not a JSON object"),
        (r#""OKP""#.into(), "is not a JSON object"),
        (object(r#""kty":"OKP""#), "has two members of the same name"),
        (
            object(r#""\u006bty":"OKP""#),
            "has two members of the same name",
        ),
        (object(r#""a":1,"a":1"#), "has two members of the same name"),
        (
            object(r#""kid":"\ud800""#),
            "has an escape that is half a character",
        ),
        (
            object(r#""a":["\udfff"]"#),
            "has an escape that is half a character",
        ),
        (deep(127), "is nested too deeply"),
        (deep(100_000), "is nested too deeply"),
    ] {
        assert_eq!(
            Verifying(EdDSA).jwk(&text),
            format!("expected a JWK, found that it {reason}")
        );
    }
    for text in [
        good.clone(),
        format!("\n {good} "),
        object(r#""kid":"\ud83d\ude00""#),
        deep(126),
    ] {
        assert_eq!(Verifying(EdDSA).jwk(&text), LOADS, "{text}");
    }
}

/// RFC 7518 §2 forbids them, some issuers write them, and they change nothing.
#[test]
fn zeros_before_an_rsa_number_are_passed_over() {
    let jwk = private_jwk(RS256);
    let n = decode(jwk["n"].as_str().expect("text"));
    let padded = with(&jwk, "n", json!(encode([&[0, 0], &n[..]].concat())));
    let padded: Value = padded.parse().expect("JSON");
    let padded = with(&padded, "e", json!("AAEAAQ"));
    let key = VerifyingKey::from_jwk(RS256, &padded).expect("a key");
    assert_eq!(
        thumbprint(&key),
        thumbprint(&verifying_key(RS256, "rsa2048.spki"))
    );
    assert_pair(SigningKey::from_jwk(RS256, &padded).expect("a key"), &key);
}

const NOT_EXPORTABLE: &str =
    "only a generated key can be exported, each in its own form: this one is another";

#[test]
fn a_generated_key_is_new_and_exports_to_itself() {
    for algorithm in [ES256, ES384, EdDSA] {
        let (key, other) = (generate(algorithm), generate(algorithm));
        let public = key.verifying_key();
        assert_ne!(thumbprint(&public), thumbprint(&other.verifying_key()));
        assert_ne!(key.secret_pkcs8_der(), other.secret_pkcs8_der());
        assert_eq!(verdict(key.secret_bytes()), NOT_EXPORTABLE);

        let exported = key.secret_pkcs8_der().expect("DER");
        let loaded = SigningKey::from_der(algorithm, exported).expect("a key");
        assert_eq!(verdict(loaded.secret_pkcs8_der()), NOT_EXPORTABLE);
        #[cfg(feature = "pem")]
        {
            let pem = key.secret_pkcs8_pem().expect("PEM");
            assert!(pem.lines().all(|line| line.len() <= 64) && pem.ends_with("-----\n"));
            assert_eq!(verdict(loaded.secret_pkcs8_pem()), NOT_EXPORTABLE);
            assert_pair(
                SigningKey::from_pem(algorithm, pem).expect("a key"),
                &public,
            );
        }
        assert_pair(loaded, &public);
        // An id does not take the export away.
        let named = key.with_id("kid");
        assert_eq!(verdict(named.secret_pkcs8_der()), LOADS);
        assert_pair(named, &public);
    }
    for algorithm in [HS256, HS384, HS512] {
        let (key, other) = (generate(algorithm), generate(algorithm));
        assert_ne!(key.secret_bytes(), other.secret_bytes());
        assert_eq!(verdict(key.secret_pkcs8_der()), NOT_EXPORTABLE);
        #[cfg(feature = "pem")]
        assert_eq!(verdict(key.secret_pkcs8_pem()), NOT_EXPORTABLE);
        let secret = key.secret_bytes().expect("a secret");
        let loaded = SigningKey::from_secret(algorithm, secret).expect("a key");
        assert_eq!(verdict(loaded.secret_bytes()), NOT_EXPORTABLE);
        assert_pair(loaded, &key.verifying_key());
    }
    for &algorithm in RSA {
        let sentence = format!(
            "expected an algorithm that ring can generate keys for, found {algorithm}: generate \
             one with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out key.pem`"
        );
        assert_eq!(verdict(SigningKey::generate(algorithm)), sentence);
    }
}

fn generate(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).expect("a key")
}

#[test]
fn what_is_printed_holds_the_id_and_nothing_of_the_key() {
    for algorithm in [HS256, ES256, EdDSA] {
        let key = generate(algorithm).with_id("the id");
        let secret = key.secret_bytes().or_else(|_| key.secret_pkcs8_der());
        let secret = secret.expect("a secret").to_vec();
        let signature = key.sign(b"message").expect("a signature");
        let printed = format!("{key:?} {key:#?} {:?} ", key.verifying_key());
        let printed = printed + &format!("{signature:?} {:?}", Signer::new(key));
        assert_eq!(printed.matches("the id").count(), 5, "{printed}");
        // The last bytes of any of them are of the key.
        for bytes in [&secret, signature.as_ref()] {
            let end = &bytes[bytes.len() - 8..];
            let list = format!("{end:?}");
            for hidden in [
                list.trim_matches(['[', ']']),
                &end.iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>(),
                &encode(bytes)[encode(bytes).len() - 10..],
                &BASE64_STANDARD.encode(bytes)[..10],
            ] {
                assert!(!printed.contains(hidden), "{printed}");
            }
        }
    }
}

/// Writes both numbers of a raw signature as DER does: as short as may be, and not negative.
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
fn a_signature_in_der_becomes_the_raw_one() {
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
fn what_openssl_signs_in_der_verifies_raw() {
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
fn a_signature_of_another_form_or_length_is_refused() {
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
    for algorithm in [HS256, RS256, PS512, EdDSA] {
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
        (RS256, 256, 1024),
        (PS512, 256, 1024),
    ] {
        let from_bytes = |length| {
            Signature::from_bytes(algorithm, vec![7; length]).map(|signature| signature.algorithm())
        };
        assert_eq!(from_bytes(least), Ok(algorithm));
        assert_eq!(from_bytes(most), Ok(algorithm));
        for found in [0, least - 1, most + 1] {
            let expected = least;
            let refused = SignError::SignatureLength {
                algorithm,
                expected,
                found,
            };
            assert_eq!(from_bytes(found), Err(refused));
        }
    }
}

/// So that a file that is added is also used.
#[test]
fn every_file_of_a_key_is_named_here() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys");
    for entry in std::fs::read_dir(directory).expect("the keys") {
        let name = entry.expect("an entry").file_name();
        let stem = name.to_str().expect("UTF-8").trim_end_matches(".pem");
        let is_named = include_str!("keys.rs").contains(&format!("\"{stem}\""));
        assert!(is_named || name == "README.md", "{stem}");
    }
}
