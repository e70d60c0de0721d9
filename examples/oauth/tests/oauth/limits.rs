//! Limits of guesses at passwords, by account, address and browser.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jwt_ring::{Clock, NumericDate};
use jwt_ring_oauth_examples::store::{self, Store};
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, Page, USER, World};

use crate::directory::Directory;
use crate::stores::on_each;
use crate::{authorize_url, query};

/// Signs in with a browser.
pub(crate) fn sign_in(world: &World, browser: &mut Browser, user: &str, password: &str) -> Page {
    let form = browser.open(&authorize_url(world, &[]));
    browser.submit(&form, user, password, "allow")
}

/// Tries a password with a new browser at this address.
fn attempt(world: &World, address: &str, user: &str, password: &str) -> u16 {
    let mut browser = Browser {
        address: Some(address.to_owned()),
        ..Browser::default()
    };
    sign_in(world, &mut browser, user, password).status
}

fn behind_a_proxy(store: Arc<dyn Store>) -> World {
    World::on(store, &[], |config| config.trust_forwarded = true)
}

#[test]
fn an_account_has_five_guesses_and_then_waits_that_grow() {
    on_each(|store| {
        let world = behind_a_proxy(store);
        let mut addresses = (0..).map(|n| format!("192.0.2.{n}"));
        let mut attempt = |password| {
            let address = addresses.next().expect("another one");
            attempt(&world, &address, USER, password)
        };
        for _ in 0..5 {
            assert_eq!(attempt("wrong"), 200);
        }
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] {
            let seconds = |seconds| world.clock.advance(Duration::from_secs(seconds));
            // Records have whole seconds, rounded up.
            assert_eq!(attempt(PASSWORD), 429, "also the right one");
            seconds(wait - 1);
            assert_eq!(attempt(PASSWORD), 429, "{wait}");
            seconds(2);
            assert_eq!(attempt("wrong"), 200, "{wait}");
        }
        world.clock.advance(Duration::from_secs(901));
        assert_eq!(attempt(PASSWORD), 303);
        for _ in 0..5 {
            assert_eq!(attempt("wrong"), 200, "reset by a right password");
        }
        assert_eq!(attempt("wrong"), 429);
    });
}

#[test]
fn the_page_says_when_to_try_again() {
    let world = World::start();
    let mut browser = Browser::default();
    for _ in 0..5 {
        sign_in(&world, &mut browser, USER, "wrong");
    }
    let page = sign_in(&world, &mut browser, USER, PASSWORD);
    assert_eq!((page.status, page.location), (429, None));
    let wait: u64 = page
        .retry_after
        .expect("a header")
        .parse()
        .expect("seconds");
    assert!((1..=2).contains(&wait), "{wait}");
    let expected = format!("Try again in {wait} second");
    assert!(page.html.contains(&expected), "{}", page.html);
    world.clock.advance(Duration::from_secs(wait));
    assert_eq!(sign_in(&world, &mut browser, USER, PASSWORD).status, 303);
}

#[test]
fn an_address_has_five_guesses_at_all_accounts() {
    on_each(|store| {
        let world = behind_a_proxy(store);
        for n in 0..5 {
            let user = format!("user-{n}");
            assert_eq!(attempt(&world, "192.0.2.1", &user, "wrong"), 200);
        }
        assert_eq!(attempt(&world, "192.0.2.1", USER, PASSWORD), 429);
        assert_eq!(attempt(&world, "192.0.2.2", USER, PASSWORD), 303);
        // A client can choose the address in its network, and the first element of the header.
        for n in 0..5 {
            let address = format!("2001:db8:1:1::{n}");
            assert_eq!(
                attempt(&world, &address, &format!("user-6{n}"), "wrong"),
                200
            );
        }
        let same = "2001:db8:1:1:ffff::1";
        assert_eq!(attempt(&world, same, USER, PASSWORD), 429);
        let same = "192.0.2.9, 2001:db8:1:1::1";
        assert_eq!(attempt(&world, same, USER, PASSWORD), 429);
        assert_eq!(attempt(&world, "2001:db8:1:2::1", USER, PASSWORD), 303);
    });
}

#[test]
fn a_client_cannot_choose_its_address_without_a_proxy() {
    let world = World::start();
    for n in 0..5 {
        let address = format!("192.0.2.{n}");
        let user = format!("user-{n}");
        assert_eq!(attempt(&world, &address, &user, "wrong"), 200);
    }
    assert_eq!(attempt(&world, "192.0.2.99", USER, PASSWORD), 429);
}

