//! The end of the redirect of a native application: a server on the loopback interface (RFC 8252 §7.3).

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use url::Url;

use super::{Client, Pending};
use crate::program::printable;

const PATH: &str = "/callback";
/// Maximum time of a connection until its request is complete.
const MAX_TIME: Duration = Duration::from_secs(2);
/// Maximum size of the head of a request, in bytes.
const MAX_HEAD: usize = 16 * 1024;
/// Maximum length of an error code that is shown, in characters.
const MAX_CODE: usize = 100;
/// Maximum number of connections at once. Others wait for one to end.
const MAX_CONNECTIONS: usize = 32;
/// Time between two checks for new connections.
const POLL_TIME: Duration = Duration::from_millis(10);

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
    pub(super) fn rejected(code: &str) -> Self {
        let code: String = code.chars().take(MAX_CODE).collect();
        Self::Rejected(printable(&code))
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
        listener.set_nonblocking(true)?;
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
        let (sender, requests) = mpsc::channel();
        let mut connections = 0;
        loop {
            while connections < MAX_CONNECTIONS
                && let Some(stream) = self.accept()?
            {
                let (sender, origin) = (sender.clone(), self.origin.clone());
                // A thread for each, as a spare connection of the browser is silent.
                thread::Builder::new().spawn(move || sender.send(read(stream, &origin)))?;
                connections += 1;
            }
            let Ok(request) = requests.recv_timeout(POLL_TIME) else {
                continue;
            };
            connections -= 1;
            if let Some(code) = request.and_then(|request| answer(request, client, pending)) {
                return code;
            }
        }
    }

    /// Returns a connection if one is waiting.
    fn accept(&self) -> io::Result<Option<TcpStream>> {
        match self.listener.accept() {
            Ok((stream, _)) => Ok(Some(stream)),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::ConnectionAborted => {
                    Ok(None)
                }
                _ => Err(error),
            },
        }
    }
}

/// A request, and the connection for its response.
type Request = (Url, TcpStream);

/// Reads the head of a request. Returns `None` for anything but a GET, and if it takes too long.
fn read(mut stream: TcpStream, origin: &Url) -> Option<Request> {
    let head = read_head(&mut stream).ok()?;
    let (first, _) = std::str::from_utf8(&head).ok()?.split_once("\r\n")?;
    let (target, _) = first.strip_prefix("GET ")?.split_once(" HTTP/1.")?;
    let url = origin.join(target).ok()?;
    (url.origin() == origin.origin()).then_some((url, stream))
}

/// Reads to the end of the head: closing a connection with unread bytes may reset it before the response
/// arrives.
fn read_head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let end = Instant::now() + MAX_TIME;
    // Some systems hand the mode of the listener on.
    stream.set_nonblocking(false)?;
    let (mut head, mut part) = (Vec::new(), [0; 4096]);
    while !head.ends_with(b"\r\n\r\n") {
        // The time that is left, so that many short reads do not take longer. Zero is an error.
        stream.set_read_timeout(Some(end.saturating_duration_since(Instant::now())))?;
        let length = stream.read(&mut part)?;
        if length == 0 || head.len() + length > MAX_HEAD {
            return Err(ErrorKind::InvalidData.into());
        }
        head.extend_from_slice(&part[..length]);
    }
    Ok(head)
}

/// Answers a request. Returns `None` if it is not the response that the program waits for.
fn answer(
    (url, mut stream): Request,
    client: &Client,
    pending: &Pending,
) -> Option<Result<String, RedirectError>> {
    if url.path() != PATH {
        respond(&mut stream, "404 Not Found", "There is nothing here.");
        return None;
    }
    let code = client.code(pending, &url);
    match &code {
        Err(RedirectError::State) => {
            let text = "This is not the response to the request of this program.";
            respond(&mut stream, "400 Bad Request", text);
            return None;
        }
        Err(error) => {
            let text = format!("The authorization failed: {error}.");
            respond(&mut stream, "400 Bad Request", &text);
        }
        Ok(_) => {
            let text = "Thank you. You can close this window.";
            respond(&mut stream, "200 OK", text);
        }
    }
    Some(code)
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
