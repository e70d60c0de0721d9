//! PEM in the wild: indented, in one line, with wrong labels, or not PEM at all.

#![cfg(feature = "pem")]

mod support;

use jwt_ring::{Algorithm, KeyError, SigningKey, VerifyingKey};
use support::keys::For::{Signing, Verifying};
use support::keys::{ENCRYPTED, NO_STRUCTURE, assert_pair, der, jwk_of, pem, verifying_key};

use Algorithm::{ES256, EdDSA, RS256};

fn text(file: &str) -> String {
    String::from_utf8(pem(file)).expect("text")
}

#[test]
fn a_block_may_be_indented_or_in_one_line() {
    for (algorithm, private, public) in [
        (ES256, "ecp256.pkcs8", "ecp256.spki"),
        (RS256, "rsa2048.pkcs1", "rsa2048.pkcs1-public"),
        (EdDSA, "ed25519.pkcs8", "ed25519.x509"),
    ] {
        let forms: [fn(&str) -> String; 9] = [
            |pem| pem.replace('\n', "\r\n"),
            |pem| pem.replace('\n', "\r"),
            |pem| pem.replace('\n', "\n\t    "),
            |pem| format!("    {}", pem.replace('\n', "  \n    ")),
            |pem| pem.replace('\n', " "),
            |pem| pem.replace('\n', ""),
            |pem| format!("\u{feff}{pem}"),
            |pem| format!("key = \"\"\"{pem}\"\"\""),
            |pem| format!("text before\n{}text after", pem.replace('\n', "\n\n")),
        ];
        for form in forms {
            let signing = SigningKey::from_pem(algorithm, form(&text(private))).expect("a key");
            let verifying = VerifyingKey::from_pem(algorithm, form(&text(public))).expect("a key");
            assert_pair(signing, &verifying);
        }
    }
}

#[test]
fn the_der_decides_and_not_the_label() {
    let relabel = |file: &str, label: &str| {
        let pem = text(file);
        let old = pem.split("-----").nth(1).expect("a label")[6..].to_owned();
        pem.replace(&format!(" {old}-----"), &format!(" {label}-----"))
    };
    for label in [
        "PUBLIC KEY",
        "PRIVATE KEY",
        "CERTIFICATE",
        "X509 CERTIFICATE",
        "KEY",
        "",
    ] {
        for (algorithm, file) in [
            (ES256, "ecp256.spki"),
            (RS256, "rsa2048.pkcs1-public"),
            (RS256, "rsa2048.x509"),
        ] {
            VerifyingKey::from_pem(algorithm, relabel(file, label)).expect("a key");
        }
        for (algorithm, file) in [(ES256, "ecp256.sec1"), (RS256, "rsa2048.pkcs1")] {
            let key = SigningKey::from_pem(algorithm, relabel(file, label)).expect("a key");
            let public = if algorithm == ES256 {
                "ecp256.spki"
            } else {
                "rsa2048.spki"
            };
            assert_pair(key, &verifying_key(algorithm, public));
        }
    }
    // An encrypted key is named by its label or by its DER.
    let encrypted = relabel("ecp256.pkcs8", "ENCRYPTED PRIVATE KEY");
    assert_eq!(
        SigningKey::from_pem(ES256, encrypted).err(),
        Some(KeyError::Encrypted)
    );
    let encrypted = relabel("encrypted.pkcs8", "PRIVATE KEY");
    assert_eq!(
        SigningKey::from_pem(ES256, encrypted).err(),
        Some(KeyError::Encrypted)
    );
    // A certificate request holds a public key, but is none.
    let error = VerifyingKey::from_pem(ES256, text("request")).expect_err("a request");
    assert_eq!(error.code(), "malformed");
}

#[track_caller]
fn check(pem: impl AsRef<[u8]>, message: &str) {
    let verifying = VerifyingKey::from_pem(ES256, &pem)
        .map(drop)
        .expect_err("no key");
    let signing = SigningKey::from_pem(ES256, &pem)
        .map(drop)
        .expect_err("no key");
    assert_eq!(verifying, signing);
    assert_eq!(verifying.to_string(), message);
}

