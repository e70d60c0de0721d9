//! The signing keys: private keys in PEM files, public keys and their times in the store.
//!
//! All servers on a store publish the keys of all of them, so a token of one is verified with the key
//! set of another, and after a restart. Servers should share the directory of the files. The first key
//! of a server with a directory of its own signs at once, so that verifiers must fetch it.

mod pem;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jwt_ring::jwks::{KeyRotation, KeyTimes};
use jwt_ring::oauth::access_token;
use jwt_ring::{Clock, KeyError, NumericDate, SigningKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::pem::{Pem, PemFiles};
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

/// The keys that sign.
pub struct Signers {
    rotation: KeyRotation,
    pub access_tokens: access_token::Signer,
}

impl Signers {
    /// Returns the key for other tokens than access tokens.
    pub fn active(&self, now: NumericDate) -> Arc<SigningKey> {
        self.rotation.active(now)
    }
}

/// A public key in the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Published {
    id: String,
    key: Value,
    times: KeyTimes,
    added: NumericDate,
    /// Whether its tokens have expired. Its file, if there is still one, is not used again.
    is_retired: bool,
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
        let signers = RwLock::new(Arc::new(signers(issuer, first, &schedule, &clock)));
        let keys = Self {
            issuer: issuer.into(),
            files,
            store,
            schedule,
            clock,
            signers,
        };
        // A file without a key is an error now, and skipped later.
        keys.files.read(true)?;
        keys.sync()?;
        Ok(keys)
    }

    pub fn signers(&self) -> Arc<Signers> {
        Arc::clone(&self.signers.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the key set to publish, with the keys that other servers stored up to now. Without the
    /// store, it has those of this server.
    ///
    /// # Errors
    ///
    /// Returns an error if a key cannot be serialized.
    pub fn jwks(&self) -> serde_json::Result<Value> {
        let own = serde_json::to_value(self.signers().rotation.published(self.clock.now()))?;
        let mut keys = own["keys"].as_array().cloned().unwrap_or_default();
        let stored = self.stored().unwrap_or_else(|error| {
            tracing::error!(%error, "keys of other servers are not published");
            Default::default()
        });
        for one in stored.1.into_iter().filter(|one| !one.is_retired) {
            if keys.iter().all(|key| key["kid"] != one.id) {
                keys.push(one.key);
            }
        }
        Ok(json!({ "keys": keys }))
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

    /// Takes over keys that are new in the directory, makes the next key if it is time, and retires keys
    /// whose tokens have expired. To be called every few seconds.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn sync(&self) -> Result<(), KeysError> {
        loop {
            let now = self.clock.now();
            let (old, stored) = self.stored()?;
            let mut own = self.files.read(false)?;
            if self.is_due(&own, &stored, now)? {
                self.files.generate()?;
                own = self.files.read(false)?;
            }
            let is_retired =
                |pem: &Pem| stored.iter().any(|one| one.is_retired && one.id == pem.id);
            let (left, own): (Vec<_>, Vec<_>) = own.into_iter().partition(is_retired);
            let rotation = self.rotation(&own, &stored, now)?;
            let expired = drop_expired(&rotation, now);
            let published = self.published(&rotation, &expired, &left, &stored, now)?;
            if self.write(old.as_deref(), &published, now)? {
                // After the record, so that a server that is killed here does not use them again.
                let is_expired = |pem: &&Pem| expired.contains(&pem.id);
                for pem in left.iter().chain(own.iter().filter(is_expired)) {
                    self.files.retire(pem);
                }
                let signers = signers(&self.issuer, rotation, &self.schedule, &self.clock);
                *self.signers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(signers);
                return Ok(());
            }
        }
    }

    /// Reads the record of the public keys.
    fn stored(&self) -> Result<(Option<Vec<u8>>, Vec<Published>), StoreError> {
        let record = self.store.get(RECORD)?;
        let stored = record.as_deref().map(serde_json::from_slice).transpose();
        let stored = stored.map_err(StoreError::new)?.unwrap_or_default();
        Ok((record, stored))
    }

    /// Returns whether this server must make a key: it has none, or the newest is old.
    fn is_due(
        &self,
        own: &[Pem],
        stored: &[Published],
        now: NumericDate,
    ) -> Result<bool, KeysError> {
        let has = |one: &&Published| !one.is_retired && own.iter().any(|pem| pem.id == one.id);
        let Some(newest) = stored.iter().filter(has).max_by_key(|one| one.added) else {
            return Ok(own
                .iter()
                .all(|pem| stored.iter().any(|one| one.id == pem.id)));
        };
        let is_new = |pem: &Pem| stored.iter().all(|one| one.id != pem.id);
        let age = self.schedule.rotate_after;
        if own.iter().any(is_new) || now < newest.added.saturating_add(age) {
            return Ok(false);
        }
        // Of servers that share the directory, one makes the key.
        let claim = format!("next-key:{}", newest.id);
        let until = now.saturating_add(self.schedule.publish_ahead);
        Ok(self.store.insert(&claim, b"1", until, now)?)
    }

    /// Makes the rotation of the keys in the directory. Those that are not in the store are the next ones.
    /// If none is, for example because the store was lost, they are used as if they had been added when
    /// their files were written.
    fn rotation(
        &self,
        own: &[Pem],
        stored: &[Published],
        now: NumericDate,
    ) -> Result<KeyRotation, KeysError> {
        let seen = self.signers().rotation.keys();
        let times = |id: &str| {
            let seen = seen.iter().find(|(key, _)| key.id() == Some(id));
            let stored = || Some(stored.iter().find(|one| one.id == id)?.times);
            seen.map(|(_, times)| *times).or_else(stored)
        };
        let (mut known, mut added) = (Vec::new(), Vec::new());
        for pem in own {
            match times(&pem.id) {
                Some(times) => known.push((pem.key()?, times)),
                None => added.push((pem.key()?, pem.written.min(now))),
            }
        }
        let (ahead, lifetime) = (self.schedule.publish_ahead, self.schedule.token_lifetime);
        if known.is_empty() {
            let mut added = added.into_iter();
            let (first, _) = added.next().ok_or(KeyError::NoKeys)?;
            let rotation = KeyRotation::new(first, ahead, lifetime)?;
            for (key, written) in added {
                rotation.add(key, written)?;
            }
            return Ok(rotation);
        }
        let rotation = KeyRotation::restore(known, ahead, lifetime)?;
        for (key, _) in added {
            rotation.add(key, now)?;
        }
        Ok(rotation)
    }

    /// Returns the keys to store: those of this server, those that it retires, and those of others.
    fn published(
        &self,
        rotation: &KeyRotation,
        expired: &[String],
        left: &[Pem],
        stored: &[Published],
        now: NumericDate,
    ) -> Result<Vec<Published>, KeysError> {
        let mut published = Vec::new();
        for (key, times) in rotation.keys() {
            let id = key.id().unwrap_or_default().to_owned();
            let before = stored.iter().find(|one| one.id == id);
            published.push(Published {
                added: before.map_or(now, |one| one.added),
                key: serde_json::to_value(key.verifying_key()).map_err(StoreError::new)?,
                id,
                times,
                is_retired: false,
            });
        }
        let Schedule {
            publish_ahead,
            rotate_after,
            token_lifetime,
        } = self.schedule;
        // Another server makes its next key in time, or has ended.
        let age = rotate_after
            .saturating_add(token_lifetime)
            .saturating_add(publish_ahead.saturating_mul(2));
        let is_own = |id: &String| published.iter().any(|one| one.id == *id);
        let is_kept = |one: &&Published| {
            let is_left = left.iter().any(|pem| pem.id == one.id);
            !is_own(&one.id) && (is_left || now < one.added.saturating_add(age))
        };
        let mut others: Vec<_> = stored.iter().filter(is_kept).cloned().collect();
        for one in &mut others {
            one.is_retired |= expired.contains(&one.id);
        }
        published.extend(others);
        Ok(published)
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

/// Drops the keys whose tokens have expired, and returns their IDs.
fn drop_expired(rotation: &KeyRotation, now: NumericDate) -> Vec<String> {
    let ids = || {
        let keys = rotation.keys().into_iter();
        keys.filter_map(|(key, _)| key.id().map(str::to_owned))
    };
    let mut expired: Vec<_> = ids().collect();
    rotation.drop_expired(now);
    let kept: Vec<_> = ids().collect();
    expired.retain(|id| !kept.contains(id));
    expired
}

fn signers(
    issuer: &str,
    rotation: KeyRotation,
    schedule: &Schedule,
    clock: &Arc<dyn Clock>,
) -> Signers {
    let signer = access_token::Signer::new(rotation.clone(), issuer);
    Signers {
        access_tokens: signer
            .lifetime(schedule.token_lifetime)
            .clock(Arc::clone(clock)),
        rotation,
    }
}
