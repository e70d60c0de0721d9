//! A memory of tokens never changes a verdict, and saves what it promises to save.

#[path = "../../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, Clock, FixedClock, KeySet, NumericDate, Remembering, Signer, SigningKey,
    Verifier,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{NOW, clock};

const LIFETIME: u64 = 10;

fn key(n: u8) -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [n; 32])
        .expect("a key")
        .with_id(n.to_string())
}

/// A token of the key and the user that come with the number.
fn token(n: u8, clock: &FixedClock) -> String {
    let claims = Claims::new(clock, Duration::from_secs(LIFETIME))
        .issuer(if n.is_multiple_of(5) {
            "else"
        } else {
            "issuer"
        })
        .custom(json!({ "user": n }));
    let signer = Signer::new(key(n % 3));
    match n % 4 {
        0 => signer.token_type("at+jwt").sign(&claims),
        _ => signer.sign(&claims),
    }
    .expect("a token")
}

/// A set of those of three keys that the bits say.
fn keys(bits: u8) -> KeySet {
    let keys = (0..3).filter(|n| bits & (1 << n) != 0);
    keys.map(|n| key(n).verifying_key()).collect()
}

#[derive(Clone, Debug)]
enum Event {
    /// One of the tokens comes.
    Present(u8),
    /// One of the tokens comes with another character at a place.
    Changed(u8, prop::sample::Index),
    /// A new token is issued in the place of an older one.
    Issue(u8),
    Advance(Duration),
    /// The clock is set back.
    Back(Duration),
    /// Other keys count from now on: the same ones, loaded again, or not.
    Rotate(u8),
}

fn event() -> impl Strategy<Value = Event> {
    let seconds = || (0..LIFETIME).prop_map(Duration::from_secs);
    prop_oneof![
        12 => (0..12_u8).prop_map(Event::Present),
        2 => (0..12_u8, any::<prop::sample::Index>())
            .prop_map(|(n, place)| Event::Changed(n, place)),
        2 => (0..12_u8).prop_map(Event::Issue),
        2 => seconds().prop_map(Event::Advance),
        1 => seconds().prop_map(Event::Back),
        1 => (0..8_u8).prop_map(Event::Rotate),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256)
    })]

    #[test]
    fn the_verdict_is_never_another(capacity in 0..20_usize, events in vec(event(), 1..200)) {
        let clock = clock();
        let plain = Verifier::new().issuer("issuer").clock(clock.clone());
        let remembering = plain.clone().remember::<Value>(capacity);
        let mut tokens: Vec<String> = (0..12).map(|n| token(n, &clock)).collect();
        let mut current = keys(7);
        for event in events {
            let text = match event {
                Event::Present(n) => tokens[usize::from(n)].clone(),
                Event::Changed(n, place) => {
                    let mut text = tokens[usize::from(n)].clone();
                    let place = place.index(text.len());
                    text.replace_range(place..=place, "A");
                    text
                }
                Event::Issue(n) => {
                    tokens[usize::from(n)] = token(n, &clock);
                    continue;
                }
                Event::Advance(duration) => {
                    clock.advance(duration);
                    continue;
                }
                Event::Back(duration) => {
                    let now = clock.now();
                    clock.set(now.saturating_sub(duration));
                    continue;
                }
                Event::Rotate(bits) => {
                    current = keys(bits);
                    continue;
                }
            };
            let expected = plain.verify::<Value>(&text, &current);
            let found = remembering.verify(&text, &current);
            match (expected, found) {
                (Ok(expected), Ok(found)) => {
                    prop_assert_eq!(expected.claims(), found.claims());
                    prop_assert_eq!(expected.header(), found.header());
                }
                (Err(expected), Err(found)) => {
                    prop_assert_eq!(format!("{expected:?}"), format!("{found:?}"));
                }
                (expected, found) => panic!("{expected:?}, remembered: {found:?}"),
            }
        }
    }
}

/// Tells whether a token is remembered: then it is the very same in memory.
fn is_remembered(verifier: &Remembering<Value>, token: &str, keys: &KeySet) -> bool {
    let first = verifier.verify(token, keys).expect("a good token");
    let again = verifier.verify(token, keys).expect("a good token");
    Arc::ptr_eq(&first, &again)
}

fn remembering(capacity: usize) -> Remembering<Value> {
    Verifier::new().clock(clock()).remember(capacity)
}

#[test]
fn what_held_is_remembered_under_the_key_that_it_held_under() {
    let (verifier, token, set) = (remembering(10), token(1, &clock()), keys(7));
    assert!(is_remembered(&verifier, &token, &set));
    let first = verifier.verify(&token, &set).expect("a good token");
    let clone = verifier.verify(&token, &set.clone()).expect("a good token");
    assert!(
        Arc::ptr_eq(&first, &clone),
        "a copy of the set has the same keys"
    );
    let loaded_again = verifier.verify(&token, &keys(7)).expect("a good token");
    assert!(
        !Arc::ptr_eq(&first, &loaded_again),
        "an equal key is looked at anew"
    );
    let gone = verifier
        .verify(&token, &keys(5))
        .expect_err("its key is gone");
    assert_eq!(gone.code(), "unknown_key");
}

