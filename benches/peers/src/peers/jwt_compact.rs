use chrono::TimeDelta;
use jwt_compact::alg::{Es256, Hs256, Hs256Key, Rsa};
use jwt_compact::prelude::*;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use serde::{Deserialize, Serialize};

use crate::claims::{AUDIENCE, Access, All, ISSUER, KEY_ID, LIFETIME};
use crate::{Algorithm, Peer, keys};

/// It checks the dates. The caller checks the other claims.
#[derive(Clone, Deserialize, Serialize)]
struct Custom {
    iss: String,
    aud: String,
    sub: String,
    jti: String,
    #[serde(flatten)]
    access: Access,
}

pub(crate) fn peer(algorithm: Algorithm) -> Option<Peer> {
    Some(match algorithm {
        Algorithm::HS256 => {
            let key = || Hs256Key::new(keys::SECRET);
            with_keys([Hs256, Hs256], key(), key())
        }
        Algorithm::ES256 => with_keys(
            [Es256, Es256],
            DecodePrivateKey::from_pkcs8_pem(keys::EC_PRIVATE).expect("a key"),
            DecodePublicKey::from_public_key_pem(keys::EC_PUBLIC).expect("a key"),
        ),
        Algorithm::RS256 => with_keys(
            [Rsa::rs256(), Rsa::rs256()],
            DecodePrivateKey::from_pkcs8_pem(keys::RSA_PRIVATE).expect("a key"),
            DecodePublicKey::from_public_key_pem(keys::RSA_PUBLIC).expect("a key"),
        ),
    })
}

fn with_keys<A>(
    [algorithm, verifier]: [A; 2],
    signing: A::SigningKey,
    verifying: A::VerifyingKey,
) -> Peer
where
    A: jwt_compact::Algorithm + 'static,
    A::SigningKey: 'static,
    A::VerifyingKey: 'static,
{
    let options = TimeOptions::from_leeway(TimeDelta::zero());
    Peer::new(
        "jwt-compact, RustCrypto",
        move || {
            let All {
                iss, aud, sub, jti, ..
            } = All::new();
            let access = Access::new();
            let custom = Custom {
                iss,
                aud,
                sub,
                jti,
                access,
            };
            let lifetime = TimeDelta::seconds(i64::try_from(LIFETIME).expect("small"));
            let claims = Claims::new(custom).set_duration_and_issuance(&options, lifetime);
            let header = Header::empty().with_key_id(KEY_ID).with_token_type("JWT");
            algorithm
                .token(&header, &claims, &signing)
                .expect("a token")
        },
        move |token| {
            let token = UntrustedToken::new(token).ok()?;
            let token = verifier
                .validator::<Custom>(&verifying)
                .validate(&token)
                .ok()?;
            let (_, claims) = token.into_parts();
            claims.validate_expiration(&options).ok()?;
            let Custom {
                iss, aud, access, ..
            } = claims.custom;
            (iss == ISSUER && aud == AUDIENCE).then_some(access)
        },
    )
}
