//! <https://docs.rs/jwt-simple>, without its C.

use jwt_ring::Algorithm;
use jwt_simple::prelude::*;

use super::{AUDIENCE, Custom, ISSUER, Peer, SECRET, SUBJECT, custom, pem};

pub struct JwtSimple;

/// Calls a method of the key type that an algorithm has there.
macro_rules! with_key {
    ($algorithm:expr, $pem:expr, $half:ident, $with_secret:ident, $method:ident($($argument:expr),*)) => {
        match $algorithm {
            Algorithm::HS256 => HS256Key::from_bytes(&SECRET).$with_secret($($argument),*),
            Algorithm::HS384 => HS384Key::from_bytes(&SECRET).$with_secret($($argument),*),
            Algorithm::HS512 => HS512Key::from_bytes(&SECRET).$with_secret($($argument),*),
            Algorithm::RS256 => $half::Rs256::from_pem($pem).expect("a key").$method($($argument),*),
            Algorithm::RS384 => $half::Rs384::from_pem($pem).expect("a key").$method($($argument),*),
            Algorithm::RS512 => $half::Rs512::from_pem($pem).expect("a key").$method($($argument),*),
            Algorithm::PS256 => $half::Ps256::from_pem($pem).expect("a key").$method($($argument),*),
            Algorithm::PS384 => $half::Ps384::from_pem($pem).expect("a key").$method($($argument),*),
            Algorithm::PS512 => $half::Ps512::from_pem($pem).expect("a key").$method($($argument),*),
            Algorithm::ES256 => $half::Es256::from_pem($pem).expect("a key").$method($($argument),*),
            Algorithm::ES384 => $half::Es384::from_pem($pem).expect("a key").$method($($argument),*),
            _ => $half::Ed25519::from_pem($pem).expect("a key").$method($($argument),*),
        }
    };
}

/// Its names, so that the halves differ in the module alone.
mod private {
    pub use jwt_simple::prelude::{
        ES256KeyPair as Es256, ES384KeyPair as Es384, Ed25519KeyPair as Ed25519,
        PS256KeyPair as Ps256, PS384KeyPair as Ps384, PS512KeyPair as Ps512, RS256KeyPair as Rs256,
        RS384KeyPair as Rs384, RS512KeyPair as Rs512,
    };
}

mod public {
    pub use jwt_simple::prelude::{
        ES256PublicKey as Es256, ES384PublicKey as Es384, Ed25519PublicKey as Ed25519,
        PS256PublicKey as Ps256, PS384PublicKey as Ps384, PS512PublicKey as Ps512,
        RS256PublicKey as Rs256, RS384PublicKey as Rs384, RS512PublicKey as Rs512,
    };
}

impl Peer for JwtSimple {
    fn sign(&self, algorithm: Algorithm) -> String {
        let claims = Claims::with_custom_claims(custom(), Duration::from_mins(10))
            .with_issuer(ISSUER)
            .with_audience(AUDIENCE)
            .with_subject(SUBJECT);
        let [pem, _] = pem(algorithm);
        with_key!(algorithm, &pem, private, authenticate, sign(claims)).expect("a token")
    }

    fn verify(&self, algorithm: Algorithm, token: &str) -> Result<Custom, String> {
        let options = VerificationOptions {
            allowed_issuers: Some([ISSUER.to_owned()].into()),
            allowed_audiences: Some([AUDIENCE.to_owned()].into()),
            ..VerificationOptions::default()
        };
        let [_, pem] = pem(algorithm);
        with_key!(
            algorithm,
            &pem,
            public,
            verify_token,
            verify_token(token, Some(options))
        )
        .map(|claims: JWTClaims<Custom>| claims.custom)
        .map_err(|error| error.to_string())
    }
}
