use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use josekit::jwk::{Jwk, JwkSet};
use josekit::jws::{ES256, HS256, JwsHeader, JwsSigner, JwsVerifier, RS256};
use josekit::jwt::{self, JwtPayload, JwtPayloadValidator};
use serde_json::Value;

use crate::Algorithm;
use crate::claims::{AUDIENCE, ISSUER, JWT_ID, LIFETIME, Payload, SUBJECT};
use crate::keys::{self, KEY_ID};
use crate::peer::Peer;

pub(crate) fn peer<P: Payload>(algorithm: Algorithm) -> Option<Peer> {
    let (signer, verifier): (Box<dyn JwsSigner>, Box<dyn JwsVerifier>) = match algorithm {
        Algorithm::HS256 => (
            Box::new(HS256.signer_from_bytes(keys::SECRET).expect("a key")),
            Box::new(HS256.verifier_from_bytes(keys::SECRET).expect("a key")),
        ),
        Algorithm::ES256 => (
            Box::new(ES256.signer_from_pem(keys::EC_PRIVATE).expect("a key")),
            Box::new(ES256.verifier_from_pem(keys::EC_PUBLIC).expect("a key")),
        ),
        Algorithm::RS256 => (
            Box::new(RS256.signer_from_pem(keys::RSA_PRIVATE).expect("a key")),
            Box::new(RS256.verifier_from_pem(keys::RSA_PUBLIC).expect("a key")),
        ),
    };
    let peer = Peer::new("josekit, OpenSSL", move || {
        let mut header = JwsHeader::new();
        header.set_token_type("JWT");
        header.set_key_id(KEY_ID);
        jwt::encode_with_signer(&payload::<P>(), &header, &*signer).expect("a token")
    });
    let peer = peer.typed(move |token, see| {
        let token = jwt::decode_with_verifier(token, &*verifier).ok();
        if let Some(claims) = token.and_then(|(payload, _)| read::<P>(&payload)) {
            see(&claims);
        }
    });
    if algorithm != Algorithm::HS256 {
        return Some(peer);
    }
    let ten: HashMap<String, _> = keys::ten_secrets()
        .map(|(id, secret)| (id, HS256.verifier_from_bytes(secret).expect("a key")))
        .collect();
    Some(peer.with_ten_keys(move |token, see| {
        let token = jwt::decode_with_verifier_selector(token, |header| {
            let key = header.key_id().and_then(|id| ten.get(id));
            Ok(key.map(|key| key as &dyn JwsVerifier))
        });
        if let Some(claims) = token.ok().and_then(|(payload, _)| read::<P>(&payload)) {
            see(&claims);
        }
    }))
}

/// It has no struct for claims: it reads them into a map.
fn read<P: Payload>(payload: &JwtPayload) -> Option<P::Custom> {
    let mut validator = JwtPayloadValidator::new();
    validator.set_base_time(SystemTime::now());
    validator.set_issuer(ISSUER);
    validator.set_audience(AUDIENCE);
    validator.validate(payload).ok()?;
    serde_json::from_value(Value::Object(payload.claims_set().clone())).ok()
}

fn payload<P: Payload>() -> JwtPayload {
    let Ok(Value::Object(custom)) = serde_json::to_value(P::custom()) else {
        panic!("an object");
    };
    let mut payload = JwtPayload::from_map(custom).expect("claims");
    let now = SystemTime::now();
    payload.set_issuer(ISSUER);
    payload.set_audience(vec![AUDIENCE]);
    payload.set_subject(SUBJECT);
    payload.set_jwt_id(JWT_ID);
    payload.set_issued_at(&now);
    payload.set_expires_at(&(now + Duration::from_secs(LIFETIME)));
    payload
}

pub(crate) fn load(document: &str) -> usize {
    let set = JwkSet::from_bytes(document).expect("a JWK Set");
    let verifier = |key: &Jwk| -> Box<dyn JwsVerifier> {
        match key.algorithm() {
            Some("RS256") => Box::new(RS256.verifier_from_jwk(key).expect("a key")),
            _ => Box::new(ES256.verifier_from_jwk(key).expect("a key")),
        }
    };
    let keys: Vec<_> = set.keys().into_iter().map(verifier).collect();
    keys.len()
}
