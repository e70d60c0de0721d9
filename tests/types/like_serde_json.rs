//! A type gets what serde_json reads from the text of the payload, or fails as it does.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug};
use std::marker::PhantomData;

use jwt_ring::NumericDate;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::support::forge;
use crate::{HEADER, key, verifier};

/// Values of a member `a`.
const VALUES: [&str; 48] = [
    "null",
    "true",
    "0",
    "-0",
    "7",
    "-7",
    "256",
    "1.5",
    "-1.5",
    "0.9",
    "7.0",
    "1e5",
    "1E-1",
    "16777217",
    "9007199254740993",
    "9999999999999999",
    "12345678901234567",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "123456789012345678901234567890e-20",
    "340282366920938463463374607431768211456",
    "1e308",
    "1e309",
    "0.30000000000000004",
    r#""""#,
    r#""x""#,
    r#""é""#,
    r#""xy""#,
    r#""A""#,
    r#""\u0041""#,
    r#""a\n\"b""#,
    r#""1""#,
    "[]",
    "[1]",
    "[ 1 , 2 ]",
    "[1,[2],[[3]]]",
    "[[],[1,2],[256]]",
    r#"["x","\u00e9","é","a\n"]"#,
    r#"[null,"x"]"#,
    r#"[1.5,{"a":[1]}]"#,
    r#"[1,"x"]"#,
    "{}",
    r#"{"a":1}"#,
    r#"{"A":null}"#,
    r#"{"B":1}"#,
    r#" {"a" : [1 , {"b":[]} ] } "#,
];

/// Payloads for which the number and the names of the members matter.
fn payloads() -> Vec<String> {
    let many = |count| (0..count).map(|n| format!(r#""n{n}":{n}"#));
    let mut payloads: Vec<String> = [
        "{}",
        r#"{"b":1}"#,
        r#"{"a":1,"b":"x"}"#,
        r#"{"b":"x","a":1}"#,
        r#"{"x":[{"a":2}],"a":1}"#,
        r#"{"\u0061":1}"#,
        r#"{"A":1}"#,
        r#"{"A":1,"B":2}"#,
        r#"{"kind":"A"}"#,
        r#"{"kind":"B","a":1}"#,
        r#"{"a":1,"kind":"B"}"#,
        r#"{"kind":"C"}"#,
        r#"{"1":1,"2":2}"#,
        r#"{"true":1}"#,
    ]
    .map(str::to_owned)
    .into();
    payloads.extend(VALUES.map(|value| format!("{{\"a\":{value}}}")));
    payloads.extend(VALUES.map(|value| format!("{{ \"x\" : 1 , \"a\" : {value} }}")));
    payloads.extend([15, 16, 17, 40].map(|count| {
        let members: Vec<String> = many(count).collect();
        format!("{{{},\"a\":1}}", members.join(","))
    }));
    payloads
}

fn compare<'t, C: Deserialize<'t> + Debug>(payload: &'t str, buffer: &'t mut Vec<u8>) {
    let token = forge(&key(), HEADER, payload);
    let verifier = verifier().allow_missing_expiration();
    let ours = verifier.verify_borrowed::<C>(&token, &key().verifying_key(), buffer);
    let name = std::any::type_name::<C>();
    match (ours, serde_json::from_slice::<C>(payload.as_bytes())) {
        (Ok(ours), Ok(theirs)) => {
            let (ours, theirs) = (ours.into_claims(), theirs);
            assert_eq!(
                format!("{ours:?}"),
                format!("{theirs:?}"),
                "{payload}: {name}"
            );
        }
        (Err(error), Err(_)) => assert_eq!(error.code(), "custom_claims", "{payload}: {name}"),
        (ours, theirs) => panic!("{payload}: {name}: {ours:?} and {theirs:?}"),
    }
}

macro_rules! compare_each {
    ($($claims:ty),* $(,)?) => {
        for payload in payloads() {
            $(compare::<$claims>(&payload, &mut Vec::new());)*
        }
    };
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "its field is only read")]
struct A<T> {
    a: T,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "its fields are only read")]
struct Denying {
    #[serde(alias = "A", default)]
    a: Option<Value>,
    b: Option<String>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "its fields are only read")]
struct Borrowing<'a> {
    a: Option<&'a str>,
    #[serde(borrow)]
    b: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "its fields are only read")]
struct Flat {
    a: Option<f64>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "its fields are only read")]
enum External {
    A,
    B(u8),
    #[serde(rename = "a")]
    Small {
        a: Value,
    },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind")]
#[allow(dead_code, reason = "its fields are only read")]
enum Tagged {
    A,
    B { a: u8 },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "its fields are only read")]
enum Untagged {
    Number { a: u8 },
    Text { a: String },
    Any(BTreeMap<String, Value>),
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "its field is only read")]
struct Newtype<T>(T);

#[derive(Debug, Deserialize)]
struct Unit;

/// Reads one element of an array.
#[derive(Debug)]
#[allow(dead_code, reason = "its field is only read")]
struct First(Option<u8>);

impl<'de> Deserialize<'de> for First {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Array;

        impl<'de> Visitor<'de> for Array {
            type Value = Option<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut array: S) -> Result<Option<u8>, S::Error> {
                array.next_element()
            }
        }

        deserializer.deserialize_seq(Array).map(First)
    }
}

