//! The cost of this library over the bare calls of *ring*, on the same bytes and in the same run.
//!
//! Each job is printed with the ratio of its median to that of the floor, the first job of its table.
//! Arguments select tables by name, for instance `-- hs256`.

mod claims;
mod hs256;
mod public_keys;
mod threads;

use jwt_ring::{Algorithm, Signer, SigningKey, Verifier, VerifyingKey};

const SECRET: [u8; 32] = [7; 32];
const KEY_ID: &str = "2026-11-key-07";

fn main() {
    let tables: [(&str, fn()); 7] = [
        ("hs256", hs256::verify),
        ("large", hs256::verify_large),
        ("sign", hs256::sign),
        ("es256", public_keys::es256),
        ("rs256", public_keys::rs256),
        ("lengths", hs256::lengths),
        ("threads", threads::threads),
    ];
    // Cargo adds `--bench`.
    let names: Vec<String> = std::env::args().skip(1).collect();
    let names: Vec<&String> = names
        .iter()
        .filter(|name| !name.starts_with("--"))
        .collect();
    for (name, run) in tables {
        if names.is_empty() || names.iter().any(|wanted| *wanted == name) {
            run();
        }
    }
}

fn pair(algorithm: Algorithm) -> (Signer, VerifyingKey) {
    let key = key(algorithm);
    let public = key.verifying_key();
    (Signer::new(key), public)
}

fn verifier() -> Verifier {
    Verifier::new()
        .issuer(claims::ISSUER)
        .audience(claims::AUDIENCE)
}

/// Loads a key for the algorithm.
fn key(algorithm: Algorithm) -> SigningKey {
    match algorithm {
        Algorithm::HS256 => SigningKey::from_secret(algorithm, SECRET),
        Algorithm::RS256 => SigningKey::from_pem(
            algorithm,
            include_bytes!("../../../../examples/keys/rs256.pem"),
        ),
        _ => SigningKey::from_pem(
            algorithm,
            include_bytes!("../../../../examples/keys/es256.pem"),
        ),
    }
    .expect("a key")
    .with_id(KEY_ID)
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
