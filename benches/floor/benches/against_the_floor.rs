//! What the library adds to the bare calls of *ring*, on the same bytes and in the same run.
//!
//! Each job is given as the ratio of its median to that of its floor, the first of its table.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use jwt_ring::{
    Algorithm, Claims, KeySet, Signer, SigningKey, SystemClock, Token, Verifier, VerifyingKey,
};
use jwt_ring_benches::{compare, job, median};
use ring::rand::SystemRandom;
use ring::{hmac, signature};
use serde::{Deserialize, Serialize};

const SECRET: [u8; 32] = [7; 32];
const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "https://api.example";

/// The custom claims of an access token: with the registered ones, eight members.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Access {
    client_id: String,
    scope: String,
}

#[derive(Deserialize)]
struct Borrowed<'a> {
    client_id: &'a str,
    scope: &'a str,
}

fn claims() -> Claims<Access> {
    Claims::new(&SystemClock, Duration::from_secs(900))
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .subject("5ba552d67")
        .jwt_id("dbe39bf3a3ba4238a513f51d6e1691c4")
        .custom(Access {
            client_id: "s6BhdRkqt3".into(),
            scope: "openid profile reademail".into(),
        })
}

fn verifier() -> Verifier {
    Verifier::new().issuer(ISSUER).audience(AUDIENCE)
}

/// What a token is filled with.
#[derive(Deserialize)]
struct Long<'a> {
    #[serde(default)]
    text: &'a str,
    #[serde(borrow, default)]
    groups: Vec<&'a str>,
}

/// A key for the algorithm, and again as *ring* has it.
fn key(algorithm: Algorithm) -> SigningKey {
    match algorithm {
        Algorithm::HS256 => SigningKey::from_secret(algorithm, SECRET),
        Algorithm::RS256 => SigningKey::from_pem(
            algorithm,
            include_bytes!("../../../examples/keys/rs256.pem"),
        ),
        _ => SigningKey::from_pem(
            algorithm,
            include_bytes!("../../../examples/keys/es256.pem"),
        ),
    }
    .expect("a key")
    .with_id("2026-11")
}

/// The bytes that were signed, the signature, and the whole.
fn split(token: &str) -> (&[u8], Vec<u8>) {
    use base64::Engine;
    let (message, signature) = token.rsplit_once('.').expect("a token");
    let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(signature)
        .expect("base64url");
    (message.as_bytes(), signature)
}

fn hs256() {
    let (signer, public) = pair(Algorithm::HS256);
    let token = signer.sign(&claims()).expect("a token");
    let (message, signature) = split(&token);
    let floor = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    let verifier = verifier();
    let remembering = verifier.clone().remember::<Access>(1_000);
    let mut forged = token.clone();
    forged.replace_range(
        token.len() - 2..token.len() - 1,
        if token.as_bytes()[token.len() - 2] == b'A' {
            "B"
        } else {
            "A"
        },
    );
    let set: KeySet = (0..10)
        .map(|n| {
            let key = VerifyingKey::from_secret(Algorithm::HS256, [n; 32]).expect("a key");
            if n == 7 {
                key.with_id("2026-11")
            } else {
                key.with_id(format!("2025-{n:02}"))
            }
        })
        .collect();
    let mut buffer = Vec::new();
    let claims = claims();
    let mut text = String::new();
    println!("a token of {} bytes", token.len());
    compare(
        "HS256 verify",
        vec![
            job("ring", || {
                hmac::verify(&floor, message, &signature).expect("good");
            }),
            job("into an owned struct, all checks", || {
                let token: Token<Access> = verifier.verify(&token, &public).expect("good");
                token
            }),
            job("into a borrowed struct, caller's buffer", || {
                let token = verifier
                    .verify_borrowed::<Borrowed<'_>>(&token, &public, &mut buffer)
                    .expect("good");
                let custom = &token.claims().custom;
                custom.client_id.len() + custom.scope.len()
            }),
            job("reject a bad signature", || {
                verifier
                    .verify::<Access>(&forged, &public)
                    .expect_err("forged")
            }),
            job("by kid among 10 keys", || {
                let token: Token<Access> = verifier.verify(&token, &set).expect("good");
                token
            }),
            job("a token seen before", || {
                remembering.verify(&token, &public).expect("good")
            }),
        ],
    );
    compare(
        "HS256 sign",
        vec![
            job("ring", || hmac::sign(&floor, message)),
            job("into a new string", || {
                signer.sign(&claims).expect("a token")
            }),
            job("into the caller's string", || {
                text.clear();
                signer.sign_into(&claims, &mut text).expect("a token");
            }),
        ],
    );
}

