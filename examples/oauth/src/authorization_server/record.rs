//! Records in JSON that several servers change.

use jwt_ring::NumericDate;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::{Store, StoreError};

/// What becomes of a record, and what the change returns.
pub(super) enum Change<T, R> {
    Keep(R),
    /// The record and its expiration.
    Write(T, NumericDate, R),
}

/// Changes a record, or makes one, in one step: `change` is called again if another server was first.
pub(super) fn update<T: Serialize + DeserializeOwned, R>(
    store: &dyn Store,
    key: &str,
    now: NumericDate,
    mut change: impl FnMut(Option<T>) -> Result<Change<T, R>, StoreError>,
) -> Result<R, StoreError> {
    loop {
        let old = store.get(key)?;
        let record = old.as_deref().map(serde_json::from_slice).transpose();
        let (new, expiration, result) = match change(record.map_err(StoreError::new)?)? {
            Change::Keep(result) => return Ok(result),
            Change::Write(new, expiration, result) => (new, expiration, result),
        };
        let new = serde_json::to_vec(&new).map_err(StoreError::new)?;
        let is_written = match old {
            None => store.insert(key, &new, expiration, now)?,
            Some(old) => store.replace(key, &old, &new, expiration)?,
        };
        if is_written {
            return Ok(result);
        }
    }
}
