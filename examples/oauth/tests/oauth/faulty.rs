//! A store that counts its uses and can be made to fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use jwt_ring::NumericDate;
use jwt_ring_oauth_examples::store::{self, Store, StoreError};

pub(crate) struct Faulty {
    store: Arc<dyn Store>,
    pub(crate) is_down: AtomicBool,
    pub(crate) uses: AtomicUsize,
    pub(crate) writes: AtomicUsize,
}

impl Faulty {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            store: store::open("memory").expect("a store"),
            is_down: AtomicBool::new(false),
            uses: AtomicUsize::new(0),
            writes: AtomicUsize::new(0),
        })
    }

    fn store(&self) -> Result<&dyn Store, StoreError> {
        self.uses.fetch_add(1, Ordering::SeqCst);
        match self.is_down.load(Ordering::SeqCst) {
            true => Err(StoreError::new("down")),
            false => Ok(&*self.store),
        }
    }
}

impl Store for Faulty {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store()?.get(key)
    }

    fn insert(
        &self,
        key: &str,
        value: &[u8],
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<bool, StoreError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.store()?.insert(key, value, expiration, now)
    }

    fn replace(
        &self,
        key: &str,
        old: &[u8],
        new: &[u8],
        expiration: NumericDate,
    ) -> Result<bool, StoreError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.store()?.replace(key, old, new, expiration)
    }

    fn remove(&self, key: &str) -> Result<bool, StoreError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.store()?.remove(key)
    }

    fn count(
        &self,
        key: &str,
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<u64, StoreError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.store()?.count(key, expiration, now)
    }
}
