//! A client on the local machine: `cargo run --example client -- --help`.
//!
//! Start the examples `authorization_server` and `resource_server` first. The client prints a URL to
//! open in a browser and waits for the redirect.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use bpaf::{Bpaf, Parser};
use jwt_ring::oauth::client_assertion::Signer;
use jwt_ring::oauth::dpop::Prover;
use jwt_ring::{Algorithm, KeySet, SigningKey};
use jwt_ring_oauth_examples::client::redirect::Redirect;
use jwt_ring_oauth_examples::client::{Answer, Authentication, Client};
use jwt_ring_oauth_examples::http::{self, Agent};
use jwt_ring_oauth_examples::program::{exit_code, print, printable, switch};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A client of OAuth 2.0: gets tokens, calls an API, and refreshes them
#[derive(Bpaf, Clone)]
#[bpaf(options)]
struct Options {
    /// URL of the authorization server, whose metadata names its endpoints
    #[bpaf(
        env("JWT_RING_ISSUER"),
        argument("URL"),
        fallback("http://127.0.0.1:8080".into()),
        display_fallback
    )]
    issuer: String,
    /// URL of the API, which has the path /orders
    #[bpaf(
        env("JWT_RING_RESOURCE"),
        argument("URL"),
        fallback("http://127.0.0.1:8081".into()),
        display_fallback
    )]
    resource: String,
    #[bpaf(external)]
    send_resource: bool,
    /// ID of the client
    #[bpaf(
        env("JWT_RING_CLIENT_ID"),
        argument("ID"),
        fallback("app".into()),
        display_fallback
    )]
    client_id: String,
    /// Secret of the client, if it has one. Other users of the machine can see arguments: better set
    /// the environment variable JWT_RING_CLIENT_SECRET
    // Without `env`, as the help prints the values of environment variables.
    #[bpaf(argument("SECRET"))]
    client_secret: Option<String>,
    /// PEM file with the private key of the client, which authenticates it by private_key_jwt
    #[bpaf(env("JWT_RING_CLIENT_KEY"), argument("FILE"))]
    client_key: Option<PathBuf>,
    /// Algorithm of that key
    #[bpaf(
        env("JWT_RING_CLIENT_ALGORITHM"),
        argument("ALGORITHM"),
        fallback(Algorithm::ES256),
        display_fallback
    )]
    client_algorithm: Algorithm,
    /// Print the public half of that key, as the `jwks` to register, and exit
    show_jwks: bool,
    /// Scope to request
    #[bpaf(
        env("JWT_RING_SCOPE"),
        argument("SCOPE"),
        fallback("orders:read".into()),
        display_fallback
    )]
    scope: String,
    /// Port of 127.0.0.1 for the redirect; 0: any that is free
    #[bpaf(
        env("JWT_RING_REDIRECT_PORT"),
        argument("PORT"),
        fallback(8082),
        display_fallback
    )]
    redirect_port: u16,
    #[bpaf(external(dpop))]
    dpop: bool,
    /// Grant: authorization_code or client_credentials
    #[bpaf(
        env("JWT_RING_GRANT"),
        argument("GRANT"),
        fallback(Grant::AuthorizationCode),
        display_fallback
    )]
    grant: Grant,
    #[bpaf(external(http::options))]
    http: http::Options,
}

fn send_resource() -> impl Parser<bool> {
    let help = "Request tokens for the URL of the API only, by the parameter `resource` (RFC 8707)";
    switch("send-resource", "JWT_RING_SEND_RESOURCE", help)
}

fn dpop() -> impl Parser<bool> {
    let help = "Bind the tokens to a key of this client (RFC 9449)";
    switch("dpop", "JWT_RING_DPOP", help)
}

#[derive(Clone, Copy)]
enum Grant {
    AuthorizationCode,
    ClientCredentials,
}

impl FromStr for Grant {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        match text {
            "authorization_code" => Ok(Self::AuthorizationCode),
            "client_credentials" => Ok(Self::ClientCredentials),
            _ => Err("expected authorization_code or client_credentials"),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
        })
    }
}

fn main() -> ExitCode {
    exit_code(run(&options().run()))
}

fn run(options: &Options) -> Result {
    if options.show_jwks {
        let file = options.client_key.as_ref();
        let file = file.ok_or("--show-jwks requires --client-key")?;
        let keys = KeySet::from_iter([key(file, options.client_algorithm)?.verifying_key()]);
        print(serde_json::to_string(&keys)?);
        return Ok(());
    }
    let orders = format!("{}/orders", options.resource.trim_end_matches('/'));
    if let Grant::ClientCredentials = options.grant {
        let client = client(options, None)?;
        let token = client.client_credentials(&options.scope)?;
        return show("response of the API", client.call(&orders, &token)?);
    }
    let redirect = Redirect::listen(options.redirect_port)?;
    let client = client(options, Some(&redirect.uri()))?;
    let pending = client.authorize(&options.scope)?;
    print(format_args!(
        "Open this URL in a browser:\n\n{}\n",
        pending.url
    ));
    let code = redirect.wait(&client, &pending);
    let code = code.map_err(|error| format!("the authorization failed: {error}"))?;
    let tokens = client.redeem(pending, code)?;
    show("response of the API", client.call(&orders, &tokens.access)?)?;
    let Some(refresh_token) = tokens.refresh else {
        print("no refresh token: some issuers require the scope offline_access");
        return Ok(());
    };
    let tokens = client.refresh(refresh_token)?;
    show(
        "with a refreshed token",
        client.call(&orders, &tokens.access)?,
    )
}

fn client(options: &Options, redirect_uri: Option<&str>) -> Result<Client> {
    let (issuer, id) = (&*options.issuer, &*options.client_id);
    let authentication = match (&options.client_key, secret(options)) {
        (Some(_), Some(_)) => {
            return Err("expected a key or a secret (JWT_RING_CLIENT_SECRET), found both".into());
        }
        (Some(file), None) => {
            let key = key(file, options.client_algorithm)?;
            Authentication::Assertion(Signer::new(key, id, issuer))
        }
        (None, Some(secret)) => Authentication::Secret(secret),
        (None, None) => Authentication::Public,
    };
    let agent = Agent::new(&options.http)?;
    let mut client = Client::discover(agent, issuer, id, authentication, redirect_uri)?;
    if options.send_resource {
        client = client.resource(&options.resource);
    }
    Ok(match options.dpop {
        true => client.dpop(Prover::new(SigningKey::generate(Algorithm::ES256)?)?),
        false => client,
    })
}

fn secret(options: &Options) -> Option<String> {
    let variable = || std::env::var("JWT_RING_CLIENT_SECRET").ok();
    let secret = options.client_secret.clone().or_else(variable);
    secret.filter(|secret| !secret.is_empty())
}

fn key(file: &Path, algorithm: Algorithm) -> Result<SigningKey> {
    let name = file.display();
    let pem = std::fs::read(file).map_err(|error| format!("{name}: {error}"))?;
    let key = SigningKey::from_pem(algorithm, pem);
    Ok(key.map_err(|error| format!("{name}: {error}"))?)
}

fn show(what: &str, (status, challenge, body): Answer) -> Result {
    print(format_args!("{what}: {status} {}", printable(&body)));
    match status {
        200..=299 => Ok(()),
        _ => Err(format!("the API answered {status} {challenge}").into()),
    }
}