#[test]
fn what_expired_is_forgotten() {
    let clock = clock();
    let verifier = Verifier::new().clock(clock.clone()).remember::<Value>(10);
    let (token, set) = (token(1, &clock), keys(7));
    let first = verifier.verify(&token, &set).expect("a good token");
    clock.advance(Duration::from_secs(LIFETIME));
    let expired = verifier.verify(&token, &set).expect_err("it is too late");
    assert_eq!(expired.code(), "expired");
    clock.set(NumericDate::from_seconds(NOW));
    let again = verifier.verify(&token, &set).expect("it is early again");
    assert!(!Arc::ptr_eq(&first, &again));
    assert_eq!(Arc::strong_count(&first), 1, "nobody else has it");
}

#[test]
fn what_is_too_old_or_of_a_key_that_is_gone_is_forgotten() {
    let (clock, set) = (clock(), keys(7));
    let plain = Verifier::new().max_age(Duration::from_secs(5));
    let verifier = plain.clock(clock.clone()).remember::<Value>(10);
    let text = token(1, &clock);
    let first = verifier.verify(&text, &set).expect("a good token");
    assert_eq!(Arc::strong_count(&first), 2);
    clock.advance(Duration::from_secs(6));
    let old = verifier.verify(&text, &set).expect_err("too old");
    assert_eq!((old.code(), Arc::strong_count(&first)), ("too_old", 1));

    let text = token(1, &clock);
    let first = verifier.verify(&text, &set).expect("a good token");
    // With equal keys it holds again, and only the new one is remembered.
    verifier.verify(&text, &keys(7)).expect("a good token");
    assert_eq!(Arc::strong_count(&first), 1);
}

#[derive(Debug)]
struct CountingClock(AtomicUsize);

impl Clock for CountingClock {
    fn now(&self) -> NumericDate {
        self.0.fetch_add(1, Ordering::SeqCst);
        NumericDate::from_seconds(NOW)
    }
}

#[test]
fn the_clock_is_read_once_for_each_token() {
    let reads = Arc::new(CountingClock(AtomicUsize::new(0)));
    let verifier = Verifier::new()
        .clock(Arc::clone(&reads))
        .remember::<Value>(10);
    for n in [1, 2, 3, 6, 7, 1, 2, 3] {
        let text = token(n, &clock());
        verifier.verify(&text, &keys(7)).expect("a good token");
        assert_eq!(reads.0.swap(0, Ordering::SeqCst), 1, "{n}");
    }
}

#[test]
fn a_panic_of_the_callers_costs_no_more_than_itself() {
    /// Panics where it is dropped for the last time, once.
    struct Fragile;

    static ARMED: AtomicBool = AtomicBool::new(false);

    impl Drop for Fragile {
        fn drop(&mut self) {
            assert!(!ARMED.swap(false, Ordering::SeqCst), "as the test wants it");
        }
    }

    impl<'de> serde::Deserialize<'de> for Fragile {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            <()>::deserialize(deserializer).map(|()| Self)
        }
    }

    let (set, clock) = (keys(7), clock());
    let verifier = Verifier::new().clock(clock.clone()).remember::<Fragile>(1);
    drop(
        verifier
            .verify(&token(1, &clock), &set)
            .expect("a good token"),
    );
    ARMED.store(true, Ordering::SeqCst);
    let evicting = || drop(verifier.verify(&token(2, &clock), &set));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(evicting)).is_err());
    let text = token(3, &clock);
    let first = verifier.verify(&text, &set).expect("a good token");
    let again = verifier.verify(&text, &set).expect("a good token");
    assert!(Arc::ptr_eq(&first, &again), "there is a memory still");
}

#[test]
fn what_expired_is_forgotten_though_it_never_comes_again() {
    let clock = clock();
    let verifier = Verifier::new()
        .leeway(Duration::from_secs(1))
        .clock(clock.clone())
        .remember::<Value>(100);
    let set = keys(7);
    let mut number = 0;
    let mut issue = |count: usize| -> Vec<_> {
        let users = std::iter::repeat_with(|| {
            number += 1;
            let claims = Claims::new(&clock, Duration::from_secs(LIFETIME));
            let claims = claims.custom(json!({ "user": number }));
            let token = Signer::new(key(1)).sign(&claims).expect("a token");
            verifier.verify(&token, &set).expect("a good token")
        });
        users.take(count).collect()
    };
    let kept = |tokens: &[Arc<_>]| {
        let kept = tokens.iter().filter(|token| Arc::strong_count(token) > 1);
        kept.count()
    };
    let old = issue(60);
    clock.advance(Duration::from_secs(LIFETIME));
    let leeway = issue(30);
    assert_eq!(kept(&old), 60, "they are still good");
    clock.advance(Duration::from_secs(1));
    let new = issue(50);
    assert_eq!(kept(&old), 0, "the broom has been everywhere");
    assert_eq!((kept(&leeway), kept(&new)), (30, 50));
}

