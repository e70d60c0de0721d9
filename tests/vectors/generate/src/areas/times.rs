//! `exp`, `nbf`, `iat`, and what a NumericDate is.

mod ages;
mod numeric_date;

use crate::case::{Case, Rule, choice, must};

const EXP: Rule = must(&["RFC 7519 §4.1.4"]);
const NBF: Rule = must(&["RFC 7519 §4.1.5"]);
/// The time since 1970 is of POSIX, which leaves it undefined for earlier years.
const EXP_BEFORE_1970: Rule = choice(&["RFC 7519 §4.1.4", "RFC 7519 §2"]);
const NBF_BEFORE_1970: Rule = choice(&["RFC 7519 §4.1.5", "RFC 7519 §2"]);
const EXP_LEEWAY: Rule = choice(&["RFC 7519 §4.1.4"]);
const NBF_LEEWAY: Rule = choice(&["RFC 7519 §4.1.5"]);
const FRACTIONS: Rule = choice(&[
    "jwt-ring: the clock has fractions of a second",
    "RFC 7519 §4.1.4",
    "RFC 7519 §4.1.5",
]);
/// A verifier without a leeway must have none.
const NO_LEEWAY: Rule = must(&["RFC 7519 §4.1.4", "RFC 7519 §4.1.5"]);

pub(crate) fn cases() -> Vec<Case> {
    [
        expiration(),
        not_before(),
        leeway(),
        ages::cases(),
        numeric_date::cases(),
    ]
    .concat()
}

