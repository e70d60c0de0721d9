//! The pages with assistive technology, by keyboard, in narrow windows, in light and dark.

use jwt_ring_oauth_examples::client::Client;
use jwt_ring_oauth_examples::world::{REDIRECT_URI, USER, World, registered};
use serde_json::{Value, json};

use crate::axe::Axe;
use crate::driver::Browser;

/// Checks the page that the browser shows at each width and in both colours.
fn check(browser: &Browser, axe: &Axe, page: &str) {
    let mut backgrounds = Vec::new();
    for (width, colors) in [1280, 360, 240]
        .into_iter()
        .flat_map(|width| [(width, "light"), (width, "dark")])
    {
        browser.set_media(width, colors);
        let page = format!("{page}-{width}-{colors}");
        browser.screenshot(&page);
        let size = "const { clientWidth, scrollWidth } = document.documentElement;
            return [innerWidth, scrollWidth - clientWidth];";
        assert_eq!(browser.run(size), json!([width, 0]), "{page}");
        let found = browser.run(include_str!("contrast.js"));
        assert_eq!(found, Value::Array(Vec::new()), "{page}");
        axe.check(browser, &page);
        backgrounds.push(browser.run("return getComputedStyle(document.body).backgroundColor"));
    }
    assert_ne!(backgrounds[0], backgrounds[1], "light and dark");
}

fn is_focused(browser: &Browser, id: &str) -> bool {
    browser.run("return document.activeElement.id") == id
}

#[test]
fn the_pages_are_accessible() {
    let (Some(browser), Some(axe)) = (Browser::start(), Axe::fetch()) else {
        return;
    };
    let name = "The Web Shop of Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch";
    let registration = json!({ "client_name": name });
    let world = World::with_clients(&[registered("widget", registration)]);
    let client = Client::new(&world.issuer, "widget", "s", REDIRECT_URI).expect("a client");
    let mut url = client
        .authorize("openid orders:read orders:write")
        .expect("a URL")
        .url;

    browser.open(&url);
    check(&browser, &axe, "form");

    browser.fill("#user", USER);
    browser.fill("#password", "wrong");
    browser.submit("button.allow");
    assert_eq!(browser.text("[role=alert]"), "Wrong username or password.");
    check(&browser, &axe, "wrong");

    for _ in 0..10 {
        browser.fill("#password", "wrong");
        browser.submit("button.allow");
    }
    let alert = browser.text("[role=alert]");
    assert!(
        alert.starts_with("Too many attempts. Try again in "),
        "{alert}"
    );
    assert!(browser.title().starts_with("Too many attempts - "));
    assert!(is_focused(&browser, "password"));
    check(&browser, &axe, "wait");

    url.query_pairs_mut().append_pair("client_id", "shop");
    browser.open(&url);
    assert_eq!(browser.text("h1"), "This link does not work");
    check(&browser, &axe, "error");
}

#[test]
fn fields_are_required_and_focused_after_an_error() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let world = World::start();
    browser.open(&world.client().authorize("orders:read").expect("a URL").url);
    let title = "Sign in to allow The Web Shop";
    assert_eq!(browser.title(), title);
    assert!(is_focused(&browser, ""), "what is requested is read first");

    for (id, text) in [("user", USER), ("password", "wrong")] {
        browser.click("button.allow");
        assert!(is_focused(&browser, id), "{id} is required");
        assert_eq!(browser.title(), title, "not sent");
        browser.fill(&format!("#{id}"), text);
    }
    // A part of a password would be wrong without a word.
    let long = "n".repeat(300);
    browser.fill("#password", &long);
    assert_eq!(browser.value("#password"), long);
    browser.submit("button.allow");
    assert_eq!(
        browser.title(),
        format!("Wrong username or password - {title}")
    );
    assert!(is_focused(&browser, "password"));
    assert_eq!(browser.value("#user"), USER);
    assert_eq!(browser.value("#password"), "");
}
