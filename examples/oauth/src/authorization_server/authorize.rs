//! The authorization endpoint: (A) of figure 3.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use url::{Position, Url};

use super::authorization_request::Request;
use super::clients::Client;
use super::cookie::{Browser, Message};
use super::crypto::sha256;
use super::error::Error;
use super::page::{self, Problem};
use super::parameters::Parameters;
use super::{Server, authorization_request};

/// Answers an authorization request with the sign-in form. Stores nothing.
///
/// A POST request is redirected first: from another site, it has no cookies that are `SameSite=Lax`, so that
/// each one would set another.
pub(super) async fn authorize(
    State(server): State<Arc<Server>>,
    method: Method,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    let Some((client, redirect_uri)) = client_of(&server, &parameters) else {
        tracing::warn!(code = "redirect_uri", "rejected");
        // A redirect to an unregistered URI would be an open redirector (RFC 6749 §10.15).
        return problem(
            &server,
            "The application is unknown, or its redirect address is not registered.",
        );
    };
    let request = authorization_request::check(&server, client, &parameters);
    let response = request.and_then(|request| match method {
        Method::POST => Ok(to_page(&server, &request.query())),
        _ => open(&server, client, &redirect_uri, request, &headers),
    });
    match response {
        Ok(response) => response,
        Err(error) => {
            let state = parameters.get("state").ok().flatten();
            reject(&server, redirect_uri, state, &error)
        }
    }
}

/// Returns the client and the redirect URI of a request, if the client registered it.
fn client_of<'a>(server: &'a Server, parameters: &Parameters) -> Option<(&'a Client, Url)> {
    let id = parameters.require("client_id").ok()?;
    registered(server, id, parameters.require("redirect_uri").ok()?)
}

pub(super) fn registered<'a>(
    server: &'a Server,
    id: &str,
    redirect_uri: &str,
) -> Option<(&'a Client, Url)> {
    let client = server.clients.get(id)?;
    Some((client, client.redirect(redirect_uri)?))
}

/// Makes the page of a request, for the browser with these cookies.
fn open(
    server: &Server,
    client: &Client,
    redirect_uri: &Url,
    request: Request,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let lifetime = server.config.page_lifetime;
    let expiration = server.now().saturating_add(lifetime);
    let sent = server.cookies.browser_until(headers, expiration);
    let is_new = sent.is_none();
    let browser = sent.unwrap_or_else(Browser::new);
    let message = server.cookies.message(headers, &sha256(&request.query()));
    let problem = message.as_ref().and_then(|message| server.problem(message));
    let form = page::Form {
        action: &server.path("/authorize/decision"),
        style: &server.path("/style.css"),
        issuer_name: &server.host,
        client: &client.name,
        client_host: host(redirect_uri),
        scope: &request.scope,
        resource: &request.resource,
        ticket: &server.tickets.issue(request.clone(), &browser.id)?,
        user: message.as_ref().map_or("", |message| &message.user),
        problem,
    };
    let mut response = match problem {
        Some(Problem::Wait { seconds }) => {
            let mut response = form.into_response(StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            response
        }
        _ => form.into_response(StatusCode::OK),
    };
    if message.is_some() {
        server.cookies.clear_message(response.headers_mut());
    }
    if is_new {
        // Twice as long, so that a browser that opens many pages gets few cookies.
        let lifetime = lifetime.saturating_mul(2);
        server
            .cookies
            .set_browser(response.headers_mut(), browser, lifetime)?;
    }
    Ok(response)
}

impl Server {
    fn problem(&self, message: &Message) -> Option<Problem> {
        let Some(until) = message.wait_until else {
            return Some(Problem::WrongPassword);
        };
        let seconds = until.seconds().saturating_sub(self.now().seconds());
        let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?;
        Some(Problem::Wait { seconds })
    }
}

/// Returns the host and port of a web page, or the scheme of an application.
fn host(url: &Url) -> &str {
    match url.scheme() {
        "http" | "https" => &url[Position::BeforeHost..Position::AfterPort],
        scheme => scheme,
    }
}

/// Redirects to the page of a request.
pub(super) fn to_page(server: &Server, query: &str) -> Response {
    let location = format!("{}?{query}", server.path("/authorize"));
    let headers = [(LOCATION, &*location), (CACHE_CONTROL, "no-store")];
    (StatusCode::SEE_OTHER, headers).into_response()
}

pub(super) fn problem(server: &Server, problem: &str) -> Response {
    page::error(&server.path("/style.css"), problem)
}

pub(super) fn reject(server: &Server, uri: Url, state: Option<&str>, error: &Error) -> Response {
    error.log();
    let mut pairs = vec![("error", error.code)];
    if !error.description.is_empty() {
        pairs.push(("error_description", error.description));
    }
    redirect(server, uri, state, &pairs)
}

/// Redirects to the client with `state` unchanged and `iss` (RFC 9207). The status is 303, so that the
/// browser does not repeat the form to the client.
pub(super) fn redirect(
    server: &Server,
    mut uri: Url,
    state: Option<&str>,
    pairs: &[(&str, &str)],
) -> Response {
    uri.query_pairs_mut()
        .extend_pairs(pairs)
        .extend_pairs(state.map(|state| ("state", state)))
        .append_pair("iss", &server.config.issuer);
    let headers = [(LOCATION, uri.as_str()), (CACHE_CONTROL, "no-store")];
    (StatusCode::SEE_OTHER, headers).into_response()
}
