//! Grants: codes and refresh tokens.
//!
//! A grant is one record, which its code starts and its refresh tokens continue. Each step replaces the
//! record that was read, so that of several requests with the same code or token, one succeeds, and a
//! server that is killed leaves the record from before or after the step. The store has hashes of
//! codes and tokens only.
//!
//! A refresh token whose successor was not sent, because the server was killed for instance, can be used
//! again: the rotation is confirmed when the answer is sent, and until then the previous token is kept. A
//! request with it waits until the rotation is confirmed, and is reuse then, or until the answer can no
//! longer be sent. An answer that is lost after it was sent loses the grant, as without confirmation.

mod bound;
mod checks;
mod revocation;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::NumericDate;
use jwt_ring::oauth::Scope;
use ring::digest;
use serde::{Deserialize, Serialize};

use self::checks::{check_code, check_refresh, check_target};
use crate::store::{Store, StoreError, random};

/// What the user granted to a client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Grant {
    pub client_id: String,
    pub user: String,
    pub scope: Scope,
    /// The audience of the access tokens (RFC 8707).
    pub resource: String,
    pub auth_time: NumericDate,
    /// The `nonce` of the request, for the ID token.
    pub nonce: Option<String>,
    /// The key to which a public client's refresh tokens are bound (RFC 9449 §5).
    pub thumbprint: Option<String>,
}

/// The parameters of an authorization request that its token request must match.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Expected {
    pub redirect_uri: String,
    /// The PKCE challenge (RFC 7636 §4.2).
    pub challenge: String,
    /// The key of the proof, if the request named it (RFC 9449 §10).
    pub thumbprint: Option<String>,
}

/// A token request with a code.
pub struct Redemption<'a> {
    pub code: &'a str,
    pub client_id: &'a str,
    pub redirect_uri: &'a str,
    /// The PKCE verifier.
    pub verifier: &'a str,
    pub resource: Option<&'a str>,
    /// The key of the request's proof.
    pub thumbprint: Option<&'a str>,
    /// Whether the refresh tokens are bound to that key.
    pub is_bound: bool,
}

/// A token request with a refresh token.
pub struct Refresh<'a> {
    pub token: &'a str,
    pub client_id: &'a str,
    pub scope: Option<Scope>,
    pub resource: Option<&'a str>,
    pub thumbprint: Option<&'a str>,
    /// Whether the next refresh token is bound to that key, if this one is not.
    pub is_bound: bool,
}

/// Tokens may be issued for a grant.
#[derive(Debug)]
pub struct Issued {
    pub grant: Grant,
    pub refresh_token: String,
    /// To be confirmed when the answer is sent. `None` for the first refresh token.
    pub delivery: Option<Delivery>,
}

/// An answer with a refresh token that replaces another one.
#[derive(Debug)]
pub struct Delivery {
    key: String,
    current: Hash,
}

/// The result of a refresh.
#[derive(Debug)]
pub enum Refreshed {
    Issued(Box<Issued>),
    /// An earlier request with the same token may still be answered: try again, and do not block.
    Wait,
}

/// Why no tokens are issued (RFC 6749 §5.2, RFC 8707 §2, RFC 9449 §5).
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    #[error("the code or refresh token is unknown, expired, or of another request")]
    Unknown,
    #[error("the code or refresh token was used before: its grant is revoked")]
    Reused,
    #[error("the proof is not by the key of the grant")]
    WrongKey,
    #[error("the scope is larger than that of the grant")]
    Scope,
    #[error("the resource is not that of the grant")]
    Target,
    #[error(transparent)]
    Store(#[from] StoreError),
}

type Hash = [u8; 32];

/// The record of a grant, in JSON. That of a revoked grant is `null`.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    grant: Grant,
    expected: Expected,
    /// `None` until the code is redeemed.
    family: Option<Family>,
    expiration: NumericDate,
}

/// The refresh tokens of a grant.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Family {
    /// Hash of the valid refresh token.
    current: Hash,
    /// The token that it replaced, until the answer with the new one is sent.
    previous: Option<Previous>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Previous {
    token: Hash,
    replaced: NumericDate,
}

pub struct Grants {
    store: Arc<dyn Store>,
    code_lifetime: Duration,
    grant_lifetime: Duration,
    confirm_within: Duration,
    max_grants: NonZeroUsize,
}

impl Grants {
    /// `code_lifetime` and `grant_lifetime` count from the issuance of the code and from its redemption.
    ///
    /// `confirm_within` must be longer than it takes to send an answer. After that time, a refresh token
    /// whose successor was not sent can be used again.
    pub fn new(
        store: Arc<dyn Store>,
        code_lifetime: Duration,
        grant_lifetime: Duration,
        confirm_within: Duration,
        max_grants: NonZeroUsize,
    ) -> Self {
        Self {
            store,
            code_lifetime,
            grant_lifetime,
            confirm_within,
            max_grants,
        }
    }

    /// Stores a grant under its code, which must be random or made from a secret. If the user has granted
    /// this client more than `max_grants` already, the oldest grant is revoked.
    ///
    /// Has no effect if the code was issued before, even if its grant is revoked.
    pub fn issue_code(
        &self,
        code: &str,
        grant: Grant,
        expected: Expected,
        now: NumericDate,
    ) -> Result<(), StoreError> {
        let name = name_of(code);
        self.make_room(&grant, &name, now)?;
        let record = Record {
            grant,
            expected,
            family: None,
            expiration: now.saturating_add(self.code_lifetime),
        };
        let value = record.to_json()?;
        self.store
            .insert(&key(&name), &value, record.expiration, now)?;
        Ok(())
    }

