//! What the server protects.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Server;
use super::access::Access;
use super::rejection::Rejected;

/// All scopes, for the metadata.
pub(super) const SCOPES: [&str; 2] = ["orders:read", "orders:write"];

pub(super) async fn read(access: Access) -> Result<Json<Value>, Rejected> {
    access.needs("orders:read")?;
    let subject = &access.principal.subject;
    Ok(Json(json!({ "orders": ["a teapot"], "of": subject })))
}

pub(super) async fn write(access: Access) -> Result<StatusCode, Rejected> {
    access.needs("orders:write")?;
    Ok(StatusCode::CREATED)
}

pub(super) async fn clear(
    State(server): State<Arc<Server>>,
    access: Access,
) -> Result<StatusCode, Rejected> {
    access.needs("orders:write")?;
    access.needs_sign_in_within(server.settings.max_sign_in_age)?;
    Ok(StatusCode::NO_CONTENT)
}
