use hmac::{Hmac, Mac};
use jwt::{AlgorithmType, Header, SignWithKey, Token, VerifyWithKey};
use sha2::Sha256;

use crate::claims::{All, KEY_ID};
use crate::{Algorithm, Peer, keys};

/// HMAC only: its other algorithms require OpenSSL.
pub(crate) fn peer(algorithm: Algorithm) -> Option<Peer> {
    if algorithm != Algorithm::HS256 {
        return None;
    }
    let key = || Hmac::<Sha256>::new_from_slice(&keys::SECRET).expect("any length");
    let (signing, verifying) = (key(), key());
    Some(Peer::new(
        "jwt, RustCrypto",
        move || {
            let header = Header {
                algorithm: AlgorithmType::Hs256,
                key_id: Some(KEY_ID.into()),
                ..Header::default()
            };
            let token = Token::new(header, All::new()).sign_with_key(&signing);
            token.expect("a token").into()
        },
        move |token| {
            let token: Token<Header, All, _> = token.verify_with_key(&verifying).ok()?;
            let (_, claims): (Header, All) = token.into();
            claims.check().then(|| claims.into_access())
        },
    ))
}
