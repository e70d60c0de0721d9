//! Names that are written with escapes.

use std::collections::BTreeMap;

use jwt_ring::{Claims, NumericDate};
use serde_json::Value;

use crate::support::{NOW, REGISTERED, errors, forge};
use crate::{Own, key, read, read_with, verifier};

#[test]
fn a_claim_whose_name_has_escapes_is_found() {
    let future = NOW + 10;
    let escaped = |name: &str| format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]);
    let exp = escaped("exp");
    let error = read::<Value>(&format!(r#"{{"{exp}":{NOW}}}"#)).expect_err("expired");
    assert_eq!(errors::text(&error), errors::expired(NOW, NOW));
    let payload = format!(
        r#"{{"{exp}":{future},"{}":"me","role":"admin"}}"#,
        escaped("sub")
    );
    let own: Own = read_with(&verifier().subject("me"), &payload).expect("a valid token");
    assert_eq!((own.exp, &*own.sub), (future, "me"));
    let claims: Claims = read_with(&verifier().subject("me"), &payload).expect("a valid token");
    assert_eq!(claims.expiration, Some(NumericDate::from_seconds(future)));
    assert_eq!(claims.subject.as_deref(), Some("me"));

    for claim in REGISTERED {
        let name = escaped(claim.name());
        let error = read::<Value>(&format!(r#"{{"{name}":true}}"#)).expect_err("a wrong type");
        assert_eq!(errors::text(&error), errors::wrong_type(claim));
        let duplicate = errors::malformed_payload("has two members of the same name");
        for payload in [
            format!(r#"{{"{name}":0,"{claim}":0}}"#),
            format!(r#"{{"{claim}":0,"{name}":0}}"#),
            format!(r#"{{"{name}":0,"{name}":0}}"#),
        ] {
            let error = read::<Value>(&payload).expect_err("a duplicate");
            assert_eq!(errors::text(&error), duplicate, "{payload}");
        }
    }
}

#[test]
fn a_header_parameter_whose_name_has_escapes_is_found() {
    let public = key().verifying_key();
    let verify = |header: &str| {
        let token = forge(&key(), header, r#"{"exp":9e9}"#);
        let result = verifier().verify::<Claims>(&token, &public);
        result.map_err(|error| errors::text(&error))
    };
    let token = verify(r#"{"\u0061l\u0067":"HS256","\u006bid":"a","t\u0079p":"JWT"}"#);
    let token = token.expect("a valid token");
    assert_eq!(
        (token.header().key_id(), token.header().typ()),
        (Some("a"), Some("JWT"))
    );
    for (members, expected) in [
        (r#""\u0063rit":[]"#, errors::unsupported_extension("crit")),
        (
            r#""\u0062\u0036\u0034":false"#,
            errors::unsupported_extension("b64"),
        ),
        (r#""t\u0079p":"at+jwt""#, errors::typ_mismatch(&[])),
        (r#""\u0063ty":"JWT""#, errors::nested_token()),
    ] {
        let header = format!(r#"{{"alg":"HS256",{members}}}"#);
        assert_eq!(verify(&header).err(), Some(expected), "{header}");
    }
    for (name, escaped) in [
        ("alg", r"\u0061lg"),
        ("typ", r"t\u0079p"),
        ("kid", r"ki\u0064"),
        ("cty", r"\u0063ty"),
        ("crit", r"cri\u0074"),
        ("b64", r"b\u00364"),
        ("x", r"\u0078"),
    ] {
        for (one, other) in [(name, escaped), (escaped, name)] {
            let header = format!(r#"{{"{one}":"HS256","{other}":"HS256"}}"#);
            let duplicate = errors::malformed_header("has two members of the same name");
            assert_eq!(verify(&header).err(), Some(duplicate), "{header}");
        }
    }
}

#[test]
fn a_name_is_read_as_bytes() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Bytes(Vec<u8>);
    struct Visitor;
    impl serde::de::Visitor<'_> for Visitor {
        type Value = Bytes;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
            Ok(Bytes(bytes.into()))
        }
    }
    impl<'de> serde::Deserialize<'de> for Bytes {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_byte_buf(Visitor)
        }
    }

    let claims: Claims<BTreeMap<Bytes, u8>> =
        read(r#"{"sub":"me","a":1,"\u0062":2}"#).expect("names");
    let names: Vec<_> = claims
        .custom
        .keys()
        .map(|Bytes(name)| name.as_slice())
        .collect();
    assert_eq!(names, [b"a", b"b"]);
}