/// Whether the cost grows with the token, and no faster than that of the floor.
fn lengths() {
    let (signer, public) = pair(Algorithm::HS256);
    let floor = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    let verifier = Verifier::new();
    for (what, payload) in [
        (
            "one long string",
            |length| serde_json::json!({ "text": "x".repeat(length) }),
        ),
        ("groups of 12 bytes", |length: usize| {
            let groups: Vec<String> = (0..length / 15).map(|n| format!("group-{n:06}")).collect();
            serde_json::json!({ "groups": groups })
        }),
    ] as [(&str, fn(usize) -> serde_json::Value); 2]
    {
        for length in [16, 192, 750, 3_000, 12_000, 44_000] {
            let claims =
                Claims::new(&SystemClock, Duration::from_secs(900)).custom(payload(length));
            let token = signer.sign(&claims).expect("a token");
            let (message, signature) = split(&token);
            let mut buffer = Vec::new();
            compare(
                &format!("HS256 verify, {what}: {} bytes", token.len()),
                vec![
                    job("ring", || {
                        hmac::verify(&floor, message, &signature).expect("good");
                    }),
                    job("registered claims alone", || {
                        verifier.verify::<()>(&token, &public).expect("good")
                    }),
                    job("into a borrowed struct, caller's buffer", || {
                        let token =
                            verifier.verify_borrowed::<Long<'_>>(&token, &public, &mut buffer);
                        let custom = &token.as_ref().expect("good").claims().custom;
                        custom.text.len() + custom.groups.len()
                    }),
                ],
            );
        }
    }
}

/// What a second thread adds, on one verifier for both: 2 is all that there is to have. What a
/// machine has of it for work in memory, two threads with nothing in common tell.
fn threads() {
    let (signer, public) = pair(Algorithm::HS256);
    let token = |n| signer.sign(&claims().subject(format!("user-{n}")));
    let tokens: Vec<String> = (0..64).map(|n| token(n).expect("a token")).collect();
    let verifier = verifier();
    let remembering = verifier.clone().remember::<Access>(1_000);
    let plain = |token: &str| drop(verifier.verify::<Access>(token, &public).expect("good"));
    let seen = |token: &str| drop(remembering.verify(token, &public).expect("good"));
    let floor = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    let bare = |token: &str| {
        black_box(hmac::sign(&floor, token.as_bytes()));
    };
    let payload = serde_json::to_string(&claims()).expect("JSON");
    let apart = |token: &str| {
        bare(token);
        drop(serde_json::from_str::<serde_json::Value>(&payload).expect("JSON"));
    };
    type Job<'a> = (&'a str, usize, &'a (dyn Fn(&str) + Sync), Vec<f64>);
    let mut jobs: [Job<'_>; 4] = [
        ("ring", 600, &bare, Vec::new()),
        (
            "ring and serde_json, nothing shared",
            300,
            &apart,
            Vec::new(),
        ),
        ("into an owned struct, all checks", 300, &plain, Vec::new()),
        ("tokens seen before", 3_000, &seen, Vec::new()),
    ];
    for _ in 0..31 {
        for (_, rounds, run, ratios) in &mut jobs {
            // Seconds, by the thread's own account. Each begins elsewhere, as strangers do.
            let work = |offset: usize| {
                let turn = tokens.iter().cycle().skip(offset);
                let turn = turn.take(*rounds * tokens.len());
                let start = Instant::now();
                turn.for_each(|token| run(token));
                start.elapsed().as_secs_f64()
            };
            ratios.push(thread::scope(|scope| {
                let one = scope.spawn(|| work(0)).join().expect("no panic");
                let two = [0, 31].map(|offset| scope.spawn(move || work(offset)));
                two.map(|thread| one / thread.join().expect("no panic"))
                    .iter()
                    .sum()
            }));
        }
    }
    println!("two threads, against one");
    for (name, _, _, ratios) in &mut jobs {
        println!("  {name:48} {:>24.3}", median(ratios));
    }
}

