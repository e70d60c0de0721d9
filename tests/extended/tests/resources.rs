//! Limits of memory: before the signature is valid, at most twice the token plus 1 KiB; after that, in
//! proportion to the length of the token.

#[path = "../../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use allocation_counter::measure;
use jwt_ring::{
    Algorithm, Claims, KeySet, Keys, Signer, SigningKey, Token, Unverified, Verifier, VerifyError,
    VerifyingKey,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use support::{NOW, clock, encode, forge};

const MIB: usize = 1 << 20;

/// The longest header, in bytes.
const MAX_HEADER: usize = 8 * 1024;

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

/// A verifier without the limit that rejects long tokens at once.
fn unlimited() -> Verifier {
    Verifier::new().clock(clock()).max_size(usize::MAX)
}

/// A key that has allocated what it keeps from its first verification on.
fn used(key: &SigningKey) -> VerifyingKey {
    let public = key.verifying_key();
    drop(Verifier::new().verify::<Claims>("e30.e30.AA", &public));
    public
}

/// Returns the most memory in use at once, in bytes, and the code of the error.
fn reject(verifier: &Verifier, token: &str, key: &VerifyingKey) -> (u64, &'static str) {
    let mut code = "accepted";
    let allocated = measure(|| {
        if let Err(error) = verifier.verify::<Claims<Value>>(token, key) {
            code = error.code();
        }
    });
    (allocated.bytes_max, code)
}

/// Returns `{"alg":"HS256"…}` of at most this length, padded by as many units as fit.
fn header(length: usize, before: &str, unit: impl Fn(usize) -> String, after: &str) -> String {
    let start = format!(r#"{{"alg":"HS256",{before}"#);
    let end = format!("{after}}}");
    let mut text = start;
    for n in 0.. {
        let unit = unit(n);
        if text.len() + unit.len() + end.len() > length {
            break;
        }
        text += &unit;
    }
    text + &end
}

/// A name of one or two letters, different for each `n` below 2,756, with JSON escapes or without.
fn short_name(n: usize, is_escaped: bool) -> String {
    let letter = |n: usize| {
        let letter = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[n % 52];
        match is_escaped {
            true => format!(r"\u{letter:04x}"),
            false => char::from(letter).to_string(),
        }
    };
    match n.checked_sub(52) {
        None => letter(n),
        Some(n) => letter(n / 52) + &letter(n),
    }
}

type Name = &'static str;

/// Headers of at most this length that are costly to parse, and the code of the error.
fn costly_headers(length: usize) -> Vec<(Name, String, Name)> {
    let names = |is_escaped| {
        let unit = move |n| format!(r#""{}":0,"#, short_name(n, is_escaped));
        header(length, "", unit, r#""":0"#)
    };
    let objects = |_| r#",{"":{"":0}}"#.to_owned();
    let deep = format!(
        r#"{{"alg":"HS256","a":{}{}}}"#,
        "[".repeat(length / 2 - 12),
        "]".repeat(length / 2 - 12)
    );
    let escape = |_| r"\u0061".to_owned();
    let letter = |_| "a".to_owned();
    let zero = |_| ",0".to_owned();
    let nested_name = |_| r#","\u0061":0"#.to_owned();
    // Letters up to the length, with an escape among the first or in their middle.
    let one_escape = |at_start: bool, start: &str, end: &str| {
        let letters = length.saturating_sub(start.len() + end.len() + 18);
        let before = if at_start { letters / 50 } else { letters / 2 };
        let (before, after) = ("a".repeat(before), "a".repeat(letters - before));
        format!(r#"{{"alg":"HS256",{start}{before}\n{after}{end}}}"#)
    };
    let colliding = (0..16)
        .map(|n| {
            let half = "a".repeat(length / 36);
            format!(r#""{half}{n:02}\n{half}":0"#)
        })
        .collect::<Vec<_>>();
    let colliding = format!(r#"{{"alg":"HS256",{}}}"#, colliding.join(","));
    vec![
        (
            "a kid with one escape",
            one_escape(false, r#""kid":""#, r#"""#),
            "invalid_signature",
        ),
        (
            "a kid with one escape near its start",
            one_escape(true, r#""kid":""#, r#"""#),
            "invalid_signature",
        ),
        (
            "a name with one escape",
            one_escape(false, r#"""#, r#"":0"#),
            "invalid_signature",
        ),
        (
            "long names with one escape each",
            colliding,
            "invalid_signature",
        ),
        (
            "objects in an array",
            header(length, r#""a":[0"#, objects, "]"),
            "invalid_signature",
        ),
        ("short names", names(false), "invalid_signature"),
        ("escaped names", names(true), "invalid_signature"),
        (
            "the same name",
            header(length, r#""b":0"#, |_| r#","a":0"#.into(), ""),
            "malformed_header",
        ),
        (
            "nested escaped names",
            header(length, r#""a":{"":0"#, nested_name, "}"),
            "invalid_signature",
        ),
        (
            "a kid with escapes",
            header(length, r#""kid":""#, escape, r#"""#),
            "invalid_signature",
        ),
        (
            "a kid without escapes",
            header(length, r#""kid":""#, letter, r#"""#),
            "invalid_signature",
        ),
        (
            "a typ with escapes",
            header(length, r#""typ":""#, escape, r#"""#),
            "invalid_signature",
        ),
        (
            "a name with escapes",
            header(length, r#"""#, escape, r#"":0"#),
            "invalid_signature",
        ),
        (
            "an array of numbers",
            header(length, r#""a":[0"#, zero, "]"),
            "invalid_signature",
        ),
        (
            "nested arrays",
            deep,
            match length {
                ..280 => "invalid_signature",
                _ => "malformed_header",
            },
        ),
    ]
}

#[test]
fn memory_before_the_signature_is_at_most_twice_the_token_plus_1_kib() {
    let public = used(&key());
    // All lengths, because tables are sized in powers of two.
    for length in (64..MAX_HEADER).step_by(61).chain([MAX_HEADER]) {
        for (name, header, expected) in costly_headers(length) {
            let token = format!("{}.e30.{}", encode(header), encode([0; 32]));
            let limit = 2 * token.len() as u64 + 1024;
            let (allocated, code) = reject(&unlimited(), &token, &public);
            let name = format!("{name}, a header of {length} bytes");
            assert_eq!(code, expected, "{name}");
            assert!(allocated <= limit, "{name}: {allocated} of {limit} bytes");
            let unverified = measure(|| drop(Unverified::parse(&token)));
            assert!(unverified.bytes_max <= limit, "{name}: {unverified:?}");
        }
    }
}

/// Tokens of a mebibyte without a valid signature, and the bytes of memory that rejecting them takes,
/// regardless of their length.
fn long_tokens() -> Vec<(Name, String, u64, Name)> {
    let plain = encode(r#"{"alg":"HS256"}"#);
    let text = |text: &str| text.repeat(MIB / text.len());
    let long = encode(format!(r#"{{"alg":"HS256","x":"{}"}}"#, text("x")));
    let payload = |payload: String| format!("{plain}.{payload}.AA");
    let signature = |signature: String| format!("{plain}.e30.{signature}");
    let (nothing, usual_header) = (0, 1024);
    vec![
        ("dots", text("."), nothing, "segments"),
        ("no dots", text("A"), nothing, "segments"),
        (
            "five long segments",
            [(); 5].map(|()| text("AAAA")).join("."),
            nothing,
            "segments",
        ),
        (
            "long header",
            format!("{long}.e30.AA"),
            nothing,
            "malformed_header",
        ),
        (
            "header of spaces",
            format!("{}.e30.AA", text(" ")),
            nothing,
            "malformed_header",
        ),
        (
            "long payload",
            payload(text("A")),
            usual_header,
            "invalid_signature",
        ),
        (
            "payload of braces",
            payload(encode(text("{"))),
            usual_header,
            "invalid_signature",
        ),
        (
            "payload that is not base64url",
            payload(text("=")),
            usual_header,
            "invalid_signature",
        ),
        (
            "signature of spaces",
            signature(text(" ")),
            usual_header,
            "malformed_signature",
        ),
        (
            "long signature",
            signature(text("A")),
            2 * MIB as u64,
            "invalid_signature",
        ),
    ]
}

#[test]
fn a_long_token_without_a_valid_signature_is_rejected_without_memory_for_it() {
    let public = used(&key());
    for (name, token, limit, expected) in long_tokens() {
        let (allocated, code) = reject(&unlimited(), &token, &public);
        assert_eq!(code, expected, "{name}");
        assert!(allocated <= limit, "{name}: {allocated} bytes");
        let (allocated, code) = reject(&Verifier::new(), &token, &public);
        assert_eq!((allocated, code), (0, "too_large"), "{name}");
    }
    let dots = ".".repeat(64 * 1024);
    assert_eq!(reject(&Verifier::new(), &dots, &public), (0, "segments"));
    let parsed = measure(|| assert!(Unverified::parse(&dots).is_err()));
    assert_eq!(parsed.count_total, 0);
}

/// A payload of about this length.
fn payload(kind: &str, length: usize) -> String {
    let members: String = match kind {
        "one string" => format!(r#","x":"{}""#, "x".repeat(length)),
        "escapes" => format!(r#","x":"{}""#, r"\u0061".repeat(length / 6)),
        "members" => (0..length / 11)
            .map(|n| format!(r#","{n:07}":0"#))
            .collect(),
        "escaped members" => (0..length / 16)
            .map(|n| format!(r#","\u0061{n:06}":0"#))
            .collect(),
        "array" => format!(r#","x":[0{}]"#, ",0".repeat(length / 2)),
        "audiences" => format!(r#","aud":["a"{}]"#, r#","a""#.repeat(length / 4)),
        "number" => format!(r#","nbf":0.{}"#, "1".repeat(length)),
        _ => panic!("{kind}"),
    };
    format!(r#"{{"exp":{}{members}}}"#, NOW + 1)
}

#[test]
fn memory_for_a_valid_token_is_proportional_to_its_length() {
    let key = key();
    let public = used(&key);
    let verifier = unlimited().audience("a");
    for kind in [
        "one string",
        "escapes",
        "members",
        "escaped members",
        "array",
        "audiences",
        "number",
    ] {
        let cost = |length: usize| {
            let token = forge(&key, r#"{"alg":"HS256"}"#, payload(kind, length));
            let measured = measure(|| match verifier.verify::<Claims>(&token, &public) {
                Ok(_) | Err(VerifyError::Missing(_)) => {}
                Err(error) => panic!("{kind}: {error}"),
            });
            measured.bytes_max as f64 / token.len() as f64
        };
        let (short, long) = (cost(20_000), cost(2_000_000));
        // The token is a hundred times as long; tables are sized in powers of two.
        assert!(
            long <= 2.0 * short,
            "{kind}: {short} bytes a byte, then {long}"
        );
        assert!(long <= 12.0, "{kind}: {long} bytes a byte");
    }
}

#[derive(Deserialize)]
struct Borrowed<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    role: &'a str,
}

#[derive(Deserialize)]
struct Owned {
    iss: String,
    role: String,
}

#[derive(Deserialize, Serialize)]
struct Role {
    role: String,
}

#[derive(Deserialize)]
struct BorrowedRole<'a> {
    role: &'a str,
}

fn usual_claims() -> Claims<Role> {
    Claims::new(&clock(), Duration::from_secs(900))
        .issuer("https://issuer.example")
        .audience("https://api.example")
        .subject("user-42")
        .custom(Role {
            role: "admin".into(),
        })
}

fn usual_verifier() -> Verifier {
    unlimited()
        .issuer("https://issuer.example")
        .audience("https://api.example")
}

/// Counts the allocations of a call that keeps none of them. The first call may set up what keys keep.
fn count(mut run: impl FnMut()) -> u64 {
    run();
    let measured = measure(&mut run);
    assert_eq!(
        measured.count_current, 0,
        "all memory is freed: {measured:?}"
    );
    measured.count_total
}

#[test]
fn signing_allocates_the_token_and_nothing_else() {
    let signer = Signer::new(key().with_id("1"));
    let claims = usual_claims();
    let mut text = String::with_capacity(1024);
    assert_eq!(count(|| drop(signer.sign(&claims).expect("a token"))), 1);
    let into = count(|| {
        text.clear();
        signer.sign_into(&claims, &mut text).expect("a token");
    });
    assert_eq!(into, 0);
}

#[test]
fn verification_allocates_header_payload_and_strings() {
    let key = key().with_id("1");
    let public = used(&key);
    let set = KeySet::from_iter([public.clone()]);
    let token = Signer::new(key).sign(&usual_claims()).expect("a token");
    let verifier = usual_verifier();
    let claims = |keys: &dyn Keys| {
        count(|| {
            let token: Token<Claims<Role>> = verifier.verify(&token, keys).expect("valid");
            assert_eq!(token.claims().custom.role, "admin");
            assert_eq!(token.header().key_id(), Some("1"));
        })
    };
    // Header and payload; issuer, audience, subject and role.
    assert_eq!((claims(&public), claims(&set)), (2 + 4, 2 + 4));
    let owned = count(|| {
        let token = verifier.verify::<Owned>(&token, &public).expect("valid");
        assert_eq!(token.claims().iss, "https://issuer.example");
        assert_eq!(token.claims().role, "admin");
    });
    assert_eq!(owned, 2 + 2);
}

/// For all implementations of `Keys`, and for other types of tokens.
#[test]
fn borrowed_verification_allocates_the_header_only() {
    let public = used(&key().with_id("1"));
    let (shared, boxed) = (Arc::new(public.clone()), Box::new(public.clone()));
    let set = KeySet::from_iter([public.clone()]);
    let mut buffer = Vec::with_capacity(1024);
    for typ in ["JWT", "at+jwt"] {
        let signer = Signer::new(key().with_id("1")).typ(typ);
        let token = signer.sign(&usual_claims()).expect("a token");
        let verifier = usual_verifier().typ(typ);
        for keys in [&public as &dyn Keys, &&public, &shared, &boxed, &set] {
            let allocated = count(|| {
                let token = verifier.verify_borrowed::<Borrowed<'_>>(&token, keys, &mut buffer);
                let token = token.expect("valid");
                let Borrowed {
                    iss,
                    sub,
                    aud,
                    role,
                } = token.claims();
                assert_eq!((*sub, *role), ("user-42", "admin"));
                assert_eq!(
                    (*iss, *aud),
                    ("https://issuer.example", "https://api.example")
                );
            });
            assert_eq!(allocated, 1, "{typ}");
            // Issuer, audience and subject of `Claims` are owned.
            let allocated = count(|| {
                let token =
                    verifier.verify_borrowed::<Claims<BorrowedRole<'_>>>(&token, keys, &mut buffer);
                assert_eq!(token.expect("valid").claims().custom.role, "admin");
            });
            assert_eq!(allocated, 1 + 3, "{typ}");
        }
    }
}

#[test]
fn a_cached_token_is_verified_without_allocation() {
    let key = key().with_id("1");
    let public = used(&key);
    let token = Signer::new(key).sign(&usual_claims()).expect("a token");
    let verifier = usual_verifier().cached::<Claims<Role>>(16);
    let cached = count(|| drop(verifier.verify(&token, &public).expect("valid")));
    assert_eq!(cached, 0);
}

#[test]
fn memory_for_a_key_set_is_proportional_to_its_length() {
    let cost = |count: usize| {
        let keys = vec![r#"{"kty":"later","x":[[[]]]}"#; count].join(",");
        let json = format!(r#"{{"keys":[{keys}]}}"#);
        let measured = measure(|| {
            let set = KeySet::from_json(&json).expect("a set");
            assert_eq!(set.ignored_count(), count);
        });
        measured.bytes_max as f64 / json.len() as f64
    };
    let (short, long) = (cost(100), cost(10_000));
    assert!(long <= 2.0 * short, "{short} bytes a byte, then {long}");
}
