//! Any number as a date, against exact fractions; and the arithmetic of dates against that of
//! 128-bit integers.

#![no_main]

#[path = "../../tests/reference/mod.rs"]
mod reference;

use jwt_ring::{Claim, Claims, FixedClock, NumericDate, Verifier, VerifyError};
use jwt_ring_fuzz::{PUBLIC, forge};
use libfuzzer_sys::fuzz_target;
use reference::json::Json;
use std::time::Duration;

fuzz_target!(|input: (&str, u64, u32)| {
    let (text, seconds, nanoseconds) = input;
    // Exact fractions of thousands of digits are slow.
    if text.len() > 300 || serde_json::from_str::<serde_json::Value>(text).is_err() {
        return;
    }
    let date = match Json::parse(text) {
        Some(Json::Number(number)) => reference::date::parse(&number),
        _ => None,
    };
    let token = forge(r#"{"alg":"HS256"}"#, format!(r#"{{"exp":{text}}}"#));
    // At the last time every date is in the past, and the error has the exact date.
    let end = FixedClock::at(make((i64::MAX, 999_999_999)));
    let outcome = Verifier::new()
        .clock(end)
        .verify::<Claims>(&token, &PUBLIC[0]);
    let read = match outcome.expect_err("expired") {
        VerifyError::Expired { at, .. } => Some((at.seconds(), at.nanoseconds())),
        VerifyError::WrongType(Claim::Expiration) => None,
        error => panic!("{text}: {error}"),
    };
    assert_eq!(read, date, "{text}");
    if let Some(date) = date {
        check_arithmetic(date, Duration::new(seconds, nanoseconds % 1_000_000_000));
        check_written(date);
    }
});

fn make((seconds, nanoseconds): (i64, u32)) -> NumericDate {
    NumericDate::from_seconds(seconds).saturating_add(Duration::from_nanos(nanoseconds.into()))
}

fn exact(date: NumericDate) -> i128 {
    i128::from(date.seconds()) * 1_000_000_000 + i128::from(date.nanoseconds())
}

fn check_arithmetic(date: (i64, u32), duration: Duration) {
    let date = make(date);
    let nanoseconds = i128::try_from(duration.as_nanos()).expect("u64 seconds fit");
    let (least, greatest) = (
        exact(NumericDate::from_seconds(i64::MIN)),
        exact(make((i64::MAX, 999_999_999))),
    );
    assert_eq!(
        exact(date.saturating_add(duration)),
        (exact(date) + nanoseconds).min(greatest)
    );
    assert_eq!(
        exact(date.saturating_sub(duration)),
        (exact(date) - nanoseconds).max(least)
    );
    assert_eq!(date.cmp(&make((0, 0))), exact(date).cmp(&0));
}

/// Whole seconds are written, rounded down, and read again.
fn check_written(date: (i64, u32)) {
    let claims = Claims::new(&jwt_ring::SystemClock, Duration::ZERO).not_before(make(date));
    let json = serde_json::to_string(&claims).expect("JSON");
    let again: Claims = serde_json::from_str(&json).expect("written claims");
    assert_eq!(again.not_before, Some(make((date.0, 0))));
}
