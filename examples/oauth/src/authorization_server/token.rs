//! The token endpoint, (D) and (E) of figure 3 and figure 2, and the revocation endpoint.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jwt_ring::oauth::Scope;
use serde_json::json;
use url::form_urlencoded;

use super::store::{Client, Grant, Invalid};
use super::{Pairs, Server, TOKEN_LIFETIME, no_store, one};

/// Issues tokens for a code, (D) and (E) of figure 3, or a refresh token, (G) and (H) of figure 2.
pub(super) async fn token(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Response {
    let client = match authenticate(&server, &headers, &pairs) {
        Ok(client) => client,
        Err(error) => return token_error(error),
    };
    match exchange(&server, &client, &pairs) {
        Ok((grant, refresh_token)) => no_store(
            StatusCode::OK,
            json!({
                "access_token": server.sign(&grant),
                "token_type": "Bearer",
                "expires_in": TOKEN_LIFETIME.as_secs(),
                "refresh_token": refresh_token,
                "scope": grant.scope,
            }),
        ),
        Err(error) => token_error(error),
    }
}

fn exchange(
    server: &Server,
    client: &Client,
    pairs: &Pairs,
) -> Result<(Grant, String), &'static str> {
    let required = |name| one(pairs, name)?.ok_or("invalid_request");
    // Access tokens of this server have one audience.
    let resource = one(pairs, "resource").map_err(|_| "invalid_target")?;
    let (mut store, now) = (server.store(), server.now());
    let exchanged = match required("grant_type")? {
        "authorization_code" => {
            let (code, redirect_uri) = (required("code")?, required("redirect_uri")?);
            store.redeem(
                code,
                &client.id,
                redirect_uri,
                required("code_verifier")?,
                resource,
                now,
            )
        }
        "refresh_token" => {
            let scope = one(pairs, "scope")?.map(str::parse::<Scope>).transpose();
            let scope = scope.map_err(|_| "invalid_scope")?;
            store.refresh(required("refresh_token")?, &client.id, scope, resource, now)
        }
        _ => return Err("unsupported_grant_type"),
    };
    exchanged.map_err(|error| match error {
        Invalid::Grant => "invalid_grant",
        Invalid::Scope => "invalid_scope",
        Invalid::Target => "invalid_target",
    })
}

/// Authenticates the client by HTTP Basic or by parameters, not by both (RFC 6749 §2.3.1).
fn authenticate(
    server: &Server,
    headers: &HeaderMap,
    pairs: &Pairs,
) -> Result<Client, &'static str> {
    let (id, secret) = (one(pairs, "client_id")?, one(pairs, "client_secret")?);
    let (id, secret) = match headers.get(AUTHORIZATION) {
        None => (
            id.ok_or("invalid_client")?.to_owned(),
            secret.map(str::to_owned),
        ),
        Some(_) if secret.is_some() => return Err("invalid_request"),
        Some(value) => {
            let (basic_id, secret) = basic(value.as_bytes()).ok_or("invalid_client")?;
            if id.is_some_and(|id| id != basic_id) {
                return Err("invalid_request");
            }
            (basic_id, Some(secret))
        }
    };
    let client = server
        .store()
        .client(&id)
        .cloned()
        .ok_or("invalid_client")?;
    match client.is_secret(secret.as_deref()) {
        true => Ok(client),
        false => Err("invalid_client"),
    }
}

/// Parses HTTP Basic credentials, of which the ID and the secret are form-encoded.
fn basic(value: &[u8]) -> Option<(String, String)> {
    let (scheme, rest) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decode(id), form_decode(secret)))
}

fn form_decode(text: &str) -> String {
    let text = text.replace('&', "%26").replace('=', "%3D");
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}

/// Revokes a refresh token and its grant. An unknown token is no error (RFC 7009 §2.2).
pub(super) async fn revoke(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Response {
    match (
        authenticate(&server, &headers, &pairs),
        one(&pairs, "token"),
    ) {
        (Err(error), _) => token_error(error),
        (_, Err(_) | Ok(None)) => token_error("invalid_request"),
        (Ok(client), Ok(Some(token))) => {
            server.store().revoke(token, &client.id);
            no_store(StatusCode::OK, json!({}))
        }
    }
}

fn token_error(error: &'static str) -> Response {
    let body = json!({ "error": error });
    if error != "invalid_client" {
        return no_store(StatusCode::BAD_REQUEST, body);
    }
    let mut response = no_store(StatusCode::UNAUTHORIZED, body);
    let challenge = "Basic realm=\"token\", charset=\"UTF-8\"";
    if let Ok(challenge) = challenge.parse() {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
