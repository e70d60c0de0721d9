//! What all programs share: logs, request IDs, limits of a request, and graceful shutdown.

mod connections;
mod network;
mod options;
mod run;

use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;
use tracing::{Instrument, field, info, info_span};

pub use connections::{Limits, limits as connection_limits};
pub use network::network;
pub use options::{at_least_one, store, switch, time_limit};
pub use run::{exit_code, print, printable, run, serve};

/// Maximum length of an `X-Request-Id` of a sender that is logged.
const MAX_SENT_ID: usize = 64;
/// When to try again after a request that took too long, or one that had no access to the store.
pub const RETRY_AFTER_SECONDS: u16 = 5;
/// The header of the ID of a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The format of the logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `text` or `json`")]
pub struct InvalidLogFormat;

impl FromStr for LogFormat {
    type Err = InvalidLogFormat;

    fn from_str(text: &str) -> Result<Self, InvalidLogFormat> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(InvalidLogFormat),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// Writes the logs of this process to the standard error. A second call has no effect.
pub fn start_logs(format: LogFormat) {
    let logs = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(false)
        // Reported by `eprintln`, which panics if the standard error is closed.
        .log_internal_errors(false);
    let _ = match format {
        LogFormat::Text => logs.try_init(),
        // The list of spans would repeat the one span of a request.
        LogFormat::Json => {
            let logs = logs.json().flatten_event(true);
            logs.with_span_list(false).try_init()
        }
    };
}

/// Adds [`limits`] and [`logs`]. A layer between them, as one of CORS, also sees the responses of the
/// limits.
pub fn layers(router: Router, max_body: usize, max_time: Duration) -> Router {
    logs(limits(router, max_body, max_time))
}

/// Limits the body of each request, in bytes and for extractors only, and the time until its response.
pub fn limits<S>(router: Router<S>, max_body: usize, max_time: Duration) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let in_time = move |request, next| in_time(request, next, max_time);
    router
        .layer(DefaultBodyLimit::max(max_body))
        .layer(middleware::from_fn(in_time))
}

/// Adds an ID, a span and a line in the logs to each request.
pub fn logs<S>(router: Router<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(middleware::from_fn(logged))
}

async fn in_time(request: Request, next: Next, max_time: Duration) -> Response {
    let response = tokio::time::timeout(max_time, next.run(request)).await;
    response.unwrap_or_else(|_| {
        // Not 408, after which a client repeats the request at once (RFC 9110 §15.5.9).
        let body = Json(json!({ "error": "temporarily_unavailable" }));
        let retry_after = HeaderValue::from(RETRY_AFTER_SECONDS);
        let headers = [
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (RETRY_AFTER, retry_after),
        ];
        (StatusCode::SERVICE_UNAVAILABLE, headers, body).into_response()
    })
}

/// Runs a request in a span and logs its response. The span has the path without the query, which holds
/// codes, and no headers, which hold tokens.
async fn logged(request: Request, next: Next) -> Response {
    let id = request_id();
    let span = info_span!(
        "request",
        id,
        // Bounded, as each line of this request repeats them.
        method = %format_args!("{:.16}", request.method().as_str()),
        path = %format_args!("{:.256}", request.uri().path()),
        sent_id = field::Empty,
    );
    if let Some(sent_id) = sent_id(request.headers()) {
        span.record("sent_id", sent_id);
    }
    let respond = async {
        let running = Running::start();
        let mut response = next.run(request).await;
        running.end(&response);
        if let Ok(id) = HeaderValue::try_from(id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    };
    respond.instrument(span).await
}

/// A request without a response. Logs that it was cancelled if it is dropped.
struct Running {
    start: Instant,
    has_ended: bool,
}

impl Running {
    fn start() -> Self {
        Self {
            start: Instant::now(),
            has_ended: false,
        }
    }

    fn end(mut self, response: &Response) {
        self.has_ended = true;
        let status = response.status().as_u16();
        info!(status, milliseconds = self.milliseconds(), "response");
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended {
            // The client has closed the connection, or the server is shutting down.
            info!(milliseconds = self.milliseconds(), "cancelled");
        }
    }
}

/// Makes an ID of 128 random bits.
fn request_id() -> String {
    let mut bytes = [0; 16];
    // An ID is no secret: without random bytes, requests are served with an ID that is not unique.
    let _ = SystemRandom::new().fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the ID that the sender gave the request, if it can be logged. It is untrusted: two requests
/// may have the same.
fn sent_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(REQUEST_ID)?.as_bytes();
    let is_visible = id.iter().all(u8::is_ascii_graphic);
    let id = std::str::from_utf8(id).ok()?;
    (is_visible && !id.is_empty() && id.len() <= MAX_SENT_ID).then_some(id)
}

#[cfg(test)]
mod tests;
