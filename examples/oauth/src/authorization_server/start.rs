//! The checks at the start of the server.

use std::time::Duration;

use jwt_ring::KeyError;
use url::Url;

use super::clients::{Clients, GrantType};
use super::config::Config;
use super::keys::KeysError;
use super::users::Users;
use crate::store::{Store, StoreError, never};

/// The error of [`Server::new`](super::Server::new).
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
    #[error("expected at least 1 guess at a password")]
    MaxGuesses,
    #[error("expected a max-wait of at least 1s")]
    MaxWait,
    #[error("expected a store of the issuer {issuer}, found one of {found}")]
    OtherIssuer { issuer: String, found: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Secret(#[from] KeyError),
}

/// Returns the URL of the issuer (RFC 8414 §2), below whose path all routes are.
pub(super) fn url_of(config: &Config) -> Result<Url, StartError> {
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
        true => Ok(url),
        false => Err(invalid()),
    }
}

/// Checks that there is a resource, and that the clients fit the scopes and the users.
pub(super) fn check(config: &Config, clients: &Clients, users: &Users) -> Result<(), StartError> {
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

/// Checks the times that depend on each other.
pub(super) fn check_times(config: &Config) -> Result<(), StartError> {
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
    if config.max_guesses == 0 {
        return Err(StartError::MaxGuesses);
    }
    if config.max_wait.as_secs() == 0 {
        return Err(StartError::MaxWait);
    }
    Ok(())
}

/// Reserves the store for this issuer. At another one, its codes and refresh tokens would be valid, too.
pub(super) fn check_store(config: &Config, store: &dyn Store) -> Result<(), StartError> {
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
