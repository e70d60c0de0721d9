//! The browsers in which a user signed in before.

use std::sync::Arc;
use std::time::Duration;

use jwt_ring::NumericDate;
use serde::{Deserialize, Serialize};

use super::config::Config;
use super::cookie::Browser;
use super::crypto::sha256;
use super::record::{Change, update};
use crate::store::{Store, StoreError};

/// Maximum number of known browsers of a user. Each has guesses of its own.
const MAX_BROWSERS: usize = 5;

pub(super) struct Browsers {
    store: Arc<dyn Store>,
    lifetime: Duration,
}

/// The record of a user. It is made after a right password.
#[derive(Serialize, Deserialize)]
struct Known {
    /// Hashes of the IDs, that of the latest sign-in last.
    ids: Vec<String>,
    expiration: NumericDate,
}

impl Browsers {
    pub(super) fn new(store: Arc<dyn Store>, config: &Config) -> Self {
        Self {
            store,
            lifetime: config.browser_lifetime,
        }
    }

    /// Returns the first of these browsers, whose cookies are valid, in which the user signed in.
    pub(super) fn find<'a>(
        &self,
        user: &str,
        browsers: &'a [Browser],
    ) -> Result<Option<&'a Browser>, StoreError> {
        let Some(record) = self.store.get(&key(user))? else {
            return Ok(None);
        };
        let known: Known = serde_json::from_slice(&record).map_err(StoreError::new)?;
        let is_known = |browser: &&Browser| known.ids.contains(&sha256(&browser.id));
        Ok(browsers.iter().find(is_known))
    }

    /// Adds a browser in which the user signed in, instead of that of the oldest sign-in if there are
    /// too many.
    pub(super) fn add(
        &self,
        user: &str,
        browser: &Browser,
        now: NumericDate,
    ) -> Result<(), StoreError> {
        let id = sha256(&browser.id);
        let cookie_expiration = now.saturating_add(self.lifetime);
        update(&*self.store, &key(user), now, |known: Option<Known>| {
            let (mut ids, expiration) =
                known.map_or((Vec::new(), now), |known| (known.ids, known.expiration));
            if ids.last() == Some(&id) && cookie_expiration <= expiration {
                return Ok(Change::Keep(()));
            }
            ids.retain(|known| *known != id);
            ids.push(id.clone());
            let excess = ids.len().saturating_sub(MAX_BROWSERS);
            ids.drain(..excess);
            // Twice the lifetime of the cookie, so that few sign-ins in a known browser write.
            let expiration = cookie_expiration.saturating_add(self.lifetime);
            Ok(Change::Write(Known { ids, expiration }, expiration, ()))
        })
    }
}

fn key(user: &str) -> String {
    format!("browsers:{}", sha256(user))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn browsers() -> Browsers {
        let store = store::open("memory").expect("a store");
        Browsers::new(store, &Config::new("https://issuer.example", []))
    }

    fn at(day: u32) -> NumericDate {
        NumericDate::from_seconds(0).saturating_add(DAY * day)
    }

    #[test]
    fn the_latest_five_of_each_user_are_known() {
        let (browsers, users) = (browsers(), ["alice", "bob"]);
        let of = users.map(|_| [(); 6].map(|()| Browser::new()));
        for (user, of_user) in users.iter().zip(&of) {
            for browser in of_user {
                browsers.add(user, browser, at(0)).expect("a store");
                browsers.add(user, browser, at(0)).expect("a store");
            }
        }
        let is_known = |user, browser: &Browser| {
            let sent = [Browser::new(), browser.clone()];
            let found = browsers.find(user, &sent).expect("a store");
            assert!(found.is_none_or(|found| found.id == browser.id));
            found.is_some()
        };
        assert!(!is_known("alice", &of[0][0]), "the first of six");
        for (alice, bob) in of[0].iter().zip(&of[1]).skip(1) {
            assert!(is_known("alice", alice) && !is_known("alice", bob));
            assert!(is_known("bob", bob) && !is_known("bob", alice));
        }
        assert!(!is_known("carol", &of[0][5]));
    }

    #[test]
    fn the_browser_of_the_oldest_sign_in_makes_room() {
        let (browsers, of) = (browsers(), [(); 6].map(|()| Browser::new()));
        for n in [0, 1, 2, 3, 4, 0, 5] {
            browsers.add("alice", &of[n], at(0)).expect("a store");
        }
        let is_known = |browser: &Browser| {
            let sent = std::slice::from_ref(browser);
            browsers.find("alice", sent).expect("a store").is_some()
        };
        let known = of.each_ref().map(is_known);
        assert_eq!(known, [true, false, true, true, true, true]);
    }

    #[test]
    fn a_record_outlives_the_cookies_and_is_seldom_written() {
        let (browsers, browser) = (browsers(), Browser::new());
        let record = || browsers.store.get(&key("alice")).expect("a store");
        let mut before = None;
        for (day, is_written) in [(0, true), (0, false), (90, false), (91, true), (181, false)] {
            // Removes the expired records.
            let other = browsers.store.insert("other", b"", at(day + 1), at(day));
            other.expect("a store");
            assert_eq!(record(), before, "still there at day {day}");
            browsers.add("alice", &browser, at(day)).expect("a store");
            assert_eq!(record() != before, is_written, "{day}");
            before = record();
        }
    }
}
