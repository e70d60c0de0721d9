//! Errors of the endpoints, as JSON that is not stored, and calls from other origins.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jwt_ring_oauth_examples::client::http;
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, SECRET, USER, World};
use oauth2::HttpResponse;
use ureq::http::Method;

use crate::faulty::Faulty;
use crate::{authorize_url, basic, outcome, query, send, tokens};

const FORM: &str = "application/x-www-form-urlencoded";

fn request(method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> HttpResponse {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.as_bytes().to_vec());
    http(request.expect("a request")).expect("an answer")
}

#[test]
fn a_body_that_is_no_form_is_an_error() {
    let world = World::start();
    let header = basic("shop", SECRET);
    let form = "grant_type=refresh_token&refresh_token=guess";
    let large = format!("{form}&x={}", "x".repeat(16 * 1024));
    let json = r#"{"grant_type":"refresh_token"}"#;
    for (content_type, body, expected) in [
        (FORM, form, (400, "invalid_grant")),
        (
            "application/x-www-form-urlencoded; charset=UTF-8",
            form,
            (400, "invalid_grant"),
        ),
        ("application/json", json, (400, "invalid_request")),
        ("text/plain", form, (400, "invalid_request")),
        ("", form, (400, "invalid_request")),
        (FORM, &*large, (413, "invalid_request")),
        (FORM, "%ff%fe=%00", (400, "invalid_request")),
        (FORM, "", (400, "invalid_request")),
    ] {
        let mut headers = vec![("Authorization", &*header)];
        if !content_type.is_empty() {
            headers.push(("Content-Type", content_type));
        }
        let url = format!("{}/token", world.issuer);
        let (status, error, body) = outcome(&request(Method::POST, &url, &headers, body));
        assert_eq!((status, &*error), expected, "{content_type}");
        if error == "invalid_request" {
            assert!(body["error_description"].is_string(), "{body}");
        }
    }
}

#[test]
fn unknown_paths_and_methods_are_errors() {
    let world = World::start();
    for (method, path, status) in [
        (Method::GET, "/unknown", 404),
        (Method::POST, "/", 404),
        (Method::GET, "/authorize/other", 404),
        (Method::GET, "/token", 405),
        (Method::PUT, "/token", 405),
        (Method::GET, "/revoke", 405),
        (Method::POST, "/jwks.json", 405),
        (Method::DELETE, "/authorize", 405),
        (Method::GET, "/authorize/decision", 405),
    ] {
        let response = request(method.clone(), &format!("{}{path}", world.issuer), &[], "");
        let (found, error, _) = outcome(&response);
        assert_eq!(
            (found, &*error),
            (status, "invalid_request"),
            "{method} {path}"
        );
        assert!(response.headers().contains_key("X-Request-Id"), "{path}");
        assert_eq!(
            response.headers().contains_key("Allow"),
            status == 405,
            "{method} {path}"
        );
    }
}

#[test]
fn the_status_is_503_while_the_store_is_unavailable() {
    let store = Faulty::new();
    let world = World::on(Arc::<Faulty>::clone(&store), &[], |_| {});
    let header = basic("shop", SECRET);
    let token = tokens(&world).refresh;
    let ask = |path: &str, fields: &[(&str, &str)]| {
        send(
            &format!("{}{path}", world.issuer),
            &[("Authorization", &header)],
            fields,
        )
    };
    let mut browser = Browser::default();
    let form = browser.open(&authorize_url(&world, &[]));

    store.is_down.store(true, Ordering::SeqCst);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    for response in [
        ask("/token", &refresh),
        ask("/revoke", &[("token", &token)]),
    ] {
        assert_eq!(response.headers()["Retry-After"], "5");
        let (status, error, _) = outcome(&response);
        assert_eq!((status, &*error), (503, "temporarily_unavailable"));
    }
    let answer = browser.submit(&form, USER, PASSWORD, "allow");
    let location = answer.location.expect("a redirect");
    assert_eq!(
        query(&location, "error").as_deref(),
        Some("temporarily_unavailable")
    );
    assert_eq!(
        browser.open(&authorize_url(&world, &[])).status,
        200,
        "pages need no store"
    );

    store.is_down.store(false, Ordering::SeqCst);
    assert_eq!(outcome(&ask("/token", &refresh)).0, 200);
    assert_eq!(browser.submit(&form, USER, PASSWORD, "allow").status, 303);
}

#[test]
fn clients_in_browsers_may_call_all_but_the_pages() {
    let world = World::start();
    let origin = ("Origin", "https://app.example");
    for path in ["/token", "/revoke"] {
        let preflight = [
            origin,
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization, dpop"),
        ];
        let url = format!("{}{path}", world.issuer);
        let response = request(Method::OPTIONS, &url, &preflight, "");
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers();
        assert_eq!(headers["Access-Control-Allow-Origin"], "*");
        assert_eq!(
            headers["Access-Control-Allow-Headers"],
            "authorization,content-type,dpop"
        );
        let response = request(Method::POST, &url, &[origin, ("Content-Type", FORM)], "");
        assert_eq!(response.status(), 401, "{path}");
        let headers = response.headers();
        assert_eq!(
            headers["Access-Control-Allow-Origin"], "*",
            "errors can be read"
        );
        assert_eq!(
            headers["Access-Control-Expose-Headers"],
            "dpop-nonce,retry-after,www-authenticate"
        );
        assert!(!headers.contains_key("Access-Control-Allow-Credentials"));
    }
    for path in [
        "/jwks.json",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ] {
        let response = request(
            Method::GET,
            &format!("{}{path}", world.issuer),
            &[origin],
            "",
        );
        assert_eq!(
            response.headers()["Access-Control-Allow-Origin"],
            "*",
            "{path}"
        );
    }
    let url = authorize_url(&world, &[]);
    let response = request(Method::GET, url.as_str(), &[origin], "");
    assert_eq!(response.status(), 200);
    assert!(
        !response
            .headers()
            .contains_key("Access-Control-Allow-Origin")
    );
}

#[test]
fn clients_in_browsers_can_read_the_response_at_the_time_limit() {
    let world = World::with(&[], |config| {
        config.confirm_within = Duration::ZERO;
        config.max_time = Duration::from_millis(100);
    });
    let address = world.issuer.trim_start_matches("http://");
    for (path, expected) in [("/token", Some("*")), ("/authorize", None)] {
        let mut connection = TcpStream::connect(address).expect("a connection");
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: https://app.example\r\n\
             Content-Type: {FORM}\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).expect("sent");
        let mut response = String::new();
        connection
            .read_to_string(&mut response)
            .expect("a response");
        let mut lines = response.lines();
        assert_eq!(lines.next(), Some("HTTP/1.1 503 Service Unavailable"));
        let found = lines.find_map(|line| line.strip_prefix("access-control-allow-origin: "));
        assert_eq!(found, expected, "{path}");
    }
}
