//! Two threads that share a verifier.

use std::hint::black_box;
use std::thread;
use std::time::Instant;

use jwt_ring::{Algorithm, Claims, SystemClock};
use jwt_ring_benches::median;
use ring::hmac;

use crate::claims::{Access, usual};
use crate::{SECRET, pair, verifier};

/// Measures the throughput of two threads that share a verifier, relative to one thread. The ideal
/// is 2. The job without shared data shows the limit of the machine.
pub(crate) fn threads() {
    let (signer, public) = pair(Algorithm::HS256);
    let token = |n| signer.sign(&usual(&SystemClock).subject(format!("user-{n}")));
    let tokens: Vec<String> = (0..64).map(|n| token(n).expect("a token")).collect();
    let verifier = verifier();
    let caching = verifier.clone().cached::<Claims<Access>>(1_000);
    let plain = |token: &str| {
        drop(
            verifier
                .verify::<Claims<Access>>(token, &public)
                .expect("valid"),
        );
    };
    let cached = |token: &str| drop(caching.verify(token, &public).expect("valid"));
    let floor = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    let bare = |token: &str| {
        black_box(hmac::sign(&floor, token.as_bytes()));
    };
    let payload = serde_json::to_string(&usual(&SystemClock)).expect("JSON");
    let unshared = |token: &str| {
        bare(token);
        drop(serde_json::from_str::<serde_json::Value>(&payload).expect("JSON"));
    };
    type Job<'a> = (&'a str, usize, &'a (dyn Fn(&str) + Sync), Vec<f64>);
    let mut jobs: [Job<'_>; 4] = [
        ("ring", 600, &bare, Vec::new()),
        (
            "ring and serde_json, nothing shared",
            300,
            &unshared,
            Vec::new(),
        ),
        ("into `Claims<App>`", 300, &plain, Vec::new()),
        ("cached", 3_000, &cached, Vec::new()),
    ];
    for _ in 0..31 {
        for (_, rounds, run, ratios) in &mut jobs {
            // Measured in the thread itself, in seconds. The threads begin at different tokens.
            let work = |offset: usize| {
                let sequence = tokens.iter().cycle().skip(offset);
                let sequence = sequence.take(*rounds * tokens.len());
                let start = Instant::now();
                sequence.for_each(|token| run(token));
                start.elapsed().as_secs_f64()
            };
            ratios.push(thread::scope(|scope| {
                let one = scope.spawn(|| work(0)).join().expect("no panic");
                let two = [0, 31].map(|offset| scope.spawn(move || work(offset)));
                two.map(|thread| one / thread.join().expect("no panic"))
                    .iter()
                    .sum()
            }));
        }
    }
    println!("two threads, relative to one");
    for (name, _, _, ratios) in &mut jobs {
        println!("  {name:48} {:>24.3}", median(ratios));
    }
}
