//! The routes, below the path of the issuer.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, Method, StatusCode};
use axum::routing::{get, post};
use tower_http::cors::{Any, CorsLayer};

use super::authorize::authorize;
use super::decide::decide;
use super::error::Error;
use super::metadata::{jwks, metadata};
use super::revoke::revoke;
use super::token::token;
use super::{Server, page};
use crate::program;

/// Returns the routes of a server. They are for clear text HTTP, behind a proxy that terminates TLS.
pub fn router(server: Arc<Server>) -> Router {
    let (max_body, max_time) = (server.config.max_body, server.config.max_time);
    let (clients, browsers) = (for_clients(&server), for_browsers(&server));
    let with_layers = |router: Router<Arc<Server>>| {
        program::layers(router.with_state(Arc::clone(&server)), max_body, max_time)
    };
    // Outside of the other layers, so that clients in browsers can read the response at a time limit.
    let clients = with_layers(clients).layer(cors());
    clients.merge(with_layers(browsers.fallback(|| async { not_found() })))
}

fn for_clients(server: &Server) -> Router<Arc<Server>> {
    let path = &server.path;
    let router = Router::new()
        // The path of the issuer is no pattern, but may begin with `:`.
        .without_v07_checks()
        .route(&server.path("/token"), post(token))
        .route(&server.path("/revoke"), post(revoke))
        .route(&server.path("/jwks.json"), get(jwks))
        .route(
            &server.path("/.well-known/openid-configuration"),
            get(metadata),
        )
        // The path of the issuer follows here (RFC 8414 §3.1).
        .route(
            &format!("/.well-known/oauth-authorization-server{path}"),
            get(metadata),
        );
    router.method_not_allowed_fallback(|| async { method_not_allowed() })
}

fn for_browsers(server: &Server) -> Router<Arc<Server>> {
    let router = Router::new()
        .without_v07_checks()
        .route(&server.path("/authorize"), get(authorize).post(authorize))
        .route(&server.path("/authorize/decision"), post(decide))
        .route(
            &server.path("/style.css"),
            get(|| async { ([(CONTENT_TYPE, "text/css")], page::STYLE) }),
        );
    router.method_not_allowed_fallback(|| async { method_not_allowed() })
}

/// Allows calls of clients in browsers from every origin. None of these endpoints uses cookies, so a
/// page gains nothing from the browser that calls. `/authorize` does, and pages must not read its form.
fn cors() -> CorsLayer {
    let dpop = HeaderName::from_static("dpop");
    let nonce = HeaderName::from_static("dpop-nonce");
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, dpop])
        .expose_headers([nonce, RETRY_AFTER, WWW_AUTHENTICATE])
}

fn not_found() -> Error {
    Error::invalid_request("there is no such endpoint").with_status(StatusCode::NOT_FOUND)
}

fn method_not_allowed() -> Error {
    let error = Error::invalid_request("the endpoint has another method");
    error.with_status(StatusCode::METHOD_NOT_ALLOWED)
}
