//! The types of the registered claims.

use crate::case::{Case, Rule, must};

const EXP: Rule = must(&["RFC 7519 §4.1.4", "RFC 7519 §2"]);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        EXP.accept("exp-number", "`exp` is a number.")
            .payload(r#"{"exp":1800000901}"#),
        EXP.reject("wrong_type", "exp-string", "`exp` is a string.")
            .payload(r#"{"exp":"1800000900"}"#)
            .twin("exp-number"),
        EXP.reject("wrong_type", "exp-null", "`exp` is `null`.")
            .payload(r#"{"exp":null}"#)
            .twin("exp-number"),
    ]
}
