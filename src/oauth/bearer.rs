//! Bearer tokens in HTTP (RFC 6750): reading the token of a request, and the answer to a rejected one.
//!
//! Requests and responses are strings and a status, for any framework.
//!
//! ```
//! use jwt_ring::oauth::bearer::{self, Challenge, Rejection};
//!
//! assert_eq!(bearer::token(["Bearer eyJhbGci.e30.c2ln"]), Ok("eyJhbGci.e30.c2ln"));
//!
//! let challenge = Challenge::new("api");
//! let rejection = Rejection::InvalidToken { expired: true };
//! assert_eq!(rejection.status(), 401);
//! assert_eq!(
//!     challenge.header(&rejection).as_deref(),
//!     Some(r#"Bearer realm="api", error="invalid_token", error_description="expired""#),
//! );
//! ```

use std::time::Duration;

use super::Scope;
use crate::algorithm::Algorithm;
use crate::error::{KeyLookupError, VerifyError};

/// Returns the token in the values of a request's `Authorization` headers, of which there must be one
/// (RFC 6750 §2.1).
///
/// # Errors
///
/// - [`Rejection::NoToken`]: no header, or one of another scheme.
/// - [`Rejection::InvalidRequest`]: several headers, or what follows `Bearer` cannot be a token.
pub fn token<'a, V>(authorization: impl IntoIterator<Item = &'a V>) -> Result<&'a str, Rejection>
where
    V: AsRef<[u8]> + ?Sized + 'a,
{
    credentials("Bearer", authorization.into_iter().map(AsRef::as_ref))
}

/// Returns the token in the values of `Authorization` headers (RFC 9110 §11.4).
pub(super) fn credentials<'a>(
    expected: &str,
    mut authorization: impl Iterator<Item = &'a [u8]>,
) -> Result<&'a str, Rejection> {
    let value = authorization.next().ok_or(Rejection::NoToken)?;
    if authorization.next().is_some() {
        return Err(Rejection::InvalidRequest);
    }
    let value = std::str::from_utf8(value).map_err(|_| Rejection::InvalidRequest)?;
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case(expected) {
        return Err(Rejection::NoToken);
    }
    let token = rest.trim_matches(' ');
    let is_valid = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
    };
    let body = token.trim_end_matches('=');
    if body.is_empty() || !body.bytes().all(is_valid) {
        return Err(Rejection::InvalidRequest);
    }
    Ok(token)
}

/// Why a request is rejected (RFC 6750 §3.1, RFC 9449 §7.1, RFC 9470 §3).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// There is no token: 401, without an error code.
    #[error("expected a bearer token, found none")]
    NoToken,
    /// The request has several `Authorization` headers or no valid token in it: 400,
    /// `invalid_request`.
    #[error("expected one `Authorization` header with a bearer token")]
    InvalidRequest,
    /// The token was rejected: 401, `invalid_token`.
    #[error("the token was rejected{}", if *.expired { ": it has expired" } else { "" })]
    InvalidToken {
        /// Whether the reason is that it has expired, so that the client refreshes it.
        expired: bool,
    },
    /// The token's scope is too small: 403, `insufficient_scope`.
    #[error("expected a token with the scope \"{0}\"")]
    InsufficientScope(
        /// The scope that is required.
        Scope,
    ),
    /// The user must authenticate again: 401, `insufficient_user_authentication`.
    #[error("expected another or a more recent authentication of the user")]
    InsufficientAuthentication {
        /// The acceptable authentication context classes, in order of preference.
        acr_values: Vec<String>,
        /// How long ago the user may have authenticated.
        max_age: Option<Duration>,
    },
    /// The DPoP proof was rejected: 401, `invalid_dpop_proof`.
    #[error("expected a valid DPoP proof")]
    InvalidDpopProof,
    /// The DPoP proof has no current nonce: 401, `use_dpop_nonce`. The response must have the header
    /// `DPoP-Nonce`.
    #[error("expected a DPoP proof with a current nonce")]
    UseDpopNonce,
    /// The verification keys are unavailable: 503.
    #[error("verification keys are unavailable")]
    KeysUnavailable,
    /// Whether a proof was used before cannot be checked now: 503.
    #[error("the check for replays is unavailable")]
    ReplayCheckUnavailable,
}

