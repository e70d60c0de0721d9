//! A verifier with a cache and one without, over tokens, times and keys that change: the results are the
//! same, the cache holds no more tokens than its capacity, and a token that was just verified is found.

#![no_main]

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jwt_ring::oauth::{access_token, id_token};
use jwt_ring::{
    Algorithm, CachingVerifier, Clock, FixedClock, Header, Issuers, KeyLookupError, KeySet, Keys,
    NumericDate, SigningKey, Token, Verifier, VerifyError, VerifyingKey,
};
use jwt_ring_fuzz::{KEYS, forge_with};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

const NOW: i64 = 1_000;
/// The longest token that the cache keeps.
const MAX_SIZE: usize = 8 * 1024;

#[derive(Arbitrary, Debug)]
struct Input {
    capacity: u8,
    profile: Profile,
    leeway: u8,
    max_age: Option<u8>,
    /// Of the authentication, in ID tokens.
    auth_max_age: Option<u8>,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Profile {
    Plain,
    Access,
    /// Access tokens that are bound to a key.
    Bound,
    Id,
    Issuers,
}

#[derive(Arbitrary, Debug)]
enum Step {
    /// A token, made or one of before.
    Make(Made),
    Again(u8),
    /// The signing input of a token of before, with the signature of another.
    Graft(u8, u8),
    Advance(u8),
    SetBack(u8),
    Keys(u8),
    /// The nonce or the proof of the request.
    Request(u8),
}

#[derive(Arbitrary, Debug)]
struct Made {
    typ: bool,
    key: u8,
    kid: Option<u8>,
    issuer: bool,
    exp: u8,
    nbf: Option<u8>,
    iat: u8,
    auth_time: Option<u8>,
    jwt_id: u8,
    /// A `nonce` and a `cnf`.
    request: Option<u8>,
    is_long: bool,
}

/// The keys that sign.
static SIGNING: LazyLock<[SigningKey; 3]> = LazyLock::new(|| {
    let key = |byte| SigningKey::from_secret(Algorithm::HS256, [byte; 32]).expect("a key");
    let pem = include_bytes!("../../tests/keys/ed25519.pkcs8.pem");
    let elliptic = SigningKey::from_pem(Algorithm::Ed25519, pem).expect("a key");
    [key(7), key(8), elliptic]
});

/// The keys that verify. Two of them verify the same tokens.
static VERIFYING: LazyLock<[Box<dyn Keys>; 7]> = LazyLock::new(|| {
    let key =
        |index: usize, id: &str| -> VerifyingKey { SIGNING[index].verifying_key().with_id(id) };
    let set = KeySet::from_iter([key(0, "0"), key(1, "1")]);
    let swapped = KeySet::from_iter([key(0, "1"), key(1, "0")]);
    [
        Box::new(SIGNING[0].verifying_key()),
        Box::new(SIGNING[1].verifying_key()),
        Box::new(set),
        Box::new(swapped),
        Box::new(SIGNING[2].verifying_key()),
        Box::new(KEYS[4].verifying_key()),
        Box::new(Unavailable(KeyLookupError::unavailable("unavailable"))),
    ]
});

/// Errors with a source are compared by its address, so there is one.
struct Unavailable(KeyLookupError);

impl Keys for Unavailable {
    fn key(&self, _: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        Err(self.0.clone())
    }
}

thread_local!(static LIVE: Cell<usize> = const { Cell::new(0) });

/// Claims that are counted while they are in memory.
#[derive(Debug, PartialEq)]
struct Counted(Map<String, Value>);

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let claims = Map::deserialize(deserializer)?;
        LIVE.set(LIVE.get() + 1);
        Ok(Self(claims))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

fn live() -> usize {
    LIVE.get()
}

fn seconds(seconds: u8) -> Duration {
    Duration::from_secs(seconds.into())
}

impl Made {
    fn token(&self) -> String {
        let key = &SIGNING[usize::from(self.key) % SIGNING.len()];
        let mut header = Map::new();
        header.insert("alg".into(), key.algorithm().to_string().into());
        if self.typ {
            header.insert("typ".into(), "at+jwt".into());
        }
        if let Some(kid) = self.kid {
            header.insert("kid".into(), (kid % 3).to_string().into());
        }
        let at = |offset: u8| NOW + i64::from(offset / 4);
        let issuer = if self.issuer { "j" } else { "i" };
        let mut claims = json!({
            "iss": issuer, "sub": "s", "aud": "a", "client_id": "c",
            "jti": (self.jwt_id % 4).to_string(), "iat": NOW - i64::from(self.iat / 4), "exp": at(self.exp) + 1,
        });
        if let Some(nbf) = self.nbf {
            claims["nbf"] = at(nbf).into();
        }
        if let Some(auth_time) = self.auth_time {
            claims["auth_time"] = (NOW - i64::from(auth_time / 4)).into();
        }
        if let Some(request) = self.request {
            let request = (request % 3).to_string();
            // Access tokens have one of them, ID tokens the other.
            let claim = if self.typ { "cnf" } else { "nonce" };
            claims[claim] = match self.typ {
                true => json!({ "k": request }),
                false => request.into(),
            };
        }
        if self.is_long {
            claims["long"] = "x".repeat(MAX_SIZE).into();
        }
        forge_with(key, Value::Object(header).to_string(), claims.to_string())
    }
}

/// The verifier of a profile, with a cache or without.
enum Tested<P, A, I, M> {
    Plain(P),
    Access(A),
    Bound(A),
    Id(I),
    Issuers(M),
}

type Found = Result<Arc<Token<Counted>>, VerifyError>;
type Several = Issuers<Current>;
type Uncached = Tested<Verifier, access_token::Verifier, id_token::Verifier, Several>;
type Cached = Tested<
    CachingVerifier<Counted>,
    CachingVerifier<Counted, access_token::Verifier>,
    CachingVerifier<Counted, id_token::Verifier>,
    CachingVerifier<Counted, Several>,
>;

/// The keys that are current, for the issuers, which hold their keys.
#[derive(Clone, Default)]
struct Current(Arc<AtomicUsize>);

impl Keys for Current {
    fn key(&self, header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        VERIFYING[self.0.load(Relaxed)].key(header)
    }
}

impl Uncached {
    fn new(input: &Input, clock: &FixedClock, keys: &Current) -> Self {
        let change = |verifier: Verifier| {
            let verifier = verifier
                .clock(clock.clone())
                .leeway(seconds(input.leeway / 16));
            match input.max_age {
                Some(max_age) => verifier.max_age(seconds(max_age)),
                None => verifier,
            }
        };
        let plain = || change(Verifier::new().typ("at+jwt").typ("JWT").audience("a"));
        let access = access_token::Verifier::new("i", "a").map_verifier(change);
        match input.profile {
            Profile::Plain => Self::Plain(plain()),
            Profile::Access => Self::Access(access),
            Profile::Bound => Self::Bound(access),
            Profile::Id => {
                let verifier = id_token::Verifier::new("i", "a").map_verifier(change);
                Self::Id(match input.auth_max_age {
                    Some(max_age) => verifier.max_age(seconds(max_age)),
                    None => verifier,
                })
            }
            Profile::Issuers => {
                let issuers = Issuers::new().trust("i", plain(), keys.clone());
                let shorter = plain().max_age(seconds(20));
                Self::Issuers(issuers.trust("j", shorter, keys.clone()))
            }
        }
    }

