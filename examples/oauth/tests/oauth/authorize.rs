//! The authorization endpoint, (A) to (C) of figure 3: the request, the page and the redirect.

use std::time::Duration;

use jwt_ring_oauth_examples::world::{Browser, PASSWORD, REDIRECT_URI, USER, World, registered};
use serde_json::json;

use crate::{VERIFIER, authorize_url, query};

#[test]
fn an_unknown_client_or_redirect_uri_gets_a_page_and_no_redirect() {
    let world = World::start();
    for changes in [
        [("client_id", "")],
        [("client_id", "unknown")],
        [("redirect_uri", "")],
        [("redirect_uri", "http://127.0.0.1:9/callback/")],
        [("redirect_uri", "http://127.0.0.1:9/callback?x=1")],
        [("redirect_uri", "http://127.0.0.1:9/CALLBACK")],
        [("redirect_uri", "http://127.0.0.1:9/callback/../evil")],
        [("redirect_uri", "http://127.0.0.1:90/callback")],
        [("redirect_uri", "https://evil.example/")],
    ] {
        let page = Browser::default().open(&authorize_url(&world, &changes));
        assert_eq!((page.status, page.location), (400, None), "{changes:?}");
        assert!(page.html.contains("does not work"), "{changes:?}");
    }
    // A duplicate parameter is an error.
    let mut twice = authorize_url(&world, &[]);
    twice
        .query_pairs_mut()
        .append_pair("redirect_uri", REDIRECT_URI);
    assert_eq!(Browser::default().open(&twice).status, 400);
}

#[test]
fn an_invalid_request_is_redirected_with_its_error() {
    let world = World::start();
    for (changes, error) in [
        (&[("response_type", "")][..], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("code_challenge", "")], "invalid_request"),
        (
            &[
                ("code_challenge", VERIFIER),
                ("code_challenge_method", "plain"),
            ],
            "invalid_request",
        ),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("scope", "orders:read admin")], "invalid_scope"),
        (&[("scope", "a\\b")], "invalid_scope"),
        (&[("resource", "https://other.example")], "invalid_target"),
    ] {
        let page = Browser::default().open(&authorize_url(&world, changes));
        assert_eq!(page.status, 303, "{changes:?}");
        let location = page.location.expect("a redirect");
        assert!(location.as_str().starts_with(REDIRECT_URI));
        assert_eq!(
            query(&location, "error").as_deref(),
            Some(error),
            "{changes:?}"
        );
        assert_eq!(query(&location, "state").as_deref(), Some("xyz"));
        assert_eq!(query(&location, "iss").as_ref(), Some(&world.issuer));
    }
    let good = Browser::default().open(&authorize_url(&world, &[("resource", &world.resource)]));
    assert_eq!(good.status, 200);
}

#[test]
fn a_form_is_bound_to_its_browser_and_expires() {
    let world = World::start();
    let mut browser = Browser::default();
    let open = |browser: &mut Browser| browser.open(&authorize_url(&world, &[]));

    let form = open(&mut browser);
    let denied = browser
        .submit(&form, "", "", "deny")
        .location
        .expect("a redirect");
    assert_eq!(query(&denied, "error").as_deref(), Some("access_denied"));
    assert_eq!(query(&denied, "state").as_deref(), Some("xyz"));
    let form = open(&mut browser);
    let other = Browser::default().submit(&form, USER, PASSWORD, "allow");
    assert_eq!(
        (other.status, other.location),
        (400, None),
        "another browser"
    );
    let url = authorize_url(&world, &[]);
    let forged = browser.post(
        &url,
        &[
            ("ticket", "forged"),
            ("user", USER),
            ("password", PASSWORD),
            ("decision", "allow"),
        ],
    );
    assert_eq!((forged.status, forged.location), (400, None));

    for user in [USER, "unknown"] {
        let wrong = browser.submit(&form, user, "wrong", "allow");
        assert_eq!((wrong.status, wrong.location.is_none()), (200, true));
        assert!(wrong.html.contains("Wrong username or password."));
    }
    let right = browser.submit(&form, USER, PASSWORD, "allow");
    assert_eq!(right.status, 303);

    let form = open(&mut browser);
    world.clock.advance(Duration::from_secs(600));
    assert_eq!(
        browser.submit(&form, USER, PASSWORD, "allow").status,
        400,
        "expired"
    );
}

#[test]
fn untrusted_text_is_escaped() {
    let name = "<script>alert(1)</script>\"'&";
    let evil = registered("evil", json!({ "client_name": name }));
    let world = World::with_clients(&[evil]);
    let mut browser = Browser::default();
    let changes = [("client_id", "evil"), ("scope", "orders:read")];
    let form = browser.open(&authorize_url(&world, &changes));
    let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;";
    assert!(form.html.contains(escaped) && !form.html.contains("<script"));
    let again = browser.submit(&form, "\"><script>비밀", "wrong", "allow");
    assert!(
        again
            .html
            .contains("value=\"&quot;&gt;&lt;script&gt;비밀\"")
    );
    assert!(!again.html.contains("<script"));
}
