//! Bearer tokens in axum: `cargo run --example axum_bearer`.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::{StatusCode, header, request::Parts};
use axum::{Router, routing::get};
use jwt_ring::oauth::access_token::{AccessTokenClaims, Signer, Verifier};
use jwt_ring::oauth::bearer::{self, Challenge, Rejection};
use jwt_ring::{Algorithm, KeySet, SigningKey, Token};

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

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let api = format!("http://{}", listener.local_addr()?);

    // The issuer, for a token to try. A real service fetches the issuer's keys.
    let key = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
    let keys = KeySet::from_iter([key.verifying_key()]);
    let signer = Signer::new(key, "https://issuer.example");
    let token = signer.sign(&signer.claims("alice", &*api, "curl")?)?;

    let verifier = Verifier::new("https://issuer.example", &*api);
    let policy = Policy {
        verifier,
        keys,
        challenge: Challenge::new("api"),
    };
    let app = Router::new()
        .route("/", get(hello))
        .with_state(Arc::new(policy));
    tokio::spawn(async move { axum::serve(listener, app).await });

    println!("curl -H 'Authorization: Bearer {token}' {api}\n");
    let request = move |authorization: Option<String>| {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = config.build().into();
        let mut request = agent.get(&api);
        if let Some(authorization) = authorization {
            request = request.header("Authorization", authorization);
        }
        let mut response = request.call()?;
        let challenge = response.headers().get("WWW-Authenticate").cloned();
        let body = response.body_mut().read_to_string()?;
        Ok::<_, ureq::Error>(format!("{} {challenge:?} {body}", response.status()))
    };
    tokio::task::spawn_blocking(move || -> Result<(), ureq::Error> {
        println!(
            "with the token: {}",
            request(Some(format!("Bearer {token}")))?
        );
        println!("without:        {}", request(None)?);
        println!(
            "with another:   {}",
            request(Some("Bearer e30.e30.AA".into()))?
        );
        Ok(())
    })
    .await??;
    Ok(())
}

async fn hello(Bearer(token): Bearer) -> String {
    format!("hello {}", token.claims().subject)
}
