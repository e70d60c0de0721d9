//! The end of the redirect on the loopback interface.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use jwt_ring_oauth_examples::client::redirect::{Redirect, RedirectError};
use url::Url;

use crate::query;
use crate::scripted::Scripted;

/// Sends bytes to the listener and returns its response.
fn send(redirect_uri: &str, request: &str) -> String {
    let url = Url::parse(redirect_uri).expect("a URL");
    let address = ("127.0.0.1", url.port().expect("a port"));
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut response = String::new();
    // A connection that is closed without a response may be reset.
    let _ = stream.read_to_string(&mut response);
    response
}

fn get(redirect_uri: &str, target: &str) -> String {
    let head = format!(
        "GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {}\r\n\r\n",
        "x".repeat(9_000)
    );
    send(redirect_uri, &head)
}

/// Waits for the redirect while requests are made. The target of the last one is the query with
/// `state` and `iss` added.
fn wait(before: &[&str], last: &str) -> (Result<String, RedirectError>, Vec<String>) {
    let server = Scripted::start();
    let redirect = Redirect::listen(0).expect("a port");
    let uri = redirect.uri();
    let client = server.client("s");
    let pending = client.authorize("a").expect("a URL");
    let state = query(&pending.url, "state");
    let target = format!("/callback?{last}&state={state}&iss={}", server.url);
    thread::scope(|scope| {
        let requests = scope.spawn(|| {
            let mut responses: Vec<_> = before.iter().map(|request| send(&uri, request)).collect();
            responses.push(get(&uri, &target));
            responses
        });
        let code = redirect.wait(&client, &pending);
        (code, requests.join().expect("no panic"))
    })
}

#[test]
fn only_the_right_path_and_state_end_the_wait() {
    let long = format!("GET /callback?{} HTTP/1.1\r\n\r\n", "x".repeat(20_000));
    let before = [
        "GET /favicon.ico HTTP/1.1\r\n\r\n",
        "GET /callback?code=stolen HTTP/1.1\r\n\r\n",
        "GET /callback?code=stolen&state=guess HTTP/1.1\r\n\r\n",
        "GET /callback?error=access_denied&state=guess HTTP/1.1\r\n\r\n",
        "POST /callback HTTP/1.1\r\n\r\n",
        "GET http://other.example/callback HTTP/1.1\r\n\r\n",
        "GET\r\n\r\n",
        "\u{0}\r\n\r\n",
        &long,
    ];
    let (code, responses) = wait(&before, "code=c");
    assert_eq!(code.expect("a code"), "c");
    let statuses: Vec<_> = responses
        .iter()
        .map(|response| response.get(9..12).unwrap_or_default())
        .collect();
    assert_eq!(statuses[..4], ["404", "400", "400", "400"]);
    assert_eq!(statuses[4..9], [""; 5], "{responses:?}");
    assert!(responses[9].starts_with("HTTP/1.1 200 OK"), "{responses:?}");
    assert!(responses[9].ends_with("Thank you. You can close this window."));
    assert!(
        responses[..9]
            .iter()
            .all(|response| !response.contains("Thank you"))
    );
}

/// Waits for the redirect while connections are made before. Returns when it arrived.
fn wait_behind(before: impl FnOnce(SocketAddr) + Send) -> Duration {
    let server = Scripted::start();
    let redirect = Redirect::listen(0).expect("a port");
    let uri = redirect.uri();
    let client = server.client("s");
    let pending = client.authorize("a").expect("a URL");
    let state = query(&pending.url, "state");
    let port = Url::parse(&uri).expect("a URL").port().expect("a port");
    let start = Instant::now();
    thread::scope(|scope| {
        let response = scope.spawn(|| {
            before(SocketAddr::from(([127, 0, 0, 1], port)));
            get(&uri, &format!("/callback?code=c&state={state}"))
        });
        assert_eq!(redirect.wait(&client, &pending).expect("a code"), "c");
        assert!(response.join().expect("no panic").contains("Thank you"));
    });
    start.elapsed()
}

fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).expect("a connection")
}

#[test]
fn silent_connections_delay_only_the_33rd() {
    for (silent, expected) in [(31, 0..10), (32, 1..30)] {
        let mut connections = Vec::new();
        let time = wait_behind(|address| connections.extend((0..silent).map(|_| connect(address))));
        assert!(
            expected.contains(&time.as_secs()),
            "{silent} silent connections: {time:?}"
        );
    }
}

#[test]
fn a_connection_ends_if_its_request_is_not_complete_in_time() {
    let (mut time, mut rest) = (Duration::ZERO, None);
    wait_behind(|address| {
        let (mut silent, mut slow) = (connect(address), connect(address));
        let start = Instant::now();
        // Each byte arrives in time for a limit of the reads, but the request does not end.
        while start.elapsed() < Duration::from_secs(15) && slow.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
        time = start.elapsed();
        let limit = Some(Duration::from_secs(15));
        silent.set_read_timeout(limit).expect("a time limit");
        rest = silent.read(&mut [0]).ok();
    });
    assert!((1..10).contains(&time.as_secs()), "{time:?}");
    assert_eq!(rest, Some(0), "closed without a response");
}

#[test]
fn an_error_of_the_server_ends_the_wait_and_is_shown() {
    let (code, responses) = wait(&[], "error=access_denied");
    assert_eq!(code.expect_err("denied").to_string(), "access_denied");
    assert!(responses[0].starts_with("HTTP/1.1 400"), "{responses:?}");
    assert!(responses[0].ends_with("The authorization failed: access_denied."));
}

#[test]
fn the_port_is_free_or_the_one_requested() {
    let first = Redirect::listen(0).expect("a port");
    let uri = Url::parse(&first.uri()).expect("a URL");
    assert_eq!(
        (uri.host_str(), uri.path()),
        (Some("127.0.0.1"), "/callback")
    );
    let port = uri.port().expect("a port");
    let error = Redirect::listen(port).map(|_| ()).expect_err("in use");
    let expected = format!("cannot listen on 127.0.0.1:{port}: ");
    assert!(error.to_string().starts_with(&expected), "{error}");
    drop(first);
    let second = Redirect::listen(port).expect("the port");
    assert_eq!(second.uri(), uri.as_str());
}
