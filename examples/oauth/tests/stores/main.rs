//! The stores, and the grants and keys on them: the same tests with SQLite in memory, SQLite in a file
//! and Redis.
//!
//! Redis is skipped if `redis-server` is missing, unless `REQUIRE_REDIS=1` is set.

mod grants;
mod keys;
mod records;
#[path = "../support/redis.rs"]
mod redis;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jwt_ring_oauth_examples::store::{self, Store};

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

/// A directory that is removed at the end of the test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("jwt-ring-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a directory");
        Self(path)
    }

    fn sqlite(&self) -> String {
        format!("sqlite:{}", self.0.join("store.db").display())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
