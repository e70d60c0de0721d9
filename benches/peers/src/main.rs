//! This library and other implementations with the same claims and checks, run alternately.
//!
//! Keys are prepared. Issuer, audience and expiry are checked by the implementation if it can, otherwise
//! by the caller.

mod claims;
mod jwks;
mod keys;
mod peers;

use std::fmt;

use claims::Access;
use jwt_ring_benches::{compare, job};
use ring::{hmac, signature};

/// The algorithms that are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Algorithm {
    HS256,
    ES256,
    RS256,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

type Sign = Box<dyn Fn() -> String>;
type Verify = Box<dyn Fn(&str) -> Option<Access>>;
type Run = Box<dyn Fn()>;

/// An implementation with its keys and its policy.
pub(crate) struct Peer {
    name: &'static str,
    sign: Sign,
    /// Verifies a token and reads its claims. Returns `None` if it is rejected.
    verify: Verify,
}

impl Peer {
    pub(crate) fn new(
        name: &'static str,
        sign: impl Fn() -> String + 'static,
        verify: impl Fn(&str) -> Option<Access> + 'static,
    ) -> Self {
        Self {
            name,
            sign: Box::new(sign),
            verify: Box::new(verify),
        }
    }

    /// Checks that the implementation accepts a valid token and rejects a forged one.
    fn check(&self, token: &str, forged: &str) {
        let (name, verify) = (self.name, &self.verify);
        assert_eq!(verify(token), Some(Access::new()), "{name}: our token");
        let own = (self.sign)();
        assert_eq!(verify(&own), Some(Access::new()), "{name}: its own");
        assert_eq!(verify(forged), None, "{name}: a forged token");
    }
}

/// Changes the first character of the signature.
fn forge(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').expect("a token");
    let (first, rest) = signature.split_at(1);
    let first = if first == "A" { "B" } else { "A" };
    format!("{message}.{first}{rest}")
}

/// The bare calls of *ring*: verification and signing.
fn floor(algorithm: Algorithm, token: &str) -> (Run, Run) {
    let (message, signature) = token.rsplit_once('.').expect("a token");
    let (message, signature) = (message.as_bytes().to_vec(), keys::decode(signature));
    let again = message.clone();
    let random = ring::rand::SystemRandom::new();
    match algorithm {
        Algorithm::HS256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &keys::SECRET);
            let verifying = key.clone();
            (
                Box::new(move || hmac::verify(&verifying, &message, &signature).expect("valid")),
                Box::new(move || {
                    std::hint::black_box(hmac::sign(&key, &again));
                }),
            )
        }
        Algorithm::ES256 => {
            let pair = keys::ring_ec_pair();
            let public = signature::KeyPair::public_key(&pair).as_ref().to_vec();
            let parameters = &signature::ECDSA_P256_SHA256_FIXED;
            let public = signature::UnparsedPublicKey::new(parameters, public);
            (
                Box::new(move || public.verify(&message, &signature).expect("valid")),
                Box::new(move || {
                    std::hint::black_box(pair.sign(&random, &again).expect("a signature"));
                }),
            )
        }
        Algorithm::RS256 => {
            let pair = keys::ring_rsa_pair();
            let public = keys::rsa_public_pkcs1();
            let parameters = &signature::RSA_PKCS1_2048_8192_SHA256;
            let public = signature::UnparsedPublicKey::new(parameters, public);
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
    }
}

fn main() {
    jwks::run();
    for algorithm in [Algorithm::HS256, Algorithm::ES256, Algorithm::RS256] {
        let peers: Vec<Peer> = peers::ALL.iter().filter_map(|new| new(algorithm)).collect();
        let token = &(peers[0].sign)();
        let forged = &forge(token);
        peers.iter().for_each(|peer| peer.check(token, forged));

        let (bare_verify, bare_sign) = floor(algorithm, token);
        let ring = |run| std::iter::once(job("ring", run));
        let each = |text| {
            peers
                .iter()
                .map(move |peer| job(peer.name, move || (peer.verify)(text)))
        };
        let signing = peers.iter().map(|peer| job(peer.name, || (peer.sign)()));

        let verifying = ring(&bare_verify).chain(each(token)).collect();
        compare(&format!("{algorithm} verify"), verifying);
        let rejecting = ring(&bare_verify).chain(each(forged)).collect();
        compare(
            &format!("{algorithm} reject an invalid signature"),
            rejecting,
        );
        let signing = ring(&bare_sign).chain(signing).collect();
        compare(&format!("{algorithm} sign"), signing);
    }
}
