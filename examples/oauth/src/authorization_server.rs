//! The authorization server: its parts, and the checks at its start.

mod authorization_request;
mod authorize;
mod client_auth;
pub mod clients;
mod config;
mod crypto;
mod delivery;
mod error;
pub mod grants;
mod issue;
pub mod keys;
mod metadata;
mod page;
mod parameters;
mod proof;
mod redirect_uri;
mod revoke;
mod routes;
mod ticket;
mod token;
mod users;

use std::sync::Arc;
use std::time::Duration;

use jwt_ring::oauth::client_assertion;
use jwt_ring::oauth::dpop::{Nonces, ProofVerifier};
use jwt_ring::{Clock, KeyError, NumericDate};
use tracing::Span;
use url::Url;

pub use self::clients::{Client, Clients};
pub use self::config::Config;
pub use self::routes::router;
pub use self::users::Users;

use self::clients::GrantType;
use self::error::Error;
use self::grants::Grants;
use self::keys::{Keys, KeysError};
use self::ticket::Tickets;
use crate::store::{Store, StoreError, never, shared_secret};

/// The error of [`Server::new`].
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "expected a normalised http or https URL without user, query and fragment as the issuer, found {0:?}"
    )]
    Issuer(String),
    #[error("expected a resource")]
    NoResource,
    #[error("the client {0} has a scope that is not one of the server")]
    Scope(String),
    #[error("the client {0} has the name of a user, which would be the subject of its tokens")]
    Subject(String),
    #[error("expected a keys-max-age of less than publish-ahead, {limit:?}, found {found:?}")]
    KeysMaxAge { limit: Duration, found: Duration },
    #[error("expected a confirm-within of less than max-time, {limit:?}, found {found:?}")]
    ConfirmWithin { limit: Duration, found: Duration },
    #[error("expected a sync-keys-every of more than 0s")]
    SyncKeysEvery,
    #[error("expected a store of the issuer {issuer}, found one of {found}")]
    OtherIssuer { issuer: String, found: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Secret(#[from] KeyError),
}

/// An authorization server.
pub struct Server {
    config: Config,
    /// The path of the issuer, without a slash at its end.
    path: String,
    clients: Clients,
    users: Users,
    store: Arc<dyn Store>,
    grants: Grants,
    keys: Keys,
    tickets: Tickets,
    proofs: ProofVerifier,
    assertions: client_assertion::Verifier,
}

impl Server {
    /// Makes a server on a store, which servers of the same issuer may share.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration, the clients and the users are not consistent, if the store is
    /// unavailable or of another issuer, or if the signing keys cannot be used.
    pub fn new(
        config: Config,
        clients: Clients,
        users: Users,
        store: Arc<dyn Store>,
    ) -> Result<Self, StartError> {
        let path = path_of(&config)?;
        check(&config, &clients, &users)?;
        check_times(&config)?;
        check_store(&config, &*store)?;
        let proofs = proofs(&config, &*store)?;
        let secret = shared_secret(&*store, "tickets", config.clock.now())?;
        Ok(Self {
            path,
            clients,
            users,
            grants: Grants::new(
                Arc::clone(&store),
                config.code_lifetime,
                config.grant_lifetime,
                config.confirm_within,
            ),
            keys: Keys::open(
                &config.issuer,
                config.keys.clone(),
                Arc::clone(&store),
                config.schedule.clone(),
                Arc::clone(&config.clock),
            )?,
            tickets: Tickets::new(&secret, &config)?,
            assertions: assertions(&config),
            proofs,
            store,
            config,
        })
    }

    /// Keeps the signing keys up to date, for as long as the process runs.
    pub async fn keep_keys(self: Arc<Self>) {
        loop {
            tokio::time::sleep(self.config.sync_keys_every).await;
            let server = Arc::clone(&self);
            let _ = tokio::task::spawn_blocking(move || server.sync_keys()).await;
        }
    }

    /// Loads the keys of other servers on the store, and makes the next key if it is due.
    pub fn sync_keys(&self) {
        if let Err(error) = self.keys.sync() {
            tracing::error!(%error, "the keys are not up to date");
        }
    }

    /// Makes the next signing key.
    pub fn rotate(&self) {
        if let Err(error) = self.keys.rotate() {
            tracing::error!(%error, "there is no new key");
        }
    }

    fn now(&self) -> NumericDate {
        self.config.clock.now()
    }

    /// Returns the URL of an endpoint.
    fn url(&self, route: &str) -> String {
        let issuer = self.config.issuer.trim_end_matches('/');
        format!("{issuer}{route}")
    }

    /// Returns the path of an endpoint.
    fn path(&self, route: &str) -> String {
        format!("{}{route}", self.path)
    }

    /// Returns the requested audience, or the default one.
    fn resource(&self, requested: Option<&str>) -> Result<&str, Error> {
        let resources = &self.config.resources;
        let resource = match requested {
            None => resources.first(),
            Some(resource) => resources.iter().find(|one| *one == resource),
        };
        let unknown = || Error::new("invalid_target", "no tokens are issued for this resource");
        resource.map(String::as_str).ok_or_else(unknown)
    }

    /// Runs work with the store or passwords in a thread that may block, in the span of the request.
    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (server, span) = (Arc::clone(self), Span::current());
        let task = tokio::task::spawn_blocking(move || span.in_scope(|| work(&server)));
        let failed = |_| Err(Error::new("server_error", "").because("panic"));
        task.await.unwrap_or_else(failed)
    }
}

