//! How the metadata of an issuer are found.

use std::sync::Arc;

use jwt_ring_oauth_examples::discovery::{DiscoveryError, Metadata, discover, jwks_uri};
use jwt_ring_oauth_examples::http::HttpError;

use crate::support::{METADATA, Scene, Web, agent, metadata};

const OPENID: &str = "/.well-known/openid-configuration";

fn found(issuer: &str) -> Result<Metadata, DiscoveryError> {
    discover(&agent(), issuer)
}

fn addresses_of_tenant() -> [String; 3] {
    [
        format!("{METADATA}/tenant"),
        format!("/tenant{OPENID}"),
        format!("{OPENID}/tenant"),
    ]
}

/// Starts a server and returns it with the URL of the issuer `tenant`.
fn tenant(scene: &Scene) -> (Arc<Web>, String) {
    let (base, web) = scene.web();
    (web, format!("{base}/tenant"))
}

#[test]
fn the_addresses_are_tried_in_order() {
    let scene = Scene::new();
    for (index, address) in addresses_of_tenant().iter().enumerate() {
        let (web, issuer) = tenant(&scene);
        web.set(address, 200, metadata(&issuer, &format!("{issuer}/keys")));
        let found = found(&issuer).expect("metadata");
        assert_eq!(found.jwks_uri, Some(format!("{issuer}/keys")));
        assert_eq!(web.requests(), addresses_of_tenant()[..=index]);
    }
}

#[test]
fn the_slash_at_the_end_of_an_issuer_counts() {
    let scene = Scene::new();
    let (web, issuer) = tenant(&scene);
    let with_slash = format!("{issuer}/");
    let address = format!("/tenant{OPENID}");
    for (name, other) in [(&issuer, &with_slash), (&with_slash, &issuer)] {
        web.set(&address, 200, metadata(name, &issuer));
        assert_eq!(found(name).expect("metadata").issuer, *name);
        let error = found(other).expect_err("another issuer");
        let DiscoveryError::OtherIssuer {
            expected, found, ..
        } = error
        else {
            panic!("{error}");
        };
        assert_eq!((&expected, &found), (other, name));
    }
}

