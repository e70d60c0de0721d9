//! The kinds of types.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use jwt_ring::{Audience, Claim, Claims, NumericDate};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::support::{NOW, errors, forge};
use crate::{DOES_NOT_FIT, HEADER, IS_MISSING, Own, key, own, payload, read, verifier};

#[test]
fn a_type_sees_the_whole_payload() {
    let text = payload().to_string();
    let members = payload().as_object().expect("an object").clone();

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapped(Own);
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        sub: String,
        exp: NumericDate,
        role: String,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Renamed {
        #[serde(rename = "sub")]
        user: String,
        #[serde(alias = "exp")]
        expires: Option<u64>,
        #[serde(default)]
        iat: Option<i64>,
    }

    assert_eq!(read(&text), Ok(own()));
    assert_eq!(read(&text), Ok(Some(own())));
    assert_eq!(read(&text), Ok(Box::new(own())));
    assert_eq!(read(&text), Ok(Wrapped(own())));
    assert_eq!(read(&text), Ok(payload()));
    assert_eq!(read(&text), Ok(members.clone()));
    let hash_map: HashMap<String, Value> = members.clone().into_iter().collect();
    assert_eq!(read(&text), Ok(hash_map));
    let tree_map: BTreeMap<String, Value> = members.into_iter().collect();
    assert_eq!(read(&text), Ok(tree_map));
    let strict = Strict {
        sub: "user-42".into(),
        exp: NumericDate::from_seconds(NOW + 1),
        role: "admin".into(),
    };
    assert_eq!(read(&text), Ok(strict));
    let renamed = Renamed {
        user: "user-42".into(),
        expires: Some((NOW + 1).cast_unsigned()),
        iat: None,
    };
    assert_eq!(read(&text), Ok(renamed));
}

