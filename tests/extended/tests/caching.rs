//! A cache of verified tokens never changes a result, and holds at most its capacity.

#[path = "../../support/mod.rs"]
mod support;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use jwt_ring::{
    Algorithm, CachingVerifier, Claims, Clock, FixedClock, Header, KeyLookupError, KeySet, Keys,
    NumericDate, Signer, SigningKey, Verifier, VerifyError, VerifyingKey,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use support::{NOW, clock, rsa_key};

const LIFETIME: u64 = 10;
/// More than the cache has shards.
const THREADS: usize = 20;

/// A key of the id `n`. Keys of several generations have the same id.
fn key_of(n: u8, generation: u8) -> SigningKey {
    let secret = [n + 16 * generation; 32];
    let key = SigningKey::from_secret(Algorithm::HS256, secret).expect("a key");
    key.with_id(n.to_string())
}

fn key(n: u8) -> SigningKey {
    key_of(n, 0)
}

/// A token of the key and the user that come with the number.
fn token_of(n: u8, generation: u8, clock: &FixedClock) -> String {
    let claims = Claims::new(clock, Duration::from_secs(LIFETIME))
        .issuer(if n.is_multiple_of(5) {
            "other"
        } else {
            "issuer"
        })
        .custom(json!({ "user": n }));
    let signer = Signer::new(key_of(n % 3, generation));
    match n % 4 {
        0 => signer.typ("at+jwt").sign(&claims),
        _ => signer.sign(&claims),
    }
    .expect("a token")
}

fn token(n: u8, clock: &FixedClock) -> String {
    token_of(n, 0, clock)
}

/// A set of those of three keys whose bits are set, parsed again each time.
fn keys_of(bits: u8, generation: u8) -> KeySet {
    let ids = (0..3).filter(|n| bits & (1 << n) != 0);
    let jwk = |n: u8| {
        let k = support::encode([n + 16 * generation; 32]);
        json!({ "kty": "oct", "alg": "HS256", "kid": n.to_string(), "k": k })
    };
    let json = json!({ "keys": ids.map(jwk).collect::<Vec<_>>() });
    KeySet::from_secret_json(json.to_string()).expect("a set")
}

fn keys(bits: u8) -> KeySet {
    keys_of(bits, 0)
}

#[derive(Clone, Debug)]
enum Event {
    /// One of the tokens is presented, by one of the threads.
    Present(u8),
    /// One of the tokens is presented with another character at an index.
    Changed(u8, prop::sample::Index),
    /// A new token replaces an older one.
    Issue(u8),
    Advance(Duration),
    /// The clock is set back.
    Back(Duration),
    /// The keys are parsed again: the same ones, fewer, or others with the same ids.
    Refresh(u8, u8),
}

fn event() -> impl Strategy<Value = Event> {
    let seconds = || {
        prop_oneof![
            6 => (0..LIFETIME).prop_map(Duration::from_secs),
            1 => Just(Duration::from_secs(1_000_000)),
        ]
    };
    prop_oneof![
        12 => (0..12_u8).prop_map(Event::Present),
        2 => (0..12_u8, any::<prop::sample::Index>())
            .prop_map(|(n, index)| Event::Changed(n, index)),
        2 => (0..12_u8).prop_map(Event::Issue),
        2 => seconds().prop_map(Event::Advance),
        1 => seconds().prop_map(Event::Back),
        1 => (0..8_u8, 0..3_u8).prop_map(|(bits, generation)| Event::Refresh(bits, generation)),
        1 => Just(Event::Refresh(7, 0)),
    ]
}

/// A thread that verifies what is sent to it, so that a history runs on several shards.
struct Worker<'s> {
    jobs: mpsc::Sender<Box<dyn FnOnce() + Send + 's>>,
}

impl<'s> Worker<'s> {
    fn start<'e>(scope: &'s thread::Scope<'s, 'e>) -> Self {
        let (jobs, inbox) = mpsc::channel::<Box<dyn FnOnce() + Send + 's>>();
        scope.spawn(move || inbox.into_iter().for_each(|job| job()));
        Self { jobs }
    }

    fn run<T: Send + 's>(&self, job: impl FnOnce() -> T + Send + 's) -> T {
        let (sender, receiver) = mpsc::channel();
        let job = move || drop(sender.send(job()));
        self.jobs.send(Box::new(job)).expect("a thread");
        receiver.recv().expect("a result")
    }
}

