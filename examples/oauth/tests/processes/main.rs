//! Authorization servers as processes: several on one store, and killed after each write.
//!
//! The tests with Redis are skipped if `redis-server` is missing, unless `REQUIRE_REDIS=1` is set.

mod at_once;
mod client;
#[path = "../support/directory.rs"]
mod directory;
#[cfg(unix)]
mod killed;
#[path = "../support/redis.rs"]
mod redis;
mod server;

use directory::Directory;

/// Runs a test on each store that processes can share, at its address.
fn on_each(test: impl Fn(&str)) {
    println!("in a file");
    let directory = Directory::new();
    test(&directory.sqlite());
    if let Some(redis) = redis::Server::start() {
        println!("in Redis");
        test(&redis.address);
    }
}
