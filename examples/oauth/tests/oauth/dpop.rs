//! Tokens that are bound to a key of the client (RFC 9449).

use std::sync::Arc;

use jwt_ring::oauth::dpop::Prover;
use jwt_ring::{Algorithm, FixedClock, SigningKey};
use jwt_ring_oauth_examples::world::{REDIRECT_URI, World, registered};
use oauth2::HttpResponse;
use serde_json::{Value, json};

use crate::{VERIFIER, basic, claims, code, outcome, send};

fn prover(world: &World) -> Prover {
    let key = Arc::new(SigningKey::generate(Algorithm::ES256).expect("a key"));
    let prover = Prover::new(key).expect("a prover");
    prover.clock(world.clock.clone())
}

/// A proof for the token endpoint.
fn proof(world: &World, prover: &Prover, nonce: Option<&str>) -> String {
    let uri = format!("{}/token", world.issuer);
    prover.proof("POST", &uri, None, nonce).expect("a proof")
}

fn native() -> Value {
    json!({ "client_secret": null, "token_endpoint_auth_method": "none" })
}

/// Posts to `/token` as the client `app` (public) or `web` (with a secret), with these proofs.
fn ask(world: &World, client: &str, proofs: &[&str], fields: &[(&str, &str)]) -> HttpResponse {
    ask_at(&world.issuer, client, proofs, fields)
}

fn ask_at(url: &str, client: &str, proofs: &[&str], fields: &[(&str, &str)]) -> HttpResponse {
    let mut fields = fields.to_vec();
    let authorization = basic(client, "s");
    let mut headers: Vec<_> = proofs.iter().map(|proof| ("DPoP", *proof)).collect();
    match client {
        "app" => fields.push(("client_id", client)),
        _ => headers.push(("Authorization", &authorization)),
    }
    send(&format!("{url}/token"), &headers, &fields)
}

fn redemption(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ]
}

/// Asks with an unknown refresh token: with a valid proof, the error is `invalid_grant`.
fn try_proofs(world: &World, proofs: &[&str]) -> String {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "guess")];
    outcome(&ask(world, "web", proofs, &fields)).1
}

#[test]
fn a_proof_binds_the_tokens_to_its_key() {
    let clients = [registered("app", native()), registered("web", json!({}))];
    let world = World::with_clients(&clients);
    let (own, other) = (prover(&world), prover(&world));
    for client in ["app", "web"] {
        let redeem = |proofs: &[&str]| {
            let code = code(&world, &[("client_id", client)]);
            outcome(&ask(&world, client, proofs, &redemption(&code)))
        };
        let refresh = |token: &Value, proofs: &[&str]| {
            let token = token.as_str().expect("a token");
            let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
            outcome(&ask(&world, client, proofs, &fields))
        };
        let (status, _, unbound) = redeem(&[]);
        assert_eq!((status, &unbound["token_type"]), (200, &json!("Bearer")));
        assert!(claims(&unbound["access_token"]).get("cnf").is_none());

        let (status, _, bound) = redeem(&[&proof(&world, &own, None)]);
        assert_eq!((status, &bound["token_type"]), (200, &json!("DPoP")));
        assert_eq!(
            claims(&bound["access_token"])["cnf"],
            json!({ "jkt": own.thumbprint() })
        );

        // The refresh token of a public client is bound, that of another by its authentication.
        let token = &bound["refresh_token"];
        let by_other = proof(&world, &other, None);
        if client == "app" {
            for proofs in [&[][..], &[&*by_other]] {
                let (status, error, _) = refresh(token, proofs);
                assert_eq!((status, &*error), (400, "invalid_grant"));
            }
            let (status, _, body) = refresh(token, &[&proof(&world, &own, None)]);
            assert_eq!((status, &body["token_type"]), (200, &json!("DPoP")));
        } else {
            let (status, _, body) = refresh(token, &[&by_other]);
            assert_eq!(status, 200);
            let confirmation = &claims(&body["access_token"])["cnf"];
            assert_eq!(*confirmation, json!({ "jkt": other.thumbprint() }));
        }
    }
}

