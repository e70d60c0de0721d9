//! A test environment in one process: both servers on local ports, a scripted browser over HTTP, and
//! a shared clock.

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

use crate::authorization_server::store::{self, Store};
use crate::client::{Client, http};
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
    /// Stops the servers when dropped.
    _runtime: Runtime,
}

/// The network in front of the authorization server: simulates outages and counts key fetches.
#[derive(Default)]
pub struct Network {
    pub is_down: AtomicBool,
    /// Delays responses with keys until it is unset.
    pub delays_keys: AtomicBool,
    pub key_fetches: AtomicUsize,
}

impl World {
    pub fn start() -> Self {
        Self::with_clients(&[])
    }

    /// Starts the servers with additional clients.
    pub fn with_clients(clients: &[store::Client]) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let bind = || {
            let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
            let listener = listener.expect("a port");
            let url = format!("http://{}", listener.local_addr().expect("an address"));
            (listener, url)
        };
        let ((issuer_listener, issuer), (resource_listener, resource)) = (bind(), bind());
        let clock = FixedClock::at(SystemClock.now());

        let mut store = Store::default();
        store.add_user(USER, PASSWORD);
        let scope = "orders:read orders:write";
        store.add_client(store::Client::new(
            "shop",
            "The Web Shop",
            Some(SECRET),
            REDIRECT_URI,
            scope,
        ));
        clients
            .iter()
            .for_each(|client| store.add_client(client.clone()));
        let server = authorization_server::Server::new(&issuer, &[&resource], store);
        let authorization_server = Arc::new(server.with_clock(clock.clone()));
        let network = Arc::new(Network::default());
        let router = authorization_server::router(Arc::clone(&authorization_server));
        let state = Arc::clone(&network);
        let router = router.layer(middleware::from_fn_with_state(state, pass));
        runtime.spawn(serve(issuer_listener, router));

        let server = resource_server::Server::new(&issuer, &resource).with_clock(clock.clone());
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
            _runtime: runtime,
        }
    }

    pub fn client(&self) -> Client {
        Client::new(&self.issuer, "shop", SECRET, REDIRECT_URI).expect("a client")
    }

    pub fn orders(&self) -> String {
        format!("{}/orders", self.resource)
    }
}

async fn serve(listener: TcpListener, router: Router) {
    axum::serve(listener, router)
        .await
        .expect("the server runs until it is dropped");
}

async fn pass(State(network): State<Arc<Network>>, request: Request, next: Next) -> Response {
    if network.is_down.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    if request.uri().path() == "/jwks.json" {
        network.key_fetches.fetch_add(1, Ordering::SeqCst);
        while network.delays_keys.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    next.run(request).await
}

/// A scripted browser with one cookie.
#[derive(Clone, Default)]
pub struct Browser {
    cookie: Option<String>,
}

/// A response to the browser.
pub struct Page {
    pub status: u16,
    /// The redirect target.
    pub location: Option<Url>,
    pub html: String,
    url: Url,
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

    pub fn post(&mut self, page: &Url, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let url = page.join("/authorize").expect("a URL");
        self.send("POST", &url, body)
    }

    fn send(&mut self, method: &str, url: &Url, body: String) -> Page {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .header("Content-Type", "application/x-www-form-urlencoded");
        if let Some(cookie) = &self.cookie {
            request = request.header("Cookie", cookie);
        }
        let request = request.body(body.into_bytes()).expect("a request");
        let response: HttpResponse = http(request).expect("an answer");
        let header = |name| response.headers().get(name)?.to_str().ok();
        if let Some(cookie) = header("Set-Cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        Page {
            status: response.status().as_u16(),
            location: header("Location").and_then(|location| url.join(location).ok()),
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
