//! This library and other implementations with the same tokens and checks, run alternately.
//!
//! Keys are prepared. Issuer, audience and expiry are checked by the implementation if it can, otherwise
//! by the caller. Arguments select tables by name, for instance `jwks`.

mod claims;
mod floor;
mod jwks;
mod keys;
mod peer;
mod peers;
mod tokens;

use std::fmt;

use claims::{Large, Payload, Usual};
use floor::Floor;
use jwt_ring_benches::{Job, compare, job};
use peer::Peer;
use tokens::Tokens;

/// The algorithms that are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Algorithm {
    HS256,
    ES256,
    RS256,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

fn main() {
    let tables: [(&str, fn()); 5] = [
        ("jwks", jwks::run),
        ("hs256", || all::<Usual>(Algorithm::HS256)),
        ("large", || all::<Large>(Algorithm::HS256)),
        ("es256", || all::<Usual>(Algorithm::ES256)),
        ("rs256", || all::<Usual>(Algorithm::RS256)),
    ];
    let names: Vec<String> = std::env::args().skip(1).collect();
    for (name, run) in tables {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            run();
        }
    }
}

/// Compares all jobs of an algorithm.
fn all<P: Payload>(algorithm: Algorithm) {
    let peers = &peers::all::<P>(algorithm);
    let tokens = &Tokens::new::<P>(algorithm);
    peers.iter().for_each(|peer| peer.check(tokens));

    let floor = Floor::new(algorithm, &tokens.valid);
    let size = tokens.size();
    let run = |title: &str, floor, jobs: Vec<Job<'_>>| {
        let jobs = [job("ring", floor)].into_iter().chain(jobs);
        compare(&format!("{algorithm} {title}, {size}"), jobs.collect());
    };
    let first = |token| peers.iter().map(|peer| peer.first(token)).collect();
    let ways = peers.iter().flat_map(|peer| peer.ways(&tokens.valid));
    run("verify", &floor.verify, ways.collect());
    run(
        "reject an expired token",
        &floor.verify,
        first(&tokens.expired),
    );
    run(
        "reject an invalid signature",
        &floor.verify,
        first(&tokens.forged),
    );
    let among_ten = peers
        .iter()
        .filter_map(|peer| peer.among_ten(&tokens.valid));
    if algorithm == Algorithm::HS256 {
        run(
            "verify, by `kid` among 10 keys",
            &floor.verify,
            among_ten.collect(),
        );
    }
    run(
        "sign",
        &floor.sign,
        peers.iter().map(Peer::signing).collect(),
    );
}
