//! Reads an object in one pass: some members for ourselves, the rest for the caller's type.
//!
//! serde tells a deserializer which fields a struct has. So the reader can keep the members it
//! reserves away from a caller's type that does not know them, hand them over to one that does, and
//! needs no buffer for either.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StringDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor,
};
use serde_json::value::RawValue;

use super::{DUPLICATE, Fault, check_unread, classify};

/// The members that the reader of an object keeps for itself.
pub(crate) trait Reserved<'de>: Default {
    /// What it calls them.
    type Name: Copy;

    /// Tells whether a member is one of them.
    fn name(&self, member: &str) -> Option<Self::Name>;

    /// Takes the value of one of them.
    fn take<D: Deserializer<'de>>(&mut self, name: Self::Name, value: D) -> Result<(), Fault>;
}

/// Nothing is reserved.
impl<'de> Reserved<'de> for () {
    type Name = ();

    fn name(&self, _: &str) -> Option<()> {
        None
    }

    fn take<D: Deserializer<'de>>(&mut self, (): (), _: D) -> Result<(), Fault> {
        Ok(())
    }
}

/// Reads a text that is one JSON object: what is reserved into `reserved`, the rest into a `T`.
pub(crate) fn read<'de, T, R>(text: &'de str, reserved: &mut R) -> Result<T, Fault>
where
    T: Deserialize<'de>,
    R: Reserved<'de>,
{
    check_unread(text)?;
    read_outermost(text, reserved)
}

/// The same for a text whose values are read again on their own, so that one which breaks a rule
/// does not break the others.
pub(crate) fn read_outermost<'de, T, R>(text: &'de str, reserved: &mut R) -> Result<T, Fault>
where
    T: Deserialize<'de>,
    R: Reserved<'de>,
{
    read_once(text, reserved).map_err(|misfit| {
        // First what breaks a rule whoever reads, then what is reserved, and a misfit last, wherever
        // they stand.
        if let Err(fault) = read_once::<(), ()>(text, &mut ()) {
            return fault;
        }
        let mut again = R::default();
        let fault = read_once::<(), R>(text, &mut again).err();
        *reserved = again;
        fault.unwrap_or(misfit)
    })
}

fn read_once<'de, T, R>(text: &'de str, reserved: &mut R) -> Result<T, Fault>
where
    T: Deserialize<'de>,
    R: Reserved<'de>,
{
    let mut fault = None;
    let root = Root {
        reserved,
        fault: &mut fault,
        result: PhantomData,
    };
    let mut json = serde_json::Deserializer::from_str(text);
    // `deserialize_map` takes objects only, where a struct would take an array as well.
    match json.deserialize_map(root).and_then(|value| {
        json.end()?;
        Ok(value)
    }) {
        Ok(value) => Ok(value),
        Err(_) => Err(classify(text, fault)),
    }
}

/// Visits the object, and keeps our fault where serde_json's error could not carry it, and the
/// caller's type cannot undo it.
struct Root<'r, R, T> {
    reserved: &'r mut R,
    fault: &'r mut Option<Fault>,
    result: PhantomData<T>,
}

impl<'de, R: Reserved<'de>, T: Deserialize<'de>> Visitor<'de> for Root<'_, R, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let outcome = T::deserialize(Object {
            map,
            reserved: self.reserved,
            fault: &mut *self.fault,
        });
        match outcome {
            Ok(value) if self.fault.is_none() => return Ok(value),
            Ok(_) => {}
            Err(fault) => _ = self.fault.get_or_insert(fault),
        }
        Err(A::Error::custom(""))
    }
}

/// The object, as a deserializer for the caller's type.
struct Object<'r, A, R> {
    map: A,
    reserved: &'r mut R,
    fault: &'r mut Option<Fault>,
}

impl<'r, 'de, A: MapAccess<'de>, R: Reserved<'de>> Object<'r, A, R> {
    /// Lets `visit` read members, and reads those that it leaves.
    fn visit<V>(
        self,
        declared: &'static [&'static str],
        visit: impl FnOnce(&mut Members<'r, 'de, A, R>) -> Result<V, Fault>,
    ) -> Result<V, Fault> {
        let mut members = Members {
            map: self.map,
            reserved: self.reserved,
            fault: self.fault,
            declared,
            seen: Seen::default(),
            name: Cow::Borrowed(""),
            value: None,
        };
        let value = visit(&mut members)?;
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(value)
    }
}

impl<'de, A: MapAccess<'de>, R: Reserved<'de>> Deserializer<'de> for Object<'_, A, R> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(&[], |members| visitor.visit_map(members))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.visit(fields, |members| visitor.visit_map(members))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(&[], |_| visitor.visit_unit())
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.visit(&[], |members| {
            MapAccessDeserializer::new(members).deserialize_enum(name, variants, visitor)
        })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        seq tuple tuple_struct map identifier
    }
}

/// The members of the object, as the caller's type may see them.
struct Members<'r, 'de, A, R> {
    map: A,
    reserved: &'r mut R,
    /// The first fault.
    fault: &'r mut Option<Fault>,
    /// The fields of the caller's struct.
    declared: &'static [&'static str],
    seen: Seen<'de>,
    /// The name of the member that comes next or was read last, for the error.
    name: Cow<'de, str>,
    /// The value that comes next, where it was read already because it is reserved as well.
    value: Option<&'de str>,
}

