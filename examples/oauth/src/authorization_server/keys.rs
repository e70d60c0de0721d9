//! The signing keys: private keys in PEM files, public keys and their times in the store.
//!
//! All servers on a store publish the keys of all of them, so a token of one is verified with the key
//! set of another, and after a restart. They may share the directory of the files, or have one each.

mod pem;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jwt_ring::jwks::{KeyRotation, KeyTimes};
use jwt_ring::oauth::access_token;
use jwt_ring::{Clock, KeyError, NumericDate, SigningKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::pem::PemFiles;
use crate::store::{Store, StoreError, never};

/// The record of the public keys.
const RECORD: &str = "keys";

/// When keys are made, published and dropped. All servers on a store must have the same.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// How long a key is published before it signs: longer than verifiers cache the key set.
    pub publish_ahead: Duration,
    /// The age of a key at which the next one is made.
    pub rotate_after: Duration,
    /// The lifetime of the tokens.
    pub token_lifetime: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot use the signing key {0}: {1}")]
    File(PathBuf, std::io::Error),
    #[error("{0} has no key for ES256, ES384, EdDSA or RS256: {1}")]
    Key(PathBuf, KeyError),
    #[error(transparent)]
    Rotation(#[from] KeyError),
}

/// The keys at a time.
pub struct Signers {
    rotation: KeyRotation,
    pub access_tokens: access_token::Signer,
    /// Public keys of other servers on the store.
    others: Vec<Value>,
}

impl Signers {
    /// Returns the key for other tokens than access tokens.
    pub fn active(&self, now: NumericDate) -> Arc<SigningKey> {
        self.rotation.active(now)
    }

    /// Returns the key set to publish.
    ///
    /// # Errors
    ///
    /// Returns an error if a key cannot be serialized.
    pub fn jwks(&self, now: NumericDate) -> serde_json::Result<Value> {
        let own = serde_json::to_value(self.rotation.published(now))?;
        let own = own["keys"].as_array().cloned().unwrap_or_default();
        let keys: Vec<_> = own.iter().chain(&self.others).collect();
        Ok(json!({ "keys": keys }))
    }
}

/// A public key in the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Published {
    id: String,
    key: Value,
    times: KeyTimes,
    added: NumericDate,
}

pub struct Keys {
    issuer: String,
    files: PemFiles,
    store: Arc<dyn Store>,
    schedule: Schedule,
    clock: Arc<dyn Clock>,
    signers: RwLock<Arc<Signers>>,
}