#[test]
fn a_member_is_read_as_serde_json_reads_it() {
    compare_each!(
        A<u8>,
        A<i8>,
        A<u16>,
        A<u32>,
        A<u64>,
        A<i64>,
        A<u128>,
        A<i128>,
        A<f32>,
        A<f64>,
        A<bool>,
        A<char>,
        A<String>,
        A<()>,
        A<Unit>,
        A<Option<u64>>,
        A<Option<u128>>,
        A<Option<Option<u8>>>,
        A<Newtype<i128>>,
        A<Newtype<String>>,
        A<Vec<u8>>,
        A<(u8, String)>,
        A<[u8; 1]>,
        A<Value>,
        A<Number>,
        A<NumericDate>,
        A<IgnoredAny>,
        A<Map<String, Value>>,
        A<BTreeMap<String, u128>>,
        A<BTreeSet<u64>>,
        A<Vec<Value>>,
        A<Vec<&str>>,
        A<Vec<Option<String>>>,
        A<Vec<Vec<u8>>>,
        A<Option<Vec<u128>>>,
        A<First>,
        A<External>,
        A<Tagged>,
        A<Untagged>,
        A<A<Value>>,
        A<&str>,
        A<Option<&str>>,
        A<&[u8]>,
        A<Option<Box<str>>>,
    );
}

#[test]
fn a_payload_is_read_as_serde_json_reads_it() {
    compare_each!(
        Value, Map<String, Value>, BTreeMap<String, Value>, BTreeMap<String, u128>,
        BTreeMap<String, IgnoredAny>, BTreeMap<u64, Value>, BTreeMap<i128, Value>,
        BTreeMap<bool, Value>, BTreeMap<char, Value>, BTreeMap<&str, Value>, BTreeMap<&[u8], Value>,
        Denying, Borrowing<'_>, Flat, External, Tagged, Untagged, Newtype<Flat>, Newtype<Value>,
        Option<Denying>, Option<Value>, Box<Value>, IgnoredAny, Unit, Newtype<()>, (), (u8, u8), u8, i128,
        f64, bool, char, String, &str, Vec<u8>, Number,
    );
}

/// A type whose visitor reads an object by `read`.
#[derive(Debug)]
#[allow(dead_code, reason = "its field is only read")]
struct Visited<R>(Vec<u8>, PhantomData<R>);

trait Read {
    fn read<'de, M: MapAccess<'de>>(map: M) -> Result<Vec<u8>, M::Error>;
}

impl<'de, R: Read> Deserialize<'de> for Visited<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<R>(PhantomData<R>);

        impl<'de, R: Read> Visitor<'de> for Object<R> {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Vec<u8>, M::Error> {
                R::read(map)
            }
        }

        let read = deserializer.deserialize_map(Object::<R>(PhantomData))?;
        Ok(Self(read, PhantomData))
    }
}

macro_rules! readers {
    ($($name:ident: $map:ident => $read:expr;)*) => {
        $(
            #[derive(Debug)]
            struct $name;

            impl Read for $name {
                fn read<'de, M: MapAccess<'de>>(mut $map: M) -> Result<Vec<u8>, M::Error> {
                    $read
                }
            }
        )*
    };
}

readers! {
    NamesAndValues: map => {
        let mut values = Vec::new();
        while map.next_key::<String>()?.is_some() {
            values.push(map.next_value()?);
        }
        Ok(values)
    };
    NamesOnly: map => {
        let mut count = 0;
        while map.next_key::<String>()?.is_some() {
            count += 1;
            assert!(count < 100, "the same name again and again");
        }
        Ok(vec![count])
    };
    ValueTwice: map => {
        map.next_key::<String>()?;
        Ok(vec![map.next_value()?, map.next_value()?])
    };
    ValueFirst: map => Ok(vec![map.next_value()?]);
    FirstOnly: map => {
        map.next_key::<String>()?;
        Ok(vec![map.next_value()?])
    };
    NameWithoutValue: map => {
        map.next_key::<String>()?;
        Ok(Vec::new())
    };
    Nothing: _map => Ok(Vec::new());
}

#[test]
fn a_type_must_read_names_and_values_in_turn_and_all_of_them() {
    for payload in [
        "{}",
        r#"{"a":1}"#,
        r#"{"a":1,"b":2}"#,
        r#"{"a":1,"b":2,"c":3}"#,
    ] {
        let buffer = &mut Vec::new();
        compare::<Visited<NamesAndValues>>(payload, &mut buffer.clone());
        compare::<Visited<NamesOnly>>(payload, &mut buffer.clone());
        compare::<Visited<ValueTwice>>(payload, &mut buffer.clone());
        compare::<Visited<FirstOnly>>(payload, &mut buffer.clone());
        compare::<Visited<NameWithoutValue>>(payload, &mut buffer.clone());
        compare::<Visited<Nothing>>(payload, &mut buffer.clone());
        compare::<Visited<ValueFirst>>(payload, buffer);
    }
}

/// serde_json fails here, because the value stays unread in the text.
#[test]
fn a_value_whose_error_a_type_ignores_is_skipped() {
    fn or_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        Ok(u8::deserialize(deserializer).unwrap_or_default())
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Lenient {
        #[serde(deserialize_with = "or_default")]
        a: u8,
        b: u8,
    }
    let read = crate::read::<Lenient>(r#"{"a":[1],"b":2}"#);
    assert_eq!(read, Ok(Lenient { a: 0, b: 2 }));
}
