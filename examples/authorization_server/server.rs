//! The authorization server: what comes in over HTTP, what goes out, and in between the store.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Form, Query, Request as HttpRequest, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, LOCATION,
    REFERRER_POLICY, SET_COOKIE, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jwt_ring::access_token::{AccessToken, Minter, Scope};
use jwt_ring::key_ring::KeyRing;
use jwt_ring::{Algorithm, Clock, NumericDate, SigningKey, SystemClock};
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded;

use crate::page;
use crate::store::{self, Client, Grant, Refused, Request, Store};

/// How long an access token lives.
const TOKEN_LIFETIME: Duration = Duration::from_secs(300);
/// How long a key is published before it signs: longer than verifiers keep the set.
const PUBLISH_AHEAD: Duration = Duration::from_secs(900);
/// What a request may weigh, and how long it may take.
const MAX_BODY: usize = 16 * 1024;
const MAX_TIME: Duration = Duration::from_secs(10);
/// The cookie by which the form knows the browser that it was sent to.
const BROWSER: &str = "browser";

/// The parameters of a request, as they came.
type Pairs = Vec<(String, String)>;

pub(crate) struct Server {
    issuer: String,
    /// The audiences that tokens can be had for; the first is the one that is meant if none is named.
    resources: Vec<String>,
    clock: Arc<dyn Clock>,
    ring: Mutex<KeyRing>,
    store: Mutex<Store>,
}

impl Server {
    pub(crate) fn new(issuer: &str, resources: &[&str], store: Store) -> Self {
        Self {
            issuer: issuer.into(),
            resources: resources.iter().map(ToString::to_string).collect(),
            clock: Arc::new(SystemClock),
            ring: KeyRing::new(new_key(), PUBLISH_AHEAD, TOKEN_LIFETIME)
                .expect("a public key")
                .into(),
            store: store.into(),
        }
    }

    #[allow(
        dead_code,
        reason = "for tests, and for the flow that prints its arrows"
    )]
    pub(crate) fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Adds the key that signs next.
    #[allow(dead_code, reason = "the flow is over before a month is")]
    pub(crate) fn rotate(&self) {
        lock(&self.ring)
            .add(new_key(), self.clock.now())
            .expect("a public key");
    }

    fn now(&self) -> NumericDate {
        self.clock.now()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    fn mint(&self, grant: &Grant) -> String {
        let key = Arc::clone(lock(&self.ring).active(self.now()));
        let minter = Minter::new(key, &*self.issuer)
            .lifetime(TOKEN_LIFETIME)
            .clock(Arc::clone(&self.clock));
        let mut custom = AccessToken::new(&*grant.client_id).scope(grant.scope.clone());
        custom.auth_time = Some(grant.auth_time);
        let claims = minter.claims().expect("random bytes");
        let claims = claims
            .subject(&*grant.user)
            .audience(&*grant.resource)
            .custom(custom);
        minter.sign(&claims).expect("random bytes")
    }
}

fn new_key() -> SigningKey {
    SigningKey::generate(Algorithm::ES256).expect("random bytes")
}

/// What a thread that panicked left is whole: every change here is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn router(server: Arc<Server>) -> Router {
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

/// A parameter. One that comes twice is an error (RFC 6749 §3.1), one that is empty is not there.
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

/// (A) of figure 3: the browser brings a client's request, and gets the form.
async fn authorize(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    Query(pairs): Query<Pairs>,
) -> Response {
    let Some((client, redirect_uri)) = client_of(&server, &pairs) else {
        // To redirect now would be to send the user wherever a stranger says.
        return refused_page(
            "The application that sent you here is not known, or it asked to send you somewhere else than it registered.",
        );
    };
    let request = match check_request(&server, &client, redirect_uri, &pairs) {
        Ok(request) => request,
        Err(error) => {
            let state = one(&pairs, "state").ok().flatten();
            return redirect(&server, redirect_uri, state, &[("error", error)]);
        }
    };
    let known = browser(&headers);
    let cookie = known.map_or_else(store::random, str::to_owned);
    let opened = server
        .store()
        .open_page(request.clone(), &cookie, server.now());
    let Some(ticket) = opened else {
        let error = [("error", "temporarily_unavailable")];
        return redirect(&server, redirect_uri, request.state.as_deref(), &error);
    };
    let mut response = form(&client, &request, &ticket, "", None);
    if known.is_none() {
        let cookie = format!("{BROWSER}={cookie}; HttpOnly; SameSite=Lax; Path=/authorize");
        if let Ok(cookie) = cookie.parse() {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
    }
    response
}

/// The client, and the redirect URI if it is one of its own (RFC 6749 §3.1.2.3).
fn client_of<'a>(server: &Server, pairs: &'a Pairs) -> Option<(Client, &'a str)> {
    let redirect_uri = one(pairs, "redirect_uri").ok()??;
    let client = server
        .store()
        .client(one(pairs, "client_id").ok()??)?
        .clone();
    let is_registered = client.redirect_uris.iter().any(|uri| uri == redirect_uri);
    is_registered.then_some((client, redirect_uri))
}

