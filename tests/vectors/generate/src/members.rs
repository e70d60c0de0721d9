//! A JWK as a list of members, to write invalid ones.

use crate::sign::{bytes, encode, key};

/// The members of a JWK, with their values as JSON.
#[derive(Clone)]
pub(crate) struct Members(Vec<(String, String)>);

/// Returns the members of a key of `tests/vectors/keys`, without the private ones.
pub(crate) fn members(name: &str) -> Members {
    let key = key(name);
    let all = [
        ("kty", Some(key.kty)),
        ("kid", key.kid),
        ("alg", key.alg),
        ("crv", key.crv),
        ("x", key.x),
        ("y", key.y),
        ("n", key.n),
        ("e", key.e),
        ("k", key.k),
    ];
    let present = all
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    Members(
        present
            .map(|(name, value)| (name.to_owned(), format!("\"{value}\"")))
            .collect(),
    )
}

impl Members {
    /// Sets a member to a value, which is JSON.
    pub(crate) fn set(mut self, name: &str, json: impl Into<String>) -> Self {
        match self.0.iter_mut().find(|(found, _)| found == name) {
            Some((_, value)) => *value = json.into(),
            None => self.0.push((name.to_owned(), json.into())),
        }
        self
    }

    /// Sets a member to bytes in base64url.
    pub(crate) fn set_bytes(&self, name: &str, bytes: &[u8]) -> Self {
        self.clone().set(name, format!("\"{}\"", encode(bytes)))
    }

    /// Decodes a member.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let member = self.0.iter().find(|(found, _)| found == name);
        let text = member.map(|(_, value)| value.trim_matches('"').to_owned());
        bytes(text.as_ref())
    }

    /// Appends a member, which may be a duplicate.
    pub(crate) fn append(mut self, name: &str, json: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), json.into()));
        self
    }

    /// Removes a member.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(found, _)| found != name);
        self
    }

    /// Returns the JWK.
    pub(crate) fn json(&self) -> String {
        let members: Vec<_> = self
            .0
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    }

    /// Returns a set of the JWK alone.
    pub(crate) fn set_json(&self) -> String {
        format!(r#"{{"keys":[{}]}}"#, self.json())
    }
}