type Cached = CachingVerifier<Claims<Value>>;

/// Compares both verifiers; the error is that of the plain one.
fn compare(plain: &Verifier, cached: &Cached, text: &str, keys: &KeySet) -> Result<(), String> {
    let expected = plain.verify::<Claims<Value>>(text, keys);
    let found = cached.verify(text, keys);
    match (&expected, &found) {
        (Ok(expected), Ok(found))
            if expected.claims() == found.claims() && expected.header() == found.header() =>
        {
            Ok(())
        }
        (Err(expected), Err(found)) if expected == found => Ok(()),
        _ => Err(format!("expected {expected:?}, found {found:?}")),
    }
}

fn run_history(capacity: usize, events: Vec<(usize, Event)>) -> Result<(), String> {
    let clock = clock();
    let plain = Verifier::new()
        .issuer("issuer")
        .max_age(Duration::from_secs(LIFETIME - 3))
        .clock(clock.clone());
    let cached = plain.clone().cached::<Claims<Value>>(capacity);
    let mut tokens: Vec<String> = (0..12).map(|n| token(n, &clock)).collect();
    let (mut current, mut generation) = (Arc::new(keys(7)), 0);
    let (plain, cached) = (&plain, &cached);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| Worker::start(scope)).collect();
        for (thread, event) in events {
            let text = match event {
                Event::Present(n) => tokens[usize::from(n)].clone(),
                Event::Changed(n, index) => {
                    let mut text = tokens[usize::from(n)].clone();
                    let index = index.index(text.len());
                    text.replace_range(index..=index, "A");
                    text
                }
                Event::Issue(n) => {
                    tokens[usize::from(n)] = token_of(n, generation, &clock);
                    continue;
                }
                Event::Advance(duration) => {
                    clock.advance(duration);
                    continue;
                }
                Event::Back(duration) => {
                    clock.set(clock.now().saturating_sub(duration));
                    continue;
                }
                Event::Refresh(bits, of) => {
                    generation = of;
                    current = Arc::new(keys_of(bits, of));
                    continue;
                }
            };
            let keys = Arc::clone(&current);
            workers[thread].run(move || compare(plain, cached, &text, &keys))?;
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(128)
    })]

    #[test]
    fn the_result_is_that_of_the_plain_verifier(
        capacity in prop_oneof![Just(0), Just(1), 2..20_usize, Just(1_000)],
        // Most events are of one of two threads, so that there are hits.
        events in vec((prop_oneof![6 => 0..2_usize, 1 => 0..THREADS], event()), 1..200),
    ) {
        run_history(capacity, events).map_err(TestCaseError::fail)?;
    }
}

/// The same, at once: threads verify with keys of their own while one sets the clock, within the life
/// of the tokens.
#[test]
fn results_are_those_of_the_plain_verifier_under_contention() {
    for capacity in [0, 1, 7, 1_000] {
        let clock = clock();
        let plain = Verifier::new().issuer("issuer").clock(clock.clone());
        let cached = plain.clone().cached::<Claims<Value>>(capacity);
        let tokens: Vec<String> = (0..12)
            .flat_map(|n| [token_of(n, 0, &clock), token_of(n, 1, &clock)])
            .collect();
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (plain, cached, tokens, start, clock) =
                    (&plain, &cached, &tokens, &start, &clock);
                scope.spawn(move || {
                    start.wait();
                    for n in 0..600 {
                        let text = &tokens[(n * 7 + thread * 5) % tokens.len()];
                        let generation = u8::from(n % 50 > 25);
                        let keys = keys_of(if n % 9 == 0 { 5 } else { 7 }, generation);
                        let result = compare(plain, cached, text, &keys);
                        assert_eq!(result, Ok(()), "capacity {capacity}");
                        let seconds = i64::try_from(n % 9).expect("small");
                        clock.set(NumericDate::from_seconds(NOW + seconds));
                    }
                });
            }
        });
    }
}

