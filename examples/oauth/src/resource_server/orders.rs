//! The API: orders, which require a scope.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jwt_ring::oauth::Scope;
use serde_json::{Value, json};

use super::Server;
use super::access::Access;
use super::rejection::Rejected;

/// The names of all scopes, for the metadata.
pub(super) const SCOPES: [&str; 2] = ["orders:read", "orders:write"];

/// The scopes that the operations require.
pub(super) struct Scopes {
    read: Scope,
    write: Scope,
}

impl Scopes {
    pub(super) fn new() -> Self {
        let [read, write] = SCOPES.map(|name| name.parse().expect("a scope"));
        Self { read, write }
    }
}

pub(super) async fn read(
    State(server): State<Arc<Server>>,
    access: Access,
) -> Result<Json<Value>, Rejected> {
    access.needs(&server.scopes.read)?;
    let subject = &access.principal.subject;
    Ok(Json(json!({ "orders": ["a teapot"], "of": subject })))
}

pub(super) async fn write(
    State(server): State<Arc<Server>>,
    access: Access,
) -> Result<StatusCode, Rejected> {
    access.needs(&server.scopes.write)?;
    Ok(StatusCode::CREATED)
}

pub(super) async fn clear(
    State(server): State<Arc<Server>>,
    access: Access,
) -> Result<StatusCode, Rejected> {
    access.needs(&server.scopes.write)?;
    access.needs_sign_in_within(server.settings.max_sign_in_age)?;
    Ok(StatusCode::NO_CONTENT)
}
