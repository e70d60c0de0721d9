//! The flows of OAuth 2.0, step by step: `cargo run --example oauth_flow`.
//!
//! Runs an authorization server, a resource server and a client over HTTP, with a scripted browser as
//! the user. Prints each arrow of figures 1, 2 and 3 of RFC 6749 with the request or response that
//! it carries.

use std::time::Duration;

use jwt_ring::Unverified;
use jwt_ring_oauth_examples::client::{Tokens, call};
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, USER, World};
use serde_json::Value;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result {
    let world = World::start();
    println!("authorization server  {}", world.issuer);
    println!("resource server       {}\n", world.resource);
    let tokens = authorization_code(&world)?;
    let tokens = refresh(&world, tokens)?;
    abstract_flow(&world, &tokens)
}

fn arrow(letter: char, from: &str, to: &str, what: &str) {
    println!("  ({letter}) {from} -> {to}\n      {what}");
}

const CLIENT: &str = "client";
const BROWSER: &str = "browser";
const SERVER: &str = "authorization server";
const API: &str = "resource server";

/// Figure 3: the client receives a code through the browser and redeems it.
fn authorization_code(world: &World) -> Result<Tokens> {
    println!("Figure 3: authorization code, with PKCE");
    let (client, mut browser) = (world.client(), Browser::default());
    let pending = client.authorize("orders:read");
    arrow(
        'A',
        CLIENT,
        BROWSER,
        "the URL to open, with the redirect URI and the challenge:",
    );
    arrow('A', BROWSER, SERVER, &format!("GET {}", pending.url));
    let form = browser.open(&pending.url);
    arrow(
        'B',
        BROWSER,
        SERVER,
        &format!("POST the form: {USER} signs in and allows orders:read"),
    );
    let answer = browser.submit(&form, USER, PASSWORD, "allow");
    let callback = answer.location.ok_or("no redirect")?;
    arrow(
        'C',
        SERVER,
        BROWSER,
        &format!("{} {callback}", answer.status),
    );
    arrow(
        'C',
        BROWSER,
        CLIENT,
        "the code; `state` and `iss` are those of this request",
    );
    let code = client.code(&pending, &callback)?;
    arrow(
        'D',
        CLIENT,
        SERVER,
        "POST /token: the code, the redirect URI, the verifier, the secret",
    );
    let tokens = client.redeem(pending, code)?;
    arrow('E', SERVER, CLIENT, "an access token and a refresh token:");
    print_token(&tokens.access)?;
    println!("      {}\n", shortened(&tokens.refresh));
    Ok(tokens)
}

/// Figure 2: the access token expires, and the client exchanges its refresh token for a new one.
fn refresh(world: &World, tokens: Tokens) -> Result<Tokens> {
    println!("Figure 2: refreshing an expired access token");
    arrow(
        'A',
        CLIENT,
        SERVER,
        "the authorization grant: the code of figure 3",
    );
    arrow(
        'B',
        SERVER,
        CLIENT,
        "the access token and the refresh token",
    );
    arrow(
        'C',
        CLIENT,
        API,
        "GET /orders, Authorization: Bearer .. (verified without a request)",
    );
    let (status, _, body) = call(&world.orders(), &tokens.access)?;
    arrow('D', API, CLIENT, &format!("{status} {body}"));
    world.clock.advance(Duration::from_secs(300));
    println!("      .. the shared clock advances by five minutes ..");
    arrow('E', CLIENT, API, "GET /orders, with the same token");
    let (status, challenge, _) = call(&world.orders(), &tokens.access)?;
    arrow(
        'F',
        API,
        CLIENT,
        &format!("the Invalid Token Error: {status} {challenge}"),
    );
    arrow(
        'G',
        CLIENT,
        SERVER,
        "POST /token: the refresh token, the secret",
    );
    let old = tokens.refresh.clone();
    let tokens = world.client().refresh(tokens.refresh)?;
    arrow(
        'H',
        SERVER,
        CLIENT,
        "an access token, and the refresh token that replaces the old one:",
    );
    print_token(&tokens.access)?;
    println!(
        "      {} (was {})\n",
        shortened(&tokens.refresh),
        shortened(&old)
    );
    Ok(tokens)
}

/// Figure 1: the same flow in outline.
fn abstract_flow(world: &World, tokens: &Tokens) -> Result {
    println!("Figure 1: the abstract flow");
    arrow(
        'A',
        CLIENT,
        "resource owner",
        "the request: figure 3, up to the form",
    );
    arrow(
        'B',
        "resource owner",
        CLIENT,
        "the grant: the code that came with the redirect",
    );
    arrow(
        'C',
        CLIENT,
        SERVER,
        "the grant and the client's credentials",
    );
    arrow('D', SERVER, CLIENT, "the access token");
    arrow('E', CLIENT, API, "the access token");
    let (status, _, body) = call(&world.orders(), &tokens.access)?;
    arrow(
        'F',
        API,
        CLIENT,
        &format!("the protected resource: {status} {body}"),
    );
    Ok(())
}

/// A token is signed, not encrypted: its claims can be read without a key.
fn print_token(token: &str) -> Result {
    let token = Unverified::parse(token)?;
    println!("      {}", serde_json::to_string(token.header())?);
    println!("      {}", token.claims::<Value>()?);
    Ok(())
}

/// The last characters: refresh tokens of one grant share their prefix.
fn shortened(token: &str) -> String {
    let length = token.chars().count();
    "..".chars()
        .chain(token.chars().skip(length.saturating_sub(8)))
        .collect()
}