/// Returns whether a token is cached: then it is the same one in memory.
fn is_cached(verifier: &CachingVerifier<Value>, token: &str, keys: &KeySet) -> bool {
    let first = verifier.verify(token, keys).expect("a valid token");
    let again = verifier.verify(token, keys).expect("a valid token");
    Arc::ptr_eq(&first, &again)
}

fn caching(capacity: usize) -> CachingVerifier<Value> {
    Verifier::new().clock(clock()).cached(capacity)
}

#[test]
fn entries_stay_when_the_same_keys_are_parsed_again_and_not_when_they_change() {
    let (verifier, token) = (caching(10), token(1, &clock()));
    let verify = |keys: &KeySet| verifier.verify(&token, keys);
    assert!(is_cached(&verifier, &token, &keys(7)));
    let first = verify(&keys(7)).expect("a valid token");
    for same in [keys(7), keys(7).clone(), keys(2)] {
        let again = verify(&same).expect("a valid token");
        assert!(Arc::ptr_eq(&first, &again));
    }
    // Without its key, and with another key of the same id.
    let removed = verify(&keys(5)).expect_err("a removed key");
    assert_eq!(removed, KeyLookupError::Unknown.into());
    let replaced = verify(&keys_of(7, 1)).expect_err("another key");
    assert_eq!(replaced, VerifyError::InvalidSignature);
    // The entry is of the first key still.
    assert!(Arc::ptr_eq(
        &first,
        &verify(&keys(7)).expect("a valid token")
    ));
    // Public keys are compared by their content, too.
    let generate = || {
        SigningKey::generate(Algorithm::ES256)
            .expect("a key")
            .with_id("1")
    };
    let signing = generate();
    let public = |key: &SigningKey| {
        let set: KeySet = [key.verifying_key()].into_iter().collect();
        serde_json::to_string(&set).expect("JSON")
    };
    let (json, other) = (public(&signing), public(&generate()));
    let claims = Claims::new(&clock(), Duration::from_secs(LIFETIME));
    let jwt = Signer::new(signing).sign(&claims).expect("a token");
    let verify = |json: &str| verifier.verify(&jwt, &KeySet::from_json(json).expect("a set"));
    let first = verify(&json).expect("a valid token");
    let replaced = verify(&other).expect_err("another key");
    assert_eq!(replaced, VerifyError::InvalidSignature);
    assert!(Arc::ptr_eq(&first, &verify(&json).expect("a valid token")));
}

#[test]
fn an_expired_entry_is_removed_on_lookup() {
    let clock = clock();
    let verifier = Verifier::new()
        .clock(clock.clone())
        .cached::<Claims<Value>>(10);
    let (token, set) = (token(1, &clock), keys(7));
    let first = verifier.verify(&token, &set).expect("a valid token");
    assert_eq!(Arc::strong_count(&first), 2);
    clock.advance(Duration::from_secs(LIFETIME));
    let expired = verifier.verify(&token, &set).expect_err("expired");
    assert_eq!((expired.code(), Arc::strong_count(&first)), ("expired", 1));
    clock.set(NumericDate::from_seconds(NOW));
    let again = verifier.verify(&token, &set).expect("a valid token");
    assert!(!Arc::ptr_eq(&first, &again));
}

#[test]
fn an_entry_that_is_too_old_is_removed() {
    let (clock, set) = (clock(), keys(7));
    let plain = Verifier::new().max_age(Duration::from_secs(5));
    let verifier = plain.clock(clock.clone()).cached::<Claims<Value>>(10);
    let text = token(1, &clock);
    let first = verifier.verify(&text, &set).expect("a valid token");
    clock.advance(Duration::from_secs(6));
    let old = verifier.verify(&text, &set).expect_err("too old");
    assert_eq!((old.code(), Arc::strong_count(&first)), ("too_old", 1));
}

