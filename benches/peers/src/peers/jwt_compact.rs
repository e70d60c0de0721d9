use std::collections::HashMap;

use chrono::TimeDelta;
use jwt_compact::alg::{Es256, Hs256, Hs256Key, Rsa};
use jwt_compact::prelude::*;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use serde::{Deserialize, Serialize};

use crate::Algorithm;
use crate::claims::{AUDIENCE, ISSUER, JWT_ID, LIFETIME, Payload, SUBJECT};
use crate::keys::{self, KEY_ID};
use crate::peer::{Peer, See};

/// It checks the dates, and takes them away from the caller's struct. The caller checks the other
/// claims.
#[derive(Clone, Deserialize, Serialize)]
struct Custom<C> {
    iss: String,
    aud: String,
    sub: String,
    jti: String,
    #[serde(flatten)]
    custom: C,
}

pub(crate) fn peer<P: Payload>(algorithm: Algorithm) -> Option<Peer> {
    Some(match algorithm {
        Algorithm::HS256 => {
            let peer = peer_of::<P, _>(
                [Hs256, Hs256],
                Hs256Key::new(keys::SECRET),
                Hs256Key::new(keys::SECRET),
            );
            let ten: HashMap<String, Hs256Key> = keys::ten_secrets()
                .map(|(id, secret)| (id, Hs256Key::new(secret)))
                .collect();
            peer.with_ten_keys(move |text, see| {
                let token = UntrustedToken::new(text).ok();
                let id = token.and_then(|token| token.header().key_id.clone());
                if let Some(key) = id.and_then(|id| ten.get(&id)) {
                    verify::<P, _>(&Hs256, key, text, see);
                }
            })
        }
        Algorithm::ES256 => peer_of::<P, _>(
            [Es256, Es256],
            DecodePrivateKey::from_pkcs8_pem(keys::EC_PRIVATE).expect("a key"),
            DecodePublicKey::from_public_key_pem(keys::EC_PUBLIC).expect("a key"),
        ),
        Algorithm::RS256 => peer_of::<P, _>(
            [Rsa::rs256(), Rsa::rs256()],
            DecodePrivateKey::from_pkcs8_pem(keys::RSA_PRIVATE).expect("a key"),
            DecodePublicKey::from_public_key_pem(keys::RSA_PUBLIC).expect("a key"),
        ),
    })
}

fn peer_of<P: Payload, A>(
    [algorithm, verifier]: [A; 2],
    signing: A::SigningKey,
    verifying: A::VerifyingKey,
) -> Peer
where
    A: jwt_compact::Algorithm + 'static,
    A::SigningKey: 'static,
    A::VerifyingKey: 'static,
{
    let peer = Peer::new("jwt-compact, RustCrypto", move || {
        let custom = Custom {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: SUBJECT.into(),
            jti: JWT_ID.into(),
            custom: P::custom(),
        };
        let lifetime = TimeDelta::seconds(i64::try_from(LIFETIME).expect("small"));
        let claims = Claims::new(custom).set_duration_and_issuance(&options(), lifetime);
        let header = Header::empty().with_key_id(KEY_ID).with_token_type("JWT");
        algorithm
            .token(&header, &claims, &signing)
            .expect("a token")
    });
    peer.typed(move |token, see| verify::<P, A>(&verifier, &verifying, token, see))
}

fn verify<P: Payload, A: jwt_compact::Algorithm>(
    algorithm: &A,
    key: &A::VerifyingKey,
    text: &str,
    see: See<'_>,
) {
    let Ok(token) = UntrustedToken::new(text) else {
        return;
    };
    let token = algorithm
        .validator::<Custom<P::Custom>>(key)
        .validate(&token);
    if let Ok(token) = token
        && token.claims().validate_expiration(&options()).is_ok()
        && token.claims().custom.iss == ISSUER
        && token.claims().custom.aud == AUDIENCE
    {
        see(&token.claims().custom.custom);
    }
}

fn options() -> TimeOptions {
    TimeOptions::from_leeway(TimeDelta::zero())
}
