//! Rules against tokens of another kind, all signed by the key of the issuer unless they are proofs.

use serde_json::json;

use super::Rule;
use crate::testing::draft::Draft;
use crate::testing::issuer::{thumbprint, token_hash};

const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

pub(super) const PLAIN: &[Rule] = &[
    ("access token", "RFC 8725 §3.11", |draft| {
        draft.header("typ", "at+jwt").sign()
    }),
    ("logout token", "RFC 8725 §3.11", logout_token),
    ("security event token", "RFC 8725 §3.11", security_event),
    ("ID token for a client", "RFC 8725 §3.9", id_token),
    ("DPoP proof", "RFC 8725 §3.12", proof),
    ("`typ` unknown", "RFC 8725 §3.11", |draft| {
        draft.header("typ", "unknown+jwt").sign()
    }),
];

/// The rules of plain tokens with a `typ` of the service's own.
pub(super) const OWN_TYP: &[Rule] = &[
    ("no `typ`", "RFC 8725 §3.11", |draft| {
        draft.without_header("typ").sign()
    }),
    ("`typ` JWT", "RFC 8725 §3.11", |draft| {
        draft.header("typ", "JWT").sign()
    }),
];

pub(super) const ACCESS_TOKEN: &[Rule] = &[
    ("no `typ`", "RFC 9068 §4", |draft| {
        draft.without_header("typ").sign()
    }),
    ("`typ` JWT", "RFC 9068 §4", |draft| {
        draft.header("typ", "JWT").sign()
    }),
    ("ID token for a client", "RFC 9068 §4", id_token),
    (
        "ID token with the audience of the service",
        "RFC 9068 §4",
        |draft| {
            let draft = draft.header("typ", "JWT").without_claim("client_id");
            draft.claim("nonce", "n-0S6_WzA2Mj").sign()
        },
    ),
    ("logout token", "RFC 9068 §4", logout_token),
    ("security event token", "RFC 9068 §4", security_event),
    ("DPoP proof", "RFC 9068 §4", proof),
];

/// Tokens that require a proof, as bearer tokens.
pub(super) const BOUND: &[Rule] = &[
    ("bound to a DPoP key", "RFC 9449 §7.2", |draft| {
        let key = thumbprint(draft.issuer.thief());
        draft.claim("cnf", json!({ "jkt": key })).sign()
    }),
    ("bound to a certificate", "RFC 8705 §3", |draft| {
        let hash = token_hash("a certificate");
        draft.claim("cnf", json!({ "x5t#S256": hash })).sign()
    }),
];

/// Tokens that are not bound to the key of the proof.
pub(super) const NOT_BOUND: &[Rule] = &[
    ("no `cnf`", "RFC 9449 §4.3", |draft| {
        draft.without_claim("cnf").sign()
    }),
    ("bound to another key", "RFC 9449 §4.3", |draft| {
        let key = thumbprint(draft.issuer.thief());
        draft.claim("cnf", json!({ "jkt": key })).sign()
    }),
    ("bound to a certificate", "RFC 9449 §4.3", |draft| {
        let hash = token_hash("a certificate");
        draft.claim("cnf", json!({ "x5t#S256": hash })).sign()
    }),
];

fn logout_token(draft: Draft<'_>) -> String {
    let draft = draft.header("typ", "logout+jwt");
    draft.claim("events", json!({ LOGOUT: {} })).sign()
}

fn security_event(draft: Draft<'_>) -> String {
    let events =
        json!({ "https://schemas.openid.net/secevent/caep/event-type/session-revoked": {} });
    draft
        .header("typ", "secevent+jwt")
        .claim("events", events)
        .sign()
}

fn id_token(draft: Draft<'_>) -> String {
    let draft = draft.header("typ", "JWT").claim("aud", "another-client");
    draft
        .without_claim("client_id")
        .claim("nonce", "n-0S6_WzA2Mj")
        .sign()
}

fn proof(draft: Draft<'_>) -> String {
    draft.issuer.proof("").sign()
}
