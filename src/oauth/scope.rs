//! Scopes (RFC 6749 §3.3).

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::profile::Field;

/// The scope of a token: a set of names, written with one space between them (RFC 6749 §3.3).
///
/// Names are compared as a whole and byte for byte: `read` is not in `read:all`. An array of names,
/// as some issuers send it, is read as well.
///
/// ```
/// use jwt_ring::oauth::Scope;
///
/// let granted: Scope = "orders:read orders:write".parse()?;
/// assert!(granted.contains("orders:read"));
/// assert!(!granted.contains("orders"));
/// assert!("orders:read".parse::<Scope>()?.is_subset(&granted));
/// # Ok::<(), jwt_ring::oauth::InvalidScope>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope(BTreeSet<String>);

/// The text is not a [`Scope`]: a name is empty, or has a character that names must not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected names with one space between them, of ASCII characters other than \" and \\")]
#[non_exhaustive]
pub struct InvalidScope;

impl Scope {
    /// Returns whether the name is in the scope.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Returns whether all names of this scope are in the other one as well.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Returns whether the scope has no names.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Adds the name if it can be one (`scope-token` in RFC 6749 §3.3).
    fn insert(&mut self, name: &str) -> Result<(), InvalidScope> {
        let is_valid = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if name.is_empty() || !name.bytes().all(is_valid) {
            return Err(InvalidScope);
        }
        self.0.insert(name.to_owned());
        Ok(())
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    /// Reads names with one space between them. The empty text is the empty scope.
    ///
    /// # Errors
    ///
    /// [`InvalidScope`] if a name is empty, or has a character that names must not have.
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        let mut scope = Self::default();
        if !text.is_empty() {
            text.split(' ').try_for_each(|name| scope.insert(name))?;
        }
        Ok(scope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{name}")?;
        }
        Ok(())
    }
}

impl Field for Scope {
    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScopeVisitor;

        impl<'de> Visitor<'de> for ScopeVisitor {
            type Value = Scope;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("names with spaces between them, or an array of names")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Scope, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Scope, A::Error> {
                let mut scope = Scope::default();
                while let Some(name) = names.next_element::<String>()? {
                    scope.insert(&name).map_err(A::Error::custom)?;
                }
                Ok(scope)
            }
        }

        deserializer.deserialize_any(ScopeVisitor)
    }
}