impl Rejection {
    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NoToken
            | Self::InvalidToken { .. }
            | Self::InvalidDpopProof
            | Self::UseDpopNonce
            | Self::InsufficientAuthentication { .. } => 401,
            Self::InvalidRequest => 400,
            Self::InsufficientScope(_) => 403,
            Self::KeysUnavailable | Self::ReplayCheckUnavailable => 503,
        }
    }

    /// Returns the error code, if there is one.
    #[must_use]
    pub fn error(&self) -> Option<&'static str> {
        match self {
            Self::NoToken | Self::KeysUnavailable | Self::ReplayCheckUnavailable => None,
            Self::InvalidRequest => Some("invalid_request"),
            Self::InvalidToken { .. } => Some("invalid_token"),
            Self::InvalidDpopProof => Some("invalid_dpop_proof"),
            Self::UseDpopNonce => Some("use_dpop_nonce"),
            Self::InsufficientScope(_) => Some("insufficient_scope"),
            Self::InsufficientAuthentication { .. } => Some("insufficient_user_authentication"),
        }
    }
}

/// Discloses only whether the token has expired.
impl From<&VerifyError> for Rejection {
    fn from(error: &VerifyError) -> Self {
        match error {
            VerifyError::KeyLookup(KeyLookupError::Unavailable { .. }) => Self::KeysUnavailable,
            _ => Self::InvalidToken {
                expired: matches!(error, VerifyError::Expired { .. }),
            },
        }
    }
}

impl From<VerifyError> for Rejection {
    fn from(error: VerifyError) -> Self {
        Self::from(&error)
    }
}

/// Writes the `WWW-Authenticate` header of rejections.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// The algorithms of DPoP proofs; `None` for the scheme `Bearer`.
    dpop: Option<Vec<Algorithm>>,
    realm: String,
    scope: Scope,
    resource_metadata: Option<String>,
}

impl Challenge {
    /// Makes the challenges of a realm, the name of what is protected (RFC 9110 §11.5).
    #[must_use]
    pub fn new(realm: impl Into<String>) -> Self {
        Self {
            dpop: None,
            realm: realm.into(),
            scope: Scope::default(),
            resource_metadata: None,
        }
    }

    /// Sets the scheme to `DPoP`, with the algorithms that proofs may be signed with (RFC 9449 §7.1).
    /// A resource that accepts bearer tokens too sends two headers, one of each scheme, and states the
    /// error in that of the scheme which the request used; in the other, it answers
    /// [`Rejection::NoToken`] (RFC 9449 §7.2).
    #[must_use]
    pub fn dpop(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.dpop = Some(algorithms.into_iter().collect());
        self
    }

    /// Sets the scope that the resource requires, for the answers with status 401 (RFC 6750 §3).
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Sets the URL of the metadata of the protected resource (RFC 9728 §5.1).
    #[must_use]
    pub fn resource_metadata(mut self, url: impl Into<String>) -> Self {
        self.resource_metadata = Some(url.into());
        self
    }

    /// Returns the value of the header, for a rejection that has one.
    #[must_use]
    pub fn header(&self, rejection: &Rejection) -> Option<String> {
        if rejection.status() == 503 {
            return None;
        }
        let scheme = if self.dpop.is_some() {
            "DPoP"
        } else {
            "Bearer"
        };
        let mut header = format!("{scheme} realm={}", quoted(&self.realm));
        let mut add = |name: &str, value: &str| {
            header.push_str(&format!(", {name}={}", quoted(value)));
        };
        if let Some(algorithms) = &self.dpop {
            let names: Vec<_> = algorithms.iter().map(|one| one.name()).collect();
            add("algs", &names.join(" "));
        }
        if let Some(error) = rejection.error() {
            add("error", error);
        }
        match rejection {
            Rejection::InvalidToken { expired: true } => add("error_description", "expired"),
            Rejection::InsufficientScope(scope) => add("scope", &scope.to_string()),
            Rejection::InsufficientAuthentication {
                acr_values,
                max_age,
            } => {
                if !acr_values.is_empty() {
                    add("acr_values", &acr_values.join(" "));
                }
                if let Some(max_age) = max_age {
                    add("max_age", &max_age.as_secs().to_string());
                }
            }
            _ => {}
        }
        if rejection.status() == 401 && !self.scope.is_empty() {
            add("scope", &self.scope.to_string());
        }
        if let Some(url) = &self.resource_metadata {
            add("resource_metadata", url);
        }
        Some(header)
    }
}

/// Writes a quoted string (RFC 9110 §5.6.4), without the characters that it must not have.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars().filter(|c| matches!(c, ' '..='~')) {
        if let '"' | '\\' = character {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}