#[test]
fn a_proof_is_valid_once_and_for_the_token_endpoint() {
    let world = World::with_clients(&[registered("web", json!({}))]);
    let prover = prover(&world);
    let first = proof(&world, &prover, None);
    assert_eq!(try_proofs(&world, &[&first]), "invalid_grant");
    assert_eq!(
        try_proofs(&world, &[&first]),
        "invalid_dpop_proof",
        "replayed"
    );
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "guess")];
    let at_replica = ask_at(&world.replica(), "web", &[&first], &fields);
    assert_eq!(
        outcome(&at_replica).1,
        "invalid_dpop_proof",
        "replayed at a replica"
    );

    let make = |method: &str, uri: &str| prover.proof(method, uri, None, None).expect("a proof");
    let two = [
        &*proof(&world, &prover, None),
        &*proof(&world, &prover, None),
    ];
    assert_eq!(try_proofs(&world, &two), "invalid_dpop_proof", "two");
    let url = format!("{}/token", world.issuer);
    for (what, proof) in [
        ("another method", make("GET", &url)),
        (
            "another endpoint",
            make("POST", &format!("{}/revoke", world.issuer)),
        ),
        (
            "another server",
            make("POST", "https://issuer.example/token"),
        ),
        ("malformed", "e30.e30.".into()),
    ] {
        assert_eq!(
            try_proofs(&world, &[&proof]),
            "invalid_dpop_proof",
            "{what}"
        );
    }
    // A malformed request does not use up its proof.
    let kept = proof(&world, &prover, None);
    let wrong = [("grant_type", "password")];
    assert_eq!(
        outcome(&ask(&world, "web", &[&kept], &wrong)).1,
        "unsupported_grant_type"
    );
    assert_eq!(try_proofs(&world, &[&kept]), "invalid_grant");
    let late = proof(&world, &prover, None);
    world.clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(
        try_proofs(&world, &[&late]),
        "invalid_dpop_proof",
        "too old"
    );
}

#[test]
fn the_authorization_request_may_name_the_key() {
    let world = World::with_clients(&[registered("app", native())]);
    let (own, other) = (prover(&world), prover(&world));
    let named = [("client_id", "app"), ("dpop_jkt", own.thumbprint())];
    let code = code(&world, &named);
    let redeem = |proofs: &[&str]| outcome(&ask(&world, "app", proofs, &redemption(&code)));
    assert_eq!(redeem(&[]).1, "invalid_grant");
    assert_eq!(redeem(&[&proof(&world, &other, None)]).1, "invalid_grant");
    assert_eq!(redeem(&[&proof(&world, &own, None)]).0, 200);
}

#[test]
fn a_client_can_be_registered_for_bound_tokens_only() {
    let strict = json!({ "dpop_bound_access_tokens": true });
    let world = World::with_clients(&[registered("web", strict)]);
    assert_eq!(try_proofs(&world, &[]), "invalid_dpop_proof");
    let proof = proof(&world, &prover(&world), None);
    assert_eq!(try_proofs(&world, &[&proof]), "invalid_grant");
}

#[test]
fn the_server_can_require_its_nonces() {
    let world = World::with(&[registered("web", json!({}))], |config| {
        config.dpop_nonces = true;
    });
    let prover = prover(&world);
    let try_nonce = |url: &str, nonce: Option<&str>| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", "guess")];
        let response = ask_at(url, "web", &[&proof(&world, &prover, nonce)], &fields);
        let nonce = response.headers()["DPoP-Nonce"]
            .to_str()
            .expect("text")
            .to_owned();
        (outcome(&response).1, nonce)
    };
    let (error, nonce) = try_nonce(&world.issuer, None);
    assert_eq!(error, "use_dpop_nonce");
    assert_eq!(try_nonce(&world.issuer, Some(&nonce)).0, "invalid_grant");
    assert_eq!(
        try_nonce(&world.replica(), Some(&nonce)).0,
        "invalid_grant",
        "of a replica"
    );
    assert_eq!(try_nonce(&world.issuer, Some("guess")).0, "use_dpop_nonce");
    let clock: &FixedClock = &world.clock;
    clock.advance(std::time::Duration::from_secs(300));
    let (error, next) = try_nonce(&world.issuer, Some(&nonce));
    assert_eq!(error, "use_dpop_nonce", "too old");
    assert_eq!(try_nonce(&world.issuer, Some(&next)).0, "invalid_grant");
    assert_eq!(
        try_proofs(&world, &[]),
        "invalid_grant",
        "no proof is required"
    );

    let without = World::with_clients(&[registered("web", json!({}))]);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "guess")];
    let response = ask(&without, "web", &[], &fields);
    assert!(!response.headers().contains_key("DPoP-Nonce"));
}
