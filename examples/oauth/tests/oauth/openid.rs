//! OpenID Connect: ID tokens, the parameters of its requests, and discovery.

use jwt_ring::KeySet;
use jwt_ring::oauth::id_token::{IdTokenClaims, Verifier};
use jwt_ring_oauth_examples::client::http;
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, USER, World};
use serde_json::{Value, json};

use crate::{authorize_url, claims, code, query, redeem, refresh};

fn get(url: &str) -> Value {
    let request = ureq::http::Request::get(url).body(Vec::new());
    let response = http(request.expect("a request")).expect("an answer");
    assert_eq!(response.status(), 200, "{url}");
    serde_json::from_slice(response.body()).expect("JSON")
}

#[test]
fn the_scope_openid_gets_an_id_token() {
    let world = World::start();
    let openid = [("scope", "openid orders:read"), ("nonce", "n-0S6_WzA2Mj")];
    let (status, _, body) = redeem(&world, &code(&world, &openid), &[]);
    assert_eq!(status, 200);
    let keys = get(&format!("{}/jwks.json", world.issuer)).to_string();
    let keys = KeySet::from_json(&keys).expect("keys");
    let verifier = Verifier::new(&*world.issuer, "shop");
    let verifier = verifier.map_verifier(|verifier| verifier.clock(world.clock.clone()));
    let jwt = body["id_token"].as_str().expect("an ID token");
    let nonce = Some("n-0S6_WzA2Mj");
    let token = verifier
        .verify::<IdTokenClaims>(jwt, &keys, nonce)
        .expect("valid");
    let access = body["access_token"].as_str().expect("a token");
    verifier
        .check_access_token(&token, access)
        .expect("its access token");
    assert_eq!(token.claims().subject, USER);
    assert_eq!(token.claims().auth_time, Some(token.claims().issued_at));
    assert_ne!(token.header().typ(), Some("at+jwt"));

    // Refreshed: the same sign-in, without the nonce (OpenID Connect Core §12.2).
    world.clock.advance(std::time::Duration::from_secs(100));
    let (_, _, next) = refresh(
        &world,
        body["refresh_token"].as_str().expect("a token"),
        &[],
    );
    let refreshed = claims(&next["id_token"]);
    assert_eq!(
        refreshed["auth_time"],
        claims(&body["id_token"])["auth_time"]
    );
    assert_eq!(refreshed["sub"], USER);
    assert!(refreshed.get("nonce").is_none());
    let narrow = [("scope", "orders:read")];
    let (_, _, without) = refresh(
        &world,
        next["refresh_token"].as_str().expect("a token"),
        &narrow,
    );
    assert!(without.get("id_token").is_none());

    let (_, _, plain) = redeem(&world, &code(&world, &[("scope", "orders:read")]), &[]);
    assert!(plain.get("id_token").is_none());
}

#[test]
fn parameters_of_openid_connect_requests() {
    let world = World::start();
    for (changes, error) in [
        (&[("prompt", "none")][..], Some("login_required")),
        (&[("prompt", "none login")], Some("invalid_request")),
        (&[("prompt", "create")], Some("invalid_request")),
        (&[("prompt", "login")], None),
        (&[("prompt", "login consent select_account")], None),
        (&[("max_age", "0")], None),
        (&[("max_age", "-1")], Some("invalid_request")),
        (&[("max_age", "soon")], Some("invalid_request")),
        (&[("request", "e30.e30.")], Some("request_not_supported")),
        (
            &[("request_uri", "https://client.example/r")],
            Some("request_uri_not_supported"),
        ),
        (
            &[("registration", "{}")],
            Some("registration_not_supported"),
        ),
        (&[("response_mode", "query")], None),
        (&[("response_mode", "fragment")], Some("invalid_request")),
        (&[("response_mode", "form_post")], Some("invalid_request")),
        (
            &[("response_type", "code id_token")],
            Some("unsupported_response_type"),
        ),
        (&[("dpop_jkt", "short")], Some("invalid_request")),
        (
            &[
                ("login_hint", "alice"),
                ("ui_locales", "ko"),
                ("display", "page"),
            ],
            None,
        ),
    ] {
        let page = Browser::default().open(&authorize_url(&world, changes));
        let found = page.location.as_ref().and_then(|url| query(url, "error"));
        assert_eq!(found.as_deref(), error, "{changes:?}");
        assert_eq!(
            page.status,
            if error.is_some() { 303 } else { 200 },
            "{changes:?}"
        );
    }
}

