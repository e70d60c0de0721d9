//! Signs the tokens of a grant and makes the response.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use jwt_ring::oauth::Scope;
use jwt_ring::oauth::dpop::Proof;
use jwt_ring::oauth::id_token::{IdTokenClaims, access_token_hash};
use jwt_ring::{NumericDate, Signer, Unverified};
use serde::Serialize;
use tracing::{Instrument, Span};

use super::Server;
use super::clients::GrantType;
use super::delivery::Delivered;
use super::error::Error;
use super::grants::{Delivery, Grant};

/// How often the confirmation of a delivery is tried, and the time between.
const CONFIRM_ATTEMPTS: usize = 10;
const CONFIRM_AGAIN: Duration = Duration::from_secs(1);

/// A successful response of the token endpoint (RFC 6749 §5.1, RFC 9449 §5).
#[derive(Serialize)]
pub(super) struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Scope::is_empty")]
    scope: Scope,
}

/// For whom and for what an access token is issued.
pub(super) struct Access<'a> {
    /// The user, or the client if there is no user.
    pub(super) subject: &'a str,
    pub(super) client_id: &'a str,
    pub(super) resource: &'a str,
    pub(super) scope: &'a Scope,
    pub(super) auth_time: Option<NumericDate>,
    /// Binds the token to a key.
    pub(super) proof: Option<&'a Proof>,
}

impl Tokens {
    /// Signs an access token.
    pub(super) fn new(server: &Server, access: &Access<'_>) -> Result<Self, Error> {
        let signers = server.keys.signers();
        let signer = &signers.access_tokens;
        let claims = signer.claims(access.subject, access.resource, access.client_id)?;
        let mut claims = claims.scope(access.scope.clone());
        claims.auth_time = access.auth_time;
        claims.confirmation = access.proof.map(Proof::confirmation);
        Ok(Self {
            access_token: signer.sign(&claims)?,
            token_type: access.proof.map_or("Bearer", |_| "DPoP"),
            expires_in: server.config.schedule.token_lifetime.as_secs(),
            refresh_token: None,
            id_token: None,
            scope: access.scope.clone(),
        })
    }

    pub(super) fn with_refresh_token(mut self, refresh_token: String) -> Self {
        self.refresh_token = Some(refresh_token);
        self
    }

    /// Adds an ID token (OpenID Connect Core §2) if the scope of the grant has `openid`.
    pub(super) fn with_id_token(
        mut self,
        server: &Server,
        grant: &Grant,
        nonce: Option<&str>,
    ) -> Result<Self, Error> {
        if !grant.scope.contains("openid") {
            return Ok(self);
        }
        let now = NumericDate::from_seconds(server.now().seconds());
        let expiration = now.saturating_add(server.config.schedule.token_lifetime);
        let (issuer, client_id) = (&*server.config.issuer, &*grant.client_id);
        let mut claims = IdTokenClaims::new(issuer, &*grant.user, client_id, now, expiration);
        claims.nonce = nonce.map(str::to_owned);
        claims.auth_time = Some(grant.auth_time);
        let key = server.keys.signers().active(now);
        claims.access_token_hash = Some(access_token_hash(key.algorithm(), &self.access_token));
        self.id_token = Some(Signer::new(key).sign(&claims)?);
        Ok(self)
    }

    pub(super) fn log(&self, client_id: &str, grant_type: GrantType) {
        let token = Unverified::parse(&self.access_token).ok();
        let kid = token.as_ref().and_then(Unverified::key_id);
        let (grant_type, token_type) = (grant_type.name(), self.token_type);
        tracing::info!(client_id, grant_type, token_type, kid, "token issued");
    }

    /// Makes the response. `delivery` is confirmed when it was sent.
    pub(super) fn into_response(
        self,
        server: &Arc<Server>,
        delivery: Option<Delivery>,
    ) -> Response {
        let response = ([(CACHE_CONTROL, "no-store")], Json(self)).into_response();
        let Some(delivery) = delivery else {
            return response;
        };
        let (server, span) = (Arc::clone(server), Span::current());
        let confirm = move || {
            let confirm = confirm(server, Arc::new(delivery));
            tokio::spawn(confirm.instrument(span));
        };
        response.map(|body| Body::new(Delivered::new(body, confirm)))
    }
}

/// Confirms a delivery, also if the store is unavailable for a while. Otherwise the previous token stays
/// valid until the next refresh.
async fn confirm(server: Arc<Server>, delivery: Arc<Delivery>) {
    for _ in 0..CONFIRM_ATTEMPTS {
        let delivery = Arc::clone(&delivery);
        let confirmed = server.blocking(move |server| Ok(server.grants.confirm(&delivery)?));
        if confirmed.await.is_ok() {
            return;
        }
        tokio::time::sleep(CONFIRM_AGAIN).await;
    }
    tracing::error!("the delivery of a refresh token is not confirmed");
}
