//! The submitted form: (B) and (C) of figure 3.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jwt_ring::NumericDate;
use tracing::Instrument;

use super::Server;
use super::address::Peer;
use super::authorize::{problem, redirect, registered, reject, to_page};
use super::cookie::{Browser, Message};
use super::crypto::{mac, sha256};
use super::error::Error;
use super::grants::{Expected, Grant, rounded_up};
use super::limits::Guesser;
use super::parameters::Parameters;
use super::ticket::Page;
use crate::store::StoreError;

/// Maximum length of a username that is filled in again, which must fit in a cookie.
const MAX_USER: usize = 200;

/// A submitted form.
struct Decision {
    page: Page,
    /// The browser's valid cookies, one of which is that of the page.
    browsers: Vec<Browser>,
    address: Option<IpAddr>,
    user: String,
    password: String,
    is_allowed: bool,
}

/// A decision that needs a password.
struct SignIn {
    decision: Arc<Decision>,
    browser: Browser,
    guesser: Guesser,
}

/// The result of a submitted form.
enum Outcome {
    Code(String, Browser),
    WrongPassword,
    WaitUntil(NumericDate),
    /// The page has expired, or was answered in another way before.
    Spent,
}

/// Checks the submitted form, and redirects with a code or an error, or back to the form.
pub(super) async fn decide(
    State(server): State<Arc<Server>>,
    peer: Peer,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    let decision = match Decision::read(&server, &peer, &headers, &parameters) {
        Ok(Some(decision)) => Arc::new(decision),
        Ok(None) => return expired(&server),
        Err(error) => return error.into_response(),
    };
    let request = &decision.page.request;
    // The clients of this server may be others than when and where the page was made.
    let registered = registered(&server, &request.client_id, &request.redirect_uri);
    let Some((_, redirect_uri)) = registered else {
        return expired(&server);
    };
    let state = request.state.as_deref();
    // In a task, which goes on if the connection is closed: the place in the queue must be kept until the
    // password is checked.
    let checked = check(Arc::clone(&server), Arc::clone(&decision)).in_current_span();
    let failed = |_| Err(Error::new("server_error", "").because("panic"));
    let outcome = tokio::spawn(checked).await.unwrap_or_else(failed);
    let response = outcome.and_then(|outcome| match outcome {
        Outcome::Code(code, browser) => {
            let uri = redirect_uri.clone();
            let mut response = redirect(&server, uri, state, &[("code", &code)]);
            let lifetime = server.config.browser_lifetime;
            server
                .cookies
                .set_browser(response.headers_mut(), browser, lifetime)?;
            Ok(response)
        }
        Outcome::WrongPassword => again(&server, &decision, None),
        Outcome::WaitUntil(time) => again(&server, &decision, Some(time)),
        Outcome::Spent => Ok(expired(&server)),
    });
    response.unwrap_or_else(|error| reject(&server, redirect_uri, state, &error))
}

impl Decision {
    /// Reads the form. `None` if its page has expired or was sent to another browser.
    fn read(
        server: &Server,
        peer: &Peer,
        headers: &HeaderMap,
        parameters: &Parameters,
    ) -> Result<Option<Self>, Error> {
        let field = |name| Ok::<_, Error>(parameters.get(name)?.unwrap_or_default().to_owned());
        let (user, password) = (field("user")?, field("password")?);
        let is_allowed = parameters.get("decision")? == Some("allow");
        let browsers = server.cookies.browsers(headers);
        let Some(page) = server.tickets.verify(&field("ticket")?) else {
            return Ok(None);
        };
        if browsers.iter().all(|browser| browser.id != page.browser) {
            return Ok(None);
        }
        Ok(Some(Self {
            page,
            browsers,
            address: peer.network(headers, server.config.trust_forwarded),
            user,
            password,
            is_allowed,
        }))
    }
}

impl SignIn {
    fn new(server: &Server, decision: Arc<Decision>) -> Result<Self, Error> {
        let (user, of_page) = (&decision.user, &decision.page.browser);
        let (browser, guesser) = match server.browsers.find(user, &decision.browsers)? {
            Some(known) => (known.clone(), Guesser::known(user, &known.id)),
            None => {
                let guesser = Guesser::new_browser(user, decision.address);
                (Browser::with_id(of_page), guesser)
            }
        };
        Ok(Self {
            decision,
            browser,
            guesser,
        })
    }
}

