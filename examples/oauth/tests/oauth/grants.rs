//! The grant types: which a client may use, and what each issues.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use jwt_ring_oauth_examples::world::{REDIRECT_URI, SECRET, USER, World, registered};
use serde_json::{Value, json};

use crate::{
    VERIFIER, basic, claims, code, fields, outcome, post, redeem, refresh, send, status, tokens,
};

fn service(changes: Value) -> jwt_ring_oauth_examples::authorization_server::Client {
    let mut registration = json!({ "grant_types": ["client_credentials"], "redirect_uris": [] });
    if let (Some(registration), Value::Object(changes)) = (registration.as_object_mut(), changes) {
        registration.extend(changes);
    }
    registered("service", registration)
}

#[test]
fn a_client_gets_a_token_of_its_own() {
    let scope = json!({ "scope": "orders:read orders:write" });
    let world = World::with(&[service(scope)], |config| {
        config.resources.push("https://other.example".into());
    });
    let ask = |changes: &[(&str, &str)]| {
        let fields = fields(&[("grant_type", "client_credentials")], changes);
        outcome(&post(
            &world,
            "/token",
            Some(&basic("service", "s")),
            &fields,
        ))
    };
    let (status, _, body) = ask(&[]);
    assert_eq!(status, 200);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 300);
    assert_eq!(body["scope"], "orders:read orders:write");
    assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none());
    let token = claims(&body["access_token"]);
    assert_eq!(
        (&token["sub"], &token["client_id"]),
        (&json!("service"), &json!("service"))
    );
    assert_eq!(token["aud"], *world.resource);
    assert!(token.get("auth_time").is_none());
    let access = body["access_token"].as_str().expect("a token");
    assert_eq!(self::status(&world, access), 200);

    let (_, _, narrow) = ask(&[("scope", "orders:read")]);
    assert_eq!(narrow["scope"], "orders:read");
    assert_eq!(claims(&narrow["access_token"])["scope"], "orders:read");
    assert_eq!(ask(&[("scope", "orders:read admin")]).1, "invalid_scope");
    let (_, _, other) = ask(&[("resource", "https://other.example")]);
    assert_eq!(
        claims(&other["access_token"])["aud"],
        "https://other.example"
    );
    assert_eq!(
        ask(&[("resource", "https://unknown.example")]).1,
        "invalid_target"
    );
}

#[test]
fn an_empty_scope_is_absent() {
    let world = World::with_clients(&[service(json!({ "scope": "" }))]);
    let fields = vec![("grant_type", "client_credentials")];
    let response = post(&world, "/token", Some(&basic("service", "s")), &fields);
    let (status, _, body) = outcome(&response);
    assert_eq!((status, body.get("scope")), (200, None), "RFC 6749 §3.3");
    assert!(claims(&body["access_token"]).get("scope").is_none());
}

#[test]
fn a_client_uses_its_grants_only() {
    let only = |grant: &str| json!({ "grant_types": [grant] });
    let world = World::with_clients(&[
        service(json!({})),
        registered("codes", only("authorization_code")),
    ]);
    let ask = |client: &str, grant: &str| {
        let fields = vec![
            ("grant_type", grant),
            ("code", "guess"),
            ("redirect_uri", "https://client.example/"),
            ("code_verifier", VERIFIER),
            ("refresh_token", "guess"),
        ];
        outcome(&post(&world, "/token", Some(&basic(client, "s")), &fields)).1
    };
    assert_eq!(ask("service", "client_credentials"), "");
    assert_eq!(ask("service", "authorization_code"), "unauthorized_client");
    assert_eq!(ask("service", "refresh_token"), "unauthorized_client");
    assert_eq!(ask("codes", "client_credentials"), "unauthorized_client");
    assert_eq!(ask("codes", "authorization_code"), "invalid_grant");
    assert_eq!(ask("codes", "refresh_token"), "unauthorized_client");
    let password = ask("codes", "password");
    assert_eq!(password, "unsupported_grant_type");

    // A client that may not refresh gets no refresh token.
    let code = code(&world, &[("client_id", "codes")]);
    let redeemed = |client: &str, code: &str| {
        let fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        let secret = if client == "shop" { SECRET } else { "s" };
        outcome(&post(
            &world,
            "/token",
            Some(&basic(client, secret)),
            &fields,
        ))
    };
    let (status, _, body) = redeemed("codes", &code);
    assert_eq!((status, body.get("refresh_token")), (200, None));
    let code = crate::code(&world, &[]);
    assert!(redeemed("shop", &code).2["refresh_token"].is_string());
}

#[test]
fn the_code_verifier_has_43_to_128_unreserved_characters() {
    let world = World::start();
    let code = code(&world, &[]);
    let error = |verifier: &str| redeem(&world, &code, &[("code_verifier", verifier)]).1;
    let of = |length: usize| "a".repeat(length);
    for verifier in [of(43), of(128), format!("{}-._~", of(40))] {
        assert_eq!(error(&verifier), "invalid_grant", "well-formed: {verifier}");
    }
    for verifier in [
        of(42),
        of(129),
        format!("{} ", of(43)),
        format!("{}+", of(43)),
        format!("{}é", of(43)),
    ] {
        assert_eq!(error(&verifier), "invalid_request", "{verifier}");
    }
    assert_eq!(redeem(&world, &code, &[]).0, 200);
}

