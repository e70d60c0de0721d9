//! On aws-lc-rs, through its traits for other backends.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use oxitoken::claims::{Aud, Exp, Iss};
use oxitoken::encoding::{JwtEncodingError, Signer, encode};
use oxitoken::error::JwtError;
use oxitoken::header::{Alg, Typ};
use oxitoken::validation::{StaticKeyProvider, ValidationPipeline, VerificationKey};
use serde::{Deserialize, Serialize};

use crate::claims::{AUDIENCE, All, ISSUER, KEY_ID};
use crate::{Algorithm, Peer, keys};

#[derive(Deserialize, Serialize)]
struct Header {
    alg: oxitoken::Algorithm,
    typ: String,
    kid: String,
}

impl Alg for Header {
    fn alg(&self) -> oxitoken::Algorithm {
        self.alg
    }
}

impl Typ for Header {
    type Type = str;

    fn typ(&self) -> &str {
        &self.typ
    }
}

impl Iss for All {
    fn iss(&self) -> &str {
        &self.iss
    }
}

impl Exp for All {
    fn exp(&self) -> i64 {
        self.exp
    }
}

impl Aud for All {
    fn aud(&self) -> impl Iterator<Item = impl AsRef<str>> {
        std::iter::once(&self.aud)
    }
}

#[expect(clippy::large_enum_variant, reason = "there is one of them")]
enum Private {
    Hmac(hmac::Key),
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Signer for Private {
    type Error = Unspecified;

    fn check_alg(
        &self,
        algorithm: oxitoken::Algorithm,
    ) -> Result<(), JwtEncodingError<Unspecified>> {
        match (self, algorithm) {
            (Self::Hmac(_), oxitoken::Algorithm::HS256)
            | (Self::Ec(_), oxitoken::Algorithm::ES256)
            | (Self::Rsa(_), oxitoken::Algorithm::RS256) => Ok(()),
            _ => Err(JwtEncodingError::WrongAlgorithm),
        }
    }

    fn siglen(&self) -> usize {
        match self {
            Self::Hmac(_) => 32,
            Self::Ec(_) => 64,
            Self::Rsa(pair) => pair.public_modulus_len(),
        }
    }

    fn sign_jwt(
        &self,
        _: oxitoken::Algorithm,
        jwt: &mut String,
    ) -> Result<(), JwtEncodingError<Unspecified>> {
        let (random, message) = (SystemRandom::new(), jwt.as_bytes());
        match self {
            Self::Hmac(key) => self.append_sig(hmac::sign(key, message), jwt),
            Self::Ec(pair) => self.append_sig(pair.sign(&random, message)?, jwt),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                self.append_sig(signature, jwt);
            }
        }
        Ok(())
    }
}

#[expect(clippy::large_enum_variant, reason = "there is one of them")]
enum Public {
    Hmac(hmac::Key),
    Parsed(oxitoken::Algorithm, ParsedPublicKey),
}

impl VerificationKey for Public {
    fn alg(&self) -> Option<oxitoken::Algorithm> {
        Some(match self {
            Self::Hmac(_) => oxitoken::Algorithm::HS256,
            Self::Parsed(algorithm, _) => *algorithm,
        })
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), JwtError> {
        match self {
            Self::Hmac(key) => hmac::verify(key, message, signature),
            Self::Parsed(_, key) => key.verify_sig(message, signature),
        }
        .map_err(|_| JwtError::InvalidSignature)
    }
}

pub(crate) fn peer(algorithm: Algorithm) -> Option<Peer> {
    Some(match algorithm {
        Algorithm::HS256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &keys::SECRET);
            let private = Private::Hmac(key.clone());
            with_keys(oxitoken::Algorithm::HS256, private, Public::Hmac(key))
        }
        Algorithm::ES256 => {
            let private = keys::der(keys::EC_PRIVATE);
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &private);
            let pair = pair.expect("a key");
            let public = pair.public_key();
            let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public).expect("a key");
            let same = oxitoken::Algorithm::ES256;
            with_keys(same, Private::Ec(pair), Public::Parsed(same, public))
        }
        Algorithm::RS256 => {
            let pair = RsaKeyPair::from_pkcs8(&keys::der(keys::RSA_PRIVATE)).expect("a key");
            let public = keys::rsa_public_pkcs1();
            let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
            let same = oxitoken::Algorithm::RS256;
            let public = Public::Parsed(same, public.expect("a key"));
            with_keys(same, Private::Rsa(pair), public)
        }
    })
}

fn with_keys(algorithm: oxitoken::Algorithm, signing: Private, verifying: Public) -> Peer {
    let pipeline =
        ValidationPipeline::<Header, All, StaticKeyProvider<_>>::builder(verifying.into())
            .with_expiration_validator()
            .with_issuer_validator(ISSUER)
            .with_audience_validator(AUDIENCE)
            .with_type_validator(["JWT"])
            .build();
    Peer::new(
        "oxitoken, aws-lc-rs",
        move || {
            let header = Header {
                alg: algorithm,
                typ: "JWT".into(),
                kid: KEY_ID.into(),
            };
            encode(&signing, &header, &All::new()).expect("a token")
        },
        move |token| {
            let (_, claims) = pipeline.verify(token.as_bytes()).ok()?;
            Some(claims.into_access())
        },
    )
}
