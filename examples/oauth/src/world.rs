//! A test environment in one process: both servers on local ports, a scripted browser over HTTP, and
//! a shared clock.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use jwt_ring::{Clock, FixedClock, SystemClock};
use oauth2::HttpResponse;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use url::Url;

use serde_json::{Value, json};

use crate::authorization_server::{Clients, Config, Users};
use crate::client::{Client, http};
use crate::store::{self, Store};
use crate::{authorization_server, resource_server};

pub const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";
pub const SECRET: &str = "s3cr:et%/+ 비밀";
pub const USER: &str = "alice";
pub const PASSWORD: &str = "wonderland";

pub struct World {
    pub issuer: String,
    pub resource: String,
    pub clock: FixedClock,
    pub authorization_server: Arc<authorization_server::Server>,
    pub network: Arc<Network>,
    /// For replicas.
    config: Config,
    clients: Vec<authorization_server::Client>,
    store: Arc<dyn Store>,
    /// Stops the servers when dropped.
    runtime: Runtime,
}

/// The network in front of the authorization server: simulates outages and counts key fetches.
#[derive(Default)]
pub struct Network {
    pub is_down: AtomicBool,
    /// Delays responses with keys until it is unset.
    pub delays_keys: AtomicBool,
    pub key_fetches: AtomicUsize,
    /// Drops the responses of the server.
    pub loses_answers: AtomicBool,
}

impl World {
    pub fn start() -> Self {
        Self::with_clients(&[])
    }

    /// Starts the servers with additional clients.
    pub fn with_clients(clients: &[authorization_server::Client]) -> Self {
        Self::with(clients, |_| {})
    }

    /// Starts the servers with additional clients and another configuration.
    pub fn with(
        clients: &[authorization_server::Client],
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        Self::on(store::open("memory").expect("a store"), clients, configure)
    }

    /// Starts the servers on a store.
    pub fn on(
        store: Arc<dyn Store>,
        clients: &[authorization_server::Client],
        configure: impl FnOnce(&mut Config),
    ) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let ((issuer_listener, issuer), (resource_listener, resource)) =
            (bind(&runtime), bind(&runtime));
        let clock = FixedClock::at(SystemClock.now());

        let mut config = Config::new(issuer, [resource.clone()]);
        config.clock = Arc::new(clock.clone());
        configure(&mut config);
        let issuer = config.issuer.clone();
        let authorization_server =
            authorization_server(config.clone(), clients, &[USER], Arc::clone(&store));
        let network = Arc::new(Network::default());
        let router = authorization_server::router(Arc::clone(&authorization_server));
        let state = Arc::clone(&network);
        let router = router.layer(middleware::from_fn_with_state(state, pass));
        runtime.spawn(serve(issuer_listener, router));

        let settings = resource_server::Settings::parse(&["--issuer", &issuer]).expect("settings");
        let server = resource_server::Server::new(&resource, settings, clock.clone());
        let server = server.expect("a server");
        runtime.spawn(serve(
            resource_listener,
            resource_server::router(Arc::new(server)),
        ));
        Self {
            issuer,
            resource,
            clock,
            authorization_server,
            network,
            config,
            clients: clients.to_vec(),
            store,
            runtime,
        }
    }

    /// Starts another authorization server of the issuer on the same store, and returns its URL.
    pub fn replica(&self) -> String {
        self.replica_with(&self.clients, &[USER], |_| {})
    }

    /// Starts another authorization server whose clients, users and configuration have changed.
    pub fn replica_with(
        &self,
        clients: &[authorization_server::Client],
        users: &[&str],
        configure: impl FnOnce(&mut Config),
    ) -> String {
        let (listener, url) = bind(&self.runtime);
        let mut config = self.config.clone();
        configure(&mut config);
        let store = Arc::clone(&self.store);
        let server = authorization_server(config, clients, users, store);
        let router = authorization_server::router(server);
        self.runtime.spawn(serve(listener, router));
        url
    }

    pub fn client(&self) -> Client {
        Client::new(&self.issuer, "shop", SECRET, REDIRECT_URI).expect("a client")
    }

    pub fn orders(&self) -> String {
        format!("{}/orders", self.resource)
    }
}

/// Registers a client with a secret, `s`, and the usual redirect URI. `changes` replaces members; those
/// that are `null` are removed.
pub fn registered(client_id: &str, changes: Value) -> authorization_server::Client {
    let mut registration = json!({
        "client_id": client_id,
        "client_secret": "s",
        "redirect_uris": [REDIRECT_URI],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid orders:read orders:write",
    });
    if let (Some(registration), Value::Object(changes)) = (registration.as_object_mut(), changes) {
        registration.extend(changes);
        registration.retain(|_, value| !value.is_null());
    }
    serde_json::from_value(registration).expect("a client")
}

