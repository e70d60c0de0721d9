//! Any two URIs: a proof for one is accepted for the other only if they are the same resource, as the
//! crate `url` reads them.

#![no_main]

use jwt_ring::oauth::dpop::{ProofVerifier, Prover, Request};
use jwt_ring::{Algorithm, FixedClock, NumericDate, SigningKey, Unverified};
use libfuzzer_sys::{arbitrary, fuzz_target};
use serde::Deserialize;
use std::sync::LazyLock;
use url::Url;

#[derive(arbitrary::Arbitrary, Debug)]
struct Input<'a> {
    uri: &'a str,
    other: &'a str,
}

#[derive(Deserialize)]
struct Claims {
    htu: String,
}

fn clock() -> FixedClock {
    FixedClock::at(NumericDate::from_seconds(1_000))
}

static PROVER: LazyLock<Prover> = LazyLock::new(|| {
    let key = SigningKey::generate(Algorithm::EdDSA).expect("a key");
    Prover::new(key).expect("a prover").clock(clock())
});

fn htu(uri: &str) -> Option<(String, String)> {
    let proof = PROVER.proof("GET", uri, None, None).ok()?;
    let unverified = Unverified::parse(&proof).expect("a token");
    let claims: Claims = unverified.claims().expect("claims");
    Some((claims.htu, proof))
}

fuzz_target!(|input: Input<'_>| {
    let Some((normal, proof)) = htu(input.uri) else {
        return;
    };
    let (again, _) = htu(&normal).expect("a URI");
    assert_eq!(again, normal);
    assert!(normal.is_ascii() && !normal.contains(['?', '#', '\\', '"', ' ']));
    let path = normal.splitn(4, '/').nth(3).expect("a path");
    assert!(
        path.split('/')
            .all(|segment| !matches!(segment, "." | ".."))
    );

    let proofs = ProofVerifier::new().clock(clock());
    let accepts = |uri: &str| {
        proofs
            .verify(&Request::new("GET", uri).dpop([&proof]))
            .is_ok()
    };
    assert!(accepts(input.uri) && accepts(&normal));
    let other = htu(input.other).map(|(other, _)| other);
    assert_eq!(accepts(input.other), other.as_ref() == Some(&normal));

    // What a client connects to, for the names that both read as they stand.
    if let (Ok(url), Ok(normal_url)) = (Url::parse(input.uri), Url::parse(&normal))
        && !normal.contains('%')
    {
        assert_eq!(url.origin(), normal_url.origin());
        assert_eq!(url.username(), "");
        assert_eq!(url.password(), None);
    }
});
