use std::time::Duration;

use jwt_ring::{Claims, KeySet, Signer, SigningKey, SystemClock, Verifier};

use crate::claims::{AUDIENCE, Access, ISSUER, JWT_ID, KEY_ID, LIFETIME, SUBJECT};
use crate::{Algorithm, Peer, keys};

pub(crate) fn peer(algorithm: Algorithm) -> Option<Peer> {
    let key = match algorithm {
        Algorithm::HS256 => SigningKey::from_secret(jwt_ring::Algorithm::HS256, keys::SECRET),
        Algorithm::ES256 => SigningKey::from_pem(jwt_ring::Algorithm::ES256, keys::EC_PRIVATE),
        Algorithm::RS256 => SigningKey::from_pem(jwt_ring::Algorithm::RS256, keys::RSA_PRIVATE),
    };
    let key = key.expect("a key").with_id(KEY_ID);
    let public = key.verifying_key();
    let signer = Signer::new(key);
    let verifier = Verifier::new().issuer(ISSUER).audience(AUDIENCE);
    Some(Peer::new(
        "jwt-ring",
        move || {
            let claims = Claims::new(&SystemClock, Duration::from_secs(LIFETIME))
                .issuer(ISSUER)
                .audience(AUDIENCE)
                .subject(SUBJECT)
                .jwt_id(JWT_ID)
                .custom(Access::new());
            signer.sign(&claims).expect("a token")
        },
        move |token| {
            let token = verifier.verify::<Claims<Access>>(token, &public).ok()?;
            Some(token.into_claims().custom)
        },
    ))
}

pub(crate) fn load(document: &str) -> usize {
    KeySet::from_json(document).expect("a JWK Set").len()
}
