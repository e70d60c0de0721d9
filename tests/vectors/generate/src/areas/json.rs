//! The JSON of header and payload.

use crate::case::{Case, Rule, choice, must};

const OBJECT: Rule = must(&["RFC 7519 §7.2"]);
const UNIQUE: Rule = choice(&["RFC 7519 §4", "RFC 8259 §4"]);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        OBJECT
            .accept("object", "The payload is an object.")
            .claims(r#""a":1"#),
        OBJECT
            .reject("malformed_payload", "array", "The payload is an array.")
            .payload(r#"["exp",1800000900]"#)
            .twin("object"),
        UNIQUE
            .reject("malformed_payload", "duplicate", "A claim is there twice.")
            .claims(r#""a":1,"a":1"#)
            .twin("object"),
    ]
}
