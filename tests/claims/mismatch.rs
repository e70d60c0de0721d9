//! Types that do not fit, and types with implementations of their own.

use std::collections::HashMap;

use jwt_ring::Claims;
use serde::Deserialize;
use serde::de::Deserializer;

use crate::support::errors;
use crate::{
    App, DECLARES_REGISTERED, DOES_NOT_FIT, IS_MISSING, app, error_of, jwt, key, read, verifier,
};

#[test]
fn a_struct_that_declares_a_registered_claim_is_rejected() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "its fields are only read")]
    struct Declares {
        role: String,
        sub: String,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "its fields are only read")]
    struct Optional {
        sub: Option<String>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "its fields are only read")]
    struct WithDefault {
        #[serde(default)]
        iat: u64,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "its fields are only read")]
    struct Renamed {
        #[serde(rename = "exp")]
        expires: u64,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "its fields are only read")]
    struct Alias {
        #[serde(alias = "jti")]
        id: Option<String>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "its fields are only read")]
    struct Wrapped(Option<Optional>);
    /// A claim of a profile is not a registered claim.
    #[derive(Debug, PartialEq, Deserialize)]
    struct Profile {
        nonce: Option<String>,
        #[serde(rename = "SUB")]
        sub: Option<u8>,
    }

    let expected = errors::custom_claims(None, DECLARES_REGISTERED);
    for members in [
        "",
        r#""role":"admin""#,
        r#""role":5"#,
        r#""jti":"1","iat":1"#,
    ] {
        assert_eq!(error_of::<Declares>(members), expected);
        assert_eq!(error_of::<Optional>(members), expected);
        assert_eq!(error_of::<Option<Optional>>(members), expected);
        assert_eq!(error_of::<Box<Optional>>(members), expected);
        assert_eq!(error_of::<Wrapped>(members), expected);
        assert_eq!(error_of::<WithDefault>(members), expected);
        assert_eq!(error_of::<Renamed>(members), expected);
        assert_eq!(error_of::<Alias>(members), expected);
    }
    let error = read::<Optional>("").expect_err("declares `sub`");
    assert_eq!(
        error.to_string(),
        format!("the payload {DECLARES_REGISTERED}")
    );
    let (nonce, sub) = (Some("n".into()), Some(1));
    assert_eq!(read(r#""nonce":"n","SUB":1"#), Ok(Profile { nonce, sub }));

    // The remedy: the struct itself is the type of the claims.
    let result = verifier().verify::<Optional>(&jwt(""), &key().verifying_key());
    let claims = result.expect("a valid token").into_claims();
    assert_eq!(claims.sub.as_deref(), Some("user-42"));
}

/// serde buffers the members for these types and does not pass the names of their fields.
#[test]
fn a_registered_claim_is_missing_for_a_type_that_hides_its_fields() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        sub: Option<String>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        inner: Inner,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Tagged {
        User { sub: Option<String> },
    }
    let (sub, inner) = (None, Inner { sub: None });
    assert_eq!(read(r#""kind":"user""#), Ok(Flat { inner }));
    assert_eq!(read(r#""kind":"user""#), Ok(Tagged::User { sub }));
}

#[test]
fn the_member_that_does_not_fit_is_named() {
    let rows = [
        ("", "role", IS_MISSING),
        (r#""more":1"#, "role", IS_MISSING),
        (r#""role":{"hunter2":"hunter2"}"#, "role", DOES_NOT_FIT),
        (r#""more":1,"role":null"#, "role", DOES_NOT_FIT),
    ];
    for (members, member, problem) in rows {
        assert_eq!(
            error_of::<App>(members),
            errors::custom_claims(Some(member), problem)
        );
    }
    let long = "n".repeat(100);
    let expected = errors::custom_claims(Some(&long), DOES_NOT_FIT);
    assert_eq!(
        error_of::<HashMap<String, String>>(&format!(r#""{long}":1"#)),
        expected
    );
    assert_eq!(
        error_of::<Vec<u8>>(""),
        errors::custom_claims(None, DOES_NOT_FIT)
    );
}

#[test]
fn claims_within_claims_are_rejected() {
    let error = read::<Claims>(r#""x":1"#).expect_err("claims as custom claims");
    assert_eq!(error.code(), "custom_claims");
    assert!(
        error.to_string().contains("name the struct itself"),
        "{error}"
    );
}

/// A type that reads nothing, and one that ignores an error of the deserializer.
struct ReadsNothing;
struct IgnoresErrors(Option<App>);

impl<'de> Deserialize<'de> for ReadsNothing {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

impl<'de> Deserialize<'de> for IgnoresErrors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(App::deserialize(deserializer).ok()))
    }
}

#[test]
fn a_type_with_an_implementation_of_its_own_does_not_change_the_checks() {
    let code = |members: &str| {
        let ignores = read::<IgnoresErrors>(members).map(|IgnoresErrors(app)| {
            assert_eq!(app, Some(self::app()));
        });
        ignores.err().map(|error| error.code())
    };
    assert_eq!(code(r#""role":"admin""#), None);
    for (members, expected) in [
        (r#""role":"admin","nbf":{}"#, "wrong_type"),
        (r#""iat":"x","role":5"#, "wrong_type"),
        (r#""jti":null"#, "wrong_type"),
        (r#""exp":1"#, "malformed_payload"),
        (r#""a":1,"a":1"#, "malformed_payload"),
        // What it did not read is an error of serde_json.
        (r#""role":5"#, "custom_claims"),
    ] {
        assert_eq!(code(members), Some(expected), "{members}");
    }
    let error = read::<ReadsNothing>(r#""role":"admin""#).map(drop);
    assert_eq!(error.expect_err("unread members").code(), "custom_claims");
}
