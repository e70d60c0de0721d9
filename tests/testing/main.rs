//! The test kit: against the verifiers of this library, and against one with a check off.

mod changes;
#[cfg(feature = "oauth")]
mod library;
mod mutants;
mod naive;
mod plain;
mod texts;

use std::panic::{AssertUnwindSafe, catch_unwind};

use jwt_ring::testing::{Issuer, Profile};
use jwt_ring::{FixedClock, NumericDate};

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "https://api.example";
const PROFILES: [Profile; 3] = [Profile::Plain, Profile::AccessToken, Profile::Dpop];
const NOW: i64 = 1_796_000_000;

fn clock() -> FixedClock {
    FixedClock::at(NumericDate::from_seconds(NOW))
}

fn issuer() -> Issuer {
    Issuer::new(clock(), ISSUER, AUDIENCE)
}

/// Returns the message of a panic.
fn message_of(assertion: impl FnOnce()) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(assertion)).err()?;
    Some(match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a message")).to_owned(),
    })
}
