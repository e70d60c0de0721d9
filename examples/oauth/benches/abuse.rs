//! The authorization server under abuse: `cargo bench --bench abuse`.
//!
//! Server and clients run in this process and share its cores. Redis is skipped if `redis-server` is
//! missing.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use jwt_ring::{Clock, NumericDate};
use jwt_ring_oauth_examples::authorization_server::grants::{Expected, Grant, Grants, Redemption};
use jwt_ring_oauth_examples::client::Client;
use jwt_ring_oauth_examples::store::{self, Store, StoreError};
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, REDIRECT_URI, USER, World};
use url::Url;

#[path = "../tests/support/directory.rs"]
mod directory;
#[path = "../tests/support/redis.rs"]
mod redis;

use directory::Directory;

const SIGN_INS: usize = 16;
const TIME: Duration = Duration::from_secs(5);
const PAGES: usize = 10_000;
/// Sign-ins of one user: over HTTP, and by the same functions without passwords and HTTP.
const SIGN_INS_OVER_HTTP: u32 = 200;
const SIGN_INS_DIRECTLY: u32 = 9_800;
/// The PKCE verifier and challenge of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

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
        records: Mutex::default(),
    });
    let world = World::on(Arc::<Counting>::clone(&store), &[], |config| {
        config.trust_forwarded = true;
    });
    let row = |what: &str, result: String| println!("| {name} | {what} | {result} |");
    let url = world.client().authorize("orders:read").expect("a URL").url;

    let (sign_ins, keys, pages) = others_during_sign_ins(&world, &url);
    row("sign-ins per second, 16 at once", format!("{sign_ins:.1}"));
    row("/jwks.json meanwhile", keys);
    row("/authorize meanwhile", pages);
    let (guesses, keys, pages) = others_during_guesses(&url);
    let what = "guesses per second, 16 at once, each of another name and address";
    row(what, format!("{guesses:.1}"));
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
    let (last, now, later) = sign_ins_of_a_user(&world, &store);
    let records = format!("{now}, 11 minutes later {later} with {last} grants");
    row("records of 10,000 sign-ins of a user", records);
}

/// Signs in as 16 users with browsers that are known.
fn others_during_sign_ins(world: &World, url: &Url) -> (f64, String, String) {
    let users: Vec<_> = (0..SIGN_INS).map(|n| format!("owner-{n}")).collect();
    let names: Vec<_> = users.iter().map(String::as_str).collect();
    // A replica, because the users of the world are fixed.
    let origin = Url::parse(&world.replica_with(&[], &names, |_| {})).expect("a URL");
    let mut page = origin.join(url.path()).expect("a URL");
    page.set_query(url.query());
    let sign_in = |(browser, user): &mut (Browser, String)| {
        let form = browser.open(&page);
        let answer = browser.submit(&form, user, PASSWORD, "allow");
        let location = answer.location.expect("a redirect");
        assert!(location.query_pairs().any(|(name, _)| name == "code"));
    };
    let mut senders: Vec<_> = users
        .into_iter()
        .map(|user| (Browser::default(), user))
        .collect();
    senders.iter_mut().for_each(sign_in);
    others_during(&page, senders, |sender, _| sign_in(sender))
}

/// Guesses with new browsers.
fn others_during_guesses(url: &Url) -> (f64, String, String) {
    let networks: Vec<_> = (0..SIGN_INS).collect();
    others_during(url, networks, |network, n| {
        let mut browser = Browser {
            address: Some(format!("2001:db8:{network:x}:{n:x}::1")),
            ..Browser::default()
        };
        let form = browser.open(url);
        let page = browser.submit(&form, &format!("user-{network}-{n}"), "guess", "allow");
        assert_eq!(page.status, 200);
    })
}

