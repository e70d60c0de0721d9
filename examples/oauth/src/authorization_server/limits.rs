//! Limits of guesses at passwords.
//!
//! Guesses are counted by account and by address, and those of a browser in which the user signed in before
//! by that browser alone: guesses of others do not delay the owner there.
//!
//! There are records of unknown usernames, too, or the limits would reveal which are known. A guess is
//! counted only with a place in the queue, which is kept until its password is checked. So there are at
//! most as many records of usernames as passwords are checked in the time that a record is kept.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jwt_ring::NumericDate;
use serde::{Deserialize, Serialize};

use super::config::Config;
use super::crypto::sha256;
use super::grants::rounded_up;
use super::record::{Change, update};
use super::turns::Owner;
use crate::store::{Store, StoreError};

pub(super) struct Limits {
    store: Arc<dyn Store>,
    /// How many guesses need no wait.
    free: u32,
    max_wait: Duration,
}

/// The counters of a sign-in. Their keys in the store are hashes of usernames and addresses.
pub(super) struct Guesser {
    /// Of the account or the browser. A right password ends it.
    account: String,
    /// Of the address. A right password is not counted.
    address: Option<String>,
    /// Who takes a place in the queue.
    pub(super) owner: Owner,
}

/// The record of a counter. It loses one guess after each `max_wait` without another.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Guesses {
    number: u32,
    last: NumericDate,
    /// `last` without the latest guess.
    before: NumericDate,
}

impl Guesser {
    /// A browser in which the user has not signed in before.
    pub(super) fn new_browser(user: &str, address: Option<IpAddr>) -> Self {
        let address = address.map(|address| sha256(&address.to_string()));
        Self {
            account: format!("guesses:account:{}", sha256(user)),
            address: address.map(|hash| format!("guesses:address:{hash}")),
            owner: Owner::New(user.to_owned()),
        }
    }

    /// A browser in which the user signed in before.
    pub(super) fn known(user: &str, browser: &str) -> Self {
        let hash = sha256(&format!("{browser} {user}"));
        Self {
            account: format!("guesses:browser:{hash}"),
            address: None,
            owner: Owner::Known(user.to_owned()),
        }
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        // The address first, so that it limits the accounts for which there are records.
        let address = self.address.as_deref().into_iter();
        address.chain([&*self.account])
    }
}

impl Limits {
    pub(super) fn new(store: Arc<dyn Store>, config: &Config) -> Self {
        Self {
            store,
            free: config.max_guesses,
            max_wait: config.max_wait,
        }
    }

    /// Returns the time until which to wait if a guess must not be checked.
    pub(super) fn wait_until(
        &self,
        guesser: &Guesser,
        now: NumericDate,
    ) -> Result<Option<NumericDate>, StoreError> {
        for key in guesser.keys() {
            if let Some(value) = self.store.get(key)? {
                let guesses: Guesses = serde_json::from_slice(&value).map_err(StoreError::new)?;
                if let Some(until) = self.wait(guesses, now) {
                    return Ok(Some(until));
                }
            }
        }
        Ok(None)
    }

    /// Counts a guess before it is checked. Returns the time until which to wait if it must not be checked.
    ///
    /// Such a guess is not counted, or retries would make the wait longer: [`Self::wait_until`] first.
    pub(super) fn count(
        &self,
        guesser: &Guesser,
        now: NumericDate,
    ) -> Result<Option<NumericDate>, StoreError> {
        for key in guesser.keys() {
            let until = update(&*self.store, key, now, |guesses: Option<Guesses>| {
                let guesses = guesses.unwrap_or(Guesses {
                    number: 0,
                    last: now,
                    before: now,
                });
                if let Some(until) = self.wait(guesses, now) {
                    return Ok(Change::Keep(Some(until)));
                }
                let guesses = self.next(guesses, now);
                Ok(Change::Write(guesses, self.expiration(guesses), None))
            })?;
            if until.is_some() {
                return Ok(until);
            }
        }
        Ok(None)
    }

    /// Removes the guesses of an account, and one of the address, after a right password.
    ///
    /// The address is as before, or the right passwords of some users would make the others at it wait.
    pub(super) fn reset(&self, guesser: &Guesser, now: NumericDate) -> Result<(), StoreError> {
        self.store.remove(&guesser.account)?;
        let Some(key) = &guesser.address else {
            return Ok(());
        };
        update(&*self.store, key, now, |guesses: Option<Guesses>| {
            Ok(match guesses {
                None => Change::Keep(()),
                Some(mut guesses) => {
                    guesses.number = guesses.number.saturating_sub(1);
                    guesses.last = guesses.before;
                    Change::Write(guesses, self.expiration(guesses), ())
                }
            })
        })
    }

    /// Returns the time of the next guess if it is later.
    fn wait(&self, guesses: Guesses, now: NumericDate) -> Option<NumericDate> {
        let until = guesses.last.saturating_add(self.wait_after(guesses.number));
        (guesses.number >= self.free && now < until).then_some(until)
    }

    /// Returns 1 second after the free guesses, and twice as long after each other one.
    fn wait_after(&self, number: u32) -> Duration {
        let doublings = number.saturating_sub(self.free).min(31);
        Duration::from_secs(1 << doublings).min(self.max_wait)
    }

    fn next(&self, guesses: Guesses, now: NumericDate) -> Guesses {
        let time = now.seconds().saturating_sub(guesses.last.seconds());
        let time = u64::try_from(time).unwrap_or(0);
        let expired = time / self.max_wait.as_secs();
        let expired = u32::try_from(expired).unwrap_or(u32::MAX);
        let number = guesses.number.saturating_sub(expired);
        let before = guesses
            .last
            .saturating_add(self.max_wait.saturating_mul(expired));
        Guesses {
            // Bounded: after the maximum wait, one has expired.
            number: number.saturating_add(1),
            // Records have whole seconds.
            last: rounded_up(now),
            before,
        }
    }

    /// Returns when all guesses have expired.
    fn expiration(&self, guesses: Guesses) -> NumericDate {
        let time = self.max_wait.saturating_mul(guesses.number.max(1));
        guesses.last.saturating_add(time)
    }
}
