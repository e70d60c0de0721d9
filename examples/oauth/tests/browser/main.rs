//! The pages in headless Chromium.
//!
//! Skipped if chromedriver is missing, unless `REQUIRE_BROWSER=1` is set.

mod accessibility;
mod axe;
mod callback;
mod driver;

use jwt_ring_oauth_examples::client::{self, Client};
use jwt_ring_oauth_examples::world::{PASSWORD, USER, World, registered};
use serde_json::json;

use crate::callback::callback;
use crate::driver::{Browser, TIMEOUT};

#[test]
fn a_user_signs_in_allows_and_denies() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (redirect_uri, arrivals) = callback("127.0.0.1", None);
    let name = "비밀 <b>\"Shop\"</b> & 'Co'";
    let registration = json!({ "client_name": name, "redirect_uris": [redirect_uri] });
    let world = World::with_clients(&[registered("widget", registration)]);
    let client = Client::new(&world.issuer, "widget", "s", &redirect_uri).expect("a client");

    // A wrong password, with text that needs escaping in HTML and forms.
    let pending = client.authorize("orders:read").expect("a URL");
    browser.open(&pending.url);
    assert_eq!(browser.text("h1"), format!("Sign in to allow {name}"));
    browser.screenshot("form");
    let typed = "앨리스 \"<>&' alice";
    browser.fill("#user", typed);
    browser.fill("#password", "\"<>&' 비밀번호");
    browser.submit("button.allow");
    assert_eq!(browser.text("[role=alert]"), "Wrong username or password.");
    assert_eq!(browser.value("#user"), typed, "the username is filled in");
    browser.screenshot("wrong");

    // The right password.
    browser.fill("#user", USER);
    browser.fill("#password", PASSWORD);
    browser.submit("button.allow");
    let arrived = arrivals
        .recv_timeout(TIMEOUT)
        .expect("a redirect to the client");
    let code = client.code(&pending, &arrived).expect("a code");
    let tokens = client.redeem(pending, code).expect("tokens");
    let (status, ..) = client::call(&world.orders(), &tokens.access).expect("an answer");
    assert_eq!(status, 200);

    // Denied.
    let pending = client.authorize("orders:read").expect("a URL");
    browser.open(&pending.url);
    browser.submit("button[value=deny]");
    let arrived = arrivals
        .recv_timeout(TIMEOUT)
        .expect("a redirect to the client");
    let error = client.code(&pending, &arrived).expect_err("denied");
    assert_eq!(error.to_string(), "access_denied");

    // An unregistered redirect URI shows a page.
    let mut unregistered = client.authorize("orders:read").expect("a URL").url;
    unregistered
        .query_pairs_mut()
        .append_pair("redirect_uri", "http://127.0.0.1:9/");
    browser.open(&unregistered);
    assert_eq!(browser.text("h1"), "This link does not work");
    browser.screenshot("problem");
}

#[test]
fn the_browser_follows_each_redirect_after_the_form() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (final_url, ends) = callback("127.0.0.1", None);
    let (redirecting, _on_the_way) = callback("127.0.0.1", Some(&final_url));
    let (ipv6, arrivals) = callback("[::1]", None);
    for (redirect_uri, arrivals) in [(ipv6, arrivals), (redirecting, ends)] {
        let registration = json!({ "redirect_uris": [redirect_uri] });
        let world = World::with_clients(&[registered("widget", registration)]);
        let client = Client::new(&world.issuer, "widget", "s", &redirect_uri).expect("a client");
        browser.open(&client.authorize("orders:read").expect("a URL").url);
        browser.fill("#user", USER);
        browser.fill("#password", PASSWORD);
        browser.submit("button.allow");
        let arrived = arrivals.recv_timeout(TIMEOUT);
        assert!(arrived.is_ok(), "{redirect_uri}");
    }
}
