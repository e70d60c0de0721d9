//! Dates in words.

use jwt_ring::NumericDate;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const YEAR: u64 = 365 * DAY;

/// Writes a date as RFC 3339 does, in UTC, or as seconds where the calendar ends.
pub(crate) fn rfc3339(date: NumericDate) -> String {
    let Some(utc) = date.to_utc() else {
        return date.to_string();
    };
    let (hour, minute, second) = utc.to_hms();
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", utc.date())
}

/// Returns how far a date is from now: "in 5 minutes", "2 hours ago". Rounded down.
pub(crate) fn distance(at: NumericDate, now: NumericDate) -> String {
    let seconds = at.seconds().saturating_sub(now.seconds());
    let amount = amount(seconds.unsigned_abs());
    match seconds {
        0 => "now".into(),
        1.. => format!("in {amount}"),
        _ => format!("{amount} ago"),
    }
}

fn amount(seconds: u64) -> String {
    let units = [
        (YEAR, "years"),
        (DAY, "days"),
        (HOUR, "hours"),
        (MINUTE, "minutes"),
    ];
    // From two on, because "1 day" may be nearly two.
    let unit = units.into_iter().find(|(unit, _)| seconds / unit >= 2);
    match unit {
        Some((unit, name)) => format!("{} {name}", seconds / unit),
        None if seconds == 1 => "1 second".into(),
        None => format!("{seconds} seconds"),
    }
}