#[test]
fn a_text_without_a_pem_block_is_described() {
    let pem = text("ecp256.spki");
    let jwk = jwk_of(ES256, "ecp256.spki").to_string();
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    };
    let marked = format!("\u{feff}{pem}");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE";
    for (bytes, found) in [
        (vec![], "an empty text"),
        (b" \n\t".to_vec(), "white space"),
        ("\u{feff}".into(), "white space"),
        (jwk.clone().into(), "JSON: load a JWK with `from_jwk`"),
        (
            format!("\u{feff} {jwk}").into(),
            "JSON: load a JWK with `from_jwk`",
        ),
        (utf16(&pem, u16::to_le_bytes), "UTF-16: convert it to UTF-8"),
        (utf16(&pem, u16::to_be_bytes), "UTF-16: convert it to UTF-8"),
        (
            utf16(&marked, u16::to_le_bytes),
            "UTF-16: convert it to UTF-8",
        ),
        (
            utf16(&marked, u16::to_be_bytes),
            "UTF-16: convert it to UTF-8",
        ),
        (der("ecp256.spki"), "DER: load it with `from_der`"),
        (der("rsa2048.pkcs8"), "DER: load it with `from_der`"),
        (
            ssh.into(),
            "an SSH key: convert it with `ssh-keygen -e -m PKCS8 -f key.pub`, if it is RSA or ECDSA",
        ),
        (
            "/etc/keys/public".into(),
            "the path of a file: read the file first",
        ),
        ("./public".into(), "the path of a file: read the file first"),
        (
            "keys/public.pem\n".into(),
            "the path of a file: read the file first",
        ),
        (
            "C:\\keys\\public.key".into(),
            "the path of a file: read the file first",
        ),
        (
            format!("\n{body}\n").into(),
            "base64 without its lines `-----BEGIN …-----` and `-----END …-----`",
        ),
        ("no key at all".into(), "none"),
        (format!("{body}!").into(), "none"),
        (format!("x{body}").into(), "none"),
        ("Mannheim".into(), "none"),
        ("two lines\nkey.pem".into(), "none"),
        ("-----BEGIN PUBLIC KEY".into(), "none"),
    ] {
        check(bytes, &format!("expected a PEM block, found {found}"));
    }
    let secret = VerifyingKey::from_pem(ES256, "").expect_err("no key");
    assert!(matches!(secret, KeyError::NoPem { .. }));
}

#[test]
fn a_broken_block_is_named() {
    let broken = |reason: &str| format!("expected a PEM block, found that it {reason}");
    let pem = text("ecp256.spki");
    let (head, _) = pem.split_once("-----END").expect("an end");
    check(head, &broken("has no end"));
    check(format!("{head}-----END"), &broken("has no end"));
    let label = broken("has an end with another label than its beginning");
    check(pem.replace("END PUBLIC", "END PRIVATE"), &label);
    check(pem.trim_end().trim_end_matches('-'), &label);
    let base64 = broken("is not base64 with padding");
    check(pem.replace("\n-----END", "!\n-----END"), &base64);
    check(pem.replace("==\n-----END", "=\n-----END"), &base64);
    check(pem.replace("\n-----END", "=\n-----END"), &base64);
    check(
        pem.replace('\n', "\\n"),
        &broken("has `\\n` as a backslash and a letter: replace both with a line break"),
    );
    check(
        pem.replace("PUBLIC KEY", "OPENSSH PRIVATE KEY"),
        &broken(
            "is a private key of OpenSSH: convert it with `ssh-keygen -p -m PKCS8 -f key`, if it is RSA or ECDSA",
        ),
    );
    let two = "expected one PEM block, found 2: keep one key or certificate in each file";
    check(format!("{pem}{pem}"), two);
    check(format!("{head}{pem}"), two);
    check(format!("{pem}{}", text("rsa2048.pkcs1-public")), two);
    VerifyingKey::from_pem(ES256, pem).expect("a key");
}

/// The valid twins are in `keys`.
#[test]
fn a_block_that_is_encrypted_or_no_key_is_rejected() {
    for (load, file, expected) in [
        (Signing(ES256), "encrypted.pkcs8", ENCRYPTED),
        (Signing(ES256), "encrypted.sec1", ENCRYPTED),
        (Signing(RS256), "encrypted.pkcs1", ENCRYPTED),
        (Verifying(ES256), "request", NO_STRUCTURE),
    ] {
        assert_eq!(load.pem(pem(file)), expected, "{file}");
    }
}
