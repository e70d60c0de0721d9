//! The end of a server that is busy.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring_oauth_examples::client::call;

use crate::Program;

fn wait_for_log(server: &Program, text: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    while !server.logs().contains(text) {
        assert!(Instant::now() < until, "no {text}: {}", server.logs());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_second_signal_does_not_wait_for_requests() {
    for (program, name) in [
        ("authorization_server", "issuer"),
        ("resource_server", "resource"),
    ] {
        let (mut server, url) = Program::serve(program, name, &["--port", "0"]);
        let address = url
            .trim_start_matches("http://")
            .trim_end_matches("/orders");
        // A request that is not complete.
        let mut connection = TcpStream::connect(address).expect("a connection");
        connection.write_all(b"GET / HTTP/1.1\r\n").expect("sent");
        std::thread::sleep(Duration::from_millis(100));
        server.signal("-INT");
        wait_for_log(&server, "shutting down");
        std::thread::sleep(Duration::from_millis(200));
        assert!(
            server.child.try_wait().expect("a status").is_none(),
            "it waits"
        );
        let start = Instant::now();
        server.signal("-INT");
        let (status, _) = server.end();
        assert_eq!(status.code(), Some(130), "{}", server.logs());
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn a_server_does_not_wait_for_a_fetch_of_keys() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let issuer = format!("http://{}", silent.local_addr().expect("an address"));
    let options = [
        "--port",
        "0",
        "--issuer",
        &issuer,
        "--max-time",
        "1",
        "--fetch-timeout",
        "60",
    ];
    let (mut server, url) = Program::serve("resource_server", "resource", &options);
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","typ":"at+jwt"}"#);
    let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"iss":"{issuer}"}}"#));
    let token = format!("{header}.{payload}.AA");
    assert_eq!(call(&url, &token).expect("an answer").0, 503);
    let start = Instant::now();
    server.signal("-TERM");
    assert!(server.end().0.success(), "{}", server.logs());
    assert!(
        start.elapsed() < Duration::from_secs(8),
        "{:?}",
        start.elapsed()
    );
}