    fn cached(self, capacity: usize) -> Cached {
        match self {
            Self::Plain(verifier) => Tested::Plain(verifier.cached(capacity)),
            Self::Access(verifier) => Tested::Access(verifier.cached(capacity)),
            Self::Bound(verifier) => Tested::Bound(verifier.cached(capacity)),
            Self::Id(verifier) => Tested::Id(verifier.cached(capacity)),
            Self::Issuers(verifier) => Tested::Issuers(verifier.cached(capacity)),
        }
    }
}

/// Verifies with either. The last argument is the number of the request.
macro_rules! verify {
    ($verifier:expr, $token:expr, $keys:expr, $request:expr) => {{
        let is_proven = |cnf: &Map<String, Value>| cnf["k"] == $request.to_string();
        // For 0, the request had no nonce.
        let nonce = ($request > 0).then(|| $request.to_string());
        match $verifier {
            Tested::Plain(verifier) => verifier.verify($token, $keys),
            Tested::Access(verifier) => verifier.verify($token, $keys),
            Tested::Bound(verifier) => verifier.verify_bound($token, $keys, is_proven),
            Tested::Id(verifier) => verifier.verify($token, $keys, nonce.as_deref()),
            Tested::Issuers(verifier) => verifier.verify($token),
        }
    }};
}

fuzz_target!(|input: Input| {
    let capacity = usize::from(input.capacity % 5);
    let clock = FixedClock::at(NumericDate::from_seconds(NOW));
    let current = Current::default();
    let plain = Uncached::new(&input, &clock, &current);
    let cached = Uncached::new(&input, &clock, &current).cached(capacity);
    let (mut tokens, mut request) = (Vec::<String>::new(), 0);
    assert_eq!(live(), 0);
    for step in input.steps.iter().take(64) {
        match step {
            Step::Make(made) => tokens.push(made.token()),
            Step::Again(index) if !tokens.is_empty() => {
                let token = tokens.remove(usize::from(*index) % tokens.len());
                tokens.push(token);
            }
            Step::Graft(one, other) if !tokens.is_empty() => {
                let at = |index: &u8| &tokens[usize::from(*index) % tokens.len()];
                let (input, _) = at(one).rsplit_once('.').expect("three segments");
                let (_, signature) = at(other).rsplit_once('.').expect("three segments");
                tokens.push(format!("{input}.{signature}"));
            }
            Step::Again(_) | Step::Graft(..) => continue,
            Step::Advance(by) => {
                clock.advance(seconds(by / 4));
            }
            Step::SetBack(by) => {
                clock.set(clock.now().saturating_sub(seconds(by / 4)));
            }
            Step::Keys(index) => current
                .0
                .store(usize::from(*index) % VERIFYING.len(), Relaxed),
            Step::Request(number) => request = number % 3,
        }
        let Some(token) = tokens.last() else { continue };
        let keys = &*VERIFYING[current.0.load(Relaxed)];
        let before = live();
        let expected: Result<Token<Counted>, VerifyError> = verify!(&plain, token, keys, request);
        let found: Found = verify!(&cached, token, keys, request);
        match (&expected, &found) {
            (Ok(expected), Ok(found)) => {
                assert_eq!(found.claims(), expected.claims());
                assert_eq!(found.header(), expected.header());
            }
            (expected, found) => assert_eq!(found.as_ref().err(), expected.as_ref().err()),
        }
        if let Ok(found) = &found
            && capacity > 0
            && token.len() <= MAX_SIZE
        {
            let again: Found = verify!(&cached, token, keys, request);
            let again = again.expect("the same result");
            assert!(Arc::ptr_eq(found, &again), "not found in the cache");
        }
        let is_valid = found.is_ok();
        drop((expected, found));
        assert!(live() <= capacity, "{} tokens of {capacity}", live());
        assert!(
            is_valid || live() <= before,
            "a token that is invalid is kept"
        );
    }
    drop(cached);
    assert_eq!(live(), 0);
});
