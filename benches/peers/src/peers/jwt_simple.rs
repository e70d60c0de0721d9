use jwt_simple::prelude::*;

use crate::claims::{AUDIENCE, Access, ISSUER, JWT_ID, KEY_ID, LIFETIME, SUBJECT};
use crate::{Algorithm, Peer, keys};

pub(crate) fn peer(algorithm: Algorithm) -> Option<Peer> {
    Some(match algorithm {
        Algorithm::HS256 => {
            let key = || HS256Key::from_bytes(&keys::SECRET).with_key_id(KEY_ID);
            let (signing, verifying) = (key(), key());
            peer_of(
                move |claims| signing.authenticate(claims),
                move |token, options| verifying.verify_token(token, Some(options)),
            )
        }
        Algorithm::ES256 => {
            let pair = ES256KeyPair::from_pem(keys::EC_PRIVATE).expect("a key");
            let (public, pair) = (pair.public_key(), pair.with_key_id(KEY_ID));
            peer_of(
                move |claims| pair.sign(claims),
                move |token, options| public.verify_token(token, Some(options)),
            )
        }
        Algorithm::RS256 => {
            let pair = RS256KeyPair::from_pem(keys::RSA_PRIVATE).expect("a key");
            let (public, pair) = (pair.public_key(), pair.with_key_id(KEY_ID));
            peer_of(
                move |claims| pair.sign(claims),
                move |token, options| public.verify_token(token, Some(options)),
            )
        }
    })
}

fn peer_of(
    sign: impl Fn(JWTClaims<Access>) -> Result<String, jwt_simple::Error> + 'static,
    verify: impl Fn(&str, VerificationOptions) -> Result<JWTClaims<Access>, jwt_simple::Error> + 'static,
) -> Peer {
    let options = VerificationOptions {
        allowed_issuers: Some([ISSUER.to_owned()].into()),
        allowed_audiences: Some([AUDIENCE.to_owned()].into()),
        time_tolerance: None,
        ..VerificationOptions::default()
    };
    Peer::new(
        "jwt-simple, pure-rust",
        move || {
            let lifetime = Duration::from_secs(LIFETIME);
            let claims = Claims::with_custom_claims(Access::new(), lifetime)
                .with_issuer(ISSUER)
                .with_audience(AUDIENCE)
                .with_subject(SUBJECT)
                .with_jwt_id(JWT_ID);
            sign(claims).expect("a token")
        },
        // It takes its options by value.
        move |token| Some(verify(token, options.clone()).ok()?.custom),
    )
}
