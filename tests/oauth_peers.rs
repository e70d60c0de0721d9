//! Tokens that npm jose 6.2.18 and oauth4webapi 3.8.8 made with `oauth_peers/make.mjs`.

mod support;

use jwt_ring::oauth::client_assertion;
use jwt_ring::oauth::identity_assertion::{self, IdentityAssertionClaims};
use jwt_ring::oauth::logout_token::{self, LogoutTokenClaims};
use jwt_ring::oauth::security_event::{self, SecurityEventClaims};
use jwt_ring::{Algorithm, Claims, VerifyError, VerifyingKey};
use serde_json::Value;
use support::clock;

const ISSUER: &str = "https://issuer.example";
const CLIENT: &str = "web-shop";

fn verify(kind: &str, token: &str, key: &VerifyingKey) -> Result<(), VerifyError> {
    match kind {
        "client_assertion" => client_assertion::Verifier::new(ISSUER)
            .map_verifier(|verifier| verifier.clock(clock()))
            .verify::<Claims>(token, &client_assertion::client_id(token)?, key)
            .map(drop),
        "identity_assertion" => identity_assertion::Verifier::new(ISSUER, "https://chat.example")
            .map_verifier(|verifier| verifier.clock(clock()))
            .verify::<IdentityAssertionClaims>(token, CLIENT, key)
            .map(drop),
        "security_event" => security_event::Verifier::new(ISSUER, CLIENT)
            .map_verifier(|verifier| verifier.clock(clock()))
            .verify::<SecurityEventClaims>(token, key)
            .map(drop),
        "logout_token" => logout_token::Verifier::new(ISSUER, CLIENT)
            .map_verifier(|verifier| verifier.clock(clock()))
            .verify::<LogoutTokenClaims>(token, key)
            .map(drop),
        _ => panic!("{kind}"),
    }
}

#[test]
fn tokens_of_other_libraries_verify() {
    let peers: Vec<Value> =
        serde_json::from_str(include_str!("oauth_peers/peers.json")).expect("JSON");
    assert_eq!(peers.len(), 7);
    for peer in &peers {
        let text = |name: &str| peer[name].as_str().expect("a string");
        let algorithm: Algorithm = text("alg").parse().expect("an algorithm");
        let key = match peer["secret"].as_str() {
            Some(secret) => VerifyingKey::from_secret(algorithm, secret),
            None => VerifyingKey::from_jwk(algorithm, &peer["jwk"].to_string()),
        }
        .expect("a key");
        let (kind, token) = (text("kind"), text("token"));
        assert_eq!(verify(kind, token, &key), Ok(()), "{peer}");
        // Another payload under the same signature.
        let (rest, signature) = token.rsplit_once('.').expect("a signature");
        let (header, payload) = rest.split_once('.').expect("a payload");
        let payload = String::from_utf8(support::decode(payload)).expect("text");
        let forged = support::encode(payload.replace(CLIENT, "web-sho9"));
        let forged = format!("{header}.{forged}.{signature}");
        let found = verify(kind, &forged, &key);
        assert_eq!(found, Err(VerifyError::InvalidSignature), "{peer}");
    }
}
