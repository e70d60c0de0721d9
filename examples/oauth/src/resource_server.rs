//! The resource server: verifies tokens locally, without a request to the authorization server.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jwt_ring::jwks::{JwksCache, KeysNeeded};
use jwt_ring::oauth::Scope;
use jwt_ring::oauth::access_token::{AccessTokenClaims, Verifier};
use jwt_ring::oauth::bearer::{self, Challenge, Rejection};
use jwt_ring::{
    CachingVerifier, Clock, Header, KeySet, NumericDate, SystemClock, Token, Unverified,
};
use serde_json::{Value, json};

/// Limits of a request: bytes of its body, and time to answer it.
const MAX_BODY: usize = 16 * 1024;
const MAX_TIME: Duration = Duration::from_secs(10);
/// Limits of a fetch of keys: bytes of a response, and time of a request.
const MAX_KEYS: u64 = 256 * 1024;
const MAX_FETCH_TIME: Duration = Duration::from_secs(5);
/// Maximum number of cached verified tokens.
const CAPACITY: usize = 1_000;
/// Maximum time since the sign-in for deleting all orders.
const RECENTLY: Duration = Duration::from_secs(60);

pub struct Server {
    issuer: String,
    resource: String,
    verifier: CachingVerifier<AccessTokenClaims, Verifier>,
    challenge: Challenge,
    clock: Arc<dyn Clock>,
    keys: Arc<Mutex<JwksCache>>,
    /// Held while keys are fetched.
    flight: Arc<tokio::sync::Mutex<()>>,
}

impl Server {
    /// Makes a server that accepts tokens of `issuer` for `resource`, its own URL.
    pub fn new(issuer: &str, resource: &str) -> Self {
        let metadata = format!("{resource}/.well-known/oauth-protected-resource");
        Self {
            issuer: issuer.into(),
            resource: resource.into(),
            verifier: Verifier::new(issuer, resource).cached(CAPACITY),
            challenge: Challenge::new("orders").resource_metadata(metadata),
            clock: Arc::new(SystemClock),
            keys: Arc::default(),
            flight: Arc::default(),
        }
    }

    pub fn with_clock(mut self, clock: impl Clock + Clone + 'static) -> Self {
        let verifier = Verifier::new(&*self.issuer, &*self.resource);
        self.verifier = verifier
            .map_verifier(|verifier| verifier.clock(clock.clone()))
            .cached(CAPACITY);
        self.clock = Arc::new(clock);
        self
    }

    /// Verifies the token of a request.
    async fn authorize(
        &self,
        headers: &HeaderMap,
    ) -> Result<Arc<Token<AccessTokenClaims>>, Rejection> {
        let token = bearer::token(headers.get_all(AUTHORIZATION))?;
        let keys = self.keys(Unverified::parse(token)?.header()).await?;
        Ok(self.verifier.verify(token, &*keys)?)
    }

    /// Returns the keys for a token. One request at a time fetches them while others wait.
    async fn keys(&self, header: &Header) -> Result<Arc<KeySet>, Rejection> {
        if let Some(keys) = lock(&self.keys).known(header, self.clock.now()) {
            return Ok(keys);
        }
        let flight = Arc::clone(&self.flight).lock_owned().await;
        let needed = lock(&self.keys).ask(header, self.clock.now());
        match needed {
            KeysNeeded::Use(keys) => Ok(keys),
            KeysNeeded::Fetch(ticket) => {
                let (issuer, clock) = (self.issuer.clone(), Arc::clone(&self.clock));
                let keys = Arc::clone(&self.keys);
                // A separate task completes the fetch even if this request is dropped.
                let fetch = tokio::task::spawn_blocking(move || {
                    let fetched = fetch(&issuer);
                    let (mut keys, now) = (lock(&keys), clock.now());
                    let usable = match fetched {
                        Ok(fetched) => Some(keys.fetched(ticket, fetched, now)),
                        Err(error) => {
                            eprintln!("cannot fetch the keys of {issuer}: {error}");
                            keys.failed(ticket, now)
                        }
                    };
                    drop(flight);
                    usable
                });
                let usable = fetch.await.ok().flatten();
                usable.ok_or(Rejection::KeysUnavailable)
            }
            _ => Err(Rejection::KeysUnavailable),
        }
    }

