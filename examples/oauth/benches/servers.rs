//! Requests per second and latency of the servers: `cargo bench --bench servers -- [SECONDS]`.
//!
//! Servers and clients run in this process and share its cores. Redis is skipped if `redis-server` is
//! missing.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use jwt_ring::oauth::dpop::Prover;
use jwt_ring::{Algorithm, SigningKey};
use jwt_ring_oauth_examples::resource_server::{self, Server, Settings};
use jwt_ring_oauth_examples::store;
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, REDIRECT_URI, SECRET, USER, World};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use url::Url;
use url::form_urlencoded::Serializer;

#[path = "../tests/support/redis.rs"]
mod redis;

/// Clients, each with a connection that it keeps.
const CLIENTS: usize = 16;
/// The PKCE verifier and challenge of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.find_map(|argument| argument.parse().ok());
    let time = Duration::from_secs(seconds.unwrap_or(5));
    println!("{CLIENTS} clients, {} s for each row", time.as_secs());
    println!("| store | request | per second | median | p99 |\n|---|---|---|---|---|");
    let directory = std::env::temp_dir().join(format!("jwt-ring-bench-{}", std::process::id()));
    std::fs::create_dir(&directory).expect("a directory");
    let path = directory.join("store.db");
    measure("SQLite", &format!("sqlite:{}", path.display()), time);
    std::fs::remove_dir_all(&directory).expect("the directory");
    if let Some(redis) = redis::Server::start() {
        measure("Redis", &redis.address, time);
    }
}

fn measure(name: &str, address: &str, time: Duration) {
    let orders = Orders::bind();
    let store = store::open(address).expect("a store");
    let world = World::on(store, &[], |config| {
        config.resources = vec![orders.resource.clone()];
    });
    let orders = orders.serve(address, &world);
    let row = |what: &str, latencies: Vec<Duration>| print_row(name, what, latencies, time);

    let refreshes = run(time, || {
        let mut token = tokens(&world, None).1;
        let world = &world;
        move |agent: &ureq::Agent| {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", &token)];
            token = request(world, agent, &fields, None).1;
        }
    });
    row("refresh", refreshes);
    let get = |agent: &ureq::Agent, headers: &[(&str, &str)]| {
        let request = agent.get(&orders.url);
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        assert_eq!(request.call().expect("an answer").status(), 200);
    };
    let bearer = run(time, || {
        let authorization = format!("Bearer {}", tokens(&world, None).0);
        move |agent: &ureq::Agent| get(agent, &[("Authorization", &authorization)])
    });
    row("orders, bearer token", bearer);
    let bound = run(time, || {
        let key = SigningKey::generate(Algorithm::ES256).expect("a key");
        let prover = Prover::new(key)
            .expect("a key pair")
            .clock(world.clock.clone());
        let token = tokens(&world, Some(&prover)).0;
        let (authorization, url) = (format!("DPoP {token}"), &orders.url);
        move |agent: &ureq::Agent| {
            let proof = prover.proof("GET", url, Some(&token), None);
            let proof = proof.expect("a proof");
            get(
                agent,
                &[("Authorization", &authorization), ("DPoP", &proof)],
            );
        }
    });
    row("orders, DPoP", bound);
}

/// A resource server that keeps the use of proofs in the store.
struct Orders {
    runtime: Runtime,
    listener: Option<TcpListener>,
    resource: String,
    url: String,
}

impl Orders {
    fn bind() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a port");
        let resource = format!("http://{}", listener.local_addr().expect("an address"));
        Self {
            runtime,
            listener: Some(listener),
            url: format!("{resource}/orders"),
            resource,
        }
    }

    fn serve(mut self, store: &str, world: &World) -> Self {
        let settings = Settings::parse(&["--issuer", &world.issuer, "--store", store]);
        let settings = settings.expect("settings");
        let server = Server::new(&self.resource, settings, world.clock.clone());
        let router = resource_server::router(Arc::new(server.expect("a server")));
        let listener = self.listener.take().expect("it serves once");
        self.runtime
            .spawn(async { axum::serve(listener, router).await });
        self
    }
}

/// Signs in and returns an access token and a refresh token.
fn tokens(world: &World, prover: Option<&Prover>) -> (String, String) {
    let query = encode(&[
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "orders:read"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let url = Url::parse(&format!("{}/authorize?{query}", world.issuer)).expect("a URL");
    let mut browser = Browser::default();
    let form = browser.open(&url);
    let answer = browser.submit(&form, USER, PASSWORD, "allow");
    let callback = answer.location.expect("a redirect");
    let mut pairs = callback.query_pairs();
    let (_, code) = pairs.find(|(name, _)| name == "code").expect("a code");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    request(world, &agent(), &fields, prover)
}

/// Sends a token request and returns the access token and the refresh token.
fn request(
    world: &World,
    agent: &ureq::Agent,
    fields: &[(&str, &str)],
    prover: Option<&Prover>,
) -> (String, String) {
    let url = format!("{}/token", world.issuer);
    let credentials = [("client_id", "shop"), ("client_secret", SECRET)];
    let mut request = agent
        .post(&url)
        .content_type("application/x-www-form-urlencoded");
    if let Some(prover) = prover {
        let proof = prover.proof("POST", &url, None, None);
        request = request.header("DPoP", proof.expect("a proof"));
    }
    let answer = request.send(encode(&[fields, &credentials].concat()));
    let mut answer = answer.expect("an answer");
    let body: Value = serde_json::from_reader(answer.body_mut().as_reader()).expect("JSON");
    let text = |name: &str| body[name].as_str().expect("a token").to_owned();
    (text("access_token"), text("refresh_token"))
}

fn encode(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().build().into()
}

/// Runs the requests of all clients, and returns their latencies.
fn run<F: FnMut(&ureq::Agent) + Send>(time: Duration, client: impl Fn() -> F) -> Vec<Duration> {
    let clients: Vec<_> = (0..CLIENTS).map(|_| client()).collect();
    let end = Instant::now() + time;
    thread::scope(|scope| {
        let threads: Vec<_> = clients
            .into_iter()
            .map(|mut request| {
                scope.spawn(move || {
                    let (agent, mut latencies) = (agent(), Vec::new());
                    let mut start = Instant::now();
                    while start < end {
                        request(&agent);
                        let now = Instant::now();
                        latencies.push(now - start);
                        start = now;
                    }
                    latencies
                })
            })
            .collect();
        let latencies = threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"));
        latencies.collect()
    })
}

fn print_row(store: &str, what: &str, mut latencies: Vec<Duration>, time: Duration) {
    latencies.sort_unstable();
    let at = |share: usize| latencies[latencies.len() * share / 100].as_secs_f64() * 1e3;
    let per_second = latencies.len() / usize::try_from(time.as_secs().max(1)).expect("a time");
    println!(
        "| {store} | {what} | {per_second} | {:.1} ms | {:.1} ms |",
        at(50),
        at(99)
    );
}
