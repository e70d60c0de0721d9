//! The cache of verified tokens: results are those of the plain verifier, and the cache is bounded.

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

/// A token whose key, issuer and `typ` depend on the number.
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
        0 => signer.typ("at+jwt").sign(&claims),
        _ => signer.sign(&claims),
    }
    .expect("a token")
}

/// The set of those of three keys whose bits are set.
fn keys(bits: u8) -> KeySet {
    let keys = (0..3).filter(|n| bits & (1 << n) != 0);
    keys.map(|n| key(n).verifying_key()).collect()
}

#[derive(Clone, Debug)]
enum Event {
    /// Verify one of the tokens.
    Present(u8),
    /// Verify one of the tokens with one character replaced.
    Changed(u8, prop::sample::Index),
    /// Issue a new token that replaces an older one.
    Issue(u8),
    Advance(Duration),
    /// Set the clock back.
    Back(Duration),
    /// Use other keys from now on; equal ones are loaded again.
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
    fn results_are_those_of_the_plain_verifier(capacity in 0..20_usize, events in vec(event(), 1..200)) {
        let clock = clock();
        let plain = Verifier::new().issuer("issuer").clock(clock.clone());
        let remembering = plain.clone().remember::<Claims<Value>>(capacity);
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
            let expected = plain.verify::<Claims<Value>>(&text, &current);
            let found = remembering.verify(&text, &current);
            match (expected, found) {
                (Ok(expected), Ok(found)) => {
                    prop_assert_eq!(expected.claims(), found.claims());
                    prop_assert_eq!(expected.header(), found.header());
                }
                (Err(expected), Err(found)) => {
                    prop_assert_eq!(expected, found);
                }
                (expected, found) => panic!("{expected:?}, with the cache: {found:?}"),
            }
        }
    }
}

/// Returns whether a token is cached: then both results are the same allocation.
fn is_cached(verifier: &Remembering<Value>, token: &str, keys: &KeySet) -> bool {
    let first = verifier.verify(token, keys).expect("valid");
    let again = verifier.verify(token, keys).expect("valid");
    Arc::ptr_eq(&first, &again)
}

fn remembering(capacity: usize) -> Remembering<Value> {
    Verifier::new().clock(clock()).remember(capacity)
}

#[test]
fn a_verified_token_is_cached_with_its_key() {
    let (verifier, token, set) = (remembering(10), token(1, &clock()), keys(7));
    assert!(is_cached(&verifier, &token, &set));
    let first = verifier.verify(&token, &set).expect("valid");
    let clone = verifier.verify(&token, &set.clone()).expect("valid");
    assert!(
        Arc::ptr_eq(&first, &clone),
        "a copy of the set has the same keys"
    );
    let loaded_again = verifier.verify(&token, &keys(7)).expect("valid");
    assert!(
        !Arc::ptr_eq(&first, &loaded_again),
        "an equal key that was loaded again is another"
    );
    let gone = verifier
        .verify(&token, &keys(5))
        .expect_err("the key was removed");
    assert_eq!(gone.code(), "unknown_key");
}

#[test]
fn an_expired_token_is_removed() {
    let clock = clock();
    let verifier = Verifier::new()
        .clock(clock.clone())
        .remember::<Claims<Value>>(10);
    let (token, set) = (token(1, &clock), keys(7));
    let first = verifier.verify(&token, &set).expect("valid");
    clock.advance(Duration::from_secs(LIFETIME));
    let expired = verifier.verify(&token, &set).expect_err("expired");
    assert_eq!(expired.code(), "expired");
    clock.set(NumericDate::from_seconds(NOW));
    let again = verifier.verify(&token, &set).expect("valid again");
    assert!(!Arc::ptr_eq(&first, &again));
    assert_eq!(Arc::strong_count(&first), 1, "removed from the cache");
}

#[test]
fn a_token_that_is_too_old_or_of_a_removed_key_is_removed() {
    let (clock, set) = (clock(), keys(7));
    let plain = Verifier::new().max_age(Duration::from_secs(5));
    let verifier = plain.clock(clock.clone()).remember::<Claims<Value>>(10);
    let text = token(1, &clock);
    let first = verifier.verify(&text, &set).expect("valid");
    assert_eq!(Arc::strong_count(&first), 2);
    clock.advance(Duration::from_secs(6));
    let old = verifier.verify(&text, &set).expect_err("too old");
    assert_eq!((old.code(), Arc::strong_count(&first)), ("too_old", 1));

    let text = token(1, &clock);
    let first = verifier.verify(&text, &set).expect("valid");
    // With equal keys it is verified again, and replaces the entry.
    verifier.verify(&text, &keys(7)).expect("valid");
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
        .remember::<Claims<Value>>(10);
    for n in [1, 2, 3, 6, 7, 1, 2, 3] {
        let text = token(n, &clock());
        verifier.verify(&text, &keys(7)).expect("valid");
        assert_eq!(reads.0.swap(0, Ordering::SeqCst), 1, "{n}");
    }
}

#[test]
fn the_cache_is_usable_after_a_panic_in_the_type_of_the_caller() {
    /// Panics once when it is dropped after `ARMED` is set.
    struct Fragile;

    static ARMED: AtomicBool = AtomicBool::new(false);

    impl Drop for Fragile {
        fn drop(&mut self) {
            assert!(
                !ARMED.swap(false, Ordering::SeqCst),
                "the panic of the test"
            );
        }
    }

    impl<'de> serde::Deserialize<'de> for Fragile {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            <()>::deserialize(deserializer).map(|()| Self)
        }
    }

    let (set, clock) = (keys(7), clock());
    let verifier = Verifier::new()
        .clock(clock.clone())
        .remember::<Claims<Fragile>>(1);
    drop(verifier.verify(&token(1, &clock), &set).expect("valid"));
    ARMED.store(true, Ordering::SeqCst);
    let evicting = || drop(verifier.verify(&token(2, &clock), &set));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(evicting)).is_err());
    let text = token(3, &clock);
    let first = verifier.verify(&text, &set).expect("valid");
    let again = verifier.verify(&text, &set).expect("valid");
    assert!(Arc::ptr_eq(&first, &again), "tokens are cached");
}

