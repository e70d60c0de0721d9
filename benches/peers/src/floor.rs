//! The bare calls of *ring*.

use std::hint::black_box;

use ring::signature::{self, KeyPair, UnparsedPublicKey};
use ring::{hmac, rand::SystemRandom};

use crate::{Algorithm, keys};

type Run = Box<dyn Fn()>;

/// The verification of a token's signature, and its making.
pub(crate) struct Floor {
    pub(crate) verify: Run,
    pub(crate) sign: Run,
}

impl Floor {
    pub(crate) fn new(algorithm: Algorithm, token: &str) -> Self {
        let (message, signature) = token.rsplit_once('.').expect("a token");
        let (message, signature) = (message.as_bytes().to_vec(), keys::decode(signature));
        let again = message.clone();
        let random = SystemRandom::new();
        let (verify, sign): (Run, Run) = match algorithm {
            Algorithm::HS256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, &keys::SECRET);
                let public = key.clone();
                (
                    Box::new(move || hmac::verify(&public, &message, &signature).expect("valid")),
                    Box::new(move || {
                        black_box(hmac::sign(&key, &again));
                    }),
                )
            }
            Algorithm::ES256 => {
                let pair = keys::ring_ec_pair();
                let point = pair.public_key().as_ref().to_vec();
                let public = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
                (
                    Box::new(move || public.verify(&message, &signature).expect("valid")),
                    Box::new(move || {
                        black_box(pair.sign(&random, &again).expect("a signature"));
                    }),
                )
            }
            Algorithm::RS256 => {
                let pair = keys::ring_rsa_pair();
                let der = keys::rsa_public_pkcs1();
                let public = UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, der);
                let length = pair.public().modulus_len();
                (
                    Box::new(move || public.verify(&message, &signature).expect("valid")),
                    Box::new(move || {
                        let mut made = vec![0; length];
                        pair.sign(&signature::RSA_PKCS1_SHA256, &random, &again, &mut made)
                            .expect("a signature");
                    }),
                )
            }
        };
        Self { verify, sign }
    }
}