    /// Redeems a code once, if all is as in its request. A second use revokes the tokens that were
    /// issued for it, because one of the two senders stole it (RFC 6749 §4.1.2).
    pub fn redeem(&self, request: &Redemption<'_>, now: NumericDate) -> Result<Issued, GrantError> {
        let name = name_of(request.code);
        let key = key(&name);
        loop {
            let (value, mut record) = self.record(&key, request.client_id, now)?;
            check_code(&record.expected, request)?;
            if record.family.is_some() {
                self.end(&key, now)?;
                return Err(GrantError::Reused);
            }
            check_target(&record.grant, request.resource)?;
            if request.is_bound {
                record.grant.thumbprint = request.thumbprint.map(str::to_owned);
            }
            record.expiration = now.saturating_add(self.grant_lifetime);
            if let Some(issued) = self.rotate(&name, &value, record, None)? {
                return Ok(issued);
            }
        }
    }

    /// Exchanges a refresh token for the next one. A used token revokes its grant, because one of the
    /// two senders stole it (RFC 9700 §4.14.2).
    pub fn refresh(
        &self,
        request: &Refresh<'_>,
        now: NumericDate,
    ) -> Result<Refreshed, GrantError> {
        let (name, _) = request.token.split_once('.').ok_or(GrantError::Unknown)?;
        let (key, presented) = (key(name), sha256(request.token));
        loop {
            let (value, mut record) = self.record(&key, request.client_id, now)?;
            let family = record.family.as_ref().ok_or(GrantError::Unknown)?;
            let previous = family
                .previous
                .as_ref()
                .filter(|previous| previous.token == presented);
            if previous.is_none() && family.current != presented {
                self.end(&key, now)?;
                return Err(GrantError::Reused);
            }
            let scope = check_refresh(&record.grant, request)?;
            if let Some(previous) = previous
                && now < previous.replaced.saturating_add(self.confirm_within)
            {
                return Ok(Refreshed::Wait);
            }
            if request.is_bound && record.grant.thumbprint.is_none() {
                record.grant.thumbprint = request.thumbprint.map(str::to_owned);
            }
            let previous = Previous {
                token: presented,
                replaced: rounded_up(now),
            };
            if let Some(mut issued) = self.rotate(name, &value, record, Some(previous))? {
                // The next refresh may request the whole scope again (RFC 6749 §6).
                issued.grant.scope = scope;
                return Ok(Refreshed::Issued(Box::new(issued)));
            }
        }
    }

    /// Notes that the answer with a refresh token was sent: the token that it replaced is used now.
    pub fn confirm(&self, delivery: &Delivery) -> Result<(), StoreError> {
        while let Some(value) = self.store.get(&delivery.key)? {
            let Some(mut record) = Record::from_json(&value)? else {
                return Ok(());
            };
            match &mut record.family {
                Some(family) if family.current == delivery.current && family.previous.is_some() => {
                    family.previous = None;
                }
                _ => return Ok(()),
            }
            let (new, expiration) = (record.to_json()?, record.expiration);
            if self
                .store
                .replace(&delivery.key, &value, &new, expiration)?
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Reads the unexpired record of a client.
    fn record(
        &self,
        key: &str,
        client_id: &str,
        now: NumericDate,
    ) -> Result<(Vec<u8>, Record), GrantError> {
        let value = self.store.get(key)?.ok_or(GrantError::Unknown)?;
        match Record::from_json(&value)? {
            Some(record) if record.grant.client_id == client_id && now < record.expiration => {
                Ok((value, record))
            }
            _ => Err(GrantError::Unknown),
        }
    }

    /// Writes the next refresh token. `None` if the record has changed.
    fn rotate(
        &self,
        name: &str,
        old: &[u8],
        mut record: Record,
        previous: Option<Previous>,
    ) -> Result<Option<Issued>, StoreError> {
        let refresh_token = format!("{name}.{}", random());
        let (key, current) = (key(name), sha256(&refresh_token));
        let delivery = previous.as_ref().map(|_| Delivery {
            key: key.clone(),
            current,
        });
        record.family = Some(Family { current, previous });
        let new = record.to_json()?;
        let is_replaced = self.store.replace(&key, old, &new, record.expiration)?;
        Ok(is_replaced.then_some(Issued {
            grant: record.grant,
            refresh_token,
            delivery,
        }))
    }
}

impl Family {
    fn has(&self, token: &Hash) -> bool {
        let is_previous = |previous: &Previous| previous.token == *token;
        self.current == *token || self.previous.as_ref().is_some_and(is_previous)
    }
}

impl Record {
    fn to_json(&self) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(self).map_err(StoreError::new)
    }

    /// Returns `None` if the grant is revoked.
    fn from_json(json: &[u8]) -> Result<Option<Self>, StoreError> {
        serde_json::from_slice(json).map_err(StoreError::new)
    }
}

/// The name of a grant, which is the first part of its refresh tokens and does not reveal the code.
fn name_of(code: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(code))
}

/// Records have whole seconds.
pub(super) fn rounded_up(time: NumericDate) -> NumericDate {
    let almost = Duration::from_nanos(999_999_999);
    NumericDate::from_seconds(time.saturating_add(almost).seconds())
}

fn key(name: &str) -> String {
    format!("grant:{name}")
}

fn sha256(text: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    hash
}
