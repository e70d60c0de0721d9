//! What a test presents to a service.

use std::fmt;

/// The kind of token that a service accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// JWTs with an issuer, an audience and an expiration (RFC 7519). Their `typ` is `JWT` or absent, or the
    /// one that [`Issuer::typ`](super::Issuer::typ) sets.
    Plain,
    /// OAuth access tokens as bearer tokens (RFC 9068, RFC 6750).
    AccessToken,
    /// OAuth access tokens that are bound to a key, with a proof (RFC 9449).
    Dpop,
}

/// A token as a client sends it: in a scheme, with the proofs of the request.
#[derive(Clone, Debug)]
pub struct TestToken {
    pub(super) text: String,
    pub(super) scheme: &'static str,
    pub(super) proofs: Vec<String>,
}

impl TestToken {
    pub(super) fn bearer(text: String) -> Self {
        Self {
            text,
            scheme: "Bearer",
            proofs: Vec::new(),
        }
    }

    pub(super) fn dpop(text: String, proofs: Vec<String>) -> Self {
        Self {
            text,
            scheme: "DPoP",
            proofs,
        }
    }

    /// Returns the token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the value of the header `Authorization`: `Bearer` or `DPoP`, and the token.
    #[must_use]
    pub fn authorization(&self) -> String {
        format!("{} {}", self.scheme, self.text)
    }

    /// Returns the values of the headers `DPoP`. None for other profiles than [`Profile::Dpop`].
    #[must_use]
    pub fn proofs(&self) -> &[String] {
        &self.proofs
    }
}

/// A token that a service must reject.
///
/// Its `Display` output is the name and the section.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InvalidToken {
    /// What makes it invalid. Unique among the tokens of a profile.
    pub name: &'static str,
    /// The token.
    pub token: TestToken,
    /// The section with the rule, for instance `RFC 7519 §4.1.4`.
    pub rfc: &'static str,
    /// A valid token to present first: this one is a replay of its proof.
    pub first: Option<TestToken>,
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.rfc)
    }
}
