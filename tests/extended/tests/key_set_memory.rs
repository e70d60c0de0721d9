//! The memory that a key set retains: at most four times its document, and 64 KiB.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jwt_ring::{Algorithm, Header, KeySet, Keys, SigningKey, VerifyingKey};

use Algorithm::{ES256, ES384, EdDSA, HS256, PS512, RS256};

/// The longest document that is read by default.
const SIZE: usize = 1024 * 1024;

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns a unique number in base64url.
fn number(n: usize, length: usize) -> String {
    let mut bytes = vec![0x55; length];
    bytes[..size_of::<usize>()].copy_from_slice(&n.to_be_bytes());
    // Odd, and with the highest bit set.
    bytes[0] |= 0x80;
    bytes[length - 1] |= 1;
    encode(&bytes)
}

/// Makes a document of at most `size` bytes, with as many keys as fit.
fn document(size: usize, key: &dyn Fn(usize) -> String) -> String {
    let mut json = r#"{"keys":["#.to_owned();
    for n in 0.. {
        let key = key(n);
        if json.len() + key.len() + 3 > size {
            break;
        }
        if n > 0 {
            json.push(',');
        }
        json.push_str(&key);
    }
    json + "]}"
}

fn points(algorithm: Algorithm, count: usize) -> Vec<String> {
    let point = |_| {
        let key = SigningKey::generate(algorithm)
            .expect("a key")
            .verifying_key();
        let jwk = serde_json::to_value(key).expect("a JWK");
        let member = |name: &str| jwk[name].as_str().expect("a number").to_owned();
        format!(
            r#""kty":"EC","crv":"{}","x":"{}","y":"{}""#,
            member("crv"),
            member("x"),
            member("y")
        )
    };
    (0..count).map(point).collect()
}

fn retained(json: &str) -> (KeySet, usize) {
    let mut set = None;
    let info = allocation_counter::measure(|| {
        set = Some(KeySet::from_secret_json(json).expect("a set"));
    });
    (
        set.expect("a set"),
        usize::try_from(info.bytes_current).expect("some bytes"),
    )
}

