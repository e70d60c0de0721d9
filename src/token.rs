//! Verified tokens.

use crate::claims::Claims;
use crate::header::Header;

/// A token that was verified: the evidence.
///
/// Only a [`Verifier`] makes one. Whoever holds it knows that its signature held and that it was
/// what the policy asked for at that moment.
///
/// `T` is the type of the custom claims, and plain `Token` has none; `S` is the type of the
/// registered ones' strings.
#[derive(Clone, Debug)]
pub struct Token<T = (), S = String> {
    pub(crate) header: Header,
    pub(crate) claims: Claims<T, S>,
}

impl<T, S> Token<T, S> {
    /// Returns the header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the claims: the registered ones as fields, the custom ones in `custom`.
    #[must_use]
    pub fn claims(&self) -> &Claims<T, S> {
        &self.claims
    }

    /// Takes the claims out; from here on they are mere data.
    #[must_use]
    pub fn into_claims(self) -> Claims<T, S> {
        self.claims
    }
}
