//! `exp`, `nbf`, and what a NumericDate is.

use std::time::Duration;

use jwt_ring::{Claim, FixedClock, Verifier};
use serde::de::IgnoredAny;

use super::support::{NOW, errors, forge};
use super::{
    HEADER, MINUTE, NANO, at, check, expired, in_future, key, lenient, missing, not_yet_valid, now,
    too_old, verifier, wrong_type,
};

const ZERO: Duration = Duration::ZERO;
const MAX: Duration = Duration::MAX;

#[test]
fn a_token_is_rejected_from_exp_on() {
    let before = now().saturating_sub(NANO);
    let half = now().saturating_add(Duration::from_millis(500));
    for (exp, leeway, now, expected) in [
        (format!("{}", NOW + 1), ZERO, now(), Ok(())),
        (format!("{NOW}"), ZERO, before, Ok(())),
        (format!("{NOW}"), ZERO, now(), expired(now(), now())),
        (format!("{NOW}.0"), ZERO, now(), expired(now(), now())),
        (format!("{NOW}"), ZERO, half, expired(now(), half)),
        (format!("{NOW}.000000001"), ZERO, now(), Ok(())),
        // The tenth digit of a fraction is dropped.
        (
            format!("{NOW}.0000000009"),
            ZERO,
            now(),
            expired(now(), now()),
        ),
        (format!("{NOW}.5"), ZERO, half, expired(half, half)),
        (format!("{NOW}.500000001"), ZERO, half, Ok(())),
        (
            format!("{}", NOW - 1),
            NANO,
            now(),
            expired(at(NOW - 1), now()),
        ),
        (format!("{NOW}"), NANO, now(), Ok(())),
        (format!("{}", NOW - 60), MINUTE, before, Ok(())),
        (
            format!("{}", NOW - 60),
            MINUTE,
            now(),
            expired(at(NOW - 60), now()),
        ),
        (format!("{}", NOW - 59), MINUTE, now(), Ok(())),
        ("0".into(), ZERO, now(), expired(at(0), now())),
        ("-1".into(), ZERO, at(-1), expired(at(-1), at(-1))),
        ("-1".into(), ZERO, at(-2), Ok(())),
    ] {
        let verifier = Verifier::new().leeway(leeway).clock(FixedClock::at(now));
        check(&verifier, format!(r#""exp":{exp}"#), expected);
    }
}

#[test]
fn a_missing_exp_is_accepted_only_if_allowed() {
    let past = format!(r#""exp":{}"#, NOW - 1);
    for (verifier, members, expected) in [
        (verifier(), "", missing(Claim::Expiration)),
        (verifier(), r#""iat":1"#, missing(Claim::Expiration)),
        (lenient(), "", Ok(())),
        // One that is present is checked.
        (lenient(), &past, expired(at(NOW - 1), now())),
        (lenient(), r#""exp":"""#, wrong_type(Claim::Expiration)),
        (lenient().leeway(MINUTE), &past, Ok(())),
        (
            lenient().require(Claim::Expiration),
            "",
            missing(Claim::Expiration),
        ),
        (lenient().leeway(MAX), "", Ok(())),
        (verifier().leeway(MAX), "", missing(Claim::Expiration)),
    ] {
        check(&verifier, members, expected);
    }
}

#[test]
fn a_token_is_rejected_before_nbf() {
    let before = now().saturating_sub(NANO);
    let half = now().saturating_add(Duration::from_millis(500));
    let just_before_half = half.saturating_sub(NANO);
    for (nbf, leeway, now, expected) in [
        (format!("{NOW}"), ZERO, now(), Ok(())),
        (format!("{NOW}"), ZERO, before, not_yet_valid(now(), before)),
        (format!("{NOW}.000000001"), NANO, now(), Ok(())),
        (format!("{NOW}.5"), ZERO, half, Ok(())),
        (
            format!("{NOW}.5"),
            ZERO,
            just_before_half,
            not_yet_valid(half, just_before_half),
        ),
        (
            format!("{}", NOW + 1),
            ZERO,
            now(),
            not_yet_valid(at(NOW + 1), now()),
        ),
        (format!("{}", NOW + 60), MINUTE, now(), Ok(())),
        (
            format!("{}", NOW + 60),
            MINUTE,
            before,
            not_yet_valid(at(NOW + 60), before),
        ),
        (
            format!("{}", NOW + 61),
            MINUTE,
            now(),
            not_yet_valid(at(NOW + 61), now()),
        ),
        ("-1".into(), ZERO, now(), Ok(())),
    ] {
        let verifier = lenient().leeway(leeway).clock(FixedClock::at(now));
        check(&verifier, format!(r#""nbf":{nbf}"#), expected);
    }
}

#[test]
fn arithmetic_saturates_at_the_ends_of_the_range() {
    let (first, last) = (i64::MIN, i64::MAX);
    let end = at(last).saturating_add(MAX);
    let aged = || lenient().max_age(MAX);
    for (claim, date, verifier, now, expected) in [
        ("exp", last, verifier(), now(), Ok(())),
        (
            "exp",
            last,
            verifier(),
            at(last),
            expired(at(last), at(last)),
        ),
        ("exp", last, verifier().leeway(MAX), at(last), Ok(())),
        (
            "exp",
            last,
            verifier().leeway(MAX),
            end,
            expired(at(last), end),
        ),
        (
            "exp",
            first,
            verifier(),
            at(first),
            expired(at(first), at(first)),
        ),
        ("exp", first, verifier().leeway(MAX), now(), Ok(())),
        ("nbf", first, lenient(), at(first), Ok(())),
        ("nbf", first, lenient().leeway(MAX), at(first), Ok(())),
        ("nbf", last, lenient().leeway(MAX), at(first), Ok(())),
        (
            "nbf",
            last,
            lenient(),
            at(first),
            not_yet_valid(at(last), at(first)),
        ),
        ("iat", first, aged(), now(), Ok(())),
        ("iat", first, aged().leeway(MAX), at(last), Ok(())),
        ("iat", last, aged().leeway(MAX), end, Ok(())),
        ("iat", last, aged().leeway(MAX), at(first), Ok(())),
        (
            "iat",
            last,
            aged(),
            at(first),
            in_future(at(last), at(first)),
        ),
        (
            "iat",
            first,
            lenient().max_age(MINUTE),
            end,
            too_old(at(first), end),
        ),
    ] {
        let verifier = verifier.clock(FixedClock::at(now));
        check(&verifier, format!(r#""{claim}":{date}"#), expected);
    }
}

/// Numbers that are dates, with the time that each is, and values that are none.
#[test]
fn a_numeric_date_is_any_json_number_in_the_range_of_i64_seconds() {
    let nanos =
        |seconds, nanoseconds| at(seconds).saturating_add(Duration::from_nanos(nanoseconds));
    let long = format!("1.{}", "9".repeat(5_000));
    let dates = [
        ("0", at(0)),
        ("-0", at(0)),
        ("-0.0", at(0)),
        ("1", at(1)),
        ("-1", at(-1)),
        ("1.0", at(1)),
        ("1e0", at(1)),
        ("1E+2", at(100)),
        ("1200e-2", at(12)),
        ("125e-2", nanos(1, 250_000_000)),
        ("0.000000001", nanos(0, 1)),
        ("1e-9", nanos(0, 1)),
        ("1e-10", at(0)),
        ("-0.5", nanos(-1, 500_000_000)),
        ("-1e-10", nanos(-1, 999_999_999)),
        ("0e99", at(0)),
        (&long, nanos(1, 999_999_999)),
        ("9223372036854775807", at(i64::MAX)),
        ("-9223372036854775808", at(i64::MIN)),
        (
            "9223372036854775807.999999999",
            nanos(i64::MAX, 999_999_999),
        ),
        ("9.223372036854775807e18", at(i64::MAX)),
    ];
    let found = |verifier: &Verifier, member: String| {
        let jwt = forge(&key(), HEADER, format!("{{{member}}}"));
        let found = verifier.verify::<IgnoredAny>(&jwt, &key().verifying_key());
        found.map(drop).map_err(|error| errors::text(&error))
    };
    for (number, date) in dates {
        let exactly = lenient().clock(FixedClock::at(date));
        let exp = found(&exactly, format!(r#""exp":{number}"#));
        assert_eq!(exp, expired(date, date), "{number}");
        let nbf = found(&exactly, format!(r#""nbf":{number}"#));
        assert_eq!(nbf, Ok(()), "{number}");
        let iat = found(&exactly.max_age(ZERO), format!(r#""iat":{number}"#));
        assert_eq!(iat, Ok(()), "{number}");
        if date == at(i64::MIN) {
            continue;
        }
        let before = date.saturating_sub(NANO);
        let earlier = lenient().clock(FixedClock::at(before));
        let exp = found(&earlier, format!(r#""exp":{number}"#));
        assert_eq!(exp, Ok(()), "{number}");
        let nbf = found(&earlier, format!(r#""nbf":{number}"#));
        assert_eq!(nbf, not_yet_valid(date, before), "{number}");
    }
    for value in [
        "9223372036854775808",
        "-9223372036854775809",
        "-9223372036854775808.5",
        "1e19",
        "-1e19",
        "1e400",
        "1e99999999999999999999",
        r#""1""#,
        r#""""#,
        "null",
        "true",
        "false",
        "[1]",
        "{}",
    ] {
        for claim in [Claim::Expiration, Claim::NotBefore, Claim::IssuedAt] {
            let found = found(&lenient(), format!(r#""{claim}":{value}"#));
            assert_eq!(found, wrong_type(claim), "{claim} {value}");
        }
    }
}

/// `Claims` reads what the checks accept. (A fraction passes through `f64` in serde_json, so not one in
/// the last second of the range.)
#[test]
fn claims_read_the_dates_that_the_checks_accept() {
    for number in [
        "9223372036854775807",
        "1e18",
        "4102444800.000000001",
        "1e-99999999999999999999",
        "0e99999999999999999999",
        "-0.5",
        "-9223372036854775808",
    ] {
        for claim in [Claim::Expiration, Claim::NotBefore, Claim::IssuedAt] {
            let verifier = lenient().leeway(MAX);
            check(&verifier, format!(r#""{claim}":{number}"#), Ok(()));
        }
    }
}
