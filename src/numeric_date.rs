//! NumericDate (RFC 7519 §2): seconds since 1970, of any sign, with fractions.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Deserialize, Deserializer, Unexpected, Visitor};
use serde::ser::{Serialize, Serializer};
use time::OffsetDateTime;

const NANOS_PER_SECOND: u32 = 1_000_000_000;
/// The digits that a nanosecond has after the point.
const FRACTION_DIGITS: i64 = 9;

/// A point in time: seconds since 1970-01-01T00:00:00Z, leap seconds ignored (RFC 7519 §2).
///
/// Verifiers read any JSON number exactly and to the nanosecond, rounded down: integers, fractions,
/// exponents, negative numbers. A number of seconds outside the range of `i64` is not a date.
/// Arithmetic saturates.
///
/// Serialization writes whole seconds, rounded down. Deserialization reads integers exactly, and a
/// fraction as `f64`, which is exact to two microseconds.
///
/// ```
/// use jwt_ring::NumericDate;
/// use time::macros::datetime;
///
/// let date = NumericDate::from(datetime!(2026-11-23 12:00 UTC));
/// assert_eq!(date, NumericDate::from_seconds(1_795_435_200));
/// assert_eq!(serde_json::to_string(&date)?, "1795435200");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumericDate {
    /// Rounded down, so that the fraction is never negative.
    seconds: i64,
    nanoseconds: u32,
}

impl NumericDate {
    const MIN: Self = Self {
        seconds: i64::MIN,
        nanoseconds: 0,
    };
    const MAX: Self = Self {
        seconds: i64::MAX,
        nanoseconds: NANOS_PER_SECOND - 1,
    };

    /// Makes a date from whole seconds since 1970.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self {
            seconds,
            nanoseconds: 0,
        }
    }

    /// Returns the whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Returns the nanoseconds since the last whole second.
    #[must_use]
    pub const fn nanoseconds(self) -> u32 {
        self.nanoseconds
    }

    /// Returns the date and time in UTC, or `None` outside of the years -9999 to 9999.
    #[must_use]
    pub fn to_utc(self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.seconds)
            .ok()?
            .replace_nanosecond(self.nanoseconds)
            .ok()
    }

    /// Adds a duration, and stops at the end of the range.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let nanoseconds = self.nanoseconds + duration.subsec_nanos();
        let carry = u64::from(nanoseconds >= NANOS_PER_SECOND);
        // A sum of two u64 may overflow where the date would not, so the carry goes in alone.
        self.seconds
            .checked_add_unsigned(duration.as_secs())
            .and_then(|seconds| seconds.checked_add_unsigned(carry))
            .map_or(Self::MAX, |seconds| Self {
                seconds,
                nanoseconds: nanoseconds % NANOS_PER_SECOND,
            })
    }

    /// Subtracts a duration, and stops at the start of the range.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        let borrow = u64::from(self.nanoseconds < duration.subsec_nanos());
        let nanoseconds = self.nanoseconds + NANOS_PER_SECOND - duration.subsec_nanos();
        self.seconds
            .checked_sub_unsigned(duration.as_secs())
            .and_then(|seconds| seconds.checked_sub_unsigned(borrow))
            .map_or(Self::MIN, |seconds| Self {
                seconds,
                nanoseconds: nanoseconds % NANOS_PER_SECOND,
            })
    }

    /// Reads a JSON number exactly. `None` for a value that is no number, or no date.
    pub(crate) fn from_json(text: &str) -> Option<Self> {
        let (negative, magnitude) = match text.strip_prefix('-') {
            Some(magnitude) => (true, magnitude),
            None => (false, text),
        };
        if !magnitude.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (mantissa, exponent) = match magnitude.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, saturating_integer(exponent)),
            None => (magnitude, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let point = i64::try_from(whole.len()).ok()?.saturating_add(exponent);
        Self::from_digits(negative, whole, fraction, point)
    }

    /// The digits of `whole` and `fraction` in a row are the number, with the decimal point after
    /// the first `point` of them.
    fn from_digits(negative: bool, whole: &str, fraction: &str, point: i64) -> Option<Self> {
        let mut digits = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0');
        // What the number is in nanoseconds: the digits up to `end`, then zeros up to `end`.
        let end = point.saturating_add(FRACTION_DIGITS);
        let mut nanoseconds: i128 = 0;
        let mut position = 0;
        while position < end {
            let Some(digit) = digits.next() else {
                nanoseconds = times_power_of_ten(nanoseconds, end - position)?;
                break;
            };
            nanoseconds = nanoseconds
                .checked_mul(10)?
                .checked_add(i128::from(digit))?;
            position += 1;
        }
        if negative {
            let inexact = digits.any(|digit| digit != 0);
            nanoseconds = -nanoseconds - i128::from(inexact);
        }
        Self::from_nanoseconds(nanoseconds)
    }

    fn from_nanoseconds(nanoseconds: i128) -> Option<Self> {
        let second = i128::from(NANOS_PER_SECOND);
        Some(Self {
            seconds: nanoseconds.div_euclid(second).try_into().ok()?,
            nanoseconds: nanoseconds.rem_euclid(second).try_into().ok()?,
        })
    }
}

/// Reads an exponent, which may have any number of digits.
fn saturating_integer(text: &str) -> i64 {
    match text.strip_prefix('-') {
        Some(digits) => digits.parse().map_or(i64::MIN, |value: i64| -value),
        None => text.parse().unwrap_or(i64::MAX),
    }
}

fn times_power_of_ten(value: i128, power: i64) -> Option<i128> {
    if value == 0 {
        return Some(0);
    }
    value.checked_mul(10_i128.checked_pow(power.try_into().ok()?)?)
}