/// A token that is not valid yet stays, and is valid when its time has come.
#[test]
fn a_clock_that_is_set_back_does_not_remove_entries() {
    let (clock, set) = (clock(), keys(7));
    let verifier = Verifier::new().clock(clock.clone()).cached::<Claims>(10);
    let claims = Claims::new(&clock, Duration::from_secs(LIFETIME))
        .not_before(NumericDate::from_seconds(NOW));
    let text = Signer::new(key(1)).sign(&claims).expect("a token");
    let first = verifier.verify(&text, &set).expect("a valid token");
    clock.set(NumericDate::from_seconds(NOW - 1));
    let early = verifier.verify(&text, &set).expect_err("too early");
    assert_eq!(early.code(), "not_yet_valid");
    clock.set(NumericDate::from_seconds(NOW));
    let again = verifier.verify(&text, &set).expect("a valid token");
    assert!(Arc::ptr_eq(&first, &again));
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
        .cached::<Claims<Value>>(10);
    for n in [1, 2, 3, 6, 7, 1, 2, 3] {
        let text = token(n, &clock());
        verifier.verify(&text, &keys(7)).expect("a valid token");
        assert_eq!(reads.0.swap(0, Ordering::SeqCst), 1, "{n}");
    }
}

/// What the caller's code does when the cache runs it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    Nothing,
    Verify,
    Panic,
}

thread_local! {
    static ON_DROP: Cell<Act> = const { Cell::new(Act::Nothing) };
    static ON_DESERIALIZE: Cell<Act> = const { Cell::new(Act::Nothing) };
    static ON_KEY: Cell<Act> = const { Cell::new(Act::Nothing) };
    static ON_NOW: Cell<Act> = const { Cell::new(Act::Nothing) };
}

/// A verifier whose claims, keys and clock verify with it, or panic.
struct Stage {
    verifier: CachingVerifier<Claims<Actor>>,
    tokens: Vec<String>,
    keys: KeySet,
}

static STAGE: OnceLock<Mutex<Option<Arc<Stage>>>> = OnceLock::new();

fn stage() -> Option<Arc<Stage>> {
    let stage = STAGE.get_or_init(Mutex::default);
    stage.lock().expect("the stage").clone()
}

/// Acts once. Verifications by the action do not act again.
fn act(on: &'static thread::LocalKey<Cell<Act>>) {
    match on.replace(Act::Nothing) {
        Act::Nothing => {}
        Act::Panic => panic!("as the test wants it"),
        Act::Verify => {
            if let Some(stage) = stage() {
                for text in &stage.tokens {
                    drop(stage.verifier.verify(text, &stage.keys));
                }
            }
        }
    }
}

#[derive(Debug)]
struct Actor;

impl Drop for Actor {
    fn drop(&mut self) {
        if !thread::panicking() {
            act(&ON_DROP);
        }
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        act(&ON_DESERIALIZE);
        Value::deserialize(deserializer).map(|_| Self)
    }
}

struct ActingKeys<'k>(&'k KeySet);

impl Keys for ActingKeys<'_> {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        act(&ON_KEY);
        self.0.key(header)
    }
}

#[derive(Debug)]
struct ActingClock(FixedClock);

impl Clock for ActingClock {
    fn now(&self) -> NumericDate {
        act(&ON_NOW);
        self.0.now()
    }
}

/// The caller's code verifies with the same cache, or panics, whenever the cache runs it: on a hit, a
/// miss, an eviction, a replacement and the removal of an expired entry.
#[test]
fn code_of_the_caller_that_verifies_or_panics_neither_deadlocks_nor_poisons() {
    let (finished, watch) = mpsc::channel();
    thread::spawn(move || {
        act_everywhere();
        finished.send(()).expect("the test");
    });
    watch
        .recv_timeout(Duration::from_secs(120))
        .expect("no deadlock and no panic");
}

