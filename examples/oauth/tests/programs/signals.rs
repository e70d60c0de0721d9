//! The end of a server, and of its logs.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use jwt_ring_oauth_examples::client::http;
use ureq::http::Request;

use crate::{Program, command, run};

fn status(url: &str) -> u16 {
    let request = Request::get(url).body(Vec::new()).expect("a request");
    http(request).expect("an answer").status().as_u16()
}

#[cfg(unix)]
#[test]
fn a_server_ends_at_ctrl_c_and_sigterm() {
    for signal in ["-INT", "-TERM"] {
        let port = ["--port", "0"];
        let issuer = Program::serve("authorization_server", "issuer", &port);
        let resource = Program::serve("resource_server", "resource", &port);
        for (mut server, url) in [issuer, resource] {
            assert_eq!(status(&format!("{url}/nowhere")), 404);
            server.signal(signal);
            let (status, _) = server.end();
            assert!(status.success(), "{status} {}", server.logs());
            assert!(server.logs().contains("shutting down"), "{}", server.logs());
        }
    }
    let (mut server, url) = bearer();
    assert_eq!(status(&url), 401);
    server.signal("-INT");
    assert!(server.end().0.success());
}

/// Starts `axum_bearer`. Returns it with its URL.
fn bearer() -> (Program, String) {
    let mut server = Program::start("axum_bearer", &[]);
    let line = server.line("curl");
    let url = line.split(' ').next_back().expect("a URL").to_owned();
    (server, url)
}

#[cfg(unix)]
#[test]
fn axum_bearer_ends_at_a_second_signal_while_a_request_is_half_sent() {
    let (mut server, url) = bearer();
    let address = url.trim_start_matches("http://");
    let mut half = TcpStream::connect(address).expect("a connection");
    half.write_all(b"GET / HTTP/1.1\r\n").expect("sent");
    // Accepted after the other connection, so that both are known to the server.
    assert_eq!(status(&url), 401);
    server.signal("-INT");
    server.wait_for_log("shutting down");
    assert!(server.child.try_wait().expect("a status").is_none());
    server.signal("-INT");
    assert_eq!(server.end().0.code(), Some(130), "{}", server.logs());
}

#[test]
fn a_server_runs_on_if_its_logs_are_closed() {
    let mut child = command("authorization_server")
        .args(["--port", "0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a program");
    drop(child.stderr.take());
    let mut output = String::new();
    let mut stdout = child.stdout.take().expect("its output");
    while !output.contains('\n') {
        let mut byte = [0];
        stdout.read_exact(&mut byte).expect("output");
        output.push(byte[0].into());
    }
    let url = output.trim_start_matches("issuer").trim().to_owned();
    let statuses =
        [(); 3].map(|()| std::panic::catch_unwind(|| status(&format!("{url}/jwks.json"))));
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert_eq!(statuses.map(Result::ok), [Some(200); 3]);
}

#[test]
fn the_self_test_ends_by_itself() {
    let (mut program, _) = Program::serve("axum_bearer", "curl", &["--self-test"]);
    let (status, output) = program.end();
    assert!(status.success(), "{}", program.logs());
    assert_eq!(output.lines().count(), 3, "{output}");
}

#[test]
fn the_self_test_can_be_off_in_the_environment() {
    let run = |value: &str| {
        // A port that is in use, so that the program ends.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let mut command = command("axum_bearer");
        command.env("JWT_RING_SELF_TEST", value);
        run(command.args(["--port", &port.to_string()])).2
    };
    for value in ["true", "0", ""] {
        let errors = run(value);
        assert!(
            errors.starts_with("error: cannot listen on 127.0.0.1:"),
            "{errors}"
        );
    }
    let expected = r#"JWT_RING_SELF_TEST: expected true or false, found "of""#;
    let errors = run("of");
    assert!(errors.contains(expected), "{errors}");
}
