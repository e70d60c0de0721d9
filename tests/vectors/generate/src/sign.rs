//! Keys and signatures that are the same at each run.

pub(crate) mod forge;
mod pss;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use ring::{digest, hmac, rand, rsa, signature};
use serde::{Deserialize, Serialize};

use crate::encodings;

/// A key of `tests/vectors/keys`.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Jwk {
    pub(crate) kty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) k: Option<String>,
    #[serde(flatten)]
    private: Private,
}

/// The members of a private key.
#[derive(Clone, Default, Deserialize, Serialize)]
struct Private {
    #[serde(skip_serializing_if = "Option::is_none")]
    d: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    q: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dq: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qi: Option<String>,
}

/// Returns the key of a file, by its name without `.jwk`, or the secret that `encodings` names.
pub(crate) fn key(name: &str) -> Jwk {
    let text = match name {
        "hs256" => include_str!("../../keys/hs256.jwk"),
        "hs256-other" => include_str!("../../keys/hs256-other.jwk"),
        "hs384" => include_str!("../../keys/hs384.jwk"),
        "hs512" => include_str!("../../keys/hs512.jwk"),
        "rsa" => include_str!("../../keys/rsa.jwk"),
        "rsa-1024" => include_str!("../../keys/rsa-1024.jwk"),
        "rsa-2040" => include_str!("../../keys/rsa-2040.jwk"),
        "rsa-3072" => include_str!("../../keys/rsa-3072.jwk"),
        "rsa-e3" => include_str!("../../keys/rsa-e3.jwk"),
        "rsa-other" => include_str!("../../keys/rsa-other.jwk"),
        "es256" => include_str!("../../keys/es256.jwk"),
        "es256-other" => include_str!("../../keys/es256-other.jwk"),
        "es384" => include_str!("../../keys/es384.jwk"),
        "ed25519" => include_str!("../../keys/ed25519.jwk"),
        "ed25519-other" => include_str!("../../keys/ed25519-other.jwk"),
        _ => {
            let k = encode(encodings::of(name));
            &format!(r#"{{"kty":"oct","k":"{k}"}}"#)
        }
    };
    serde_json::from_str(text).expect("a JWK")
}

impl Jwk {
    /// Returns the key without its private members. A symmetric key is left as it is.
    pub(crate) fn public(mut self) -> Self {
        self.private = Private::default();
        self
    }

    /// Returns the key as JSON.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("JSON")
    }

    /// Signs with the algorithm, which need not be that of the key, or makes the signature that `forge`
    /// describes.
    pub(crate) fn sign(&self, algorithm: &str, input: &[u8]) -> Vec<u8> {
        let private = || bytes(self.private.d.as_ref());
        match algorithm {
            "HS256" => self.hmac(hmac::HMAC_SHA256, input),
            "HS384" => self.hmac(hmac::HMAC_SHA384, input),
            "HS512" => self.hmac(hmac::HMAC_SHA512, input),
            "RS256" => self.rsa(&signature::RSA_PKCS1_SHA256, input),
            "RS384" => self.rsa(&signature::RSA_PKCS1_SHA384, input),
            "RS512" => self.rsa(&signature::RSA_PKCS1_SHA512, input),
            "PS256" => self.rsa_pss(&digest::SHA256, input),
            "PS384" => self.rsa_pss(&digest::SHA384, input),
            "PS512" => self.rsa_pss(&digest::SHA512, input),
            "ES256" => {
                let key = p256::ecdsa::SigningKey::from_slice(&private()).expect("a key");
                let signature: p256::ecdsa::Signature = key.sign(input);
                signature.to_bytes().to_vec()
            }
            "ES384" => {
                let key = p384::ecdsa::SigningKey::from_slice(&private()).expect("a key");
                let signature: p384::ecdsa::Signature = key.sign(input);
                signature.to_bytes().to_vec()
            }
            "EdDSA" | "Ed25519" => {
                let key = signature::Ed25519KeyPair::from_seed_unchecked(&private());
                key.expect("a key").sign(input).as_ref().to_vec()
            }
            _ => forge::sign(self, algorithm, input),
        }
    }

    fn hmac(&self, algorithm: hmac::Algorithm, input: &[u8]) -> Vec<u8> {
        let key = hmac::Key::new(algorithm, &bytes(self.k.as_ref()));
        hmac::sign(&key, input).as_ref().to_vec()
    }

    fn rsa(&self, encoding: &'static dyn signature::RsaEncoding, input: &[u8]) -> Vec<u8> {
        let private = &self.private;
        let components = rsa::KeyPairComponents {
            public_key: rsa::PublicKeyComponents {
                n: bytes(self.n.as_ref()),
                e: bytes(self.e.as_ref()),
            },
            d: bytes(private.d.as_ref()),
            p: bytes(private.p.as_ref()),
            q: bytes(private.q.as_ref()),
            dP: bytes(private.dp.as_ref()),
            dQ: bytes(private.dq.as_ref()),
            qInv: bytes(private.qi.as_ref()),
        };
        let key = rsa::KeyPair::from_components(&components).expect("a key");
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(encoding, &rand::SystemRandom::new(), input, &mut signature)
            .expect("a signature");
        signature
    }

    fn rsa_pss(&self, hash: &'static digest::Algorithm, input: &[u8]) -> Vec<u8> {
        let length = bytes(self.n.as_ref()).len();
        self.rsa_primitive(&pss::encode(hash, hash, hash.output_len(), length, input))
    }
}

/// Encodes as base64url without padding.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url without padding.
pub(crate) fn decode(text: impl AsRef<[u8]>) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// Decodes a member of a key.
pub(crate) fn bytes(member: Option<&String>) -> Vec<u8> {
    decode(member.expect("a member of the key"))
}
