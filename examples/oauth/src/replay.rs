//! One-time tokens, each accepted once by all servers on a store.

use jwt_ring::NumericDate;
use jwt_ring::replay::OneTime;

use crate::store::{Store, StoreError};

/// Returns the token if the store has no record of its use, and `None` if it was used before.
///
/// # Errors
///
/// Returns an error if the store is unavailable. The token must be rejected then.
pub fn first_use<T>(
    store: &dyn Store,
    one_time: OneTime<T>,
    now: NumericDate,
) -> Result<Option<T>, StoreError> {
    let key = one_time.replay_key();
    let is_first = store.insert(&format!("used:{key}"), b"1", key.expiration(), now)?;
    Ok(is_first.then(|| one_time.without_replay_check()))
}
