//! Sign-in pages without state at the server: the form holds its authorization request as a signed ticket.

use std::time::Duration;

use jwt_ring::{KeyError, NumericDate, SignError};
use serde::{Deserialize, Serialize};

use super::authorization_request::Request;
use super::config::Config;
use super::error::Error;
use super::signed::Signed;
use crate::store::random;

/// Signs and verifies tickets.
pub(super) struct Tickets {
    signed: Signed<Ticket>,
    lifetime: Duration,
}

#[derive(Serialize, Deserialize)]
struct Ticket {
    page: String,
    browser: String,
    request: Request,
}

/// A page that was sent to a browser.
pub(super) struct Page {
    pub(super) id: String,
    pub(super) expiration: NumericDate,
    /// The ID of the browser.
    pub(super) browser: String,
    pub(super) request: Request,
}

impl Tickets {
    pub(super) fn new(secret: &[u8], config: &Config) -> Result<Self, KeyError> {
        Ok(Self {
            // The form must fit in a request.
            signed: Signed::new(
                secret,
                "authorization-page+jwt",
                config.max_body / 2,
                config,
            )?,
            lifetime: config.page_lifetime,
        })
    }

    /// Makes the ticket of a page for a browser.
    ///
    /// # Errors
    ///
    /// Returns `invalid_request` if the request is too long for the form.
    pub(super) fn issue(&self, request: Request, browser: &str) -> Result<String, Error> {
        let ticket = Ticket {
            page: random(),
            browser: browser.to_owned(),
            request,
        };
        let signed = self.signed.sign(ticket, self.lifetime);
        signed.map_err(|error| match error {
            SignError::TooLarge { .. } => Error::invalid_request("the request is too long"),
            error => error.into(),
        })
    }

    /// Returns the page of a ticket if it has not expired.
    pub(super) fn verify(&self, ticket: &str) -> Option<Page> {
        let claims = self.signed.verify(ticket)?;
        let Ticket {
            page,
            browser,
            request,
        } = claims.custom;
        Some(Page {
            id: page,
            expiration: claims.expiration?,
            browser,
            request,
        })
    }
}