fn act_everywhere() {
    for capacity in [0, 1, 2, 100] {
        let clock = clock();
        let tokens: Vec<_> = [1, 2, 3, 6, 7, 11].map(|n| token(n, &clock)).into();
        let verifier = Verifier::new().clock(ActingClock(clock.clone()));
        let all = Arc::new(Stage {
            verifier: verifier.cached(capacity),
            tokens: tokens.clone(),
            keys: keys(7),
        });
        let cell = STAGE.get_or_init(Mutex::default);
        *cell.lock().expect("the stage") = Some(Arc::clone(&all));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                let (all, clock) = (&all, &clock);
                scope.spawn(move || {
                    for on in [&ON_DROP, &ON_DESERIALIZE, &ON_KEY, &ON_NOW] {
                        for act in [Act::Verify, Act::Panic] {
                            for (n, text) in all.tokens.iter().enumerate() {
                                on.set(act);
                                let set = keys_of(7, u8::from(n == 4));
                                let verify = || drop(all.verifier.verify(text, &ActingKeys(&set)));
                                let _ = catch_unwind(AssertUnwindSafe(verify));
                                on.set(Act::Nothing);
                                if n == 2 {
                                    clock.advance(Duration::from_secs(LIFETIME));
                                    on.set(act);
                                    let _ = catch_unwind(AssertUnwindSafe(verify));
                                    on.set(Act::Nothing);
                                    clock.set(NumericDate::from_seconds(NOW));
                                }
                            }
                        }
                    }
                });
            }
        });
        // It works as before.
        clock.set(NumericDate::from_seconds(NOW));
        let verify = || all.verifier.verify(&tokens[0], &all.keys);
        let first = verify().expect("a valid token");
        let again = verify().expect("a valid token");
        assert_eq!(Arc::ptr_eq(&first, &again), capacity > 0, "{capacity}");
        drop((first, again));
        *cell.lock().expect("the stage") = None;
    }
}

#[test]
fn a_drop_that_panics_while_evicting_leaves_the_cache_usable() {
    static ARMED: AtomicBool = AtomicBool::new(false);

    struct Fragile;

    impl Drop for Fragile {
        fn drop(&mut self) {
            assert!(!ARMED.swap(false, Ordering::SeqCst), "as the test wants it");
        }
    }

    impl<'de> Deserialize<'de> for Fragile {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            <()>::deserialize(deserializer).map(|()| Self)
        }
    }

    let (set, clock) = (keys(7), clock());
    let verifier = Verifier::new()
        .clock(clock.clone())
        .cached::<Claims<Fragile>>(1);
    let verify = |n| verifier.verify(&token(n, &clock), &set);
    drop(verify(1).expect("a valid token"));
    ARMED.store(true, Ordering::SeqCst);
    let evicting = || drop(verify(2));
    assert!(catch_unwind(AssertUnwindSafe(evicting)).is_err());
    let first = verify(3).expect("a valid token");
    let again = verify(3).expect("a valid token");
    assert!(Arc::ptr_eq(&first, &again));
}

/// Counts its live instances and their maximum.
struct Counted;

static LIVE: AtomicUsize = AtomicUsize::new(0);

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <()>::deserialize(deserializer)?;
        LIVE.fetch_add(1, Ordering::SeqCst);
        Ok(Self)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The entries of all shards together, while more threads than shards insert, refresh and expire.
