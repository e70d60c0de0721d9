//! The engine of base64 with the vectors of the processor, which has `unsafe` code, against its
//! general-purpose engine, and the library against the latter. All bytes at all positions are in
//! the ignored test, which `.ci/full` runs with base64 optimized.

#![cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]

mod engines;

use base64::engine::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engines::{PAIRS, Pair, has_vectors};
use jwt_ring::{Algorithm, SigningKey, Unverified, VerifyError};

/// Longer than three blocks of any kernel, of which the longest reads 32 characters.
const LONGEST: usize = 200;

/// Returns texts of this length: one that is valid if the length is, and padded ones.
fn texts(pair: &Pair, length: usize) -> Vec<Vec<u8>> {
    let bytes: Vec<u8> = (0..=u8::MAX).rev().cycle().take(length * 3 / 4).collect();
    let mut text = pair.encode(&bytes);
    text.resize(length, b'A');
    let shorter = (1..=2).filter_map(|less| bytes.get(less..));
    let padded = shorter.map(|bytes| pair.encode(bytes));
    let padded = padded.filter(|text| text.len() == length && text.ends_with(b"="));
    [text].into_iter().chain(padded).collect()
}

/// Calls `check` for texts of this length, as they are and with each character replaced by the bytes
/// that `bytes` returns for the position.
fn replaced<B: IntoIterator<Item = u8>>(
    pair: &Pair,
    length: usize,
    bytes: impl Fn(usize) -> B,
    mut check: impl FnMut(&[u8]),
) {
    for mut text in texts(pair, length) {
        check(&text);
        for position in 0..length {
            let valid = text[position];
            for byte in bytes(position) {
                text[position] = byte;
                check(&text);
            }
            text[position] = valid;
        }
    }
}

/// Decodes texts of each length with both engines.
fn check_replaced<B: IntoIterator<Item = u8>>(bytes: impl Fn(usize, usize) -> B) {
    for pair in &*PAIRS {
        for length in 0..=LONGEST {
            let mut buffers = [vec![0; length], vec![0; length]];
            let bytes = |position| bytes(length, position);
            replaced(pair, length, bytes, |text| {
                pair.check_slices(text, &mut buffers);
            });
        }
    }
}

/// Returns bytes that depend on the length and the position: few, because all take a minute here.
fn some_bytes(length: usize, position: usize) -> [u8; 2] {
    let one = (length * 89 + position * 57).to_le_bytes()[0];
    [one, !one]
}

#[test]
fn engines_decode_alike() {
    if !has_vectors() {
        println!("no vectors that base64 uses: the engines are the same");
    }
    check_replaced(some_bytes);
}

#[test]
#[ignore = "takes minutes unless base64 is optimized, as in .ci/full"]
fn engines_decode_all_bytes_at_all_positions_alike() {
    assert!(has_vectors(), "the engines are the same on this processor");
    check_replaced(|_, _| 0..=u8::MAX);
}

#[test]
fn engines_decode_alike_into_every_length() {
    for pair in &*PAIRS {
        for length in 0..=LONGEST {
            for text in texts(pair, length) {
                pair.check_decoding(&text);
                for size in 0..=length {
                    pair.check_decoding_into(&text, size);
                }
            }
        }
    }
}

#[test]
fn engines_encode_alike() {
    for pair in &*PAIRS {
        for length in 0..=2 * LONGEST {
            let bytes: Vec<u8> = (0..=u8::MAX).cycle().skip(length).take(length).collect();
            pair.check_encoding(&bytes);
        }
    }
}

/// Decodes a header, which is no JSON.
fn library_decodes(text: &[u8]) -> Option<bool> {
    let token = format!("{}.e30.", std::str::from_utf8(text).ok()?);
    match Unverified::parse(&token) {
        Err(VerifyError::MalformedHeader { reason, .. }) => Some(!reason.contains("base64url")),
        // The text has a dot.
        Err(VerifyError::Segments { .. }) => None,
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn the_library_decodes_what_the_general_engine_decodes() {
    for pair in &PAIRS[..2] {
        for length in 0..=LONGEST {
            replaced(
                pair,
                length,
                |position| some_bytes(length, position),
                |text| {
                    if let Some(decodes) = library_decodes(text) {
                        let expected = URL_SAFE_NO_PAD.decode(text);
                        assert_eq!(decodes, expected.is_ok(), "{:?}", text.escape_ascii());
                    }
                },
            );
        }
    }
}

#[test]
fn the_library_decodes_to_the_same_bytes() {
    for length in 43..=2 * LONGEST {
        for text in texts(&PAIRS[0], length) {
            let Ok(secret) = URL_SAFE_NO_PAD.decode(&text) else {
                assert_eq!(length % 4, 1);
                continue;
            };
            let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, text.escape_ascii());
            let key = SigningKey::from_jwk(Algorithm::HS256, &jwk).expect("a secret");
            let same = SigningKey::from_secret(Algorithm::HS256, secret).expect("a secret");
            let signature = same.sign(b"message").expect("a signature");
            let verified = key.verifying_key().verify(b"message", signature.as_ref());
            assert_eq!(verified, Ok(()), "{length}");
        }
    }
}