/// Checks the decision and the password, and issues the code.
async fn check(server: Arc<Server>, decision: Arc<Decision>) -> Result<Outcome, Error> {
    if !decision.is_allowed {
        return server.blocking(move |server| deny(server, &decision)).await;
    }
    let sign_in = server.blocking(move |server| {
        let sign_in = SignIn::new(server, decision)?;
        let wait_until = server.limits.wait_until(&sign_in.guesser, server.now())?;
        Ok((sign_in, wait_until))
    });
    let (sign_in, wait_until) = sign_in.await?;
    // Without a place in the queue, which requests that cannot succeed would keep from others.
    if let Some(until) = wait_until {
        return Ok(Outcome::WaitUntil(until));
    }
    let sign_in = Arc::new(sign_in);
    let busy = || Error::new("temporarily_unavailable", "").because("too many sign-ins");
    let place = server
        .turns
        .enter(&sign_in.guesser.owner)
        .ok_or_else(busy)?;
    // Before the password is checked, so that concurrent requests get no further guesses.
    let guess = Arc::clone(&sign_in);
    let counted =
        server.blocking(move |server| Ok(server.limits.count(&guess.guesser, server.now())?));
    if let Some(until) = counted.await? {
        return Ok(Outcome::WaitUntil(until));
    }
    let turn = server.turns.next(place).await.ok_or_else(busy)?;
    let allowed = server.blocking(move |server| {
        let decision = &sign_in.decision;
        let is_password = server.users.is_password(&decision.user, &decision.password);
        drop(turn);
        match is_password {
            true => allow(server, &sign_in),
            false => Ok(Outcome::WrongPassword),
        }
    });
    allowed.await
}

/// Denies the request, which needs no password and so must store nothing.
fn deny(server: &Server, decision: &Decision) -> Result<Outcome, Error> {
    match server.store.get(&answered(&decision.page))? {
        None => Err(Error::new("access_denied", "")),
        Some(_) => Ok(Outcome::Spent),
    }
}

/// Issues the code of a page to a user whose password was right.
fn allow(server: &Server, sign_in: &SignIn) -> Result<Outcome, Error> {
    // Before the record of the answer is read: the lifetime of the code counts from here.
    let (decision, now) = (&sign_in.decision, server.now());
    if now >= decision.page.expiration {
        return Ok(Outcome::Spent);
    }
    server.limits.reset(&sign_in.guesser, now)?;
    let browser = &sign_in.browser;
    server.browsers.add(&decision.user, browser, now)?;
    Ok(match issue(server, decision, now)? {
        Some(code) => Outcome::Code(code, browser.clone()),
        None => Outcome::Spent,
    })
}

/// Returns the code of a page. A second request, such as that of a double click, gets the same code. `None`
/// if another user answered the page.
fn issue(
    server: &Server,
    decision: &Decision,
    now: NumericDate,
) -> Result<Option<String>, StoreError> {
    let (page, user) = (&decision.page, &decision.user);
    // Made again from the page, because the store has no codes.
    let code = mac(&server.codes, &format!("{} {user}", page.id));
    let (key, by) = (answered(page), sha256(user));
    let mut first = server.store.get(&key)?;
    if first.is_none() {
        // Before the record of the answer, so that the code of a second request is always valid.
        let (grant, expected) = grant(page, user, now);
        server.grants.issue_code(&code, grant, expected, now)?;
        // A delayed request that does not find the record any more issues a code that has expired.
        let expiration = page.expiration.saturating_add(server.config.code_lifetime);
        if server.store.insert(&key, by.as_bytes(), expiration, now)? {
            return Ok(Some(code));
        }
        first = server.store.get(&key)?;
        if first.as_deref() != Some(by.as_bytes()) {
            server.grants.withdraw(&code, now)?;
        }
    }
    let is_same_user = first.as_deref() == Some(by.as_bytes());
    Ok(is_same_user.then_some(code))
}

/// The key of the record that a page was allowed. Its value is the hash of the user.
fn answered(page: &Page) -> String {
    format!("answered:{}", page.id)
}

fn grant(page: &Page, user: &str, now: NumericDate) -> (Grant, Expected) {
    let request = page.request.clone();
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

/// Redirects to a new page of the same request, so that a reload does not submit the password again.
fn again(
    server: &Server,
    decision: &Decision,
    wait_until: Option<NumericDate>,
) -> Result<Response, Error> {
    let query = decision.page.request.query();
    let reason = wait_until.map_or("wrong password", |_| "too many guesses");
    tracing::warn!(code = "sign_in", reason, "rejected");
    let message = Message {
        request: sha256(&query),
        user: match decision.user.len() <= MAX_USER {
            true => decision.user.clone(),
            false => String::new(),
        },
        // Cookies have whole seconds.
        wait_until: wait_until.map(rounded_up),
    };
    let mut response = to_page(server, &query);
    server
        .cookies
        .set_message(response.headers_mut(), message)?;
    Ok(response)
}

fn expired(server: &Server) -> Response {
    problem(
        server,
        "This page has expired or belongs to another browser. Go back to the application and start again.",
    )
}