/// Checks everything else, and names the error (RFC 6749 §4.1.2.1, RFC 7636 §4.4.1, RFC 8707 §2).
fn check_request(
    server: &Server,
    client: &Client,
    redirect_uri: &str,
    pairs: &Pairs,
) -> Result<Request, &'static str> {
    let state = one(pairs, "state")?;
    if one(pairs, "response_type")?.ok_or("invalid_request")? != "code" {
        return Err("unsupported_response_type");
    }
    let challenge = one(pairs, "code_challenge")?.ok_or("invalid_request")?;
    let is_digest = challenge.len() == 43 && challenge.bytes().all(is_base64url);
    if one(pairs, "code_challenge_method")? != Some("S256") || !is_digest {
        return Err("invalid_request");
    }
    let scope = match one(pairs, "scope")? {
        None => client.scope.clone(),
        Some(scope) => scope.parse().map_err(|_| "invalid_scope")?,
    };
    if !scope.is_subset(&client.scope) {
        return Err("invalid_scope");
    }
    let resource = match one(pairs, "resource")? {
        None => server.resources.first(),
        Some(resource) => server.resources.iter().find(|one| *one == resource),
    };
    Ok(Request {
        client_id: client.id.clone(),
        redirect_uri: redirect_uri.into(),
        state: state.map(str::to_owned),
        scope,
        resource: resource.ok_or("invalid_target")?.clone(),
        challenge: challenge.into(),
    })
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// (B) and (C) of figure 3: the user signed in and decided, and the browser takes the code along.
async fn decide(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Response {
    let field = |name| one(&pairs, name).ok().flatten().unwrap_or_default();
    let (ticket, user, now) = (field("ticket"), field("user"), server.now());
    let cookie = browser(&headers).unwrap_or_default();
    let Some(request) = server.store().page(ticket, cookie, now).cloned() else {
        return refused_page(
            "This page is too old, or was not meant for this browser. Go back to the application and start again.",
        );
    };
    let answer = |pairs: &[(&str, &str)]| {
        server.store().close_page(ticket);
        redirect(
            &server,
            &request.redirect_uri,
            request.state.as_deref(),
            pairs,
        )
    };
    if field("decision") != "allow" {
        return answer(&[("error", "access_denied")]);
    }
    if !server.store().sign_in(ticket, user, field("password")) {
        let client = server.store().client(&request.client_id).cloned();
        return match client {
            Some(client) => form(
                &client,
                &request,
                ticket,
                user,
                Some("That name and password do not go together."),
            ),
            None => answer(&[("error", "unauthorized_client")]),
        };
    }
    let code = server.store().make_code(request.clone(), user, now);
    match code {
        Some(code) => answer(&[("code", &code)]),
        None => answer(&[("error", "temporarily_unavailable")]),
    }
}

fn browser(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(|value| value.split("; "));
    cookies.find_map(|cookie| cookie.strip_prefix(BROWSER)?.strip_prefix('='))
}

fn form(
    client: &Client,
    request: &Request,
    ticket: &str,
    user: &str,
    problem: Option<&str>,
) -> Response {
    let form = page::Form {
        client: &client.name,
        scope: &request.scope,
        resource: &request.resource,
        ticket,
        user,
        problem,
    };
    // Browsers hold the redirect that follows the form to `form-action`, too.
    let target = match Url::parse(&request.redirect_uri) {
        Ok(uri) if uri.origin().is_tuple() => uri.origin().ascii_serialization(),
        Ok(uri) => format!("{}:", uri.scheme()),
        Err(_) => String::new(),
    };
    html(StatusCode::OK, form.html(), &target)
}

fn refused_page(problem: &str) -> Response {
    html(StatusCode::BAD_REQUEST, page::problem(problem), "")
}

fn html(status: StatusCode, html: String, form_target: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {form_target}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let headers: [(HeaderName, &str); 4] = [
        (CONTENT_SECURITY_POLICY, &policy),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html)).into_response()
}

/// Sends the browser back to the client, with `state` as it came and `iss` so that the client knows
/// whom the answer is from (RFC 9207). 303, so that the form is not sent along.
fn redirect(server: &Server, uri: &str, state: Option<&str>, pairs: &[(&str, &str)]) -> Response {
    let Ok(mut uri) = Url::parse(uri) else {
        return refused_page("The application registered a link that is none.");
    };
    uri.query_pairs_mut()
        .extend_pairs(pairs)
        .extend_pairs(state.map(|state| ("state", state)))
        .append_pair("iss", &server.issuer);
    let headers = [(LOCATION, uri.as_str()), (CACHE_CONTROL, "no-store")];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// (D) and (E) of figure 3, (A), (B), (G) and (H) of figure 2: tokens for a code or a refresh token.
async fn token(
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
                "access_token": server.mint(&grant),
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
    let (mut store, now) = (server.store(), server.now());
    let exchanged = match required("grant_type")? {
        "authorization_code" => {
            let (code, redirect_uri) = (required("code")?, required("redirect_uri")?);
            store.redeem(
                code,
                &client.id,
                redirect_uri,
                required("code_verifier")?,
                now,
            )
        }
        "refresh_token" => {
            let scope = one(pairs, "scope")?.map(str::parse::<Scope>).transpose();
            let scope = scope.map_err(|_| "invalid_scope")?;
            store.refresh(required("refresh_token")?, &client.id, scope, now)
        }
        _ => return Err("unsupported_grant_type"),
    };
    exchanged.map_err(|refused| match refused {
        Refused::Grant => "invalid_grant",
        Refused::Scope => "invalid_scope",
    })
}

/// Finds out which client asks (RFC 6749 §2.3.1): by Basic, or by parameters, and not by both.
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

/// The id and the secret, which are form-encoded before they are joined.
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

/// The refresh token dies, and with it all that came of its grant (RFC 7009). A token that is
/// unknown is as good as revoked.
async fn revoke(
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

fn no_store(status: StatusCode, body: Value) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// The keys with which everybody can verify.
async fn jwks(State(server): State<Arc<Server>>) -> Response {
    let keys = lock(&server.ring).published(server.now());
    let headers = [
        (CONTENT_TYPE, "application/jwk-set+json"),
        (CACHE_CONTROL, "max-age=300"),
    ];
    match serde_json::to_string(&keys) {
        Ok(json) => (headers, json).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Where everything is (RFC 8414).
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
