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
use oxitoken::header::{Alg, Kid, Typ};
use oxitoken::validation::keystore::LocalKeystore;
use oxitoken::validation::{KeyProvider, StaticKeyProvider, ValidationPipeline, VerificationKey};
use serde::{Deserialize, Serialize};

use crate::Algorithm;
use crate::claims::{self, AUDIENCE, ISSUER, Payload, Whole};
use crate::keys::{self, KEY_ID};
use crate::peer::Peer;

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

impl Kid for Header {
    fn kid(&self) -> &str {
        &self.kid
    }
}

/// A struct of the caller, with the traits for its claims.
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
struct Own<W>(W);

impl<W: Whole> Iss for Own<W> {
    fn iss(&self) -> &str {
        self.0.iss()
    }
}

impl<W: Whole> Exp for Own<W> {
    fn exp(&self) -> i64 {
        self.0.exp()
    }
}

impl<W: Whole> Aud for Own<W> {
    fn aud(&self) -> impl Iterator<Item = impl AsRef<str>> {
        std::iter::once(self.0.aud())
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

pub(crate) fn peer<P: Payload>(algorithm: Algorithm) -> Option<Peer> {
    Some(match algorithm {
        Algorithm::HS256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &keys::SECRET);
            let private = Private::Hmac(key.clone());
            let peer = with_keys::<P>(oxitoken::Algorithm::HS256, private, Public::Hmac(key));
            let mut ten = LocalKeystore::empty();
            for (id, secret) in keys::ten_secrets() {
                ten.add_key(id, Public::Hmac(hmac::Key::new(hmac::HMAC_SHA256, &secret)));
            }
            let ten = pipeline::<P, _>(ten);
            peer.with_ten_keys(move |token, see| {
                if let Ok((_, Own(claims))) = ten.verify(token.as_bytes()) {
                    see(&claims);
                }
            })
        }
        Algorithm::ES256 => {
            let private = keys::der(keys::EC_PRIVATE);
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &private);
            let pair = pair.expect("a key");
            let public = pair.public_key();
            let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public).expect("a key");
            let same = oxitoken::Algorithm::ES256;
            with_keys::<P>(same, Private::Ec(pair), Public::Parsed(same, public))
        }
        Algorithm::RS256 => {
            let pair = RsaKeyPair::from_pkcs8(&keys::der(keys::RSA_PRIVATE)).expect("a key");
            let public = keys::rsa_public_pkcs1();
            let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
            let same = oxitoken::Algorithm::RS256;
            let public = Public::Parsed(same, public.expect("a key"));
            with_keys::<P>(same, Private::Rsa(pair), public)
        }
    })
}

fn with_keys<P: Payload>(
    algorithm: oxitoken::Algorithm,
    signing: Private,
    verifying: Public,
) -> Peer {
    let pipeline = pipeline::<P, StaticKeyProvider<Public>>(verifying.into());
    let peer = Peer::new("oxitoken, aws-lc-rs", move || {
        let header = Header {
            alg: algorithm,
            typ: "JWT".into(),
            kid: KEY_ID.into(),
        };
        encode(&signing, &header, &P::whole(claims::now())).expect("a token")
    });
    peer.own(move |token, see| {
        if let Ok((_, Own(claims))) = pipeline.verify(token.as_bytes()) {
            see(&claims);
        }
    })
}

type Pipeline<P, K> = ValidationPipeline<Header, Own<<P as Payload>::Whole>, K>;

fn pipeline<P: Payload, K>(keys: K) -> Pipeline<P, K>
where
    K: KeyProvider<Header, Own<P::Whole>> + Send + Sync + 'static,
{
    ValidationPipeline::builder(keys)
        .with_expiration_validator()
        .with_issuer_validator(ISSUER)
        .with_audience_validator(AUDIENCE)
        .with_type_validator(["JWT"])
        .build()
}
