//! The client against both servers, with a scripted browser.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use jwt_ring_oauth_examples::client::http;
use jwt_ring_oauth_examples::world::Browser;
use serde_json::{Value, json};
use ureq::http::Request;
use url::Url;

use crate::{Program, Servers, command, run};

/// Runs the client as the user decides. Returns its status, its output and its errors.
fn authorize(servers: &Servers, options: &[&str], decision: &str) -> (Option<i32>, String, String) {
    let fixed = [
        "--issuer",
        &servers.issuer,
        "--resource",
        &servers.api,
        "--redirect-port",
        "0",
    ];
    let mut client = Program::start("client", &[&fixed, options].concat());
    let url = Url::parse(&client.line("http")).expect("a URL");
    let mut browser = Browser::default();
    let page = browser.open(&url);
    let answer = browser.submit(&page, "alice", "wonderland", decision);
    let location = answer.location.expect("a redirect");
    let request = Request::get(location.as_str()).body(Vec::new());
    let page = http(request.expect("a request")).expect("a page of the client");
    let is_shown = page.body().starts_with(b"Thank you");
    assert_eq!(is_shown, decision == "allow", "{options:?}");
    let (status, output) = client.end();
    let secrets = ["wonderland", "eyJ"].into_iter();
    for secret in secrets.chain(
        location
            .query_pairs()
            .find(|(name, _)| name == "code")
            .as_ref()
            .map(|(_, code)| &**code),
    ) {
        assert!(!output.contains(secret) && !client.logs().contains(secret));
    }
    (status.code(), output, client.logs())
}

#[test]
fn the_client_gets_tokens_calls_the_api_and_refreshes() {
    let nonces = ["--dpop-nonces"];
    for (servers, options) in [
        (&[][..], &[][..]),
        (&[], &["--dpop", "--send-resource"]),
        (&nonces, &["--dpop"]),
    ] {
        let servers = Servers::start(servers, servers);
        let (status, output, errors) = authorize(&servers, options, "allow");
        assert_eq!(status, Some(0), "{errors}");
        let body = r#"200 {"of":"alice","orders":["a teapot"]}"#;
        assert!(
            output.contains(&format!("response of the API: {body}")),
            "{output}"
        );
        assert!(
            output.contains(&format!("with a refreshed token: {body}")),
            "{output}"
        );
        let logs = servers.programs[1].logs();
        assert!(!logs.contains("bearer") || options.is_empty(), "{logs}");
    }
    // A resource that the issuer does not know.
    let servers = Servers::start(&[], &[]);
    let mut command = service(&servers.issuer, "https://other.example");
    let (_, _, errors) = run(command.arg("--send-resource"));
    assert!(errors.contains("invalid_target"), "{errors}");
}

#[test]
fn a_client_without_a_refresh_token_uses_its_access_token() {
    let client = json!({ "client_id": "once", "grant_types": ["authorization_code"],
        "token_endpoint_auth_method": "none", "redirect_uris": ["http://127.0.0.1/callback"],
        "scope": "orders:read" });
    let clients = format!("{}/clients-once.json", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&clients, json!([client]).to_string()).expect("a file");
    let servers = Servers::start(&["--clients", &clients], &[]);
    let (status, output, errors) = authorize(&servers, &["--client-id", "once"], "allow");
    assert_eq!(status, Some(0), "{errors}");
    assert!(
        output.contains("response of the API: 200") && output.contains("no refresh token"),
        "{output}"
    );
    assert!(!output.contains("refreshed"), "{output}");
}

#[test]
fn the_client_ends_with_the_error_of_the_server() {
    let servers = Servers::start(&[], &[]);
    let (status, _, errors) = authorize(&servers, &[], "deny");
    let expected = "error: the authorization failed: access_denied\n";
    assert_eq!((status, &*errors), (Some(1), expected));
    // A scope that the API does not accept: the token is rejected there.
    let (status, _, errors) = authorize(&servers, &["--scope", "openid"], "allow");
    assert_eq!(status, Some(1));
    assert!(
        errors.starts_with("error: the API answered 403 "),
        "{errors}"
    );
    // Nothing is printed of a server that is not the issuer.
    let options = ["--redirect-port", "0", "--issuer", &servers.api];
    let (output, stdout, errors) = run(command("client").args(options));
    assert_eq!((output.status.code(), &*stdout), (Some(1), ""));
    assert!(errors.starts_with("error: expected "), "{errors}");
}

