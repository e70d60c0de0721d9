//! The metadata of the server (RFC 8414, OpenID Connect Discovery 1.0) and its keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Server;
use super::error::Error;

/// Describes the server, for OAuth and for OpenID Connect.
pub(super) async fn metadata(State(server): State<Arc<Server>>) -> Json<Value> {
    let (config, algorithms) = (&server.config, server.proofs.supported_algorithms());
    let methods = [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "none",
    ];
    let key = server.keys.signers().active(server.now());
    Json(json!({
        "issuer": config.issuer,
        "authorization_endpoint": server.url("/authorize"),
        "token_endpoint": server.url("/token"),
        "revocation_endpoint": server.url("/revoke"),
        "jwks_uri": server.url("/jwks.json"),
        "scopes_supported": config.scopes.iter().collect::<Vec<_>>(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
        "authorization_response_iss_parameter_supported": true,
        "subject_types_supported": ["public"],
        // OpenID Connect Discovery §3 requires RS256 in this list. It is left out on purpose, unless the
        // signing key is an RSA key: the list has the algorithm of the tokens.
        "id_token_signing_alg_values_supported": [key.algorithm()],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    }))
}

/// Publishes the public keys.
pub(super) async fn jwks(State(server): State<Arc<Server>>) -> Result<Response, Error> {
    let keys = server.blocking(|server| {
        let failed = |_| Error::new("server_error", "").because("jwks");
        server.keys.jwks().map_err(failed)
    });
    let keys = keys.await?;
    let max_age = format!("max-age={}", server.config.keys_max_age.as_secs());
    let headers = [
        (CONTENT_TYPE, "application/jwk-set+json".to_owned()),
        (CACHE_CONTROL, max_age),
    ];
    Ok((headers, keys.to_string()).into_response())
}
