//! The cost of this library over the bare calls of *ring*, on the same bytes and in the same run.
//!
//! Each job is printed with the ratio of its median to that of the floor, the first job of its table.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use jwt_ring::{
    Algorithm, Claims, FixedClock, KeySet, NumericDate, Signer, SigningKey, SystemClock, Token,
    Verifier, VerifyingKey,
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

/// All claims of the same token in one struct.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "reading the fields is what is measured")]
struct Whole {
    iss: String,
    sub: String,
    aud: String,
    exp: u64,
    iat: u64,
    jti: String,
    client_id: String,
    scope: String,
}

#[derive(Deserialize)]
struct BorrowedWhole<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: u64,
    iat: u64,
    jti: &'a str,
    client_id: &'a str,
    scope: &'a str,
}

impl BorrowedWhole<'_> {
    fn total(&self) -> u64 {
        let texts = [
            self.iss,
            self.sub,
            self.aud,
            self.jti,
            self.client_id,
            self.scope,
        ];
        texts.iter().map(|text| text.len() as u64).sum::<u64>() + self.exp + self.iat
    }
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

/// Custom claims of any length.
#[derive(Deserialize)]
struct Long<'a> {
    #[serde(default)]
    text: &'a str,
    #[serde(borrow, default)]
    groups: Vec<&'a str>,
}

/// Loads a key for the algorithm.
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

/// Splits a token into the signing input and the decoded signature.
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
    let caching = verifier.clone().cached::<Claims<Access>>(1_000);
    let forged = forge(&token);
    let expired = {
        let past = FixedClock::at(NumericDate::from_seconds(1_700_000_000));
        let mut claims = claims();
        let dates = Claims::new(&past, Duration::from_secs(900));
        (claims.expiration, claims.issued_at) = (dates.expiration, dates.issued_at);
        signer.sign(&claims).expect("a token")
    };
    let set = key_set();
    let (mut buffer, mut whole_buffer) = (Vec::new(), Vec::new());
    println!("a token of {} bytes", token.len());
    compare(
        "HS256 verify",
        vec![
            job("ring", || {
                hmac::verify(&floor, message, &signature).expect("valid");
            }),
            job("into an owned struct, all checks", || {
                let token: Token<Claims<Access>> = verifier.verify(&token, &public).expect("valid");
                token
            }),
            job("into a borrowed struct, caller's buffer", || {
                let token = verifier
                    .verify_borrowed::<Claims<Borrowed<'_>>>(&token, &public, &mut buffer)
                    .expect("valid");
                let custom = &token.claims().custom;
                custom.client_id.len() + custom.scope.len()
            }),
            job("reject a bad signature", || {
                verifier
                    .verify::<Claims<Access>>(&forged, &public)
                    .expect_err("forged")
            }),
            job("by kid among 10 keys", || {
                let token: Token<Claims<Access>> = verifier.verify(&token, &set).expect("valid");
                token
            }),
            job("cache hit", || {
                caching.verify(&token, &public).expect("valid")
            }),
            job("all claims into an owned struct", || {
                verifier.verify::<Whole>(&token, &public).expect("valid")
            }),
            job("all claims into a borrowed struct", || {
                let token = verifier
                    .verify_borrowed::<BorrowedWhole<'_>>(&token, &public, &mut whole_buffer)
                    .expect("valid");
                token.claims().total()
            }),
            job("reject an expired token", || {
                verifier
                    .verify::<Claims<Access>>(&expired, &public)
                    .expect_err("expired")
            }),
        ],
    );
    hs256_sign(&signer, &floor, message);
}

/// Changes the last character but one of the signature.
fn forge(token: &str) -> String {
    let at = token.len() - 2;
    let other = if token.as_bytes()[at] == b'A' {
        "B"
    } else {
        "A"
    };
    let mut forged = token.to_owned();
    forged.replace_range(at..=at, other);
    forged
}

/// Ten keys, of which the eighth has the secret and the `kid` of the token.
fn key_set() -> KeySet {
    let key = |n| {
        let key = VerifyingKey::from_secret(Algorithm::HS256, [n; 32]).expect("a key");
        if n == 7 {
            key.with_id("2026-11")
        } else {
            key.with_id(format!("2025-{n:02}"))
        }
    };
    (0..10).map(key).collect()
}

