use std::collections::HashMap;

use jwt_simple::Error;
use jwt_simple::prelude::*;

use crate::Algorithm;
use crate::claims::{AUDIENCE, ISSUER, JWT_ID, LIFETIME, Payload, SUBJECT};
use crate::keys::{self, KEY_ID};
use crate::peer::Peer;

pub(crate) fn peer<P: Payload>(algorithm: Algorithm) -> Option<Peer> {
    Some(match algorithm {
        Algorithm::HS256 => {
            let key = || HS256Key::from_bytes(&keys::SECRET).with_key_id(KEY_ID);
            let (signing, verifying) = (key(), key());
            let peer = peer_of::<P>(
                move |claims| signing.authenticate(claims),
                move |token, options| verifying.verify_token(token, Some(options)),
            );
            with_ten_keys::<P>(peer)
        }
        Algorithm::ES256 => {
            let pair = ES256KeyPair::from_pem(keys::EC_PRIVATE).expect("a key");
            let (public, pair) = (pair.public_key(), pair.with_key_id(KEY_ID));
            peer_of::<P>(
                move |claims| pair.sign(claims),
                move |token, options| public.verify_token(token, Some(options)),
            )
        }
        Algorithm::RS256 => {
            let pair = RS256KeyPair::from_pem(keys::RSA_PRIVATE).expect("a key");
            let (public, pair) = (pair.public_key(), pair.with_key_id(KEY_ID));
            peer_of::<P>(
                move |claims| pair.sign(claims),
                move |token, options| public.verify_token(token, Some(options)),
            )
        }
    })
}

/// It has no own struct: it takes the registered claims away from the caller's.
fn peer_of<P: Payload>(
    sign: impl Fn(JWTClaims<P::Custom>) -> Result<String, Error> + 'static,
    verify: impl Fn(&str, VerificationOptions) -> Result<JWTClaims<P::Custom>, Error> + 'static,
) -> Peer {
    let options = options();
    let peer = Peer::new("jwt-simple, pure-rust", move || {
        let lifetime = Duration::from_secs(LIFETIME);
        let claims = Claims::with_custom_claims(P::custom(), lifetime)
            .with_issuer(ISSUER)
            .with_audience(AUDIENCE)
            .with_subject(SUBJECT)
            .with_jwt_id(JWT_ID);
        sign(claims).expect("a token")
    });
    // It takes its options by value.
    peer.typed(move |token, see| {
        if let Ok(claims) = verify(token, options.clone()) {
            see(&claims.custom);
        }
    })
}

fn with_ten_keys<P: Payload>(peer: Peer) -> Peer {
    let options = options();
    let ten: HashMap<String, HS256Key> = keys::ten_secrets()
        .map(|(id, secret)| (id, HS256Key::from_bytes(&secret)))
        .collect();
    peer.with_ten_keys(move |token, see| {
        let metadata = Token::decode_metadata(token).ok();
        let key = metadata.and_then(|metadata| ten.get(metadata.key_id()?));
        let claims = key.map(|key| key.verify_token::<P::Custom>(token, Some(options.clone())));
        if let Some(Ok(claims)) = claims {
            see(&claims.custom);
        }
    })
}

fn options() -> VerificationOptions {
    VerificationOptions {
        allowed_issuers: Some([ISSUER.to_owned()].into()),
        allowed_audiences: Some([AUDIENCE.to_owned()].into()),
        time_tolerance: None,
        ..VerificationOptions::default()
    }
}
