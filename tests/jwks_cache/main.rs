//! The cache of an issuer's key set.

#[path = "../support/mod.rs"]
mod support;

mod clocks;
mod cooldown;
mod fetches;
mod stale;
mod states;

use std::time::Duration;

use jwt_ring::jwks::{FetchTicket, JwksCache, KeysNeeded};
use jwt_ring::{Algorithm, Header, KeySet, NumericDate, SigningKey};
use support::NOW;

fn set(ids: &[&str]) -> KeySet {
    let key = |id: &&str| {
        let key = SigningKey::generate(Algorithm::ES256).expect("a key");
        key.with_id(*id).verifying_key()
    };
    ids.iter().map(key).collect()
}

fn at(seconds: i64) -> NumericDate {
    NumericDate::from_seconds(NOW + seconds)
}

fn header(id: &str) -> Header {
    Header::new(Algorithm::ES256).with_key_id(id)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A cache with the tickets of its fetches that were not reported.
struct Tested {
    cache: JwksCache,
    tickets: Vec<FetchTicket>,
}

impl Tested {
    fn new(cache: JwksCache) -> Self {
        let tickets = Vec::new();
        Self { cache, tickets }
    }

    fn last_ticket(&mut self) -> FetchTicket {
        self.tickets.pop().expect("a fetch")
    }
}

/// Without the tickets.
impl Clone for Tested {
    fn clone(&self) -> Self {
        Self::new(self.cache.clone())
    }
}

/// Asks the cache for the key `id`. Returns what is needed, and the number of keys.
fn ask(tested: &mut Tested, id: &str, now: i64) -> String {
    match tested.cache.ask(&header(id), at(now)) {
        KeysNeeded::Use(keys) => format!("use {}", keys.len()),
        KeysNeeded::Fetch(ticket) => {
            tested.tickets.push(ticket);
            "fetch".into()
        }
        KeysNeeded::Wait => "wait".into(),
        KeysNeeded::Unavailable => "unavailable".into(),
    }
}

fn fill(tested: &mut Tested, ids: &[&str], now: i64) {
    let ticket = tested.last_ticket();
    let keys = tested.cache.fetched(ticket, set(ids), at(now));
    assert_eq!(keys.len(), ids.len(), "the fetched keys are returned");
}

fn failed(tested: &mut Tested, now: i64) -> Option<usize> {
    let ticket = tested.last_ticket();
    let keys = tested.cache.failed(ticket, at(now));
    keys.map(|keys| keys.len())
}

/// Fetches the key `a` at time 0.
fn filled(cache: JwksCache) -> Tested {
    let mut tested = Tested::new(cache);
    assert_eq!(ask(&mut tested, "a", 0), "fetch");
    fill(&mut tested, &["a"], 0);
    tested
}
