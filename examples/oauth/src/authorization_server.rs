//! The authorization server and its parts.

mod address;
mod authorization_request;
mod authorize;
mod browsers;
mod client_auth;
pub mod clients;
mod config;
mod cookie;
mod crypto;
mod decide;
mod delivery;
mod error;
pub mod grants;
mod issue;
pub mod keys;
mod limits;
mod metadata;
mod page;
mod parameters;
mod proof;
mod record;
mod redirect_uri;
mod revoke;
mod routes;
mod signed;
mod start;
mod ticket;
mod token;
mod turns;
mod users;

use std::sync::Arc;

use jwt_ring::oauth::client_assertion;
use jwt_ring::oauth::dpop::{Nonces, ProofVerifier};
use jwt_ring::{Clock, NumericDate};
use ring::hmac;
use tracing::Span;
use url::Position;

pub use self::clients::{Client, Clients};
pub use self::config::Config;
pub use self::routes::router;
pub use self::start::StartError;
pub use self::users::Users;

use self::browsers::Browsers;
use self::cookie::Cookies;
use self::error::Error;
use self::grants::Grants;
use self::keys::Keys;
use self::limits::Limits;
use self::ticket::Tickets;
use self::turns::Turns;
use crate::store::{Store, shared_secret};

/// An authorization server.
pub struct Server {
    config: Config,
    /// The path of the issuer, without a slash at its end.
    path: String,
    /// The host and port of the issuer.
    host: String,
    clients: Clients,
    users: Users,
    /// For passwords.
    turns: Turns,
    store: Arc<dyn Store>,
    grants: Grants,
    keys: Keys,
    tickets: Tickets,
    cookies: Cookies,
    /// Codes are made from pages by this key.
    codes: hmac::Key,
    limits: Limits,
    browsers: Browsers,
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
        let url = start::url_of(&config)?;
        start::check(&config, &clients, &users)?;
        start::check_times(&config)?;
        start::check_store(&config, &*store)?;
        let proofs = proofs(&config, &*store)?;
        let secret = |name| shared_secret(&*store, name, config.clock.now());
        let (tickets, cookies, codes) = (secret("tickets")?, secret("cookies")?, secret("codes")?);
        Ok(Self {
            path: url.path().trim_end_matches('/').to_owned(),
            host: url[Position::BeforeHost..Position::AfterPort].to_owned(),
            clients,
            users,
            turns: Turns::new(config.max_waiting),
            grants: Grants::new(
                Arc::clone(&store),
                config.code_lifetime,
                config.grant_lifetime,
                config.confirm_within,
                config.max_grants,
            ),
            keys: Keys::open(
                &config.issuer,
                config.keys.clone(),
                Arc::clone(&store),
                config.schedule.clone(),
                Arc::clone(&config.clock),
            )?,
            tickets: Tickets::new(&tickets, &config)?,
            cookies: Cookies::new(&cookies, &config)?,
            codes: hmac::Key::new(hmac::HMAC_SHA256, &codes),
            limits: Limits::new(Arc::clone(&store), &config),
            browsers: Browsers::new(Arc::clone(&store), &config),
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
