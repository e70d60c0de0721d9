//! The cases, one module per area.

mod algorithm;
mod base64url;
mod claims;
mod header;
mod json;
mod key_sets;
mod keys;
mod resources;
mod signed;
mod structure;
mod times;
mod types;

use crate::case::Case;

/// Returns the areas in their order, with their cases.
pub(crate) fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("structure", structure::cases()),
        ("base64url", base64url::cases()),
        ("json", json::cases()),
        ("algorithm", algorithm::cases()),
        ("header", header::cases()),
        ("keys", keys::cases()),
        ("key_sets", key_sets::cases()),
        ("times", times::cases()),
        ("claims", claims::cases()),
        ("types", types::cases()),
        ("resources", resources::cases()),
    ]
}
