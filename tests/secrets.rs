//! Secrets of HMAC: their length, and encoded keys that must not be secrets (CVE-2022-29217).

mod support;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
use jwt_ring::{Algorithm, KeyError, KeySet, SigningKey, VerifyingKey};
use serde_json::json;
use support::encode;
use support::keys::For::{Signing, Verifying};
use support::keys::{LOADS, assert_pair, der, jwk_of, outcome, pem};

use Algorithm::{ES256, EdDSA, HS256, HS384, HS512, RS256};

/// Loads the secret in every way. Returns what key it is, or `None` if it loads.
#[track_caller]
fn key_text(secret: &[u8]) -> Option<&'static str> {
    let jwk = json!({ "kty": "oct", "k": encode(secret) }).to_string();
    let outcome = SigningKey::from_secret(HS256, secret).map(drop);
    for other in [
        SigningKey::from_short_secret(HS256, secret).map(drop),
        SigningKey::from_jwk(HS256, &jwk).map(drop),
        VerifyingKey::from_secret(HS256, secret).map(drop),
        VerifyingKey::from_short_secret(HS256, secret).map(drop),
        VerifyingKey::from_jwk(HS256, &jwk).map(drop),
    ] {
        assert_eq!(other, outcome);
    }
    let set = KeySet::from_secret_json(format!(r#"{{"keys":[{jwk}]}}"#)).expect("a set");
    assert_eq!(set.len(), usize::from(outcome.is_ok()));
    match outcome {
        Ok(()) => None,
        Err(KeyError::SecretIsKeyText { found, .. }) => Some(found),
        Err(error) => panic!("{error}"),
    }
}

/// The text in UTF-8 and in UTF-16 of both byte orders, each with and without a byte order mark.
fn encodings(text: &str) -> Vec<Vec<u8>> {
    let marked = format!("\u{feff}{text}");
    [text, &marked]
        .iter()
        .flat_map(|text| {
            let units = || text.encode_utf16();
            [
                text.as_bytes().to_vec(),
                units().flat_map(u16::to_le_bytes).collect(),
                units().flat_map(u16::to_be_bytes).collect(),
            ]
        })
        .collect()
}

/// Latin-1 and Windows-1252 write it as this byte, which is not UTF-8.
const NO_BREAK_SPACE: &[u8] = b"\xa0";

#[test]
fn a_pem_is_no_secret_in_any_encoding() {
    let text = String::from_utf8(pem("rsa2048.spki")).expect("text");
    for prefix in ["", "\n", "comment\n", "\u{a0}", "M\u{fc}ller\n"] {
        for secret in encodings(&format!("{prefix}{text}")) {
            assert_eq!(key_text(&secret), Some("a PEM block"), "{prefix:?}");
        }
    }
    let latin_1 = [b"friendlyName: M\xfcller\n", text.as_bytes()].concat();
    assert_eq!(key_text(&latin_1), Some("a PEM block"));
    let second = format!("the line is -----BEGIN of my story-----\n{}", &text[..30]);
    assert_eq!(key_text(second.as_bytes()), Some("a PEM block"));
    // Labels that `from_pem` reads, though no tool writes them.
    for label in ["public key", "Key", "1"] {
        let text = text.replace("PUBLIC KEY", label);
        #[cfg(feature = "pem")]
        VerifyingKey::from_pem(RS256, &text).expect(label);
        assert_eq!(key_text(text.as_bytes()), Some("a PEM block"), "{label}");
    }
    for label in ["PUBLIC KEY", "X509 CRL", "A"] {
        let begin = format!("-----BEGIN {label}-----, and no more than that");
        assert_eq!(key_text(begin.as_bytes()), Some("a PEM block"), "{label}");
    }
    for text in [
        "-----BEGINNING of a long secret that is no key",
        "the line is -----BEGIN of my story-----",
        "-----END of my story-----, and -----BEGIN of another-----",
        "the line is -----BEGIN My story-----",
        "the line is -----BEGIN 1 story or more-----",
        "the last word of the secret is -----BEGIN ",
    ] {
        for secret in encodings(text) {
            assert_eq!(key_text(&secret), None, "{text}");
        }
    }
}

#[test]
fn a_jwk_is_no_secret_in_any_encoding_and_after_any_space() {
    let jwk = jwk_of(ES256, "ecp256.spki").to_string();
    let set = format!(r#"{{ "keys" : [{jwk}] }}"#);
    let escaped = jwk.replace("\"kty\"", "\"k\\u0074y\"");
    let escaped_set = format!(r#"{{"k\u0065ys":[{escaped}]}}"#);
    let escaped_twice = json!(format!(r#"{{"keys" : [{escaped}]}}"#)).to_string();
    let spaces = [
        "",
        " ",
        "\r\n",
        "\u{a0}",
        "\u{85}",
        "\u{1680}",
        "\u{2003}",
        "\u{2028}",
        "\u{202f}",
        "\u{3000}",
        "\u{200b}",
        "\u{feff}\u{a0}",
    ];
    for json in [&jwk, &set, &escaped, &escaped_set, &escaped_twice] {
        for space in spaces {
            for secret in encodings(&format!("{space}{json}{space}")) {
                assert_eq!(key_text(&secret), Some("a JWK"), "{space:?} {json}");
            }
        }
        let secret = [NO_BREAK_SPACE, json.as_bytes()].concat();
        assert_eq!(key_text(&secret), Some("a JWK"));
    }
    // Distorted in transport.
    for json in [
        format!("{jwk}\0"),
        format!("[{jwk}]"),
        json!(jwk).to_string(),
        jwk.replacen('{', "{\"kty\" : null,", 1),
    ] {
        for secret in encodings(&json) {
            assert_eq!(key_text(&secret), Some("a JWK"), "{json}");
        }
    }
    for json in [
        r#"{"kid":"no key, but thirty-two characters"}"#,
        "{not a JWK, but thirty-two characters or more}",
        r#"x "kty": is no JSON, of thirty-two or more"#,
        r#"{"a":"kty","b":"keys","c":"thirty-two"}"#,
        r#"{"password":"correct horse battery staple","keys": 3}"#,
        r#"{"password":"correct horse","k\u0065ys":{"a":[1]}}"#,
        r#"["\"keys\" : \"[1]\" in a JSON string"]"#,
        r#"kty":{"keys": with no quote before the first"#,
        "{no key in thirty-two bytes}",
    ] {
        for space in spaces {
            for secret in encodings(&format!("{space}{json}{space}     ")) {
                assert_eq!(key_text(&secret), None, "{space:?} {json}");
            }
        }
    }
}

#[test]
fn an_ssh_key_is_no_secret_in_any_form() {
    let blob = |name: &str| {
        let length = u32::try_from(name.len()).expect("a short name");
        let key = [&length.to_be_bytes()[..], name.as_bytes(), &[7; 36]].concat();
        BASE64_STANDARD.encode(key)
    };
    for name in [
        "ssh-rsa",
        "ssh-dss",
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
        "ssh-rsa-cert-v01@openssh.com",
        "ssh-dss-cert-v01@openssh.com",
        "ssh-ed25519-cert-v01@openssh.com",
        "ecdsa-sha2-nistp384-cert-v01@openssh.com",
        "sk-ssh-ed25519-cert-v01@openssh.com",
        "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    ] {
        let blob = blob(name);
        for text in [
            blob.clone(),
            format!("{name} {blob} user@host"),
            format!("\n{name}\t{blob}\n"),
            format!("restrict,command=\"ls -l\" {name} {blob}"),
            format!("# of the gateway\n\n{name}  {blob}\n"),
            format!("host.example,192.0.2.1 {name} {blob}"),
            format!("\"{name} {blob}\""),
            format!("PuTTY-User-Key-File-3: {name}\nPublic-Lines: 1\n{blob}\n"),
        ] {
            for secret in encodings(&text) {
                assert_eq!(key_text(&secret), Some("an SSH key"), "{text}");
            }
        }
        // Without the key, it is only a word.
        assert_eq!(key_text(format!("{name}{blob}").as_bytes()), None, "{name}");
    }
    let rfc_4716 = "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"a key\"\nAAAA\n";
    for secret in encodings(rfc_4716) {
        assert_eq!(key_text(&secret), Some("an SSH key"));
    }
    for secret in [
        &BASE64_STANDARD.encode([&[0, 0, 0, 12][..], b"long-secret-of-thirty-two"].concat()),
        &BASE64_STANDARD.encode([&[0, 0, 1, 7][..], b"ssh-secret-of-thirty-two"].concat()),
        "ssh-gateway production secret 6f1ea7c0",
        "ssh-gateway-production-secret-6f1ea7c0",
        "the ssh key of the AAAA gateway, 1234",
        "ssh-ed25519 is the type of a key of OpenSSH",
        "ssh-ed25519 key AAAA-0000-1111-2222",
        "my ssh-gateway AAAAnnounce correct horse staple",
        "ssh-rsa AAAAB3 correct horse battery staple",
        "AAAA ssh-ed25519 0123456789abcdef01234",
        "---- BEGIN SSH1 of 32 characters",
    ] {
        assert_eq!(key_text(secret.as_bytes()), None, "{secret}");
    }
}

#[test]
fn der_is_no_secret() {
    for file in [
        "rsa2048.spki",
        "ecp256.spki",
        "ecp384.spki",
        "ed25519.spki",
        "rsa2048.x509",
        "ecp256.x509",
        "ed25519.x509",
        "rsa2048.pkcs1-public",
        "rsa2048.pkcs1",
        "rsa2048.pkcs8",
        "ecp384.pkcs8",
        "ed25519.pkcs8",
        "ecp256.sec1",
        "ecp256.explicit.spki",
        "ed448.spki",
        "rsa-pss.spki",
        "ecp521.spki",
        "encrypted.pkcs8",
    ] {
        let der = der(file);
        for before in [&b""[..], b"\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"] {
            for after in [&b""[..], b"\n", b"\r\n", b"  \n", b"\0"] {
                let secret = [before, &der, after].concat();
                assert_eq!(key_text(&secret), Some("a key in DER"), "{file}");
            }
        }
        let mut other = der.clone();
        other[0] ^= 1;
        let visible = [&der[..], b"x"].concat();
        for secret in [&other, &visible, &der[..der.len() - 1]] {
            assert_eq!(key_text(secret), None, "{file}");
        }
    }
}

/// As Keycloak shows a realm's `public_key`, and as environment variables and Kubernetes hold files.
#[test]
fn a_key_in_base64_is_no_secret_in_any_encoding() {
    let jwk = jwk_of(ES256, "ecp256.spki").to_string();
    let mut keys = vec![
        jwk.clone().into_bytes(),
        format!(r#"{{"keys":[{jwk}]}}"#).into_bytes(),
    ];
    for file in ["ecp256.spki", "ed25519.pkcs8"] {
        keys.extend(encodings(&String::from_utf8(pem(file)).expect("text")));
    }
    for file in ["rsa2048.spki", "ed25519.spki", "ecp256.x509"] {
        keys.push(der(file));
    }
    for key in keys {
        let text = BASE64_STANDARD.encode(&key);
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(64)
            .map(String::from_utf8_lossy)
            .collect();
        for text in [
            text.clone(),
            text.trim_end_matches('=').to_owned(),
            format!("{text}\n"),
            format!(" {text}\0"),
            lines.join("\n"),
            lines.join("\r\n\t"),
            BASE64_URL_SAFE.encode(&key),
            encode(&key),
        ] {
            for secret in encodings(&text) {
                assert_eq!(key_text(&secret), Some("a key in base64"), "{text}");
            }
        }
        // It is not all of the secret, or not all of the key.
        let (first, rest) = text.split_at(40);
        for text in [format!("{first}!{rest}"), format!("{first}={rest}")] {
            assert_eq!(key_text(text.as_bytes()), None, "{text}");
        }
    }
    let cut = BASE64_STANDARD.encode(&der("ed25519.spki")[..43]);
    assert_eq!(key_text(cut.as_bytes()), None);
    let twice = BASE64_STANDARD.encode(BASE64_STANDARD.encode(der("ed25519.spki")));
    assert_eq!(key_text(twice.as_bytes()), None, "it is decoded once");
}

#[test]
fn random_secrets_load() {
    for n in 0..200_u16 {
        let hash = ring::digest::digest(&ring::digest::SHA512, &n.to_be_bytes());
        let hash = hash.as_ref();
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        // The first bytes of a SEQUENCE, and of a SEQUENCE in a SEQUENCE.
        let sequence = [&[0x30, 30], &hash[..30]].concat();
        let nested = [&[0x30, 62, 0x30, 20], &hash[..60]].concat();
        for secret in [
            hash,
            &hash[..32],
            hex.as_bytes(),
            BASE64_STANDARD.encode(hash).as_bytes(),
            encode(hash).as_bytes(),
            &sequence,
            &nested,
        ] {
            assert_eq!(key_text(secret), None, "{secret:x?}");
        }
    }
    for n in 0..2_000_u16 {
        let hash = ring::digest::digest(&ring::digest::SHA512, &n.to_le_bytes());
        let sequence = [&[0x30, 30], &hash.as_ref()[..30]].concat();
        for bytes in [&hash.as_ref()[..usize::from(n % 33 + 32)], &sequence] {
            for text in [BASE64_STANDARD.encode(bytes), encode(bytes)] {
                let key = SigningKey::from_secret(HS256, &text);
                assert!(key.is_ok(), "{text}");
            }
        }
    }
    assert_eq!(key_text(&[0; 32]), None);
    assert_eq!(key_text(&[b'0'; 32]), None);
}

#[test]
fn a_secret_is_at_least_as_long_as_the_hash() {
    let load = |algorithm, secret: &[u8]| {
        let jwk = json!({ "kty": "oct", "k": encode(secret) }).to_string();
        let result = outcome(SigningKey::from_secret(algorithm, secret));
        let verifying = outcome(VerifyingKey::from_secret(algorithm, secret));
        assert_eq!(verifying, result);
        assert_eq!(Signing(algorithm).jwk(&jwk), result);
        assert_eq!(Verifying(algorithm).jwk(&jwk), result);
        result
    };
    for (algorithm, least) in [(HS256, 32), (HS384, 48), (HS512, 64)] {
        assert_eq!(load(algorithm, &vec![7; least]), LOADS);
        for found in [0, 1, least - 1] {
            assert_eq!(
                load(algorithm, &vec![7; found]),
                format!(
                    "expected a secret of {least} bytes or more for {algorithm}, found {found}"
                )
            );
        }
    }
    let pem = pem("rsa2048.spki");
    assert_eq!(
        load(HS256, &pem),
        "expected a random secret, found a PEM block: load it as the key that it is"
    );
    for (algorithm, wanted) in [
        (ES256, "an EC P-256 private key"),
        (RS256, "an RSA private key"),
        (EdDSA, "an Ed25519 private key"),
    ] {
        let result = outcome(SigningKey::from_secret(algorithm, [7; 64]));
        assert_eq!(result, format!("expected {wanted}, found a symmetric key"));
    }
}

#[test]
fn a_short_secret_loads_with_from_short_secret() {
    for (algorithm, least) in [(HS256, 32), (HS384, 48), (HS512, 64)] {
        for length in [1, 6, least - 1, least, 200] {
            let secret = vec![7; length];
            let is_long = length >= least;
            assert_eq!(SigningKey::from_secret(algorithm, &secret).is_ok(), is_long);
            assert_eq!(
                VerifyingKey::from_secret(algorithm, &secret).is_ok(),
                is_long
            );
            let signing = SigningKey::from_short_secret(algorithm, &secret).expect("a key");
            let verifying = VerifyingKey::from_short_secret(algorithm, &secret).expect("a key");
            assert_eq!(verifying.algorithm(), algorithm);
            assert_pair(signing, &verifying);
        }
        let message = format!("expected a secret of 1 byte or more for {algorithm}, found 0");
        for error in [
            SigningKey::from_short_secret(algorithm, "").map(drop),
            VerifyingKey::from_short_secret(algorithm, []).map(drop),
        ] {
            assert_eq!(error.expect_err("empty").to_string(), message);
        }
    }
    for (algorithm, kind) in [
        (ES256, "an EC P-256"),
        (EdDSA, "an Ed25519"),
        (RS256, "an RSA"),
    ] {
        let signing = SigningKey::from_short_secret(algorithm, "secret").map(drop);
        let verifying = VerifyingKey::from_short_secret(algorithm, "secret").map(drop);
        for (error, half) in [(signing, "private"), (verifying, "public")] {
            assert_eq!(
                error.expect_err("another kind").to_string(),
                format!("expected {kind} {half} key, found a symmetric key")
            );
        }
    }
    // A truncated key is recognized by its first line.
    let error = SigningKey::from_short_secret(HS256, "-----BEGIN RSA PUB").expect_err("a PEM");
    assert_eq!(error.code(), "secret_is_key_text");
}
