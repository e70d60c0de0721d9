//! The authorization server: routes, limits, keys and metadata.

mod authorize;
pub mod grants;
pub mod keys;
mod page;
pub mod store;
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use authorize::{authorize, decide};
use axum::extract::{DefaultBodyLimit, Request as HttpRequest, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jwt_ring::jwks::KeyRotation;
use jwt_ring::oauth::access_token::Signer;
use jwt_ring::{Algorithm, Clock, NumericDate, SigningKey, SystemClock};
use serde_json::{Value, json};
use store::{Grant, Store};
use token::{revoke, token};

/// Lifetime of an access token.
const TOKEN_LIFETIME: Duration = Duration::from_secs(300);
/// How long a key is published before it signs: longer than verifiers cache the key set.
const PUBLISH_AHEAD: Duration = Duration::from_secs(900);
/// Limits of a request: bytes of its body, and time to answer it.
const MAX_BODY: usize = 16 * 1024;
const MAX_TIME: Duration = Duration::from_secs(10);

/// The parameters of a request, in order and with duplicates.
type Pairs = Vec<(String, String)>;

pub struct Server {
    issuer: String,
    /// Audiences for which tokens are issued. The first is the default.
    resources: Vec<String>,
    clock: Arc<dyn Clock>,
    keys: KeyRotation,
    signer: Signer,
    store: Mutex<Store>,
}

impl Server {
    pub fn new(issuer: &str, resources: &[&str], store: Store) -> Self {
        let keys = KeyRotation::new(new_key(), PUBLISH_AHEAD, TOKEN_LIFETIME);
        let keys = keys.expect("a public key");
        Self {
            issuer: issuer.into(),
            signer: Signer::new(keys.clone(), issuer).lifetime(TOKEN_LIFETIME),
            keys,
            resources: resources.iter().map(ToString::to_string).collect(),
            clock: Arc::new(SystemClock),
            store: store.into(),
        }
    }

    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self.signer = self.signer.clock(Arc::clone(&self.clock));
        self
    }

    /// Adds the next signing key and drops keys whose tokens have all expired.
    pub fn rotate(&self) {
        let now = self.clock.now();
        self.keys.add(new_key(), now).expect("a public key");
        self.keys.drop_expired(now);
    }

    fn now(&self) -> NumericDate {
        self.clock.now()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // A panic leaves no partial change, so a poisoned lock is usable.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sign(&self, grant: &Grant) -> String {
        let claims = self
            .signer
            .claims(&*grant.user, &*grant.resource, &*grant.client_id);
        let mut claims = claims.expect("random bytes").scope(grant.scope.clone());
        claims.auth_time = Some(grant.auth_time);
        self.signer.sign(&claims).expect("random bytes")
    }
}

fn new_key() -> SigningKey {
    SigningKey::generate(Algorithm::ES256).expect("random bytes")
}

pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/authorize", get(authorize).post(decide))
        .route("/token", post(token))
        .route("/revoke", post(revoke))
        .route("/jwks.json", get(jwks))
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .route(
            "/style.css",
            get(|| async { ([(CONTENT_TYPE, "text/css")], page::STYLE) }),
        )
        .layer(middleware::from_fn(in_time))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(server)
}

async fn in_time(request: HttpRequest, next: Next) -> Response {
    match tokio::time::timeout(MAX_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

/// Returns a parameter. A duplicate is an error, and an empty one is absent (RFC 6749 §3.1).
fn one<'a>(pairs: &'a Pairs, name: &str) -> Result<Option<&'a str>, &'static str> {
    let mut values = pairs
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| &**value);
    match (values.next(), values.next()) {
        (_, Some(_)) => Err("invalid_request"),
        (value, None) => Ok(value.filter(|value| !value.is_empty())),
    }
}

fn no_store(status: StatusCode, body: Value) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Publishes the public keys.
async fn jwks(State(server): State<Arc<Server>>) -> Response {
    let keys = server.keys.published(server.now());
    let headers = [
        (CONTENT_TYPE, "application/jwk-set+json"),
        (CACHE_CONTROL, "max-age=300"),
    ];
    match serde_json::to_string(&keys) {
        Ok(json) => (headers, json).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The metadata of the server (RFC 8414).
async fn metadata(State(server): State<Arc<Server>>) -> Json<Value> {
    let issuer = &server.issuer;
    let methods = ["client_secret_basic", "client_secret_post", "none"];
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/jwks.json"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "authorization_response_iss_parameter_supported": true,
    }))
}