fn pair(algorithm: Algorithm) -> (Signer, VerifyingKey) {
    let key = key(algorithm);
    let public = key.verifying_key();
    (Signer::new(key), public)
}

fn es256() {
    let (signer, public) = pair(Algorithm::ES256);
    let token = signer.sign(&claims()).expect("a token");
    let (message, signature) = split(&token);
    let jwk = serde_json::to_value(&public).expect("a JWK");
    let coordinate = |name: &str| split(&format!(".{}", jwk[name].as_str().expect("text"))).1;
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let floor = signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
    let verifier = verifier();
    let remembering = verifier.clone().remember::<Access>(1_000);
    let mut buffer = Vec::new();
    compare(
        "ES256 verify",
        vec![
            job("ring", || floor.verify(message, &signature).expect("good")),
            job("into an owned struct, all checks", || {
                let token: Token<Access> = verifier.verify(&token, &public).expect("good");
                token
            }),
            job("into a borrowed struct, caller's buffer", || {
                let token = verifier
                    .verify_borrowed::<Borrowed<'_>>(&token, &public, &mut buffer)
                    .expect("good");
                let custom = &token.claims().custom;
                custom.client_id.len() + custom.scope.len()
            }),
            job("a token seen before", || {
                remembering.verify(&token, &public).expect("good")
            }),
        ],
    );
    let generated = SigningKey::generate(Algorithm::ES256).expect("a key");
    let random = SystemRandom::new();
    let pkcs8 = generated.secret_pkcs8_der().expect("generated");
    let signing = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let floor = signature::EcdsaKeyPair::from_pkcs8(signing, pkcs8, &random).expect("a key");
    let claims = claims();
    compare(
        "ES256 sign",
        vec![
            job("ring", || {
                floor.sign(&random, message).expect("a signature")
            }),
            job("into a new string", || {
                signer.sign(&claims).expect("a token")
            }),
        ],
    );
}

fn rs256() {
    let (signer, public) = pair(Algorithm::RS256);
    let token = signer.sign(&claims()).expect("a token");
    let (message, signature) = split(&token);
    let jwk = serde_json::to_value(&public).expect("a JWK");
    let number = |name: &str| split(&format!(".{}", jwk[name].as_str().expect("text"))).1;
    let floor = signature::RsaPublicKeyComponents {
        n: number("n"),
        e: number("e"),
    };
    let parameters = &signature::RSA_PKCS1_2048_8192_SHA256;
    let verifier = verifier();
    let remembering = verifier.clone().remember::<Access>(1_000);
    let mut buffer = Vec::new();
    compare(
        "RS256 verify",
        vec![
            job("ring", || {
                floor.verify(parameters, message, &signature).expect("good");
            }),
            job("into an owned struct, all checks", || {
                let token: Token<Access> = verifier.verify(&token, &public).expect("good");
                token
            }),
            job("into a borrowed struct, caller's buffer", || {
                let token = verifier
                    .verify_borrowed::<Borrowed<'_>>(&token, &public, &mut buffer)
                    .expect("good");
                let custom = &token.claims().custom;
                custom.client_id.len() + custom.scope.len()
            }),
            job("a token seen before", || {
                remembering.verify(&token, &public).expect("good")
            }),
        ],
    );
    let pem = String::from_utf8(include_bytes!("../../../examples/keys/rs256.pem").to_vec())
        .expect("text");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pkcs8 = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body);
    let floor = ring::rsa::KeyPair::from_pkcs8(&pkcs8.expect("base64")).expect("a key");
    let random = SystemRandom::new();
    let mut bytes = vec![0; floor.public().modulus_len()];
    let claims = claims();
    compare(
        "RS256 sign",
        vec![
            job("ring", || {
                floor
                    .sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut bytes)
                    .expect("a signature");
            }),
            job("into a new string", || {
                signer.sign(&claims).expect("a token")
            }),
        ],
    );
}

fn main() {
    hs256();
    es256();
    rs256();
    lengths();
    threads();
}
