//! The stores, and the grants and keys on them: the same tests with SQLite in memory, SQLite in a file
//! and Redis.
//!
//! Redis is skipped if `redis-server` is missing, unless `REQUIRE_REDIS=1` is set.

#[path = "../support/directory.rs"]
mod directory;
mod grants;
mod keys;
mod records;
#[path = "../support/redis.rs"]
mod redis;

use std::sync::Arc;

use jwt_ring_oauth_examples::store::{self, Store};

use directory::Directory;

/// Runs a test on each store.
fn on_each(test: impl Fn(&Arc<dyn Store>)) {
    let open = |address: &str| store::open(address).expect("a store");
    println!("in memory");
    test(&open("memory"));
    println!("in a file");
    let directory = Directory::new();
    test(&open(&directory.sqlite()));
    if let Some(redis) = redis::Server::start() {
        println!("in Redis");
        test(&open(&redis.address));
    }
}
