//! The token and revocation endpoints: codes, refresh tokens and their errors.

use std::thread;
use std::time::Duration;

use jwt_ring_oauth_examples::world::{REDIRECT_URI, SECRET, World, registered};
use serde_json::{Value, json};

use crate::{CHALLENGE, VERIFIER, basic, code, post, redeem, refresh, tokens};

#[test]
fn a_requested_resource_must_be_that_of_the_grant() {
    let world = World::start();
    let code = code(&world, &[("resource", &world.resource)]);
    let (status, error, _) = redeem(&world, &code, &[("resource", "https://other.example")]);
    assert_eq!((status, &*error), (400, "invalid_target"));
    let (status, _, body) = redeem(&world, &code, &[("resource", &world.resource)]);
    assert_eq!(status, 200, "the code is still valid");
    let token = body["refresh_token"].as_str().expect("a token");
    let (_, error, _) = refresh(&world, token, &[("resource", "https://other.example")]);
    assert_eq!(error, "invalid_target");
    let two = [
        ("resource", &*world.resource),
        ("resource", "https://other.example"),
    ];
    assert_eq!(refresh(&world, token, &two).1, "invalid_target");
    assert_eq!(
        refresh(&world, token, &[("resource", &world.resource)]).0,
        200
    );
}

#[test]
fn a_code_is_accepted_once_and_only_for_its_request() {
    let world = World::with_clients(&[registered("other", json!({}))]);
    let invalid_grant = (400, "invalid_grant".to_owned());
    let wrong = |code: &str, changes: &[(&str, &str)]| {
        let (status, error, _) = redeem(&world, code, changes);
        (status, error)
    };
    let code = code(&world, &[]);
    assert_eq!(
        wrong(&code, &[("code_verifier", &VERIFIER.replace('d', "e"))]),
        invalid_grant
    );
    assert_eq!(wrong(&code, &[("code_verifier", CHALLENGE)]), invalid_grant);
    assert_eq!(
        wrong(&code, &[("redirect_uri", "http://127.0.0.1:9/other")]),
        invalid_grant
    );
    assert_eq!(wrong("guess", &[]), invalid_grant);
    for missing in ["code", "redirect_uri", "code_verifier", "grant_type"] {
        let expected = (400, "invalid_request".to_owned());
        assert_eq!(wrong(&code, &[(missing, "")]), expected, "{missing}");
    }
    assert_eq!(
        wrong(&code, &[("grant_type", "password")]).1,
        "unsupported_grant_type"
    );
    let stolen = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    let response = post(
        &world,
        "/token",
        Some(&basic("other", "s")),
        &stolen.to_vec(),
    );
    assert_eq!(response.status(), 400, "another client");

    let (status, _, body) = redeem(&world, &code, &[]);
    assert_eq!(status, 200, "the code is still valid");
    let refresh_token = body["refresh_token"].as_str().expect("a token");
    assert_eq!(wrong(&code, &[]), invalid_grant, "redeemed once");
    let (status, error, _) = refresh(&world, refresh_token, &[]);
    assert_eq!((status, error), invalid_grant, "its tokens are revoked");

    let late = crate::code(&world, &[]);
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(wrong(&late, &[]), invalid_grant);
}

#[test]
fn refresh_tokens_rotate_and_reuse_revokes_the_family() {
    let world = World::start();
    let tokens = tokens(&world);
    let wide = refresh(&world, &tokens.refresh, &[("scope", "orders:read admin")]);
    assert_eq!((wide.0, &*wide.1), (400, "invalid_scope"));
    let (status, _, narrow) = refresh(&world, &tokens.refresh, &[("scope", "orders:read")]);
    assert_eq!(
        (status, &narrow["scope"]),
        (200, &Value::from("orders:read"))
    );
    let second = narrow["refresh_token"].as_str().expect("a token");
    let (status, _, full) = refresh(&world, second, &[]);
    assert_eq!(
        (status, &full["scope"]),
        (200, &Value::from("orders:read orders:write"))
    );
    let third = full["refresh_token"].as_str().expect("a token");

    let (status, error, _) = refresh(&world, second, &[]);
    assert_eq!((status, &*error), (400, "invalid_grant"), "used once");
    let (status, error, _) = refresh(&world, third, &[]);
    assert_eq!(
        (status, &*error),
        (400, "invalid_grant"),
        "the family is revoked"
    );
    assert_eq!(refresh(&world, "guess", &[]).1, "invalid_grant");

    let tokens = crate::tokens(&world);
    world.clock.advance(Duration::from_secs(30 * 24 * 3600));
    assert_eq!(
        refresh(&world, &tokens.refresh, &[]).1,
        "invalid_grant",
        "expired"
    );
}

