//! Dates as exact fractions, and their arithmetic in 128 bits.

use std::time::Duration;

use num_bigint::BigInt;
use num_rational::BigRational;

/// Whole seconds, rounded down, and nanoseconds.
pub(crate) type Date = (i64, u32);

/// Reads a JSON number as a date, rounded down to the nanosecond.
pub(crate) fn parse(json: &str) -> Option<Date> {
    let (mantissa, exponent) = json.split_once(['e', 'E']).unwrap_or((json, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    // Beyond this limit the number is out of range, or zero to the nanosecond.
    let limit = BigInt::from(json.len() + 100);
    let exponent: BigInt = exponent.trim_start_matches('+').parse().ok()?;
    let exponent = i32::try_from(exponent.clamp(-&limit, limit)).ok()?;
    let digits_after_point = i32::try_from(fraction.len()).ok()?;
    let ten = BigRational::from(BigInt::from(10));
    let number = BigRational::from(digits) * ten.pow(exponent - digits_after_point);
    let seconds = number.floor();
    let nanoseconds = ((number - &seconds) * ten.pow(9)).floor();
    Some((
        seconds.to_integer().try_into().ok()?,
        nanoseconds.to_integer().try_into().ok()?,
    ))
}

pub(super) fn nanoseconds((seconds, nanoseconds): Date) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
}

pub(super) fn duration(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).expect("u64 seconds fit")
}

pub(super) fn clamp(date: i128) -> i128 {
    date.clamp(
        nanoseconds((i64::MIN, 0)),
        nanoseconds((i64::MAX, 999_999_999)),
    )
}
