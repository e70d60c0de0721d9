//! The kit against the verifiers of this library.

use jwt_ring::oauth::access_token;
use jwt_ring::oauth::dpop::{self, Nonces, ProofVerifier, Request};
use jwt_ring::oauth::id_token;
use jwt_ring::replay::ReplayGuard;
use jwt_ring::testing::{Issuer, Profile, TestToken, assert_rejects_all};
use jwt_ring::{Algorithm, Claims, KeySet, SigningKey, SystemClock};
use serde_json::Value;

use crate::{AUDIENCE, ISSUER, clock, issuer, message_of};

fn access_tokens() -> access_token::Verifier {
    access_token::Verifier::new(ISSUER, AUDIENCE).map_verifier(|verifier| verifier.clock(clock()))
}

fn proofs() -> ProofVerifier {
    ProofVerifier::new().clock(clock())
}

/// A resource server for both schemes.
struct Service {
    keys: KeySet,
    bearer: access_token::Verifier,
    dpop: dpop::Verifier,
    guard: ReplayGuard,
}

impl Service {
    fn new(issuer: &Issuer, proofs: ProofVerifier) -> Self {
        Self {
            keys: issuer.key_set(),
            bearer: access_tokens(),
            dpop: dpop::Verifier::new(access_tokens()).proofs(proofs),
            guard: ReplayGuard::new(100),
        }
    }

    fn is_rejected(&self, token: &TestToken) -> bool {
        let authorization = token.authorization();
        if let Some(token) = authorization.strip_prefix("Bearer ") {
            return self.bearer.verify::<Value>(token, &self.keys).is_err();
        }
        let request = Request::new("GET", AUDIENCE)
            .authorization([&authorization])
            .dpop(token.proofs());
        let verified = self.dpop.verify::<Value>(&request, &self.keys);
        verified.map_or(true, |one_time| one_time.first_use(&self.guard).is_err())
    }
}

#[test]
fn access_tokens_pass() {
    let issuer = issuer().claim("scope", "orders:read");
    let service = Service::new(&issuer, proofs());
    let is_rejected = |token: &TestToken| service.is_rejected(token);
    assert_rejects_all(&issuer, Profile::AccessToken, is_rejected);
}

#[test]
fn cached_access_tokens_pass() {
    let (issuer, verifier) = (issuer(), access_tokens().cached::<Value>(1_000));
    let keys = issuer.key_set();
    assert_rejects_all(&issuer, Profile::AccessToken, |token| {
        verifier.verify(token.as_str(), &keys).is_err()
    });
}

#[test]
fn bound_tokens_pass() {
    let issuer = issuer();
    let service = Service::new(&issuer, proofs());
    assert_rejects_all(&issuer, Profile::Dpop, |token| service.is_rejected(token));

    let key = SigningKey::generate(Algorithm::HS256).expect("a key");
    let issuer = issuer.key(key);
    let service = Service::new(&issuer, proofs());
    assert_rejects_all(&issuer, Profile::Dpop, |token| service.is_rejected(token));
}

#[test]
fn bound_tokens_with_nonces_pass() {
    let issuer = issuer();
    let with_nonces = proofs().nonces(Nonces::new([7; 32]).expect("nonces"));
    let issuer = issuer.nonce(with_nonces.new_nonce().expect("a nonce"));
    let service = Service::new(&issuer, with_nonces);
    assert_rejects_all(&issuer, Profile::Dpop, |token| service.is_rejected(token));
}

#[test]
fn tokens_of_providers_are_not_distinguished_by_typ() {
    let issuer = issuer();
    let (keys, verifier) = (issuer.key_set(), access_tokens().allow_typ_jwt());
    let is_rejected = |token: &TestToken| verifier.verify::<Value>(token.as_str(), &keys).is_err();
    let message = message_of(|| assert_rejects_all(&issuer, Profile::AccessToken, is_rejected));
    let message = message.expect("a failure");
    let accepted = [
        "no `typ`",
        "`typ` JWT",
        "no `client_id`",
        "no `iat`",
        "no `jti`",
        "`scope` a number",
    ];
    for name in accepted {
        assert!(
            message.contains(&format!("accepted: {name} (")),
            "{message}"
        );
    }
    assert!(message.starts_with("AccessToken: 6 of "), "{message}");
    let issuer = accepted.into_iter().fold(issuer, Issuer::except);
    assert_rejects_all(&issuer, Profile::AccessToken, is_rejected);
}

#[test]
fn id_tokens_are_valid() {
    let issuer = Issuer::new(SystemClock, ISSUER, AUDIENCE)
        .typ("example+jwt") // of access tokens
        .claim("nonce", "n-0S6_WzA2Mj")
        .claim("aud", "https://other.example");
    let verifier = id_token::Verifier::new(ISSUER, "web-shop");
    let token = issuer.id_token("web-shop");
    let nonce = Some("n-0S6_WzA2Mj");
    let token = verifier
        .verify::<Claims>(&token, &issuer.key_set(), nonce)
        .expect("a valid token");
    assert_eq!(token.claims().subject.as_deref(), Some("user-42"));
}