fn hs256_sign(signer: &Signer, floor: &hmac::Key, message: &[u8]) {
    let claims = claims();
    let mut text = String::new();
    compare(
        "HS256 sign",
        vec![
            job("ring", || hmac::sign(floor, message)),
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

/// Measures how the cost grows with the length of the token.
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
                        hmac::verify(&floor, message, &signature).expect("valid");
                    }),
                    job("registered claims alone", || {
                        verifier.verify::<Claims>(&token, &public).expect("valid")
                    }),
                    job("into a borrowed struct, caller's buffer", || {
                        let token = verifier.verify_borrowed::<Claims<Long<'_>>>(
                            &token,
                            &public,
                            &mut buffer,
                        );
                        let custom = &token.as_ref().expect("valid").claims().custom;
                        custom.text.len() + custom.groups.len()
                    }),
                ],
            );
        }
    }
}

/// Measures the throughput of two threads that share a verifier, relative to one thread. The ideal
/// is 2. The job without shared data shows the limit of the machine.
fn threads() {
    let (signer, public) = pair(Algorithm::HS256);
    let token = |n| signer.sign(&claims().subject(format!("user-{n}")));
    let tokens: Vec<String> = (0..64).map(|n| token(n).expect("a token")).collect();
    let verifier = verifier();
    let caching = verifier.clone().cached::<Claims<Access>>(1_000);
    let plain = |token: &str| {
        drop(
            verifier
                .verify::<Claims<Access>>(token, &public)
                .expect("valid"),
        );
    };
    let cached = |token: &str| drop(caching.verify(token, &public).expect("valid"));
    let floor = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    let bare = |token: &str| {
        black_box(hmac::sign(&floor, token.as_bytes()));
    };
    let payload = serde_json::to_string(&claims()).expect("JSON");
    let unshared = |token: &str| {
        bare(token);
        drop(serde_json::from_str::<serde_json::Value>(&payload).expect("JSON"));
    };
    type Job<'a> = (&'a str, usize, &'a (dyn Fn(&str) + Sync), Vec<f64>);
    let mut jobs: [Job<'_>; 4] = [
        ("ring", 600, &bare, Vec::new()),
        (
            "ring and serde_json, nothing shared",
            300,
            &unshared,
            Vec::new(),
        ),
        ("into an owned struct, all checks", 300, &plain, Vec::new()),
        ("cache hits", 3_000, &cached, Vec::new()),
    ];
    for _ in 0..31 {
        for (_, rounds, run, ratios) in &mut jobs {
            // Measured in the thread itself, in seconds. The threads begin at different tokens.
            let work = |offset: usize| {
                let sequence = tokens.iter().cycle().skip(offset);
                let sequence = sequence.take(*rounds * tokens.len());
                let start = Instant::now();
                sequence.for_each(|token| run(token));
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
    println!("two threads, relative to one");
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
    let caching = verifier.clone().cached::<Claims<Access>>(1_000);
    let mut buffer = Vec::new();
    compare(
        "ES256 verify",
        vec![
            job("ring", || floor.verify(message, &signature).expect("valid")),
            job("into an owned struct, all checks", || {
                let token: Token<Claims<Access>> = verifier.verify(&token, &public).expect("valid");
                token
            }),
            job("into a borrowed struct, caller's buffer", || {
                let token = verifier
                    .verify_borrowed::<Claims<Borrowed<'_>>>(&token, &public, &mut buffer)
                    .expect("valid");
                let custom = &token.claims().custom;
                custom.client_id.len() + custom.scope.len()
            }),
            job("cache hit", || {
                caching.verify(&token, &public).expect("valid")
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
    let caching = verifier.clone().cached::<Claims<Access>>(1_000);
    let mut buffer = Vec::new();
    compare(
        "RS256 verify",
        vec![
            job("ring", || {
                floor
                    .verify(parameters, message, &signature)
                    .expect("valid");
            }),
            job("into an owned struct, all checks", || {
                let token: Token<Claims<Access>> = verifier.verify(&token, &public).expect("valid");
                token
            }),
            job("into a borrowed struct, caller's buffer", || {
                let token = verifier
                    .verify_borrowed::<Claims<Borrowed<'_>>>(&token, &public, &mut buffer)
                    .expect("valid");
                let custom = &token.claims().custom;
                custom.client_id.len() + custom.scope.len()
            }),
            job("cache hit", || {
                caching.verify(&token, &public).expect("valid")
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
