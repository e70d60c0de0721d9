//! <https://docs.rs/josekit>, on OpenSSL.

use std::time::{Duration, SystemTime};

use josekit::jws::{
    ES256, ES384, EdDSA, HS256, HS384, HS512, JwsHeader, JwsSigner, JwsVerifier, PS256, PS384,
    PS512, RS256, RS384, RS512,
};
use josekit::jwt::{self, JwtPayload, JwtPayloadValidator};
use jwt_ring::Algorithm;
use serde_json::Value;

use super::{AUDIENCE, Custom, ISSUER, Peer, SECRET, SUBJECT, custom, pem};

pub struct Josekit;

fn signer(algorithm: Algorithm) -> Box<dyn JwsSigner> {
    let [pem, _] = pem(algorithm);
    match algorithm {
        Algorithm::HS256 => Box::new(HS256.signer_from_bytes(SECRET).expect("a key")),
        Algorithm::HS384 => Box::new(HS384.signer_from_bytes(SECRET).expect("a key")),
        Algorithm::HS512 => Box::new(HS512.signer_from_bytes(SECRET).expect("a key")),
        Algorithm::RS256 => Box::new(RS256.signer_from_pem(pem).expect("a key")),
        Algorithm::RS384 => Box::new(RS384.signer_from_pem(pem).expect("a key")),
        Algorithm::RS512 => Box::new(RS512.signer_from_pem(pem).expect("a key")),
        // Its PSS takes PEM of the kind id-RSASSA-PSS only, but any RSA key as a JWK.
        Algorithm::PS256 => Box::new(PS256.signer_from_jwk(&rsa_jwk(&pem)).expect("a key")),
        Algorithm::PS384 => Box::new(PS384.signer_from_jwk(&rsa_jwk(&pem)).expect("a key")),
        Algorithm::PS512 => Box::new(PS512.signer_from_jwk(&rsa_jwk(&pem)).expect("a key")),
        Algorithm::ES256 => Box::new(ES256.signer_from_pem(pem).expect("a key")),
        Algorithm::ES384 => Box::new(ES384.signer_from_pem(pem).expect("a key")),
        _ => Box::new(EdDSA.signer_from_pem(pem).expect("a key")),
    }
}

fn verifier(algorithm: Algorithm) -> Box<dyn JwsVerifier> {
    let [private, pem] = pem(algorithm);
    match algorithm {
        Algorithm::HS256 => Box::new(HS256.verifier_from_bytes(SECRET).expect("a key")),
        Algorithm::HS384 => Box::new(HS384.verifier_from_bytes(SECRET).expect("a key")),
        Algorithm::HS512 => Box::new(HS512.verifier_from_bytes(SECRET).expect("a key")),
        Algorithm::RS256 => Box::new(RS256.verifier_from_pem(pem).expect("a key")),
        Algorithm::RS384 => Box::new(RS384.verifier_from_pem(pem).expect("a key")),
        Algorithm::RS512 => Box::new(RS512.verifier_from_pem(pem).expect("a key")),
        Algorithm::PS256 => Box::new(PS256.verifier_from_jwk(&rsa_jwk(&private)).expect("a key")),
        Algorithm::PS384 => Box::new(PS384.verifier_from_jwk(&rsa_jwk(&private)).expect("a key")),
        Algorithm::PS512 => Box::new(PS512.verifier_from_jwk(&rsa_jwk(&private)).expect("a key")),
        Algorithm::ES256 => Box::new(ES256.verifier_from_pem(pem).expect("a key")),
        Algorithm::ES384 => Box::new(ES384.verifier_from_pem(pem).expect("a key")),
        _ => Box::new(EdDSA.verifier_from_pem(pem).expect("a key")),
    }
}

fn rsa_jwk(pem: &str) -> josekit::jwk::Jwk {
    let pair = josekit::jwk::alg::rsa::RsaKeyPair::from_pem(pem).expect("a key");
    pair.to_jwk_key_pair()
}

impl Peer for Josekit {
    fn sign(&self, algorithm: Algorithm) -> String {
        let Ok(Value::Object(members)) = serde_json::to_value(custom()) else {
            panic!("an object");
        };
        let mut payload = JwtPayload::from_map(members).expect("claims");
        let now = SystemTime::now();
        payload.set_issuer(ISSUER);
        payload.set_audience(vec![AUDIENCE]);
        payload.set_subject(SUBJECT);
        payload.set_issued_at(&now);
        payload.set_expires_at(&(now + Duration::from_secs(600)));
        let mut header = JwsHeader::new();
        header.set_token_type("JWT");
        jwt::encode_with_signer(&payload, &header, &*signer(algorithm)).expect("a token")
    }

    fn verify(&self, algorithm: Algorithm, token: &str) -> Result<Custom, String> {
        let (payload, _) = jwt::decode_with_verifier(token, &*verifier(algorithm))
            .map_err(|error| error.to_string())?;
        let mut validator = JwtPayloadValidator::new();
        validator.set_base_time(SystemTime::now());
        validator.set_issuer(ISSUER);
        validator.set_audience(AUDIENCE);
        validator
            .validate(&payload)
            .map_err(|error| error.to_string())?;
        let members = Value::Object(payload.claims_set().clone());
        serde_json::from_value(members).map_err(|error| error.to_string())
    }
}
