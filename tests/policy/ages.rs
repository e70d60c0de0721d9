//! `iat` under `max_age` and `max_lifetime`.

use std::time::Duration;

use jwt_ring::{Claim, FixedClock, NumericDate};

use super::support::NOW;
use super::{
    Expected, MINUTE, NANO, at, check, error, expired, in_future, lenient, missing, now, too_old,
    verifier,
};

const ZERO: Duration = Duration::ZERO;
const MAX: Duration = Duration::MAX;

#[test]
fn max_age_limits_the_time_since_iat() {
    let strict = || lenient().max_age(MINUTE);
    let after = now().saturating_add(NANO);
    for (verifier, now, iat, expected) in [
        (lenient(), now(), 0, Ok(())),
        (strict(), now(), NOW, Ok(())),
        (strict(), now(), NOW - 60, Ok(())),
        (strict(), after, NOW - 60, too_old(at(NOW - 60), after)),
        (strict(), now(), NOW - 61, too_old(at(NOW - 61), now())),
        (strict().leeway(MINUTE), now(), NOW - 120, Ok(())),
        (
            strict().leeway(MINUTE),
            after,
            NOW - 120,
            too_old(at(NOW - 120), after),
        ),
        (lenient().max_age(ZERO), now(), NOW, Ok(())),
        (lenient().max_age(ZERO), after, NOW, too_old(at(NOW), after)),
        (lenient().max_age(MAX), now(), 0, Ok(())),
    ] {
        let verifier = verifier.clock(FixedClock::at(now));
        check(&verifier, format!(r#""iat":{iat}"#), expected);
    }
    check(&strict(), "", missing(Claim::IssuedAt));
    check(
        &strict().leeway(MAX),
        r#""nbf":1"#,
        missing(Claim::IssuedAt),
    );
}

#[test]
fn a_future_iat_is_rejected_only_under_max_age() {
    let strict = || lenient().max_age(MINUTE);
    let before = now().saturating_sub(NANO);
    let nano = now().saturating_add(NANO);
    for (verifier, now, iat, expected) in [
        (lenient(), now(), format!("{}", NOW + 1_000_000), Ok(())),
        (
            lenient().max_lifetime(MAX).allow_missing_expiration(),
            now(),
            format!(r#"{},"exp":{}"#, NOW + 1, NOW + 2),
            Ok(()),
        ),
        (strict(), now(), format!("{NOW}"), Ok(())),
        (
            strict(),
            now(),
            format!("{NOW}.000000001"),
            in_future(nano, now()),
        ),
        (strict(), before, format!("{NOW}"), in_future(now(), before)),
        (
            strict(),
            now(),
            format!("{}", NOW + 1),
            in_future(at(NOW + 1), now()),
        ),
        (
            strict().leeway(MINUTE),
            now(),
            format!("{}", NOW + 60),
            Ok(()),
        ),
        (
            strict().leeway(MINUTE),
            before,
            format!("{}", NOW + 60),
            in_future(at(NOW + 60), before),
        ),
        (
            lenient().max_age(MAX),
            now(),
            format!("{}", NOW + 1),
            in_future(at(NOW + 1), now()),
        ),
    ] {
        let verifier = verifier.clock(FixedClock::at(now));
        check(&verifier, format!(r#""iat":{iat}"#), expected);
    }
}

#[test]
fn max_lifetime_limits_the_time_from_iat_to_exp() {
    let too_long = |issued_at: NumericDate, expiration: NumericDate, max: Duration| -> Expected {
        error(format!(
            "LifetimeTooLong {{ issued_at: {issued_at:?}, expiration: {expiration:?}, max: {max:?} }}"
        ))
    };
    let limited = || verifier().max_lifetime(MINUTE);
    let (minute, later) = (NOW + 60, NOW + 61);
    let nano = at(minute).saturating_add(NANO);
    for (verifier, iat, exp, expected) in [
        (verifier(), "0".to_owned(), format!("{later}"), Ok(())),
        (limited(), format!("{NOW}"), format!("{minute}"), Ok(())),
        (
            limited(),
            format!("{NOW}"),
            format!("{minute}.000000001"),
            too_long(now(), nano, MINUTE),
        ),
        (
            limited(),
            format!("{NOW}.000000001"),
            format!("{minute}.000000001"),
            Ok(()),
        ),
        (
            limited(),
            format!("{NOW}"),
            format!("{later}"),
            too_long(now(), at(later), MINUTE),
        ),
        // The leeway is for clocks that differ, and both times are of one clock.
        (
            limited().leeway(MINUTE),
            format!("{NOW}"),
            format!("{later}"),
            too_long(now(), at(later), MINUTE),
        ),
        // A token that expires before it is issued has no lifetime to limit.
        (limited(), format!("{later}"), format!("{minute}"), Ok(())),
        (
            verifier().max_lifetime(ZERO),
            format!("{minute}"),
            format!("{minute}"),
            Ok(()),
        ),
        (
            verifier().max_lifetime(ZERO),
            format!("{NOW}"),
            format!("{NOW}.000000001"),
            too_long(now(), now().saturating_add(NANO), ZERO),
        ),
        (
            verifier().max_lifetime(MAX),
            format!("{}", i64::MIN),
            format!("{}", i64::MAX),
            Ok(()),
        ),
        (
            limited(),
            format!("{}", i64::MIN),
            format!("{}", i64::MAX),
            too_long(at(i64::MIN), at(i64::MAX), MINUTE),
        ),
        // An expired token is reported as that.
        (
            limited(),
            "0".into(),
            format!("{NOW}"),
            expired(now(), now()),
        ),
    ] {
        check(&verifier, format!(r#""iat":{iat},"exp":{exp}"#), expected);
    }
    let exp = format!(r#""exp":{minute}"#);
    let iat = format!(r#""iat":{NOW}"#);
    check(&limited(), exp, missing(Claim::IssuedAt));
    check(&limited(), &iat, missing(Claim::Expiration));
    let allowing = lenient().max_lifetime(MINUTE);
    check(&allowing, &iat, missing(Claim::Expiration));
}
