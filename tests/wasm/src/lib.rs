//! The functions that `run.mjs` calls. They throw the code of an error.

#![cfg(target_arch = "wasm32")]

use std::time::Duration;

use jwt_ring::{
    Algorithm, CachingVerifier, Claims, Clock, KeySet, Signer, SigningKey, SystemClock, Verifier,
    VerifyingKey,
};
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

/// Signs a payload with a secret, or with a private key in PEM.
#[wasm_bindgen]
pub fn sign(algorithm: &str, key: &[u8], payload: &str) -> Result<String, &'static str> {
    let algorithm = parse(algorithm)?;
    let key = match is_symmetric(algorithm) {
        true => SigningKey::from_secret(algorithm, key),
        false => SigningKey::from_pem(algorithm, key),
    };
    let signer = Signer::new(key.map_err(|error| error.code())?);
    let payload: Value = serde_json::from_str(payload).map_err(|_| "no JSON")?;
    signer.sign(&payload).map_err(|error| error.code())
}

/// Verifies a token with a secret, or with a public key in PEM. Returns the payload.
#[wasm_bindgen]
pub fn verify(algorithm: &str, key: &[u8], token: &str) -> Result<String, &'static str> {
    let key = verifying_key(algorithm, key)?;
    let token = Verifier::new().verify::<Value>(token, &key);
    Ok(token.map_err(|error| error.code())?.claims().to_string())
}

/// Verifies a token with the key of a JWK Set that fits. Returns the payload.
#[wasm_bindgen]
pub fn verify_with_set(jwks: &str, token: &str) -> Result<String, &'static str> {
    let keys = KeySet::from_json(jwks).map_err(|error| error.code())?;
    let token = Verifier::new().verify::<Value>(token, &keys);
    Ok(token.map_err(|error| error.code())?.claims().to_string())
}

/// Generates a key and signs claims with it that expire after a minute. Returns the token, and the
/// public half as a JWK and the private one as PEM, or the secret.
#[wasm_bindgen]
pub fn generate(algorithm: &str) -> Result<String, &'static str> {
    let key = SigningKey::generate(parse(algorithm)?).map_err(|error| error.code())?;
    let jwk = serde_json::to_value(key.verifying_key()).ok();
    let pem = key.secret_pkcs8_pem().ok();
    let secret = key.secret_bytes().ok().map(<[u8]>::to_vec);
    let claims = Claims::new(&SystemClock, Duration::from_secs(60)).subject("user-42");
    let token = Signer::new(key)
        .sign(&claims)
        .map_err(|error| error.code())?;
    Ok(json!({ "token": token, "jwk": jwk, "pem": pem, "secret": secret }).to_string())
}

/// Returns the seconds of the clock, with nine digits after the point.
#[wasm_bindgen]
pub fn now() -> String {
    let now = SystemClock.now();
    format!("{}.{:09}", now.seconds(), now.nanoseconds())
}

/// A verifier that caches up to ten tokens.
#[wasm_bindgen]
pub struct Cache {
    verifier: CachingVerifier<Value>,
    key: VerifyingKey,
}

#[wasm_bindgen]
impl Cache {
    #[wasm_bindgen(constructor)]
    pub fn new(algorithm: &str, key: &[u8]) -> Result<Cache, &'static str> {
        Ok(Self {
            verifier: Verifier::new().cached(10),
            key: verifying_key(algorithm, key)?,
        })
    }

    pub fn verify(&self, token: &str) -> Result<String, &'static str> {
        let token = self.verifier.verify(token, &self.key);
        Ok(token.map_err(|error| error.code())?.claims().to_string())
    }
}

fn verifying_key(algorithm: &str, key: &[u8]) -> Result<VerifyingKey, &'static str> {
    let algorithm = parse(algorithm)?;
    let key = match is_symmetric(algorithm) {
        true => VerifyingKey::from_secret(algorithm, key),
        false => VerifyingKey::from_pem(algorithm, key),
    };
    key.map_err(|error| error.code())
}

fn parse(algorithm: &str) -> Result<Algorithm, &'static str> {
    algorithm.parse().map_err(|_| "unknown algorithm")
}

fn is_symmetric(algorithm: Algorithm) -> bool {
    use Algorithm::{HS256, HS384, HS512};
    matches!(algorithm, HS256 | HS384 | HS512)
}