#[test]
fn right_passwords_do_not_use_up_an_address() {
    let world = World::start();
    for n in 0..20 {
        assert_eq!(attempt(&world, "", USER, PASSWORD), 303, "{n}");
    }
    // One's own account does not give further guesses at others.
    for n in 0..5 {
        let user = format!("user-{n}");
        assert_eq!(attempt(&world, "", &user, "wrong"), 200);
        if n < 4 {
            assert_eq!(attempt(&world, "", USER, PASSWORD), 303);
        }
    }
    assert_eq!(attempt(&world, "", USER, PASSWORD), 429);
}

#[test]
fn right_passwords_do_not_delay_others_at_their_address() {
    on_each(|store| {
        let world = World::on(store, &[], |_| {});
        let seconds = |seconds| world.clock.advance(Duration::from_secs(seconds));
        for n in 0..8 {
            let user = format!("user-{n}");
            assert_eq!(attempt(&world, "", &user, "wrong"), 200);
            seconds(if n < 4 { 0 } else { 9 });
        }
        for n in 0..3 {
            assert_eq!(attempt(&world, "", USER, PASSWORD), 303, "{n}");
        }
        // The guesses expire as they do without right passwords.
        for n in 0..24 {
            seconds(300);
            assert_eq!(attempt(&world, "", USER, PASSWORD), 303, "{n}");
        }
        for n in 0..5 {
            let user = format!("user-{n}");
            assert_eq!(attempt(&world, "", &user, "wrong"), 200, "free again");
        }
        assert_eq!(attempt(&world, "", USER, PASSWORD), 429);
    });
}

#[test]
fn right_passwords_do_not_make_guesses_expire() {
    let world = World::start();
    for n in 0..5 {
        let user = format!("user-{n}");
        assert_eq!(attempt(&world, "", &user, "wrong"), 200);
    }
    world.clock.advance(Duration::from_secs(901));
    for n in 0..5 {
        assert_eq!(attempt(&world, "", USER, PASSWORD), 303, "{n}");
    }
    assert_eq!(attempt(&world, "", "user-5", "wrong"), 200, "one expired");
    assert_eq!(attempt(&world, "", USER, PASSWORD), 429);
}

#[test]
fn a_known_browser_is_not_delayed_by_guesses_of_others() {
    on_each(|store| {
        let world = behind_a_proxy(store);
        let mut known = Browser::default();
        assert_eq!(sign_in(&world, &mut known, USER, PASSWORD).status, 303);
        for n in 0..5 {
            let address = format!("192.0.2.{n}");
            assert_eq!(attempt(&world, &address, USER, "wrong"), 200);
        }
        assert_eq!(attempt(&world, "192.0.2.99", USER, PASSWORD), 429);
        assert_eq!(sign_in(&world, &mut known, USER, PASSWORD).status, 303);
        let status = attempt(&world, "192.0.2.99", USER, PASSWORD);
        assert_eq!(status, 429, "the others wait on");
        // It has guesses of its own, and is as any other browser for another user.
        for _ in 0..5 {
            assert_eq!(sign_in(&world, &mut known, USER, "wrong").status, 200);
        }
        assert_eq!(sign_in(&world, &mut known, USER, PASSWORD).status, 429);
        for _ in 0..5 {
            assert_eq!(sign_in(&world, &mut known, "bob", "wrong").status, 200);
        }
        assert_eq!(sign_in(&world, &mut known, "bob", "wrong").status, 429);
    });
}

#[test]
fn guesses_at_one_user_of_a_known_browser_do_not_delay_another() {
    let world = World::start();
    let replica = world.replica_with(&[], &[USER, "bob"], |_| {});
    let replica = url::Url::parse(&format!("{replica}/authorize")).expect("a URL");
    let mut browser = Browser::default();
    let mut sign_in = |user, password| {
        let form = browser.open(&authorize_url(&world, &[]));
        let fields = [
            ("ticket", form.ticket()),
            ("user", user),
            ("password", password),
            ("decision", "allow"),
        ];
        browser.post(&replica, &fields).status
    };
    for user in [USER, "bob"] {
        assert_eq!(sign_in(user, PASSWORD), 303, "known");
    }
    for _ in 0..5 {
        assert_eq!(sign_in(USER, "wrong"), 200);
    }
    assert_eq!(sign_in(USER, PASSWORD), 429);
    assert_eq!(sign_in("bob", PASSWORD), 303);
}

#[test]
fn the_number_of_guesses_does_not_grow_after_the_maximum_wait() {
    let world = World::with(&[], |config| config.max_wait = Duration::from_secs(1));
    let start = world.clock.now().seconds() + 1;
    world.clock.set(NumericDate::from_seconds(start));
    let attempt = || attempt(&world, "", USER, "wrong");
    for _ in 0..2 {
        for _ in 0..5 {
            assert_eq!(attempt(), 200);
        }
        for _ in 0..6 {
            assert_eq!(attempt(), 429);
            world.clock.advance(Duration::from_secs(1));
            assert_eq!(attempt(), 200);
        }
        // All have expired.
        world.clock.advance(Duration::from_secs(5));
    }
}

