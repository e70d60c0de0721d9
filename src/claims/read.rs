//! Reads `Claims<T>`: the registered claims into its fields, the other members into `T`.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor,
};

use super::Claims;
use super::name::Name;
use crate::claim::Claim;

/// The error for a `T` that would hide a registered claim.
pub(super) const DECLARES_REGISTERED: &str =
    "does not fit `Claims<T>`, whose `T` declares a registered claim: name the struct itself";

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Claims<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ClaimsVisitor(PhantomData))
    }
}

struct ClaimsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ClaimsVisitor<T> {
    type Value = Claims<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Claims<T>, A::Error> {
        let mut claims = Claims::EMPTY;
        let custom = T::deserialize(Object {
            map,
            claims: &mut claims,
        })?;
        Ok(claims.custom(custom))
    }
}

/// The payload without its registered claims, as a deserializer for `T`.
struct Object<'c, A> {
    map: A,
    claims: &'c mut Claims,
}

impl<'c, 'de, A: MapAccess<'de>> Object<'c, A> {
    /// Lets `visit` read members, and then reads the registered claims among those that it left.
    fn visit<V>(
        self,
        visit: impl FnOnce(&mut Others<'c, A>) -> Result<V, A::Error>,
    ) -> Result<V, A::Error> {
        let mut others = Others {
            map: self.map,
            claims: self.claims,
        };
        let value = visit(&mut others)?;
        while others.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(value)
    }
}

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Object<'_, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        self.visit(|others| visitor.visit_map(others))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        if fields
            .iter()
            .any(|field| Claim::registered(field).is_some())
        {
            return Err(A::Error::custom(DECLARES_REGISTERED));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        self.visit(|_| visitor.visit_unit())
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.visit(|others| {
            let variant = MapAccessDeserializer::new(&mut *others);
            let value = variant.deserialize_enum(name, variants, visitor)?;
            match others.next_key::<IgnoredAny>()? {
                None => Ok(value),
                Some(_) => Err(A::Error::custom(
                    "expected one variant, found another member",
                )),
            }
        })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        seq tuple tuple_struct map identifier
    }
}

/// The members that are not registered claims. Those that are go into `claims` as they are met.
struct Others<'c, A> {
    map: A,
    claims: &'c mut Claims,
}

impl<'de, A: MapAccess<'de>> Others<'_, A> {
    fn read_registered(&mut self, claim: Claim) -> Result<(), A::Error> {
        let (map, claims) = (&mut self.map, &mut *self.claims);
        match claim {
            Claim::Issuer => claims.issuer = map.next_value()?,
            Claim::Subject => claims.subject = map.next_value()?,
            Claim::Audience => claims.audience = map.next_value()?,
            Claim::Expiration => claims.expiration = map.next_value()?,
            Claim::NotBefore => claims.not_before = map.next_value()?,
            Claim::IssuedAt => claims.issued_at = map.next_value()?,
            Claim::JwtId => claims.jwt_id = map.next_value()?,
            _ => _ = map.next_value::<IgnoredAny>()?,
        }
        Ok(())
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Others<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(name) = self.map.next_key_seed(NameSeed)? {
            match name {
                Ok(claim) => self.read_registered(claim)?,
                Err(other) => return seed.deserialize(Name::new(other)).map(Some),
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// Reads a name: of a registered claim, or another, borrowed unless it has escapes.
struct NameSeed;

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Result<Claim, Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed {
    type Value = Result<Claim, Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Claim::registered(name).ok_or(Cow::Borrowed(name)))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Claim::registered(name).ok_or_else(|| Cow::Owned(name.to_owned())))
    }
}
