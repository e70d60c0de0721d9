//! No secret that a key is loaded from is in memory that the library freed.
//!
//! The allocator searches each block for parts of the secrets before it frees the block. What is
//! searched for is the secret as bytes, in base64, and in base64url: twelve bytes or characters of it
//! are enough. *ring* keeps RSA numbers in another byte order, which is not searched for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::OnceLock;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jwt_ring::{Algorithm, KeySet, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use Algorithm::{ES256, EdDSA, HS256, HS512, RS256};

const PART: usize = 12;

struct Inspector;

#[global_allocator]
static INSPECTOR: Inspector = Inspector;

thread_local! {
    /// The number of blocks found, while this thread counts.
    static FOUND: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Sorted.
static PARTS: OnceLock<Vec<[u8; PART]>> = OnceLock::new();

// SAFETY: all calls are forwarded to the system's allocator. `realloc` is the default, which frees
// the old block through `dealloc`.
unsafe impl GlobalAlloc for Inspector {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeroed, so that each byte may be read before the block is freed.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(found) = FOUND.get()
            && let Some(parts) = PARTS.get()
        {
            // SAFETY: the block is allocated and was zeroed.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            let mut windows = bytes.windows(PART);
            if windows.any(|window| parts.binary_search_by(|part| part[..].cmp(window)).is_ok()) {
                FOUND.set(Some(found + 1));
            }
        }
        unsafe { System.dealloc(block, layout) }
    }
}

/// Runs the code, and returns how many freed blocks held a part of a secret.
fn count(run: impl FnOnce()) -> usize {
    PARTS.get_or_init(parts);
    FOUND.set(Some(0));
    run();
    FOUND.take().expect("a count")
}