#[test]
fn a_flattened_struct_sees_registered_claims() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Registered {
        sub: String,
        exp: i64,
        aud: Option<Audience>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Flat {
        role: String,
        #[serde(flatten)]
        registered: Registered,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Rest {
        role: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    let text = payload().to_string();
    let (sub, exp) = ("user-42", NOW + 1);
    let registered = Registered {
        sub: sub.into(),
        exp,
        aud: None,
    };
    let role = || "admin".into();
    assert_eq!(
        read(&text),
        Ok(Flat {
            role: role(),
            registered
        })
    );
    let rest = [("exp", json!(exp)), ("sub", json!(sub))];
    let rest = rest.map(|(name, value)| (name.into(), value)).into();
    assert_eq!(read(&text), Ok(Rest { role: role(), rest }));
}

#[test]
fn a_map_may_have_keys_that_are_not_strings() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Name {
        Exp,
        Role,
    }
    let numbers = BTreeMap::from([(1_u64, true), (20, false)]);
    assert_eq!(read(r#"{"1":true,"20":false}"#), Ok(numbers));
    let numbers = BTreeMap::from([(-1_i128, 1)]);
    assert_eq!(read(r#"{"-1":1}"#), Ok(numbers));
    let flags = BTreeMap::from([(false, 0), (true, 1)]);
    assert_eq!(read(r#"{"true":1,"false":0}"#), Ok(flags));
    // Parsed, because `arbitrary_precision` compares numbers as text.
    let number = serde_json::from_str("9e9").expect("a number");
    let names = BTreeMap::from([(Name::Exp, number), (Name::Role, json!("a"))]);
    assert_eq!(read(r#"{"exp":9e9,"role":"a"}"#), Ok(names));
}

#[test]
fn an_externally_tagged_enum_is_an_object_of_one_member() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Choice {
        Role(String),
        Guest { since: u8 },
        Admin,
        Exp(i64),
    }
    assert_eq!(
        read(r#"{"role":"admin"}"#),
        Ok(Choice::Role("admin".into()))
    );
    assert_eq!(
        read(r#"{"guest":{"since":7}}"#),
        Ok(Choice::Guest { since: 7 })
    );
    assert_eq!(read(r#"{"admin":null}"#), Ok(Choice::Admin));
    // It is also the claim: an expired token is rejected.
    let exp = NOW + 1;
    assert_eq!(read(&format!(r#"{{"exp":{exp}}}"#)), Ok(Choice::Exp(exp)));
    let error = read::<Choice>(&format!(r#"{{"exp":{NOW}}}"#)).expect_err("expired");
    assert_eq!(errors::text(&error), errors::expired(NOW, NOW));

    for payload in [
        r#"{"role":"admin","guest":{"since":7}}"#,
        r#"{"guest":{"since":7},"role":"admin"}"#,
        r#"{"role":"admin","more":1}"#,
        r#"{"role":"admin","exp":9e9}"#,
        r#"{"more":1}"#,
        r#"{"role":5}"#,
        "{}",
    ] {
        let error = read::<Choice>(payload).expect_err(payload);
        assert_eq!(error.code(), "custom_claims", "{payload}");
    }
}

#[test]
fn tagged_and_untagged_enums_see_registered_claims() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Tagged {
        User { sub: String, exp: i64 },
        Service { iss: String },
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", content = "data", rename_all = "lowercase")]
    enum Adjacent {
        User(String),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Service { iss: String },
        User(Own),
    }
    let exp = NOW + 1;
    let sub = || "user-42".into();
    let user = format!(r#"{{"sub":"user-42","exp":{exp},"kind":"user"}}"#);
    assert_eq!(read(&user), Ok(Tagged::User { sub: sub(), exp }));
    let service = r#"{"kind":"service","iss":"me"}"#;
    assert_eq!(read(service), Ok(Tagged::Service { iss: "me".into() }));
    let adjacent = format!(r#"{{"exp":{exp},"data":"user-42","kind":"user"}}"#);
    assert_eq!(read(&adjacent), Ok(Adjacent::User(sub())));
    assert_eq!(read(&payload().to_string()), Ok(Untagged::User(own())));
    assert_eq!(read(service), Ok(Untagged::Service { iss: "me".into() }));

    let errors = [
        (r#"{"kind":"other"}"#, Some("kind"), DOES_NOT_FIT),
        (r#"{"iss":"me"}"#, Some("kind"), IS_MISSING),
    ];
    for (payload, member, problem) in errors {
        let error = read::<Tagged>(payload).expect_err(payload);
        assert_eq!(errors::text(&error), errors::custom_claims(member, problem));
    }
    let error = read::<Untagged>(r#"{"sub":"hunter2"}"#).expect_err("no variant");
    assert_eq!(
        errors::text(&error),
        errors::custom_claims(None, DOES_NOT_FIT)
    );
}

#[test]
fn integers_of_128_bits_are_read_exactly() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Wide {
        large: u128,
        small: i128,
    }
    let (large, small) = (u128::MAX, i128::MIN);
    let payload = format!(r#"{{"large":{large},"small":{small}}}"#);
    assert_eq!(read(&payload), Ok(Wide { large, small }));
    assert_eq!(
        read(&format!(r#"{{"a":{large}}}"#)),
        Ok(HashMap::from([("a".to_owned(), large)]))
    );
}

#[test]
fn a_payload_of_127_levels_is_read() {
    #[derive(Debug, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        rest: HashMap<String, Value>,
    }
    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Any(Value),
    }
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let value = format!("{}0{}", open.repeat(126), close.repeat(126));
        let payload = format!(r#"{{"a":{value}}}"#);
        let payload: &str = &payload;
        let value = read::<Value>(payload).expect("a value");
        assert_eq!(value.to_string(), payload);
        assert_eq!(
            read::<Claims<Value>>(payload).map(|claims| claims.custom),
            Ok(value.clone())
        );
        let flat = read::<Flat>(payload).expect("a flattened struct");
        assert_eq!(flat.rest["a"], value["a"]);
        let Untagged::Any(any) = read(payload).expect("an untagged enum");
        assert_eq!(any, value);
    }
}

/// serde_json reads it with `arbitrary_precision` only, so the type decides whether the token is
/// accepted.
#[test]
fn a_number_outside_the_range_of_f64_does_not_fit_a_value() {
    for number in ["1e400", "-1e309", "[1,{\"a\":1e999999999999}]"] {
        let payload = format!(r#"{{"b":1,"a":{number}}}"#);
        assert!(read::<Claims>(&payload).is_ok(), "{payload}");
        assert_eq!(
            read(&payload),
            Ok(HashMap::<String, IgnoredAny>::from([
                ("a".to_owned(), IgnoredAny),
                ("b".to_owned(), IgnoredAny),
            ]))
        );
        let found = read::<Value>(&payload).map_err(|error| errors::text(&error));
        let does_not_fit = errors::custom_claims(Some("a"), DOES_NOT_FIT);
        let expected = serde_json::from_str::<Value>(&payload).map_err(|_| does_not_fit);
        assert_eq!(found, expected);
    }
}

#[test]
fn the_unit_type_does_not_fit_any_payload() {
    for payload in ["{}", r#"{"sub":"hunter2"}"#, " {\n} "] {
        let error = read::<()>(payload).expect_err("a unit");
        let problem = "does not fit `()`: name `Claims` for a token without custom claims";
        assert_eq!(errors::text(&error), errors::custom_claims(None, problem));
        assert!(error.to_string().contains("`Claims`"));
        assert!(read::<Claims>(payload).is_ok(), "{payload}");
    }
}

#[test]
fn borrowed_claims_hold_strings_of_the_buffer() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Borrowed<'a> {
        sub: &'a str,
        #[serde(borrow)]
        iss: Cow<'a, str>,
        #[serde(borrow)]
        list: Vec<&'a str>,
        exp: i64,
    }
    let public = key().verifying_key();
    let token = |payload: String| forge(&key(), HEADER, payload);
    let exp = NOW + 1;
    let members = format!(r#""exp":{exp},"list":["é","b"]"#);
    let mut buffer = b"earlier contents".repeat(100);
    let capacity = buffer.capacity();

    let jwt = token(format!(r#"{{"sub":"user-42","iss":"me",{members}}}"#));
    let verified = verifier()
        .verify_borrowed::<Borrowed<'_>>(&jwt, &public, &mut buffer)
        .expect("a valid token");
    let claims = verified.claims();
    assert_eq!(
        (claims.sub, claims.exp, &*claims.list),
        ("user-42", exp, &["é", "b"][..])
    );
    assert!(matches!(claims.iss, Cow::Borrowed("me")));

    // A `Cow` holds a string with escapes, a `&str` does not.
    let jwt = token(format!(r#"{{"sub":"user-42","iss":"m\u0065",{members}}}"#));
    let verified = verifier()
        .verify_borrowed::<Borrowed<'_>>(&jwt, &public, &mut buffer)
        .expect("a valid token");
    assert_eq!(verified.into_claims().iss, "me");
    let jwt = token(format!(r#"{{"iss":"me","sub":"us\u0065r-42",{members}}}"#));
    let error = verifier()
        .verify_borrowed::<Borrowed<'_>>(&jwt, &public, &mut buffer)
        .expect_err("a string with escapes");
    let expected = errors::custom_claims(Some("sub"), DOES_NOT_FIT);
    assert_eq!(errors::text(&error), expected);

    let jwt = token(format!(r#"{{"sub":"user-42","role":"admin",{members}}}"#));
    let verified = verifier()
        .verify_borrowed::<Claims<HashMap<&str, Value>>>(&jwt, &public, &mut buffer)
        .expect("a valid token");
    assert_eq!(verified.claims().custom["role"], "admin");
    assert_eq!(verified.claims().subject.as_deref(), Some("user-42"));
    drop(verified);
    assert_eq!(buffer.capacity(), capacity);
}

#[test]
fn custom_claims_may_be_ignored() {
    let claims: Claims<IgnoredAny> = read(r#"{"sub":"me","a":[1]}"#).expect("claims");
    assert_eq!(claims.subject.as_deref(), Some("me"));
    let error = read::<Claims<IgnoredAny>>(r#"{"sub":1}"#).expect_err("a wrong type");
    assert_eq!(errors::text(&error), errors::wrong_type(Claim::Subject));
}
