//! Memory of `Issuers` before the signature: at most twice the token plus 1 KiB.

#[path = "../../support/mod.rs"]
mod support;

use std::fmt::Write;

use allocation_counter::measure;
use jwt_ring::{Algorithm, Claims, Issuers, SigningKey, Verifier};
use support::{clock, encode};

const ISSUER: &str = "https://issuer.example";

/// Payloads that are costly to scan, with the issuer at the end.
fn payloads() -> Vec<String> {
    let many = |member: &dyn Fn(usize) -> String| {
        let mut text = String::from("{");
        for n in 0..20_000 {
            write!(text, "{},", member(n)).unwrap();
        }
        text + &format!(r#""iss":"{ISSUER}"}}"#)
    };
    let escapes = "\\u0068".repeat(20_000);
    vec![
        many(&|n| format!(r#""{n}":0"#)),
        many(&|n| format!(r#""\u0061{n}":0"#)),
        many(&|n| format!(r#""a":{n}"#)),
        many(&|_| r#""":[]"#.to_owned()),
        many(&|n| format!(r#""{n}":{{"iss":[{{}}]}}"#)),
        format!(r#"{{"iss":"{escapes}"}}"#),
        format!(r#"{{"iss":"{}"}}"#, "h".repeat(100_000)),
        format!(r#"{{"{escapes}":0,"iss":"{ISSUER}"}}"#),
        format!(r#"{{"{escapes}":0,"iss":"{escapes}"}}"#),
        format!(r#"{{"a":"{escapes}","iss":"{ISSUER}"}}"#),
        format!(
            r#"{{"a":{}{},"iss":"{ISSUER}"}}"#,
            "[".repeat(50_000),
            "]".repeat(50_000)
        ),
        "{".repeat(100_000),
    ]
}

#[test]
fn memory_before_the_signature_is_at_most_twice_the_token_plus_1_kib() {
    let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let verifier = Verifier::new().clock(clock()).max_size(usize::MAX);
    let keys = key.verifying_key();
    // The key keeps what it allocates at its first verification.
    drop(verifier.verify::<Claims>("e30.e30.AA", &keys));
    let issuers = Issuers::new()
        .trust(ISSUER, verifier, keys)
        .max_size(usize::MAX);
    let (mut unknown, mut invalid) = (0, 0);
    for payload in payloads() {
        let header = encode(r#"{"alg":"HS256"}"#);
        let token = format!("{header}.{}.{}", encode(&payload), encode([0; 32]));
        let mut code = "valid";
        let allocated = measure(|| {
            if let Err(error) = issuers.verify::<Claims>(&token) {
                code = error.code();
            }
        });
        match code {
            "unknown_issuer" => unknown += 1,
            "invalid_signature" => invalid += 1,
            code => assert_eq!(code, "malformed_payload"),
        }
        let limit = 2 * token.len() as u64 + 1024;
        let start = &payload[..20];
        assert!(
            allocated.bytes_max <= limit,
            "{start}: {allocated:?}, {limit}"
        );
    }
    assert!(unknown > 0 && invalid > 0, "{unknown} and {invalid}");
}
