//! The JSON of header and payload.

mod documents;
mod names;
mod numbers;
mod strings;
mod structures;

use crate::case::{Case, Rule, must};

/// The grammar of a value, which is within a payload.
const GRAMMAR: Rule = must(&["RFC 7519 §7.2", "RFC 8259 §2"]);

pub(crate) fn cases() -> Vec<Case> {
    [
        documents::cases(),
        structures::cases(),
        numbers::cases(),
        strings::cases(),
        names::cases(),
    ]
    .concat()
}

/// A slug, what the case is about, and the value of a claim.
type Valid = (&'static str, &'static str, &'static str);
/// The same, and the slug of the twin.
type Invalid = (&'static str, &'static str, &'static str, &'static str);

/// Payloads with a claim of each value.
fn valid(rule: Rule, rows: &[Valid]) -> impl Iterator<Item = Case> {
    rows.iter().map(move |(slug, about, value)| {
        let case = rule.accept(*slug, *about);
        case.claims(format!(r#""a":{value}"#))
    })
}

/// Payloads with a claim of each text, which is not JSON.
fn invalid(rule: Rule, rows: &[Invalid]) -> impl Iterator<Item = Case> {
    rows.iter().map(move |(slug, about, value, twin)| {
        let case = rule.reject("malformed_payload", *slug, *about);
        case.claims(format!(r#""a":{value}"#)).twin(*twin)
    })
}