#[test]
fn the_next_address_is_tried_if_one_has_no_metadata_of_the_issuer() {
    let scene = Scene::new();
    let [first, second, _] = addresses_of_tenant();
    let long = " ".repeat(300_000);
    for (status, text) in [
        (404, "{}"),
        (403, "{}"),
        (200, "<html>"),
        (200, "{}"),
        (200, r#"{"issuer":7}"#),
        (200, r#"{"issuer":"https://other.example"}"#),
        (200, &long),
        (302, "/elsewhere"),
    ] {
        let (web, issuer) = tenant(&scene);
        web.set(&first, status, text);
        web.set("/elsewhere", 200, metadata(&issuer, &issuer));
        web.set(&second, 200, metadata(&issuer, &issuer));
        assert_eq!(found(&issuer).expect("metadata").issuer, issuer);
        assert_eq!(web.requests(), [&*first, &*second], "{status} {text:.20}");
    }
}

#[test]
fn the_error_is_that_of_the_address_nearest_to_metadata() {
    let scene = Scene::new();
    let [first, second, third] = addresses_of_tenant();
    let (web, issuer) = tenant(&scene);
    let error = || found(&issuer).expect_err("no metadata");
    assert!(matches!(
        error(),
        DiscoveryError::Status { status: 404, .. }
    ));
    web.set(&third, 302, "/elsewhere");
    assert!(matches!(
        error(),
        DiscoveryError::Status { status: 302, .. }
    ));
    web.set(&second, 200, "<html>");
    assert!(matches!(error(), DiscoveryError::Malformed { .. }));
    web.set(&third, 200, " ".repeat(300_000));
    assert!(matches!(
        error(),
        DiscoveryError::Http(HttpError::TooLarge { limit: 262_144, .. })
    ));
    web.set(&first, 200, metadata("https://other.example", &issuer));
    assert!(matches!(error(), DiscoveryError::OtherIssuer { .. }));
}

#[test]
fn a_gateway_may_answer_for_an_address_that_the_issuer_does_not_have() {
    let scene = Scene::new();
    let [first, second, third] = addresses_of_tenant();
    let (web, issuer) = tenant(&scene);
    for status in [500, 501, 503] {
        web.set(&first, status, "");
        web.set(&second, 200, metadata(&issuer, &issuer));
        assert_eq!(found(&issuer).expect("metadata").issuer, issuer);
        assert_eq!(web.requests(), [&*first, &*second]);
        web.set(&second, 404, "");
        let error = found(&issuer).expect_err("down");
        assert!(matches!(error, DiscoveryError::Status { status: found, .. } if found == status));
        assert_eq!(web.requests(), [&*first, &*second, &*third]);
    }
}

#[test]
fn an_issuer_without_a_server_is_asked_once() {
    let scene = Scene::new();
    let (_, issuer) = tenant(&scene);
    drop(scene);
    let error = found(&issuer).expect_err("no server");
    assert!(matches!(
        error,
        DiscoveryError::Http(HttpError::NoResponse { url, .. }) if url.contains("oauth-authorization-server")
    ));
}

#[test]
fn the_keys_are_of_the_first_metadata_that_have_them() {
    let scene = Scene::new();
    let [first, second, third] = addresses_of_tenant();
    let (web, issuer) = tenant(&scene);
    let without = format!(r#"{{"issuer":"{issuer}","jwks_uri":null}}"#);
    web.set(&first, 200, without);
    let error = jwks_uri(&agent(), &issuer).expect_err("no keys");
    assert!(
        matches!(&error, DiscoveryError::NoKeys { url } if url.ends_with(&*first)),
        "{error}"
    );
    assert_eq!(web.requests(), [&*first, &*second, &*third]);
    assert!(found(&issuer).is_ok(), "metadata for a client");
    let keys = format!("{issuer}/keys");
    web.set(&second, 200, metadata(&issuer, &keys));
    assert_eq!(jwks_uri(&agent(), &issuer).expect("an address"), keys);
}

#[test]
fn members_that_are_not_read_may_have_any_type() {
    let scene = Scene::new();
    let [first, ..] = addresses_of_tenant();
    let (web, issuer) = tenant(&scene);
    let iss = "authorization_response_iss_parameter_supported";
    for (member, value, expected) in [
        ("revocation_endpoint", "7", Some(false)),
        ("token_endpoint_auth_methods_supported", "null", Some(false)),
        (
            "dpop_signing_alg_values_supported",
            r#""ES256""#,
            Some(false),
        ),
        (iss, "null", Some(false)),
        (iss, "false", Some(false)),
        (iss, "true", Some(true)),
        (iss, r#""true""#, None),
        ("token_endpoint", "null", Some(false)),
        ("token_endpoint", "7", None),
    ] {
        web.set(
            &first,
            200,
            format!(r#"{{"issuer":"{issuer}","{member}":{value}}}"#),
        );
        let found = found(&issuer).ok();
        let found = found.map(|found| found.authorization_response_iss_parameter_supported);
        assert_eq!(found, expected, "{member}: {value}");
    }
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let scene = Scene::new();
    let (web, issuer) = tenant(&scene);
    let error = found("http://issuer.example").expect_err("http");
    assert!(matches!(
        error,
        DiscoveryError::Http(HttpError::Insecure { .. })
    ));
    let [first, ..] = addresses_of_tenant();
    web.set(&first, 200, metadata(&issuer, "http://issuer.example/keys"));
    let error = found(&issuer).expect_err("keys by http").to_string();
    assert!(
        error.ends_with("found \"http://issuer.example/keys\""),
        "{error}"
    );
    web.set(
        &first,
        200,
        metadata(&issuer, "https://issuer.example/keys"),
    );
    assert!(found(&issuer).is_ok());
}
