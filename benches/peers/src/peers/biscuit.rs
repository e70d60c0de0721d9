use std::sync::Arc;

use biscuit::jwk::JWKSet;
use biscuit::jws::{Compact, RegisteredHeader, Secret};
use biscuit::{
    ClaimPresenceOptions, ClaimsSet, CompactJson, Empty, JWT, Presence, RegisteredClaims,
    SingleOrMultiple, Validation, ValidationOptions, jwa::SignatureAlgorithm,
};
use ring::signature::KeyPair;
use serde::{Deserialize, Serialize};

use crate::Algorithm;
use crate::claims::{self, AUDIENCE, ISSUER, JWT_ID, LIFETIME, Payload, SUBJECT, Whole};
use crate::keys::{self, KEY_ID};
use crate::peer::Peer;

/// A struct of the caller as the payload.
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
struct Own<W>(W);

impl<W> CompactJson for Own<W> where Self: Serialize + serde::de::DeserializeOwned {}

pub(crate) fn peer<P: Payload>(algorithm: Algorithm) -> Option<Peer> {
    let (algorithm, signing, verifying) = match algorithm {
        Algorithm::HS256 => (
            SignatureAlgorithm::HS256,
            Secret::Bytes(keys::SECRET.to_vec()),
            Secret::Bytes(keys::SECRET.to_vec()),
        ),
        Algorithm::ES256 => {
            let pair = keys::ring_ec_pair();
            let public = pair.public_key().as_ref().to_vec();
            (
                SignatureAlgorithm::ES256,
                Secret::EcdsaKeyPair(Arc::new(pair)),
                Secret::PublicKey(public),
            )
        }
        Algorithm::RS256 => (
            SignatureAlgorithm::RS256,
            Secret::RsaKeyPair(Arc::new(keys::ring_rsa_pair())),
            Secret::PublicKey(keys::rsa_public_pkcs1()),
        ),
    };
    let peer = Peer::new("biscuit, ring", move || {
        let header = RegisteredHeader {
            algorithm,
            key_id: Some(KEY_ID.into()),
            ..RegisteredHeader::default()
        };
        let token = JWT::new_decoded(header.into(), claims::<P>());
        token
            .encode(&signing)
            .expect("a token")
            .unwrap_encoded()
            .to_string()
    });
    let key = verifying.clone();
    let peer = peer.typed(move |token, see| {
        let token = JWT::<P::Custom, Empty>::new_encoded(token);
        let token = token.into_decoded(&key, algorithm).ok();
        if let Some(token) = token.filter(|token| token.validate(options()).is_ok()) {
            see(&token.payload().expect("decoded").private);
        }
    });
    let peer = peer.own(move |token, see| {
        let token = Compact::<Own<P::Whole>, Empty>::new_encoded(token);
        if let Ok(token) = token.into_decoded(&verifying, algorithm)
            && let Ok(Own(claims)) = token.payload()
            && claims.check()
        {
            see(claims);
        }
    });
    if !matches!(algorithm, SignatureAlgorithm::HS256) {
        return Some(peer);
    }
    let ten = ten_keys();
    Some(peer.with_ten_keys(move |token, see| {
        let token = JWT::<P::Custom, Empty>::new_encoded(token);
        let token = token.decode_with_jwks(&ten, Some(algorithm)).ok();
        if let Some(token) = token.filter(|token| token.validate(options()).is_ok()) {
            see(&token.payload().expect("decoded").private);
        }
    }))
}

fn ten_keys() -> JWKSet<Empty> {
    let keys: Vec<_> = keys::ten_secrets()
        .map(|(id, secret)| {
            let secret = keys::encode(&secret);
            serde_json::json!({ "kty": "oct", "kid": id, "alg": "HS256", "use": "sig", "k": secret })
        })
        .collect();
    serde_json::from_value(serde_json::json!({ "keys": keys })).expect("a JWK Set")
}

fn options() -> ValidationOptions {
    ValidationOptions {
        claim_presence_options: ClaimPresenceOptions {
            expiry: Presence::Required,
            issuer: Presence::Required,
            audience: Presence::Required,
            ..ClaimPresenceOptions::default()
        },
        issuer: Validation::Validate(ISSUER.to_owned()),
        audience: Validation::Validate(AUDIENCE.to_owned()),
        ..ValidationOptions::default()
    }
}

fn claims<P: Payload>() -> ClaimsSet<P::Custom> {
    let now = claims::now();
    let lifetime = i64::try_from(LIFETIME).expect("small");
    ClaimsSet {
        registered: RegisteredClaims {
            issuer: Some(ISSUER.into()),
            audience: Some(SingleOrMultiple::Single(AUDIENCE.into())),
            subject: Some(SUBJECT.into()),
            issued_at: Some(now.into()),
            expiry: Some((now + lifetime).into()),
            id: Some(JWT_ID.into()),
            not_before: None,
        },
        private: P::custom(),
    }
}
