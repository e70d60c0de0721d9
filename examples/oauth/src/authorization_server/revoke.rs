//! The revocation endpoint (RFC 7009).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use jwt_ring::Unverified;
use serde_json::json;

use super::Server;
use super::client_auth::authenticate;
use super::error::Error;
use super::parameters::Parameters;

/// Revokes the grant of a refresh token. An unknown token is no error (RFC 7009 §2.2).
pub(super) async fn revoke(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Error> {
    let revoked = server.blocking(move |server| {
        let authenticated = authenticate(server, &headers, &parameters)?;
        let token = parameters.require("token")?;
        if is_access_token(token) {
            // Resource servers verify access tokens without a request to this server.
            return Err(Error::new(
                "unsupported_token_type",
                "access tokens cannot be revoked, revoke the refresh token",
            ));
        }
        let client = authenticated.use_up(server)?;
        server.grants.revoke(token, &client.id, server.now())?;
        tracing::info!(client_id = client.id, "revoked");
        Ok(())
    });
    revoked.await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(json!({}))).into_response())
}

/// Returns whether the token is a JWT. Refresh tokens are not.
fn is_access_token(token: &str) -> bool {
    Unverified::parse(token).is_ok()
}
