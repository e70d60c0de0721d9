//! Sign-in pages without state at the server: the form holds its authorization request as a signed ticket.

use std::sync::Arc;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claim, Clock, KeyError, NumericDate, SignError, Signer, SigningKey, Verifier,
    VerifyingKey,
};
use serde::{Deserialize, Serialize};

use super::authorization_request::Request;
use super::config::Config;
use super::crypto;
use super::error::Error;
use crate::store::random;

/// The `typ` of tickets, so that no other JWT is one.
const TYP: &str = "authorization-page+jwt";

/// Signs and verifies tickets, by a secret that all servers on a store share.
pub(super) struct Tickets {
    signer: Signer,
    key: VerifyingKey,
    verifier: Verifier,
    issuer: String,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
}

/// The claims of a ticket: a page that was sent to a browser.
#[derive(Serialize, Deserialize)]
pub(super) struct Page {
    #[serde(rename = "iss")]
    issuer: String,
    #[serde(rename = "exp")]
    pub(super) expiration: NumericDate,
    #[serde(rename = "jti")]
    pub(super) id: String,
    /// Hash of the cookie of the browser.
    browser: String,
    pub(super) request: Request,
}

impl Tickets {
    pub(super) fn new(secret: &[u8], config: &Config) -> Result<Self, KeyError> {
        let (clock, issuer) = (&config.clock, &*config.issuer);
        let key = SigningKey::from_secret(Algorithm::HS256, secret)?;
        let verifier = Verifier::new().typ(TYP).issuer(issuer);
        // The form must fit in a request.
        let max_size = config.max_body / 2;
        Ok(Self {
            key: key.verifying_key(),
            signer: Signer::new(key).typ(TYP).max_size(max_size),
            verifier: verifier
                .require(Claim::JwtId)
                .max_size(max_size)
                .clock(Arc::clone(clock)),
            issuer: issuer.into(),
            lifetime: config.page_lifetime,
            clock: Arc::clone(clock),
        })
    }

    /// Makes the ticket of a page for the browser with this cookie.
    ///
    /// # Errors
    ///
    /// Returns `invalid_request` if the request is too long for the form.
    pub(super) fn issue(&self, request: Request, cookie: &str) -> Result<String, Error> {
        let page = Page {
            issuer: self.issuer.clone(),
            expiration: self.clock.now().saturating_add(self.lifetime),
            id: random(),
            browser: crypto::sha256(cookie),
            request,
        };
        self.signer.sign(&page).map_err(|error| match error {
            SignError::TooLarge { .. } => Error::invalid_request("the request is too long"),
            error => error.into(),
        })
    }

    /// Returns the page of a ticket if it was sent to the browser with this cookie and has not expired.
    pub(super) fn verify(&self, ticket: &str, cookie: &str) -> Option<Page> {
        let page = self
            .verifier
            .verify::<Page>(ticket, &self.key)
            .ok()?
            .into_claims();
        (page.browser == crypto::sha256(cookie)).then_some(page)
    }
}
