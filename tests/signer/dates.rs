//! Registered claims, of which the dates are written in whole seconds.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jwt_ring::{Audience, Claims, Clock, FixedClock, NumericDate, SystemClock, Verifier};
use serde_json::Value;

use crate::support::{NOW, clock};
use crate::{claims, key, payload_of, signer, verifier};

/// Dates are written in whole seconds, rounded down, and read again as that. The times are multiples of
/// 100 nanoseconds, which a `SystemTime` of Windows holds.
#[test]
fn every_date_that_is_signed_is_accepted() {
    let since = |seconds, nanoseconds| {
        UNIX_EPOCH
            .checked_add(Duration::new(seconds, nanoseconds))
            .expect("in range")
            .into()
    };
    let before = |seconds, nanoseconds| {
        UNIX_EPOCH
            .checked_sub(Duration::new(seconds, nanoseconds))
            .expect("in range")
            .into()
    };
    let dates: [(NumericDate, i64); 10] = [
        (since(0, 0), 0),
        (since(1, 999_999_900), 1),
        (since(1_795_435_200, 100), NOW),
        (before(0, 100), -1),
        (before(0, 999_999_900), -1),
        (before(1, 0), -1),
        (before(1, 100), -2),
        (before(2_208_988_800, 500_000_000), -2_208_988_801),
        (NumericDate::from_seconds(i64::MAX - 1), i64::MAX - 1),
        (NumericDate::from_seconds(i64::MIN), i64::MIN),
    ];
    for (date, seconds) in dates {
        let clock = FixedClock::at(date);
        let claims = Claims::new(&clock, Duration::from_secs(1)).not_before(date);
        let token = signer().sign(&claims).expect("a token");
        let exp = seconds + 1;
        let expected = format!(r#"{{"exp":{exp},"nbf":{seconds},"iat":{seconds}}}"#);
        assert_eq!(payload_of(&token), expected, "{date:?}");
        // Valid from `nbf` on, in the whole second in which it was signed.
        for now in [NumericDate::from_seconds(seconds), date] {
            let verifier = verifier()
                .max_age(Duration::from_secs(1))
                .clock(FixedClock::at(now));
            let verified = verifier.verify::<Claims>(&token, &key().verifying_key());
            let claims = verified.expect("a valid token").into_claims();
            assert_eq!(claims.not_before, Some(NumericDate::from_seconds(seconds)));
        }
    }
    let fractions = Claims::new(&FixedClock::at(before(0, 100)), Duration::from_millis(2500));
    assert_eq!(sign_and_verify_at(&fractions, -1), r#"{"exp":1,"iat":-1}"#);
}

/// Signs claims, and verifies the token at this time.
#[track_caller]
fn sign_and_verify_at(claims: &Claims, now: i64) -> String {
    let token = signer().sign(claims).expect("a token");
    let clock = FixedClock::at(NumericDate::from_seconds(now));
    let result = Verifier::new()
        .clock(clock)
        .verify::<Claims>(&token, &key().verifying_key());
    result.unwrap_or_else(|error| panic!("{error:?}: {token}"));
    payload_of(&token)
}

#[test]
fn the_longest_lifetime_is_accepted() {
    for start in [NOW, 0, -1, i64::MIN] {
        let at = FixedClock::at(NumericDate::from_seconds(start));
        let claims = Claims::new(&at, Duration::MAX);
        let payload = sign_and_verify_at(&claims, start);
        assert_eq!(payload, format!(r#"{{"exp":{},"iat":{start}}}"#, i64::MAX));
    }
    // A lifetime of less than a second is rounded down with `exp`.
    let claims = Claims::new(&clock(), Duration::from_millis(999));
    let token = signer().sign(&claims).expect("a token");
    assert_eq!(
        payload_of(&token),
        format!(r#"{{"exp":{NOW},"iat":{NOW}}}"#)
    );
}

#[test]
fn claims_made_now_are_accepted_now() {
    for _ in 0..50 {
        let claims = Claims::new(&SystemClock, Duration::from_secs(60));
        let claims = claims.not_before(SystemTime::now());
        let token = signer().sign(&claims).expect("a token");
        let payload: Value = serde_json::from_str(&payload_of(&token)).expect("JSON");
        for name in ["exp", "nbf", "iat"] {
            assert!(payload[name].is_i64(), "{payload}");
        }
        let verifier = Verifier::new().max_age(Duration::from_secs(60));
        let verified = verifier.verify::<Claims>(&token, &key().verifying_key());
        verified.expect("a valid token");
    }
    assert!(SystemClock.now() > NumericDate::from_seconds(0));
}

#[test]
fn claims_are_read_as_they_were_signed() {
    let audiences: [Option<Audience>; 4] = [
        None,
        Some(Audience::default()),
        Some(["a"].into_iter().collect()),
        Some(["a", "b", "a"].into_iter().collect()),
    ];
    for audience in audiences {
        let mut claims = claims().issuer("").subject("é\n").jwt_id("1");
        claims.audience = audience;
        claims.not_before = Some(NumericDate::from_seconds(-1));
        for expiration in [None, Some(NumericDate::from_seconds(i64::MAX))] {
            claims.expiration = expiration;
            let token = signer().sign(&claims).expect("a token");
            let verified = verifier().verify::<Claims>(&token, &key().verifying_key());
            assert_eq!(verified.expect("a valid token").into_claims(), claims);
        }
    }
}