#[test]
fn the_page_says_to_wait_in_the_last_part_of_a_second() {
    let world = World::with(&[], |config| config.max_wait = Duration::from_millis(3_500));
    let start = world.clock.now().seconds() + 1;
    world.clock.set(NumericDate::from_seconds(start));
    let attempt = |password| attempt(&world, "", USER, password);
    for _ in 0..5 {
        assert_eq!(attempt("wrong"), 200);
    }
    for wait in [1, 2] {
        world.clock.advance(Duration::from_secs(wait));
        assert_eq!(attempt("wrong"), 200);
    }
    world.clock.advance(Duration::from_millis(3_499));
    assert_eq!(attempt(PASSWORD), 429);
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(attempt(PASSWORD), 303);
}

#[test]
fn the_latest_five_browsers_of_a_user_are_known() {
    on_each(|store| {
        let world = behind_a_proxy(store);
        let mut browsers = [(); 6].map(|()| Browser::default());
        for (n, browser) in browsers.iter_mut().enumerate() {
            browser.address = Some(format!("192.0.2.{n}"));
            assert_eq!(sign_in(&world, browser, USER, PASSWORD).status, 303);
        }
        let mut checked = 0;
        for n in 0..50 {
            let browser = &mut browsers[n % 6];
            let page = sign_in(&world, browser, USER, "wrong");
            checked += usize::from(page.status == 200);
        }
        assert_eq!(checked, 30, "five of each known browser and of the account");
        let mut statuses = browsers.map(|mut browser| {
            let page = sign_in(&world, &mut browser, USER, "wrong");
            page.status
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [429; 6]);
    });
}

#[test]
fn a_browser_whose_place_another_one_took_is_delayed_by_guesses_of_others() {
    let world = behind_a_proxy(store::open("memory").expect("a store"));
    let mut browsers = [(); 6].map(|()| Browser::default());
    for browser in &mut browsers {
        assert_eq!(sign_in(&world, browser, USER, PASSWORD).status, 303);
    }
    for n in 0..5 {
        let address = format!("192.0.2.{n}");
        assert_eq!(attempt(&world, &address, USER, "wrong"), 200);
    }
    let statuses = browsers.map(|mut browser| sign_in(&world, &mut browser, USER, PASSWORD).status);
    assert_eq!(statuses, [429, 303, 303, 303, 303, 303]);
}

#[test]
fn twenty_guesses_at_once_get_five_checks() {
    on_each(|store| {
        let world = World::on(store, &[], |_| {});
        let replica = world.replica();
        let replica = url::Url::parse(&format!("{replica}/authorize")).expect("a URL");
        let mut browser = Browser::default();
        let form = browser.open(&authorize_url(&world, &[]));
        let browser = &browser;
        let submit = |n: usize| {
            let fields = [
                ("ticket", form.ticket()),
                ("user", USER),
                ("password", "wrong"),
                ("decision", "allow"),
            ];
            loop {
                let page = match n % 2 {
                    0 => browser.clone().submit(&form, USER, "wrong", "allow"),
                    _ => browser.clone().post(&replica, &fields),
                };
                // At most four of a user wait.
                let is_busy = |location| query(location, "error").is_some();
                if !page.location.as_ref().is_some_and(is_busy) {
                    return page.status;
                }
                thread::sleep(Duration::from_millis(5));
            }
        };
        let submit = &submit;
        let statuses: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..20).map(|n| scope.spawn(move || submit(n))).collect();
            let statuses = threads
                .into_iter()
                .map(|thread| thread.join().expect("no panic"));
            statuses.collect()
        });
        assert!(statuses.iter().all(|status| matches!(status, 200 | 429)));
        let checked = statuses.iter().filter(|status| **status == 200);
        assert_eq!(checked.count(), 5);
    });
}

#[test]
fn the_store_has_no_names_of_accounts_or_addresses() {
    let directory = Directory::new();
    let store = store::open(&directory.sqlite()).expect("a store");
    let world = behind_a_proxy(store);
    assert_eq!(
        attempt(&world, "198.51.100.77", "guessed-name", "wrong"),
        200
    );
    drop(world);
    let mut read = 0;
    for file in std::fs::read_dir(&directory.0).expect("a directory") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("a file");
        read += bytes.len();
        for name in ["guessed-name", "198.51.100.77"] {
            let found = bytes
                .windows(name.len())
                .any(|part| part == name.as_bytes());
            assert!(!found, "{name}");
        }
    }
    assert!(read > 0);
}
