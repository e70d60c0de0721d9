//! Issuers that serve what a test gives them, and the resource server.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jwt_ring::oauth::access_token::{AccessTokenClaims, Signer};
use jwt_ring::{Algorithm, Clock, FixedClock, KeySet, SigningKey, SystemClock};
use jwt_ring_oauth_examples::http::{Agent, Options};
use jwt_ring_oauth_examples::resource_server::{Server, Settings, router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use ureq::http;

use crate::logs;

pub(crate) const METADATA: &str = "/.well-known/oauth-authorization-server";
const KEYS: &str = "/jwks.json";

/// A runtime and a clock for the servers of one test.
pub(crate) struct Scene {
    pub(crate) runtime: Runtime,
    pub(crate) clock: FixedClock,
}

impl Scene {
    pub(crate) fn new() -> Self {
        // Before any server starts, so that each request has its span.
        logs::record();
        let runtime = Runtime::new().expect("a runtime");
        let clock = FixedClock::at(SystemClock.now());
        Self { runtime, clock }
    }

    fn bind(&self) -> (TcpListener, String) {
        let listener = self.runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        (listener, url)
    }

    /// Starts a server of documents, of which there are none yet.
    pub(crate) fn web(&self) -> (String, Arc<Web>) {
        let (listener, url) = self.bind();
        let web = Arc::new(Web::default());
        let served = axum::serve(listener, documents(&web)).into_future();
        self.runtime.spawn(served);
        (url, web)
    }

    /// Starts an issuer with metadata and keys.
    pub(crate) fn issuer(&self) -> Issuer {
        let (url, web) = self.web();
        let issuer = Issuer::new(&url, web, self.clock.clone());
        issuer.publish(&url);
        issuer
    }

    /// Starts a resource server. Its URL is the audience unless a flag sets another.
    pub(crate) fn api(&self, flags: &[&str]) -> Api {
        self.api_at("", flags)
    }

    /// Starts a resource server whose URL has a path.
    pub(crate) fn api_at(&self, path: &str, flags: &[&str]) -> Api {
        let (listener, url) = self.bind();
        self.serve(listener, &format!("{url}{path}"), flags)
    }

    /// Starts a resource server with the URL of another one.
    pub(crate) fn replica(&self, api: &Api, flags: &[&str]) -> Api {
        let (listener, url) = self.bind();
        Api {
            address: url,
            ..self.serve(listener, &api.url, flags)
        }
    }

    fn serve(&self, listener: TcpListener, url: &str, flags: &[&str]) -> Api {
        let settings = Settings::parse(flags).expect("settings");
        let server = Server::new(url, settings, self.clock.clone()).expect("a server");
        let served = axum::serve(listener, router(Arc::new(server))).into_future();
        self.runtime.spawn(served);
        Api {
            url: url.into(),
            address: url.into(),
        }
    }
}

/// What a server answers, and which paths were requested.
#[derive(Default)]
pub(crate) struct Web {
    documents: Mutex<HashMap<String, (u16, String)>>,
    requests: Mutex<Vec<String>>,
    /// Answers with the status 502.
    pub(crate) is_down: AtomicBool,
    /// Delays the responses until it is unset.
    pub(crate) is_held: AtomicBool,
    /// Delays each response by this time, in milliseconds.
    pub(crate) delay: AtomicU64,
}

impl Web {
    /// Sets the answer at a path. With the status 302, the text is the target.
    pub(crate) fn set(&self, path: &str, status: u16, text: impl Into<String>) {
        let mut documents = self.documents.lock().expect("no panic");
        documents.insert(path.into(), (status, text.into()));
    }

    /// Returns the paths that were requested since the last call.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().expect("no panic"))
    }

    pub(crate) fn count(&self) -> usize {
        self.requests.lock().expect("no panic").len()
    }

    pub(crate) fn go_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    pub(crate) fn hold(&self, is_held: bool) {
        self.is_held.store(is_held, Ordering::SeqCst);
    }
}

pub(crate) fn documents(web: &Arc<Web>) -> Router {
    Router::new().fallback(document).with_state(Arc::clone(web))
}

async fn document(State(web): State<Arc<Web>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    web.requests.lock().expect("no panic").push(path.clone());
    tokio::time::sleep(Duration::from_millis(web.delay.load(Ordering::SeqCst))).await;
    while web.is_held.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    if web.is_down.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let found = web.documents.lock().expect("no panic").get(&path).cloned();
    match found {
        None => StatusCode::NOT_FOUND.into_response(),
        Some((302, target)) => (StatusCode::FOUND, [("location", target)]).into_response(),
        Some((status, text)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, text).into_response()
        }
    }
}