fn expiration() -> Vec<Case> {
    let exp = |case: Case, exp: &str| case.payload(format!(r#"{{"exp":{exp}}}"#));
    let after = "exp-after-now";
    vec![
        exp(
            EXP.accept(after, "`exp` is one second after the check."),
            "1800000001",
        ),
        exp(
            EXP.reject(
                "expired",
                "exp-equals-now",
                "`exp` is the time of the check.",
            ),
            "1800000000",
        )
        .twin(after),
        exp(
            EXP.reject(
                "expired",
                "exp-before-now",
                "`exp` is one second before the check.",
            ),
            "1799999999",
        )
        .twin(after),
        exp(EXP.reject("expired", "exp-zero", "`exp` is 0."), "0").twin(after),
        exp(
            EXP.reject("expired", "exp-negative", "`exp` is before 1970."),
            "-1",
        )
        .twin(after),
        exp(
            EXP.accept("exp-far", "`exp` is in the year 9999."),
            "253402300799",
        ),
        exp(
            EXP.accept(
                "exp-half-after-now",
                "`exp` is half a second after the check.",
            ),
            "1800000000.5",
        ),
        exp(
            EXP.reject(
                "expired",
                "exp-half-before-now",
                "`exp` is half a second before the check.",
            ),
            "1799999999.5",
        )
        .twin("exp-half-after-now"),
        exp(
            FRACTIONS.reject(
                "expired",
                "exp-half-equals-now",
                "`exp` is the time of the check, with a fraction.",
            ),
            "1800000000.5",
        )
        .now("1800000000.5")
        .twin("exp-second-after-half"),
        exp(
            EXP.accept(
                "exp-second-after-half",
                "`exp` is half a second after a check at half a second.",
            ),
            "1800000001",
        )
        .now("1800000000.5"),
        exp(
            EXP.reject(
                "expired",
                "exp-second-before-half",
                "`exp` is half a second before a check at half a second.",
            ),
            "1800000000",
        )
        .now("1800000000.5")
        .twin("exp-second-after-half"),
        exp(
            EXP_BEFORE_1970.accept("exp-before-1970", "`exp` and the check are before 1970."),
            "-1",
        )
        .now("-2"),
        exp(
            EXP_BEFORE_1970.reject(
                "expired",
                "exp-before-1970-equals-now",
                "`exp` is the time of the check, before 1970.",
            ),
            "-1",
        )
        .now("-1")
        .twin("exp-before-1970"),
    ]
}

fn not_before() -> Vec<Case> {
    let nbf = |case: Case, nbf: &str| case.claims(format!(r#""nbf":{nbf}"#));
    let equal = "nbf-equals-now";
    vec![
        nbf(
            NBF.accept("nbf-before-now", "`nbf` is one second before the check."),
            "1799999999",
        ),
        nbf(
            NBF.accept(equal, "`nbf` is the time of the check."),
            "1800000000",
        ),
        nbf(
            NBF.reject(
                "not_yet_valid",
                "nbf-after-now",
                "`nbf` is one second after the check.",
            ),
            "1800000001",
        )
        .twin(equal),
        nbf(
            NBF.reject(
                "not_yet_valid",
                "nbf-year-10000",
                "`nbf` is in the year 10000.",
            ),
            "253402300800",
        )
        .twin(equal),
        nbf(
            NBF.reject(
                "not_yet_valid",
                "nbf-half-after-now",
                "`nbf` is half a second after the check.",
            ),
            "1800000000.5",
        )
        .twin(equal),
        nbf(
            FRACTIONS.accept(
                "nbf-half-equals-now",
                "`nbf` is the time of the check, with a fraction.",
            ),
            "1800000000.5",
        )
        .now("1800000000.5"),
        nbf(
            NBF.accept(
                "nbf-half-before-now",
                "`nbf` is half a second before the check.",
            ),
            "1799999999.5",
        ),
        nbf(
            NBF.reject(
                "not_yet_valid",
                "nbf-second-after-half",
                "`nbf` is half a second after a check at half a second.",
            ),
            "1800000001",
        )
        .now("1800000000.5")
        .twin("nbf-half-equals-now"),
        nbf(NBF.accept("nbf-zero", "`nbf` is 0."), "0"),
        nbf(
            NBF_BEFORE_1970.accept("nbf-negative", "`nbf` is before 1970."),
            "-1",
        ),
        NBF.reject(
            "not_yet_valid",
            "nbf-after-exp",
            "`nbf` is after `exp`, and the check between them.",
        )
        .claims(r#""nbf":1800001000"#)
        .twin(equal),
        NBF.reject(
            "expired",
            "exp-and-nbf",
            "`exp` is past, and `nbf` in the future.",
        )
        .payload(r#"{"exp":1799999999,"nbf":1800000001}"#)
        .twin(equal),
        NBF.reject(
            "not_yet_valid",
            "nbf-without-exp",
            "`nbf` is in the future, and there is no `exp`.",
        )
        .payload(r#"{"nbf":1800000001}"#)
        .policy(|policy| policy.allow_missing_expiration = true)
        .twin("nbf-without-exp-before-now"),
        NBF.accept(
            "nbf-without-exp-before-now",
            "`nbf` is past, and there is no `exp`.",
        )
        .payload(r#"{"nbf":1799999999}"#)
        .policy(|policy| policy.allow_missing_expiration = true),
    ]
}

fn leeway() -> Vec<Case> {
    let minute = |case: Case| case.policy(|policy| policy.leeway = Some(60));
    let exp = |case: Case, exp: &str| case.payload(format!(r#"{{"exp":{exp}}}"#));
    let nbf = |case: Case, nbf: &str| case.claims(format!(r#""nbf":{nbf}"#));
    vec![
        minute(exp(
            EXP_LEEWAY.accept(
                "leeway-exp",
                "`exp` is 59 seconds past, and the leeway a minute.",
            ),
            "1799999941",
        )),
        minute(exp(
            EXP_LEEWAY.reject(
                "expired",
                "leeway-exp-equal",
                "`exp` and the leeway are the time of the check.",
            ),
            "1799999940",
        ))
        .twin("leeway-exp"),
        minute(exp(
            EXP_LEEWAY.reject(
                "expired",
                "leeway-exp-over",
                "`exp` is 61 seconds past, and the leeway a minute.",
            ),
            "1799999939",
        ))
        .twin("leeway-exp"),
        minute(nbf(
            NBF_LEEWAY.accept(
                "leeway-nbf",
                "`nbf` is a minute in the future, and the leeway a minute.",
            ),
            "1800000060",
        )),
        minute(nbf(
            NBF_LEEWAY.reject(
                "not_yet_valid",
                "leeway-nbf-over",
                "`nbf` is 61 seconds in the future, and the leeway a minute.",
            ),
            "1800000061",
        ))
        .twin("leeway-nbf"),
        minute(exp(
            EXP_LEEWAY.accept(
                "leeway-unused",
                "`exp` is not past, and the leeway a minute.",
            ),
            "1800000060",
        )),
        exp(
            NO_LEEWAY.reject(
                "expired",
                "leeway-none-exp",
                "`exp` is 30 seconds past, and there is no leeway.",
            ),
            "1799999970",
        )
        .twin("exp-after-now"),
        nbf(
            NO_LEEWAY.reject(
                "not_yet_valid",
                "leeway-none-nbf",
                "`nbf` is 30 seconds in the future, and there is no leeway.",
            ),
            "1800000030",
        )
        .twin("nbf-equals-now"),
        exp(
            EXP_LEEWAY.reject(
                "expired",
                "leeway-zero",
                "`exp` is the time of the check, and the leeway 0.",
            ),
            "1800000000",
        )
        .policy(|policy| policy.leeway = Some(0))
        .twin("exp-after-now"),
    ]
}
