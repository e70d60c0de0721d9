//! The cookies: one that identifies the browser, and one that keeps a message for the next page.
//!
//! The server makes and signs their values. One that it did not sign is as none.

use std::cmp::Reverse;
use std::time::Duration;

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use jwt_ring::{Claims, KeyError, NumericDate};
use serde::{Deserialize, Serialize};

use super::config::Config;
use super::error::Error;
use super::signed::Signed;
use crate::store::random;

/// Browsers accept cookies of 4096 bytes with name and attributes.
const MAX_SIZE: usize = 3_800;
/// How long a message waits for its page.
const MESSAGE_LIFETIME: Duration = Duration::from_secs(60);

pub(super) struct Cookies {
    browsers: Signed<Browser>,
    messages: Signed<Message>,
    /// `__Host-` keeps other hosts of the domain, and HTTP without TLS, from setting the cookie.
    prefix: &'static str,
    attributes: &'static str,
}

/// The content of the cookie of a browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Browser {
    pub(super) id: String,
}

/// What the next page of a request says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Message {
    /// Hash of the request.
    pub(super) request: String,
    /// The username that was entered.
    pub(super) user: String,
    /// When the next password is accepted. `None` if the password was wrong.
    pub(super) wait_until: Option<NumericDate>,
}

impl Browser {
    pub(super) fn new() -> Self {
        Self { id: random() }
    }

    pub(super) fn with_id(id: &str) -> Self {
        Self { id: id.to_owned() }
    }

    /// The name of the cookie is of this browser ID alone: a response to a request without cookies, such as
    /// one of two at once or a form of another site, must not replace the cookie of another page.
    fn name(&self, prefix: &str) -> String {
        format!("{prefix}browser-{}", self.id.get(..8).unwrap_or_default())
    }
}

impl Cookies {
    pub(super) fn new(secret: &[u8], config: &Config) -> Result<Self, KeyError> {
        let (prefix, attributes) = match config.issuer.starts_with("https:") {
            true => ("__Host-", "; Path=/; HttpOnly; SameSite=Lax; Secure"),
            false => ("", "; Path=/; HttpOnly; SameSite=Lax"),
        };
        Ok(Self {
            browsers: Signed::new(secret, "browser+jwt", MAX_SIZE, config)?,
            messages: Signed::new(secret, "message+jwt", MAX_SIZE, config)?,
            prefix,
            attributes,
        })
    }

    /// Returns the valid cookies of the browser, the one that expires last first.
    pub(super) fn browsers(&self, headers: &HeaderMap) -> Vec<Browser> {
        let valid = self.valid(headers).into_iter();
        valid.map(|claims| claims.custom).collect()
    }

    /// Returns the cookie for a page that expires at this time, if one lasts as long.
    pub(super) fn browser_until(&self, headers: &HeaderMap, time: NumericDate) -> Option<Browser> {
        let last = self.valid(headers).into_iter().next()?;
        // Cookies have whole seconds.
        let is_long_enough = last.expiration?.seconds() >= time.seconds();
        is_long_enough.then_some(last.custom)
    }

    fn valid(&self, headers: &HeaderMap) -> Vec<Claims<Browser>> {
        let mut valid: Vec<_> = cookies(headers)
            .filter_map(|(name, value)| {
                name.strip_prefix(self.prefix)?.strip_prefix("browser-")?;
                let claims = self.browsers.verify(value)?;
                (claims.custom.name(self.prefix) == name).then_some(claims)
            })
            .collect();
        valid.sort_by_key(|claims| Reverse(claims.expiration));
        valid
    }

    /// Sets the cookie of a browser: for the time of two pages, or longer after a user signed in.
    ///
    /// A browser does not get many of them: only the GET of a page sets a new one, and `SameSite=Lax` lets
    /// it be sent with navigations from other sites, and not be set by their subresources.
    pub(super) fn set_browser(
        &self,
        headers: &mut HeaderMap,
        browser: Browser,
        lifetime: Duration,
    ) -> Result<(), Error> {
        let name = browser.name(self.prefix);
        let value = self.browsers.sign(browser, lifetime)?;
        self.set(headers, &name, &value, lifetime);
        Ok(())
    }

    /// Returns the message for the next page of a request.
    pub(super) fn message(&self, headers: &HeaderMap, request: &str) -> Option<Message> {
        let name = self.message_name();
        let (_, value) = cookies(headers).find(|(sent, _)| *sent == name)?;
        let message = self.messages.verify(value)?.custom;
        (message.request == request).then_some(message)
    }

    pub(super) fn set_message(
        &self,
        headers: &mut HeaderMap,
        message: Message,
    ) -> Result<(), Error> {
        let value = self.messages.sign(message, MESSAGE_LIFETIME)?;
        self.set(headers, &self.message_name(), &value, MESSAGE_LIFETIME);
        Ok(())
    }

    pub(super) fn clear_message(&self, headers: &mut HeaderMap) {
        self.set(headers, &self.message_name(), "", Duration::ZERO);
    }

    fn message_name(&self) -> String {
        format!("{}message", self.prefix)
    }

    fn set(&self, headers: &mut HeaderMap, name: &str, value: &str, lifetime: Duration) {
        let (max_age, attributes) = (lifetime.as_secs(), self.attributes);
        let cookie = format!("{name}={value}; Max-Age={max_age}{attributes}");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

/// Returns the names and values of the cookies.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let headers = headers.get_all(COOKIE).into_iter();
    let values = headers.filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
}
