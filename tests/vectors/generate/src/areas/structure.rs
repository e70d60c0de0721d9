//! The compact serialization: three segments between dots.

use crate::case::{Case, Rule, must};

const COMPACT: Rule = must(&["RFC 7515 §7.1", "RFC 7515 §5.2"]);
const SIGNATURE: Rule = must(&["RFC 7515 §5.2", "RFC 8725bis §3.3"]);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        COMPACT.accept("three-segments", "A token has three segments."),
        COMPACT
            .reject("segments", "empty", "The token is empty.")
            .edit(|_| String::new())
            .twin("three-segments"),
        SIGNATURE
            .reject(
                "invalid_signature",
                "signature-empty",
                "The signature is empty.",
            )
            .edit(|token| token[..=token.rfind('.').expect("a dot")].to_owned())
            .twin("three-segments"),
    ]
}
