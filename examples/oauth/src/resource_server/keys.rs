//! The keys of one issuer: fetched when a token needs them, by one request at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jwt_ring::jwks::{FetchTicket, JwksCache, KeysNeeded};
use jwt_ring::{Clock, Header, KeyError, KeySet};
use tokio::sync::Notify;
use tracing::Span;

use super::settings::Settings;
use crate::discovery::{DiscoveryError, jwks_uri};
use crate::http::{Agent, HttpError};

/// The most requests of one fetch: three addresses of metadata, and that of the keys.
const REQUESTS: u32 = 4;

pub(super) struct IssuerKeys {
    issuer: String,
    /// The address of the keys. `None`: that in the metadata.
    uri: Option<String>,
    agent: Agent,
    clock: Arc<dyn Clock>,
    cache: Mutex<JwksCache>,
    /// Notified when a fetch has ended.
    ended: Notify,
}

/// The keys cannot be fetched now.
pub(super) struct Unavailable;

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("expected the status 200 from {uri}, found {status}")]
    Status { uri: String, status: u16 },
    #[error("the keys at {uri}: {source}")]
    Malformed { uri: String, source: KeyError },
    #[error("expected a key at {uri}, found none that is usable")]
    NoKey { uri: String },
}

impl IssuerKeys {
    pub(super) fn new(
        issuer: &str,
        uri: Option<&str>,
        settings: &Settings,
        agent: Agent,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let cache = JwksCache::new()
            .max_age(settings.max_age)
            .cooldown(settings.cooldown)
            .stale_if_error(settings.stale_if_error)
            .fetch_timeout(settings.http.fetch_timeout.saturating_mul(REQUESTS + 1));
        Self {
            issuer: issuer.into(),
            uri: uri.map(str::to_owned),
            agent,
            clock,
            cache: cache.into(),
            ended: Notify::new(),
        }
    }

    /// Returns the keys for a token. Only a token whose key is not known waits for a fetch.
    pub(super) async fn get(self: &Arc<Self>, header: &Header) -> Result<Arc<KeySet>, Unavailable> {
        loop {
            // Before the cache is asked, so that the end of a fetch is not missed.
            let ended = self.ended.notified();
            let needed = self.cache().ask(header, self.clock.now());
            match needed {
                KeysNeeded::Use(keys) => return Ok(keys),
                KeysNeeded::Fetch(ticket) => self.start_fetch(ticket),
                KeysNeeded::Wait => {}
                _ => return Err(Unavailable),
            }
            ended.await;
        }
    }

    /// Fetches in a task of its own, which goes on if the request is dropped.
    fn start_fetch(self: &Arc<Self>, ticket: FetchTicket) {
        let (this, span) = (Arc::clone(self), Span::current());
        tokio::task::spawn_blocking(move || {
            let _entered = span.entered();
            let fetched = this.fetch();
            let now = this.clock.now();
            match fetched {
                Ok(keys) => drop(this.cache().fetched(ticket, keys, now)),
                Err(error) => {
                    tracing::warn!(issuer = this.issuer, %error, "cannot fetch the keys");
                    drop(this.cache().failed(ticket, now));
                }
            }
            this.ended.notify_waiters();
        });
    }

    fn fetch(&self) -> Result<KeySet, FetchError> {
        let uri = match &self.uri {
            Some(uri) => uri.clone(),
            None => jwks_uri(&self.agent, &self.issuer)?,
        };
        let response = self.agent.get(&uri)?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(FetchError::Status { uri, status });
        }
        match KeySet::from_json(response.body()) {
            Ok(keys) if keys.is_empty() => Err(FetchError::NoKey { uri }),
            Ok(keys) => Ok(keys),
            Err(source) => Err(FetchError::Malformed { uri, source }),
        }
    }

    fn cache(&self) -> MutexGuard<'_, JwksCache> {
        // The cache is valid at any moment, so poisoning does not matter.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
