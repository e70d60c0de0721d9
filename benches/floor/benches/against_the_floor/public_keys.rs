//! ES256 and RS256.

use jwt_ring::{Algorithm, Claims, SigningKey, SystemClock, Token};
use jwt_ring_benches::{compare, job};
use ring::rand::SystemRandom;
use ring::signature;

use crate::claims::{Access, BorrowedAccess, usual};
use crate::{pair, split, verifier};

pub(crate) fn es256() {
    let (signer, public) = pair(Algorithm::ES256);
    let token = signer.sign(&usual(&SystemClock)).expect("a token");
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
            job("into `Claims<App>`", || {
                let token: Token<Claims<Access>> = verifier.verify(&token, &public).expect("valid");
                token
            }),
            job("into `Claims<App>`, `App` borrowed", || {
                let token = verifier
                    .verify_borrowed::<Claims<BorrowedAccess<'_>>>(&token, &public, &mut buffer)
                    .expect("valid");
                let custom = &token.claims().custom;
                custom.client_id.len() + custom.scope.len()
            }),
            job("cached", || caching.verify(&token, &public).expect("valid")),
        ],
    );
    let generated = SigningKey::generate(Algorithm::ES256).expect("a key");
    let random = SystemRandom::new();
    let pkcs8 = generated.secret_pkcs8_der().expect("generated");
    let signing = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let floor = signature::EcdsaKeyPair::from_pkcs8(signing, pkcs8, &random).expect("a key");
    let claims = usual(&SystemClock);
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

pub(crate) fn rs256() {
    let (signer, public) = pair(Algorithm::RS256);
    let token = signer.sign(&usual(&SystemClock)).expect("a token");
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
            job("into `Claims<App>`", || {
                let token: Token<Claims<Access>> = verifier.verify(&token, &public).expect("valid");
                token
            }),
            job("into `Claims<App>`, `App` borrowed", || {
                let token = verifier
                    .verify_borrowed::<Claims<BorrowedAccess<'_>>>(&token, &public, &mut buffer)
                    .expect("valid");
                let custom = &token.claims().custom;
                custom.client_id.len() + custom.scope.len()
            }),
            job("cached", || caching.verify(&token, &public).expect("valid")),
        ],
    );
    let pem = String::from_utf8(include_bytes!("../../../../examples/keys/rs256.pem").to_vec())
        .expect("text");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pkcs8 = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body);
    let floor = ring::rsa::KeyPair::from_pkcs8(&pkcs8.expect("base64")).expect("a key");
    let random = SystemRandom::new();
    let mut bytes = vec![0; floor.public().modulus_len()];
    let claims = usual(&SystemClock);
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
