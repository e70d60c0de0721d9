//! The name of a member, as serde_json hands it to the key of a map.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::value::CowStrDeserializer;
use serde::de::{Deserializer, Error, IntoDeserializer, Visitor};

/// A deserializer for a name. Keys that are numbers or booleans are read from its text.
pub(super) struct Name<'de, E> {
    text: Cow<'de, str>,
    error: PhantomData<E>,
}

impl<'de, E: Error> Name<'de, E> {
    pub(super) fn new(text: Cow<'de, str>) -> Self {
        Self {
            text,
            error: PhantomData,
        }
    }

    fn into_str(self) -> CowStrDeserializer<'de, E> {
        self.text.into_deserializer()
    }
}

macro_rules! read_from_text {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            // A name with escapes is owned.
            let is_plain = matches!(self.text, Cow::Borrowed(text) if text.trim_ascii() == text);
            if !is_plain {
                return Err(E::custom("expected a key without white space and escapes"));
            }
            // From a reader, because `'de` may be longer than the text lives.
            let mut json = serde_json::Deserializer::from_reader(self.text.as_bytes());
            let value = json.$method(visitor).map_err(E::custom)?;
            json.end().map_err(E::custom)?;
            Ok(value)
        })*
    };
}

impl<'de, E: Error> Deserializer<'de> for Name<'de, E> {
    type Error = E;

    #[inline(always)]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.text {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        self.into_str().deserialize_enum(name, variants, visitor)
    }

    read_from_text! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.text {
            Cow::Borrowed(text) => visitor.visit_borrowed_bytes(text.as_bytes()),
            Cow::Owned(text) => visitor.visit_byte_buf(text.into_bytes()),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.deserialize_bytes(visitor)
    }

    serde::forward_to_deserialize_any! {
        char str string unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