#[test]
fn the_metadata_is_complete_and_the_same_for_both() {
    let world = World::start();
    let oauth = get(&format!(
        "{}/.well-known/oauth-authorization-server",
        world.issuer
    ));
    let openid = get(&format!(
        "{}/.well-known/openid-configuration",
        world.issuer
    ));
    assert_eq!(oauth, openid);
    let at = |path: &str| json!(format!("{}{path}", world.issuer));
    let methods = json!([
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "none"
    ]);
    for (name, expected) in [
        ("issuer", json!(world.issuer)),
        ("authorization_endpoint", at("/authorize")),
        ("token_endpoint", at("/token")),
        ("revocation_endpoint", at("/revoke")),
        ("jwks_uri", at("/jwks.json")),
        (
            "scopes_supported",
            json!(["openid", "orders:read", "orders:write"]),
        ),
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(["query"])),
        (
            "grant_types_supported",
            json!(["authorization_code", "refresh_token", "client_credentials"]),
        ),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("token_endpoint_auth_methods_supported", methods.clone()),
        ("revocation_endpoint_auth_methods_supported", methods),
        (
            "authorization_response_iss_parameter_supported",
            json!(true),
        ),
        ("subject_types_supported", json!(["public"])),
        ("id_token_signing_alg_values_supported", json!(["ES256"])),
        ("request_parameter_supported", json!(false)),
        ("request_uri_parameter_supported", json!(false)),
    ] {
        assert_eq!(openid[name], expected, "{name}");
    }
    for name in [
        "token_endpoint_auth_signing_alg_values_supported",
        "dpop_signing_alg_values_supported",
    ] {
        let algorithms = openid[name].as_array().expect("an array");
        assert!(algorithms.contains(&json!("ES256")), "{name}");
        assert!(!algorithms.contains(&json!("HS256")), "{name}");
    }
}

#[test]
fn an_issuer_may_have_a_path() {
    for path in ["/tenant/a", "/:tenant/*a/%7Bb%7D"] {
        flow_below(path);
    }
}

fn flow_below(path: &str) {
    let world = World::with(&[], |config| config.issuer += path);
    let origin = world.issuer.trim_end_matches(path);
    let oauth = get(&format!(
        "{origin}/.well-known/oauth-authorization-server{path}"
    ));
    let openid = get(&format!(
        "{}/.well-known/openid-configuration",
        world.issuer
    ));
    assert_eq!(oauth, openid);
    assert_eq!(oauth["issuer"], *world.issuer);
    assert_eq!(oauth["token_endpoint"], format!("{}/token", world.issuer));
    get(oauth["jwks_uri"].as_str().expect("a URL"));

    let (client, mut browser) = (world.client(), Browser::default());
    let pending = client.authorize("orders:read").expect("a URL");
    let form = browser.open(&pending.url);
    assert!(
        form.html
            .contains(&format!("action=\"{path}/authorize/decision\""))
    );
    assert!(form.html.contains(&format!("href=\"{path}/style.css\"")));
    let answer = browser.submit(&form, USER, PASSWORD, "allow");
    let callback = answer.location.expect("a redirect");
    let code = client.code(&pending, &callback).expect("a code");
    let tokens = client.redeem(pending, code).expect("tokens");
    assert_eq!(claims(&json!(tokens.access))["iss"], *world.issuer);
}
