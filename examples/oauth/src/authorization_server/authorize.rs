//! The authorization endpoint: (A) to (C) of figure 3.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jwt_ring::NumericDate;
use url::Url;

use super::authorization_request::Request;
use super::clients::Client;
use super::error::Error;
use super::grants::{Expected, Grant};
use super::parameters::Parameters;
use super::ticket::Page;
use super::{Server, authorization_request, page};
use crate::store::random;

/// The cookie that binds a form to the browser that received it.
const BROWSER: &str = "browser";

/// (A) of figure 3: answers an authorization request with the sign-in form. Stores nothing.
pub(super) async fn authorize(
    State(server): State<Arc<Server>>,
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
    let sent = browser(&headers);
    match open(&server, client, redirect_uri, &parameters, sent) {
        Ok(response) => response,
        Err(error) => {
            let state = parameters.get("state").ok().flatten();
            reject(&server, redirect_uri, state, &error)
        }
    }
}

/// Returns the client and the redirect URI if the client registered it (RFC 6749 §3.1.2.3).
fn client_of<'a>(server: &'a Server, parameters: &'a Parameters) -> Option<(&'a Client, &'a str)> {
    let redirect_uri = parameters.require("redirect_uri").ok()?;
    let client = server.clients.get(parameters.require("client_id").ok()?)?;
    client
        .allows_redirect(redirect_uri)
        .then_some((client, redirect_uri))
}

