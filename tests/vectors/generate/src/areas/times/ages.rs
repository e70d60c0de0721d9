//! `iat`, and the longest age and lifetime of a token.

use crate::case::{Case, Rule, choice};

const IAT: Rule = choice(&["RFC 7519 §4.1.6"]);
const AGE: Rule = choice(&[
    "jwt-ring: `max_age` bounds the time since `iat`",
    "RFC 7519 §4.1.6",
]);
const LIFETIME: Rule = choice(&[
    "jwt-ring: `max_lifetime` bounds the time from `iat` to `exp`",
    "RFC 7519 §4.1.6",
]);

pub(crate) fn cases() -> Vec<Case> {
    [issued_at(), ages(), lifetimes()].concat()
}

fn iat(case: Case, iat: &str) -> Case {
    case.claims(format!(r#""iat":{iat}"#))
}

fn issued_at() -> Vec<Case> {
    vec![
        iat(IAT.accept("iat-past", "`iat` is past."), "1799990000"),
        iat(
            IAT.accept(
                "iat-future",
                "`iat` is in the future, and the age is not bounded.",
            ),
            "1800000100",
        ),
        iat(
            IAT.accept(
                "iat-after-exp",
                "`iat` is after `exp`, and the lifetime is not bounded.",
            ),
            "1800001000",
        ),
        iat(
            IAT.accept("iat-fraction", "`iat` has a fraction."),
            "1799999999.25",
        ),
        iat(IAT.accept("iat-negative", "`iat` is before 1970."), "-1"),
    ]
}

fn ages() -> Vec<Case> {
    let minute = |case: Case| case.policy(|policy| policy.max_age = Some(60));
    let tolerant = |case: Case| minute(case).policy(|policy| policy.leeway = Some(30));
    let old = |slug, about| AGE.reject("too_old", slug, about);
    let early = |slug, about| AGE.reject("issued_in_future", slug, about);
    vec![
        minute(iat(
            AGE.accept("age-equal", "The token is as old as allowed."),
            "1799999940",
        )),
        minute(iat(
            AGE.accept("age-new", "The token is issued at the time of the check."),
            "1800000000",
        )),
        minute(iat(
            old("age-over", "The token is a second too old."),
            "1799999939",
        ))
        .twin("age-equal"),
        minute(iat(
            old("age-half-over", "The token is half a second too old."),
            "1799999940",
        ))
        .now("1800000000.5")
        .twin("age-equal"),
        tolerant(iat(
            AGE.accept(
                "age-leeway",
                "The token is as old as allowed with the leeway.",
            ),
            "1799999910",
        )),
        tolerant(iat(
            old(
                "age-leeway-over",
                "The token is a second too old, also with the leeway.",
            ),
            "1799999909",
        ))
        .twin("age-leeway"),
        minute(iat(
            early(
                "age-future",
                "The age is bounded, and the token issued in a second.",
            ),
            "1800000001",
        ))
        .twin("age-new"),
        minute(iat(
            early(
                "age-future-half",
                "The age is bounded, and the token issued in half a second.",
            ),
            "1800000000.5",
        ))
        .twin("age-new"),
        tolerant(iat(
            AGE.accept(
                "age-future-leeway",
                "The token is issued in as many seconds as the leeway has.",
            ),
            "1800000030",
        )),
        tolerant(iat(
            early(
                "age-future-over",
                "The token is issued in a second more than the leeway has.",
            ),
            "1800000031",
        ))
        .twin("age-future-leeway"),
        minute(AGE.reject(
            "missing",
            "age-missing",
            "The age is bounded, and there is no `iat`.",
        ))
        .claims(r#""sub":"a""#)
        .twin("age-new"),
        iat(
            AGE.accept(
                "age-zero",
                "The age is bounded by 0, and the token issued at the check.",
            ),
            "1800000000",
        )
        .policy(|policy| policy.max_age = Some(0)),
        iat(
            old(
                "age-zero-over",
                "The age is bounded by 0, and the token a second old.",
            ),
            "1799999999",
        )
        .policy(|policy| policy.max_age = Some(0))
        .twin("age-zero"),
        minute(AGE.reject(
            "expired",
            "age-expired",
            "The token is not too old, and has expired.",
        ))
        .payload(r#"{"iat":1799999990,"exp":1799999999}"#)
        .twin("age-equal"),
    ]
}

fn lifetimes() -> Vec<Case> {
    let minute = |case: Case| case.policy(|policy| policy.max_lifetime = Some(60));
    let times = |case: Case, iat: &str, exp: &str| {
        minute(case).payload(format!(r#"{{"iat":{iat},"exp":{exp}}}"#))
    };
    let long = |slug, about| LIFETIME.reject("lifetime_too_long", slug, about);
    let equal = "lifetime-equal";
    vec![
        times(
            LIFETIME.accept(equal, "The lifetime is as long as allowed."),
            "1799999990",
            "1800000050",
        ),
        times(
            long("lifetime-over", "The lifetime is a second too long."),
            "1799999990",
            "1800000051",
        )
        .twin(equal),
        times(
            long(
                "lifetime-half-over",
                "The lifetime is half a second too long.",
            ),
            "1799999990",
            "1800000050.5",
        )
        .twin(equal),
        times(
            LIFETIME.accept(
                "lifetime-fractions",
                "The lifetime is as long as allowed, between fractions.",
            ),
            "1799999990.5",
            "1800000050.5",
        ),
        times(
            long(
                "lifetime-leeway",
                "The lifetime is a second too long, which a leeway does not change.",
            ),
            "1799999990",
            "1800000051",
        )
        .policy(|policy| policy.leeway = Some(60))
        .twin(equal),
        times(
            LIFETIME.accept("lifetime-reversed", "`exp` is before `iat`."),
            "1800000090",
            "1800000050",
        ),
        times(
            LIFETIME.accept(
                "lifetime-from-1970",
                "`iat` is 0, and the lifetime as long as allowed.",
            ),
            "0",
            "60",
        )
        .now("0"),
        times(
            long(
                "lifetime-before-1970",
                "`iat` is before 1970 by less than a nanosecond, and so the lifetime too long.",
            ),
            "-0.0000000001",
            "60",
        )
        .now("0")
        .twin("lifetime-from-1970"),
        minute(LIFETIME.reject(
            "missing",
            "lifetime-no-iat",
            "The lifetime is bounded, and there is no `iat`.",
        ))
        .payload(r#"{"exp":1800000050}"#)
        .twin(equal),
        minute(LIFETIME.reject(
            "missing",
            "lifetime-no-exp",
            "The lifetime is bounded, and there is no `exp`.",
        ))
        .payload(r#"{"iat":1799999990}"#)
        .policy(|policy| policy.allow_missing_expiration = true)
        .twin(equal),
        times(
            long("lifetime-century", "The lifetime is a century."),
            "1799999990",
            "4955673590",
        )
        .twin(equal),
    ]
}
