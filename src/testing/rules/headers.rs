//! Rules of the other header parameters.

use serde_json::json;

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    ("`crit` with an unknown name", "RFC 7515 §4.1.11", |draft| {
        let draft = draft.header("urn:example:limit", 1);
        draft.header("crit", json!(["urn:example:limit"])).sign()
    }),
    ("`crit` empty", "RFC 7515 §4.1.11", |draft| {
        draft.header("crit", json!([])).sign()
    }),
    ("`b64` false", "RFC 7797 §6", |draft| {
        draft.header("b64", false).sign()
    }),
    ("`b64` false and critical", "RFC 7515 §4.1.11", |draft| {
        let draft = draft.header("b64", false);
        draft.header("crit", json!(["b64"])).sign()
    }),
    ("`cty` JWT: a nested token", "RFC 7519 §7.2", |draft| {
        draft.header("cty", "JWT").sign()
    }),
    ("`typ` not a string", "RFC 7515 §4.1.9", |draft| {
        let typ = json!([draft.header.get("typ")]);
        draft.header("typ", typ).sign()
    }),
    ("`kid` not a string", "RFC 7515 §4.1.4", |draft| {
        draft.header("kid", 1).sign()
    }),
];
