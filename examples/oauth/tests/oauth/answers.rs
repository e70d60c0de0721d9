//! Answers to a page: the second one, such as that of a double click, gets the redirect of the first.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use jwt_ring_oauth_examples::world::{Browser, PASSWORD, Page, USER, World};
use url::Url;

use crate::faulty::Faulty;
use crate::stores::on_each;
use crate::{authorize_url, query, redeem};

fn code(page: &Page) -> Option<String> {
    query(page.location.as_ref()?, "code")
}

#[test]
fn both_clicks_of_a_double_click_get_the_same_code() {
    on_each(|store| {
        let world = World::on(store, &[], |_| {});
        for _ in 0..15 {
            let mut browser = Browser::default();
            let form = browser.open(&authorize_url(&world, &[]));
            let click = || browser.clone().submit(&form, USER, PASSWORD, "allow");
            let codes = thread::scope(|scope| {
                let clicks = [scope.spawn(click), scope.spawn(click)];
                clicks.map(|click| code(&click.join().expect("no panic")).expect("a code"))
            });
            assert_eq!(codes[0], codes[1]);
            assert_eq!(redeem(&world, &codes[0], &[]).0, 200);
            let (status, error, _) = redeem(&world, &codes[1], &[]);
            assert_eq!((status, &*error), (400, "invalid_grant"), "once");
            let again = browser.submit(&form, USER, PASSWORD, "allow");
            assert_eq!(code(&again).as_ref(), Some(&codes[0]));
            let (status, error, _) = redeem(&world, &codes[0], &[]);
            assert_eq!(
                (status, &*error),
                (400, "invalid_grant"),
                "not issued again"
            );
        }
    });
}

#[test]
fn another_server_gives_the_same_code() {
    let world = World::start();
    let replica = Url::parse(&format!("{}/authorize", world.replica())).expect("a URL");
    let mut browser = Browser::default();
    let form = browser.open(&authorize_url(&world, &[]));
    let fields = [
        ("ticket", form.ticket()),
        ("user", USER),
        ("password", PASSWORD),
        ("decision", "allow"),
    ];
    let first = code(&browser.post(&replica, &fields)).expect("a code");
    let second = browser.submit(&form, USER, PASSWORD, "allow");
    assert_eq!(code(&second), Some(first));
}

#[test]
fn a_second_answer_needs_the_browser_the_user_and_the_password() {
    let world = World::start();
    let other = world.replica_with(&[], &[USER, "bob"], |_| {});
    let other = Url::parse(&format!("{other}/authorize")).expect("a URL");
    let mut browser = Browser::default();
    let form = browser.open(&authorize_url(&world, &[]));
    let first = code(&browser.submit(&form, USER, PASSWORD, "allow")).expect("a code");

    let elsewhere = Browser::default().submit(&form, USER, PASSWORD, "allow");
    assert_eq!((elsewhere.status, elsewhere.location), (400, None));
    let wrong = browser.submit(&form, USER, "wrong", "allow");
    assert_eq!((wrong.status, wrong.location), (200, None));
    let fields = [
        ("ticket", form.ticket()),
        ("user", "bob"),
        ("password", PASSWORD),
        ("decision", "allow"),
    ];
    let bob = browser.post(&other, &fields);
    assert_eq!((bob.status, bob.location), (400, None));
    let denied = browser.submit(&form, USER, "", "deny");
    assert_eq!((denied.status, denied.location), (400, None));

    let second = browser.submit(&form, USER, PASSWORD, "allow");
    assert_eq!(code(&second).as_ref(), Some(&first));
    assert_eq!(redeem(&world, &first, &[]).0, 200);
}

#[test]
fn a_denied_page_is_not_stored_and_can_be_allowed() {
    let store = Faulty::new();
    let world = World::on(Arc::<Faulty>::clone(&store), &[], |_| {});
    let mut browser = Browser::default();
    let form = browser.open(&authorize_url(&world, &[]));
    let before = store.writes.load(Ordering::SeqCst);
    for _ in 0..2 {
        let denied = browser.submit(&form, "", "", "deny");
        let location = denied.location.expect("a redirect");
        assert_eq!(query(&location, "error").as_deref(), Some("access_denied"));
        assert_eq!(query(&location, "state").as_deref(), Some("xyz"));
    }
    assert_eq!(store.writes.load(Ordering::SeqCst), before);
    let allowed = browser.submit(&form, USER, PASSWORD, "allow");
    assert!(code(&allowed).is_some());
}

#[test]
fn a_reload_after_a_wrong_password_submits_nothing() {
    let world = World::start();
    let mut browser = Browser::default();
    let url = authorize_url(&world, &[("nonce", "n"), ("state", "a b&c=비밀")]);
    let form = browser.open(&url);
    let wrong = browser.submit(&form, USER, "wrong", "allow");
    assert_eq!(wrong.status, 200);
    assert!(wrong.html.contains("Wrong username or password."));
    assert!(wrong.html.contains("value=\"alice\""), "filled in again");
    let reloaded = browser.open(&wrong.url);
    assert_eq!(reloaded.status, 200);
    assert!(!reloaded.html.contains("Wrong"), "shown once");
    for page in [&wrong, &reloaded] {
        let allowed = browser.submit(page, USER, PASSWORD, "allow");
        let location = allowed.location.expect("a redirect");
        let state = query(&location, "state");
        assert_eq!(state.as_deref(), Some("a b&c=비밀"), "the same request");
    }

    // A message is for the next page of its request, within a minute.
    for (seconds, changes, is_shown) in [
        (59, [("nonce", "n")], true),
        (60, [("nonce", "n")], false),
        (0, [("nonce", "other")], false),
    ] {
        let mut browser = Browser::default();
        let url = authorize_url(&world, &[("nonce", "n")]);
        let form = browser.open(&url);
        // The request as the server writes it.
        let same = browser.submit(&form, USER, "wrong", "allow").url;
        let mut other = browser.clone();
        let form = other.open(&url);
        let fields = [
            ("ticket", form.ticket()),
            ("user", USER),
            ("password", "wrong"),
            ("decision", "allow"),
        ];
        let answer = other.post_only(&same, &fields);
        assert_eq!(answer.status, 303);
        assert_eq!(answer.location.as_ref(), Some(&same));
        world.clock.advance(std::time::Duration::from_secs(seconds));
        let next = other.open(&authorize_url(&world, &changes));
        assert_eq!(
            next.html.contains("Wrong"),
            is_shown,
            "{seconds} {changes:?}"
        );
        world
            .clock
            .advance(std::time::Duration::from_secs(3 * 3600));
    }
}