#[test]
fn one_concurrent_refresh_succeeds_and_reuse_revokes_its_token() {
    let world = World::start();
    let tokens = tokens(&world);
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..20)
            .map(|_| scope.spawn(|| refresh(&world, &tokens.refresh, &[])))
            .collect();
        let results = threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"));
        results.collect()
    });
    let succeeded: Vec<_> = results
        .iter()
        .filter(|(status, ..)| *status == 200)
        .collect();
    assert_eq!(succeeded.len(), 1);
    let next = succeeded[0].2["refresh_token"].as_str().expect("a token");
    assert_eq!(refresh(&world, next, &[]).1, "invalid_grant");
}

#[test]
fn a_client_authenticates_by_one_method() {
    let public = json!({ "client_secret": null, "token_endpoint_auth_method": "none" });
    let world = World::with_clients(&[registered("app", public)]);
    let try_as = |authorization: Option<&str>, fields: &[(&str, &str)]| {
        let mut all = vec![("grant_type", "refresh_token"), ("refresh_token", "guess")];
        all.extend(fields);
        let response = post(&world, "/token", authorization, &all);
        let body: Value = serde_json::from_slice(response.body()).expect("JSON");
        let has_challenge = response.headers().contains_key("WWW-Authenticate");
        let error = body["error"].as_str().expect("an error").to_owned();
        (response.status().as_u16(), error, has_challenge)
    };
    let authenticated = (400, "invalid_grant".to_owned(), false);
    let rejected = (401, "invalid_client".to_owned(), true);
    let ambiguous = (400, "invalid_request".to_owned(), false);
    let right = basic("shop", SECRET);
    for (authorization, fields, expected) in [
        (Some(&*right), &[][..], &authenticated),
        (Some(&*right), &[("client_id", "shop")], &authenticated),
        (
            None,
            &[("client_id", "shop"), ("client_secret", SECRET)],
            &authenticated,
        ),
        (None, &[("client_id", "app")], &authenticated),
        (Some(&*basic("shop", "wrong")), &[], &rejected),
        (Some(&*basic("shop", "")), &[], &rejected),
        (Some(&*basic("unknown", SECRET)), &[], &rejected),
        (Some("Basic !"), &[], &rejected),
        (Some("Bearer abc"), &[], &rejected),
        (None, &[], &rejected),
        (None, &[("client_id", "shop")], &rejected),
        (
            None,
            &[("client_id", "shop"), ("client_secret", "wrong")],
            &rejected,
        ),
        (
            None,
            &[("client_id", "app"), ("client_secret", "guess")],
            &rejected,
        ),
        (Some(&*right), &[("client_secret", SECRET)], &ambiguous),
        (Some(&*right), &[("client_id", "app")], &ambiguous),
        (
            None,
            &[("client_id", "app"), ("client_id", "app")],
            &ambiguous,
        ),
    ] {
        assert_eq!(
            &try_as(authorization, fields),
            expected,
            "{authorization:?} {fields:?}"
        );
    }
}

#[test]
fn a_refresh_token_is_revoked_by_its_client_only() {
    let world = World::with_clients(&[registered("other", json!({}))]);
    let tokens = tokens(&world);
    let revoke = |authorization: &str, token: &str| {
        post(
            &world,
            "/revoke",
            Some(authorization),
            &vec![("token", token)],
        )
        .status()
        .as_u16()
    };
    assert_eq!(revoke(&basic("other", "s"), &tokens.refresh), 200);
    let (status, _, body) = refresh(&world, &tokens.refresh, &[]);
    assert_eq!(status, 200, "a token of another client is not revoked");
    let next = body["refresh_token"].as_str().expect("a token");
    assert_eq!(revoke(&basic("shop", "wrong"), next), 401);
    assert_eq!(revoke(&basic("shop", SECRET), ""), 400);
    assert_eq!(revoke(&basic("shop", SECRET), "unknown"), 200);
    assert_eq!(revoke(&basic("shop", SECRET), next), 200);
    assert_eq!(refresh(&world, next, &[]).1, "invalid_grant");
}
