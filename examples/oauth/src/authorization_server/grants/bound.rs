//! The bound of grants: how many a user may have given to a client.

use jwt_ring::NumericDate;

use super::{Grant, Grants, Record, key, name_of};
use crate::authorization_server::record::{Change, update};
use crate::store::StoreError;

impl Grants {
    /// Adds a grant to those of its user and client. If there are too many, those that have ended are
    /// dropped, and then the oldest are revoked.
    pub(super) fn make_room(
        &self,
        grant: &Grant,
        name: &str,
        now: NumericDate,
    ) -> Result<(), StoreError> {
        let owner = serde_json::to_string(&(&grant.client_id, &grant.user));
        let owner = name_of(&owner.map_err(StoreError::new)?);
        let lifetime = self.code_lifetime.saturating_add(self.grant_lifetime);
        let expiration = now.saturating_add(lifetime);
        let list = format!("grants:{owner}");
        let oldest = update(&*self.store, &list, now, |names: Option<Vec<String>>| {
            let mut names = names.unwrap_or_default();
            if names.iter().any(|one| one == name) {
                return Ok(Change::Keep(Vec::new()));
            }
            if names.len() >= self.max_grants.get() {
                names = self.only_valid(names, now)?;
            }
            names.push(name.to_owned());
            let excess = names.len().saturating_sub(self.max_grants.get());
            let oldest = names.drain(..excess).collect();
            Ok(Change::Write(names, expiration, oldest))
        })?;
        for name in oldest {
            self.end(&key(&name), now)?;
        }
        Ok(())
    }

    /// Returns the names of grants that have not expired and are not revoked.
    fn only_valid(&self, names: Vec<String>, now: NumericDate) -> Result<Vec<String>, StoreError> {
        let mut valid = Vec::new();
        for name in names {
            let record = self.store.get(&key(&name))?;
            let record = record.as_deref().map(Record::from_json).transpose()?;
            let record = record.flatten();
            if record.is_some_and(|record| now < record.expiration) {
                valid.push(name);
            }
        }
        Ok(valid)
    }
}
