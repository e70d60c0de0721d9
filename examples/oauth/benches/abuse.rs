//! The authorization server under abuse: `cargo bench --bench abuse`.
//!
//! Server and clients run in this process and share its cores. Redis is skipped if `redis-server` is
//! missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jwt_ring::NumericDate;
use jwt_ring_oauth_examples::client::Client;
use jwt_ring_oauth_examples::store::{self, Store, StoreError};
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, USER, World};
use url::Url;

#[path = "../tests/support/directory.rs"]
mod directory;
#[path = "../tests/support/redis.rs"]
mod redis;

use directory::Directory;

const SIGN_INS: usize = 16;
const TIME: Duration = Duration::from_secs(5);
const PAGES: usize = 10_000;

fn main() {
    println!("| store | what | result |\n|---|---|---|");
    measure("SQLite", &Directory::new().sqlite());
    if let Some(redis) = redis::Server::start() {
        measure("Redis", &redis.address);
    }
}

fn measure(name: &str, address: &str) {
    let store = Arc::new(Counting {
        store: store::open(address).expect("a store"),
        inserted: AtomicUsize::new(0),
    });
    let world = World::on(Arc::<Counting>::clone(&store), &[], |_| {});
    let row = |what: &str, result: String| println!("| {name} | {what} | {result} |");
    let url = world.client().authorize("orders:read").expect("a URL").url;

    let (sign_ins, keys, pages) = others_during_sign_ins(&world, &url);
    row("sign-ins per second, 16 at once", format!("{sign_ins:.1}"));
    row("/jwks.json meanwhile", keys);
    row("/authorize meanwhile", pages);
    row("double clicks with a code", double_clicks(&world));
    let before = store.inserted.load(Ordering::SeqCst);
    for _ in 0..PAGES {
        Browser::default().open(&url);
    }
    let after = store.inserted.load(Ordering::SeqCst);
    row("records of 10,000 pages", (after - before).to_string());
    let guesses = guesses_in_a_minute(&world, &url).to_string();
    row("guesses checked at an account in a minute", guesses);
}

/// Signs in with browsers that are known, which do not share a limit. Returns the sign-ins per second, and
/// the latencies of another client meanwhile.
fn others_during_sign_ins(world: &World, url: &Url) -> (f64, String, String) {
    let browsers: Vec<_> = (0..SIGN_INS)
        .map(|_| {
            let mut browser = Browser::default();
            sign_in(&mut browser, url);
            browser
        })
        .collect();
    let (ends, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let keys = Url::parse(&format!("{}/jwks.json", world.issuer)).expect("a URL");
    thread::scope(|scope| {
        for mut browser in browsers {
            let (ends, count) = (&ends, &count);
            scope.spawn(move || {
                while !ends.load(Ordering::SeqCst) {
                    sign_in(&mut browser, url);
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let (keys, pages) = (latencies(&keys), latencies(url));
        let sign_ins = count.load(Ordering::SeqCst);
        ends.store(true, Ordering::SeqCst);
        let sign_ins = u32::try_from(sign_ins).expect("a number");
        (
            f64::from(sign_ins) / (2.0 * TIME.as_secs_f64()),
            keys,
            pages,
        )
    })
}

fn sign_in(browser: &mut Browser, url: &Url) {
    let form = browser.open(url);
    let answer = browser.submit(&form, USER, PASSWORD, "allow");
    assert_eq!(answer.status, 303);
}

fn latencies(url: &Url) -> String {
    let mut latencies = Vec::new();
    let end = Instant::now() + TIME;
    while Instant::now() < end {
        let start = Instant::now();
        assert_eq!(Browser::default().open(url).status, 200);
        latencies.push(start.elapsed());
    }
    latencies.sort_unstable();
    let at = |share: usize| latencies[latencies.len() * share / 100].as_secs_f64() * 1e3;
    format!("median {:.1} ms, p99 {:.1} ms", at(50), at(99))
}

fn double_clicks(world: &World) -> String {
    let client: Client = world.client();
    let redeemed = (0..15).filter(|_| {
        let pending = client.authorize("orders:read").expect("a URL");
        let mut browser = Browser::default();
        let form = browser.open(&pending.url);
        let click = || browser.clone().submit(&form, USER, PASSWORD, "allow");
        let second = thread::scope(|scope| {
            let clicks = [scope.spawn(click), scope.spawn(click)];
            let [_, second] = clicks.map(|click| click.join().expect("no panic"));
            second
        });
        let Some(callback) = second.location else {
            return false;
        };
        let code = client.code(&pending, &callback).expect("a code");
        client.redeem(pending, code).is_ok()
    });
    format!("{} of 15", redeemed.count())
}

/// Guesses as fast as possible for a minute of the server's clock, with several clients.
fn guesses_in_a_minute(world: &World, url: &Url) -> usize {
    let mut browser = Browser::default();
    let form = browser.open(url);
    let mut checked = 0;
    for _ in 0..60 {
        let guess = || browser.clone().submit(&form, USER, "guess", "allow").status;
        let statuses = thread::scope(|scope| {
            let guesses: Vec<_> = (0..SIGN_INS).map(|_| scope.spawn(guess)).collect();
            let statuses = guesses.into_iter().map(thread::ScopedJoinHandle::join);
            statuses.collect::<Vec<_>>()
        });
        let checks = statuses.iter().filter(|status| matches!(status, Ok(200)));
        checked += checks.count();
        world.clock.advance(Duration::from_secs(1));
    }
    checked
}

/// A store that counts the records that are made.
struct Counting {
    store: Arc<dyn Store>,
    inserted: AtomicUsize,
}

impl Store for Counting {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(key)
    }

    fn insert(
        &self,
        key: &str,
        value: &[u8],
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<bool, StoreError> {
        let is_inserted = self.store.insert(key, value, expiration, now)?;
        self.inserted
            .fetch_add(is_inserted.into(), Ordering::SeqCst);
        Ok(is_inserted)
    }

    fn replace(
        &self,
        key: &str,
        old: &[u8],
        new: &[u8],
        expiration: NumericDate,
    ) -> Result<bool, StoreError> {
        self.store.replace(key, old, new, expiration)
    }

    fn remove(&self, key: &str) -> Result<bool, StoreError> {
        self.store.remove(key)
    }

    fn count(
        &self,
        key: &str,
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<u64, StoreError> {
        self.inserted.fetch_add(1, Ordering::SeqCst);
        self.store.count(key, expiration, now)
    }
}