#[test]
fn the_client_authenticates_by_a_secret_or_a_key() {
    let key = rcgen::KeyPair::generate().expect("a key").serialize_pem();
    let file = format!("{}/client.pem", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&file, key).expect("a file");
    let (_, jwks, errors) = run(command("client").args(["--client-key", &file, "--show-jwks"]));
    let jwks: Value = serde_json::from_str(&jwks).expect(&errors);
    assert!(jwks["keys"][0].get("d").is_none(), "{jwks}");
    let client = |id: &str| json!({ "client_id": id, "grant_types": ["client_credentials"], "scope": "orders:read" });
    let (mut signed, mut secret) = (client("signed"), client("secret"));
    signed["jwks"] = jwks;
    signed["token_endpoint_auth_method"] = "private_key_jwt".into();
    secret["client_secret"] = "a:secret %/+".into();
    let clients = format!("{}/clients-of-client.json", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&clients, json!([signed, secret]).to_string()).expect("a file");
    let servers = Servers::start(&["--clients", &clients], &[]);
    // The grant has no redirect, so that its port may be in use.
    let redirect = TcpListener::bind("127.0.0.1:0").expect("a port");
    let redirect_port = redirect.local_addr().expect("an address").port();

    let call = |id: &str, key: &[&str], secret: &str| {
        let mut command = command("client");
        command.args(["--issuer", &servers.issuer, "--resource", &servers.api]);
        command.args([
            "--grant",
            "client_credentials",
            "--client-id",
            id,
            "--redirect-port",
            &redirect_port.to_string(),
        ]);
        command.args(key).env("JWT_RING_CLIENT_SECRET", secret);
        let (output, stdout, stderr) = run(&mut command);
        (output.status.code(), stdout, stderr)
    };
    for (id, key, secret) in [
        ("signed", &["--client-key", &*file][..], ""),
        ("secret", &[], "a:secret %/+"),
        ("secret", &["--client-secret", "a:secret %/+"], "other"),
    ] {
        let (status, output, errors) = call(id, key, secret);
        assert_eq!(status, Some(0), "{id}: {errors}");
        assert!(
            output.contains(&format!(r#"200 {{"of":"{id}""#)),
            "{output}"
        );
    }
    for (id, key, secret) in [
        ("secret", &["--client-key", &*file][..], ""),
        ("secret", &[], "another"),
        ("signed", &[], "a:secret %/+"),
    ] {
        let (status, _, errors) = call(id, key, secret);
        assert_eq!(status, Some(1), "{id}");
        assert!(errors.contains("invalid_client"), "{id}: {errors}");
    }
    let (status, _, errors) = call("signed", &["--client-key", &file], "s");
    let both = "error: expected a key or a secret (JWT_RING_CLIENT_SECRET), found both\n";
    assert_eq!((status, &*errors), (Some(1), both));
    let (status, _, errors) = call("signed", &["--client-key", &clients], "");
    assert_eq!(status, Some(1));
    assert!(
        errors.starts_with(&format!("error: {clients}: ")),
        "{errors}"
    );
}

/// Returns the command of the example client that has no user.
fn service(issuer: &str, resource: &str) -> Command {
    let mut command = command("client");
    command.args(["--issuer", issuer, "--resource", resource]);
    command.args(["--grant", "client_credentials", "--client-id", "service"]);
    command.env("JWT_RING_CLIENT_SECRET", "service-secret-for-local-tests");
    command
}

#[test]
fn bound_tokens_can_be_off_in_the_environment() {
    let servers = Servers::start(&[], &[]);
    let call = |value: &str| {
        let mut command = service(&servers.issuer, &servers.api);
        let (output, _, errors) = run(command.env("JWT_RING_DPOP", value));
        (output.status.code(), errors)
    };
    let issued = |kind: &str| {
        let logs = servers.programs[0].logs();
        logs.matches(&format!(r#""token_type":"{kind}""#)).count()
    };
    for (value, bearer, bound) in [("0", 1, 0), ("", 2, 0), ("1", 2, 1)] {
        assert_eq!(call(value), (Some(0), String::new()), "{value:?}");
        assert_eq!((issued("Bearer"), issued("DPoP")), (bearer, bound));
    }
    let (status, errors) = call("of");
    let expected = r#"JWT_RING_DPOP: expected true or false, found "of""#;
    assert!(status == Some(1) && errors.contains(expected), "{errors}");
}

#[test]
fn the_response_of_an_api_does_not_control_the_terminal() {
    let servers = Servers::start(&[], &[]);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let api = format!("http://{}", listener.local_addr().expect("an address"));
    let body = "비밀\u{1b}[2J\u{9b}\r";
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        // The request fits into one segment of the loopback interface.
        let _ = stream.read(&mut [0; 8192]);
        let _ = stream.write_all(response.as_bytes());
    });
    let (output, stdout, errors) = run(&mut service(&servers.issuer, &api));
    assert!(output.status.success(), "{errors}");
    let expected = "response of the API: 200 비밀\\u{1b}[2J\\u{9b}\\r\n";
    assert_eq!(stdout, expected);
}

#[test]
fn a_program_ends_normally_if_its_output_is_closed() {
    let servers = Servers::start(&[], &[]);
    for mut command in [
        service(&servers.issuer, &servers.api),
        command("oauth_flow"),
    ] {
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("a program");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("its end");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{errors}");
    }
}
