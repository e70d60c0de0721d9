//! The audiences of a token (RFC 7519 §4.1.3).

use std::fmt;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// The audiences of a token: `aud`, a string or an array of strings (RFC 7519 §4.1.3).
///
/// It is written as a string if there is one audience, else as an array.
///
/// ```
/// use jwt_ring::Audience;
///
/// let audience: Audience = ["https://api.example", "https://files.example"].into_iter().collect();
/// assert!(audience.contains("https://api.example"));
/// assert_eq!(audience.iter().count(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(List);

/// One string is the usual case, and needs no list. It is never a list of one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum List {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    /// Returns whether the audience is one of these, byte for byte.
    #[must_use]
    pub fn contains(&self, audience: &str) -> bool {
        self.iter().any(|one| one == audience)
    }

    /// Returns the audiences in the order of the token.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.as_slice().iter().map(String::as_str)
    }

    pub(super) fn push(&mut self, audience: String) {
        self.0 = match std::mem::replace(&mut self.0, List::Many(Vec::new())) {
            List::One(first) => List::Many(vec![first, audience]),
            List::Many(all) if all.is_empty() => List::One(audience),
            List::Many(mut all) => {
                all.push(audience);
                List::Many(all)
            }
        };
    }

    fn as_slice(&self) -> &[String] {
        match &self.0 {
            List::One(one) => std::slice::from_ref(one),
            List::Many(all) => all,
        }
    }
}

impl From<&str> for Audience {
    fn from(audience: &str) -> Self {
        Self(List::One(audience.to_owned()))
    }
}

impl From<String> for Audience {
    fn from(audience: String) -> Self {
        Self(List::One(audience))
    }
}

impl Default for Audience {
    fn default() -> Self {
        Self(List::Many(Vec::new()))
    }
}

impl<A: Into<String>> FromIterator<A> for Audience {
    fn from_iter<I: IntoIterator<Item = A>>(audiences: I) -> Self {
        let mut all = Self::default();
        for audience in audiences {
            all.push(audience.into());
        }
        all
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            List::One(one) => one.serialize(serializer),
            List::Many(all) => all.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AudienceVisitor)
    }
}

struct AudienceVisitor;

impl<'de> Visitor<'de> for AudienceVisitor {
    type Value = Audience;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of strings")
    }

    fn visit_str<E>(self, audience: &str) -> Result<Audience, E> {
        Ok(Audience(List::One(audience.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Audience, A::Error> {
        let mut audiences = Audience::default();
        while let Some(audience) = all.next_element()? {
            audiences.push(audience);
        }
        Ok(audiences)
    }
}