fn bind(runtime: &Runtime) -> (TcpListener, String) {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

fn authorization_server(
    config: Config,
    clients: &[authorization_server::Client],
    users: &[&str],
    store: Arc<dyn Store>,
) -> Arc<authorization_server::Server> {
    let shop = json!({ "client_secret": SECRET, "client_name": "The Web Shop" });
    let mut registry = Clients::default();
    for client in [registered("shop", shop)].iter().chain(clients) {
        registry.add(client.clone()).expect("another client");
    }
    let mut registered = Users::default();
    for user in users {
        registered.add(user, PASSWORD);
    }
    let server = authorization_server::Server::new(config, registry, registered, store);
    Arc::new(server.expect("a server"))
}

async fn serve(listener: TcpListener, router: Router) {
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, router)
        .await
        .expect("the server runs until it is dropped");
}

async fn pass(State(network): State<Arc<Network>>, request: Request, next: Next) -> Response {
    if network.is_down.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    if request.uri().path().ends_with("/jwks.json") {
        network.key_fetches.fetch_add(1, Ordering::SeqCst);
        while network.delays_keys.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let response = next.run(request).await;
    match network.loses_answers.load(Ordering::SeqCst) {
        true => StatusCode::BAD_GATEWAY.into_response(),
        false => response,
    }
}

/// A scripted browser.
#[derive(Clone, Default)]
pub struct Browser {
    /// The cookies, which are sent to all paths.
    pub cookies: BTreeMap<String, String>,
    /// Sent as `X-Forwarded-For`.
    pub address: Option<String>,
}

/// A response to the browser.
pub struct Page {
    pub status: u16,
    /// The redirect target.
    pub location: Option<Url>,
    pub html: String,
    pub retry_after: Option<String>,
    pub url: Url,
}

impl Browser {
    pub fn open(&mut self, url: &Url) -> Page {
        self.send("GET", url, String::new())
    }

    /// Submits the form of a page.
    pub fn submit(&mut self, page: &Page, user: &str, password: &str, decision: &str) -> Page {
        let ticket = page.ticket().to_owned();
        let fields = [
            ("ticket", &*ticket),
            ("user", user),
            ("password", password),
            ("decision", decision),
        ];
        self.post(&page.url, &fields)
    }

    /// Submits the form of the page at this URL, and follows a redirect back to the form.
    pub fn post(&mut self, page: &Url, fields: &[(&str, &str)]) -> Page {
        let answer = self.post_only(page, fields);
        match &answer.location {
            Some(location) if location.origin() == page.origin() => self.open(location),
            _ => answer,
        }
    }

    pub fn post_only(&mut self, page: &Url, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let path = format!("{}/decision", page.path().trim_end_matches("/decision"));
        let url = page.join(&path).expect("a URL");
        self.send("POST", &url, body)
    }

    fn keep(&mut self, cookie: &str) {
        let (name, value) = cookie.split_once('=').expect("a cookie");
        let (value, attributes) = value.split_once(';').unwrap_or((value, ""));
        match attributes.contains("Max-Age=0;") {
            true => self.cookies.remove(name),
            false => self.cookies.insert(name.to_owned(), value.to_owned()),
        };
    }

    fn send(&mut self, method: &str, url: &Url, body: String) -> Page {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .header("Content-Type", "application/x-www-form-urlencoded");
        if let Some(address) = &self.address {
            request = request.header("X-Forwarded-For", address);
        }
        for (name, value) in &self.cookies {
            request = request.header("Cookie", format!("{name}={value}"));
        }
        let request = request.body(body.into_bytes()).expect("a request");
        let response: HttpResponse = http(request).expect("an answer");
        let header = |name| response.headers().get(name)?.to_str().ok();
        for cookie in response.headers().get_all("Set-Cookie") {
            self.keep(cookie.to_str().expect("text"));
        }
        Page {
            status: response.status().as_u16(),
            location: header("Location").and_then(|location| url.join(location).ok()),
            retry_after: header("Retry-After").map(str::to_owned),
            html: String::from_utf8_lossy(response.body()).into_owned(),
            url: url.clone(),
        }
    }
}

impl Page {
    /// Returns the ticket in the form. Empty if there is no form.
    pub fn ticket(&self) -> &str {
        let rest = self.html.split("name=\"ticket\" value=\"").nth(1);
        rest.and_then(|rest| rest.split('"').next())
            .unwrap_or_default()
    }
}
