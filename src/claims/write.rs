//! Writes `Claims<T>`: the registered claims, and the members of `T` beside them.

use serde::ser::{Error, Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};

use super::Claims;
use crate::claim::Claim;
use crate::json;

impl<T: Serialize> Serialize for Claims<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn entry<M: SerializeMap>(
            map: &mut M,
            claim: Claim,
            value: &Option<impl Serialize>,
        ) -> Result<(), M::Error> {
            match value {
                Some(value) => map.serialize_entry(claim.name(), value),
                None => Ok(()),
            }
        }

        let mut map = serializer.serialize_map(None)?;
        entry(&mut map, Claim::Issuer, &self.issuer)?;
        entry(&mut map, Claim::Subject, &self.subject)?;
        entry(&mut map, Claim::Audience, &self.audience)?;
        entry(&mut map, Claim::Expiration, &self.expiration)?;
        entry(&mut map, Claim::NotBefore, &self.not_before)?;
        entry(&mut map, Claim::IssuedAt, &self.issued_at)?;
        entry(&mut map, Claim::JwtId, &self.jwt_id)?;
        self.custom.serialize(Others {
            map: &mut map,
            is_known: |name| Claim::registered(name).is_some(),
        })?;
        map.end()
    }
}

/// The error for custom claims that are no object.
pub(crate) const NOT_AN_OBJECT: &str = "has custom claims that are not a JSON object";

/// The error for a variant of an enum whose fields serde hands over one by one.
pub(crate) const VARIANT_WITH_FIELDS: &str =
    "has custom claims that are a variant with fields: put the fields into a struct";

/// The error for custom claims with the name of a field beside them, which follows.
pub(crate) const SHADOWS: &str = "the custom claims have the claim ";

/// A serializer that adds the members of an object to a map which is being written.
///
/// `()` and `None` add nothing. A value that is no object or has a known claim is an error.
pub(crate) struct Others<'m, M> {
    pub(crate) map: &'m mut M,
    /// Whether a name is that of a claim that is a field beside the custom claims.
    pub(crate) is_known: fn(&str) -> bool,
}

impl<M: SerializeMap> Others<'_, M> {
    fn check_name(&self, name: &str) -> Result<(), M::Error> {
        if (self.is_known)(name) {
            return Err(M::Error::custom(format_args!("{SHADOWS}{name}")));
        }
        Ok(())
    }
}

impl<M: SerializeMap> SerializeStruct for Others<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        self.check_name(name)?;
        self.map.serialize_entry(name, value)
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<M: SerializeMap> SerializeMap for Others<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), M::Error> {
        // A key that is no string is no claim's name, whether a `Value` can hold it or not.
        let text = serde_json::to_value(name).unwrap_or_default();
        self.check_name(text.as_str().unwrap_or_default())?;
        self.map.serialize_key(name)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        self.map.serialize_value(value)
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

/// The methods for values that are no objects.
macro_rules! reject {
    ($($method:ident($($argument:ty),*);)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<(), M::Error> {
            Err(not_an_object())
        })*
    };
}

fn not_an_object<E: Error>() -> E {
    E::custom(NOT_AN_OBJECT)
}

impl<M: SerializeMap> Serializer for Others<'_, M> {
    type Ok = ();
    type Error = M::Error;
    type SerializeStruct = Self;
    type SerializeMap = Self;
    type SerializeSeq = Impossible<(), M::Error>;
    type SerializeTuple = Impossible<(), M::Error>;
    type SerializeTupleStruct = Impossible<(), M::Error>;
    type SerializeTupleVariant = Impossible<(), M::Error>;
    type SerializeStructVariant = Impossible<(), M::Error>;

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Self, M::Error> {
        // A `RawValue` or a number, which serde_json passes through serde as a struct.
        match name.starts_with(json::PRIVATE) {
            true => Err(not_an_object()),
            false => Ok(self),
        }
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, M::Error> {
        Ok(self)
    }

    fn serialize_unit(self) -> Result<(), M::Error> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), M::Error> {
        Ok(())
    }

    fn serialize_none(self) -> Result<(), M::Error> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), M::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        value.serialize(self)
    }

    /// An enum's variant is an object with one member.
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        self.serialize_field(variant, value)
    }

    reject! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, M::Error> {
        Err(not_an_object())
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, M::Error> {
        Err(not_an_object())
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, M::Error> {
        Err(not_an_object())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, M::Error> {
        Err(M::Error::custom(VARIANT_WITH_FIELDS))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, M::Error> {
        Err(M::Error::custom(VARIANT_WITH_FIELDS))
    }
}
