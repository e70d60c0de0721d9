//! Client authentication with keys, and the methods that a client may use.

use std::sync::Arc;
use std::time::Duration;

use jwt_ring::oauth::client_assertion::Signer;
use jwt_ring::{Algorithm, KeySet, SigningKey};
use jwt_ring_oauth_examples::authorization_server::Client;
use jwt_ring_oauth_examples::world::{SECRET, World, registered};
use serde_json::json;

use crate::{basic, outcome, send};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Asks for a token with a refresh token that is unknown: an authenticated client gets `invalid_grant`.
fn try_as(url: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> (u16, String) {
    let mut all = vec![("grant_type", "refresh_token"), ("refresh_token", "guess")];
    all.extend(fields);
    let (status, error, _) = outcome(&send(&format!("{url}/token"), headers, &all));
    (status, error)
}

fn authenticated() -> (u16, String) {
    (400, "invalid_grant".into())
}

fn rejected() -> (u16, String) {
    (401, "invalid_client".into())
}

fn ambiguous() -> (u16, String) {
    (400, "invalid_request".into())
}

fn key() -> Arc<SigningKey> {
    let key = SigningKey::generate(Algorithm::ES256).expect("a key");
    Arc::new(key.with_id("own"))
}

/// Registers a client that authenticates with this key.
fn keyed(id: &str, key: &SigningKey) -> Client {
    let keys = KeySet::from_iter([key.verifying_key()]);
    let method = "private_key_jwt";
    let changes =
        json!({ "client_secret": null, "token_endpoint_auth_method": method, "jwks": keys });
    registered(id, changes)
}

#[test]
fn a_client_authenticates_with_its_key_once_per_assertion() {
    let (own, other) = (key(), key());
    let clients = [keyed("keyed", &own), keyed("other", &other)];
    let world = World::with_clients(&clients);
    let signer = |key: &Arc<SigningKey>, client: &str, audience: &str| {
        Signer::new(Arc::clone(key), client, audience).clock(world.clock.clone())
    };
    let sign = |signer: Signer| signer.sign().expect("an assertion");
    let valid = || sign(signer(&own, "keyed", &world.issuer));
    let present = |url: &str, assertion: &str, more: &[(&str, &str)]| {
        let mut fields = vec![
            ("client_assertion", assertion),
            ("client_assertion_type", TYPE),
        ];
        fields.extend(more);
        fields.retain(|(_, value)| !value.is_empty());
        try_as(url, &[], &fields)
    };
    let here = &*world.issuer;

    let first = valid();
    assert_eq!(present(here, &first, &[]), authenticated());
    assert_eq!(present(here, &first, &[]), rejected(), "replayed");
    assert_eq!(
        present(&world.replica(), &first, &[]),
        rejected(),
        "replayed at a replica"
    );
    assert_eq!(
        present(here, &valid(), &[("client_id", "keyed")]),
        authenticated()
    );

    // An hour, as those of Authlib, and the leeway.
    let long = sign(signer(&own, "keyed", here).lifetime(Duration::from_secs(3_605)));
    assert_eq!(present(here, &long, &[]), authenticated());

    let token_url = format!("{here}/token");
    for (what, assertion) in [
        (
            "for the token endpoint",
            sign(signer(&own, "keyed", &token_url)),
        ),
        (
            "by the key of another client",
            sign(signer(&other, "keyed", here)),
        ),
        ("of an unknown client", sign(signer(&own, "unknown", here))),
        (
            "of a client with a secret",
            sign(signer(&own, "shop", here)),
        ),
        (
            "valid for too long",
            sign(signer(&own, "keyed", here).lifetime(Duration::from_secs(3_606))),
        ),
        ("malformed", "e30.e30".into()),
    ] {
        assert_eq!(present(here, &assertion, &[]), rejected(), "{what}");
    }
    let late = valid();
    world.clock.advance(Duration::from_secs(65));
    assert_eq!(present(here, &late, &[]), rejected(), "expired");

    assert_eq!(
        present(here, &valid(), &[("client_id", "other")]),
        ambiguous()
    );
    assert_eq!(
        present(here, &valid(), &[("client_secret", "s")]),
        ambiguous()
    );
    for kind in [
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        "",
    ] {
        let fields = [
            ("client_assertion", &*valid()),
            ("client_assertion_type", kind),
        ];
        assert_eq!(try_as(here, &[], &fields), ambiguous(), "{kind}");
    }
    assert_eq!(
        present(here, "", &[("client_id", "keyed")]),
        ambiguous(),
        "the type only"
    );
    let header = basic("shop", SECRET);
    let fields = [
        ("client_assertion", &*valid()),
        ("client_assertion_type", TYPE),
    ];
    assert_eq!(
        try_as(here, &[("Authorization", &header)], &fields),
        ambiguous()
    );
}

#[test]
fn an_assertion_is_used_up_at_the_revocation_endpoint() {
    let key = key();
    let world = World::with_clients(&[keyed("keyed", &key)]);
    let signer = Signer::new(key, "keyed", &*world.issuer).clock(world.clock.clone());
    let assertion = signer.sign().expect("an assertion");
    let fields = [
        ("client_assertion", &*assertion),
        ("client_assertion_type", TYPE),
        ("token", "guess"),
    ];
    let revoke = |fields: &[(&str, &str)]| {
        let url = format!("{}/revoke", world.issuer);
        let (status, error, _) = outcome(&send(&url, &[], fields));
        (status, error)
    };
    assert_eq!(revoke(&fields[..2]), ambiguous(), "malformed: not used up");
    assert_eq!(revoke(&fields), (200, String::new()));
    assert_eq!(revoke(&fields), rejected());
    assert_eq!(try_as(&world.issuer, &[], &fields[..2]), rejected());
}

#[test]
fn a_client_uses_its_method_only() {
    let method = |method: &str| json!({ "token_endpoint_auth_method": method });
    let world = World::with_clients(&[
        registered("either", json!({})),
        registered("basic", method("client_secret_basic")),
        registered("post", method("client_secret_post")),
    ]);
    for (client, by_basic, by_post) in [
        ("either", authenticated(), authenticated()),
        ("basic", authenticated(), rejected()),
        ("post", rejected(), authenticated()),
    ] {
        let header = basic(client, "s");
        let header = [("Authorization", &*header)];
        assert_eq!(try_as(&world.issuer, &header, &[]), by_basic, "{client}");
        let fields = [("client_id", client), ("client_secret", "s")];
        assert_eq!(try_as(&world.issuer, &[], &fields), by_post, "{client}");
        assert_eq!(
            try_as(&world.issuer, &[], &fields[..1]),
            rejected(),
            "{client}"
        );
    }
}

#[test]
fn two_authorization_headers_are_an_error() {
    let world = World::start();
    let header = basic("shop", SECRET);
    let one = ("Authorization", &*header);
    assert_eq!(try_as(&world.issuer, &[one], &[]), authenticated());
    assert_eq!(try_as(&world.issuer, &[one, one], &[]), ambiguous());
}

#[test]
fn the_secret_is_compared_as_a_whole_and_in_any_script() {
    let world = World::start();
    for (secret, expected) in [
        (SECRET, authenticated()),
        (&SECRET[..3], rejected()),
        ("s3cr:et%/+ 비", rejected()),
        ("S3cr:et%/+ 비밀", rejected()),
    ] {
        let header = basic("shop", secret);
        assert_eq!(
            try_as(&world.issuer, &[("Authorization", &header)], &[]),
            expected,
            "{secret}"
        );
    }
}
