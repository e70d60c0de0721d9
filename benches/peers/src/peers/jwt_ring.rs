use std::cell::RefCell;
use std::time::Duration;

use jwt_ring::{Claims, KeySet, Signer, SystemClock, Verifier, VerifyingKey};

use crate::claims::{AUDIENCE, ISSUER, JWT_ID, LIFETIME, Payload, SUBJECT};
use crate::peer::Peer;
use crate::{Algorithm, keys};

pub(crate) fn peer<P: Payload>(algorithm: Algorithm) -> Option<Peer> {
    let key = keys::signing_key(algorithm);
    let public = &key.verifying_key();
    let signer = Signer::new(key);
    let verifier = &Verifier::new().issuer(ISSUER).audience(AUDIENCE);
    let with_keys = || (verifier.clone(), public.clone());
    let peer = Peer::new("jwt-ring", move || {
        let claims = Claims::new(&SystemClock, Duration::from_secs(LIFETIME))
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .subject(SUBJECT)
            .jwt_id(JWT_ID)
            .custom(P::custom());
        signer.sign(&claims).expect("a token")
    });
    let (verifier, public) = with_keys();
    let peer = peer.typed(move |token, see| {
        if let Ok(token) = verifier.verify::<Claims<P::Custom>>(token, &public) {
            see(&token.claims().custom);
        }
    });
    let (verifier, public) = with_keys();
    let peer = peer.own(move |token, see| {
        if let Ok(token) = verifier.verify::<P::Whole>(token, &public) {
            see(token.claims());
        }
    });
    let (verifier, public) = with_keys();
    let buffer = RefCell::default();
    let peer = peer.borrowed(move |token, see| {
        let buffer = &mut *buffer.borrow_mut();
        if let Ok(token) = verifier.verify_borrowed::<P::Borrowed<'_>>(token, &public, buffer) {
            see(token.claims());
        }
    });
    if algorithm != Algorithm::HS256 {
        return Some(peer);
    }
    let (verifier, _) = with_keys();
    let set: KeySet = keys::ten_secrets()
        .map(|(id, secret)| {
            let key = VerifyingKey::from_secret(jwt_ring::Algorithm::HS256, secret);
            key.expect("a key").with_id(id)
        })
        .collect();
    Some(peer.with_ten_keys(move |token, see| {
        if let Ok(token) = verifier.verify::<Claims<P::Custom>>(token, &set) {
            see(&token.claims().custom);
        }
    }))
}

pub(crate) fn load(document: &str) -> usize {
    KeySet::from_json(document).expect("a JWK Set").len()
}