impl fmt::Display for NumericDate {
    /// Writes the date and time in UTC, or the bare seconds where the calendar ends.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_utc() {
            Some(utc) => {
                let (hour, minute, second) = utc.to_hms();
                write!(f, "{} {hour:02}:{minute:02}:{second:02}", utc.date())?;
                if self.nanoseconds != 0 {
                    write!(f, ".{:09}", self.nanoseconds)?;
                }
                f.write_str(" UTC")
            }
            None => write!(f, "{} seconds since 1970", self.seconds),
        }
    }
}

impl From<OffsetDateTime> for NumericDate {
    fn from(date: OffsetDateTime) -> Self {
        Self {
            seconds: date.unix_timestamp(),
            nanoseconds: date.nanosecond(),
        }
    }
}

impl From<SystemTime> for NumericDate {
    fn from(date: SystemTime) -> Self {
        let epoch = Self::from_seconds(0);
        match date.duration_since(UNIX_EPOCH) {
            Ok(since) => epoch.saturating_add(since),
            Err(before) => epoch.saturating_sub(before.duration()),
        }
    }
}

impl Serialize for NumericDate {
    /// Writes whole seconds, rounded down, which every implementation reads.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.seconds)
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Any number: for serde_json the hints for numbers are the same, and with
        // `deserialize_any` its feature `arbitrary_precision` would hand over a map.
        deserializer.deserialize_f64(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = NumericDate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds since 1970")
    }

    fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<NumericDate, E> {
        Ok(NumericDate::from_seconds(seconds))
    }

    fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<NumericDate, E> {
        i64::try_from(seconds)
            .map(NumericDate::from_seconds)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(seconds), &self))
    }

    fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<NumericDate, E> {
        // What the ends of the range are rounded to; the shortest decimals lie outside.
        const END: f64 = 9_223_372_036_854_775_808.0;
        if seconds.abs() == END {
            return Ok(if seconds.is_sign_positive() {
                NumericDate::MAX
            } else {
                NumericDate::MIN
            });
        }
        // The shortest decimal that names this f64 is most likely the one that was written.
        NumericDate::from_json(&format!("{seconds:e}"))
            .ok_or_else(|| E::invalid_value(Unexpected::Float(seconds), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(seconds: i64, nanoseconds: u32) -> Option<NumericDate> {
        Some(NumericDate {
            seconds,
            nanoseconds,
        })
    }

    #[test]
    fn json_numbers_are_read_exactly() {
        let cases = [
            ("0", date(0, 0)),
            ("-0", date(0, 0)),
            ("-0.0e5", date(0, 0)),
            ("1300819380", date(1_300_819_380, 0)),
            ("1300819380.0", date(1_300_819_380, 0)),
            ("1.30081938e9", date(1_300_819_380, 0)),
            ("1.30081938E+9", date(1_300_819_380, 0)),
            ("13008193800e-1", date(1_300_819_380, 0)),
            ("1.123456789", date(1, 123_456_789)),
            ("1.9999999999", date(1, 999_999_999)),
            ("1.0000000000", date(1, 0)),
            ("12e-1", date(1, 200_000_000)),
            ("1e-9", date(0, 1)),
            ("1e-10", date(0, 0)),
            ("1e-999999999999999999999", date(0, 0)),
            ("-1", date(-1, 0)),
            ("-0.5", date(-1, 500_000_000)),
            ("-1.5", date(-2, 500_000_000)),
            ("-1e-10", date(-1, 999_999_999)),
            ("-1.0000000000", date(-1, 0)),
            ("0e999999999999999999999", date(0, 0)),
            ("9223372036854775807", date(i64::MAX, 0)),
            ("9223372036854775807.5", date(i64::MAX, 500_000_000)),
            ("9223372036854775807.999999999", Some(NumericDate::MAX)),
            ("9223372036854775808", None),
            ("-9223372036854775808", date(i64::MIN, 0)),
            ("-9223372036854775808.1", None),
            ("-9223372036854775809", None),
            ("1e300", None),
            ("-1e300", None),
            ("1e400", None),
            ("1e999999999999999999999", None),
            ("99999999999999999999999999999999999999999999999999", None),
            ("null", None),
            ("true", None),
            ("\"1\"", None),
            ("[1]", None),
            ("{}", None),
        ];
        for (text, expected) in cases {
            assert_eq!(NumericDate::from_json(text), expected, "{text}");
        }
    }

    #[test]
    fn leading_zeros_of_a_mantissa_do_not_count() {
        let zeros = format!("0.{}1e60", "0".repeat(50));
        assert_eq!(NumericDate::from_json(&zeros), date(1_000_000_000, 0));
    }

    #[test]
    fn the_ends_of_the_range_are_read_from_floats() {
        for (text, expected) in [
            ("9223372036854775807.5", NumericDate::MAX),
            ("-9223372036854775808.0", NumericDate::MIN),
        ] {
            let date: NumericDate = serde_json::from_str(text).expect(text);
            assert_eq!(date, expected, "{text}");
        }
    }

    #[test]
    fn dates_are_written_in_utc_as_far_as_the_calendar_reaches() {
        for (json, text) in [
            ("0", "1970-01-01 00:00:00 UTC"),
            ("1795435205", "2026-11-23 12:00:05 UTC"),
            ("-0.000000001", "1969-12-31 23:59:59.999999999 UTC"),
            (
                "9223372036854775807",
                "9223372036854775807 seconds since 1970",
            ),
        ] {
            let date = NumericDate::from_json(json).expect(json);
            assert_eq!(date.to_string(), text);
        }
    }
}
