//! Authorization servers as processes: several on one store, and killed after each write.
//!
//! The tests with Redis are skipped if `redis-server` is missing, unless `REQUIRE_REDIS=1` is set.

mod at_once;
mod client;
#[cfg(unix)]
mod killed;
#[path = "../support/redis.rs"]
mod redis;
mod server;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// Runs a test on each store that processes can share, at its address.
fn on_each(test: impl Fn(&str)) {
    println!("in a file");
    let directory = Directory::new();
    test(&format!(
        "sqlite:{}",
        directory.0.join("store.db").display()
    ));
    if let Some(redis) = redis::Server::start() {
        println!("in Redis");
        test(&redis.address);
    }
}

/// A directory that is removed at the end of the test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("jwt-ring-processes-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a directory");
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