impl Keys {
    /// Loads the keys of a directory, and makes the first key if there is none. Without a directory, keys
    /// are lost when the process ends; what they signed can still be verified.
    ///
    /// # Errors
    ///
    /// Returns an error if the store or the directory cannot be used, or a file has no key.
    pub fn open(
        issuer: &str,
        directory: Option<PathBuf>,
        store: Arc<dyn Store>,
        schedule: Schedule,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, KeysError> {
        let files = PemFiles::open(directory)?;
        // Until `sync` replaces it.
        let first = KeyRotation::from(SigningKey::generate(pem::ALGORITHM)?);
        let signers = RwLock::new(Arc::new(signers(issuer, first, &schedule, &clock, &[])));
        let keys = Self {
            issuer: issuer.into(),
            files,
            store,
            schedule,
            clock,
            signers,
        };
        keys.sync()?;
        Ok(keys)
    }

    pub fn signers(&self) -> Arc<Signers> {
        Arc::clone(&self.signers.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes the next key.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn rotate(&self) -> Result<(), KeysError> {
        self.files.generate()?;
        self.sync()
    }

    /// Publishes keys that are new in the directory, takes over those that other servers published, makes
    /// the next key if it is time, and retires keys whose tokens have expired. To be called every few
    /// seconds.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn sync(&self) -> Result<(), KeysError> {
        loop {
            let now = self.clock.now();
            let old = self.store.get(RECORD)?;
            let stored: Vec<Published> = match &old {
                Some(json) => serde_json::from_slice(json).map_err(StoreError::new)?,
                None => Vec::new(),
            };
            if self.is_due(&stored, now)? {
                self.files.generate()?;
            }
            let rotation = self.rotation(&stored, now)?;
            let (published, others) = self.published(&rotation, &stored, now)?;
            if self.write(old.as_deref(), &published, now)? {
                let signers = signers(&self.issuer, rotation, &self.schedule, &self.clock, &others);
                *self.signers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(signers);
                return Ok(());
            }
        }
    }

    /// Returns whether this server must make a key: it has none, or the newest is old.
    fn is_due(&self, stored: &[Published], now: NumericDate) -> Result<bool, KeysError> {
        let own = self.files.ids()?;
        let newest = stored.iter().filter(|one| own.contains(&one.id));
        let Some(newest) = newest.max_by_key(|one| one.added) else {
            return Ok(own.is_empty());
        };
        let has_next = own.iter().any(|id| stored.iter().all(|one| one.id != *id));
        if has_next || now < newest.added.saturating_add(self.schedule.rotate_after) {
            return Ok(false);
        }
        // Of servers that share the directory, one makes the key.
        let claim = format!("next-key:{}", newest.id);
        let until = now.saturating_add(self.schedule.publish_ahead);
        Ok(self.store.insert(&claim, b"1", until, now)?)
    }

    /// Makes the rotation of the keys in the directory. A key that is not in the store is the next one, or
    /// the first.
    fn rotation(&self, stored: &[Published], now: NumericDate) -> Result<KeyRotation, KeysError> {
        let seen = self.signers().rotation.keys();
        let times = |id: &str| {
            let seen = seen.iter().find(|(key, _)| key.id() == Some(id));
            let stored = || Some(stored.iter().find(|one| one.id == id)?.times);
            seen.map(|(_, times)| *times).or_else(stored)
        };
        let (mut known, mut added) = (Vec::new(), Vec::new());
        for key in self.files.load()? {
            match key.id().and_then(times) {
                Some(times) => known.push((key, times)),
                None => added.push(key),
            }
        }
        let Schedule {
            publish_ahead,
            token_lifetime,
            ..
        } = self.schedule;
        let rotation = match (known.is_empty(), added.pop()) {
            (true, Some(first)) => KeyRotation::new(first, publish_ahead, token_lifetime)?,
            (_, last) => {
                added.extend(last);
                KeyRotation::restore(known, publish_ahead, token_lifetime)?
            }
        };
        for key in added {
            rotation.add(key, now)?;
        }
        Ok(rotation)
    }

    /// Returns the keys to store, and of them those of other servers. Retires files of expired keys.
    fn published(
        &self,
        rotation: &KeyRotation,
        stored: &[Published],
        now: NumericDate,
    ) -> Result<(Vec<Published>, Vec<Value>), KeysError> {
        let own = self.files.ids()?;
        rotation.drop_expired(now);
        let mut published = Vec::new();
        for (key, times) in rotation.keys() {
            let id = key.id().unwrap_or_default().to_owned();
            let before = stored.iter().find(|one| one.id == id);
            let set = serde_json::to_value(key.verifying_key()).map_err(StoreError::new)?;
            published.push(Published {
                added: before.map_or(now, |one| one.added),
                id,
                key: set,
                times,
            });
        }
        let is_active = |id: &String| published.iter().any(|one| one.id == *id);
        own.iter()
            .filter(|id| !is_active(id))
            .for_each(|id| self.files.retire(id));
        // Another server makes its next key in time, or has ended.
        let age = self.schedule.rotate_after + self.schedule.token_lifetime;
        let age = age.saturating_add(self.schedule.publish_ahead * 2);
        let others = stored
            .iter()
            .filter(|one| !own.contains(&one.id) && now < one.added.saturating_add(age));
        let others: Vec<_> = others.cloned().collect();
        let keys = others.iter().map(|one| one.key.clone()).collect();
        published.extend(others);
        Ok((published, keys))
    }

    /// Writes the record, and returns whether it was `old` until then.
    fn write(
        &self,
        old: Option<&[u8]>,
        published: &[Published],
        now: NumericDate,
    ) -> Result<bool, KeysError> {
        let new = serde_json::to_vec(published).map_err(StoreError::new)?;
        Ok(match old {
            Some(old) if old == new => true,
            Some(old) => self.store.replace(RECORD, old, &new, never(now))?,
            None => self.store.insert(RECORD, &new, never(now), now)?,
        })
    }
}

fn signers(
    issuer: &str,
    rotation: KeyRotation,
    schedule: &Schedule,
    clock: &Arc<dyn Clock>,
    others: &[Value],
) -> Signers {
    let signer = access_token::Signer::new(rotation.clone(), issuer);
    Signers {
        access_tokens: signer
            .lifetime(schedule.token_lifetime)
            .clock(Arc::clone(clock)),
        rotation,
        others: others.to_vec(),
    }
}
