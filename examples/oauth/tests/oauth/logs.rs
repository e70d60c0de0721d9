//! The log lines of a request, found by its ID.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use jwt_ring::Unverified;
use jwt_ring_oauth_examples::world::{SECRET, World, registered};
use oauth2::HttpResponse;
use serde_json::{Value, json};

use crate::{basic, outcome, post, tokens};

/// The lines of all tests.
static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        lines.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        let logs = tracing_subscriber::fmt().json().with_writer(|| Lines);
        logs.init();
    });
}

fn all() -> String {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&lines).into_owned()
}

/// Returns the fields of the line with this message that belongs to the request.
fn line(response: &HttpResponse, message: &str) -> Value {
    let id = response.headers()["X-Request-Id"].to_str().expect("text");
    let lines = all();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let mut lines = lines
        .filter(|line: &Value| line["span"]["id"] == *id && line["fields"]["message"] == *message);
    let line = lines.next().expect("a line of this request");
    assert!(lines.next().is_none(), "one line");
    line["fields"].clone()
}

#[test]
fn issued_tokens_and_rejections_are_logged_without_secrets() {
    start();
    let world = World::with_clients(&[registered("other", json!({}))]);
    let tokens = tokens(&world);
    let (right, wrong) = (basic("shop", SECRET), basic("shop", "a-wrong-secret"));
    let refresh = |token: &str, header: &str| {
        let fields = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        post(&world, "/token", Some(header), &fields)
    };

    let response = refresh(&tokens.refresh, &right);
    let (_, _, body) = outcome(&response);
    let fields = line(&response, "token issued");
    assert_eq!(fields["client_id"], "shop");
    assert_eq!(fields["grant_type"], "refresh_token");
    let access = body["access_token"].as_str().expect("a token");
    let token = Unverified::parse(access).expect("a JWT");
    assert_eq!(fields["kid"].as_str(), token.key_id());

    let response = refresh(&tokens.refresh, &wrong);
    let fields = line(&response, "rejected");
    assert_eq!(
        (&fields["code"], &fields["reason"]),
        (&json!("invalid_client"), &json!("wrong secret"))
    );
    let response = refresh("a-guessed-token", &right);
    let fields = line(&response, "rejected");
    assert_eq!(
        (&fields["code"], &fields["reason"]),
        (&json!("invalid_grant"), &json!("unknown"))
    );
    let response = refresh(&tokens.refresh, &right);
    assert_eq!(line(&response, "rejected")["reason"], "reused");

    let next = body["refresh_token"].as_str().expect("a token");
    let logged = all();
    for secret in [
        SECRET,
        "a-wrong-secret",
        "a-guessed-token",
        &right,
        &tokens.refresh,
        next,
        access,
    ] {
        assert!(!logged.contains(secret), "{secret}");
    }
}
