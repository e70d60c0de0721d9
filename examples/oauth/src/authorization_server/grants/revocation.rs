//! Revocation of grants.

use jwt_ring::NumericDate;

use super::{GrantError, Grants, Record, key, name_of, sha256};
use crate::authorization_server::record::{Change, update};
use crate::store::StoreError;

impl Grants {
    /// Revokes the grant of a code.
    pub fn withdraw(&self, code: &str, now: NumericDate) -> Result<(), StoreError> {
        self.end(&key(&name_of(code)), now)
    }

    /// Revokes the grant of a valid refresh token of the client (RFC 7009 §2.1).
    pub fn revoke(&self, token: &str, client_id: &str, now: NumericDate) -> Result<(), StoreError> {
        let Some((name, _)) = token.split_once('.') else {
            return Ok(());
        };
        let (key, presented) = (key(name), sha256(token));
        let family = match self.record(&key, client_id, now) {
            Ok((_, record)) => record.family,
            Err(GrantError::Store(error)) => return Err(error),
            Err(_) => None,
        };
        // A name alone, which is the hash of a code, revokes nothing.
        match family {
            Some(family) if family.has(&presented) => self.end(&key, now),
            _ => Ok(()),
        }
    }

    /// Replaces the record of a grant by one without data.
    ///
    /// If it was removed, a delayed request that began before could still insert the code again, which
    /// would be valid then. A code that is issued after this record has expired has expired, too: its
    /// lifetime counts from the start of such a request.
    pub(super) fn end(&self, key: &str, now: NumericDate) -> Result<(), StoreError> {
        let expiration = now.saturating_add(self.code_lifetime);
        update(&*self.store, key, now, |_: Option<Option<Record>>| {
            Ok(Change::Write(None, expiration, ()))
        })
    }
}
