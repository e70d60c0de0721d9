//! Answers to a page: the second one, such as that of a double click, gets the redirect of the first.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring_oauth_examples::store;
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, Page, SECRET, USER, World};
use ring::digest::{SHA256, digest};
use url::Url;

use crate::faulty::Faulty;
use crate::stalled::Stalled;
use crate::stores::on_each;
use crate::{authorize_url, basic, outcome, post, query, redeem};

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

/// What revokes a grant while another request for its code is delayed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Revocation {
    None,
    Reuse,
    Request,
    NextGrant,
}

#[test]
fn a_delayed_request_does_not_issue_a_revoked_code_again() {
    on_each(|store| {
        let store = Stalled::new(store);
        let world = World::on(Arc::<Stalled>::clone(&store), &[], |config| {
            config.max_grants = NonZeroUsize::MIN;
        });
        for how in [
            Revocation::None,
            Revocation::Reuse,
            Revocation::Request,
            Revocation::NextGrant,
        ] {
            revoked_meanwhile(&world, &store, how);
        }
    });
}

/// Redeems the code of a request, and revokes its grant, while another request of the same page is delayed
/// after it read that the page was not answered.
fn revoked_meanwhile(world: &World, store: &Stalled, how: Revocation) {
    let mut browser = Browser::default();
    let form = browser.open(&authorize_url(world, &[]));
    let submit = || browser.clone().submit(&form, USER, PASSWORD, "allow");
    let (first, delayed) = thread::scope(|scope| {
        store.stall("get answered:", 1);
        let delayed = scope.spawn(submit);
        store.wait_for(1);
        let first = code(&submit()).expect("a code");
        if how != Revocation::None {
            let (status, _, body) = redeem(world, &first, &[]);
            assert_eq!(status, 200);
            revoke(world, how, &first, body["refresh_token"].as_str());
        }
        store.release();
        (first, code(&delayed.join().expect("no panic")))
    });
    assert_eq!(delayed.as_ref(), Some(&first));
    let expected = match how {
        Revocation::None => (200, ""),
        _ => (400, "invalid_grant"),
    };
    let (status, error, _) = redeem(world, &first, &[]);
    assert_eq!((status, &*error), expected, "{how:?}");
}

fn revoke(world: &World, how: Revocation, code: &str, refresh_token: Option<&str>) {
    match how {
        Revocation::None => {}
        Revocation::Reuse => {
            let (status, error, _) = redeem(world, code, &[]);
            assert_eq!((status, &*error), (400, "invalid_grant"));
        }
        Revocation::Request => {
            let authorization = basic("shop", SECRET);
            let fields = vec![("token", refresh_token.expect("a token"))];
            let answer = post(world, "/revoke", Some(&authorization), &fields);
            assert_eq!(outcome(&answer).0, 200);
        }
        Revocation::NextGrant => drop(crate::code(world, &[])),
    }
}

#[test]
fn a_page_that_expires_during_the_sign_in_is_not_answered() {
    let store = Stalled::new(store::open("memory").expect("a store"));
    let world = World::on(Arc::<Stalled>::clone(&store), &[], |_| {});
    for (seconds, is_answered) in [(599, true), (600, false)] {
        let mut browser = Browser::default();
        let form = browser.open(&authorize_url(&world, &[]));
        let answer = thread::scope(|scope| {
            store.stall("get guesses:account:", 1);
            let answer = scope.spawn(|| browser.clone().submit(&form, USER, PASSWORD, "allow"));
            store.wait_for(1);
            world.clock.advance(Duration::from_secs(seconds));
            store.release();
            answer.join().expect("no panic")
        });
        assert_eq!(code(&answer).is_some(), is_answered);
        assert_eq!(answer.status, if is_answered { 303 } else { 400 });
    }
}

#[test]
fn a_request_that_is_delayed_until_its_page_expired_issues_no_revoked_code() {
    let store = Stalled::new(store::open("memory").expect("a store"));
    let world = World::on(Arc::<Stalled>::clone(&store), &[], |_| {});
    let mut browser = Browser::default();
    let form = browser.open(&authorize_url(&world, &[]));
    let submit = || browser.clone().submit(&form, USER, PASSWORD, "allow");
    let first = code(&submit()).expect("a code");
    assert_eq!(redeem(&world, &first, &[]).0, 200);
    revoke(&world, Revocation::Reuse, &first, None);
    world.clock.advance(Duration::from_secs(599));
    let delayed = thread::scope(|scope| {
        store.stall("remove guesses:", 1);
        let delayed = scope.spawn(submit);
        store.wait_for(1);
        world.clock.advance(Duration::from_secs(1));
        // Removes the expired records.
        crate::code(&world, &[]);
        store.release();
        delayed.join().expect("no panic")
    });
    assert_eq!(code(&delayed).as_ref(), Some(&first));
    let (status, error, _) = redeem(&world, &first, &[]);
    assert_eq!((status, &*error), (400, "invalid_grant"));
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
fn the_grant_of_the_second_of_two_users_at_once_is_revoked() {
    on_each(|store| {
        let stalled = Stalled::new(Arc::clone(&store));
        let world = World::on(Arc::<Stalled>::clone(&stalled), &[], |_| {});
        let replica = world.replica_with(&[], &[USER, "bob"], |_| {});
        let replica = Url::parse(&format!("{replica}/authorize")).expect("a URL");
        let mut browser = Browser::default();
        let form = browser.open(&authorize_url(&world, &[]));
        let fields = [
            ("ticket", form.ticket()),
            ("user", "bob"),
            ("password", PASSWORD),
            ("decision", "allow"),
        ];
        let bob = thread::scope(|scope| {
            stalled.stall("get answered:", 1);
            let bob = scope.spawn(|| browser.clone().post(&replica, &fields));
            stalled.wait_for(1);
            let alice = browser.clone().submit(&form, USER, PASSWORD, "allow");
            assert!(code(&alice).is_some());
            stalled.release();
            bob.join().expect("no panic")
        });
        assert_eq!((bob.status, bob.location), (400, None));
        let is_revoked = |user| {
            let owner = serde_json::to_string(&("shop", user)).expect("JSON");
            let owner = URL_SAFE_NO_PAD.encode(digest(&SHA256, owner.as_bytes()));
            let list = store.get(&format!("grants:{owner}")).expect("a store");
            let list: Vec<String> = serde_json::from_slice(&list.expect("a list")).expect("JSON");
            assert_eq!(list.len(), 1);
            let grant = store.get(&format!("grant:{}", list[0])).expect("a store");
            grant.expect("a record") == b"null"
        };
        assert!(is_revoked("bob") && !is_revoked(USER));
    });
}

#[test]
fn a_long_username_is_not_filled_in_again() {
    let world = World::start();
    for (length, is_filled_in) in [(200, true), (201, false), (8_000, false)] {
        let user = "u".repeat(length);
        let mut browser = Browser::default();
        let form = browser.open(&authorize_url(&world, &[]));
        let page = browser.submit(&form, &user, "wrong", "allow");
        assert_eq!(page.status, 200);
        assert!(page.html.contains("Wrong username or password."));
        assert_eq!(page.html.contains(&user), is_filled_in, "{length}");
        world.clock.advance(Duration::from_secs(2));
    }
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
        world.clock.advance(Duration::from_secs(seconds));
        let next = other.open(&authorize_url(&world, &changes));
        assert_eq!(
            next.html.contains("Wrong"),
            is_shown,
            "{seconds} {changes:?}"
        );
        world.clock.advance(Duration::from_secs(3 * 3600));
    }
}
