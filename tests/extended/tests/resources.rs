//! What a token costs: nothing to speak of when it is refused before its signature held, and memory
//! in proportion to its length after that.

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

/// What a refusal may allocate, in bytes, whatever the length of the token: the header, which is at
/// most 8 KiB, and its members, of which that is room for a thousand.
const SMALL: u64 = 256 * 1024;

/// The same for a usual header.
const TINY: u64 = 1024;

/// What a refusal may allocate where even the header is not worth reading.
const NOTHING: u64 = 0;

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

/// A verifier without the limit that refuses all of these at once.
fn patient() -> Verifier {
    Verifier::new().clock(clock()).max_size(usize::MAX)
}

fn refuse(verifier: &Verifier, token: &str, key: &VerifyingKey) -> (u64, &'static str) {
    let mut code = "accepted";
    let allocated = measure(|| {
        if let Err(error) = verifier.verify::<Value>(token, key) {
            code = error.code();
        }
    });
    (allocated.bytes_total, code)
}

/// Tokens of a mebibyte that nobody signed.
fn hostile() -> Vec<(&'static str, String, u64, &'static str)> {
    let header = |members: String| encode(format!(r#"{{"alg":"HS256"{members}}}"#));
    let plain = header(String::new());
    let text = |text: &str| text.repeat(MIB / text.len());
    let long = header(format!(r#","x":"{}""#, text("x")));
    let names: String = (0..1_000).map(|n| format!(r#","{n:x}":0"#)).collect();
    let deep = format!(r#","x":{}{}"#, "[".repeat(2_000), "]".repeat(2_000));
    vec![
        ("dots", text("."), NOTHING, "segments"),
        ("no dots", text("A"), NOTHING, "segments"),
        (
            "five long segments",
            [(); 5].map(|()| text("AAAA")).join("."),
            NOTHING,
            "segments",
        ),
        (
            "long header",
            format!("{long}.e30.AA"),
            NOTHING,
            "malformed_header",
        ),
        (
            "header of spaces",
            format!("{}.e30.AA", text(" ")),
            NOTHING,
            "malformed_header",
        ),
        (
            "header of names",
            format!("{}.{}.AA", header(names), text("A")),
            SMALL,
            "invalid_signature",
        ),
        (
            "deep header",
            format!("{}.{}.AA", header(deep), text("A")),
            SMALL,
            "malformed_header",
        ),
        (
            "long payload",
            format!("{plain}.{}.AA", text("A")),
            TINY,
            "invalid_signature",
        ),
        (
            "payload of braces",
            format!("{plain}.{}.AA", encode(text("{"))),
            TINY,
            "invalid_signature",
        ),
        (
            "payload that is not base64url",
            format!("{plain}.{}.AA", text("=")),
            TINY,
            "invalid_signature",
        ),
        (
            "long signature",
            format!("{plain}.e30.{}", text("A")),
            TINY,
            "invalid_signature",
        ),
        (
            "signature of spaces",
            format!("{plain}.e30.{}", text(" ")),
            TINY,
            "invalid_signature",
        ),
    ]
}

#[test]
fn what_nobody_signed_costs_little() {
    let public = key().verifying_key();
    for (name, token, limit, expected) in hostile() {
        let (allocated, code) = refuse(&patient(), &token, &public);
        assert_eq!(code, expected, "{name}");
        assert!(allocated <= limit, "{name}: {allocated} bytes");
        let (allocated, code) = refuse(&Verifier::new(), &token, &public);
        assert_eq!((allocated, code), (0, "too_large"), "{name}");
    }
    let dots = ".".repeat(MIB);
    let allocated = measure(|| assert!(Unverified::parse(&dots).is_err()));
    assert_eq!(allocated.bytes_total, 0);
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
fn what_was_signed_costs_in_proportion_to_its_length() {
    let key = key();
    let public = key.verifying_key();
    let verifier = patient().audience("a");
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
            let measured = measure(|| match verifier.verify::<()>(&token, &public) {
                Ok(_) | Err(VerifyError::Missing(_)) => {}
                Err(error) => panic!("{kind}: {error}"),
            });
            measured.bytes_max as f64 / token.len() as f64
        };
        let (short, long) = (cost(20_000), cost(2_000_000));
        // A hundred times the token, and no more per byte; tables double, hence the room.
        assert!(
            long <= 2.0 * short,
            "{kind}: {short} bytes a byte, then {long}"
        );
        assert!(long <= 12.0, "{kind}: {long} bytes a byte");
    }
}

/// How often memory is asked for: once for the payload and once for each string that is kept, unless
/// the caller lends both.
#[test]
fn a_usual_token_costs_its_payload_and_its_strings() {
    #[derive(Deserialize)]
    struct Lent<'a> {
        role: &'a str,
    }
    #[derive(Deserialize, Serialize)]
    struct Kept {
        role: String,
    }
    let key = key().with_id("1");
    let public = key.verifying_key();
    let set = KeySet::from_iter([public.clone()]);
    let signer = Signer::new(key);
    let claims = Claims::new(&clock(), Duration::from_secs(900))
        .issuer("https://issuer.example")
        .audience("https://api.example")
        .subject("user-42")
        .custom(Kept {
            role: "admin".into(),
        });
    let verifier = patient()
        .issuer("https://issuer.example")
        .audience("https://api.example");
    let remembering = verifier.clone().remember::<Kept>(16);

    let mut text = String::with_capacity(1024);
    let mut buffer = Vec::with_capacity(1024);
    // The first use of a key may set up what *ring* keeps.
    let token = signer.sign(&claims).expect("a token");
    remembering.verify(&token, &public).expect("a good token");

    let count = |mut run: Box<dyn FnMut() + '_>| {
        let measured = measure(&mut run);
        assert_eq!(measured.count_current, 0, "nothing is left behind");
        measured.count_total
    };
    let sign = count(Box::new(|| drop(signer.sign(&claims).expect("a token"))));
    let sign_into = count(Box::new(|| {
        signer.sign_into(&claims, &mut text).expect("a token");
    }));
    let owned = count(Box::new(|| {
        let token: Token<Kept> = verifier.verify(&token, &public).expect("a good token");
        assert_eq!(token.claims().custom.role, "admin");
    }));
    let by_kid = count(Box::new(|| {
        let token = verifier.verify::<Kept>(&token, &set);
        assert_eq!(token.expect("a good token").header().key_id(), Some("1"));
    }));
    let borrowed = count(Box::new(|| {
        let token = verifier.verify_borrowed::<Lent<'_>>(&token, &public, &mut buffer);
        assert_eq!(token.expect("a good token").claims().custom.role, "admin");
    }));
    let seen = count(Box::new(|| {
        drop(remembering.verify(&token, &public).expect("a good token"));
    }));
    assert_eq!((sign, sign_into), (1, 0));
    // The payload; issuer, audience, subject and role.
    assert_eq!((owned, by_kid), (1 + 4, 1 + 4));
    assert_eq!((borrowed, seen), (0, 0));
}

/// However the keys are shared, and for access tokens too.
#[test]
fn headers_that_are_known_cost_nothing() {
    let public = key().with_id("1").verifying_key();
    let (shared, boxed) = (Arc::new(public.clone()), Box::new(public.clone()));
    let set = KeySet::from_iter([public.clone()]);
    let claims = Claims::new(&clock(), Duration::from_secs(900));
    let mut buffer = Vec::with_capacity(1024);
    for token_type in ["JWT", "at+jwt"] {
        let signer = Signer::new(key().with_id("1")).token_type(token_type);
        let token = signer.sign(&claims).expect("a token");
        let verifier = patient().token_type(token_type);
        for keys in [&public as &dyn Keys, &&public, &shared, &boxed, &set] {
            let measured = measure(|| {
                let token = verifier.verify_borrowed::<()>(&token, keys, &mut buffer);
                assert!(token.is_ok());
            });
            assert_eq!(measured.count_total, 0, "{token_type}");
        }
    }
}

#[test]
fn a_key_set_costs_in_proportion_to_its_length() {
    let cost = |count: usize| {
        let keys = vec![r#"{"kty":"later","x":[[[]]]}"#; count].join(",");
        let json = format!(r#"{{"keys":[{keys}]}}"#);
        let measured = measure(|| {
            let set = KeySet::from_json(&json).expect("a set");
            assert_eq!(set.ignored().len(), count);
        });
        measured.bytes_max as f64 / json.len() as f64
    };
    let (short, long) = (cost(100), cost(10_000));
    assert!(long <= 2.0 * short, "{short} bytes a byte, then {long}");
}
