//! Sign-in pages: signed, and without state at the server.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::{Clock, SystemClock};
use jwt_ring_oauth_examples::client::http;
use jwt_ring_oauth_examples::store::{self, Store};
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, USER, World, registered};
use serde_json::json;
use url::Url;

use crate::faulty::Faulty;
use crate::{authorize_url, claims, query, tokens};

fn allow(ticket: &str) -> [(&str, &str); 4] {
    [
        ("ticket", ticket),
        ("user", USER),
        ("password", PASSWORD),
        ("decision", "allow"),
    ]
}

#[test]
fn a_page_needs_no_record() {
    let store = Faulty::new();
    let world = World::on(Arc::<Faulty>::clone(&store), &[], |_| {});
    let before = store.uses.load(Ordering::SeqCst);
    let mut browser = Browser::default();
    for _ in 0..100 {
        assert_eq!(browser.open(&authorize_url(&world, &[])).status, 200);
    }
    let forged = browser.post(&authorize_url(&world, &[]), &allow("e30.e30.e30"));
    assert_eq!(forged.status, 400);
    assert_eq!(store.uses.load(Ordering::SeqCst), before);
}

#[test]
fn a_ticket_that_was_changed_or_is_another_token_is_rejected() {
    let world = World::start();
    let mut browser = Browser::default();
    let url = authorize_url(&world, &[]);
    let form = browser.open(&url);
    let ticket = form.ticket().to_owned();
    let mut content = claims(&json!(ticket));
    content["request"]["redirect_uri"] = json!("https://evil.example/");
    let changed = URL_SAFE_NO_PAD.encode(content.to_string());
    let parts: Vec<_> = ticket.split('.').collect();
    let changed = format!("{}.{changed}.{}", parts[0], parts[2]);
    for ticket in [&*changed, "", &tokens(&world).access, &format!("{ticket}A")] {
        let page = browser.post(&url, &allow(ticket));
        assert_eq!((page.status, page.location), (400, None), "{ticket}");
    }
    assert_eq!(browser.post(&url, &allow(&ticket)).status, 303);
}

/// Returns a store with these secrets.
fn with_secrets(cookies: u8, tickets: u8) -> Arc<dyn Store> {
    let store = store::open("memory").expect("a store");
    let now = SystemClock.now();
    for (name, byte) in [("cookies", cookies), ("tickets", tickets)] {
        let key = format!("secret:{name}");
        let inserted = store.insert(&key, &[byte; 32], store::never(now), now);
        assert!(inserted.expect("a store"));
    }
    store
}

#[test]
fn a_ticket_and_a_cookie_by_another_secret_are_rejected() {
    let world = World::on(with_secrets(1, 2), &[], |_| {});
    let mut browser = Browser::default();
    let form = browser.open(&authorize_url(&world, &[]));
    for (cookies, tickets, status) in [(1, 2, 303), (1, 3, 400), (3, 2, 400)] {
        let mut origin = String::new();
        let _other = World::on(with_secrets(cookies, tickets), &[], |config| {
            origin.clone_from(&config.issuer);
            config.issuer.clone_from(&world.issuer);
        });
        let at_other = Url::parse(&format!("{origin}/authorize")).expect("a URL");
        let page = browser.clone().post(&at_other, &allow(form.ticket()));
        assert_eq!(page.status, status, "{cookies} {tickets}");
    }
}

#[test]
fn a_page_is_answered_only_with_a_redirect_uri_that_is_still_registered() {
    let store = store::open("memory").expect("a store");
    let widget = |path| {
        let uri = format!("https://widget.example{path}");
        registered("widget", json!({ "redirect_uris": [uri] }))
    };
    let world = World::on(Arc::clone(&store), &[widget("/callback")], |_| {});
    let mut browser = Browser::default();
    let changes = [
        ("client_id", "widget"),
        ("redirect_uri", "https://widget.example/callback"),
    ];
    let form = browser.open(&authorize_url(&world, &changes));
    for clients in [&[][..], &[widget("/other")]] {
        let mut origin = String::new();
        let _later = World::on(Arc::clone(&store), clients, |config| {
            origin.clone_from(&config.issuer);
            config.issuer.clone_from(&world.issuer);
        });
        let at_later = Url::parse(&format!("{origin}/authorize")).expect("a URL");
        let page = browser.post(&at_later, &allow(form.ticket()));
        assert_eq!((page.status, page.location), (400, None));
    }
    let page = browser.submit(&form, USER, PASSWORD, "allow");
    let location = page.location.expect("a redirect");
    assert!(query(&location, "code").is_some(), "still valid");
}

#[test]
fn a_request_that_would_not_fit_in_the_form_is_an_error() {
    let world = World::start();
    for (length, fits) in [(4 * 1024, true), (8 * 1024, false), (60 * 1024, false)] {
        let state = "s".repeat(length);
        let mut browser = Browser::default();
        let page = browser.open(&authorize_url(&world, &[("state", &state)]));
        let location = match fits {
            true => browser.submit(&page, USER, PASSWORD, "allow").location,
            false => page.location,
        };
        let location = location.expect("a redirect");
        assert_eq!(query(&location, "state").as_ref(), Some(&state));
        assert_eq!(query(&location, "code").is_some(), fits);
        let error = query(&location, "error");
        assert_eq!(error.as_deref(), (!fits).then_some("invalid_request"));
    }
}

#[test]
fn a_request_may_be_posted() {
    let world = World::start();
    let url = authorize_url(&world, &[]);
    let post = |query: &str| {
        let request = ureq::http::Request::post(format!("{}/authorize", world.issuer))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(query.as_bytes().to_vec());
        http(request.expect("a request")).expect("an answer")
    };
    let response = post(url.query().unwrap_or_default());
    assert_eq!(response.status(), 303);
    let location = response.headers()["Location"].to_str().expect("text");
    let page = url.join(location).expect("a URL");
    assert_eq!(query(&page, "state").as_deref(), Some("xyz"));
    let mut browser = Browser::default();
    let form = browser.open(&page);
    assert!(form.html.contains("Sign in to allow"));
    let answer = browser.submit(&form, USER, PASSWORD, "allow");
    let location = answer.location.expect("a redirect");
    assert!(query(&location, "code").is_some());
    assert_eq!(post("client_id=shop").status(), 400);
}

#[test]
fn a_head_request_gets_the_headers_of_a_page() {
    let world = World::start();
    for (changes, status) in [([("state", "xyz")], 200), ([("client_id", "unknown")], 400)] {
        let url = authorize_url(&world, &changes);
        let request = ureq::http::Request::head(url.as_str()).body(Vec::new());
        let response = http(request.expect("a request")).expect("an answer");
        assert_eq!(response.status(), status);
        assert_eq!(
            response.headers()["Content-Type"],
            "text/html; charset=utf-8"
        );
        assert!(response.body().is_empty());
    }
}

#[test]
fn pages_are_not_stored_or_framed_and_run_no_scripts() {
    let world = World::start();
    for (changes, status) in [([("state", "xyz")], 200), ([("client_id", "unknown")], 400)] {
        let url = authorize_url(&world, &changes);
        let request = ureq::http::Request::get(url.as_str()).body(Vec::new());
        let response = http(request.expect("a request")).expect("an answer");
        assert_eq!(response.status(), status);
        for (name, expected) in [
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
            ),
            ("Cache-Control", "no-store"),
            // The URL has the request of the client.
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
        ] {
            assert_eq!(response.headers()[name], expected);
        }
    }
}
