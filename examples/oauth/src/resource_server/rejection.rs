//! Why a request is rejected, in the log, and the response to it (RFC 6750 §3, RFC 9449 §7, RFC 9470).

use std::time::Duration;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jwt_ring::oauth::bearer::{Challenge, Rejection};
use jwt_ring::oauth::dpop::DpopError;
use jwt_ring::{Token, Unverified, VerifyError};
use serde::Deserialize;
use serde_json::json;

use super::keys::Unavailable;
use super::profile::{Claims, ProfileError};
use crate::program::RETRY_AFTER_SECONDS;
use crate::store::StoreError;

/// The longest value of a token that is logged, in characters.
const MAX_LOGGED: usize = 100;

/// The scheme of the `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Bearer,
    Dpop,
}

/// Why a request is rejected, in more detail than the response.
#[derive(Debug, thiserror::Error)]
pub(super) enum Denied {
    #[error(transparent)]
    Request(#[from] Rejection),
    #[error(transparent)]
    Token(#[from] VerifyError),
    #[error(transparent)]
    Dpop(#[from] DpopError),
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error("the keys of the issuer cannot be fetched")]
    Keys,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Unavailable> for Denied {
    fn from(Unavailable: Unavailable) -> Self {
        Self::Keys
    }
}

impl Denied {
    fn code(&self) -> &'static str {
        match self {
            Self::Request(rejection) => rejection.error().unwrap_or("no_token"),
            Self::Token(error) => error.code(),
            Self::Dpop(error) => error.code(),
            Self::Profile(error) => error.code(),
            Self::Keys => "keys_unavailable",
            Self::Store(_) => "store_unavailable",
        }
    }

    fn rejection(&self) -> Rejection {
        match self {
            Self::Request(rejection) => rejection.clone(),
            Self::Token(error) => error.into(),
            Self::Dpop(error) => error.into(),
            Self::Profile(_) => Rejection::InvalidToken { expired: false },
            Self::Keys => Rejection::KeysUnavailable,
            Self::Store(_) => Rejection::ReplayCheckUnavailable,
        }
    }

    fn log(&self, stated: &Stated) {
        let Stated { issuer, kid } = stated;
        tracing::warn!(code = self.code(), issuer, kid, reason = %self, "rejected");
    }
}

/// What is logged of a token. It is untrusted input unless the token was verified.
#[derive(Default)]
pub(super) struct Stated {
    issuer: Option<String>,
    kid: Option<String>,
}

impl Stated {
    pub(super) fn unverified(token: &str) -> Self {
        #[derive(Deserialize)]
        struct Issuer {
            iss: String,
        }
        let Ok(token) = Unverified::parse(token) else {
            return Self::default();
        };
        let issuer = token.claims::<Issuer>().ok();
        Self {
            issuer: issuer.map(|issuer| shortened(&issuer.iss)),
            kid: token.key_id().map(shortened),
        }
    }

    pub(super) fn verified(issuer: &str, token: &Token<Claims>) -> Self {
        Self {
            issuer: Some(issuer.into()),
            kid: token.header().key_id().map(shortened),
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_LOGGED).collect()
}

/// The response to a request that is rejected.
pub(super) struct Rejected(Box<Response>);

impl IntoResponse for Rejected {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// Makes the responses to requests that are rejected.
pub(super) struct Answers {
    pub(super) bearer: Challenge,
    pub(super) dpop: Challenge,
    /// Time between two fetches of keys.
    pub(super) cooldown: Duration,
}

impl Answers {
    /// Logs a rejection and makes the response, with a challenge of each scheme: the error is in that
    /// of the scheme that the request used (RFC 9449 §7.2).
    pub(super) fn reject(&self, scheme: Scheme, denied: &Denied, stated: &Stated) -> Rejected {
        denied.log(stated);
        let rejection = denied.rejection();
        let status = StatusCode::from_u16(rejection.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = match rejection.error() {
            Some(error) => json!({ "error": error }),
            None => json!({}),
        };
        let mut response = (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, self.retry_after(denied).into());
            return Rejected(Box::new(response));
        }
        let (bearer, dpop) = match scheme {
            Scheme::Bearer => (&rejection, &Rejection::NoToken),
            Scheme::Dpop => (&Rejection::NoToken, &rejection),
        };
        let challenges = [self.bearer.header(bearer), self.dpop.header(dpop)];
        for challenge in challenges.into_iter().flatten() {
            if let Ok(challenge) = HeaderValue::try_from(challenge) {
                headers.append(WWW_AUTHENTICATE, challenge);
            }
        }
        Rejected(Box::new(response))
    }

    /// Returns when to try again, in seconds.
    fn retry_after(&self, denied: &Denied) -> u64 {
        match denied {
            // The cache has a cooldown of at least 1 second.
            Denied::Keys => self.cooldown.as_secs().max(1),
            _ => RETRY_AFTER_SECONDS.into(),
        }
    }
}