/// Checks the request and makes its page, for the browser that sent this cookie.
fn open(
    server: &Server,
    client: &Client,
    redirect_uri: &str,
    parameters: &Parameters,
    sent: Option<&str>,
) -> Result<Response, Error> {
    let request = authorization_request::check(server, client, redirect_uri, parameters)?;
    let cookie = sent.map_or_else(random, str::to_owned);
    let ticket = server.tickets.issue(request.clone(), &cookie)?;
    let mut response = form(server, client, &request, &ticket, "", None);
    if sent.is_none() {
        let is_secure = server.config.issuer.starts_with("https:");
        let secure = if is_secure { "; Secure" } else { "" };
        let path = server.path("/authorize");
        let cookie = format!("{BROWSER}={cookie}; HttpOnly; SameSite=Lax; Path={path}{secure}");
        if let Ok(cookie) = cookie.parse() {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// The fields of the submitted form.
struct Decision {
    ticket: String,
    user: String,
    password: String,
    is_allowed: bool,
}

impl Decision {
    fn of(parameters: &Parameters) -> Result<Self, Error> {
        let field = |name| Ok::<_, Error>(parameters.get(name)?.unwrap_or_default().to_owned());
        Ok(Self {
            ticket: field("ticket")?,
            user: field("user")?,
            password: field("password")?,
            is_allowed: parameters.get("decision")? == Some("allow"),
        })
    }
}

/// What follows from a submitted form.
enum Outcome {
    Code(String),
    WrongPassword,
    /// The page was answered before, or too many passwords were tried on it.
    Spent,
}

/// (B) and (C) of figure 3: checks the submitted form and redirects with a code or an error.
pub(super) async fn decide(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    let decision = match Decision::of(&parameters) {
        Ok(decision) => Arc::new(decision),
        Err(error) => return error.into_response(),
    };
    let page = browser(&headers)
        .and_then(|cookie| server.tickets.verify(&decision.ticket, cookie))
        .map(Arc::new);
    let Some(page) = page else {
        return expired(&server);
    };
    let (the_page, the_decision) = (Arc::clone(&page), Arc::clone(&decision));
    let outcome = server.blocking(move |server| check(server, &the_page, &the_decision));
    let (outcome, request) = (outcome.await, &page.request);
    let state = request.state.as_deref();
    match outcome {
        Ok(Outcome::Code(code)) => {
            redirect(&server, &request.redirect_uri, state, &[("code", &code)])
        }
        Ok(Outcome::Spent) => expired(&server),
        Ok(Outcome::WrongPassword) => match server.clients.get(&request.client_id) {
            Some(client) => {
                let problem = Some("Wrong username or password.");
                form(
                    &server,
                    client,
                    request,
                    &decision.ticket,
                    &decision.user,
                    problem,
                )
            }
            None => expired(&server),
        },
        Err(error) => reject(&server, &request.redirect_uri, state, &error),
    }
}

/// Checks the decision and the password, and issues the code. Runs in a blocking thread.
fn check(server: &Server, page: &Page, decision: &Decision) -> Result<Outcome, Error> {
    let now = server.now();
    if !decision.is_allowed {
        return match answer(server, page, now)? {
            true => Err(Error::new("access_denied", "")),
            false => Ok(Outcome::Spent),
        };
    }
    // Counted before the password is checked, so that concurrent requests get no further tries.
    let tries = format!("tries:{}", page.id);
    if server.store.count(&tries, page.expiration, now)? > server.config.max_tries {
        return Ok(Outcome::Spent);
    }
    if !server.users.is_password(&decision.user, &decision.password) {
        return Ok(Outcome::WrongPassword);
    }
    if !answer(server, page, now)? {
        return Ok(Outcome::Spent);
    }
    let (grant, expected) = grant(page.request.clone(), &decision.user, now);
    Ok(Outcome::Code(
        server.grants.issue_code(grant, expected, now)?,
    ))
}

fn grant(request: Request, user: &str, now: NumericDate) -> (Grant, Expected) {
    let grant = Grant {
        client_id: request.client_id,
        user: user.to_owned(),
        scope: request.scope,
        resource: request.resource,
        auth_time: NumericDate::from_seconds(now.seconds()),
        nonce: request.nonce,
        thumbprint: None,
    };
    let expected = Expected {
        redirect_uri: request.redirect_uri,
        challenge: request.challenge,
        thumbprint: request.thumbprint,
    };
    (grant, expected)
}

/// Records that a page is answered. Returns `false` if it was answered before.
fn answer(server: &Server, page: &Page, now: NumericDate) -> Result<bool, Error> {
    let key = format!("answered:{}", page.id);
    Ok(server.store.insert(&key, &[], page.expiration, now)?)
}

/// Returns the cookie of the browser. An empty one would bind a form to all browsers without a cookie.
fn browser(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(|value| value.split("; "));
    let cookie = cookies.find_map(|cookie| cookie.strip_prefix(BROWSER)?.strip_prefix('='));
    cookie.filter(|cookie| !cookie.is_empty())
}

fn form(
    server: &Server,
    client: &Client,
    request: &Request,
    ticket: &str,
    user: &str,
    problem: Option<&str>,
) -> Response {
    let form = page::Form {
        action: &server.path("/authorize/decision"),
        style: &server.path("/style.css"),
        client: &client.name,
        scope: &request.scope,
        resource: &request.resource,
        ticket,
        user,
        problem,
    };
    form.into_response()
}

fn problem(server: &Server, problem: &str) -> Response {
    page::error(&server.path("/style.css"), problem)
}

fn expired(server: &Server) -> Response {
    problem(
        server,
        "This page has expired or belongs to another browser. Go back to the application and start again.",
    )
}

fn reject(server: &Server, uri: &str, state: Option<&str>, error: &Error) -> Response {
    error.log();
    let mut pairs = vec![("error", error.code)];
    if !error.description.is_empty() {
        pairs.push(("error_description", error.description));
    }
    redirect(server, uri, state, &pairs)
}

/// Redirects to the client with `state` unchanged and `iss` (RFC 9207). The status is 303, so that the
/// browser does not repeat the form to the client.
fn redirect(server: &Server, uri: &str, state: Option<&str>, pairs: &[(&str, &str)]) -> Response {
    let Ok(mut uri) = Url::parse(uri) else {
        return problem(
            server,
            "The redirect address of the application is not a URL.",
        );
    };
    uri.query_pairs_mut()
        .extend_pairs(pairs)
        .extend_pairs(state.map(|state| ("state", state)))
        .append_pair("iss", &server.config.issuer);
    let headers = [(LOCATION, uri.as_str()), (CACHE_CONTROL, "no-store")];
    (StatusCode::SEE_OTHER, headers).into_response()
}
