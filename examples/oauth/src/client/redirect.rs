//! The end of the redirect of a native application: a server on the loopback interface (RFC 8252 §7.3).

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

use url::Url;

use super::{Client, Pending};

const PATH: &str = "/callback";
/// Maximum time to wait for a request: browsers open spare connections.
const MAX_TIME: Duration = Duration::from_secs(2);
/// Maximum size of the head of a request, in bytes.
const MAX_HEAD: u64 = 16 * 1024;

/// Why the response to an authorization request has no code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectError {
    #[error("`state` is not that of the request")]
    State,
    #[error("`iss` is not the authorization server")]
    Issuer,
    /// The error code of the authorization server, as `access_denied` (RFC 6749 §4.1.2.1).
    #[error("{0}")]
    Rejected(String),
    #[error("the response has no code")]
    NoCode,
    #[error("cannot receive the redirect: {0}")]
    Io(#[from] io::Error),
}

impl RedirectError {
    /// Without characters that control a terminal (RFC 6749 appendix A.7).
    pub(super) fn rejected(code: String) -> Self {
        let is_visible = code.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        match is_visible && code.len() <= 100 {
            true => Self::Rejected(code),
            false => Self::Rejected("an unknown error".into()),
        }
    }
}

/// A listener for one redirect.
pub struct Redirect {
    listener: TcpListener,
    origin: Url,
}

impl Redirect {
    /// Listens on a port of `127.0.0.1`; 0: any free port.
    pub fn listen(port: u16) -> Result<Self, Box<dyn std::error::Error>> {
        let error = |error| format!("cannot listen on 127.0.0.1:{port}: {error}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(error)?;
        let origin = Url::parse(&format!("http://{}", listener.local_addr()?))?;
        Ok(Self { listener, origin })
    }

    pub fn uri(&self) -> String {
        format!("{}{PATH}", self.origin.as_str().trim_end_matches('/'))
    }

    /// Waits for the response to an authorization request and returns its code. Requests with another
    /// path or `state` are rejected, and the wait goes on: any page in the browser can send them.
    ///
    /// # Errors
    ///
    /// Those of [`Client::code`], except [`RedirectError::State`].
    pub fn wait(&self, client: &Client, pending: &Pending) -> Result<String, RedirectError> {
        loop {
            let (mut stream, _) = self.listener.accept()?;
            let Some(url) = self.read(&stream) else {
                continue;
            };
            if url.path() != PATH {
                respond(&mut stream, "404 Not Found", "There is nothing here.");
                continue;
            }
            let code = client.code(pending, &url);
            match &code {
                Err(RedirectError::State) => {
                    let text = "This is not the response to the request of this program.";
                    respond(&mut stream, "400 Bad Request", text);
                    continue;
                }
                Err(error) => {
                    let text = format!("The authorization failed: {error}.");
                    respond(&mut stream, "400 Bad Request", &text);
                }
                Ok(_) => respond(
                    &mut stream,
                    "200 OK",
                    "Thank you. You can close this window.",
                ),
            }
            return code;
        }
    }

    /// Reads the head of a request. Returns `None` for anything but a GET.
    fn read(&self, stream: &TcpStream) -> Option<Url> {
        stream.set_read_timeout(Some(MAX_TIME)).ok()?;
        let mut lines = BufReader::new(stream.take(MAX_HEAD)).lines();
        let first = lines.next()?.ok()?;
        // To the end: closing a connection with unread bytes may reset it before the response arrives.
        let _ = lines
            .take_while(|line| matches!(line, Ok(line) if !line.is_empty()))
            .count();
        // The version shows that the line is complete.
        let (target, _) = first.strip_prefix("GET ")?.split_once(" HTTP/1.")?;
        let url = self.origin.join(target).ok()?;
        (url.origin() == self.origin.origin()).then_some(url)
    }
}

/// Errors are ignored: the browser may be gone.
fn respond(stream: &mut TcpStream, status: &str, text: &str) {
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n\
         X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
}