#[test]
fn the_memory_is_bounded_and_keeps_what_comes_again() {
    let set = keys(7);
    assert!(!is_remembered(&remembering(0), &token(1, &clock()), &set));
    assert!(is_remembered(&remembering(1), &token(1, &clock()), &set));

    let verifier = remembering(160);
    let user = |n: usize| {
        let claims =
            Claims::new(&clock(), Duration::from_secs(LIFETIME)).custom(json!({ "user": n }));
        Signer::new(key(1)).sign(&claims).expect("a token")
    };
    let regular = user(0);
    let first = verifier.verify(&regular, &set).expect("a good token");
    let mut strangers = Vec::new();
    for n in 1..=3_000 {
        strangers.push(verifier.verify(&user(n), &set).expect("a good token"));
        let again = verifier.verify(&regular, &set).expect("a good token");
        assert!(
            Arc::ptr_eq(&first, &again),
            "who comes often stays, after {n}"
        );
    }
    let kept = strangers
        .iter()
        .filter(|token| Arc::strong_count(token) > 1)
        .count();
    assert_eq!(kept, 159, "all places are taken, one by the regular");
}

#[test]
fn who_was_not_seen_again_makes_room_first() {
    let set = keys(7);
    let verifier = remembering(3);
    // Odd numbers of no fifth: plain tokens of the issuer.
    let texts: Vec<String> = [1, 2, 3, 6, 7, 11].map(|n| token(n, &clock())).into();
    let see = |n: usize| verifier.verify(&texts[n], &set).expect("a good token");
    let tokens = [see(0), see(1), see(2)];
    let kept = |token: &Arc<_>| Arc::strong_count(token) > 1;
    assert!(tokens.iter().all(kept));

    see(0);
    see(2);
    let fourth = see(3);
    assert_eq!(tokens.each_ref().map(kept), [true, false, true]);
    assert!(kept(&fourth));

    // All that are left were seen again, so the hand goes round once before it takes one.
    see(0);
    see(2);
    see(3);
    let fifth = see(4);
    assert!(kept(&fifth));
    let left = tokens.iter().chain([&fourth]).filter(|token| kept(token));
    assert_eq!(left.count(), 2);

    // Nobody was seen again since, so each newcomer takes a place at once.
    let sixth = see(5);
    assert!(kept(&sixth) && kept(&fifth));
}

#[test]
fn threads_remember_for_themselves() {
    let (verifier, text, set) = (remembering(10), token(1, &clock()), keys(7));
    let verify = || verifier.verify(&text, &set).expect("a good token");
    let tokens: Vec<_> = thread::scope(|scope| {
        let mut verify_elsewhere = || scope.spawn(verify).join().expect("no panic");
        std::iter::repeat_with(&mut verify_elsewhere)
            .take(16)
            .collect()
    });
    let mut places: Vec<_> = tokens.iter().map(Arc::as_ptr).collect();
    places.sort_unstable();
    places.dedup();
    // Other tests start threads as well, so that not all numbers are in a row.
    assert!(places.len() >= 8, "{}", places.len());
}

#[test]
fn the_verifier_without_its_memory_has_the_same_policy() {
    let verifier = remembering(10);
    let plain = verifier.verifier();
    let good = plain.verify::<Value>(&token(1, &clock()), &keys(7));
    assert!(good.is_ok(), "its clock is that of the test");
}

#[test]
fn what_is_long_is_verified_and_not_kept() {
    let set = keys(7);
    let long = |length: usize| {
        let claims = Claims::new(&clock(), Duration::from_secs(LIFETIME))
            .custom(json!({ "x": "x".repeat(length) }));
        Signer::new(key(1)).sign(&claims).expect("a token")
    };
    let verifier = remembering(10);
    assert!(is_remembered(&verifier, &long(6_000), &set));
    assert!(!is_remembered(&verifier, &long(7_000), &set));
}

#[test]
fn what_is_printed_holds_no_token() {
    let (verifier, token, set) = (remembering(10), token(1, &clock()), keys(7));
    verifier.verify(&token, &set).expect("a good token");
    let printed = format!("{verifier:?}");
    assert!(
        printed.starts_with("Remembering { verifier: Verifier {"),
        "{printed}"
    );
    assert!(!printed.contains("eyJ"), "{printed}");
    assert!(format!("{:?}", verifier.verifier()).starts_with("Verifier"));
}
