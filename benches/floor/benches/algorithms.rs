//! The cost of each algorithm: `cargo bench --bench algorithms`.
//!
//! `against_the_floor` measures ratios that are stable on a noisy machine.

use std::time::Duration;

use divan::Bencher;
use jwt_ring::{Algorithm, Claims, Signer, SigningKey, SystemClock, Verifier};

const ALGORITHMS: [Algorithm; 12] = [
    Algorithm::HS256,
    Algorithm::HS384,
    Algorithm::HS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "https://api.example";

fn main() {
    divan::main();
}

fn key(algorithm: Algorithm) -> SigningKey {
    let key = match algorithm.name().get(..2) {
        // *ring* cannot generate RSA keys.
        Some("RS" | "PS") => SigningKey::from_pem(
            algorithm,
            include_bytes!("../../../examples/keys/rs256.pem"),
        ),
        _ => SigningKey::generate(algorithm),
    };
    key.expect("a key").with_id("2026-11")
}

fn claims() -> Claims {
    Claims::new(&SystemClock, Duration::from_secs(900))
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .subject("5ba552d67")
}

fn verifier() -> Verifier {
    Verifier::new().issuer(ISSUER).audience(AUDIENCE)
}

#[divan::bench(args = ALGORITHMS)]
fn sign(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let (signer, claims) = (Signer::new(key(algorithm)), claims());
    bencher.bench(|| signer.sign(&claims));
}

#[divan::bench(args = ALGORITHMS, threads = [1, 2])]
fn verify(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let key = key(algorithm);
    let public = key.verifying_key();
    let token = Signer::new(key).sign(&claims()).expect("a token");
    let verifier = verifier();
    bencher.bench(|| verifier.verify::<Claims>(&token, &public));
}

#[divan::bench(args = ALGORITHMS, threads = [1, 2])]
fn verify_cached(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let key = key(algorithm);
    let public = key.verifying_key();
    let token = Signer::new(key).sign(&claims()).expect("a token");
    let verifier = verifier().cached::<Claims>(100);
    bencher.bench(|| verifier.verify(&token, &public));
}
