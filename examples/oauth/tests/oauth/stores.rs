//! The stores on which tests run.

use std::sync::Arc;

use jwt_ring_oauth_examples::store::{self, Store};

use crate::directory::Directory;
use crate::redis;

/// Runs a test on each store.
pub(crate) fn on_each(test: impl Fn(Arc<dyn Store>)) {
    let directory = Directory::new();
    test(store::open(&directory.sqlite()).expect("a store"));
    if let Some(redis) = redis::Server::start() {
        test(store::open(&redis.address).expect("a store"));
    }
}
