//! Extracts who makes a request, from its verified access token.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use jwt_ring::oauth::Scope;
use jwt_ring::oauth::bearer::{self, Rejection};
use jwt_ring::oauth::dpop::{self, DpopError};
use jwt_ring::replay::ReplayError;
use jwt_ring::{NumericDate, Token, Unverified};

use super::Server;
use super::profile::{Claims, Principal};
use super::rejection::{Denied, Rejected, Scheme, Stated};

/// The header of DPoP proofs (RFC 9449 §4.1).
pub(super) const DPOP: &str = "dpop";

/// The access that the token of a request gives.
pub(super) struct Access {
    pub(super) principal: Principal,
    token: Arc<Token<Claims>>,
    scheme: Scheme,
    server: Arc<Server>,
}

impl FromRequestParts<Arc<Server>> for Access {
    type Rejection = Rejected;

    async fn from_request_parts(parts: &mut Parts, server: &Arc<Server>) -> Result<Self, Rejected> {
        let (scheme, token) = match credentials(parts) {
            Ok(credentials) => credentials,
            Err((scheme, denied)) => {
                return Err(server.answers.reject(scheme, &denied, &Stated::default()));
            }
        };
        match server.verify(scheme, token, parts).await {
            Ok((principal, token)) => Ok(Self {
                principal,
                token,
                scheme,
                server: Arc::clone(server),
            }),
            Err(denied) => {
                let stated = Stated::unverified(token);
                Err(server.answers.reject(scheme, &denied, &stated))
            }
        }
    }
}

/// Returns the scheme and the token of a request. A request without a token is answered as one with the
/// scheme `Bearer`.
fn credentials(parts: &Parts) -> Result<(Scheme, &str), (Scheme, Denied)> {
    let values = || parts.headers.get_all(AUTHORIZATION);
    match bearer::token(values()) {
        Ok(token) => return Ok((Scheme::Bearer, token)),
        Err(Rejection::NoToken) => {}
        Err(rejection) => return Err((Scheme::Bearer, rejection.into())),
    }
    let request = dpop::Request::new("", "").authorization(values());
    match request.access_token() {
        Ok(token) => Ok((Scheme::Dpop, token)),
        Err(DpopError::NoToken) => Err((Scheme::Bearer, Rejection::NoToken.into())),
        Err(error) => Err((Scheme::Dpop, error.into())),
    }
}

impl Server {
    async fn verify(
        &self,
        scheme: Scheme,
        token: &str,
        parts: &Parts,
    ) -> Result<(Principal, Arc<Token<Claims>>), Denied> {
        let (_, issuer) = self.issuers.select(token)?;
        let keys = issuer.keys.get(Unverified::parse(token)?.header()).await?;
        let token = match scheme {
            Scheme::Bearer => issuer.bearer.verify(token, &*keys)?,
            Scheme::Dpop => {
                // Of the configured URL: the sender chooses `Host`.
                let uri = format!("{}{}", self.origin, parts.uri.path());
                let request = dpop::Request::new(parts.method.as_str(), &uri)
                    .authorization(parts.headers.get_all(AUTHORIZATION))
                    .dpop(parts.headers.get_all(DPOP));
                let one_time = issuer.dpop.verify(&request, &*keys)?;
                let first = self.used_proofs.first_use(one_time, self.clock.now());
                let replayed = DpopError::Replay(ReplayError::Replayed);
                first.await?.ok_or(replayed)?
            }
        };
        Ok((issuer.principal(&token)?, token))
    }
}

impl Access {
    /// Requires a scope.
    pub(super) fn needs(&self, scope: &Scope) -> Result<(), Rejected> {
        match scope.is_subset(&self.principal.scope) {
            true => Ok(()),
            false => Err(self.reject(Rejection::InsufficientScope(scope.clone()))),
        }
    }

    /// Requires a recent sign-in (RFC 9470).
    pub(super) fn needs_sign_in_within(&self, max_age: Duration) -> Result<(), Rejected> {
        let (now, leeway) = (self.server.clock.now(), self.server.settings.leeway);
        let is_recent =
            |at: NumericDate| at <= now.saturating_add(leeway) && now <= at.saturating_add(max_age);
        match self.principal.auth_time.is_some_and(is_recent) {
            true => Ok(()),
            false => Err(self.reject(Rejection::InsufficientAuthentication {
                acr_values: Vec::new(),
                max_age: Some(max_age),
            })),
        }
    }

    fn reject(&self, rejection: Rejection) -> Rejected {
        let stated = Stated::verified(&self.principal.issuer, &self.token);
        let answers = &self.server.answers;
        answers.reject(self.scheme, &rejection.into(), &stated)
    }
}
