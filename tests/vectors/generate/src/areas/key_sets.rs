//! JWK Sets, and the key that a token selects.

use crate::case::{Case, Rule, must};

const SET: Rule = must(&["RFC 7517 §5"]);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        SET.accept("one-key", "The set has the key.")
            .keys(&["hs256"])
            .now("1800000000.5"),
        SET.reject("malformed", "not-json", "The set is not JSON.")
            .keys_text("{")
            .twin("one-key"),
    ]
}
