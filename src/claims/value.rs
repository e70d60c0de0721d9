//! The value of a member, as serde_json hands it to the caller's type.

use serde::de::{Deserializer, Visitor};
use serde_json::Error;

use crate::json::{self, Value};

/// A deserializer for a value that was scanned.
///
/// Strings without escapes, short integers, `null` and values that are ignored are not parsed again.
/// serde_json reads the others.
pub(super) struct ValueDeserializer<'t>(pub(super) Value<'t>);

/// Lets serde_json read a text.
macro_rules! parse {
    ($text:expr, $parser:ident => $read:expr) => {{
        let text: &str = $text;
        // From a `str` that is not ASCII, serde_json reads the keys of a map as `bool` from the second
        // byte on, and panics if that is within a character. From bytes it is slower.
        if text.is_ascii() {
            let mut $parser = serde_json::Deserializer::from_str(text);
            // For `u128` it leaves a fraction unread.
            $read.and_then(|value| $parser.end().map(|()| value))
        } else {
            let mut $parser = serde_json::Deserializer::from_slice(text.as_bytes());
            $read.and_then(|value| $parser.end().map(|()| value))
        }
    }};
}
pub(super) use parse;

macro_rules! read_strings {
    ($($method:ident)*) => {
        $(
            #[inline]
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
                match self.0.plain_string() {
                    Some(string) => visitor.visit_borrowed_str(string),
                    None => parse!(self.text(), parser => parser.$method(visitor)),
                }
            }
        )*
    };
}

macro_rules! read_numbers {
    ($($method:ident)*) => {
        $(
            #[inline]
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
                match self.0.short_integer() {
                    Some(number) => visitor.visit_u64(number),
                    None => parse!(self.text(), parser => parser.$method(visitor)),
                }
            }
        )*
    };
}

/// The methods for which serde_json reads the whole text.
macro_rules! parse_for {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $method<V: Visitor<'de>>(
            self,
            $($argument: $type,)*
            visitor: V,
        ) -> Result<V::Value, Error> {
            parse!(self.text(), parser => parser.$method($($argument,)* visitor))
        })*
    };
}
pub(super) use parse_for;

impl<'t> ValueDeserializer<'t> {
    fn text(&self) -> &'t str {
        self.0.text()
    }
}

impl<'de> Deserializer<'de> for ValueDeserializer<'de> {
    type Error = Error;

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.is_null() {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name.starts_with(json::PRIVATE) {
            // A `RawValue`.
            true => parse!(self.text(), parser => parser.deserialize_newtype_struct(name, visitor)),
            false => visitor.visit_newtype_struct(self),
        }
    }

    read_strings! { deserialize_any deserialize_str deserialize_string }

    read_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
    }

    parse_for! {
        deserialize_bool();
        deserialize_i128();
        deserialize_u128();
        deserialize_char();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_map();
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
    }
}
