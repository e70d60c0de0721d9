//! The flows of OAuth 2.0, step by step: `cargo run --example oauth_flow`.
//!
//! Runs an authorization server, a resource server and a client over HTTP, with a scripted browser as
//! the user. Prints each arrow of figures 1, 2 and 3 of RFC 6749, and of figure 1 of RFC 9449, with the
//! request or response that it carries.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use bpaf::Parser;
use jwt_ring::oauth::dpop::Prover;
use jwt_ring::{Algorithm, SigningKey, Unverified};
use jwt_ring_oauth_examples::client::{Answer, Tokens, answer, call, http};
use jwt_ring_oauth_examples::program::{exit_code, print};
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, USER, World};
use serde_json::Value;
use ureq::http::Request;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let options = bpaf::pure(()).to_options();
    let options = options.descr("Prints the flows of OAuth 2.0, step by step");
    let () = options.run();
    exit_code(run())
}

fn run() -> Result {
    let world = World::start();
    print(format_args!("authorization server  {}", world.issuer));
    print(format_args!("resource server       {}\n", world.resource));
    let tokens = authorization_code(&world)?;
    let tokens = refresh(&world, &tokens)?;
    abstract_flow(&world, &tokens)?;
    bound_tokens(&world)
}

fn arrow(letter: char, from: &str, to: &str, what: &str) {
    print(format_args!("  ({letter}) {from} -> {to}\n      {what}"));
}

const CLIENT: &str = "client";
const BROWSER: &str = "browser";
const SERVER: &str = "authorization server";
const API: &str = "resource server";

/// Figure 3: the client receives a code through the browser and redeems it.
fn authorization_code(world: &World) -> Result<Tokens> {
    print("Figure 3: authorization code, with PKCE");
    let (client, mut browser) = (world.client(), Browser::default());
    let pending = client.authorize("orders:read")?;
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
    print(format_args!(
        "      {}\n",
        shortened(refresh_token(&tokens)?)
    ));
    Ok(tokens)
}

/// Figure 2: the access token expires, and the client exchanges its refresh token for a new one.
fn refresh(world: &World, tokens: &Tokens) -> Result<Tokens> {
    print("Figure 2: refreshing an expired access token");
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
    let answer = call(&world.orders(), &tokens.access)?;
    arrow('D', API, CLIENT, &expect(200, &answer)?);
    world.clock.advance(Duration::from_secs(300));
    print("      .. the shared clock advances by five minutes ..");
    arrow('E', CLIENT, API, "GET /orders, with the same token");
    let answer = call(&world.orders(), &tokens.access)?;
    expect(401, &answer)?;
    let (status, challenge, _) = answer;
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
    let old = refresh_token(tokens)?;
    let new = world.client().refresh(old.to_owned())?;
    arrow(
        'H',
        SERVER,
        CLIENT,
        "an access token, and the refresh token that replaces the old one:",
    );
    print_token(&new.access)?;
    print(format_args!(
        "      {} (was {})\n",
        shortened(refresh_token(&new)?),
        shortened(old)
    ));
    Ok(new)
}

/// Figure 1: the same flow in outline.
fn abstract_flow(world: &World, tokens: &Tokens) -> Result {
    print("Figure 1: the abstract flow");
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
    let answer = expect(200, &call(&world.orders(), &tokens.access)?)?;
    arrow(
        'F',
        API,
        CLIENT,
        &format!("the protected resource: {answer}\n"),
    );
    Ok(())
}

/// Figure 1 of RFC 9449: the tokens are bound to a key of the client.
fn bound_tokens(world: &World) -> Result {
    print("Figure 1 of RFC 9449: the same with tokens that are bound to a key (DPoP)");
    let key = Arc::new(SigningKey::generate(Algorithm::ES256)?);
    let client = world.client().dpop(prover(world, &key)?);
    let (pending, mut browser) = (client.authorize("orders:read")?, Browser::default());
    let form = browser.open(&pending.url);
    let redirect = browser.submit(&form, USER, PASSWORD, "allow");
    let code = client.code(&pending, &redirect.location.ok_or("no redirect")?)?;
    arrow(
        'A',
        CLIENT,
        SERVER,
        "POST /token: a code as in figure 3, and a proof of the key",
    );
    let tokens = client.redeem(pending, code)?;
    arrow(
        'B',
        SERVER,
        CLIENT,
        "an access token with the thumbprint of the key:",
    );
    print_token(&tokens.access)?;
    let (orders, token) = (world.orders(), &*tokens.access);
    let proof = prover(world, &key)?.proof("GET", &orders, Some(token), None)?;
    arrow(
        'C',
        CLIENT,
        API,
        "GET /orders, with the token and a proof for this request:",
    );
    print_token(&proof)?;
    let answer = send(&orders, "DPoP", token, Some(&proof))?;
    arrow('D', API, CLIENT, &expect(200, &answer)?);
    let refreshed = client.refresh(refresh_token(&tokens)?.to_owned())?;
    let answer = expect(200, &client.call(&orders, &refreshed.access)?)?;
    print(format_args!(
        "      with a refreshed token and a new proof: {answer}"
    ));
    stolen_token(world, token, &proof)
}

/// A thief who has the token and the proof, but not the key, cannot use them.
fn stolen_token(world: &World, token: &str, proof: &str) -> Result {
    print("      A thief has the token and the proof of (C). The API answers:");
    let orders = world.orders();
    let key = Arc::new(SigningKey::generate(Algorithm::ES256)?);
    let other = prover(world, &key)?.proof("GET", &orders, Some(token), None)?;
    for (what, scheme, proof) in [
        ("as a bearer token", "Bearer", None),
        ("without a proof", "DPoP", None),
        ("with a proof of another key", "DPoP", Some(&*other)),
        ("with the same proof again", "DPoP", Some(proof)),
    ] {
        let answer = send(&orders, scheme, token, proof)?;
        print(format_args!("      {what}: {}", expect(401, &answer)?));
    }
    Ok(())
}

/// Returns the status and the body of a response, which must have this status.
fn expect(expected: u16, (status, _, body): &Answer) -> Result<String> {
    match *status == expected {
        true => Ok(format!("{status} {body}")),
        false => Err(format!("expected {expected}, found {status}").into()),
    }
}

/// Makes proofs by the clock of the servers.
fn prover(world: &World, key: &Arc<SigningKey>) -> Result<Prover> {
    Ok(Prover::new(Arc::clone(key))?.clock(world.clock.clone()))
}

fn send(url: &str, scheme: &str, token: &str, proof: Option<&str>) -> Result<Answer> {
    let mut request = Request::get(url).header("Authorization", format!("{scheme} {token}"));
    if let Some(proof) = proof {
        request = request.header("DPoP", proof);
    }
    Ok(answer(&http(request.body(Vec::new())?)?))
}

/// A token is signed, not encrypted: its claims can be read without a key.
fn print_token(token: &str) -> Result {
    let token = Unverified::parse(token)?;
    print(format_args!(
        "      {}",
        serde_json::to_string(token.header())?
    ));
    print(format_args!("      {}", token.claims::<Value>()?));
    Ok(())
}

fn refresh_token(tokens: &Tokens) -> Result<&str> {
    Ok(tokens.refresh.as_deref().ok_or("no refresh token")?)
}

/// The last characters: refresh tokens of one grant share their prefix.
fn shortened(token: &str) -> String {
    let length = token.chars().count();
    "..".chars()
        .chain(token.chars().skip(length.saturating_sub(8)))
        .collect()
}