/// An issuer with one key, whose ID is `k1`.
pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) web: Arc<Web>,
    pub(crate) key: Arc<SigningKey>,
    clock: FixedClock,
}

impl Issuer {
    pub(crate) fn new(url: &str, web: Arc<Web>, clock: FixedClock) -> Self {
        let key = SigningKey::generate(Algorithm::ES256).expect("a key");
        Self {
            url: url.into(),
            web,
            key: Arc::new(key.with_id("k1")),
            clock,
        }
    }

    /// Publishes metadata and keys, at addresses below `base`.
    pub(crate) fn publish(&self, base: &str) {
        let metadata = metadata(&self.url, &format!("{base}{KEYS}"));
        self.web.set(METADATA, 200, metadata);
        let keys = KeySet::from_iter([self.key.verifying_key()]);
        let keys = serde_json::to_string(&keys).expect("JSON");
        self.web.set(KEYS, 200, keys);
    }

    pub(crate) fn set_keys(&self, status: u16, text: &str) {
        self.web.set(KEYS, status, text);
    }

    /// The address of the keys, for issuers that are not at the URL which they have in tokens.
    pub(crate) fn keys(&self) -> String {
        format!("{}{KEYS}", self.url)
    }

    pub(crate) fn claims(&self, audience: &str) -> AccessTokenClaims {
        let signer = Signer::new(Arc::clone(&self.key), &*self.url).clock(self.clock.clone());
        let claims = signer.claims("alice", audience, "shop").expect("claims");
        claims.scope("orders:read".parse().expect("a scope"))
    }

    /// Makes a valid token for `orders:read`.
    pub(crate) fn token(&self, audience: &str) -> String {
        self.sign(&self.claims(audience))
    }

    pub(crate) fn sign(&self, claims: &AccessTokenClaims) -> String {
        let signer = Signer::new(Arc::clone(&self.key), &*self.url);
        signer.sign(claims).expect("a token")
    }

    /// Signs any claims, with any `typ`.
    pub(crate) fn sign_value(&self, typ: &str, claims: &Value) -> String {
        let signer = jwt_ring::Signer::new(Arc::clone(&self.key)).typ(typ);
        signer.sign(claims).expect("a token")
    }
}

pub(crate) fn metadata(issuer: &str, jwks_uri: &str) -> String {
    json!({ "issuer": issuer, "jwks_uri": jwks_uri }).to_string()
}

/// A resource server.
pub(crate) struct Api {
    pub(crate) url: String,
    /// Where it listens.
    address: String,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Api {
    pub(crate) fn orders(&self) -> String {
        format!("{}/orders", self.url)
    }

    pub(crate) fn send(&self, method: &str, url: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Vec::new()).expect("a request");
        let (head, body) = agent().send(request).expect("an answer").into_parts();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(body).expect("text"),
        }
    }

    pub(crate) fn get(&self, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", &format!("{}/orders", self.address), headers)
    }

    /// Gets the orders with a bearer token.
    pub(crate) fn bearer(&self, token: &str) -> Answer {
        self.get(&[("Authorization", &format!("Bearer {token}"))])
    }

    pub(crate) fn status(&self, token: &str) -> u16 {
        self.bearer(token).status
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn challenges(&self) -> Vec<&str> {
        let values = self.headers.get_all("WWW-Authenticate");
        let values = values.iter().map(|value| value.to_str().expect("text"));
        values.collect()
    }

    /// The error in the challenge of a scheme. Empty if there is none.
    pub(crate) fn error(&self, scheme: &str) -> &str {
        let mut challenges = self.challenges().into_iter();
        let challenge = challenges.find(|one| one.starts_with(scheme));
        let rest = challenge.and_then(|one| one.split(" error=\"").nth(1));
        rest.and_then(|rest| rest.split('"').next())
            .unwrap_or_default()
    }
}

pub(crate) fn options() -> Options {
    Options {
        ca_file: None,
        fetch_timeout: Duration::from_secs(5),
        max_response: 256 * 1024,
    }
}

pub(crate) fn agent() -> Agent {
    Agent::new(&options()).expect("an agent")
}
