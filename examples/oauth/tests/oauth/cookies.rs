//! The cookies, whose values the server makes and signs.

use jwt_ring_oauth_examples::client::http;
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, USER, World};

use crate::stores::on_each;
use crate::{authorize_url, send, tokens};

/// Returns the cookies that the page sets for a browser which sends these.
fn set_for(world: &World, sent: &str) -> Vec<String> {
    let request = ureq::http::Request::get(authorize_url(world, &[]).as_str())
        .header("Cookie", sent)
        .body(Vec::new());
    let response = http(request.expect("a request")).expect("an answer");
    assert_eq!(response.status(), 200);
    let set = response.headers().get_all("Set-Cookie").into_iter();
    set.map(|cookie| cookie.to_str().expect("text").to_owned())
        .collect()
}

fn pair(set: &str) -> (String, String) {
    let (name, value) = set.split_once('=').expect("a cookie");
    let value = value.split(';').next().expect("a value");
    (name.to_owned(), value.to_owned())
}

#[test]
fn a_cookie_that_this_server_did_not_make_is_replaced() {
    on_each(|store| {
        let world = World::on(store, &[], |_| {});
        let (name, value) = pair(&set_for(&world, "other=1")[0]);
        let (other_name, other_value) = pair(&set_for(&world, "other=1")[0]);
        assert_ne!((&name, &value), (&other_name, &other_value), "random");
        for (name, value) in [
            (&*name, ""),
            (&name, "0123456789"),
            (&name, &*format!("{value}A")),
            (&name, &other_value),
            (&name, &tokens(&world).access),
            ("browser-", &value),
            ("browser", &value),
            (&format!("__Host-{name}"), &value),
        ] {
            let set = set_for(&world, &format!("{name}={value}"));
            assert_eq!(set.len(), 1, "{name}={value}");
            assert!(set[0].starts_with("browser-"), "{}", set[0]);
            assert_ne!(pair(&set[0]).1, value);
        }
        let valid = format!("other=1; {name}={value}; more=2");
        assert_eq!(set_for(&world, &valid), [""; 0]);
        let seconds = |seconds| world.clock.advance(std::time::Duration::from_secs(seconds));
        seconds(599);
        assert_eq!(set_for(&world, &valid), [""; 0], "long enough for a page");
        seconds(2);
        assert_eq!(set_for(&world, &valid).len(), 1, "not long enough");
        seconds(600);
        assert_eq!(set_for(&world, &valid).len(), 1, "expired");
    });
}

#[test]
fn cookies_are_for_this_host_and_scripts_do_not_read_them() {
    for (issuer, prefix, attributes) in [
        (
            None,
            "browser-",
            "; Max-Age=1200; Path=/; HttpOnly; SameSite=Lax",
        ),
        (
            Some("https://issuer.example/t"),
            "__Host-browser-",
            "; Max-Age=1200; Path=/; HttpOnly; SameSite=Lax; Secure",
        ),
    ] {
        let mut origin = String::new();
        let world = World::with(&[], |config| {
            origin.clone_from(&config.issuer);
            config.issuer = issuer.unwrap_or(&origin).to_owned();
        });
        let path = issuer.map_or("", |_| "/t");
        let query = authorize_url(&world, &[]);
        let query = query.query().unwrap_or_default();
        let url = format!("{origin}{path}/authorize?{query}");
        let request = ureq::http::Request::get(url).body(Vec::new());
        let response = http(request.expect("a request")).expect("an answer");
        let cookie = response.headers()["Set-Cookie"].to_str().expect("text");
        assert!(cookie.starts_with(prefix), "{cookie}");
        assert!(cookie.ends_with(attributes), "{cookie}");
    }
}

#[test]
fn only_the_get_of_a_page_sets_a_new_cookie() {
    on_each(|store| {
        let world = World::on(store, &[], |_| {});
        let url = authorize_url(&world, &[]);
        let set = set_for(&world, "other=1");
        assert_eq!(set.len(), 1);
        assert!(set[0].contains("; Max-Age=1200;"), "the time of two pages");
        let form = Browser::default().open(&url);
        let submitted = [
            ("ticket", form.ticket()),
            ("user", USER),
            ("password", PASSWORD),
            ("decision", "allow"),
        ];
        let request: Vec<_> = url.query_pairs().collect();
        let request: Vec<_> = request
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let post = |path: &str, fields: &[(&str, &str)]| {
            let response = send(&format!("{}{path}", world.issuer), &[], fields);
            let set = response.headers().get_all("Set-Cookie").iter().count();
            (response.status().as_u16(), set)
        };
        assert_eq!(post("/authorize", &request), (303, 0));
        assert_eq!(post("/authorize", &[]), (400, 0));
        assert_eq!(post("/authorize/decision", &submitted), (400, 0));
        assert_eq!(post("/authorize/decision", &[]), (400, 0));
        // The cookie of the page is set again after the sign-in, for longer.
        let mut browser = Browser::default();
        let form = browser.open(&url);
        let (name, value) = browser.cookies.first_key_value().expect("a cookie");
        let submitted = submitted.map(|(name, value)| match name {
            "ticket" => (name, form.ticket()),
            _ => (name, value),
        });
        let cookie = format!("{name}={value}");
        let response = send(
            &format!("{}/authorize/decision", world.issuer),
            &[("Cookie", &cookie)],
            &submitted,
        );
        let set: Vec<_> = response.headers().get_all("Set-Cookie").iter().collect();
        assert_eq!(set.len(), 1);
        let set = set[0].to_str().expect("text");
        assert!(set.starts_with(&format!("{name}=")), "{set}");
        assert!(set.contains("; Max-Age=7776000;"), "{set}");
    });
}

