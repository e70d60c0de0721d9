//! Reads known claims into fields and the other members of the payload into the caller's type.

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

/// The error for a `T` that would hide a known claim.
pub(super) const DECLARES_KNOWN: &str = "does not fit, because the type of the custom claims declares a claim that is a field beside \
     them: name the struct itself";

/// The claims that are fields, and so hidden from the type of the custom claims.
pub(crate) trait Known<'de> {
    type Name: Copy;

    /// The names of the claims.
    const NAMES: &'static [&'static str];

    fn name(text: &str) -> Option<Self::Name>;

    /// Reads the value of a claim into its field.
    fn read<A: MapAccess<'de>>(&mut self, name: Self::Name, map: &mut A) -> Result<(), A::Error>;
}

/// Reads the known claims into `known`, and returns the others.
pub(crate) fn read<'de, T, K, D>(deserializer: D, known: &mut K) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    K: Known<'de>,
    D: Deserializer<'de>,
{
    // As a struct, so that claims within the custom claims are an error like a struct of the caller.
    deserializer.deserialize_struct("Claims", K::NAMES, Root(known, PhantomData))
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Claims<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut claims = Claims::EMPTY;
        let custom = read(deserializer, &mut claims)?;
        Ok(claims.custom(custom))
    }
}

impl<'de> Known<'de> for Claims {
    type Name = Claim;

    const NAMES: &'static [&'static str] = &["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

    fn name(text: &str) -> Option<Claim> {
        Claim::registered(text)
    }

    fn read<A: MapAccess<'de>>(&mut self, claim: Claim, map: &mut A) -> Result<(), A::Error> {
        match claim {
            Claim::Issuer => self.issuer = map.next_value()?,
            Claim::Subject => self.subject = map.next_value()?,
            Claim::Audience => self.audience = map.next_value()?,
            Claim::Expiration => self.expiration = map.next_value()?,
            Claim::NotBefore => self.not_before = map.next_value()?,
            Claim::IssuedAt => self.issued_at = map.next_value()?,
            Claim::JwtId => self.jwt_id = map.next_value()?,
            _ => _ = map.next_value::<IgnoredAny>()?,
        }
        Ok(())
    }
}

struct Root<'k, K, T>(&'k mut K, PhantomData<T>);

impl<'de, K: Known<'de>, T: Deserialize<'de>> Visitor<'de> for Root<'_, K, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(Object { map, known: self.0 })
    }
}

/// The payload without its known claims, as a deserializer for `T`.
struct Object<'k, A, K> {
    map: A,
    known: &'k mut K,
}

impl<'k, 'de, A: MapAccess<'de>, K: Known<'de>> Object<'k, A, K> {
    /// Lets `visit` read members, and then reads the known claims among those that it left.
    fn visit<V>(
        self,
        visit: impl FnOnce(&mut Others<'k, A, K>) -> Result<V, A::Error>,
    ) -> Result<V, A::Error> {
        let mut others = Others {
            map: self.map,
            known: self.known,
        };
        let value = visit(&mut others)?;
        while others.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(value)
    }
}

impl<'de, A: MapAccess<'de>, K: Known<'de>> Deserializer<'de> for Object<'_, A, K> {
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
        if fields.iter().any(|field| K::name(field).is_some()) {
            return Err(A::Error::custom(DECLARES_KNOWN));
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

/// The members that are not known claims. Those that are go into their fields as they are met.
struct Others<'k, A, K> {
    map: A,
    known: &'k mut K,
}

impl<'de, A: MapAccess<'de>, K: Known<'de>> MapAccess<'de> for Others<'_, A, K> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        while let Some(name) = self.map.next_key_seed(NameSeed::<K>(PhantomData))? {
            match name {
                Ok(known) => self.known.read(known, &mut self.map)?,
                Err(other) => return seed.deserialize(Name::new(other)).map(Some),
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// Reads a name: that of a known claim, or another, borrowed unless it has escapes.
struct NameSeed<K>(PhantomData<K>);

impl<'de, K: Known<'de>> DeserializeSeed<'de> for NameSeed<K> {
    type Value = Result<K::Name, Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, K: Known<'de>> Visitor<'de> for NameSeed<K> {
    type Value = Result<K::Name, Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    #[inline(always)]
    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(K::name(name).ok_or(Cow::Borrowed(name)))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(K::name(name).ok_or_else(|| Cow::Owned(name.to_owned())))
    }
}
