//! The headers that keys expect.

use std::borrow::Cow;

use super::{Header, JWT, Text};
use crate::algorithm::Algorithm;

/// The `typ` of RFC 9068 §2.1.
const ACCESS_TOKEN: &str = "at+jwt";

/// A header that keys expect, with the segment that it decodes from.
///
/// Only this crate makes one; see [`Keys::known_header`](crate::Keys::known_header).
#[derive(Clone, Debug)]
pub struct KnownHeader {
    segment: String,
    header: Header,
}

impl KnownHeader {
    /// Returns the headers that a [`Signer`](crate::Signer) writes for plain JWTs and for access
    /// tokens.
    pub(crate) fn of_key(
        algorithm: Algorithm,
        key_id: Option<&str>,
    ) -> impl Iterator<Item = Self> + use<> {
        let known = [JWT, ACCESS_TOKEN].map(|typ| {
            let header = Header {
                typ: Some(Text::Own(Cow::Borrowed(typ))),
                key_id: key_id.map(|id| Text::Own(Cow::Owned(id.to_owned()))),
                ..Header::new(algorithm)
            };
            // No token has a header that cannot be encoded, for instance with a long id.
            let segment = header.encode().ok()?;
            Some(Self { segment, header })
        });
        known.into_iter().flatten()
    }

    pub(crate) fn segment(&self) -> &str {
        &self.segment
    }

    /// Returns the header, if it is that of the segment.
    pub(crate) fn of_segment(&self, segment: &str) -> Option<&Header> {
        (self.segment == segment).then_some(&self.header)
    }
}
