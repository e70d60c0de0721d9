//! Requests per second and latency of the servers: `cargo bench --bench servers -- [SECONDS]`.
//!
//! Servers and clients run in this process and share its cores. Redis is skipped if `redis-server` is
//! missing.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use jwt_ring::oauth::dpop::Prover;
use jwt_ring::{Algorithm, SigningKey};
use jwt_ring_oauth_examples::client::{Client, Tokens};
use jwt_ring_oauth_examples::resource_server::{self, Server, Settings};
use jwt_ring_oauth_examples::store;
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, USER, World};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

#[path = "../tests/support/directory.rs"]
mod directory;
#[path = "../tests/support/redis.rs"]
mod redis;

use directory::Directory;

/// Clients, each with a connection that it keeps.
const CLIENTS: usize = 16;
fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.find_map(|argument| argument.parse().ok());
    let time = Duration::from_secs(seconds.unwrap_or(5));
    println!("{CLIENTS} clients, {} s for each row", time.as_secs());
    println!("| store | request | per second | median | p99 |\n|---|---|---|---|---|");
    measure("SQLite", &Directory::new().sqlite(), time);
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
    let row = |what: &str, latencies: Vec<Duration>| {
        print_row(name, what, latencies, time);
        // Redis compares expirations with its own clock.
        world.clock.advance(time);
    };

    let refreshes = run(time, || {
        let client = world.client();
        let mut token = sign_in(&client).refresh;
        move || {
            let tokens = client.refresh(token.take().expect("a refresh token"));
            token = tokens.expect("tokens").refresh;
        }
    });
    row("refresh", refreshes);
    let get = |client: Client| {
        let (token, url) = (sign_in(&client).access, &orders.url);
        move || assert_eq!(client.call(url, &token).expect("an answer").0, 200)
    };
    row("orders, bearer token", run(time, || get(world.client())));
    let bound = run(time, || {
        let key = SigningKey::generate(Algorithm::ES256).expect("a key");
        let prover = Prover::new(key).expect("a key pair");
        get(world.client().dpop(prover.clock(world.clock.clone())))
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

fn sign_in(client: &Client) -> Tokens {
    let pending = client.authorize("orders:read").expect("a URL");
    let mut browser = Browser::default();
    let form = browser.open(&pending.url);
    let answer = browser.submit(&form, USER, PASSWORD, "allow");
    let callback = answer.location.expect("a redirect");
    let code = client.code(&pending, &callback).expect("a code");
    client.redeem(pending, code).expect("tokens")
}

/// Runs the requests of all clients, and returns their latencies.
fn run<F: FnMut() + Send>(time: Duration, client: impl Fn() -> F) -> Vec<Duration> {
    let clients: Vec<_> = (0..CLIENTS).map(|_| client()).collect();
    let end = Instant::now() + time;
    thread::scope(|scope| {
        let threads: Vec<_> = clients
            .into_iter()
            .map(|mut request| {
                scope.spawn(move || {
                    let mut latencies = Vec::new();
                    let mut start = Instant::now();
                    while start < end {
                        request();
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
