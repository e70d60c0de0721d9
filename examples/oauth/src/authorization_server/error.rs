//! Errors of the endpoints, as JSON (RFC 6749 §5.2).

use std::time::Duration;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jwt_ring::SignError;
use serde_json::json;

use super::grants::GrantError;
use crate::store::StoreError;

/// The challenge to a client that is not authenticated.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"token\", charset=\"UTF-8\"");
/// Time after which a client should retry if the store is unavailable.
const RETRY: Duration = Duration::from_secs(5);

/// An error of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Error {
    /// `error`, of RFC 6749 §5.2 or an extension of it.
    pub(super) code: &'static str,
    /// `error_description`, for the developer of the client. Empty if it would not help.
    pub(super) description: &'static str,
    /// Written to the log, and not sent to the client.
    reason: &'static str,
    status: StatusCode,
}

impl Error {
    pub(super) fn new(code: &'static str, description: &'static str) -> Self {
        let status = match code {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Self {
            code,
            description,
            reason: "",
            status,
        }
    }

    pub(super) fn because(mut self, reason: &'static str) -> Self {
        self.reason = reason;
        self
    }

    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(super) fn log(&self) {
        let Self {
            code,
            description,
            reason,
            ..
        } = *self;
        tracing::warn!(code, reason, description, "rejected");
    }

    pub(super) fn invalid_request(description: &'static str) -> Self {
        Self::new("invalid_request", description)
    }

    /// Makes an error without a description, which would reveal which clients exist.
    pub(super) fn invalid_client(reason: &'static str) -> Self {
        Self::new("invalid_client", "").because(reason)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store is unavailable");
        Self::new("temporarily_unavailable", "").because("store")
    }
}

impl From<GrantError> for Error {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Unknown => Self::new("invalid_grant", "").because("unknown"),
            GrantError::Reused => Self::new("invalid_grant", "").because("reused"),
            GrantError::WrongKey => {
                let expected = "expected a DPoP proof by the key that the grant is bound to";
                Self::new("invalid_grant", expected)
            }
            GrantError::Scope => {
                Self::new("invalid_scope", "expected a scope within that of the grant")
            }
            GrantError::Target => Self::new("invalid_target", "expected the resource of the grant"),
            GrantError::Store(error) => error.into(),
        }
    }
}

impl From<SignError> for Error {
    fn from(error: SignError) -> Self {
        Self::new("server_error", "").because(error.code())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log();
        let mut body = json!({ "error": self.code });
        if !self.description.is_empty() {
            body["error_description"] = self.description.into();
        }
        let mut response = (self.status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response();
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, CHALLENGE);
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, RETRY.as_secs().into());
            }
            _ => {}
        }
        response
    }
}