/// Returns the path of the issuer (RFC 8414 §2), below which all routes are.
fn path_of(config: &Config) -> Result<String, StartError> {
    let invalid = || StartError::Issuer(config.issuer.clone());
    let url = Url::parse(&config.issuer).map_err(|_| invalid())?;
    // Clients compare the issuer byte for byte, and use it as a URL. Both must mean the same.
    let is_normalised = url.as_str().trim_end_matches('/') == config.issuer.trim_end_matches('/');
    let has_user = !url.username().is_empty() || url.password().is_some();
    let is_valid = matches!(url.scheme(), "http" | "https")
        && url.query().is_none()
        && url.fragment().is_none()
        && !has_user
        && is_normalised;
    match is_valid {
        true => Ok(url.path().trim_end_matches('/').to_owned()),
        false => Err(invalid()),
    }
}

fn check(config: &Config, clients: &Clients, users: &Users) -> Result<(), StartError> {
    if config.resources.is_empty() {
        return Err(StartError::NoResource);
    }
    for client in clients.iter() {
        if !client.scope.is_subset(&config.scopes) {
            return Err(StartError::Scope(client.id.clone()));
        }
        // A token of the client itself must not pass for one of the user (RFC 9700 §4.15).
        if client.allows_grant(GrantType::ClientCredentials) && users.contains(&client.id) {
            return Err(StartError::Subject(client.id.clone()));
        }
    }
    Ok(())
}

fn check_times(config: &Config) -> Result<(), StartError> {
    // A verifier must have fetched a key when that begins to sign.
    let (limit, found) = (config.schedule.publish_ahead, config.keys_max_age);
    if found >= limit {
        return Err(StartError::KeysMaxAge { limit, found });
    }
    // A refresh may wait for the confirmation of the previous one.
    let (limit, found) = (config.max_time, config.confirm_within);
    if found >= limit {
        return Err(StartError::ConfirmWithin { limit, found });
    }
    if config.sync_keys_every.is_zero() {
        return Err(StartError::SyncKeysEvery);
    }
    Ok(())
}

/// Reserves the store for this issuer. At another one, its codes and refresh tokens would be valid, too.
fn check_store(config: &Config, store: &dyn Store) -> Result<(), StartError> {
    let (issuer, now) = (&config.issuer, config.clock.now());
    store.insert("issuer", issuer.as_bytes(), never(now), now)?;
    match store.get("issuer")? {
        Some(stored) if stored == issuer.as_bytes() => Ok(()),
        Some(stored) => Err(StartError::OtherIssuer {
            issuer: issuer.clone(),
            found: String::from_utf8_lossy(&stored).into_owned(),
        }),
        None => Err(StoreError::new("the issuer was removed").into()),
    }
}

fn proofs(config: &Config, store: &dyn Store) -> Result<ProofVerifier, StartError> {
    let proofs = ProofVerifier::new()
        .window(config.dpop_window)
        .clock(Arc::clone(&config.clock));
    if !config.dpop_nonces {
        return Ok(proofs);
    }
    let secret = shared_secret(store, "dpop-nonces", config.clock.now())?;
    let nonces = Nonces::new(secret)?.lifetime(config.dpop_nonce_lifetime);
    Ok(proofs.nonces(nonces))
}

fn assertions(config: &Config) -> client_assertion::Verifier {
    client_assertion::Verifier::new(&*config.issuer)
        .max_lifetime(config.max_assertion_lifetime)
        .map_verifier(|verifier| {
            verifier
                .leeway(config.leeway)
                .clock(Arc::clone(&config.clock))
        })
}
