//! Checks the parameters of an authorization request.

use jwt_ring::oauth::Scope;
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

use super::Server;
use super::clients::Client;
use super::error::Error;
use super::parameters::Parameters;

/// A valid authorization request, before the user's decision.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) scope: Scope,
    /// The audience of the access tokens (RFC 8707).
    pub(super) resource: String,
    /// The PKCE challenge (RFC 7636 §4.2).
    pub(super) challenge: String,
    /// The `nonce` of the ID token (OpenID Connect Core §3.1.2.1).
    pub(super) nonce: Option<String>,
    /// The thumbprint of the client's key (RFC 9449 §10).
    pub(super) thumbprint: Option<String>,
}

impl Request {
    /// Returns the query of a GET request with the same meaning.
    pub(super) fn query(&self) -> String {
        let scope = self.scope.to_string();
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &scope)
            .append_pair("resource", &self.resource)
            .append_pair("code_challenge", &self.challenge)
            .append_pair("code_challenge_method", "S256");
        for (name, value) in [
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("dpop_jkt", &self.thumbprint),
        ] {
            query.extend_pairs(value.as_ref().map(|value| (name, value)));
        }
        query.finish()
    }
}

/// Checks the parameters of a request with a redirect URI of the client. A client that registered one may
/// use this grant.
///
/// # Errors
///
/// Returns the error code of RFC 6749 §4.1.2.1, RFC 7636 §4.4.1, RFC 8707 §2 or OpenID Connect Core
/// §3.1.2.6.
pub(super) fn check(
    server: &Server,
    client: &Client,
    parameters: &Parameters,
) -> Result<Request, Error> {
    if parameters.require("response_type")? != "code" {
        return Err(Error::new(
            "unsupported_response_type",
            "expected the response type code",
        ));
    }
    check_unsupported(parameters)?;
    check_authentication(parameters)?;
    let optional = |name| Ok::<_, Error>(parameters.get(name)?.map(str::to_owned));
    let jkt = parameters.get("dpop_jkt")?;
    if jkt.is_some_and(|jkt| !is_sha256(jkt)) {
        return Err(Error::invalid_request(
            "expected the SHA-256 thumbprint of a key as dpop_jkt",
        ));
    }
    Ok(Request {
        client_id: client.id.clone(),
        redirect_uri: parameters.require("redirect_uri")?.to_owned(),
        state: optional("state")?,
        scope: client.scope(parameters.scope()?)?,
        resource: server.resource(parameters.resource()?)?.to_owned(),
        challenge: challenge(parameters)?,
        nonce: optional("nonce")?,
        thumbprint: jkt.map(str::to_owned),
    })
}

/// Rejects requests as JWTs (OpenID Connect Core §6) and response modes other than `query`.
fn check_unsupported(parameters: &Parameters) -> Result<(), Error> {
    for (name, code) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ] {
        if parameters.get(name)?.is_some() {
            return Err(Error::new(code, ""));
        }
    }
    match parameters.get("response_mode")? {
        None | Some("query") => Ok(()),
        Some(_) => Err(Error::invalid_request("expected the response mode query")),
    }
}

/// Checks `prompt` and `max_age` (OpenID Connect Core §3.1.2.1).
///
/// The user signs in and decides on every page. This satisfies `login`, `consent`, `select_account` and
/// every `max_age`, and never `none`.
fn check_authentication(parameters: &Parameters) -> Result<(), Error> {
    let prompts = parameters.get("prompt")?.unwrap_or("login");
    if prompts == "none" {
        return Err(Error::new("login_required", ""));
    }
    if !prompts
        .split(' ')
        .all(|prompt| matches!(prompt, "login" | "consent" | "select_account"))
    {
        return Err(Error::invalid_request(
            "expected the prompt none, login, consent or select_account",
        ));
    }
    match parameters.get("max_age")?.map(str::parse::<u64>) {
        Some(Err(_)) => Err(Error::invalid_request(
            "expected a number of seconds as max_age",
        )),
        _ => Ok(()),
    }
}

/// Returns the PKCE challenge, which must be the hash of a verifier (RFC 7636 §4.3, RFC 9700 §2.1.1).
fn challenge(parameters: &Parameters) -> Result<String, Error> {
    let challenge = parameters.get("code_challenge")?;
    let method = parameters.get("code_challenge_method")?;
    match (challenge, method) {
        (Some(challenge), Some("S256")) if is_sha256(challenge) => Ok(challenge.into()),
        _ => Err(Error::invalid_request(
            "expected a code_challenge with the method S256",
        )),
    }
}

/// Returns whether the text can be a SHA-256 hash in base64url.
fn is_sha256(text: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == 43 && text.bytes().all(is_base64url)
}
