//! Any number as a date, against exact fractions; and the arithmetic of dates against that of
//! 128-bit integers.

#![no_main]

#[path = "../../tests/reference/mod.rs"]
mod reference;

use jwt_ring::{Claims, NumericDate, Verifier};
use jwt_ring_fuzz::{PUBLIC, forge};
use libfuzzer_sys::fuzz_target;
use std::time::Duration;

fuzz_target!(|input: (&str, u64, u32)| {
    let (text, seconds, nanoseconds) = input;
    // Exact fractions of thousands of digits take longer than they teach.
    if text.len() > 300 || serde_json::from_str::<serde_json::Value>(text).is_err() {
        return;
    }
    let token = forge(r#"{"alg":"HS256"}"#, format!(r#"{{"iat":{text}}}"#));
    let verifier = Verifier::new().allow_missing_expiry();
    let read = verifier.verify::<()>(&token, &PUBLIC[0]).map(|token| {
        let date = token.claims().issued_at.expect("it was there");
        (date.seconds(), date.nanoseconds())
    });
    assert_eq!(read.ok(), reference::date(text.trim_ascii()), "{text}");
    if let Some(date) = reference::date(text.trim_ascii()) {
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

/// Whole seconds come back as they are; a fraction as near as `f64` gets.
fn check_written(date: (i64, u32)) {
    let claims = Claims::new(&jwt_ring::SystemClock, Duration::ZERO).not_before(make(date));
    let json = serde_json::to_value(&claims).expect("JSON");
    let written = json["nbf"].to_string();
    match reference::date(&written) {
        Some(again) if date.1 == 0 => assert_eq!(again, date),
        Some((seconds, _)) => assert!(seconds.abs_diff(date.0) <= 1024, "{written}"),
        // The f64 nearest to the end of the range is beyond it.
        None => assert!(date.0.unsigned_abs() > 1 << 62, "{written}"),
    }
}
