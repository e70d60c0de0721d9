//! The registered clients: invalid registrations, and redirect URIs.

use jwt_ring_oauth_examples::authorization_server::Clients;
use jwt_ring_oauth_examples::authorization_server::clients::EXAMPLE_CLIENTS;
use jwt_ring_oauth_examples::world::{Browser, World, registered};
use serde_json::{Value, json};

use crate::authorize_url;

/// Reads a client and returns the error.
fn error_of(registration: &Value) -> String {
    let read = Clients::from_json(&json!([registration]).to_string());
    read.map_or_else(|error| error.to_string(), |_| String::new())
}

#[test]
fn a_bad_registration_is_an_error_that_names_the_client() {
    let valid = json!({
        "client_id": "one",
        "client_secret": "s",
        "redirect_uris": ["https://one.example/callback"],
    });
    let keys = json!({ "keys": [{ "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }] });
    let native = json!({ "client_secret": null, "token_endpoint_auth_method": "none",
        "redirect_uris": ["com.example.app:/callback"] });
    let service = json!({ "redirect_uris": [], "grant_types": ["client_credentials"] });
    let with_key = json!({ "client_secret": null, "jwks": keys,
        "token_endpoint_auth_method": "private_key_jwt" });
    for (changes, expected) in [
        (json!({}), ""),
        (native, ""),
        (service, ""),
        (with_key.clone(), ""),
        (json!({ "client_id": "" }), "a client_id of 1 to 255 bytes"),
        (json!({ "client_id": null }), "missing field `client_id`"),
        (json!({ "client_secret": "" }), "found an empty text"),
        (json!({ "client_secret": null }), "expected a client_secret"),
        (json!({ "jwks": keys }), "expected a client_secret, or"),
        (
            json!({ "token_endpoint_auth_method": "none" }),
            "neither client_secret nor jwks",
        ),
        (
            json!({ "token_endpoint_auth_method": "private_key_jwt" }),
            "expected jwks",
        ),
        (
            json!({ "token_endpoint_auth_method": "tls_client_auth" }),
            "unknown variant",
        ),
        (
            json!({ "client_secret": null, "token_endpoint_auth_method": "client_secret_post" }),
            "expected a client_secret and no jwks",
        ),
        (json!({ "grant_types": ["password"] }), "unknown variant"),
        (
            json!({ "grant_types": ["client_credentials"] }),
            "expected redirect_uris for",
        ),
        (json!({ "redirect_uris": [] }), "expected redirect_uris for"),
        (
            json!({ "redirect_uris": ["/callback"] }),
            "an absolute redirect URI",
        ),
        (
            json!({ "redirect_uris": ["https://one.example/#f"] }),
            "without a fragment",
        ),
        (
            json!({ "redirect_uris": ["http://one.example/"] }),
            "redirect URI with https",
        ),
        (
            json!({ "redirect_uris": ["com.example.app:/callback"] }),
            "redirect URI with https",
        ),
        (
            json!({ "redirect_uris": ["javascript:alert(1)"] }),
            "redirect URI with https",
        ),
        (json!({ "scope": "a\\b" }), "expected names with one space"),
        (json!({ "dpop_bound_access_token": true }), "unknown field"),
        (
            json!({ "client_secret": null, "token_endpoint_auth_method": "none",
                "grant_types": ["authorization_code", "client_credentials"] }),
            "expected a confidential client",
        ),
    ] {
        let mut registration = valid.clone();
        let members = registration.as_object_mut().expect("an object");
        members.extend(changes.as_object().expect("an object").clone());
        members.retain(|_, value| !value.is_null());
        let error = error_of(&registration);
        match expected {
            "" => assert_eq!(error, "", "{changes}"),
            expected => {
                assert!(error.contains(expected), "{changes}: {error}");
                assert!(error.starts_with("client 0 ("), "{error}");
            }
        }
    }
    assert!(Clients::from_json("{}").is_err());
    let twice = json!([valid, valid]).to_string();
    let error = Clients::from_json(&twice).expect_err("the same twice");
    assert_eq!(error.to_string(), "two clients have the client_id one");
}

#[test]
fn the_example_clients_can_be_read_and_show_no_secret() {
    let clients = Clients::from_json(EXAMPLE_CLIENTS).expect("clients");
    let shown = format!("{clients:?}");
    assert!(shown.contains("The Web Shop"));
    assert!(!shown.contains("secret-for-local-tests"), "{shown}");
}

#[test]
fn only_the_port_of_a_loopback_address_may_differ() {
    let public = |uri: &str| json!({ "client_secret": null, "token_endpoint_auth_method": "none", "redirect_uris": [uri] });
    let world = World::with_clients(&[
        registered("v4", public("http://127.0.0.1/callback")),
        registered("v4-port", public("http://127.0.0.1:9/callback?a=1")),
        registered("v6", public("http://[::1]/callback")),
        registered("name", public("http://localhost/callback")),
        registered("own", public("com.example.app:/callback")),
        registered(
            "web",
            json!({ "redirect_uris": ["http://127.0.0.1/callback"] }),
        ),
    ]);
    for (client, uri, is_registered) in [
        ("v4", "http://127.0.0.1/callback", true),
        ("v4", "http://127.0.0.1:1/callback", true),
        ("v4", "http://127.0.0.1:65535/callback", true),
        ("v4", "http://127.0.0.1:65536/callback", false),
        ("v4", "http://127.0.0.1:+80/callback", false),
        ("v4", "http://127.0.0.1:80@evil.example/callback", false),
        ("v4", "http://127.0.0.1@evil.example/callback", false),
        ("v4", "http://127.0.0.1.evil.example/callback", false),
        ("v4", "http://127.0.0.10/callback", false),
        ("v4", "http://127.0.0.2:80/callback", false),
        ("v4", "http://[::1]:80/callback", false),
        ("v4", "http://localhost:80/callback", false),
        ("v4", "https://127.0.0.1:80/callback", false),
        ("v4", "HTTP://127.0.0.1:80/callback", false),
        ("v4", "http://127.0.0.1:80/callback/", false),
        ("v4", "http://127.0.0.1:80/callback?a=1", false),
        ("v4", "http://127.0.0.1:80/callback#f", false),
        ("v4-port", "http://127.0.0.1:9/callback?a=1", true),
        ("v4-port", "http://127.0.0.1:80/callback?a=1", true),
        ("v4-port", "http://127.0.0.1/callback?a=1", true),
        ("v4-port", "http://127.0.0.1:80/callback", false),
        ("v6", "http://[::1]:80/callback", true),
        ("v6", "http://[::2]:80/callback", false),
        ("v6", "http://127.0.0.1:80/callback", false),
        ("name", "http://localhost/callback", true),
        ("name", "http://localhost:80/callback", false),
        ("own", "com.example.app:/callback", true),
        ("own", "com.example.app:/other", false),
        // A confidential client listens on a fixed port, unless it registered none.
        ("web", "http://127.0.0.1:80/callback", true),
        ("shop", "http://127.0.0.1:9/callback", true),
        ("shop", "http://127.0.0.1:10/callback", false),
    ] {
        let changes = [("client_id", client), ("redirect_uri", uri)];
        let page = Browser::default().open(&authorize_url(&world, &changes));
        let expected = if is_registered { 200 } else { 400 };
        assert_eq!(
            (page.status, page.location),
            (expected, None),
            "{client} {uri}"
        );
    }
}
