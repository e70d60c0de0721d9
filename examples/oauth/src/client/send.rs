//! Sends the requests of the client: with a client assertion, a proof and a nonce where they are
//! needed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jwt_ring::SignError;
use jwt_ring::oauth::client_assertion;
use jwt_ring::oauth::dpop::Prover;
use oauth2::{HttpRequest, HttpResponse};
use serde_json::Value;
use ureq::http::Request;
use ureq::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::http::{Agent, HttpError, Options};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The status, the challenges (empty if there are none) and the body of a response.
pub type Answer = (u16, String, String);

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Sign(#[from] SignError),
    #[error("cannot make the request: {0}")]
    Request(#[from] ureq::http::Error),
}

pub(super) struct Sender {
    agent: Agent,
    pub(super) assertions: Option<client_assertion::Signer>,
    pub(super) prover: Option<Prover>,
    /// The `resource` of token requests (RFC 8707 §2.2).
    pub(super) resource: Option<String>,
    /// The last nonce of each server, by origin (RFC 9449 §8.2).
    nonces: Mutex<HashMap<String, String>>,
}

impl Sender {
    pub(super) fn new(agent: Agent) -> Self {
        Self {
            agent,
            assertions: None,
            prover: None,
            resource: None,
            nonces: Mutex::default(),
        }
    }

    /// Returns the type of the tokens, which is also the scheme of their header.
    pub(super) fn scheme(&self) -> &'static str {
        match self.prover {
            Some(_) => "DPoP",
            None => "Bearer",
        }
    }

    /// Sends a token request, or a request with a token. Repeats it once if the server requires the
    /// nonce that its response brings.
    pub(super) fn send(
        &self,
        request: &HttpRequest,
        token: Option<&str>,
    ) -> Result<HttpResponse, SendError> {
        let response = self.attempt(request.clone(), token)?;
        match self.prover.is_some() && requires_nonce(&response) {
            true => self.attempt(request.clone(), token),
            false => Ok(response),
        }
    }

    /// Each attempt has a new proof and a new assertion, as servers accept them once.
    fn attempt(
        &self,
        mut request: HttpRequest,
        token: Option<&str>,
    ) -> Result<HttpResponse, SendError> {
        if let Some(token) = token {
            let mut value = header_value(format!("{} {token}", self.scheme()))?;
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        } else {
            self.add_fields(&mut request)?;
        }
        let uri = request.uri().to_string();
        let server = Url::parse(&uri).map(|url| url.origin().ascii_serialization());
        let server = server.unwrap_or_default();
        if let Some(prover) = &self.prover {
            let nonce = self.nonces().get(&server).cloned();
            let method = request.method().as_str();
            let proof = prover.proof(method, &uri, token, nonce.as_deref())?;

            request.headers_mut().insert("DPoP", header_value(proof)?);
        }
        let response = self.agent.send(request)?;
        if let Some(nonce) = header(&response, "DPoP-Nonce") {
            self.nonces().insert(server, nonce.to_owned());
        }
        Ok(response)
    }

    /// Adds what this client sends in each token request.
    fn add_fields(&self, request: &mut HttpRequest) -> Result<(), SignError> {
        if let Some(resource) = &self.resource {
            add_fields(request, &[("resource", resource)]);
        }
        if let Some(signer) = &self.assertions {
            let assertion = signer.sign()?;
            let kind = ("client_assertion_type", ASSERTION_TYPE);
            add_fields(request, &[kind, ("client_assertion", &assertion)]);
        }
        Ok(())
    }

    fn nonces(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add_fields(request: &mut HttpRequest, fields: &[(&str, &str)]) {
    let fields = Serializer::new(String::new()).extend_pairs(fields).finish();
    let body = request.body_mut();
    if !body.is_empty() {
        body.push(b'&');
    }
    body.extend(fields.into_bytes());
}

/// Returns whether a response is `use_dpop_nonce` of a token endpoint, which is in its body, or of an
/// API, which is in its challenge (RFC 9449 §8 and §9).
fn requires_nonce(response: &HttpResponse) -> bool {
    if header(response, "DPoP-Nonce").is_none() {
        return false;
    }
    match response.status().as_u16() {
        400 => {
            let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
            body["error"] == "use_dpop_nonce"
        }
        401 => challenges(response).contains(r#"error="use_dpop_nonce""#),
        _ => false,
    }
}

fn header_value(text: String) -> Result<HeaderValue, ureq::http::Error> {
    Ok(HeaderValue::try_from(text)?)
}

fn header<'a>(response: &'a HttpResponse, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

fn challenges(response: &HttpResponse) -> String {
    let values = response.headers().get_all(WWW_AUTHENTICATE).iter();
    let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    values.join(", ")
}

/// Returns the parts of a response that the examples print.
pub fn answer(response: &HttpResponse) -> Answer {
    let body = String::from_utf8_lossy(response.body()).into_owned();
    (response.status().as_u16(), challenges(response), body)
}

pub(super) fn default_agent() -> Result<Agent, HttpError> {
    Agent::new(&Options {
        ca_file: None,
        fetch_timeout: Duration::from_secs(10),
        max_response: 256 * 1024,
    })
}

/// Sends a request without following redirects.
pub fn http(request: HttpRequest) -> Result<HttpResponse, HttpError> {
    default_agent()?.send(request)
}

/// Calls an API with a bearer token.
pub fn call(url: &str, token: &str) -> Result<Answer, SendError> {
    let sender = Sender::new(default_agent()?);
    let request = Request::get(url).body(Vec::new())?;
    Ok(answer(&sender.send(&request, Some(token))?))
}
