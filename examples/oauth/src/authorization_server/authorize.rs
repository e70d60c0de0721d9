//! The authorization endpoint: (A) to (C) of figure 3.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jwt_ring::NumericDate;
use url::{Position, Url};

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

/// Answers an authorization request with the sign-in form: (A) of figure 3. Stores nothing.
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
    match open(&server, client, &redirect_uri, &parameters, sent) {
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

fn registered<'a>(server: &'a Server, id: &str, redirect_uri: &str) -> Option<(&'a Client, Url)> {
    let client = server.clients.get(id)?;
    Some((client, client.redirect(redirect_uri)?))
}

/// Checks the request and makes its page, for the browser that sent this cookie.
fn open(
    server: &Server,
    client: &Client,
    uri: &Url,
    parameters: &Parameters,
    sent: Option<&str>,
) -> Result<Response, Error> {
    let request = authorization_request::check(server, client, parameters)?;
    let cookie = sent.map_or_else(random, str::to_owned);
    let ticket = server.tickets.issue(request.clone(), &cookie)?;
    let mut response = form(server, client, uri, &request, &ticket, "", None);
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

/// The result of a submitted form.
enum Outcome {
    Code(String),
    WrongPassword,
    /// The page was answered before, or too many passwords were tried on it.
    Spent,
}

/// Checks the submitted form and redirects with a code or an error: (B) and (C) of figure 3.
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
    let request = &page.request;
    // The clients of this server may be others than when and where the page was made.
    let registered = registered(&server, &request.client_id, &request.redirect_uri);
    let Some((client, redirect_uri)) = registered else {
        return expired(&server);
    };
    let (the_page, the_decision) = (Arc::clone(&page), Arc::clone(&decision));
    let outcome = check(&server, the_page, the_decision);
    let state = request.state.as_deref();
    match outcome.await {
        Ok(Outcome::Code(code)) => redirect(&server, redirect_uri, state, &[("code", &code)]),
        Ok(Outcome::Spent) => expired(&server),
        Ok(Outcome::WrongPassword) => {
            let problem = Some(page::Problem::WrongPassword);
            let Decision { ticket, user, .. } = &*decision;
            form(
                &server,
                client,
                &redirect_uri,
                request,
                ticket,
                user,
                problem,
            )
        }
        Err(error) => reject(&server, redirect_uri, state, &error),
    }
}

/// Checks the decision and the password, and issues the code.
async fn check(
    server: &Arc<Server>,
    page: Arc<Page>,
    decision: Arc<Decision>,
) -> Result<Outcome, Error> {
    if !decision.is_allowed {
        return server.blocking(move |server| deny(server, &page)).await;
    }
    let busy = || Error::new("temporarily_unavailable", "").because("too many sign-ins");
    let place = server.turns.enter().ok_or_else(busy)?;
    // Counted before the password is checked, so that concurrent requests get no further tries.
    let the_page = Arc::clone(&page);
    let counted = server.blocking(move |server| {
        let tries = format!("tries:{}", the_page.id);
        let store = &server.store;
        Ok(store.count(&tries, the_page.expiration, server.now())? <= server.config.max_tries)
    });
    if !counted.await? {
        return Ok(Outcome::Spent);
    }
    let turn = server.turns.next(place).await.ok_or_else(busy)?;
    let allowed = server.blocking(move |server| {
        let is_password = server.users.is_password(&decision.user, &decision.password);
        drop(turn);
        match is_password {
            true => allow(server, &page, &decision.user),
            false => Ok(Outcome::WrongPassword),
        }
    });
    allowed.await
}

fn deny(server: &Server, page: &Page) -> Result<Outcome, Error> {
    match answer(server, page, server.now())? {
        true => Err(Error::new("access_denied", "")),
        false => Ok(Outcome::Spent),
    }
}

/// Issues the code of a page to a user whose password was right.
fn allow(server: &Server, page: &Page, user: &str) -> Result<Outcome, Error> {
    let now = server.now();
    if !answer(server, page, now)? {
        return Ok(Outcome::Spent);
    }
    let (grant, expected) = grant(page.request.clone(), user, now);
    let code = random();
    server.grants.issue_code(&code, grant, expected, now)?;
    Ok(Outcome::Code(code))
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
    redirect_uri: &Url,
    request: &Request,
    ticket: &str,
    user: &str,
    problem: Option<page::Problem>,
) -> Response {
    let form = page::Form {
        action: &server.path("/authorize/decision"),
        style: &server.path("/style.css"),
        issuer_name: &server.host,
        client: &client.name,
        client_host: host(redirect_uri),
        scope: &request.scope,
        resource: &request.resource,
        ticket,
        user,
        problem,
    };
    form.into_response(StatusCode::OK)
}

/// Returns the host and port of a web page, or the scheme of an application.
fn host(url: &Url) -> &str {
    match url.scheme() {
        "http" | "https" => &url[Position::BeforeHost..Position::AfterPort],
        scheme => scheme,
    }
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

fn reject(server: &Server, uri: Url, state: Option<&str>, error: &Error) -> Response {
    error.log();
    let mut pairs = vec![("error", error.code)];
    if !error.description.is_empty() {
        pairs.push(("error_description", error.description));
    }
    redirect(server, uri, state, &pairs)
}

/// Redirects to the client with `state` unchanged and `iss` (RFC 9207). The status is 303, so that the
/// browser does not repeat the form to the client.
fn redirect(
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
