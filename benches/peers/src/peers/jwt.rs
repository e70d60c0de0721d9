use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use jwt::{AlgorithmType, Header, SignWithKey, Token, VerifyWithKey, VerifyWithStore};
use sha2::Sha256;

use crate::Algorithm;
use crate::claims::{self, Payload, Whole};
use crate::keys::{self, KEY_ID};
use crate::peer::Peer;

/// HMAC only: its other algorithms require OpenSSL.
pub(crate) fn peer<P: Payload>(algorithm: Algorithm) -> Option<Peer> {
    if algorithm != Algorithm::HS256 {
        return None;
    }
    let key = |secret: &[u8]| Hmac::<Sha256>::new_from_slice(secret).expect("any length");
    let (signing, verifying) = (key(&keys::SECRET), key(&keys::SECRET));
    let ten: BTreeMap<String, _> = keys::ten_secrets()
        .map(|(id, secret)| (id, key(&secret)))
        .collect();
    let peer = Peer::new("jwt, RustCrypto", move || {
        let header = Header {
            algorithm: AlgorithmType::Hs256,
            key_id: Some(KEY_ID.into()),
            ..Header::default()
        };
        let token = Token::new(header, P::whole(claims::now())).sign_with_key(&signing);
        token.expect("a token").into()
    });
    let peer = peer.own(move |token, see| {
        let token: Result<Token<Header, P::Whole, _>, _> = token.verify_with_key(&verifying);
        if let Some(token) = token.ok().filter(|token| token.claims().check()) {
            see(token.claims());
        }
    });
    Some(peer.with_ten_keys(move |token, see| {
        let token: Result<Token<Header, P::Whole, _>, _> = token.verify_with_store(&ten);
        if let Some(token) = token.ok().filter(|token| token.claims().check()) {
            see(token.claims());
        }
    }))
}
