//! The keys of one issuer: fetched when a token needs them, by one request at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jwt_ring::jwks::{FetchTicket, JwksCache, KeysNeeded};
use jwt_ring::{Clock, Header, KeyError, KeyLookupError, KeySet, Keys, NumericDate};
use tokio::sync::Notify;
use tokio::time::Instant;
use tracing::Span;

use super::settings::Settings;
use crate::discovery::{DiscoveryError, jwks_uri};
use crate::http::{Agent, HttpError};

/// Time that a fetch may take longer than its requests, until another one is started.
const MARGIN: Duration = Duration::from_secs(1);
/// The longest error that is logged, in characters: it may repeat what the issuer sent.
const MAX_LOGGED: usize = 500;

pub(super) struct IssuerKeys {
    issuer: String,
    /// The address of the keys. `None`: that in the metadata.
    uri: Option<String>,
    agent: Agent,
    clock: Arc<dyn Clock>,
    /// How long the last keys can be used: while they are stale, too.
    max_age: Duration,
    max_wait: Duration,
    state: Mutex<State>,
    /// Notified when a fetch has ended.
    ended: Notify,
}

struct State {
    cache: JwksCache,
    last: Option<Fetched>,
    /// When the last fetch was started.
    started: Instant,
}

struct Fetched {
    keys: Arc<KeySet>,
    /// The start of the fetch.
    since: NumericDate,
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
    #[error("the keys at {uri}: {error}")]
    Malformed { uri: String, error: KeyError },
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
            .fetch_timeout(settings.http.fetch_timeout.saturating_add(MARGIN));
        let state = State {
            cache,
            last: None,
            started: Instant::now(),
        };
        Self {
            issuer: issuer.into(),
            uri: uri.map(str::to_owned),
            agent,
            clock,
            max_age: settings.max_age.saturating_add(settings.stale_if_error),
            // Bounded, so that the end of the wait does not overflow the clock.
            max_wait: settings.max_key_wait.min(settings.max_time),
            state: state.into(),
            ended: Notify::new(),
        }
    }

    /// Returns the keys for a token. A token whose key is not known waits for a fetch; one whose key is
    /// too old waits for a short time, as a slow issuer is no better than one that is down.
    pub(super) async fn get(self: &Arc<Self>, header: &Header) -> Result<Arc<KeySet>, Unavailable> {
        loop {
            // Before the cache is asked, so that the end of a fetch is not missed.
            let ended = self.ended.notified();
            let now = self.clock.now();
            let needed = self.state().cache.ask(header, now);
            match needed {
                KeysNeeded::Use(keys) => return Ok(keys),
                KeysNeeded::Fetch(ticket) => self.start_fetch(ticket, now),
                KeysNeeded::Wait => {}
                _ => return Err(Unavailable),
            }
            let Some((keys, until)) = self.stale(header, now) else {
                ended.await;
                continue;
            };
            if tokio::time::timeout_at(until, ended).await.is_err() {
                return Ok(keys);
            }
        }
    }

    /// Returns the last keys if they have the key of a token, and when to use them.
    fn stale(&self, header: &Header, now: NumericDate) -> Option<(Arc<KeySet>, Instant)> {
        let state = self.state();
        let Fetched { keys, since } = state.last.as_ref()?;
        // The age of keys from before the clock was set back is unknown.
        let is_usable = *since <= now && now < since.saturating_add(self.max_age);
        let has_key = !matches!(keys.key(header), Err(KeyLookupError::Unknown));
        let until = state.started + self.max_wait;
        (is_usable && has_key).then(|| (Arc::clone(keys), until))
    }

    /// Fetches in a task of its own, which goes on if the request is dropped.
    fn start_fetch(self: &Arc<Self>, ticket: FetchTicket, since: NumericDate) {
        self.state().started = Instant::now();
        let (this, span) = (Arc::clone(self), Span::current());
        tokio::task::spawn_blocking(move || {
            let _entered = span.entered();
            let fetched = this.fetch();
            let now = this.clock.now();
            match fetched {
                Ok(keys) => {
                    let mut state = this.state();
                    let keys = state.cache.fetched(ticket, keys, now);
                    state.last = Some(Fetched { keys, since });
                }
                Err(error) => {
                    let error: String = error.to_string().chars().take(MAX_LOGGED).collect();
                    tracing::warn!(issuer = this.issuer, error, "cannot fetch the keys");
                    drop(this.state().cache.failed(ticket, now));
                }
            }
            this.ended.notify_waiters();
        });
    }

    fn fetch(&self) -> Result<KeySet, FetchError> {
        let agent = self.agent.with_total_time();
        let uri = match &self.uri {
            Some(uri) => uri.clone(),
            None => jwks_uri(&agent, &self.issuer)?,
        };
        let response = agent.get(&uri)?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(FetchError::Status { uri, status });
        }
        KeySet::from_json(response.body()).map_err(|error| FetchError::Malformed { uri, error })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is valid at any moment, so poisoning does not matter.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
