//! <https://docs.rs/jsonwebtoken>, on the crates of RustCrypto.

use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use jwt_ring::Algorithm;
use serde::{Deserialize, Serialize};

use super::{AUDIENCE, Custom, ISSUER, Peer, SECRET, SUBJECT, custom, is_symmetric, pem};

pub struct Jsonwebtoken;

#[derive(Deserialize, Serialize)]
struct Payload {
    iss: String,
    aud: String,
    sub: String,
    iat: u64,
    exp: u64,
    #[serde(flatten)]
    custom: Custom,
}

fn same(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    algorithm.name().parse().expect("it has all of ours")
}

impl Peer for Jsonwebtoken {
    fn sign(&self, algorithm: Algorithm) -> String {
        let [private, _] = pem(algorithm);
        let private = private.as_bytes();
        let key = match &algorithm.name()[..2] {
            _ if is_symmetric(algorithm) => Ok(EncodingKey::from_secret(&SECRET)),
            "RS" | "PS" => EncodingKey::from_rsa_pem(private),
            "ES" => EncodingKey::from_ec_pem(private),
            _ => EncodingKey::from_ed_pem(private),
        };
        let iat = jsonwebtoken::get_current_timestamp();
        let payload = Payload {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: SUBJECT.into(),
            iat,
            exp: iat + 600,
            custom: custom(),
        };
        let header = Header::new(same(algorithm));
        jsonwebtoken::encode(&header, &payload, &key.expect("a key")).expect("a token")
    }

    fn verify(&self, algorithm: Algorithm, token: &str) -> Result<Custom, String> {
        let [_, public] = pem(algorithm);
        let public = public.as_bytes();
        let key = match &algorithm.name()[..2] {
            _ if is_symmetric(algorithm) => Ok(DecodingKey::from_secret(&SECRET)),
            "RS" | "PS" => DecodingKey::from_rsa_pem(public),
            "ES" => DecodingKey::from_ec_pem(public),
            _ => DecodingKey::from_ed_pem(public),
        };
        let mut validation = Validation::new(same(algorithm));
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        jsonwebtoken::decode::<Payload>(token, &key.expect("a key"), &validation)
            .map(|token| token.claims.custom)
            .map_err(|error| error.to_string())
    }
}
