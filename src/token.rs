//! Verified tokens.

use crate::claims::Claims;
use crate::header::Header;

/// A verified token.
///
/// Only a verifier makes one, so its signature was valid and it satisfied the policy at that moment.
/// `C` is the type of the claims: [`Claims`], or a type of yours.
#[derive(Clone, Debug)]
#[doc(alias = "TokenData")]
pub struct Token<C = Claims> {
    header: Header,
    claims: C,
}

impl<C> Token<C> {
    pub(crate) fn new(header: Header, claims: C) -> Self {
        Self { header, claims }
    }

    /// Returns the header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the claims.
    #[must_use]
    pub fn claims(&self) -> &C {
        &self.claims
    }

    /// Returns the claims by value. They no longer show that they were verified.
    #[must_use]
    pub fn into_claims(self) -> C {
        self.claims
    }
}