#[test]
fn a_refresh_token_whose_answer_was_lost_is_accepted_again() {
    let world = World::start();
    let first = tokens(&world).refresh;
    world.network.loses_answers.store(true, Ordering::SeqCst);
    let lost = send(
        &format!("{}/token", world.issuer),
        &[("Authorization", &basic("shop", SECRET))],
        &[("grant_type", "refresh_token"), ("refresh_token", &first)],
    );
    assert_eq!(lost.status(), 502);
    world.network.loses_answers.store(false, Ordering::SeqCst);
    let (status, body) = thread::scope(|scope| {
        let waiting = scope.spawn(|| refresh(&world, &first, &[]));
        thread::sleep(Duration::from_millis(300));
        assert!(!waiting.is_finished(), "it waits for a slow answer");
        world.clock.advance(Duration::from_secs(6));
        let (status, _, body) = waiting.join().expect("no panic");
        (status, body)
    });
    assert_eq!(status, 200, "the answer was lost");
    let second = body["refresh_token"].as_str().expect("a token");
    assert_eq!(refresh(&world, second, &[]).0, 200);

    // The same without a loss.
    let first = tokens(&world).refresh;
    let (_, _, body) = refresh(&world, &first, &[]);
    assert_eq!(
        refresh(&world, &first, &[]).1,
        "invalid_grant",
        "the answer was confirmed, so the token was used"
    );
    let second = body["refresh_token"].as_str().expect("a token");
    assert_eq!(
        refresh(&world, second, &[]).1,
        "invalid_grant",
        "the grant is revoked"
    );
}

#[test]
fn replicas_on_one_store_share_codes_grants_and_keys() {
    let world = World::start();
    let replica = world.replica();
    let ask = |url: &str, token: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let header = basic("shop", SECRET);
        outcome(&send(
            &format!("{url}/token"),
            &[("Authorization", &header)],
            &fields,
        ))
    };
    let first = tokens(&world).refresh;
    let urls = [&*world.issuer, &*replica];
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..10)
            .flat_map(|_| urls.map(|url| scope.spawn(|| ask(url, &first))))
            .collect();
        let results = threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"));
        results.collect()
    });
    let succeeded = results.iter().filter(|(status, ..)| *status == 200);
    assert_eq!(succeeded.count(), 1);

    world.authorization_server.sync_keys();
    let (_, _, body) = ask(&replica, &tokens(&world).refresh);
    let access = body["access_token"].as_str().expect("a token");
    assert_eq!(status(&world, access), 200, "a token of the replica");
}

#[test]
fn a_refresh_follows_the_current_clients_users_and_resources() {
    let web = |scope: &str| registered("web", json!({ "scope": scope }));
    let world = World::with_clients(&[web("orders:read orders:write")]);
    let authorization = basic("web", "s");
    let ask = |url: &str, fields: &[(&str, &str)]| {
        let headers = [("Authorization", &*authorization)];
        outcome(&send(&format!("{url}/token"), &headers, fields))
    };
    let refresh = |url: &str| {
        let changes = [("client_id", "web"), ("scope", "orders:read orders:write")];
        let code = code(&world, &changes);
        let redemption = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        let (_, _, body) = ask(&world.issuer, &redemption);
        let token = body["refresh_token"].as_str().expect("a token");
        let (status, error, body) = ask(
            url,
            &[("grant_type", "refresh_token"), ("refresh_token", token)],
        );
        let scope = body["scope"].as_str().unwrap_or_default().to_owned();
        (status, error, scope)
    };
    let (same, less) = (
        [web("orders:read orders:write")],
        [web("orders:read openid")],
    );
    let expect =
        |status: u16, error: &str, scope: &str| (status, error.to_owned(), scope.to_owned());
    let replica = world.replica_with(&same, &[USER], |_| {});
    let whole = expect(200, "", "orders:read orders:write");
    assert_eq!(refresh(&replica), whole);
    let replica = world.replica_with(&less, &[USER], |_| {});
    assert_eq!(refresh(&replica), expect(200, "", "orders:read"));
    let replica = world.replica_with(&same, &["bob"], |_| {});
    assert_eq!(refresh(&replica), expect(400, "invalid_grant", ""));
    let replica = world.replica_with(&same, &[USER], |config| {
        config.resources = vec!["https://other.example".into()];
    });
    assert_eq!(refresh(&replica), expect(400, "invalid_target", ""));
}

#[test]
fn an_access_token_cannot_be_revoked_and_a_refresh_token_can() {
    let world = World::start();
    let tokens = tokens(&world);
    let revoke = |token: &str, hint: &str| {
        let fields = fields(&[("token", token), ("token_type_hint", hint)], &[]);
        let (status, error, _) = outcome(&post(
            &world,
            "/revoke",
            Some(&basic("shop", SECRET)),
            &fields,
        ));
        (status, error)
    };
    let unsupported = (400, "unsupported_token_type".to_owned());
    assert_eq!(revoke(&tokens.access, "access_token"), unsupported);
    assert_eq!(
        revoke(&tokens.access, "refresh_token"),
        unsupported,
        "the hint may be wrong"
    );
    assert_eq!(status(&world, &tokens.access), 200);
    let (_, _, body) = refresh(&world, &tokens.refresh, &[]);
    let next = body["refresh_token"].as_str().expect("a token");
    assert_eq!(revoke(next, "access_token"), (200, String::new()));
    assert_eq!(refresh(&world, next, &[]).1, "invalid_grant");
}
