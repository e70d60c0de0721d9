//! A store whose operations can be stalled, to let one request overtake another.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use jwt_ring::NumericDate;
use jwt_ring_oauth_examples::store::{Store, StoreError};

const LONG: Duration = Duration::from_secs(20);

pub(crate) struct Stalled {
    store: Arc<dyn Store>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// How these operations begin.
    prefix: &'static str,
    /// How many more of them are stalled.
    remaining: usize,
    waiting: usize,
}

impl Stalled {
    pub(crate) fn new(store: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            store,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Stalls the next operations that begin so, as `get KEY`, `write KEY` or `remove KEY`, after they
    /// were made.
    pub(crate) fn stall(&self, prefix: &'static str, number: usize) {
        let mut state = self.state();
        (state.prefix, state.remaining) = (prefix, number);
    }

    /// Waits until this many operations are stalled.
    pub(crate) fn wait_for(&self, number: usize) {
        let waits = |state: &mut State| state.waiting < number;
        let waited = self.changed.wait_timeout_while(self.state(), LONG, waits);
        assert!(!waited.expect("no panic").1.timed_out(), "not stalled");
    }

    pub(crate) fn release(&self) {
        *self.state() = State::default();
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }

    fn made(&self, operation: &str, key: &str) {
        let mut state = self.state();
        let is_stalled = format!("{operation} {key}").starts_with(state.prefix);
        if state.remaining > 0 && is_stalled {
            state.remaining -= 1;
            state.waiting += 1;
            self.changed.notify_all();
            let waits = |state: &mut State| state.waiting > 0;
            // Not longer, so that a test that fails ends.
            let waited = self.changed.wait_timeout_while(state, LONG, waits);
            drop(waited.expect("no panic"));
        }
    }
}

impl Store for Stalled {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.store.get(key)?;
        self.made("get", key);
        Ok(value)
    }

    fn insert(
        &self,
        key: &str,
        value: &[u8],
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<bool, StoreError> {
        let is_inserted = self.store.insert(key, value, expiration, now)?;
        self.made("write", key);
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
        self.made("write", key);
        Ok(is_replaced)
    }

    fn remove(&self, key: &str) -> Result<bool, StoreError> {
        let is_removed = self.store.remove(key)?;
        self.made("remove", key);
        Ok(is_removed)
    }

    fn count(
        &self,
        key: &str,
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<u64, StoreError> {
        self.store.count(key, expiration, now)
    }
}
