//! A resource server on actix-web, for access tokens in the schemes Bearer and DPoP.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, get};
use jwt_ring::oauth::access_token::{self, AccessTokenClaims};
use jwt_ring::oauth::bearer::{self, Challenge, Rejection};
use jwt_ring::oauth::dpop::{self, DpopError, ProofVerifier};
use jwt_ring::replay::ReplayGuard;
use jwt_ring::{Clock, Keys};

/// The user and the client of a request.
pub struct Access {
    /// `sub` of the token.
    pub subject: String,
}

/// Decides which requests have access.
pub trait Verify: Send + Sync {
    /// Verifies the token of a request, and its proof.
    ///
    /// # Errors
    ///
    /// The rejection of the request.
    fn verify(&self, request: &HttpRequest) -> Result<Access, Rejection>;
}

/// Verifies tokens with this library.
pub struct Verifier {
    keys: Arc<dyn Keys>,
    bearer: access_token::Verifier,
    dpop: dpop::Verifier,
    guard: ReplayGuard,
    origin: String,
}

impl Verifier {
    /// Makes a verifier of the tokens of an issuer. `origin` is the scheme and host of this server, and its
    /// audience.
    pub fn new(
        issuer: &str,
        origin: &str,
        keys: Arc<dyn Keys>,
        clock: impl Clock + Clone + 'static,
    ) -> Self {
        let verifier = access_token::Verifier::new(issuer, origin)
            .map_verifier(|verifier| verifier.clock(clock.clone()));
        Self {
            keys,
            dpop: dpop::Verifier::new(verifier.clone()).proofs(ProofVerifier::new().clock(clock)),
            bearer: verifier,
            guard: ReplayGuard::new(100_000),
            origin: origin.into(),
        }
    }

    fn verify_bound(&self, request: &HttpRequest) -> Result<AccessTokenClaims, DpopError> {
        let uri = format!("{}{}", self.origin, request.path());
        let request = dpop::Request::new(request.method().as_str(), &uri)
            .authorization(values(request.headers(), AUTHORIZATION.as_str()))
            .dpop(values(request.headers(), "DPoP"));
        let token = self
            .dpop
            .verify::<AccessTokenClaims>(&request, &*self.keys)?;
        Ok(token.first_use(&self.guard)?.into_claims())
    }
}

impl Verify for Verifier {
    fn verify(&self, request: &HttpRequest) -> Result<Access, Rejection> {
        let claims = match bearer::token(values(request.headers(), AUTHORIZATION.as_str())) {
            Ok(token) => {
                let token = self.bearer.verify::<AccessTokenClaims>(token, &*self.keys);
                token
                    .map_err(|error| Rejection::from(&error))?
                    .into_claims()
            }
            Err(Rejection::NoToken) => self.verify_bound(request)?,
            Err(rejection) => return Err(rejection),
        };
        Ok(Access {
            subject: claims.subject,
        })
    }
}

fn values<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers.get_all(name).map(HeaderValue::as_bytes)
}

impl FromRequest for Access {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let verify = request.app_data::<Data<dyn Verify>>();
        ready(match verify {
            Some(verify) => verify
                .verify(request)
                .map_err(|rejection| reject(&rejection)),
            None => Err(reject(&Rejection::KeysUnavailable)),
        })
    }
}

fn reject(rejection: &Rejection) -> Error {
    let status = StatusCode::from_u16(rejection.status());
    let mut response = HttpResponse::build(status.unwrap_or(StatusCode::UNAUTHORIZED));
    if let Some(challenge) = Challenge::new("orders").header(rejection) {
        response.insert_header((WWW_AUTHENTICATE, challenge));
    }
    InternalError::from_response("rejected", response.finish()).into()
}

#[get("/orders")]
async fn orders(access: Access) -> String {
    format!("a teapot for {}", access.subject)
}

/// Adds the service to an app.
pub fn service(verify: Arc<dyn Verify>) -> impl FnOnce(&mut ServiceConfig) {
    |config| {
        config.app_data(Data::from(verify)).service(orders);
    }
}
