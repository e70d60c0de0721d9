//! Limits of length and depth.

use crate::case::{Case, Rule, choice};

const SIZE: Rule = choice(&["jwt-ring: a token is at most 64 KiB unless set"]);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        SIZE.accept("size-64-kib", "The token has 64 KiB.")
            .claims(claim_of(49_001)),
        SIZE.reject("too_large", "size-over-64-kib", "The token is too long.")
            .claims(claim_of(49_100))
            .twin("size-64-kib"),
        SIZE.accept("size-default", "The token is short.")
            .policy(|policy| policy.max_size = Some(200)),
    ]
}

/// Returns a claim of the length.
fn claim_of(length: usize) -> String {
    format!(r#""a":"{}""#, "a".repeat(length - 6))
}
