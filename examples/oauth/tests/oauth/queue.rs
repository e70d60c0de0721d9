//! The queue of password checks.

use std::io::Write;
use std::net::TcpStream;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use jwt_ring_oauth_examples::client::http;
use jwt_ring_oauth_examples::store;
use jwt_ring_oauth_examples::world::{Browser, PASSWORD, Page, USER, World};
use url::form_urlencoded::Serializer;

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
    store.stall("write guesses:", usize::MAX);
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
    let mut known = Browser::default();
    assert_eq!(sign_in(world, &mut known, USER, PASSWORD).status, 303);
    thread::scope(|scope| {
        let users = (0..turns()).map(|n| (Browser::default(), format!("user-{n}")));
        let guesses = stall(scope, &server, users);
        let page = sign_in(world, &mut Browser::default(), USER, PASSWORD);
        assert!(is_busy(&page));
        let page = sign_in(world, &mut known, USER, PASSWORD);
        assert!(!is_busy(&page) && page.status == 303, "a known browser");
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

#[test]
fn a_sign_in_that_must_wait_takes_no_place() {
    let store = Stalled::new(store::open("memory").expect("a store"));
    let world = World::on(Arc::<Stalled>::clone(&store), &[], |config| {
        config.max_waiting = 0;
        config.trust_forwarded = true;
    });
    let at = |address: &str| Browser {
        address: Some(address.to_owned()),
        ..Browser::default()
    };
    for n in 0..5 {
        let user = format!("user-{n}");
        let page = sign_in(&world, &mut at("192.0.2.1"), &user, "wrong");
        assert_eq!(page.status, 200);
    }
    thread::scope(|scope| {
        store.stall("get guesses:", turns());
        let guess = |n| {
            let (world, mut browser) = (&world, at("192.0.2.1"));
            scope.spawn(move || sign_in(world, &mut browser, &format!("user-{n}"), "wrong"))
        };
        let guesses: Vec<_> = (0..turns()).map(guess).collect();
        store.wait_for(turns());
        let page = sign_in(&world, &mut at("192.0.2.2"), USER, PASSWORD);
        assert!(!is_busy(&page) && page.status == 303);
        store.release();
        for guess in guesses {
            assert_eq!(guess.join().expect("no panic").status, 429);
        }
    });
}

#[test]
fn a_place_is_kept_until_the_password_is_checked_even_if_the_connection_is_closed() {
    let server = start(0);
    let (store, world) = &server;
    store.stall("write guesses:", turns());
    let connections: Vec<_> = (0..turns())
        .map(|n| submit_only(world, &format!("user-{n}")))
        .collect();
    store.wait_for(turns());
    let busy = || is_busy(&sign_in(world, &mut Browser::default(), USER, PASSWORD));
    assert!(busy());
    drop(connections);
    // Long enough for the server to see that the connections are closed.
    thread::sleep(Duration::from_millis(500));
    assert!(busy());
    store.release();
    while busy() {
        thread::sleep(Duration::from_millis(10));
    }
}

/// Submits the form without waiting for the response.
fn submit_only(world: &World, user: &str) -> TcpStream {
    let mut browser = Browser::default();
    let form = browser.open(&authorize_url(world, &[]));
    let body = Serializer::new(String::new())
        .append_pair("ticket", form.ticket())
        .append_pair("user", user)
        .append_pair("password", "wrong")
        .append_pair("decision", "allow")
        .finish();
    let (name, value) = browser.cookies.first_key_value().expect("a cookie");
    let length = body.len();
    let request = format!(
        "POST /authorize/decision HTTP/1.1\r\nHost: localhost\r\nCookie: {name}={value}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let address = world.issuer.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).expect("a connection");
    connection.write_all(request.as_bytes()).expect("sent");
    connection
}
