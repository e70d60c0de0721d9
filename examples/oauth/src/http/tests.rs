use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::*;

/// Starts a server that answers each request with its first line. Returns its origin and the lines.
fn echo() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let (send, lines) = channel();
    let answer = move |stream: std::io::Result<std::net::TcpStream>| {
        let mut stream = stream?;
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let line = lines.next().unwrap_or_else(|| Ok(String::new()))?;
        let _ = lines
            .take_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty()))
            .count();
        let _ = send.send(line.clone());
        let length = line.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{line}"
        )
    };
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = answer(stream);
        }
    });
    (origin, lines)
}

fn options() -> Options {
    Options {
        ca_file: None,
        fetch_timeout: Duration::from_millis(500),
        max_response: 1_000,
    }
}

fn body(agent: &Agent, url: &str) -> Result<String, HttpError> {
    let response = agent.get(url)?;
    Ok(String::from_utf8(response.into_body()).expect("text"))
}

#[test]
fn a_proxy_is_used_for_https_only() {
    let ((server, _), (proxy, at_proxy)) = (echo(), echo());
    let proxy = Proxy::new(&proxy).expect("a proxy");
    let agent = Agent::with_proxy(&options(), RootCerts::WebPki, Some(proxy));
    let url = format!("{server}/token");
    assert_eq!(
        body(&agent, &url).expect("a response"),
        "GET /token HTTP/1.1"
    );
    assert_eq!(at_proxy.try_recv().ok(), None);
    // The proxy does not speak TLS.
    assert!(body(&agent, "https://issuer.example/token").is_err());
    let tunnel = "CONNECT issuer.example:443 HTTP/1.1";
    assert_eq!(at_proxy.try_recv().as_deref(), Ok(tunnel));
}

#[test]
fn a_url_is_used_as_it_was_checked() {
    let (server, _) = echo();
    let agent = Agent::new(&options()).expect("an agent");
    let url = format!("{server}/a/../b");
    assert_eq!(body(&agent, &url).expect("a response"), "GET /b HTTP/1.1");
}

#[test]
fn requests_with_a_total_time_share_it() {
    let agent = Agent::new(&options()).expect("an agent");
    let (server, _) = echo();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = format!("http://{}", silent.local_addr().expect("an address"));
    let limited = agent.with_total_time();
    assert!(body(&limited, &server).is_ok());
    assert!(body(&limited, &silent).is_err());
    thread::sleep(options().fetch_timeout);
    let error = body(&limited, &server).expect_err("too late").to_string();
    assert!(error.contains("timeout"), "{error}");
    assert!(body(&agent, &server).is_ok(), "its own limit");
    assert!(
        body(&limited.with_total_time(), &server).is_ok(),
        "from now"
    );
}

#[test]
fn an_error_says_its_cause_once() {
    let agent = Agent::new(&options()).expect("an agent");
    let closed = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr();
    let url = format!("http://{}", closed.expect("an address"));
    let error = body(&agent, &url).expect_err("a closed port");
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(std::error::Error::source(&error).is_none());
}

#[test]
fn https_or_a_loopback_host_is_required() {
    for url in [
        "https://issuer.example",
        "HTTPS://issuer.example/tenant",
        "http://127.0.0.1:8080",
        "http://127.8.9.1",
        "http://[::1]:8080/",
        "http://localhost:8080",
        "http://LOCALHOST",
    ] {
        assert!(secure_url(url).is_ok(), "{url}");
    }
    for url in [
        "http://issuer.example",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://128.0.0.1",
        "http://[::2]",
        "http://127.0.0.1@issuer.example",
        "https://alice@issuer.example",
        "https://:secret@issuer.example",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "issuer.example",
        "",
    ] {
        let error = secure_url(url).expect_err(url).to_string();
        assert!(error.starts_with("expected an https URL"), "{error}");
    }
}