/// Repeats an attempt in a thread for each of the senders. Returns the attempts per second, and the
/// latencies of another client meanwhile.
fn others_during<T: Send>(
    url: &Url,
    senders: Vec<T>,
    attempt: impl Fn(&mut T, usize) + Sync,
) -> (f64, String, String) {
    let (ends, count) = (AtomicBool::new(false), AtomicU32::new(0));
    let keys = url.join("/jwks.json").expect("a URL");
    thread::scope(|scope| {
        for mut sender in senders {
            let (ends, count, attempt) = (&ends, &count, &attempt);
            scope.spawn(move || {
                for n in (0..).take_while(|_| !ends.load(Ordering::SeqCst)) {
                    attempt(&mut sender, n);
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let (keys, pages) = (latencies(&keys), latencies(url));
        let attempts = count.load(Ordering::SeqCst);
        ends.store(true, Ordering::SeqCst);
        let seconds = 2.0 * TIME.as_secs_f64();
        (f64::from(attempts) / seconds, keys, pages)
    })
}

/// Signs a user in and redeems the codes, one in each second of the server's clock. Returns the number of
/// grants, that of records at the end, and that of records later.
fn sign_ins_of_a_user(world: &World, store: &Arc<Counting>) -> (usize, usize, usize) {
    let client: Client = world.client();
    let mut browser = Browser::default();
    // All guesses expire.
    world.clock.advance(Duration::from_secs(24 * 3600));
    let before = store.records("", world.clock.now());
    for _ in 0..SIGN_INS_OVER_HTTP {
        let pending = client.authorize("orders:read").expect("a URL");
        let form = browser.open(&pending.url);
        let answer = browser.submit(&form, USER, PASSWORD, "allow");
        let code = client.code(&pending, &answer.location.expect("a redirect"));
        let tokens = client.redeem(pending, code.expect("a code"));
        tokens.expect("tokens");
        world.clock.advance(Duration::from_secs(1));
    }
    let seconds = Duration::from_secs;
    let grants = Grants::new(
        Arc::<Counting>::clone(store),
        seconds(60),
        seconds(30 * 24 * 3600),
        seconds(5),
        const { NonZeroUsize::new(20).expect("not zero") },
    );
    for _ in 0..SIGN_INS_DIRECTLY {
        sign_in_directly(&grants, world.clock.now());
        world.clock.advance(seconds(1));
    }
    let end = store.records("", world.clock.now()).saturating_sub(before);
    world.clock.advance(seconds(660));
    let now = world.clock.now();
    (store.records("grant:", now), end, store.records("", now))
}

fn sign_in_directly(grants: &Grants, now: NumericDate) {
    let code = store::random();
    let grant = Grant {
        client_id: "shop".into(),
        user: USER.into(),
        scope: "orders:read".parse().expect("a scope"),
        resource: "https://api.example".into(),
        auth_time: now,
        nonce: None,
        thumbprint: None,
    };
    let expected = Expected {
        redirect_uri: REDIRECT_URI.into(),
        challenge: CHALLENGE.into(),
        thumbprint: None,
    };
    let issued = grants.issue_code(&code, grant, expected, now);
    issued.expect("a store");
    let redemption = Redemption {
        code: &code,
        client_id: "shop",
        redirect_uri: REDIRECT_URI,
        verifier: VERIFIER,
        resource: None,
        thumbprint: None,
        is_bound: false,
    };
    grants.redeem(&redemption, now).expect("tokens");
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

/// A store that counts the records that are made, and those that have not expired.
struct Counting {
    store: Arc<dyn Store>,
    inserted: AtomicUsize,
    records: Mutex<HashMap<String, NumericDate>>,
}

impl Counting {
    fn records(&self, prefix: &str, now: NumericDate) -> usize {
        let records = self.records.lock().expect("no panic");
        let is_counted = |(key, expiration): &(&String, &NumericDate)| {
            key.starts_with(prefix) && **expiration > now
        };
        records.iter().filter(is_counted).count()
    }

    fn written(&self, key: &str, expiration: NumericDate) {
        let mut records = self.records.lock().expect("no panic");
        records.insert(key.to_owned(), expiration);
    }
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
        if is_inserted {
            self.written(key, expiration);
        }
        Ok(is_inserted)
    }

    fn replace(
        &self,
        key: &str,
        old: &[u8],
        new: &[u8],
        expiration: NumericDate,
    ) -> Result<bool, StoreError> {
        let is_replaced = self.store.replace(key, old, new, expiration)?;
        if is_replaced {
            self.written(key, expiration);
        }
        Ok(is_replaced)
    }

    fn remove(&self, key: &str) -> Result<bool, StoreError> {
        self.records.lock().expect("no panic").remove(key);
        self.store.remove(key)
    }

    fn count(
        &self,
        key: &str,
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<u64, StoreError> {
        self.inserted.fetch_add(1, Ordering::SeqCst);
        self.written(key, expiration);
        self.store.count(key, expiration, now)
    }
}
