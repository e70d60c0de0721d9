//! The authorization endpoint: (A) to (C) of figure 3.

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, LOCATION, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use url::Url;

use super::store::{self, Client, Request};
use super::{Pairs, Server, one, page};

/// The cookie that binds a form to the browser that received it.
const BROWSER: &str = "browser";

/// (A) of figure 3: answers an authorization request with the sign-in form.
pub(super) async fn authorize(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    Query(pairs): Query<Pairs>,
) -> Response {
    let Some((client, redirect_uri)) = client_of(&server, &pairs) else {
        // A redirect to an unregistered URI would be an open redirector (RFC 6749 §10.15).
        return error_page(
            "The application is unknown, or its redirect address is not registered.",
        );
    };
    let request = match check_request(&server, &client, redirect_uri, &pairs) {
        Ok(request) => request,
        Err(error) => {
            let state = one(&pairs, "state").ok().flatten();
            return redirect(&server, redirect_uri, state, &[("error", error)]);
        }
    };
    let sent = browser(&headers);
    let cookie = sent.map_or_else(store::random, str::to_owned);
    let opened = server
        .store()
        .open_page(request.clone(), &cookie, server.now());
    let Some(ticket) = opened else {
        let error = [("error", "temporarily_unavailable")];
        return redirect(&server, redirect_uri, request.state.as_deref(), &error);
    };
    let mut response = form(&client, &request, &ticket, "", None);
    if sent.is_none() {
        let cookie = format!("{BROWSER}={cookie}; HttpOnly; SameSite=Lax; Path=/authorize");
        if let Ok(cookie) = cookie.parse() {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
    }
    response
}

/// Returns the client and the redirect URI if the client registered it (RFC 6749 §3.1.2.3).
fn client_of<'a>(server: &Server, pairs: &'a Pairs) -> Option<(Client, &'a str)> {
    let redirect_uri = one(pairs, "redirect_uri").ok()??;
    let client = server
        .store()
        .client(one(pairs, "client_id").ok()??)?
        .clone();
    let is_registered = client.redirect_uris.iter().any(|uri| uri == redirect_uri);
    is_registered.then_some((client, redirect_uri))
}

/// Checks the other parameters.
///
/// # Errors
///
/// Returns the error code of RFC 6749 §4.1.2.1, RFC 7636 §4.4.1 or RFC 8707 §2.
fn check_request(
    server: &Server,
    client: &Client,
    redirect_uri: &str,
    pairs: &Pairs,
) -> Result<Request, &'static str> {
    let state = one(pairs, "state")?;
    if one(pairs, "response_type")?.ok_or("invalid_request")? != "code" {
        return Err("unsupported_response_type");
    }
    let challenge = one(pairs, "code_challenge")?.ok_or("invalid_request")?;
    let is_digest = challenge.len() == 43 && challenge.bytes().all(is_base64url);
    if one(pairs, "code_challenge_method")? != Some("S256") || !is_digest {
        return Err("invalid_request");
    }
    let scope = match one(pairs, "scope")? {
        None => client.scope.clone(),
        Some(scope) => scope.parse().map_err(|_| "invalid_scope")?,
    };
    if !scope.is_subset(&client.scope) {
        return Err("invalid_scope");
    }
    let resource = match one(pairs, "resource").map_err(|_| "invalid_target")? {
        None => server.resources.first(),
        Some(resource) => server.resources.iter().find(|one| *one == resource),
    };
    Ok(Request {
        client_id: client.id.clone(),
        redirect_uri: redirect_uri.into(),
        state: state.map(str::to_owned),
        scope,
        resource: resource.ok_or("invalid_target")?.clone(),
        challenge: challenge.into(),
    })
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// (B) and (C) of figure 3: checks the submitted form and redirects with a code or an error.
pub(super) async fn decide(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Response {
    let field = |name| one(&pairs, name).ok().flatten().unwrap_or_default();
    let (ticket, user, now) = (field("ticket"), field("user"), server.now());
    let cookie = browser(&headers).unwrap_or_default();
    let Some(request) = server.store().page(ticket, cookie, now).cloned() else {
        return error_page(
            "This page has expired or belongs to another browser. Go back to the application and start again.",
        );
    };
    let answer = |pairs: &[(&str, &str)]| {
        redirect(
            &server,
            &request.redirect_uri,
            request.state.as_deref(),
            pairs,
        )
    };
    if field("decision") != "allow" {
        server.store().close_page(ticket);
        return answer(&[("error", "access_denied")]);
    }
    if !server.store().sign_in(ticket, user, field("password")) {
        let client = server.store().client(&request.client_id).cloned();
        return match client {
            Some(client) => form(
                &client,
                &request,
                ticket,
                user,
                Some("Wrong username or password."),
            ),
            None => answer(&[("error", "unauthorized_client")]),
        };
    }
    let code = server.store().make_code(ticket, user, now);
    match code {
        Some(code) => answer(&[("code", &code)]),
        None => answer(&[("error", "temporarily_unavailable")]),
    }
}

fn browser(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(|value| value.split("; "));
    cookies.find_map(|cookie| cookie.strip_prefix(BROWSER)?.strip_prefix('='))
}

fn form(
    client: &Client,
    request: &Request,
    ticket: &str,
    user: &str,
    problem: Option<&str>,
) -> Response {
    let form = page::Form {
        client: &client.name,
        scope: &request.scope,
        resource: &request.resource,
        ticket,
        user,
        problem,
    };
    // Browsers apply `form-action` to the redirect after the form, too.
    let target = match Url::parse(&request.redirect_uri) {
        Ok(uri) if uri.origin().is_tuple() => uri.origin().ascii_serialization(),
        Ok(uri) => format!("{}:", uri.scheme()),
        Err(_) => String::new(),
    };
    html(StatusCode::OK, form.html(), &target)
}

fn error_page(problem: &str) -> Response {
    html(StatusCode::BAD_REQUEST, page::problem(problem), "")
}

fn html(status: StatusCode, html: String, form_target: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {form_target}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let headers: [(HeaderName, &str); 4] = [
        (CONTENT_SECURITY_POLICY, &policy),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html)).into_response()
}

/// Redirects to the client with `state` unchanged and `iss` (RFC 9207). The status is 303, so that the
/// browser does not repeat the form to the client.
fn redirect(server: &Server, uri: &str, state: Option<&str>, pairs: &[(&str, &str)]) -> Response {
    let Ok(mut uri) = Url::parse(uri) else {
        return error_page("The redirect address of the application is not a URL.");
    };
    uri.query_pairs_mut()
        .extend_pairs(pairs)
        .extend_pairs(state.map(|state| ("state", state)))
        .append_pair("iss", &server.issuer);
    let headers = [(LOCATION, uri.as_str()), (CACHE_CONTROL, "no-store")];
    (StatusCode::SEE_OTHER, headers).into_response()
}