impl<'de, A: MapAccess<'de>, R: Reserved<'de>> Members<'_, 'de, A, R> {
    fn misfit<E>(&self) -> impl FnOnce(E) -> Fault + use<'_, 'de, A, R, E> {
        |_| Fault::Member(self.name.clone().into_owned())
    }

    fn keep(&mut self, fault: &Fault) {
        self.fault.get_or_insert_with(|| fault.clone());
    }

    fn read_name<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        while let Some(Text(name)) = self.map.next_key().map_err(|_| Fault::Unfit)? {
            self.name = name;
            if let Some(reserved) = self.reserved.name(&self.name) {
                if !self.declared.contains(&&*self.name) {
                    let reserved = Take(self.reserved, reserved);
                    self.map
                        .next_value_seed(reserved)
                        .map_err(self.misfit())??;
                    continue;
                }
                let value: &RawValue = self.map.next_value().map_err(self.misfit())?;
                let mut json = serde_json::Deserializer::from_str(value.get());
                self.reserved.take(reserved, &mut json)?;
                self.value = Some(value.get());
            } else if !self.seen.insert(self.name.clone()) {
                return Err(DUPLICATE);
            }
            return match &self.name {
                Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)),
                Cow::Owned(name) => seed.deserialize(StringDeserializer::new(name.clone())),
            }
            .map(Some);
        }
        Ok(None)
    }

    fn read_value<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        match self.value.take() {
            None => self.map.next_value_seed(seed).map_err(self.misfit()),
            Some(text) => seed
                .deserialize(&mut serde_json::Deserializer::from_str(text))
                .map_err(self.misfit()),
        }
    }
}

impl<'de, A: MapAccess<'de>, R: Reserved<'de>> MapAccess<'de> for Members<'_, 'de, A, R> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        // What comes after a fault is not read, however often somebody asks.
        if self.fault.is_some() {
            return Ok(None);
        }
        self.read_name(seed).inspect_err(|fault| self.keep(fault))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        self.read_value(seed).inspect_err(|fault| self.keep(fault))
    }
}

/// Hands a value to who reserved it.
struct Take<'r, R, N>(&'r mut R, N);

impl<'de, R: Reserved<'de>> DeserializeSeed<'de> for Take<'_, R, R::Name> {
    type Value = Result<(), Fault>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        Ok(self.0.take(self.1, value))
    }
}

/// How many members an object may have before their names go into a set.
const FEW: usize = 16;

/// The names of the members so far.
///
/// Real payloads have few members, for which a short row is faster than a set; with more, a set
/// keeps the work linear in the length of the text.
#[derive(Default)]
struct Seen<'de> {
    few: [&'de str; FEW],
    count: usize,
    many: Option<HashSet<Cow<'de, str>>>,
}

impl<'de> Seen<'de> {
    /// Notes a name. `false` if it was there before.
    fn insert(&mut self, name: Cow<'de, str>) -> bool {
        let few = self.few.get_mut(..=self.count).unwrap_or_default();
        match (few, name) {
            ([seen @ .., free], Cow::Borrowed(name)) => {
                *free = name;
                self.count += 1;
                let many = self.many.as_ref();
                !seen.contains(&name) && !many.is_some_and(|many| many.contains(name))
            }
            // The row is full, or the name holds an escape and cannot be borrowed.
            (_, name) => {
                let few = self.few.get(..self.count).unwrap_or_default();
                !few.contains(&&*name) && self.many.get_or_insert_default().insert(name)
            }
        }
    }
}

/// A string, borrowed from the JSON unless it holds escapes.
pub(crate) struct Text<'de>(pub(crate) Cow<'de, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(reason) => f.write_str(reason),
            Self::Missing(_) => f.write_str("lacks a member"),
            Self::Member(_) | Self::Unfit => f.write_str("does not fit"),
        }
    }
}

impl std::error::Error for Fault {}

/// What the caller's type says of the object as a whole. Its words are dropped, because they may
/// quote values.
impl Error for Fault {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self::Unfit
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }

    fn duplicate_field(_: &'static str) -> Self {
        // Members are unique by now; this is a field and its alias.
        DUPLICATE
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::Member(field.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_that_a_callers_type_can_print_quote_nothing() {
        for (fault, words) in [
            (DUPLICATE, "has two members of the same name"),
            (Fault::Missing("role"), "lacks a member"),
            (Fault::Member("role".into()), "does not fit"),
            (Fault::Unfit, "does not fit"),
        ] {
            assert_eq!(fault.to_string(), words);
        }
    }

    #[test]
    fn names_are_seen_once_in_the_row_and_in_the_set() {
        let names: Vec<String> = (0..2 * FEW).map(|n| n.to_string()).collect();
        for escaped in [false, true] {
            let mut seen = Seen::default();
            let name = |name: &'static str| match escaped {
                true => Cow::Owned(name.to_owned()),
                false => Cow::Borrowed(name),
            };
            assert!(seen.insert(name("")));
            for text in &names {
                assert!(seen.insert(Cow::Borrowed(text)), "{text}");
            }
            for text in &names {
                assert!(!seen.insert(Cow::Borrowed(text)), "{text}");
                assert!(!seen.insert(Cow::Owned(text.clone())), "{text}");
            }
            assert!(!seen.insert(name("")));
        }
    }
}
