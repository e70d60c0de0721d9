//! Registered claims of a wrong type.

use jwt_ring::{Claim, Verifier};

use crate::support::{NOW, errors};
use crate::{NOT_JSON, check, check_defaults, key, verifier, with_payload};

#[test]
fn a_registered_claim_of_a_wrong_type_is_rejected_whether_expected_or_not() {
    let dates_bad = [
        r#""9999999999""#,
        r#""""#,
        "null",
        "true",
        "[9999999999]",
        "{}",
        "1e300",
        "-1e300",
        "1e400",
        "9223372036854775808",
        "-9223372036854775809",
        r#"{"$date":9999999999}"#,
    ];
    let past = [
        "0",
        "-1",
        "-0.5e1",
        "1e-999999999999",
        "-9223372036854775808",
        "1795435200",
    ];
    let future = [
        "9999999999",
        "9999999999.5",
        "1e10",
        "99999.99999E5",
        "9e18",
    ];
    let texts_bad = ["7", "null", "true", r#"["a"]"#, "{}", "[]", r#"{"a":"a"}"#];
    let audiences_bad = [
        "5",
        "{}",
        r#"["a",{}]"#,
        r#"["a",null]"#,
        r#"[["a"]]"#,
        "[5]",
        "null",
        "true",
        r#"{"a":"a"}"#,
        "[5,\"a\"]",
    ];
    let texts = [r#""a""#, r#""\u0061""#];
    let audiences = [r#""a""#, r#"["a"]"#, r#"["b","a","a"]"#];
    let iat = [&past[..], &future].concat();
    let any = verifier().allow_missing_expiration();
    let table: [(Claim, Verifier, &[&str], &[&str]); 10] = [
        (Claim::Expiration, verifier(), &dates_bad, &future),
        (Claim::Expiration, any.clone(), &dates_bad, &future),
        (Claim::NotBefore, any.clone(), &dates_bad, &past),
        (Claim::IssuedAt, any.clone(), &dates_bad, &iat),
        (Claim::Issuer, any.clone(), &texts_bad, &texts),
        (Claim::Issuer, any.clone().issuer("a"), &texts_bad, &texts),
        (Claim::Subject, any.clone(), &texts_bad, &texts),
        (Claim::Subject, any.clone().subject("a"), &texts_bad, &texts),
        (Claim::JwtId, any.clone(), &texts_bad, &texts),
        (
            Claim::Audience,
            any.clone().audience("a"),
            &audiences_bad,
            &audiences,
        ),
    ];
    for (claim, verifier, bad, good) in table {
        let token = |value: &str| with_payload(format!(r#"{{"{claim}":{value}}}"#));
        let token = &token;
        let rows = bad.iter().flat_map(|bad| {
            good.iter().map(move |good| {
                let name = format!("{claim}: {bad} and {good}");
                (name, token(bad), token(good), errors::wrong_type(claim))
            })
        });
        check(&verifier, &key().verifying_key(), rows);
    }

    let good = with_payload(r#"{"exp":9e9}"#);
    let no_numbers = [
        "09e9", "+9e9", ".9e10", "9.e9", "0x9", "NaN", "Infinity", "9e", "9e9.0",
    ];
    check_defaults(no_numbers.map(|value| {
        let bad = with_payload(format!(r#"{{"exp":{value}}}"#));
        (
            value,
            bad,
            good.clone(),
            errors::malformed_payload(NOT_JSON),
        )
    }));
    let past = with_payload(r#"{"exp":-1}"#);
    check_defaults([("long ago", past, good.clone(), errors::expired(-1, NOW))]);
    let audience = |value| with_payload(format!(r#"{{"exp":9e9,"aud":{value}}}"#));
    check(
        &verifier().audience("a"),
        &key().verifying_key(),
        [
            (
                "no audience",
                audience("[]"),
                audience(r#"["a"]"#),
                errors::mismatch(Claim::Audience, &["a"]),
            ),
            (
                "case",
                audience(r#""A""#),
                audience(r#""a""#),
                errors::mismatch(Claim::Audience, &["a"]),
            ),
        ],
    );
    check_defaults(["[]", "[\"\"]", "\"\""].map(|value| {
        (
            value,
            audience(value),
            good.clone(),
            errors::text(&jwt_ring::VerifyError::UnexpectedAudience),
        )
    }));
}

/// Each date that the checks accept fits `Claims`.
#[test]
fn a_date_at_the_end_of_the_range_fits_claims() {
    let good = with_payload(r#"{"exp":9223372036854775807}"#);
    for (date, past) in [
        ("9223372036854775807.9", "-9223372036854775808"),
        ("9223372036854775807.0", "-9223372036854775807.5"),
        ("92233720368547758.07e2", "-92233720368547758.08e2"),
    ] {
        for members in [
            format!(r#""exp":{date}"#),
            format!(r#""exp":9e9,"nbf":{past}"#),
        ] {
            let token = with_payload(format!("{{{members}}}"));
            let bad = with_payload(format!("{{{members},\"sub\":1}}"));
            let error = errors::wrong_type(Claim::Subject);
            check_defaults([(&members, bad, token, error)]);
        }
    }
    let bad = with_payload(r#"{"exp":9223372036854775808}"#);
    check_defaults([("beyond", bad, good, errors::wrong_type(Claim::Expiration))]);
}
