//! Cached tokens of several issuers: the result of a hit is that of the verifier without a cache.

use std::collections::BTreeSet;
use std::sync::RwLock;

use jwt_ring::{FixedClock, NumericDate};

use super::*;

/// Keys that change.
#[derive(Clone)]
struct Changing(Arc<RwLock<VerifyingKey>>);

impl Changing {
    fn new(by: u8) -> Self {
        Self(Arc::new(RwLock::new(key(by).verifying_key())))
    }

    fn set(&self, by: u8) {
        *self.0.write().unwrap() = key(by).verifying_key();
    }
}

impl Keys for Changing {
    fn key(&self, _header: &Header) -> Result<Cow<'_, VerifyingKey>, KeyLookupError> {
        Ok(Cow::Owned(self.0.read().unwrap().clone()))
    }
}

fn at(seconds: i64) -> NumericDate {
    NumericDate::from_seconds(NOW + seconds)
}

fn sign(by: u8, payload: &Value) -> String {
    forge(&key(by), HEADER, payload.to_string())
}

/// Tokens of all kinds while keys and clocks change, plain and cached, with the cache cold and warm.
#[test]
fn a_cached_token_has_the_result_of_the_plain_issuers() {
    let clocks = [clock(), clock()];
    let keys = [Changing::new(1), Changing::new(2)];
    let with_clock = |clock: &FixedClock| Verifier::new().clock(clock.clone());
    let plain = Issuers::new()
        .trust(A, with_clock(&clocks[0]), keys[0].clone())
        .trust(
            B,
            with_clock(&clocks[1]).leeway(Duration::from_secs(5)),
            keys[1].clone(),
        );
    let cached = plain.clone().cached::<Claims>(100);
    let tokens = [
        sign(1, &json!({ "iss": A, "exp": NOW + 10 })),
        sign(2, &json!({ "iss": B, "exp": NOW + 10 })),
        sign(3, &json!({ "iss": A, "exp": NOW + 10 })),
        sign(1, &json!({ "iss": B, "exp": NOW + 10 })),
        sign(2, &json!({ "iss": A, "exp": NOW + 10 })),
        sign(1, &json!({ "iss": "https://c.example", "exp": NOW + 10 })),
        sign(1, &json!({ "iss": A, "exp": NOW + 10, "nbf": NOW + 2 })),
        sign(2, &json!({ "iss": B, "exp": NOW + 10, "nbf": NOW + 7 })),
        sign(1, &json!({ "exp": NOW + 10 })),
        sign(1, &json!({ "iss": 7, "exp": NOW + 10 })),
        format!("{}=", token(A, 1)),
    ];
    let mut results = BTreeSet::new();
    for (by, seconds) in [
        ([1, 2], [0, 0]),
        ([1, 2], [0, 0]),
        ([1, 2], [10, 10]),
        ([1, 2], [9, 14]),
        ([1, 2], [0, 15]),
        ([3, 2], [0, 0]),
        ([1, 1], [3, 3]),
        ([2, 1], [3, 3]),
        ([1, 2], [-10, 3]),
        ([1, 2], [3, 3]),
    ] {
        for ((keys, clock), (by, seconds)) in
            keys.iter().zip(&clocks).zip(by.into_iter().zip(seconds))
        {
            keys.set(by);
            clock.set(at(seconds));
        }
        for (n, token) in tokens.iter().enumerate().chain(tokens.iter().enumerate()) {
            match (plain.verify::<Claims>(token), cached.verify(token)) {
                (Ok(expected), Ok(found)) => {
                    assert_eq!(expected.claims(), found.claims());
                    results.insert("valid".to_owned());
                }
                (expected, found) => {
                    let expected = error(expected);
                    assert_eq!(error(found), expected, "{n} by {by:?} at {seconds:?}");
                    results.insert(expected.split([' ', '(']).next().unwrap().to_owned());
                }
            }
        }
    }
    let results: Vec<_> = results.iter().map(String::as_str).collect();
    let all = [
        "Expired",
        "InvalidSignature",
        "MalformedSignature",
        "Missing",
        "NotYetValid",
        "UnknownIssuer",
        "WrongType",
        "valid",
    ];
    assert_eq!(results, all);
}

#[test]
fn a_token_of_each_issuer_is_cached() {
    let cached = issuers().cached::<Claims>(100);
    for (issuer, by) in [(A, 1), (B, 2)] {
        let verify = || cached.verify(&token(issuer, by)).expect("a valid token");
        // The same one in memory.
        assert!(Arc::ptr_eq(&verify(), &verify()), "{issuer}");
    }
    assert_eq!(
        error(cached.verify(&token(A, 2))),
        errors::invalid_signature()
    );
    assert!(format!("{cached:?}").contains(A));
}

/// A hit looks the key up in the keys of its own issuer, also if others have that key.
#[test]
fn a_hit_counts_only_for_the_keys_of_its_issuer() {
    let keys = [Changing::new(1), Changing::new(2)];
    let cached = Issuers::new()
        .trust(A, verifier(), keys[0].clone())
        .trust(B, verifier(), keys[1].clone())
        .cached::<Claims>(100);
    let tokens = [token(A, 1), token(B, 2)];
    for token in &tokens {
        cached.verify(token).expect("a valid token");
    }
    keys[0].set(2);
    keys[1].set(1);
    for token in &tokens {
        assert_eq!(error(cached.verify(token)), errors::invalid_signature());
    }
    keys[0].set(1);
    cached.verify(&tokens[0]).expect("a valid token");
    assert_eq!(
        error(cached.verify(&tokens[1])),
        errors::invalid_signature()
    );
}

/// The times of a hit are checked by the verifier of its issuer, with its leeway and clock.
#[test]
fn a_hit_expires_by_the_clock_and_the_leeway_of_its_issuer() {
    let clocks = [clock(), clock()];
    let cached = Issuers::new()
        .trust(
            A,
            Verifier::new().clock(clocks[0].clone()),
            key(1).verifying_key(),
        )
        .trust(
            B,
            Verifier::new()
                .clock(clocks[1].clone())
                .leeway(Duration::from_secs(30)),
            key(2).verifying_key(),
        )
        .cached::<Claims>(100);
    let [a, b] = [token(A, 1), token(B, 2)];
    cached.verify(&a).expect("a valid token");
    cached.verify(&b).expect("a valid token");
    clocks[0].set(at(60));
    assert_eq!(
        error(cached.verify(&a)),
        errors::expired(NOW + 60, NOW + 60)
    );
    cached.verify(&b).expect("its clock stands");
    clocks[1].set(at(89));
    cached.verify(&b).expect("its leeway is 30 seconds");
    clocks[1].set(at(90));
    assert_eq!(
        error(cached.verify(&b)),
        errors::expired(NOW + 60, NOW + 90)
    );
    clocks[0].set(at(59));
    cached.verify(&a).expect("a valid token");
}

#[test]
fn a_hit_looks_up_one_key() {
    let keys = [Counted::new(&key(1)), Counted::new(&key(2))];
    let issuers =
        Issuers::new()
            .trust(A, verifier(), keys[0].clone())
            .trust(B, verifier(), keys[1].clone());
    let cached = issuers.clone().cached::<Claims>(1);
    for lookups in 1..5 {
        cached.verify(&token(B, 2)).expect("a valid token");
        assert_eq!(keys.each_ref().map(Counted::lookups), [0, lookups]);
    }
    let uncached = issuers.cached::<Claims>(0);
    let verify = || uncached.verify(&token(A, 1)).expect("a valid token");
    assert!(!Arc::ptr_eq(&verify(), &verify()));
}
