//! The HTML pages: the sign-in form and the error page.
//!
//! They have no scripts, and all untrusted text is escaped.

#[cfg(test)]
mod tests;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use jwt_ring::oauth::Scope;

/// Without `form-action`: Chromium applies it to the redirects after the form, too. It would have to list
/// where the client redirects on to, and has no syntax for the host `[::1]`.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";

pub(crate) const STYLE: &str = include_str!("page/style.css");

/// The form in which the user signs in and allows or denies the client's request.
pub(crate) struct Form<'a> {
    /// The paths of the form's target and of the style sheet.
    pub(crate) action: &'a str,
    pub(crate) style: &'a str,
    /// The host of the issuer, which has the account.
    pub(crate) issuer_name: &'a str,
    pub(crate) client: &'a str,
    /// The host to which the browser is redirected, with its port, or the scheme of an application.
    pub(crate) client_host: &'a str,
    pub(crate) scope: &'a Scope,
    pub(crate) resource: &'a str,
    /// The signed request of the client.
    pub(crate) ticket: &'a str,
    /// The username entered before, and the error to show.
    pub(crate) user: &'a str,
    pub(crate) problem: Option<Problem>,
}

/// Why the form is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    WrongPassword,
    /// There were too many guesses.
    Wait {
        /// Time until the next guess is accepted.
        seconds: u64,
    },
}

impl Problem {
    /// Returns the beginning of the title: what a screen reader reads first.
    fn title(self) -> &'static str {
        match self {
            Self::WrongPassword => "Wrong username or password",
            Self::Wait { .. } => "Too many attempts",
        }
    }

    fn text(self) -> String {
        let title = self.title();
        match self {
            Self::WrongPassword => format!("{title}."),
            Self::Wait { seconds } => format!("{title}. Try again in {}.", time(seconds)),
        }
    }
}

/// Describes a time in words, rounded up to minutes from 2 minutes on.
fn time(seconds: u64) -> String {
    match seconds {
        0 | 1 => "1 second".to_owned(),
        2..120 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

impl Form<'_> {
    /// Makes the response.
    pub(crate) fn into_response(self, status: StatusCode) -> Response {
        response(status, self.html())
    }

    fn html(&self) -> String {
        let client = escape(self.client);
        let title = match self.problem {
            None => format!("Sign in to allow {client}"),
            Some(problem) => format!("{} - Sign in to allow {client}", problem.title()),
        };
        // The name may have characters that change the direction of the text after it.
        let heading = format!("Sign in to allow <bdi>{client}</bdi>");
        let body = format!("{}{}", self.request(), self.fields());
        document(&title, &heading, self.style, &body)
    }

    /// Describes what the client requests.
    fn request(&self) -> String {
        let permissions: String = self.scope.iter().map(permission).collect();
        let (what, permissions) = match self.scope.is_empty() {
            true => ("access to", ".</p>".to_owned()),
            false => (
                "these permissions at",
                format!(":</p><ul>{permissions}</ul>"),
            ),
        };
        format!(
            "<p>Use your account at <strong>{issuer}</strong>. The application requests {what} \
             <strong>{resource}</strong>{permissions}\
             <p>You will be sent back to <strong>{back}</strong>.</p>",
            issuer = escape(self.issuer_name),
            resource = escape(self.resource),
            back = escape(destination(self.client_host)),
        )
    }

    fn fields(&self) -> String {
        let problem = self.problem.map_or_else(String::new, alert);
        // The focus makes screen readers read the label and the error.
        let (state, focus) = match self.problem {
            None => ("", ""),
            Some(Problem::WrongPassword) => (
                " aria-invalid=\"true\" aria-describedby=\"problem\"",
                " autofocus",
            ),
            Some(Problem::Wait { .. }) => (" aria-describedby=\"problem\"", " autofocus"),
        };
        format!(
            "<form method=\"post\" action=\"{action}\">{problem}\
             <input type=\"hidden\" name=\"ticket\" value=\"{ticket}\">\
             <label for=\"user\">Username</label>\
             <input id=\"user\" name=\"user\" value=\"{user}\" autocomplete=\"username\" \
             autocapitalize=\"none\" spellcheck=\"false\" required{state}>\
             <label for=\"password\">Password</label>\
             <input id=\"password\" name=\"password\" type=\"password\" \
             autocomplete=\"current-password\" required{state}{focus}>\
             <div class=\"choice\">\
             <button class=\"allow\" name=\"decision\" value=\"allow\">Allow</button>\
             <button name=\"decision\" value=\"deny\" formnovalidate>Deny</button>\
             </div></form>",
            action = escape(self.action),
            ticket = escape(self.ticket),
            user = escape(self.user),
        )
    }
}

/// Describes a name of a scope.
fn permission(name: &str) -> String {
    match name {
        "openid" => "<li>Know who you are</li>".to_owned(),
        "orders:read" => "<li>See your orders</li>".to_owned(),
        "orders:write" => "<li>Change and delete your orders</li>".to_owned(),
        name => format!("<li><code>{}</code></li>", escape(name)),
    }
}

/// Describes where the browser is redirected.
fn destination(host: &str) -> &str {
    let is_loopback = ["127.0.0.1", "[::1]", "localhost"].iter().any(|loopback| {
        let port = host.strip_prefix(loopback);
        port.is_some_and(|port| port.is_empty() || port.starts_with(':'))
    });
    if is_loopback { "this computer" } else { host }
}

fn alert(problem: Problem) -> String {
    let text = problem.text();
    format!("<p class=\"problem\" id=\"problem\" role=\"alert\">{text}</p>")
}

/// Answers a request that cannot be answered by a redirect to a client.
pub(crate) fn error(style: &str, problem: &str) -> Response {
    let title = "This link does not work";
    let body = format!("<p>{}</p>", escape(problem));
    let html = document(title, title, style, &body);
    response(StatusCode::BAD_REQUEST, html)
}

/// Makes a document. Title, heading and body are HTML.
fn document(title: &str, heading: &str, style: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><link rel=\"stylesheet\" href=\"{style}\"></head>\
         <body><main><h1>{heading}</h1>{body}</main></body></html>",
        style = escape(style),
    )
}

fn response(status: StatusCode, html: String) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html)).into_response()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}
