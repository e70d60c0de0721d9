//! The queue of password checks.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::{self, Scope, ScopedJoinHandle};

use jwt_ring_oauth_examples::client::http;
use jwt_ring_oauth_examples::store;
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, Page, USER, World};

use crate::limits::sign_in;
use crate::stalled::Stalled;
use crate::{authorize_url, query};

/// Starts a server with this many places to wait, on a store that can be stalled.
fn start(max_waiting: usize) -> (Arc<Stalled>, World) {
    let store = Stalled::new(store::open("memory").expect("a store"));
    let world = World::on(Arc::<Stalled>::clone(&store), &[], |config| {
        config.max_waiting = max_waiting;
        config.max_guesses = 1_000;
    });
    (store, world)
}

/// Returns how many passwords are checked at once.
fn turns() -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    cores.saturating_sub(1).max(1)
}

fn is_busy(page: &Page) -> bool {
    let location = page.location.as_ref();
    let error = location.and_then(|location| query(location, "error"));
    error.as_deref() == Some("temporarily_unavailable")
}

/// Tries a wrong password for each of the users at once, with a browser of each, and stalls them in the
/// queue.
fn stall<'scope>(
    scope: &'scope Scope<'scope, '_>,
    (store, world): &'scope (Arc<Stalled>, World),
    users: impl Iterator<Item = (Browser, String)>,
) -> Vec<ScopedJoinHandle<'scope, Page>> {
    store.stall("get guesses:", usize::MAX);
    let guess = |(mut browser, user): (Browser, String)| {
        scope.spawn(move || sign_in(world, &mut browser, &user, "wrong"))
    };
    let guesses: Vec<_> = users.map(guess).collect();
    store.wait_for(guesses.len());
    // The next sign-in of the test is not stalled.
    store.stall("", 0);
    guesses
}

fn new_browsers(user: &str) -> impl Iterator<Item = (Browser, String)> {
    std::iter::repeat((Browser::default(), user.to_owned()))
}

#[test]
fn a_full_queue_rejects_sign_ins_and_other_requests_are_answered() {
    let server = start(0);
    let (store, world) = &server;
    thread::scope(|scope| {
        let users = (0..turns()).map(|n| (Browser::default(), format!("user-{n}")));
        let guesses = stall(scope, &server, users);
        let page = sign_in(world, &mut Browser::default(), USER, PASSWORD);
        assert!(is_busy(&page));
        let keys = format!("{}/jwks.json", world.issuer);
        for url in [&*keys, authorize_url(world, &[]).as_str()] {
            let request = ureq::http::Request::get(url).body(Vec::new());
            let response = http(request.expect("a request")).expect("an answer");
            assert_eq!(response.status(), 200);
        }
        store.release();
        for guess in guesses {
            assert_eq!(guess.join().expect("no panic").status, 200, "checked");
        }
    });
    let page = sign_in(world, &mut Browser::default(), USER, PASSWORD);
    assert!(!is_busy(&page) && page.status == 303);
}

#[test]
fn sign_ins_of_a_user_take_four_places_and_others_are_answered() {
    let server = start(64);
    let (store, world) = &server;
    let mut known = Browser::default();
    assert_eq!(sign_in(world, &mut known, USER, PASSWORD).status, 303);
    let mut other = Browser::default();
    assert_eq!(sign_in(world, &mut other, USER, PASSWORD).status, 303);
    thread::scope(|scope| {
        let guesses = stall(scope, &server, new_browsers(USER).take(4));
        let fifth = sign_in(world, &mut Browser::default(), USER, PASSWORD);
        assert!(is_busy(&fifth));
        let page = sign_in(world, &mut Browser::default(), "bob", "wrong");
        assert_eq!(page.status, 200, "of another user");
        let page = sign_in(world, &mut known, USER, PASSWORD);
        assert!(!is_busy(&page) && page.status == 303, "a known browser");
        store.release();
        drop(guesses);
    });
    thread::scope(|scope| {
        let users = std::iter::repeat((known.clone(), USER.to_owned()));
        let guesses = stall(scope, &server, users.take(4));
        assert!(is_busy(&sign_in(world, &mut other, USER, PASSWORD)));
        let page = sign_in(world, &mut Browser::default(), USER, PASSWORD);
        assert!(!is_busy(&page) && page.status == 303, "a new browser");
        store.release();
        drop(guesses);
    });
}
