use std::sync::Arc;

use biscuit::jws::{RegisteredHeader, Secret};
use biscuit::{
    ClaimPresenceOptions, ClaimsSet, Empty, JWT, Presence, RegisteredClaims, SingleOrMultiple,
    Validation, ValidationOptions, jwa::SignatureAlgorithm,
};
use ring::signature::KeyPair;

use crate::claims::{AUDIENCE, Access, All, ISSUER, KEY_ID};
use crate::{Algorithm, Peer, keys};

pub(crate) fn peer(algorithm: Algorithm) -> Option<Peer> {
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
    let options = || ValidationOptions {
        claim_presence_options: ClaimPresenceOptions {
            expiry: Presence::Required,
            issuer: Presence::Required,
            audience: Presence::Required,
            ..ClaimPresenceOptions::default()
        },
        issuer: Validation::Validate(ISSUER.to_owned()),
        audience: Validation::Validate(AUDIENCE.to_owned()),
        ..ValidationOptions::default()
    };
    Some(Peer::new(
        "biscuit, ring",
        move || {
            let header = RegisteredHeader {
                algorithm,
                key_id: Some(KEY_ID.into()),
                ..RegisteredHeader::default()
            };
            let token = JWT::new_decoded(header.into(), claims());
            token
                .encode(&signing)
                .expect("a token")
                .unwrap_encoded()
                .to_string()
        },
        move |token| {
            let token = JWT::<Access, Empty>::new_encoded(token);
            let token = token.into_decoded(&verifying, algorithm).ok()?;
            token.validate(options()).ok()?;
            let (_, claims) = token.unwrap_decoded();
            Some(claims.private)
        },
    ))
}

fn claims() -> ClaimsSet<Access> {
    let all = All::new();
    ClaimsSet {
        registered: RegisteredClaims {
            issuer: Some(all.iss),
            audience: Some(SingleOrMultiple::Single(all.aud)),
            subject: Some(all.sub),
            issued_at: Some(all.iat.into()),
            expiry: Some(all.exp.into()),
            id: Some(all.jti),
            not_before: None,
        },
        private: Access::new(),
    }
}