/// The parts of all secrets, at each twelfth byte, so that 24 bytes in a row hold a whole one.
fn parts() -> Vec<[u8; PART]> {
    let mut all = Vec::new();
    for secret in secrets() {
        // Base64 of the secret alone, and at the other two offsets from the beginning of a text.
        let mut forms = vec![secret.clone()];
        for offset in 0..3 {
            let padded = [&vec![0; offset], &secret[..]].concat();
            forms.push(BASE64_STANDARD.encode(&padded)[4..].into());
            forms.push(BASE64_URL_SAFE_NO_PAD.encode(&padded)[4..].into());
        }
        for form in forms {
            all.extend(form.as_chunks().0);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn der(file: &str) -> Vec<u8> {
    let body: String = pem(file)
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    BASE64_STANDARD.decode(body).expect("base64")
}

fn pem(file: &str) -> String {
    let path = format!("{}/../keys/{file}.pem", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("a file")
}

const ED25519: &str = "ed25519.pkcs8";
const EC: &str = "ecp256.pkcs8";
const RSA: &str = "rsa2048.pkcs8";

/// The private numbers of the files, and a symmetric secret.
fn secrets() -> Vec<Vec<u8>> {
    let (ed25519, ec, rsa) = (der(ED25519), der(EC), rsa_numbers());
    let mut secrets = vec![ed25519[16..48].to_vec(), ec[36..68].to_vec(), hmac_secret()];
    // Without the modulus and the exponent, which are public.
    secrets.extend(rsa[3..].iter().cloned());
    secrets
}

fn hmac_secret() -> Vec<u8> {
    (0..64).map(|n: u8| n.wrapping_mul(37) ^ 0xa5).collect()
}

/// The INTEGERs of the PKCS#1 key in the PKCS#8 file: version, n, e, d, p, q, dp, dq, qi.
fn rsa_numbers() -> Vec<Vec<u8>> {
    let der = der(RSA);
    let mut rest = &der[30..];
    let mut numbers = Vec::new();
    while let [0x02, first, after @ ..] = rest {
        let (length, after) = match first {
            0x81 => (usize::from(after[0]), &after[1..]),
            0x82 => (
                usize::from(u16::from_be_bytes([after[0], after[1]])),
                &after[2..],
            ),
            short => (usize::from(*short), after),
        };
        let number = &after[..length];
        numbers.push(number.strip_prefix(&[0]).unwrap_or(number).to_vec());
        rest = &after[length..];
    }
    assert_eq!(numbers.len(), 9);
    numbers
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The private JWKs of the files.
fn jwks() -> [(Algorithm, Value); 4] {
    let public = |algorithm, file| {
        let key = SigningKey::from_der(algorithm, der(file)).expect("a key");
        serde_json::to_value(key.verifying_key()).expect("a JWK")
    };
    let mut ed25519 = public(EdDSA, ED25519);
    ed25519["d"] = json!(encode(&der(ED25519)[16..48]));
    let mut ec = public(ES256, EC);
    ec["d"] = json!(encode(&der(EC)[36..68]));
    let mut rsa = public(RS256, RSA);
    for (name, number) in ["d", "p", "q", "dp", "dq", "qi"]
        .iter()
        .zip(&rsa_numbers()[3..])
    {
        rsa[name] = json!(encode(number));
    }
    let oct = json!({ "kty": "oct", "k": encode(&hmac_secret()) });
    [(EdDSA, ed25519), (ES256, ec), (RS256, rsa), (HS256, oct)]
}

#[test]
fn the_allocator_finds_secrets_in_freed_blocks() {
    for secret in secrets() {
        for text in [
            secret.clone(),
            BASE64_STANDARD
                .encode([&[1, 2], &secret[..]].concat())
                .into(),
            encode(&secret).into(),
        ] {
            assert_eq!(count(|| drop(text.clone())), 1);
            // A buffer that grows leaves a copy behind.
            let copies = count(|| {
                let mut grown = text.clone();
                grown.reserve(10_000);
                std::mem::forget(grown);
            });
            assert_eq!(copies, 1);
        }
    }
    assert_eq!(count(|| drop(vec![7_u8; 100])), 0);
}

#[cfg(feature = "pem")]
#[test]
fn no_part_of_a_pem_is_left() {
    for (algorithm, file) in [(EdDSA, ED25519), (ES256, EC), (RS256, RSA)] {
        let pem = pem(file);
        let one_line = pem.replace('\n', " ");
        let indented = pem.replace('\n', "\n    ");
        for text in [&pem, &one_line, &indented] {
            let found = count(|| {
                SigningKey::from_pem(algorithm, text).expect("a key");
            });
            assert_eq!(found, 0, "{file}");
        }
        // Of another kind, and broken at the end, in the middle, and in the label.
        let rest = pem.len() - 60;
        let broken = [
            pem.replace("\n-----END", "!\n-----END"),
            pem.replace("\n-----END", "A\n-----END"),
            format!("{}{}", &pem[..rest], &pem[rest + 1..]),
            pem.replace("END PRIVATE", "END PUBLIC"),
            pem.replace('\n', "\\n"),
            format!("{pem}{pem}"),
        ];
        for text in &broken {
            let found = count(|| {
                SigningKey::from_pem(algorithm, text).expect_err("no key");
                VerifyingKey::from_pem(algorithm, text).expect_err("no key");
            });
            assert_eq!(found, 0, "{file}");
        }
        let found = count(|| {
            SigningKey::from_pem(HS256, &pem).expect_err("another kind");
            SigningKey::from_secret(HS256, &pem).expect_err("a PEM");
        });
        assert_eq!(found, 0, "{file}");
    }
}

#[test]
fn no_part_of_der_and_secrets_is_left() {
    for (algorithm, file) in [(EdDSA, ED25519), (ES256, EC), (RS256, RSA)] {
        let good = der(file);
        let mut bad = good.clone();
        let last = bad.len() - 1;
        bad[last] ^= 1;
        let found = count(|| {
            drop(SigningKey::from_der(algorithm, &good).expect("a key"));
            let _ = SigningKey::from_der(algorithm, &bad);
            SigningKey::from_der(algorithm, &good[..last]).expect_err("cut");
            SigningKey::from_secret(HS256, &good).expect_err("DER");
        });
        assert_eq!(found, 0, "{file}");
    }
    let secret = hmac_secret();
    let text =
        String::from_utf16_lossy(&jwks()[0].1.to_string().encode_utf16().collect::<Vec<_>>());
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = count(|| {
        drop(SigningKey::from_secret(HS512, &secret).expect("a key"));
        drop(VerifyingKey::from_short_secret(HS256, &secret).expect("a key"));
        SigningKey::from_secret(HS256, &text).expect_err("a JWK");
        SigningKey::from_secret(HS256, &utf16).expect_err("a JWK");
    });
    assert_eq!(found, 0);
}

#[test]
fn no_part_of_a_jwk_is_left() {
    for (algorithm, jwk) in jwks() {
        let name = if algorithm == HS256 { "k" } else { "d" };
        let number = jwk[name].as_str().expect("a number");
        let with = |value: &str| {
            let text = jwk.to_string();
            text.replace(&format!("\"{number}\""), value)
        };
        // The first character as an escape, and all of them.
        let all: String = number
            .chars()
            .map(|c| format!("\\u{:04x}", c as u32))
            .collect();
        let first = format!("\\u{:04x}{}", u32::from(number.as_bytes()[0]), &number[1..]);
        for text in [
            jwk.to_string(),
            with(&format!("\"{first}\"")),
            with(&format!("\"{all}\"")),
        ] {
            let found = count(|| {
                SigningKey::from_jwk(algorithm, &text).expect("a key");
                VerifyingKey::from_jwk(algorithm, &text).expect("a key");
            });
            assert_eq!(found, 0, "{algorithm} {text}");
        }
        for text in [
            with(&format!("\"{number}=\"")),
            with(&format!("\"{number}!\"")),
            with(&format!("\"{first}\\n\"")),
            with(&format!("\"{first}\\u00e9\"")),
            with(&format!("\"{first}\\ud83d\\ude00\"")),
            with(&format!("[\"{number}\"]")),
            with(&format!("\"{number}\",\"{name}\":\"{number}\"")),
            with(&format!("\"{number}\",\"use\":\"enc\"")).replace("\"use\":\"sig\",", ""),
            jwk.to_string().replace("\"kty\":\"", "\"kty\":\"x"),
            jwk.to_string().replace('}', ",}"),
        ] {
            let found = count(|| {
                SigningKey::from_jwk(algorithm, &text).expect_err("no key");
            });
            assert_eq!(found, 0, "{algorithm} {text}");
        }
        if algorithm != HS256 {
            // Another number, which does not belong to the public key.
            let text = with(&format!("\"A{}\"", &number[1..]));
            let found = count(|| {
                let _ = SigningKey::from_jwk(algorithm, &text);
            });
            assert_eq!(found, 0, "{algorithm}");
        }
    }
}

#[test]
fn no_part_of_a_key_set_is_left() {
    let keys: Vec<Value> = jwks().into_iter().map(|(_, jwk)| jwk).collect();
    let json = json!({ "keys": keys }).to_string();
    let found = count(|| {
        let set = KeySet::from_secret_json(&json).expect("a set");
        assert_eq!(set.len(), 4);
        drop(set);
        assert_eq!(KeySet::from_json(&json).expect("a set").len(), 3);
    });
    assert_eq!(found, 0);
}
