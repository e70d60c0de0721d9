//! The end of the redirect on the loopback interface.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

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

#[test]
fn a_silent_connection_delays_but_does_not_end_the_wait() {
    let server = Scripted::start();
    let redirect = Redirect::listen(0).expect("a port");
    let uri = redirect.uri();
    let client = server.client("s");
    let pending = client.authorize("a").expect("a URL");
    let state = query(&pending.url, "state");
    let port = Url::parse(&uri).expect("a URL").port().expect("a port");
    let _silent = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    thread::scope(|scope| {
        let response = scope.spawn(|| get(&uri, &format!("/callback?code=c&state={state}")));
        assert_eq!(redirect.wait(&client, &pending).expect("a code"), "c");
        assert!(response.join().expect("no panic").contains("Thank you"));
    });
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
