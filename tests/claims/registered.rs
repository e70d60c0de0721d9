//! The registered claims of `Claims`.

use std::time::Duration;

use jwt_ring::{Audience, Claims, NumericDate, Verifier};

use crate::key;
use crate::support::{NOW, clock, forge};

#[test]
fn a_null_claim_that_counts_as_missing_is_none() {
    let verifier = Verifier::new().null_as_missing().clock(clock());
    let exp = NOW + 900;
    let nulls = r#""iss":null,"sub":null,"aud":null,"nbf":null,"iat":null,"jti":null"#;
    let token = forge(
        &key(),
        r#"{"alg":"HS256"}"#,
        format!(r#"{{"exp":{exp},{nulls}}}"#),
    );
    let token = verifier.verify::<Claims>(&token, &key().verifying_key());
    let expected = Claims::new(&clock(), Duration::from_secs(900));
    let claims = token.expect("a valid token").into_claims();
    assert_eq!(claims.expiration, expected.expiration);
    let texts = (claims.issuer, claims.subject, claims.jwt_id);
    assert_eq!(texts, (None, None, None));
    let others = (claims.audience, claims.not_before, claims.issued_at);
    assert_eq!(others, (None, None, None));
}

#[test]
fn an_audience_is_a_string_or_an_array_of_strings() {
    let one: Audience = ["a"].into_iter().collect();
    let two: Audience = ["a", "b"].into_iter().collect();
    let three: Audience = ["a", "b", "ab"].into_iter().collect();
    let none = Audience::default();
    for (audience, json, count) in [
        (one, r#""a""#, 1),
        (two, r#"["a","b"]"#, 2),
        (three, r#"["a","b","ab"]"#, 3),
        (none, "[]", 0),
    ] {
        assert_eq!(serde_json::to_string(&audience).ok().as_deref(), Some(json));
        assert_eq!(
            serde_json::from_str::<Audience>(json).ok().as_ref(),
            Some(&audience)
        );
        assert_eq!(audience.contains("a"), json.contains('a'));
        assert_eq!(audience.iter().len(), count);
    }
    assert_eq!(
        serde_json::from_str::<Audience>(r#"["a"]"#)
            .expect("one")
            .iter()
            .len(),
        1
    );
    for json in ["5", "null", "{}", r#"["a",{}]"#] {
        assert!(serde_json::from_str::<Audience>(json).is_err(), "{json}");
    }
    let error = serde_json::from_str::<Audience>("5").expect_err("a number");
    let message = error.to_string();
    assert!(
        message.contains("expected a string or an array of strings"),
        "{message}"
    );
}

#[test]
fn a_date_is_read_with_its_fraction_and_written_in_whole_seconds() {
    for (json, seconds, nanoseconds, written) in [
        ("0", 0, 0, "0"),
        ("-1", -1, 0, "-1"),
        ("1700000000.1", 1_700_000_000, 100_000_000, "1700000000"),
        ("-1.5", -2, 500_000_000, "-2"),
        ("-0.1", -1, 900_000_000, "-1"),
        ("1e3", 1000, 0, "1000"),
    ] {
        let date: NumericDate = serde_json::from_str(json).expect("a date");
        assert_eq!(
            (date.seconds(), date.nanoseconds()),
            (seconds, nanoseconds),
            "{json}"
        );
        assert_eq!(
            serde_json::to_string(&date).ok().as_deref(),
            Some(written),
            "{json}"
        );
    }
    for json in ["1e300", "18446744073709551615", "\"1\"", "null", "[1]"] {
        assert!(serde_json::from_str::<NumericDate>(json).is_err(), "{json}");
    }
    let error = serde_json::from_str::<NumericDate>("null").expect_err("no number");
    let message = error.to_string();
    assert!(
        message.contains("expected a number of seconds since 1970"),
        "{message}"
    );
}

#[test]
fn new_claims_expire_after_their_lifetime() {
    let clock = clock();
    clock.advance(Duration::from_millis(900));
    let claims = Claims::new(&clock, Duration::from_secs(900));
    assert_eq!(claims.issued_at, Some(NumericDate::from_seconds(NOW)));
    assert_eq!(
        claims.expiration,
        Some(NumericDate::from_seconds(NOW + 900))
    );
}
