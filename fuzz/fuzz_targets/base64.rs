//! base64's engine with the vectors of the processor against its general-purpose engine, and what the
//! library decodes and encodes against the latter.

#![no_main]

#[path = "../../tests/extended/tests/base64/engines.rs"]
mod engines;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engines::{PAIRS, Pair, has_vectors};
use jwt_ring::{
    Algorithm, Claims, KeyError, Signer, SigningKey, Unverified, Verifier, VerifyError,
    VerifyingKey,
};
use jwt_ring_fuzz::{KEYS, PUBLIC, encode};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(init: check_processor(), |input: &[u8]| {
    let [high, low, byte, rest @ ..] = input else {
        return;
    };
    let number = usize::from(u16::from_be_bytes([*high, *low]));
    for pair in &*PAIRS {
        pair.check_encoding(rest);
        check_text(pair, rest, number);
        check_text(pair, &replaced(pair, rest, number, *byte), number);
    }
    check_library(rest);
    for pair in &PAIRS[..2] {
        check_library(&replaced(pair, rest, number, *byte));
    }
    check_written(&String::from_utf8_lossy(rest));
});

/// Encodes, and replaces a character: texts with one error are seldom found by chance.
fn replaced(pair: &Pair, bytes: &[u8], number: usize, byte: u8) -> Vec<u8> {
    let mut text = pair.encode(bytes);
    if let Some(position) = number.checked_rem(text.len()) {
        text[position] = byte;
    }
    text
}

fn check_processor() {
    if !has_vectors() {
        eprintln!("no vectors that base64 uses: its engines are the same");
    }
}

/// Decodes into memory of its own, and into slices near the length of the bytes and of any other.
fn check_text(pair: &Pair, text: &[u8], number: usize) {
    pair.check_decoding(text);
    let whole = text.len() * 3 / 4;
    for more in [0, 1, 2, 3, 24] {
        pair.check_decoding_into(text, whole + more);
        pair.check_decoding_into(text, whole.saturating_sub(more));
    }
    pair.check_decoding_into(text, number % (whole + 1));
}

/// Checks that the library decodes what the general-purpose engine decodes, to the same bytes.
fn check_library(text: &[u8]) {
    let expected = URL_SAFE_NO_PAD.decode(text).ok();
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    check_segments(text, expected.is_some());
    check_secret(text, expected.as_deref());

    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": text }).to_string();
    let read = VerifyingKey::from_jwk(Algorithm::EdDSA, &jwk).ok();
    let same = expected
        .as_deref()
        .and_then(|bytes| VerifyingKey::from_raw(Algorithm::EdDSA, bytes).ok());
    assert_eq!(
        read.map(|key| key.thumbprint()),
        same.map(|key| key.thumbprint())
    );

    let jwk = json!({ "kty": "RSA", "n": text, "e": "AQAB" }).to_string();
    if let Ok(key) = VerifyingKey::from_jwk(Algorithm::RS256, &jwk) {
        let bytes = expected.expect("a text that is decoded");
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let written = serde_json::to_value(&key).expect("a public key");
        assert_eq!(written["n"], encode(&bytes[zeros..]));
    }
}

/// Checks a text as each segment of a token.
fn check_segments(text: &str, is_valid: bool) {
    if text.contains('.') || text.len() > 8 * 1024 {
        return;
    }
    match Unverified::parse(&format!("{text}.e30.")) {
        Err(VerifyError::MalformedHeader { reason, .. }) => {
            assert_eq!(!reason.contains("base64url"), is_valid, "{text}");
        }
        _ => assert!(is_valid, "{text}"),
    }

    let signing_input = format!("{}.{text}", encode(r#"{"alg":"HS256"}"#));
    let signature = KEYS[0].sign(signing_input.as_bytes()).expect("a signature");
    let token = format!("{signing_input}.{}", encode(signature));
    match Verifier::new().verify::<Claims>(&token, &PUBLIC[0]) {
        Err(VerifyError::MalformedPayload { reason, .. }) => {
            assert_eq!(!reason.contains("base64url"), is_valid, "{text}");
        }
        _ => assert!(is_valid, "{text}"),
    }

    // A buffer for short signatures, and one for those of RSA.
    for (name, key) in [("HS256", &PUBLIC[0]), ("RS256", &PUBLIC[1])] {
        let header = encode(format!(r#"{{"alg":"{name}"}}"#));
        match Verifier::new().verify::<Claims>(&format!("{header}.e30.{text}"), key) {
            Err(VerifyError::MalformedSignature { .. }) => assert!(!is_valid, "{text}"),
            Err(VerifyError::InvalidSignature) => assert!(is_valid, "{text}"),
            outcome => panic!("{text}: {outcome:?}"),
        }
    }
}

/// Checks a text as the secret of a JWK, also with each character escaped.
fn check_secret(text: &str, bytes: Option<&[u8]>) {
    let jwk = json!({ "kty": "oct", "k": text }).to_string();
    let escaped: String = text
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04x}"))
        .collect();
    for jwk in [jwk, format!(r#"{{"kty":"oct","k":"{escaped}"}}"#)] {
        let read = SigningKey::from_jwk(Algorithm::HS256, &jwk);
        let Some(bytes) = bytes else {
            assert!(matches!(read, Err(KeyError::Malformed { .. })), "{text}");
            continue;
        };
        let sign = |key: SigningKey| key.sign(b"message").expect("a signature").as_ref().to_vec();
        let same = SigningKey::from_secret(Algorithm::HS256, bytes);
        assert_eq!(read.map(sign), same.map(sign), "{text}");
    }
}

/// Checks that the segments of a token that the library writes are those of the general-purpose engine.
fn check_written(text: &str) {
    let payload = json!({ "a": text });
    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let Ok(token) = Signer::new(key.with_id(text)).sign(&payload) else {
        return;
    };
    let mut segments = token.split('.');
    let header = segments.next().expect("a header");
    let header = URL_SAFE_NO_PAD.decode(header).expect("base64url");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    assert_eq!(header["kid"], text);
    assert_eq!(segments.next(), Some(&*encode(payload.to_string())));
    let read = Unverified::parse(&token).expect("a token");
    assert_eq!(read.claims::<Value>(), Ok(payload));
    assert_eq!(read.header().key_id(), Some(text));
}
