//! Client authentication (RFC 6749 §2.3, RFC 7521 §4.2).

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jwt_ring::Token;
use jwt_ring::oauth::client_assertion;
use jwt_ring::replay::OneTime;
use url::form_urlencoded;

use super::Server;
use super::clients::{AuthMethod, Client};
use super::error::Error;
use super::parameters::Parameters;
use crate::replay::first_use;

/// The `client_assertion_type` of `private_key_jwt` (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client with valid credentials. Its assertion, if there is one, must still be used up.
pub(super) struct Authenticated {
    pub(super) client: Arc<Client>,
    assertion: Option<OneTime<Token>>,
}

impl Authenticated {
    /// Records the use of the assertion.
    ///
    /// Call it after the checks that need no record, and before the grant is checked: a client may repeat a
    /// request that was malformed or had no DPoP nonce with the same assertion, but not one whose code or
    /// refresh token was rejected.
    pub(super) fn use_up(self, server: &Server) -> Result<Arc<Client>, Error> {
        if let Some(assertion) = self.assertion {
            let used = first_use(&*server.store, assertion, server.now())?;
            used.ok_or_else(|| Error::invalid_client("replayed"))?;
        }
        Ok(self.client)
    }
}

/// Authenticates the client of a request, by exactly one method and one that the client may use.
pub(super) fn authenticate(
    server: &Server,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Authenticated, Error> {
    let credentials = Credentials::of(headers, parameters)?;
    let client = server.clients.get(&credentials.client_id);
    let client = client.ok_or_else(|| Error::invalid_client("unknown client"))?;
    if !client.allows_method(credentials.method()) {
        return Err(Error::invalid_client("another method of authentication"));
    }
    let assertion = match &credentials.proof {
        Proof::Basic(secret) | Proof::Post(secret) if client.is_secret(secret) => None,
        Proof::Basic(_) | Proof::Post(_) => return Err(Error::invalid_client("wrong secret")),
        Proof::Nothing => None,
        Proof::Assertion(assertion) => {
            let verified = server
                .assertions
                .verify(assertion, &client.id, &client.keys);
            Some(verified.map_err(|error| Error::invalid_client(error.code()))?)
        }
    };
    Ok(Authenticated {
        client: Arc::clone(client),
        assertion,
    })
}

/// The credentials of a request.
struct Credentials {
    client_id: String,
    proof: Proof,
}

enum Proof {
    Basic(String),
    Post(String),
    Assertion(String),
    Nothing,
}

impl Credentials {
    fn of(headers: &HeaderMap, parameters: &Parameters) -> Result<Self, Error> {
        let id = parameters.get("client_id")?;
        let secret = parameters.get("client_secret")?;
        let assertion = assertion(parameters)?;
        let mut authorization = headers.get_all(AUTHORIZATION).iter();
        let found = (authorization.next(), secret, assertion);
        if authorization.next().is_some() {
            return Err(Error::invalid_request("expected one Authorization header"));
        }
        let (client_id, proof) = match found {
            (Some(header), None, None) => {
                let basic = basic(header.as_bytes());
                let (id, secret) = basic.ok_or_else(|| Error::invalid_client("no HTTP Basic"))?;
                (id, Proof::Basic(secret))
            }
            (None, None, Some(assertion)) => {
                let id = client_assertion::client_id(assertion);
                let id = id.map_err(|error| Error::invalid_client(error.code()))?;
                (id, Proof::Assertion(assertion.to_owned()))
            }
            (None, secret, None) => {
                let id = id.ok_or_else(|| Error::invalid_client("no credentials"))?;
                let proof = secret.map_or(Proof::Nothing, |secret| Proof::Post(secret.to_owned()));
                (id.to_owned(), proof)
            }
            _ => {
                return Err(Error::invalid_request(
                    "expected one method of client authentication",
                ));
            }
        };
        match id {
            Some(id) if id != client_id => Err(Error::invalid_request(
                "the client_id is not that of the credentials",
            )),
            _ => Ok(Self { client_id, proof }),
        }
    }

    fn method(&self) -> AuthMethod {
        match self.proof {
            Proof::Basic(_) => AuthMethod::ClientSecretBasic,
            Proof::Post(_) => AuthMethod::ClientSecretPost,
            Proof::Assertion(_) => AuthMethod::PrivateKeyJwt,
            Proof::Nothing => AuthMethod::None,
        }
    }
}

/// Returns the client assertion, whose type must be that of JWTs.
fn assertion(parameters: &Parameters) -> Result<Option<&str>, Error> {
    let assertion = parameters.get("client_assertion")?;
    let kind = parameters.get("client_assertion_type")?;
    match (assertion, kind) {
        (Some(_), Some(JWT_BEARER)) | (None, None) => Ok(assertion),
        _ => Err(Error::invalid_request(
            "expected a client_assertion with the client_assertion_type of JWTs",
        )),
    }
}

/// Parses HTTP Basic credentials, of which the ID and the secret are form-encoded.
fn basic(value: &[u8]) -> Option<(String, String)> {
    let (scheme, rest) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decode(id), form_decode(secret)))
}

fn form_decode(text: &str) -> String {
    let text = text.replace('&', "%26").replace('=', "%3D");
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}