#[test]
fn two_tabs_that_a_new_browser_opens_at_once_both_work() {
    on_each(|store| {
        let world = World::on(store, &[], |_| {});
        let (mut one, mut other) = (Browser::default(), Browser::default());
        let url = authorize_url(&world, &[]);
        let forms = [one.open(&url), other.open(&url)];
        // The browser keeps both cookies.
        one.cookies.append(&mut other.cookies);
        assert_eq!(one.cookies.len(), 2);
        for form in &forms {
            let answer = one.submit(form, USER, PASSWORD, "allow");
            assert_eq!(answer.status, 303);
        }
        let answer = other.submit(&forms[0], USER, PASSWORD, "allow");
        assert_eq!(answer.status, 400);
    });
}

#[test]
fn a_page_is_of_the_cookie_that_expires_last() {
    // The cookies are sent in the order of their names, which are random.
    for known in [0, 1] {
        let world = World::start();
        let (mut browser, mut other) = (Browser::default(), Browser::default());
        let url = authorize_url(&world, &[]);
        browser.open(&url);
        other.open(&url);
        browser.cookies.append(&mut other.cookies);
        let names: Vec<_> = browser.cookies.keys().cloned().collect();
        let mut one = browser.clone();
        one.cookies.retain(|name, _| *name == names[known]);
        let form = one.open(&url);
        one.submit(&form, USER, PASSWORD, "allow");
        browser.cookies.append(&mut one.cookies);
        let minutes = |number: u64| std::time::Duration::from_secs(60 * number);
        world.clock.advance(minutes(11));
        let before = browser.cookies.clone();
        let form = browser.open(&url);
        assert_eq!(browser.cookies, before, "the known one lasts");
        world.clock.advance(minutes(9));
        let answer = browser.submit(&form, USER, PASSWORD, "allow");
        assert_eq!(answer.status, 303, "{known}");
    }
}

#[test]
fn a_cookie_lasts_as_long_as_the_latest_page() {
    on_each(|store| {
        let world = World::on(store, &[], |_| {});
        let mut browser = Browser::default();
        let url = authorize_url(&world, &[]);
        let seconds = std::time::Duration::from_secs;
        for start in [0, 5, 300, 599, 599] {
            world.clock.advance(seconds(start));
            let form = browser.open(&url);
            let mut later = browser.clone();
            // Not exactly the lifetime, because tokens have whole seconds.
            world.clock.advance(seconds(598));
            let answer = later.submit(&form, USER, "wrong", "allow");
            assert_eq!(answer.status, 200, "{start}");
            let form = later.open(&url);
            world.clock.advance(seconds(598));
            let answer = later.submit(&form, USER, PASSWORD, "allow");
            assert_eq!(answer.status, 303, "{start}");
        }
    });
}

#[test]
fn a_browser_that_opens_many_pages_gets_few_cookies() {
    let world = World::start();
    let mut browser = Browser::default();
    for _ in 0..40 {
        browser.open(&authorize_url(&world, &[]));
        world.clock.advance(std::time::Duration::from_secs(60));
    }
    assert_eq!(browser.cookies.len(), 4, "one for the pages of ten minutes");
}

#[test]
fn a_browser_is_known_for_90_days_after_the_latest_sign_in() {
    on_each(|store| {
        let world = World::on(store, &[], |_| {});
        let mut browser = Browser::default();
        let url = authorize_url(&world, &[]);
        let form = browser.open(&url);
        let new = browser.cookies.clone();
        browser.submit(&form, USER, PASSWORD, "allow");
        assert_ne!(browser.cookies, new, "it lasts longer");
        assert!(browser.cookies.keys().eq(new.keys()), "the same cookie");
        let day = std::time::Duration::from_secs(24 * 3600);
        for days in [89, 89] {
            world.clock.advance(day * days);
            let before = browser.cookies.clone();
            let form = browser.open(&url);
            assert_eq!(browser.cookies, before, "still valid");
            browser.submit(&form, USER, PASSWORD, "allow");
            assert_ne!(browser.cookies, before, "renewed");
        }
        world.clock.advance(day * 90);
        let before = browser.cookies.len();
        browser.open(&url);
        assert_eq!(browser.cookies.len(), before + 1, "expired");
    });
}
