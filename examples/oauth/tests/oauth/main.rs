//! The flows of OAuth 2.0 (RFC 6749) over HTTP, with the servers and the client of the examples.

mod answers;
mod authorize;
mod client_auth;
mod clients;
mod cookies;
#[path = "../support/directory.rs"]
mod directory;
mod dpop;
mod errors;
mod faulty;
mod grants;
mod limits;
mod logs;
mod openid;
mod pages;
mod queue;
#[path = "../support/redis.rs"]
mod redis;
mod resource;
mod stalled;
mod start;
mod stores;
mod token;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jwt_ring::Unverified;
use jwt_ring_oauth_examples::client::{call, http};
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, REDIRECT_URI, SECRET, USER, World};
use oauth2::HttpResponse;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

/// The PKCE verifier and challenge of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

type Fields<'a> = Vec<(&'a str, &'a str)>;

/// Returns the fields of a valid request with some values replaced. An empty value removes the field.
fn fields<'a>(valid: &[(&'a str, &'a str)], changes: &[(&'a str, &'a str)]) -> Fields<'a> {
    let mut fields: Fields<'a> = valid.to_vec();
    fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    fields.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    fields
}

fn authorize_url(world: &World, changes: &[(&str, &str)]) -> Url {
    let valid = [
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "orders:read orders:write"),
        ("state", "xyz"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let query = Serializer::new(String::new())
        .extend_pairs(fields(&valid, changes))
        .finish();
    let url = format!("{}/authorize?{query}", world.issuer);
    Url::parse(&url).expect("a URL")
}

fn query(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    Some(pairs.find(|(key, _)| key == name)?.1.into_owned())
}

fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", STANDARD.encode(credentials))
}

fn post(
    world: &World,
    path: &str,
    authorization: Option<&str>,
    fields: &Fields<'_>,
) -> HttpResponse {
    let authorization = authorization.map(|value| ("Authorization", value));
    let headers: Vec<_> = authorization.into_iter().collect();
    send(&format!("{}{path}", world.issuer), &headers, fields)
}

/// Posts a form with headers.
fn send(url: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> HttpResponse {
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request =
        ureq::http::Request::post(url).header("Content-Type", "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    http(request.body(body.into_bytes()).expect("a request")).expect("an answer")
}

/// Returns the status, the error (empty if none) and the body.
fn outcome(response: &HttpResponse) -> (u16, String, Value) {
    assert_eq!(response.headers()["Cache-Control"], "no-store");
    let body: Value = serde_json::from_slice(response.body()).expect("JSON");
    let error = body["error"].as_str().unwrap_or_default().to_owned();
    (response.status().as_u16(), error, body)
}

/// Returns the claims of a token without verifying it.
fn claims(token: &Value) -> Value {
    let token = token.as_str().expect("a token");
    let token = Unverified::parse(token).expect("a JWT");
    token.claims().expect("claims")
}

/// Posts to `/token` as the shop. Returns the status, the error (empty if none) and the body.
fn token(world: &World, fields: &Fields<'_>) -> (u16, String, Value) {
    outcome(&post(world, "/token", Some(&basic("shop", SECRET)), fields))
}

/// Signs in, allows the request and returns the code.
fn code(world: &World, changes: &[(&str, &str)]) -> String {
    let mut browser = Browser::default();
    let form = browser.open(&authorize_url(world, changes));
    let answer = browser.submit(&form, USER, PASSWORD, "allow");
    assert_eq!(answer.status, 303);
    query(&answer.location.expect("a redirect"), "code").expect("a code")
}

fn redeem(world: &World, code: &str, changes: &[(&str, &str)]) -> (u16, String, Value) {
    let valid = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    token(world, &fields(&valid, changes))
}

fn refresh(world: &World, refresh_token: &str, changes: &[(&str, &str)]) -> (u16, String, Value) {
    let valid = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    token(world, &fields(&valid, changes))
}

struct Tokens {
    access: String,
    refresh: String,
}

fn tokens(world: &World) -> Tokens {
    let (status, _, body) = redeem(world, &code(world, &[]), &[]);
    assert_eq!(status, 200);
    Tokens {
        access: body["access_token"].as_str().expect("a token").into(),
        refresh: body["refresh_token"].as_str().expect("a token").into(),
    }
}

fn status(world: &World, token: &str) -> u16 {
    call(&world.orders(), token).expect("an answer").0
}

#[test]
fn each_arrow_of_the_figures_with_the_oauth2_crate() {
    let world = World::start();
    let (client, mut browser) = (world.client(), Browser::default());
    // Figure 3.
    let pending = client.authorize("orders:read").expect("a URL");
    let form = browser.open(&pending.url);
    assert_eq!(form.status, 200);
    assert!(form.html.contains("The Web Shop") && form.html.contains("See your orders"));
    let answer = browser.submit(&form, USER, PASSWORD, "allow");
    assert_eq!(answer.status, 303);
    let callback = answer.location.expect("a redirect");
    assert!(callback.as_str().starts_with(REDIRECT_URI));
    let code = client.code(&pending, &callback).expect("a code");
    let first = client.redeem(pending, code).expect("tokens");
    // Figure 2, which contains figure 1.
    let (status, _, body) = call(&world.orders(), &first.access).expect("an answer");
    assert_eq!(
        (status, &*body),
        (200, r#"{"of":"alice","orders":["a teapot"]}"#)
    );
    world.clock.advance(Duration::from_secs(300));
    let (status, challenge, _) = call(&world.orders(), &first.access).expect("an answer");
    assert_eq!(status, 401);
    assert!(
        challenge.contains(r#"error="invalid_token", error_description="expired""#),
        "{challenge}"
    );
    let refresh_token = first.refresh.expect("a refresh token");
    let second = client.refresh(refresh_token.clone()).expect("tokens");
    assert_ne!(second.refresh, Some(refresh_token));
    assert_eq!(self::status(&world, &second.access), 200);
}

#[test]
fn metadata_of_both_servers() {
    let world = World::start();
    let get = |url: String| -> Value {
        let request = ureq::http::Request::get(url)
            .body(Vec::new())
            .expect("a request");
        serde_json::from_slice(http(request).expect("an answer").body()).expect("JSON")
    };
    let metadata = get(format!(
        "{}/.well-known/oauth-authorization-server",
        world.issuer
    ));
    assert_eq!(metadata["issuer"], *world.issuer);
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        serde_json::json!(["S256"])
    );
    let keys = get(metadata["jwks_uri"].as_str().expect("a URL").to_owned());
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(1));
    assert!(keys["keys"][0].get("d").is_none(), "public members only");
    let resource = get(format!(
        "{}/.well-known/oauth-protected-resource",
        world.resource
    ));
    assert_eq!(resource["resource"], *world.resource);
    assert_eq!(
        resource["authorization_servers"],
        serde_json::json!([world.issuer])
    );
}
