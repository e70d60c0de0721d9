//! Outgoing requests: HTTPS, with limits of time and size, and without redirects.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bpaf::Bpaf;
use ureq::Proxy;
use ureq::http::header::ACCEPT;
use ureq::http::{Request, Response};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use url::{Host, Url};

use crate::program;

const USER_AGENT: &str = env!("CARGO_PKG_NAME");

/// The settings of outgoing requests.
#[derive(Bpaf, Clone, Debug)]
#[bpaf(generate(options), ignore_rustdoc)]
pub struct Options {
    /// Trust the CA certificates in this PEM file, instead of those that are built in
    #[bpaf(env("JWT_RING_CA_FILE"), argument("FILE"))]
    pub ca_file: Option<PathBuf>,
    /// Maximum time to get the metadata and keys of an issuer, or of another outgoing request: 1 to 3600
    #[bpaf(
        env("JWT_RING_FETCH_TIMEOUT"),
        argument::<u64>("SECONDS"),
        fallback(5),
        display_fallback,
        parse(program::time_limit)
    )]
    pub fetch_timeout: Duration,
    /// Maximum size of the response to an outgoing request
    #[bpaf(
        env("JWT_RING_MAX_RESPONSE"),
        argument("BYTES"),
        fallback(256 * 1024),
        display_fallback
    )]
    pub max_response: u64,
}

/// Sends requests and follows no redirects. Its clones share connections.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Sends https requests, through the proxy of the environment if there is one.
    https: ureq::Agent,
    /// Sends http requests on this machine, and never to a proxy, which would get secrets and tokens
    /// in plain text.
    http: ureq::Agent,
    timeout: Duration,
    /// When all requests must have ended.
    deadline: Option<Instant>,
    max_response: u64,
}

/// Why a request cannot be sent, or has no response.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    #[error("cannot read the CA certificates in {}: {problem}", .path.display())]
    CaFile { path: PathBuf, problem: String },
    #[error("expected an https URL, or an http URL of this machine, found {url:?}")]
    Insecure { url: String },
    #[error("no response from {url}: {error}")]
    NoResponse { url: String, error: ureq::Error },
    #[error("expected a response of at most {limit} bytes from {url}, found a longer one")]
    TooLarge { url: String, limit: u64 },
}

impl Agent {
    /// Makes an agent.
    ///
    /// # Errors
    ///
    /// [`HttpError::CaFile`] if the file cannot be read or has no certificate.
    pub fn new(options: &Options) -> Result<Self, HttpError> {
        let roots = match &options.ca_file {
            None => RootCerts::WebPki,
            Some(path) => {
                let certificates = ca_certificates(path);
                let error = |problem| HttpError::CaFile {
                    path: path.clone(),
                    problem,
                };
                RootCerts::Specific(Arc::new(certificates.map_err(error)?))
            }
        };
        Ok(Self::with_proxy(options, roots, Proxy::try_from_env()))
    }

    fn with_proxy(options: &Options, roots: RootCerts, proxy: Option<Proxy>) -> Self {
        let config = || {
            ureq::Agent::config_builder()
                .user_agent(USER_AGENT)
                .max_redirects(0)
                .http_status_as_error(false)
        };
        let tls = TlsConfig::builder().root_certs(roots).build();
        Self {
            https: config().tls_config(tls).proxy(proxy).build().into(),
            http: config().proxy(None).build().into(),
            timeout: options.fetch_timeout,
            deadline: None,
            max_response: options.max_response,
        }
    }

    /// Returns an agent all requests of which have, together, the time of one, counted from now.
    #[must_use]
    pub fn with_total_time(&self) -> Self {
        Self {
            deadline: Some(Instant::now() + self.timeout),
            ..self.clone()
        }
    }

    /// Gets a JSON document.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn get(&self, url: &str) -> Result<Response<Vec<u8>>, HttpError> {
        let request = Request::get(url).header(ACCEPT, "application/json");
        let request = request.body(Vec::new());
        self.send(request.map_err(|_| insecure(url))?)
    }

    /// Sends a request, and returns the response with any status.
    ///
    /// # Errors
    ///
    /// - [`HttpError::Insecure`] for a URL that [`secure_url`] rejects.
    /// - [`HttpError::NoResponse`] if the connection fails, is not trusted, or takes too long.
    /// - [`HttpError::TooLarge`] if the response is longer than the limit.
    pub fn send(&self, mut request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpError> {
        // As `url` normalized it, so that the host which was checked is the one that is used.
        let url = secure_url(&request.uri().to_string())?;
        let agent = match url.scheme() {
            "https" => &self.https,
            _ => &self.http,
        };
        let url = url.to_string();
        *request.uri_mut() = url.parse().map_err(|_| insecure(&url))?;
        let failed = |error| match error {
            ureq::Error::BodyExceedsLimit(limit) => HttpError::TooLarge {
                url: url.clone(),
                limit,
            },
            error => HttpError::NoResponse {
                url: url.clone(),
                error,
            },
        };
        let request = agent.configure_request(request);
        let request = request.timeout_global(Some(self.time_left())).build();
        let (head, mut body) = agent.run(request).map_err(failed)?.into_parts();
        let body = body.with_config().limit(self.max_response).read_to_vec();
        Ok(Response::from_parts(head, body.map_err(failed)?))
    }

    fn time_left(&self) -> Duration {
        let until = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        self.deadline.map_or(self.timeout, until)
    }
}

fn ca_certificates(path: &PathBuf) -> Result<Vec<Certificate<'static>>, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| error.to_string())? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err("expected a PEM block CERTIFICATE, found none".into());
    }
    Ok(certificates)
}

/// Parses a URL that is safe to send requests to: `https`, or `http` on this machine.
///
/// # Errors
///
/// [`HttpError::Insecure`] for another URL, and for one with a user name or password.
pub fn secure_url(url: &str) -> Result<Url, HttpError> {
    let parsed = Url::parse(url).map_err(|_| insecure(url))?;
    let is_secure = match parsed.scheme() {
        "https" => true,
        "http" => is_loopback(&parsed),
        _ => false,
    };
    let has_user = !parsed.username().is_empty() || parsed.password().is_some();
    match is_secure && !has_user {
        true => Ok(parsed),
        false => Err(insecure(url)),
    }
}

/// Returns whether the host of a URL is this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn insecure(url: &str) -> HttpError {
    HttpError::Insecure { url: url.into() }
}

#[cfg(test)]
mod tests;