    fn reject(&self, rejection: &Rejection) -> Response {
        let status = StatusCode::from_u16(rejection.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = Json(json!({ "error": rejection.error() }));
        let mut response = (status, [(CACHE_CONTROL, "no-store")], body).into_response();
        let challenge = self.challenge.header(rejection).map(HeaderValue::try_from);
        if let Some(Ok(challenge)) = challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

fn lock(keys: &Mutex<JwksCache>) -> MutexGuard<'_, JwksCache> {
    keys.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fetches the metadata (RFC 8414) and the key set at its `jwks_uri`.
fn fetch(issuer: &str) -> Result<KeySet, Box<dyn std::error::Error>> {
    let config = ureq::Agent::config_builder().timeout_global(Some(MAX_FETCH_TIME));
    let agent: ureq::Agent = config.build().into();
    let get = |url: &str| -> Result<String, ureq::Error> {
        let mut response = agent.get(url).call()?;
        response
            .body_mut()
            .with_config()
            .limit(MAX_KEYS)
            .read_to_string()
    };
    let metadata = get(&format!("{issuer}/.well-known/oauth-authorization-server"))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    if metadata["issuer"] != issuer {
        return Err("the metadata has another issuer".into());
    }
    let uri = metadata["jwks_uri"]
        .as_str()
        .ok_or("the metadata has no `jwks_uri`")?;
    Ok(KeySet::from_json(&get(uri)?)?)
}

/// Extracts the verified bearer token of a request.
pub(crate) struct Bearer(Arc<Token<AccessTokenClaims>>);

impl FromRequestParts<Arc<Server>> for Bearer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Response> {
        let authorized = server.authorize(&parts.headers).await;
        authorized
            .map(Self)
            .map_err(|rejection| server.reject(&rejection))
    }
}

impl Bearer {
    fn needs(&self, scope: &str) -> Result<(), Rejection> {
        let scope: Scope = scope.parse().map_err(|_| Rejection::InvalidRequest)?;
        match scope.is_subset(&self.0.claims().scope) {
            true => Ok(()),
            false => Err(Rejection::InsufficientScope(scope)),
        }
    }

    /// Requires a sign-in within the last [`RECENTLY`] (RFC 9470).
    fn needs_recent_sign_in(&self, now: NumericDate) -> Result<(), Rejection> {
        match self.0.claims().auth_time {
            Some(at) if now <= at.saturating_add(RECENTLY) => Ok(()),
            _ => Err(Rejection::InsufficientAuthentication {
                acr_values: Vec::new(),
                max_age: Some(RECENTLY),
            }),
        }
    }
}

pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/orders", get(read).post(write).delete(clear))
        .route("/.well-known/oauth-protected-resource", get(metadata))
        .layer(middleware::from_fn(in_time))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(server)
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(MAX_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

async fn read(State(server): State<Arc<Server>>, token: Bearer) -> Response {
    match token.needs("orders:read") {
        Ok(()) => {
            let claims = token.0.claims();
            Json(json!({ "orders": ["a teapot"], "of": claims.subject })).into_response()
        }
        Err(rejection) => server.reject(&rejection),
    }
}

async fn write(State(server): State<Arc<Server>>, token: Bearer) -> Response {
    match token.needs("orders:write") {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(rejection) => server.reject(&rejection),
    }
}

async fn clear(State(server): State<Arc<Server>>, token: Bearer) -> Response {
    let allowed = token
        .needs("orders:write")
        .and_then(|()| token.needs_recent_sign_in(server.clock.now()));
    match allowed {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(rejection) => server.reject(&rejection),
    }
}

/// The metadata of the resource, which names its authorization server (RFC 9728).
async fn metadata(State(server): State<Arc<Server>>) -> Json<Value> {
    Json(json!({
        "resource": server.resource,
        "authorization_servers": [server.issuer],
        "scopes_supported": ["orders:read", "orders:write"],
        "bearer_methods_supported": ["header"],
    }))
}