#[test]
fn expired_entries_are_removed_on_insert() {
    let clock = clock();
    let verifier = Verifier::new()
        .leeway(Duration::from_secs(1))
        .clock(clock.clone())
        .remember::<Claims<Value>>(100);
    let set = keys(7);
    let mut number = 0;
    let mut issue = |count: usize| -> Vec<_> {
        let users = std::iter::repeat_with(|| {
            number += 1;
            let claims = Claims::new(&clock, Duration::from_secs(LIFETIME));
            let claims = claims.custom(json!({ "user": number }));
            let token = Signer::new(key(1)).sign(&claims).expect("a token");
            verifier.verify(&token, &set).expect("valid")
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
    assert_eq!(kept(&old), 60, "valid within the leeway");
    clock.advance(Duration::from_secs(1));
    let new = issue(50);
    assert_eq!(kept(&old), 0, "all expired entries are removed");
    assert_eq!((kept(&leeway), kept(&new)), (30, 50));
}

#[test]
fn the_cache_is_bounded_and_keeps_tokens_in_use() {
    let set = keys(7);
    assert!(!is_cached(&remembering(0), &token(1, &clock()), &set));
    assert!(is_cached(&remembering(1), &token(1, &clock()), &set));

    let verifier = remembering(160);
    let user = |n: usize| {
        let claims =
            Claims::new(&clock(), Duration::from_secs(LIFETIME)).custom(json!({ "user": n }));
        Signer::new(key(1)).sign(&claims).expect("a token")
    };
    let used = user(0);
    let first = verifier.verify(&used, &set).expect("valid");
    let mut others = Vec::new();
    for n in 1..=3_000 {
        others.push(verifier.verify(&user(n), &set).expect("valid"));
        let again = verifier.verify(&used, &set).expect("valid");
        assert!(
            Arc::ptr_eq(&first, &again),
            "a token in use is kept, after {n}"
        );
    }
    let kept = others
        .iter()
        .filter(|token| Arc::strong_count(token) > 1)
        .count();
    assert_eq!(
        kept, 159,
        "the capacity is used, one entry by the token in use"
    );
}

#[test]
fn tokens_not_used_again_are_evicted_first() {
    let set = keys(7);
    let verifier = remembering(3);
    // Numbers for which `token` makes a valid token.
    let texts: Vec<String> = [1, 2, 3, 6, 7, 11].map(|n| token(n, &clock())).into();
    let see = |n: usize| verifier.verify(&texts[n], &set).expect("valid");
    let tokens = [see(0), see(1), see(2)];
    let kept = |token: &Arc<_>| Arc::strong_count(token) > 1;
    assert!(tokens.iter().all(kept));

    see(0);
    see(2);
    let fourth = see(3);
    assert_eq!(tokens.each_ref().map(kept), [true, false, true]);
    assert!(kept(&fourth));

    // All entries were used again, so the CLOCK hand passes all of them before it evicts one.
    see(0);
    see(2);
    see(3);
    let fifth = see(4);
    assert!(kept(&fifth));
    let left = tokens.iter().chain([&fourth]).filter(|token| kept(token));
    assert_eq!(left.count(), 2);

    // None was used since, so the next entry is inserted at once.
    let sixth = see(5);
    assert!(kept(&sixth) && kept(&fifth));
}

#[test]
fn threads_have_shards_of_their_own() {
    let (verifier, text, set) = (remembering(10), token(1, &clock()), keys(7));
    let verify = || verifier.verify(&text, &set).expect("valid");
    let tokens: Vec<_> = thread::scope(|scope| {
        let mut verify_elsewhere = || scope.spawn(verify).join().expect("no panic");
        std::iter::repeat_with(&mut verify_elsewhere)
            .take(16)
            .collect()
    });
    let mut allocations: Vec<_> = tokens.iter().map(Arc::as_ptr).collect();
    allocations.sort_unstable();
    allocations.dedup();
    // Other tests start threads as well, so the numbers of these threads are not consecutive.
    assert!(allocations.len() >= 8, "{}", allocations.len());
}

#[test]
fn the_verifier_of_the_cache_has_the_same_policy() {
    let verifier = remembering(10);
    let plain = verifier.verifier();
    let good = plain.verify::<Claims<Value>>(&token(1, &clock()), &keys(7));
    assert!(good.is_ok(), "the clock is that of the test");
}

#[test]
fn long_tokens_are_verified_and_not_cached() {
    let set = keys(7);
    let long = |length: usize| {
        let claims = Claims::new(&clock(), Duration::from_secs(LIFETIME))
            .custom(json!({ "x": "x".repeat(length) }));
        Signer::new(key(1)).sign(&claims).expect("a token")
    };
    let verifier = remembering(10);
    assert!(is_cached(&verifier, &long(6_000), &set));
    assert!(!is_cached(&verifier, &long(7_000), &set));
}

#[test]
fn debug_output_holds_no_token() {
    let (verifier, token, set) = (remembering(10), token(1, &clock()), keys(7));
    verifier.verify(&token, &set).expect("valid");
    let printed = format!("{verifier:?}");
    assert!(
        printed.starts_with("Remembering { verifier: Verifier {"),
        "{printed}"
    );
    assert!(!printed.contains("eyJ"), "{printed}");
    assert!(format!("{:?}", verifier.verifier()).starts_with("Verifier"));
}
