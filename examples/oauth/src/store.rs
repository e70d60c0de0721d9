//! Records with expirations, in SQLite or Redis.
//!
//! All that the servers keep is in records: codes and refresh families, used one-time tokens, counters
//! and the public signing keys. Each operation is one atomic command of the database, so that a server
//! can be killed at any time, and several servers can share a database.

mod redis;
mod sqlite;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::NumericDate;
use ring::rand::{SecureRandom, SystemRandom};

pub use self::redis::Redis;
pub use self::sqlite::Sqlite;

/// Records under keys. Values and expirations are written together.
///
/// A record may be returned after its expiration: a value that matters holds its own expiration,
/// which is compared with the time of the server.
pub trait Store: Send + Sync {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Inserts a record, and returns whether there was none.
    fn insert(
        &self,
        key: &str,
        value: &[u8],
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<bool, StoreError>;

    /// Replaces the value of a record, and returns whether it was `old`.
    fn replace(
        &self,
        key: &str,
        old: &[u8],
        new: &[u8],
        expiration: NumericDate,
    ) -> Result<bool, StoreError>;

    /// Removes a record, and returns whether there was one.
    fn remove(&self, key: &str) -> Result<bool, StoreError>;

    /// Adds 1 to a counter, which starts at 0 and keeps its first expiration. Returns the sum.
    fn count(
        &self,
        key: &str,
        expiration: NumericDate,
        now: NumericDate,
    ) -> Result<u64, StoreError>;
}

/// The store cannot be opened or used. The message has no keys and no values.
#[derive(Debug, thiserror::Error)]
#[error("the store is unavailable: {0}")]
pub struct StoreError(Box<dyn std::error::Error + Send + Sync>);

impl StoreError {
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

/// Opens `memory`, `sqlite:PATH` or `redis://HOST:PORT`. The first is of this process alone.
///
/// # Errors
///
/// Returns an error for another address, or if the database cannot be opened.
pub fn open(address: &str) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match address.strip_prefix("sqlite:") {
        Some(path) => Arc::new(Sqlite::open(path)?),
        None if address == "memory" => Arc::new(Sqlite::in_memory()?),
        None if address.starts_with("redis:") => Arc::new(Redis::open(address)?),
        None => {
            let expected = "expected memory, sqlite:PATH or redis://HOST:PORT";
            return Err(StoreError::new(expected));
        }
    })
}

/// Uses a store in a thread that may block.
///
/// # Errors
///
/// Returns those of the store, of type `E`.
pub async fn blocking<S, T, E>(
    store: &Arc<S>,
    work: impl FnOnce(&S) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    S: ?Sized + Send + Sync + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let store = Arc::clone(store);
    match tokio::task::spawn_blocking(move || work(&store)).await {
        Ok(result) => result,
        Err(error) => Err(StoreError::new(error).into()),
    }
}

/// Returns the secret of this name, 32 random bytes that all servers on a store share.
///
/// # Errors
///
/// Returns an error if the store is unavailable.
pub fn shared_secret(
    store: &dyn Store,
    name: &str,
    now: NumericDate,
) -> Result<Vec<u8>, StoreError> {
    let mut secret = [0; 32];
    SystemRandom::new()
        .fill(&mut secret)
        .map_err(|_| StoreError::new("no random bytes"))?;
    let key = format!("secret:{name}");
    store.insert(&key, &secret, never(now), now)?;
    let stored = store.get(&key)?;
    stored.ok_or_else(|| StoreError::new("the shared secret was removed"))
}

/// Returns the expiration of records that are kept, 100 years from now.
pub fn never(now: NumericDate) -> NumericDate {
    now.saturating_add(Duration::from_secs(100 * 365 * 24 * 3600))
}

/// Returns milliseconds since 1970, rounded down.
fn milliseconds(time: NumericDate) -> i64 {
    time.seconds().saturating_mul(1000)
}

/// Makes a random value of 256 bits for a code, a token or a cookie.
///
/// # Panics
///
/// Panics if the operating system has no random bytes.
pub fn random() -> String {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}
