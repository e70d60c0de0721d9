//! Shared by the tests of keys.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jwt_ring::{Algorithm, Claims, KeyError, Signer, SigningKey, Token, Verifier, VerifyingKey};
use serde_json::Value;

use super::{clock, key_file};
use Algorithm::{PS256, PS384, PS512, RS256, RS384, RS512};
use For::{Signing, Verifying};

/// The use and the algorithm that a key is loaded for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum For {
    Signing(Algorithm),
    Verifying(Algorithm),
}

pub(crate) const LOADS: &str = "loads";

/// Returns [`LOADS`], or the message of the error.
pub(crate) fn outcome<K>(result: Result<K, KeyError>) -> String {
    result.map_or_else(|error| error.to_string(), |_| LOADS.into())
}

impl For {
    pub(crate) fn der(self, der: &[u8]) -> String {
        match self {
            Signing(algorithm) => outcome(SigningKey::from_der(algorithm, der)),
            Verifying(algorithm) => outcome(VerifyingKey::from_der(algorithm, der)),
        }
    }

    #[cfg(feature = "pem")]
    pub(crate) fn pem(self, pem: impl AsRef<[u8]>) -> String {
        match self {
            Signing(algorithm) => outcome(SigningKey::from_pem(algorithm, pem)),
            Verifying(algorithm) => outcome(VerifyingKey::from_pem(algorithm, pem)),
        }
    }

    pub(crate) fn jwk(self, jwk: &str) -> String {
        match self {
            Signing(algorithm) => outcome(SigningKey::from_jwk(algorithm, jwk)),
            Verifying(algorithm) => outcome(VerifyingKey::from_jwk(algorithm, jwk)),
        }
    }

    pub(crate) fn file(self, stem: &str) -> String {
        let outcome = self.der(&der(stem));
        #[cfg(feature = "pem")]
        assert_eq!(self.pem(pem(stem)), outcome, "{stem} as PEM and as DER");
        outcome
    }
}

pub(crate) fn pem(stem: &str) -> Vec<u8> {
    key_file(&format!("{stem}.pem"))
}

/// Returns the bytes of the last PEM block of the file.
pub(crate) fn der(stem: &str) -> Vec<u8> {
    let pem = String::from_utf8(pem(stem)).expect("text");
    let (_, block) = pem.rsplit_once("-----BEGIN ").expect("a block");
    let body = block
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('-'));
    BASE64_STANDARD
        .decode(body.collect::<String>())
        .expect("base64")
}

pub(crate) fn signing_key(algorithm: Algorithm, stem: &str) -> SigningKey {
    SigningKey::from_der(algorithm, der(stem)).expect("a key")
}

pub(crate) fn verifying_key(algorithm: Algorithm, stem: &str) -> VerifyingKey {
    VerifyingKey::from_der(algorithm, der(stem)).expect("a key")
}

pub(crate) fn thumbprint(key: &VerifyingKey) -> String {
    key.thumbprint().expect("a public key")
}

pub(crate) fn verify(jwt: &str, key: &VerifyingKey) {
    let verified: Result<Token<Claims<Value>>, _> = Verifier::new().clock(clock()).verify(jwt, key);
    verified.unwrap_or_else(|error| panic!("{error}: {key:?}"));
}

/// Asserts that the one key verifies what the other signs.
#[track_caller]
pub(crate) fn assert_pair(private: SigningKey, public: &VerifyingKey) {
    let claims: Claims = Claims::new(&clock(), Duration::from_secs(1));
    verify(
        &Signer::new(private).sign(&claims).expect("a token"),
        public,
    );
}

pub(crate) const RSA: &[Algorithm] = &[RS256, RS384, RS512, PS256, PS384, PS512];

/// Returns the JWK of a public key, without `alg` and `use`.
pub(crate) fn jwk_of(algorithm: Algorithm, stem: &str) -> Value {
    let mut jwk = serde_json::to_value(verifying_key(algorithm, stem)).expect("JSON");
    let members = jwk.as_object_mut().expect("an object");
    members.retain(|name, _| name != "alg" && name != "use");
    jwk
}

/// Returns the names of the members, sorted: the order of a `Value` depends on a feature of
/// serde_json.
pub(crate) fn member_names(jwk: &Value) -> String {
    let members = jwk.as_object().expect("an object");
    let mut names: Vec<_> = members.keys().map(String::as_str).collect();
    names.sort_unstable();
    names.join(" ")
}

pub(crate) fn generate(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).expect("a key")
}

pub(crate) const SMALL_TO_SIGN: &str =
    "expected an RSA modulus of 2048 to 4096 bits, found 1024 bits";
pub(crate) const SMALL_TO_VERIFY: &str =
    "expected an RSA modulus of 2048 to 8192 bits, found 1024 bits";
pub(crate) const NO_RSA_PAIR: &str = "expected an RSA private key with two primes, whose exponent is 65537 or \
                           more, found numbers that do not make one";
pub(crate) const NO_RSA_PUBLIC: &str = "expected an RSA public key with an odd exponent of 2 to 33 bits, \
                             found numbers that do not make one";
pub(crate) const NO_EC_PAIR: &str = "expected an EC private key with the public key that belongs to it, found \
                          numbers that do not make one";
pub(crate) const OFF_CURVE: &str = "expected a point on the curve of the EC key, found numbers that do not \
                         make one";
pub(crate) const NO_ED25519_PAIR: &str = "expected an Ed25519 private key with the public key that belongs to \
                               it, found numbers that do not make one";
pub(crate) const UNKNOWN_KTY: &str =
    "expected a JWK with `kty` \"EC\", \"OKP\", \"RSA\" or \"oct\", found another";
pub(crate) const UNKNOWN_CRV: &str =
    "expected a JWK with `crv` \"P-256\", \"P-384\" or \"Ed25519\", found another or none";
pub(crate) const UNKNOWN_ALG: &str =
    "expected a JWK with an `alg` for signatures by its `kty` and `crv`, found another";
pub(crate) const ENCRYPTED: &str = "expected a plain private key, found an encrypted one: \
                                    decrypt it with `openssl pkey -in encrypted.pem -out key.pem`";
pub(crate) const NO_STRUCTURE: &str = "expected a key in DER, found that it does not have the structure of \
                                       PKCS#8, PKCS#1, SEC1, SPKI or X.509";
