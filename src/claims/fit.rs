//! Reads a payload that was checked into the caller's type.

use std::borrow::Cow;
use std::cell::Cell;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Error;

use super::name::Name;
use super::payload::Payload;
use super::read::DECLARES_KNOWN;
use super::value::{ValueDeserializer, parse, parse_for};
use crate::error::VerifyError;
use crate::json::{self, Value};

/// Reads a payload into the caller's type, as serde_json reads its text.
///
/// The results differ if the type leaves a value unread, for which serde_json fails: here it is
/// skipped.
pub(crate) fn fit<'t, C: Deserialize<'t>>(payload: &Payload<'t>) -> Result<C, VerifyError> {
    let current = Cell::new(None);
    let current = &current;
    C::deserialize(Root { payload, current }).map_err(|error| {
        let name = current.get().and_then(|index| payload.members.name(index));
        does_not_fit(name.map(Value::unquoted), &error)
    })
}

/// Says which member does not fit. The words of serde_json are dropped, because they quote values.
fn does_not_fit(current: Option<Cow<'_, str>>, error: &Error) -> VerifyError {
    let message = error.to_string();
    let (member, problem) = if message.starts_with(DECLARES_KNOWN) {
        (None, DECLARES_KNOWN)
    } else if let Some(name) = current {
        (Some(name.into_owned()), "does not fit the expected type")
    } else if message.starts_with("invalid type: map, expected unit at line") {
        let problem = "does not fit `()`: name `Claims` for a token without custom claims";
        (None, problem)
    } else if let Some(field) = missing_field(&message) {
        let problem = "is missing, and the expected type requires it";
        (Some(field.to_owned()), problem)
    } else {
        (None, "does not fit the expected type")
    };
    VerifyError::CustomClaims { member, problem }
}

/// Returns the field from the sentence with which serde reports that one is missing. Only the name
/// in our error depends on the sentence.
fn missing_field(message: &str) -> Option<&str> {
    let (field, _) = message.strip_prefix("missing field `")?.split_once('`')?;
    Some(field)
}

/// A deserializer for a payload that was scanned. Members are handed over from where they were found.
struct Root<'p, 't> {
    payload: &'p Payload<'t>,
    /// The index of the member that is being read.
    current: &'p Cell<Option<u32>>,
}

impl<'t> Root<'_, 't> {
    fn text(&self) -> &'t str {
        self.payload.members.text()
    }
}

impl<'de> Deserializer<'de> for Root<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut access = Access {
            payload: self.payload,
            current: self.current,
            next: 0,
            has_name: false,
        };
        let value = visitor.visit_map(&mut access)?;
        match access.next < self.payload.members.len() {
            true => Err(Error::custom(
                "expected the end of the object, found a member",
            )),
            false => Ok(value),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        // A `RawValue`.
        if name.starts_with(json::PRIVATE) {
            return parse!(self.text(), parser => parser.deserialize_newtype_struct(name, visitor));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        // Its only member is the variant.
        self.current.set(Some(0));
        parse!(self.text(), parser => parser.deserialize_enum(name, variants, visitor))
    }

    serde::forward_to_deserialize_any! { map struct }

    // An object is an error for these.
    parse_for! {
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_identifier();
    }
}

struct Access<'p, 't> {
    payload: &'p Payload<'t>,
    current: &'p Cell<Option<u32>>,
    next: u32,
    /// Whether the name of the next member was read.
    has_name: bool,
}

impl<'de> MapAccess<'de> for Access<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if self.has_name {
            return Err(Error::custom("expected the value of a member to be read"));
        }
        let Some(name) = self.payload.members.name(self.next) else {
            return Ok(None);
        };
        self.has_name = true;
        self.current.set(Some(self.next));
        seed.deserialize(Name::new(name.unquoted())).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = self.payload.members.value(self.next);
        let value = value.filter(|_| self.has_name);
        let value = value.ok_or_else(|| Error::custom("expected the name to be read first"))?;
        self.has_name = false;
        self.next += 1;
        let value = seed.deserialize(ValueDeserializer(value))?;
        self.current.set(None);
        Ok(value)
    }
}
