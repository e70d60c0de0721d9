//! `exp`, `nbf`, `iat`, and what a NumericDate is.

use crate::case::{Case, Rule, must};

const EXP: Rule = must(&["RFC 7519 §4.1.4"]);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        EXP.accept("exp-after-now", "`exp` is one second after the check.")
            .payload(r#"{"exp":1800000001}"#),
        EXP.reject(
            "expired",
            "exp-equals-now",
            "`exp` is the time of the check.",
        )
        .payload(r#"{"exp":1800000000}"#)
        .twin("exp-after-now"),
        EXP.reject(
            "expired",
            "exp-before-now",
            "`exp` is one second before the check.",
        )
        .payload(r#"{"exp":1799999999}"#)
        .twin("exp-after-now"),
    ]
}