#[test]
fn there_are_never_more_entries_than_the_capacity() {
    let texts = |clock: &FixedClock| -> Vec<String> {
        let text = |n| {
            let lifetime = Duration::from_secs(5 + n % 7);
            let claims = Claims::new(clock, lifetime).custom(json!({ "user": n }));
            Signer::new(key(1)).sign(&claims).expect("a token")
        };
        (0..200_u64).map(text).collect()
    };
    for capacity in [0, 1, 5, 50, 10_000] {
        let clock = clock();
        let verifier = Verifier::new()
            .clock(clock.clone())
            .cached::<Claims<Counted>>(capacity);
        let texts = texts(&clock);
        let barrier = Barrier::new(THREADS);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (verifier, texts, clock, barrier) = (&verifier, &texts, &clock, &barrier);
                scope.spawn(move || {
                    let set = keys(7);
                    for round in 0..6_usize {
                        for n in 0..20_usize {
                            let index = (n * 13 + thread * 31 + round * 7) % texts.len();
                            drop(verifier.verify(&texts[index], &set));
                            // Those in the cache, and those that the threads are verifying.
                            let live = LIVE.load(Ordering::SeqCst);
                            assert!(live <= capacity + 4 * THREADS, "{live} of {capacity}");
                        }
                        // No thread holds a token, so all that exist are in the cache.
                        barrier.wait();
                        let live = LIVE.load(Ordering::SeqCst);
                        assert!(live <= capacity, "{live} of {capacity}");
                        if barrier.wait().is_leader() {
                            let seconds = i64::try_from(round * 5 % 11).expect("small");
                            clock.set(NumericDate::from_seconds(NOW + seconds));
                        }
                        barrier.wait();
                    }
                });
            }
        });
        // The capacity is used: by the tokens that are valid, in the shards of several threads.
        clock.set(NumericDate::from_seconds(NOW));
        for text in &texts {
            drop(verifier.verify(text, &keys(7)));
        }
        let live = LIVE.load(Ordering::SeqCst);
        if capacity <= 200 {
            assert_eq!(live, capacity, "the cache is full");
        } else {
            assert!(live >= texts.len(), "{live}");
        }
        drop(verifier);
        assert_eq!(LIVE.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn expired_entries_are_removed_while_others_are_inserted() {
    let clock = clock();
    let verifier = Verifier::new()
        .leeway(Duration::from_secs(1))
        .clock(clock.clone())
        .cached::<Claims<Value>>(1_000);
    let set = keys(7);
    let mut number = 0;
    let mut issue = |count: usize| -> Vec<_> {
        let users = std::iter::repeat_with(|| {
            number += 1;
            let claims = Claims::new(&clock, Duration::from_secs(LIFETIME));
            let claims = claims.custom(json!({ "user": number }));
            let token = Signer::new(key(1)).sign(&claims).expect("a token");
            verifier.verify(&token, &set).expect("a valid token")
        });
        users.take(count).collect()
    };
    let cached = |tokens: &[Arc<_>]| {
        let cached = tokens.iter().filter(|token| Arc::strong_count(token) > 1);
        cached.count()
    };
    // Entries behind one that stays valid are removed as well.
    let claims = Claims::new(&clock, Duration::from_secs(3_600));
    let long = Signer::new(key(1)).sign(&claims.custom(json!({ "user": 0 })));
    let long = verifier.verify(&long.expect("a token"), &set);
    let long = long.expect("a valid token");
    let old = issue(60);
    clock.advance(Duration::from_secs(LIFETIME));
    let leeway = issue(30);
    assert_eq!(cached(&old), 60, "they are valid within the leeway");
    clock.advance(Duration::from_secs(1));
    let new = issue(100);
    assert_eq!(cached(&old), 0);
    assert_eq!((cached(&leeway), cached(&new)), (30, 100));
    assert_eq!(cached(&[long]), 1);
}

#[test]
fn the_capacity_is_used_and_a_token_that_is_used_often_stays() {
    let set = keys(7);
    assert!(!is_cached(&caching(0), &token(1, &clock()), &set));
    assert!(is_cached(&caching(1), &token(1, &clock()), &set));

    let verifier = caching(160);
    let user = |n: usize| {
        let claims = Claims::new(&clock(), Duration::from_secs(LIFETIME));
        let claims = claims.custom(json!({ "user": n }));
        Signer::new(key(1)).sign(&claims).expect("a token")
    };
    let regular = user(0);
    let first = verifier.verify(&regular, &set).expect("a valid token");
    let mut others = Vec::new();
    for n in 1..=3_000 {
        others.push(verifier.verify(&user(n), &set).expect("a valid token"));
        let again = verifier.verify(&regular, &set).expect("a valid token");
        assert!(Arc::ptr_eq(&first, &again), "after {n}");
    }
    let cached = others.iter().filter(|token| Arc::strong_count(token) > 1);
    assert_eq!(cached.count(), 159, "all but that of the regular one");
}

#[test]
fn entries_that_were_not_used_again_are_evicted_first() {
    let set = keys(7);
    let verifier = caching(3);
    let texts = [1, 2, 3, 6, 7, 11].map(|n| token(n, &clock()));
    let verify = |n: usize| verifier.verify(&texts[n], &set).expect("a valid token");
    let tokens = [verify(0), verify(1), verify(2)];
    let cached = |token: &Arc<_>| Arc::strong_count(token) > 1;
    assert!(tokens.iter().all(cached));

    verify(0);
    verify(2);
    let fourth = verify(3);
    assert_eq!(tokens.each_ref().map(cached), [true, false, true]);
    assert!(cached(&fourth));

    // All remaining entries were used again, so the clock hand passes each before it evicts one.
    verify(0);
    verify(2);
    verify(3);
    let fifth = verify(4);
    assert!(cached(&fifth));
    let left = tokens.iter().chain([&fourth]).filter(|token| cached(token));
    assert_eq!(left.count(), 2);
    let sixth = verify(5);
    assert!(cached(&sixth) && cached(&fifth));
}

/// Of entries that are never used again, the oldest is evicted, for every capacity.
#[test]
fn entries_that_are_never_used_are_evicted_in_their_order() {
    let set = keys(7);
    for capacity in [1, 2, 3, 4, 9, 10, 12] {
        let verifier = caching(capacity);
        let tokens: Vec<_> = (0..4 * capacity)
            .map(|n| {
                let claims = Claims::new(&clock(), Duration::from_secs(LIFETIME));
                let claims = claims.custom(json!({ "user": n }));
                let text = Signer::new(key(1)).sign(&claims).expect("a token");
                verifier.verify(&text, &set).expect("a valid token")
            })
            .collect();
        let cached = tokens.iter().map(|token| Arc::strong_count(token) > 1);
        let expected = (0..4 * capacity).map(|n| n >= 3 * capacity);
        assert!(cached.eq(expected), "{capacity}");
    }
}

/// An empty shard evicts entries of other shards, so that every thread can cache.
#[test]
fn a_new_thread_gets_entries_of_a_full_cache() {
    let (verifier, set) = (caching(3), keys(7));
    for n in [1, 2, 3] {
        assert!(is_cached(&verifier, &token(n, &clock()), &set));
    }
    for n in [6, 7, 11] {
        let verify = || assert!(is_cached(&verifier, &token(n, &clock()), &set));
        thread::scope(|scope| scope.spawn(verify).join()).expect("no panic");
    }
}

/// A thread that gets each token once evicts its own, not the few that another thread uses.
#[test]
fn tokens_that_are_used_stay_while_another_thread_inserts_many() {
    let (verifier, set) = (caching(20), keys(7));
    let hot: Vec<_> = (1..=3)
        .map(|n| {
            let text = token(n, &clock());
            let verified = verifier.verify(&text, &set).expect("a valid token");
            (text, verified)
        })
        .collect();
    let (next_round, rounds) = mpsc::channel();
    let (inserted, wait) = mpsc::channel();
    thread::scope(|scope| {
        let (verifier, set) = (&verifier, &set);
        scope.spawn(move || {
            for n in rounds {
                let claims = Claims::new(&clock(), Duration::from_secs(LIFETIME));
                let claims = claims.custom(json!({ "user": n }));
                let text = Signer::new(key(1)).sign(&claims).expect("a token");
                assert!(verifier.verify(&text, set).is_ok());
                inserted.send(()).expect("a receiver");
            }
        });
        for n in 0..200 {
            next_round.send(n).expect("a receiver");
            wait.recv().expect("a sender");
            for (text, first) in &hot {
                let again = verifier.verify(text, set).expect("a valid token");
                assert!(Arc::ptr_eq(&again, first), "{n}");
            }
        }
        drop(next_round);
    });
}

#[test]
fn threads_have_shards_of_their_own() {
    let (verifier, text, set) = (caching(100), token(1, &clock()), keys(7));
    let verify = || verifier.verify(&text, &set).expect("a valid token");
    let tokens: Vec<_> = thread::scope(|scope| {
        let mut verify_elsewhere = || scope.spawn(verify).join().expect("no panic");
        std::iter::repeat_with(&mut verify_elsewhere)
            .take(16)
            .collect()
    });
    let mut distinct: BTreeMap<_, usize> = BTreeMap::new();
    for token in &tokens {
        *distinct.entry(Arc::as_ptr(token)).or_default() += 1;
    }
    // Other tests start threads as well, so that not all numbers are in a row.
    assert!(distinct.len() >= 8, "{}", distinct.len());
}

#[test]
fn tokens_longer_than_8_kib_are_verified_and_not_cached() {
    let set = keys(7);
    let long = |length: usize| {
        let claims = Claims::new(&clock(), Duration::from_secs(LIFETIME))
            .custom(json!({ "x": "x".repeat(length) }));
        Signer::new(key(1)).sign(&claims).expect("a token")
    };
    let verifier = caching(10);
    assert!(is_cached(&verifier, &long(6_000), &set));
    assert!(!is_cached(&verifier, &long(7_000), &set));
}

#[test]
fn only_verified_tokens_are_cached() {
    let (verifier, text) = (caching(10), token(1, &clock()));
    let unsigned = text.rsplit_once('.').expect("segments").0;
    let forged = format!("{unsigned}.{}", support::encode([0; 32]));
    for _ in 0..2 {
        let found = verifier.verify(&forged, &keys(7)).expect_err("forged");
        assert_eq!(found, VerifyError::InvalidSignature);
    }
    assert!(is_cached(&verifier, &text, &keys(7)));
    // Another payload with the same signature, which is what the hash covers.
    let (_, signature) = text.rsplit_once('.').expect("segments");
    let payload = support::encode(r#"{"exp":9e9}"#);
    let header = text.split('.').next().expect("a header");
    let forged = format!("{header}.{payload}.{signature}");
    let found = verifier.verify(&forged, &keys(7)).expect_err("forged");
    assert_eq!(found, VerifyError::InvalidSignature);
    assert!(is_cached(&verifier, &text, &keys(7)));
}

#[test]
fn debug_output_holds_no_token() {
    let (verifier, token, set) = (caching(10), token(1, &clock()), keys(7));
    verifier.verify(&token, &set).expect("a valid token");
    let printed = format!("{verifier:?}");
    assert!(
        printed.starts_with("CachingVerifier { verifier: Verifier {"),
        "{printed}"
    );
    assert!(!printed.contains("eyJ"), "{printed}");
}

#[test]
fn a_thread_can_cache_after_another_thread_filled_the_cache() {
    let clock = clock();
    let keys: KeySet = (0..3).map(|n| key(n).verifying_key()).collect();
    let long = |n: u64| {
        let claims = Claims::new(&clock, Duration::from_secs(3_600)).jwt_id(n.to_string());
        Signer::new(key(0)).sign(&claims).expect("a token")
    };
    for expired in [false, true] {
        let verifier = Verifier::new().clock(clock.clone()).cached::<Claims>(100);
        let first: Vec<String> = (0..100).map(long).collect();
        thread::scope(|scope| {
            let fill = || {
                first
                    .iter()
                    .for_each(|jwt| drop(verifier.verify(jwt, &keys)));
            };
            scope.spawn(fill).join().expect("no panic");
        });
        if expired {
            clock.advance(Duration::from_secs(3_601));
        }
        let two = [long(1_000), long(1_001)];
        let misses = thread::scope(|scope| {
            let verify = || {
                let mut last = [const { None }; 2];
                let mut misses = 0;
                for n in 0..100 {
                    let token = verifier.verify(&two[n % 2], &keys).expect("valid");
                    let is_hit = last[n % 2]
                        .as_ref()
                        .is_some_and(|last| Arc::ptr_eq(last, &token));
                    misses += usize::from(!is_hit);
                    last[n % 2] = Some(token);
                }
                misses
            };
            scope.spawn(verify).join().expect("no panic")
        });
        // Shards evict in round-robin order, so at most one round of misses is needed.
        assert!(misses <= 20, "{misses} of 100, expired: {expired}");
    }
}

/// An RSA key for another algorithm has the same content.
#[test]
fn an_entry_counts_only_for_a_key_of_its_algorithm() {
    let key = |algorithm| rsa_key(algorithm, "rsa2048.pkcs8.pem");
    let claims = Claims::new(&clock(), Duration::from_secs(LIFETIME));
    let signer = Signer::new(key(Algorithm::RS256));
    let jwt = signer.sign(&claims).expect("a token");
    let plain = Verifier::new().clock(clock());
    let caching = plain.clone().cached::<Claims>(10);
    for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::RS512] {
        let keys = key(algorithm).verifying_key();
        let expected = plain.verify::<Claims>(&jwt, &keys).map(|_| ());
        let found = caching.verify(&jwt, &keys).map(|_| ());
        assert_eq!(found, expected, "{algorithm}");
        assert_eq!(found.is_ok(), algorithm == Algorithm::RS256);
    }
}
