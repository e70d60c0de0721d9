//! Bearer tokens in axum: `cargo run --example axum_bearer`.

use std::process::ExitCode;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::{StatusCode, header, request::Parts};
use axum::{Router, routing::get};
use bpaf::{Bpaf, Parser};
use jwt_ring::oauth::access_token::{AccessTokenClaims, Signer, Verifier};
use jwt_ring::oauth::bearer::{self, Challenge, Rejection};
use jwt_ring::{Algorithm, KeySet, SigningKey, Token};
use jwt_ring_oauth_examples::program::{self, LogFormat, print, serve};
use tokio::net::TcpListener;

type Error = Box<dyn std::error::Error>;

struct Policy {
    verifier: Verifier,
    keys: KeySet,
    challenge: Challenge,
}

struct Bearer(Token<AccessTokenClaims>);

impl FromRequestParts<Arc<Policy>> for Bearer {
    type Rejection = (StatusCode, [(header::HeaderName, String); 1]);

    async fn from_request_parts(
        parts: &mut Parts,
        policy: &Arc<Policy>,
    ) -> Result<Self, Self::Rejection> {
        let verified = bearer::token(parts.headers.get_all(header::AUTHORIZATION))
            .and_then(|token| Ok(policy.verifier.verify(token, &policy.keys)?));
        verified.map(Bearer).map_err(|rejection: Rejection| {
            let challenge = policy.challenge.header(&rejection).unwrap_or_default();
            let status = StatusCode::from_u16(rejection.status()).unwrap_or_default();
            (status, [(header::WWW_AUTHENTICATE, challenge)])
        })
    }
}

/// Bearer tokens in axum
#[derive(Bpaf)]
#[bpaf(options)]
struct Options {
    /// Port of 127.0.0.1 to listen on; 0: any that is free
    #[bpaf(env("JWT_RING_PORT"), argument("PORT"), fallback(0), display_fallback)]
    port: u16,
    #[bpaf(external(self_test_switch))]
    self_test: bool,
    #[bpaf(external(program::connection_limits))]
    limits: program::Limits,
}

fn self_test_switch() -> impl Parser<bool> {
    let help = "Make three requests, check the responses, and exit";
    program::switch("self-test", "JWT_RING_SELF_TEST", help)
}

fn main() -> ExitCode {
    let options = options().run();
    program::start_logs(LogFormat::Text);
    program::run(run(options))
}

async fn run(options: Options) -> Result<(), Error> {
    let address = ("127.0.0.1", options.port);
    let error = |error| format!("cannot listen on 127.0.0.1:{}: {error}", options.port);
    let listener = TcpListener::bind(address).await.map_err(error)?;
    let api = format!("http://{}", listener.local_addr()?);

    // The issuer, for a token to try. A real service fetches the issuer's keys.
    let key = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
    let keys = KeySet::from_iter([key.verifying_key()]);
    let signer = Signer::new(key, "https://issuer.example");
    let token = signer.sign(&signer.claims("alice", &*api, "curl")?)?;

    let policy = Policy {
        verifier: Verifier::new("https://issuer.example", &*api),
        keys,
        challenge: Challenge::new("api"),
    };
    let app = Router::new()
        .route("/", get(hello))
        .with_state(Arc::new(policy));
    let server = serve(listener, app, options.limits);
    print(format_args!(
        "curl -H 'Authorization: Bearer {token}' {api}"
    ));
    if !options.self_test {
        return Ok(server.await?);
    }
    tokio::spawn(server);
    tokio::task::block_in_place(|| self_test(&api, &token))
}

async fn hello(Bearer(token): Bearer) -> String {
    format!("hello {}", token.claims().subject)
}

fn self_test(api: &str, token: &str) -> Result<(), Error> {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let invalid = r#"Bearer realm="api", error="invalid_token""#;
    for (name, authorization, expected) in [
        (
            "with the token",
            &*format!("Bearer {token}"),
            (200, "", "hello alice"),
        ),
        ("without a token", "", (401, r#"Bearer realm="api""#, "")),
        ("with another", "Bearer e30.e30.AA", (401, invalid, "")),
    ] {
        let mut request = agent.get(api);
        if !authorization.is_empty() {
            request = request.header("Authorization", authorization);
        }
        let mut response = request.call()?;
        let body = response.body_mut().read_to_string()?;
        let challenge = response.headers().get("WWW-Authenticate");
        let challenge = challenge.map_or("", |value| value.to_str().unwrap_or_default());
        let found = (response.status().as_u16(), challenge, &*body);
        let (status, challenge, body) = found;
        print(format_args!("{name}: {status} {challenge}{body}"));
        if found != expected {
            return Err(format!("expected {expected:?}, found {found:?}").into());
        }
    }
    Ok(())
}