#[test]
fn a_set_retains_at_most_four_times_its_document_and_64_kib() {
    let kid = |n: usize, fill: usize| format!(r#""kid":"{n:x}{}""#, "k".repeat(fill));
    let (p256, p384) = (points(ES256, 600), points(ES384, 300));
    // Small ones first: 16 keys, of which a set knows the headers of tokens, and then a full document.
    type Key<'a> = Box<dyn Fn(usize) -> String + 'a>;
    let rows: Vec<(&str, Key<'_>)> = vec![
        (
            "RSA",
            Box::new(|n| format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, number(n, 256))),
        ),
        (
            "RSA with kid",
            Box::new(|n| {
                format!(
                    r#"{{"kty":"RSA","e":"AQAB",{},"n":"{}"}}"#,
                    kid(n, 0),
                    number(n, 256)
                )
            }),
        ),
        (
            "RSA with alg",
            Box::new(|n| {
                format!(
                    r#"{{"kty":"RSA","alg":"RS256","e":"AQAB","n":"{}"}}"#,
                    number(n, 256)
                )
            }),
        ),
        (
            "RSA with a long kid",
            Box::new(|n| {
                format!(
                    r#"{{"kty":"RSA","e":"AQAB",{},"n":"{}"}}"#,
                    kid(n, 8_000),
                    number(n, 256)
                )
            }),
        ),
        (
            "EC P-256",
            Box::new(|n| {
                p256.get(n)
                    .map_or(" ".repeat(SIZE), |key| format!("{{{key}}}"))
            }),
        ),
        (
            "EC P-384 with kid",
            Box::new(|n| {
                let key = p384.get(n).map(|key| format!("{{{},{key}}}", kid(n, 0)));
                key.unwrap_or(" ".repeat(SIZE))
            }),
        ),
        (
            "Ed25519",
            Box::new(|n| format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, number(n, 32))),
        ),
        (
            "Ed25519 with kid",
            Box::new(|n| {
                let x = number(n, 32);
                format!(r#"{{"kty":"OKP","crv":"Ed25519",{},"x":"{x}"}}"#, kid(n, 0))
            }),
        ),
        (
            "oct",
            Box::new(|n| format!(r#"{{"kty":"oct","k":"{}"}}"#, number(n, 32))),
        ),
        (
            "long oct",
            Box::new(|n| format!(r#"{{"kty":"oct","k":"{}"}}"#, number(n, 64))),
        ),
        (
            "oct with alg",
            Box::new(|n| format!(r#"{{"kty":"oct","alg":"HS256","k":"{}"}}"#, number(n, 32))),
        ),
        ("broken: 0", Box::new(|_| "0".into())),
        ("broken: {}", Box::new(|_| "{}".into())),
        (
            "broken: kid",
            Box::new(|n| format!(r#"{{"kty":"",{}}}"#, kid(n, 0))),
        ),
        (
            "broken: long kid",
            Box::new(|n| format!(r#"{{"kty":"",{}}}"#, kid(n, 10_000))),
        ),
        (
            "broken: P-256",
            Box::new(|n| {
                let x = number(n, 32);
                format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{x}"}}"#)
            }),
        ),
        (
            "broken: other kind",
            Box::new(|n| format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, number(n, 200))),
        ),
    ];
    let mut worst = Vec::new();
    for (name, key) in &rows {
        for size in [2_000, 6_000, 8_000, 150_000, SIZE] {
            let json = document(size, key);
            let (set, bytes) = retained(&json);
            // The first lookup prepares the headers of tokens.
            let prepared = allocation_counter::measure(|| {
                let _ = set.known_header("");
            });
            let all = bytes + usize::try_from(prepared.bytes_current).expect("some bytes");
            let (length, ignored) = (json.len(), set.ignored_count());
            println!(
                "{name}: {length} bytes, {} keys, {ignored} reported: {all} bytes retained, {:.2} times",
                set.len(),
                (all as f64 - 65_536.0).max(0.0) / length as f64,
            );
            if all > 4 * length + 65_536 {
                worst.push(format!("{name}: {length} -> {all}"));
            }
        }
    }
    assert!(worst.is_empty(), "{worst:#?}");
}

/// The public half is shared, so that a key for another algorithm costs no copy of it.
#[test]
fn the_keys_of_an_rsa_jwk_share_its_modulus() {
    let json = format!(
        r#"{{"keys":[{{"kty":"RSA","e":"AQAB","n":"{}"}}]}}"#,
        number(1, 256)
    );
    let set = KeySet::from_json(json).expect("a set");
    for header in [RS256, PS512].map(Header::new) {
        let info = allocation_counter::measure(|| {
            set.key(&header).expect("a key");
        });
        assert_eq!(info.count_total, 0);
    }
}

#[test]
fn a_loaded_key_is_small() {
    let pem = include_str!("../../keys/rsa2048.spki.pem");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let rsa = BASE64_STANDARD.decode(body).expect("base64");
    let measure = |make: &dyn Fn() -> VerifyingKey| {
        let mut key = None;
        let info = allocation_counter::measure(|| key = Some(make()));
        drop(key);
        usize::try_from(info.bytes_current).expect("some bytes") + size_of::<VerifyingKey>()
    };
    let ed25519 = SigningKey::generate(EdDSA).expect("a key").verifying_key();
    let ed25519 = ed25519.to_spki_der().expect("DER");
    for (name, most, bytes) in [
        (
            "RSA",
            500,
            measure(&|| VerifyingKey::from_der(RS256, &rsa).expect("a key")),
        ),
        (
            "Ed25519",
            200,
            measure(&|| VerifyingKey::from_der(EdDSA, &ed25519).expect("a key")),
        ),
        (
            "HMAC",
            // AWS-LC reserves room for the largest of its hash functions, three times.
            if cfg!(feature = "aws-lc-rs") {
                1_500
            } else {
                450
            },
            measure(&|| VerifyingKey::from_secret(HS256, [7; 32]).expect("a key")),
        ),
    ] {
        println!("{name}: {bytes} bytes");
        assert!(bytes <= most, "{name}: {bytes}");
    }
}
