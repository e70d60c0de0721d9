//! What a verifier is set to, as a member of a case.

use serde::Serialize;

/// What the token must be. What is not set is not written, and has the default that the README of
/// the corpus names.
#[derive(Clone, Serialize)]
pub(crate) struct Policy {
    pub(crate) algorithms: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) typ: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) issuer: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) audience: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) audience_mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) subject: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) required: Vec<&'static str>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) allow_missing_expiration: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) null_as_missing: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leeway: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_lifetime: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_size: Option<usize>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is serde's"
)]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Policy {
    pub(crate) fn new() -> Self {
        Self {
            algorithms: vec!["HS256"],
            typ: Vec::new(),
            issuer: Vec::new(),
            audience: Vec::new(),
            audience_mode: None,
            subject: Vec::new(),
            required: Vec::new(),
            allow_missing_expiration: false,
            null_as_missing: false,
            leeway: None,
            max_age: None,
            max_lifetime: None,
            max_size: None,
        }
    }
}
