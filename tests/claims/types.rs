//! Types of custom claims that are read.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use jwt_ring::Claims;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::support::errors;
use crate::{App, DOES_NOT_FIT, IS_MISSING, MEMBERS, app, error_of, jwt, key, read, verifier};

#[test]
fn a_type_sees_the_members_that_are_not_registered() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapped<T>(T);
    #[derive(Debug, PartialEq, Deserialize)]
    struct Unit;
    #[derive(Debug, PartialEq, Deserialize)]
    struct Empty {}

    let rest = json!({ "role": "admin", "more": [1, { "sub": 2 }] });
    let members = || rest.as_object().expect("an object").clone();
    assert_eq!(read(MEMBERS), Ok(app()));
    assert_eq!(read(MEMBERS), Ok(Some(app())));
    assert_eq!(read(MEMBERS), Ok(Box::new(app())));
    assert_eq!(read(MEMBERS), Ok(Wrapped(app())));
    assert_eq!(read(MEMBERS), Ok(Some(Wrapped(Some(app())))));
    assert_eq!(read(MEMBERS), Ok(rest.clone()));
    assert_eq!(read(MEMBERS), Ok(members()));
    let hash_map: HashMap<String, Value> = members().into_iter().collect();
    assert_eq!(read(MEMBERS), Ok(hash_map));
    let tree_map: BTreeMap<String, Value> = members().into_iter().collect();
    assert_eq!(read(MEMBERS), Ok(tree_map));
    assert_eq!(read(MEMBERS), Ok(()));
    assert_eq!(read(MEMBERS), Ok(Some(())));
    assert_eq!(read(MEMBERS), Ok(Unit));
    assert_eq!(read(MEMBERS), Ok(Wrapped(())));
    assert_eq!(read(MEMBERS), Ok(Empty {}));
    // Without custom claims.
    assert_eq!(read(""), Ok(()));
    assert_eq!(read(""), Ok(json!({})));
    assert_eq!(read(""), Ok(Map::new()));
    assert_eq!(read(""), Ok(Some(Empty {})));
}

#[test]
fn a_struct_may_use_the_attributes_of_serde() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct WithDefault {
        #[serde(default)]
        role: String,
        level: Option<u8>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        role: String,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        app: App,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    let (role, level) = (String::new(), None);
    assert_eq!(read(r#""more":1"#), Ok(WithDefault { role, level }));
    let role = || "admin".to_owned();
    assert_eq!(read(r#""role":"admin""#), Ok(Strict { role: role() }));
    let expected = errors::custom_claims(Some("more"), DOES_NOT_FIT);
    assert_eq!(error_of::<Strict>(MEMBERS), expected);
    let rest = BTreeMap::from([("more".to_owned(), json!([1, { "sub": 2 }]))]);
    assert_eq!(read(MEMBERS), Ok(Flat { app: app(), rest }));
}

#[test]
fn an_externally_tagged_enum_is_one_custom_claim() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Choice {
        Role(String),
        Guest { since: u8 },
        Pair(u8, u8),
        Admin,
    }
    assert_eq!(read(r#""role":"admin""#), Ok(Choice::Role("admin".into())));
    assert_eq!(
        read(r#""guest":{"since":7}"#),
        Ok(Choice::Guest { since: 7 })
    );
    assert_eq!(read(r#""pair":[1,2]"#), Ok(Choice::Pair(1, 2)));
    assert_eq!(read(r#""admin":null"#), Ok(Choice::Admin));
    for members in [
        r#""role":"admin","guest":{"since":7}"#,
        r#""guest":{"since":7},"role":"admin""#,
        r#""role":"admin","more":1"#,
        r#""more":1"#,
        r#""role":5"#,
        r#""admin":1"#,
        "",
    ] {
        let error = read::<Choice>(members).expect_err(members);
        assert_eq!(error.code(), "custom_claims", "{members}");
    }
}

#[test]
fn tagged_and_untagged_enums_are_read() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Tagged {
        User { role: String },
        Service,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", content = "data", rename_all = "lowercase")]
    enum Adjacent {
        User(u8),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Level { level: u8 },
        App(App),
    }
    let user = Tagged::User {
        role: "admin".into(),
    };
    assert_eq!(read(r#""role":"admin","kind":"user""#), Ok(user));
    assert_eq!(read(r#""kind":"service""#), Ok(Tagged::Service));
    assert_eq!(read(r#""data":7,"kind":"user""#), Ok(Adjacent::User(7)));
    assert_eq!(read(r#""level":7"#), Ok(Untagged::Level { level: 7 }));
    assert_eq!(read(r#""role":"admin""#), Ok(Untagged::App(app())));
    let missing = errors::custom_claims(Some("kind"), IS_MISSING);
    assert_eq!(error_of::<Tagged>(r#""role":"admin""#), missing);
    assert_eq!(
        error_of::<Untagged>(""),
        errors::custom_claims(None, DOES_NOT_FIT)
    );
}

#[test]
fn custom_claims_may_borrow_from_the_buffer() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Borrowed<'a> {
        role: &'a str,
        #[serde(borrow)]
        note: Cow<'a, str>,
        #[serde(borrow)]
        list: Vec<&'a str>,
    }
    let jwt = jwt(r#""role":"admin","note":"a\nb","list":["é"]"#);
    let mut buffer = b"earlier contents".to_vec();
    let token = verifier()
        .verify_borrowed::<Claims<Borrowed<'_>>>(&jwt, &key().verifying_key(), &mut buffer)
        .expect("a valid token");
    let expected = Borrowed {
        role: "admin",
        note: "a\nb".into(),
        list: vec!["é"],
    };
    assert_eq!(token.claims().custom, expected);
    assert_eq!(token.claims().subject.as_deref(), Some("user-42"));
}
