//! Testing code that depends on time, with a clock that the test sets.
//!
//! ```sh
//! cargo run --example fixed_clock
//! ```

use std::error::Error;
use std::time::Duration;

use jwt_ring::{
    Algorithm, Claims, Clock, FixedClock, Signer, SigningKey, Token, Verifier, VerifyError,
};
use time::macros::datetime;

fn main() -> Result<(), Box<dyn Error>> {
    let key = SigningKey::generate(Algorithm::HS256)?;
    let keys = key.verifying_key();
    let signer = Signer::new(key);

    // Clones share the time: the test advances its clone, the code under test reads another.
    let clock = FixedClock::at(datetime!(2026-11-23 12:00 UTC));
    let verifier = Verifier::new()
        .max_age(Duration::from_secs(3600))
        .leeway(Duration::from_secs(60))
        .clock(clock.clone());

    // Valid from 12:05 for the rest of its 15 minutes.
    let claims =
        Claims::new(&clock, Duration::from_secs(900)).not_before(datetime!(2026-11-23 12:05 UTC));
    let jwt = signer.sign(&claims)?;
    println!("a token from 12:00 to 12:15, not before 12:05, with a minute of leeway:");

    for (wait, what) in [
        (0, "just signed"),
        (239, "a second before nbf less the leeway"),
        (1, "nbf less the leeway"),
        (719, "a second before exp and the leeway"),
        (1, "exp and the leeway"),
    ] {
        clock.advance(Duration::from_secs(wait));
        report(&clock, what, verifier.verify(&jwt, &keys));
    }

    // An hour's token is too old for this verifier before it expires.
    let jwt = signer.sign(&Claims::new(&clock, Duration::from_secs(36_000)))?;
    clock.advance(Duration::from_secs(3661));
    report(
        &clock,
        "older than an hour and the leeway",
        verifier.verify(&jwt, &keys),
    );
    Ok(())
}

fn report(clock: &FixedClock, what: &str, outcome: Result<Token, VerifyError>) {
    let result = match outcome {
        Ok(_) => "accepted".into(),
        Err(error) => format!("rejected: {error}"),
    };
    println!("  {}  {what}: {result}", clock.now());
}
