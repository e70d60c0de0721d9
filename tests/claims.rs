//! Claims of the caller's own: what every sort of type sees, and what may be written.

mod support;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jwt_ring::{
    Algorithm, Audience, Claim, Claims, Header, NumericDate, SignError, Signer, SigningKey, Token,
    Unsigned, Verifier, VerifyError,
};
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use support::{NOW, clock, forge};

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new().issuer("me").audience("you").clock(clock())
}

/// A token with these members beside the registered ones.
fn jwt(members: &str) -> String {
    let registered = format!(
        r#""iss":"me","aud":["you"],"exp":{},"sub":"user-42""#,
        NOW + 900
    );
    forge(
        &key(),
        r#"{"alg":"HS256"}"#,
        format!("{{{registered}{members}}}"),
    )
}

fn read<T: DeserializeOwned>(members: &str) -> Result<T, VerifyError> {
    let token: Token<T> = verifier().verify(&jwt(members), &key().verifying_key())?;
    Ok(token.into_claims().custom)
}

#[derive(Debug, PartialEq, Deserialize)]
struct App {
    role: String,
}

#[test]
fn a_type_sees_the_members_that_are_not_registered() {
    let members = r#","role":"admin","more":[1,{"sub":2}]"#;
    let rest = json!({ "role": "admin", "more": [1, { "sub": 2 }] });
    let app = || App {
        role: "admin".into(),
    };

    assert_eq!(read::<App>(members).expect("a struct"), app());
    assert_eq!(
        read::<Option<App>>(members).expect("an option"),
        Some(app())
    );
    assert_eq!(read::<Value>(members).expect("a value"), rest);
    let map: Map<String, Value> = read(members).expect("a map");
    assert_eq!(Value::Object(map), rest);
    let map: HashMap<String, Value> = read(members).expect("a hash map");
    assert_eq!(map.len(), 2);
    read::<()>(members).expect("nothing");

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapped(App);
    assert_eq!(read::<Wrapped>(members).expect("a newtype"), Wrapped(app()));

    #[derive(Debug, PartialEq, Deserialize)]
    struct Nothing;
    assert_eq!(read::<Nothing>(members).expect("a unit struct"), Nothing);

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Role {
        Role(String),
        Guest { since: u8 },
    }
    let role = read::<Role>(r#","role":"admin""#).expect("a variant");
    assert_eq!(role, Role::Role("admin".into()));
    let guest = read::<Role>(r#","guest":{"since":7}"#).expect("a variant");
    assert_eq!(guest, Role::Guest { since: 7 });

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        role: String,
    }
    read::<Strict>(r#","role":"admin""#).expect("registered claims are not unknown fields");
    assert_eq!(
        read::<Strict>(members)
            .expect_err("an unknown field")
            .code(),
        "custom_claims"
    );

    #[derive(Debug, PartialEq, Deserialize)]
    struct Flat {
        role: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    let flat = read::<Flat>(members).expect("a flattened struct");
    assert_eq!(flat.rest.into_keys().collect::<Vec<_>>(), ["more"]);
}

#[test]
fn a_struct_that_declares_registered_claims_gets_them_as_well() {
    #[derive(Debug, Deserialize)]
    struct Classic<'a> {
        sub: &'a str,
        #[serde(borrow)]
        iss: Cow<'a, str>,
        aud: Audience,
        #[serde(alias = "exp")]
        expires: u64,
        nbf: Option<NumericDate>,
        role: &'a str,
    }
    let jwt = jwt(r#","role":"admin","nbf":-1.5"#);
    let mut buffer = b"what it held before".to_vec();
    let token = verifier()
        .verify_borrowed::<Classic<'_>>(&jwt, &key().verifying_key(), &mut buffer)
        .expect("a good token");
    let claims = token.claims();
    let custom = &claims.custom;
    assert_eq!((custom.sub, custom.role), ("user-42", "admin"));
    assert!(matches!(custom.iss, Cow::Borrowed("me")));
    assert!(custom.aud.contains("you"));
    assert_eq!(custom.expires.cast_signed(), NOW + 900);
    assert_eq!(
        (custom.nbf, claims.not_before),
        (claims.not_before, custom.nbf)
    );
    assert_eq!(claims.subject.as_deref(), Some("user-42"));
    assert_eq!(
        claims.expiration,
        Some(NumericDate::from_seconds(NOW + 900))
    );

    // The policy sees the claim even where the struct wants another type of it.
    #[derive(Debug, Deserialize)]
    struct Odd {
        #[allow(dead_code, reason = "it is never made")]
        exp: String,
    }
    let refused = read::<Odd>("").expect_err("a number");
    assert_eq!(
        refused.to_string(),
        r#"the payload's member "exp" does not fit the type asked for"#
    );
}

#[test]
fn a_misfit_is_named_and_never_quoted() {
    let long = format!(r#","{}":1"#, "n".repeat(100));
    let cases = [
        (
            "",
            r#"the payload's member "role" is expected, and missing"#,
        ),
        (
            r#","role":{"hunter2":"hunter2"}"#,
            r#"the payload's member "role" does not fit the type asked for"#,
        ),
    ];
    for (members, sentence) in cases {
        let refused = read::<App>(members).expect_err("a misfit");
        assert_eq!(refused.to_string(), sentence);
        assert!(!format!("{refused:?}").contains("hunter2"));
        assert_eq!(refused.code(), "custom_claims");
    }
    let refused = read::<HashMap<String, String>>(&long).expect_err("a number");
    let sentence = format!(
        "the payload's member {:?} does not fit the type asked for",
        "n".repeat(64)
    );
    assert_eq!(refused.to_string(), sentence);
    let refused = read::<Vec<u8>>("").expect_err("no array");
    assert_eq!(
        refused.to_string(),
        "the payload does not fit the type asked for"
    );
}

/// A type that makes nothing of what goes wrong while it reads.
struct Lenient(Option<App>);

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(App::deserialize(deserializer).ok()))
    }
}

/// A type that reads as long as it goes well.
struct Patient;

impl<'de> Deserialize<'de> for Patient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PatientVisitor;

        impl<'de> Visitor<'de> for PatientVisitor {
            type Value = Patient;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("anything")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Patient, A::Error> {
                loop {
                    if let Ok(None) = map.next_entry::<String, Value>() {
                        return Ok(Patient);
                    }
                }
            }
        }

        deserializer.deserialize_map(PatientVisitor)
    }
}

/// A type that does not even look.
struct Blind;

impl<'de> Deserialize<'de> for Blind {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

#[test]
fn a_type_cannot_make_a_fault_undone() {
    let code = |members: &str| {
        let lenient = read::<Lenient>(members).map(|Lenient(app)| assert!(app.is_some()));
        let patient = read::<Patient>(members).map(|_| ());
        let code = |read: Result<(), VerifyError>| read.err().map(|error| error.code());
        let (lenient, patient) = (code(lenient), code(patient));
        assert_eq!(lenient, patient, "{members}");
        lenient
    };
    assert_eq!(code(r#","role":"admin""#), None);
    for name in ["nbf", "iat", "jti"] {
        for (before, after) in [("", r#","role":"admin""#), (r#","role":"admin""#, "")] {
            let members = format!(r#"{before},"{name}":{{}}{after}"#);
            assert_eq!(code(&members), Some("wrong_type"), "{members}");
        }
    }
    assert_eq!(code(r#","exp":1"#), Some("malformed_payload"), "twice");
    assert_eq!(code(r#","a":1,"a":1"#), Some("malformed_payload"), "twice");
    let blind = read::<Blind>(r#","role":"admin""#).map(|_| ());
    assert_eq!(blind.expect_err("nothing was read").code(), "custom_claims");
}

#[test]
fn what_is_wrong_whoever_reads_comes_before_a_misfit() {
    for members in [r#","role":5,"nbf":"x""#, r#","nbf":"x","role":5"#] {
        let error = read::<App>(members).map(|_| ()).expect_err("two faults");
        assert!(
            matches!(error, VerifyError::WrongType(Claim::NotBefore)),
            "{members}: {error:?}"
        );
    }
}

#[test]
fn custom_claims_become_members() {
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Wrapped<T>(T);
    #[derive(Serialize)]
    enum Choice {
        Role(&'static str),
    }
    #[derive(Serialize)]
    struct Role {
        role: &'static str,
    }
    let empty = Claims::new(&clock(), Duration::ZERO);
    let write = |custom: &dyn Fn(Claims) -> serde_json::Result<String>| {
        let text = custom(empty.clone()).expect("claims");
        let registered = format!(r#"{{"exp":{NOW},"iat":{NOW}"#);
        text.strip_prefix(&registered)
            .expect("the registered claims first")
            .to_owned()
    };
    let string = serde_json::to_string;
    assert_eq!(write(&|claims| string(&claims.custom(()))), "}");
    assert_eq!(
        write(&|claims| serde_json::to_string(&claims.custom(Unit))),
        "}"
    );
    assert_eq!(
        write(&|claims| serde_json::to_string(&claims.custom(None::<Role>))),
        "}"
    );
    let role = r#","role":"a"}"#;
    assert_eq!(
        write(&|claims| serde_json::to_string(&claims.custom(Role { role: "a" }))),
        role
    );
    let some = Some(Wrapped(json!({ "role": "a" })));
    assert_eq!(
        write(&|claims| serde_json::to_string(&claims.custom(&some))),
        role
    );
    let choice = Choice::Role("a");
    let text = write(&|claims| serde_json::to_string(&claims.custom(&choice)));
    assert_eq!(text, r#","Role":"a"}"#);
    let numbers = BTreeMap::from([(1, true)]);
    let text = write(&|claims| serde_json::to_string(&claims.custom(&numbers)));
    assert_eq!(text, r#","1":true}"#);
}

#[test]
fn custom_claims_cannot_shadow_registered_ones() {
    #[derive(Serialize)]
    struct Shadow {
        jti: &'static str,
    }
    let signer = Signer::new(key());
    let claims = Claims::new(&clock(), Duration::ZERO);
    for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
        let refused = signer.sign(&claims.clone().custom(json!({ name: 1 })));
        let reason = format!(
            "the custom claims hold the registered claim `{name}`, which is set on `Claims`"
        );
        assert_eq!(refused, Err(SignError::Payload(reason)));
    }
    let refused = signer.sign(&claims.clone().custom(Shadow { jti: "1" }));
    assert!(matches!(refused, Err(SignError::Payload(_))));
    signer
        .sign(&claims.custom(json!({ "role": 1 })))
        .expect("another name");
}

#[test]
fn what_is_no_object_is_not_signed() {
    let signer = Signer::new(key());
    let claims = Claims::new(&clock(), Duration::ZERO);
    for value in [
        json!([1]),
        json!("x"),
        json!(5),
        json!(-5),
        json!(1.5),
        json!(true),
    ] {
        let refused = signer.sign(&claims.clone().custom(&value));
        let reason = "the custom claims are not a JSON object".into();
        assert_eq!(refused, Err(SignError::Payload(reason)), "{value}");
        let refused = signer.sign(&value);
        assert_eq!(
            refused,
            Err(SignError::Payload("it is not a JSON object".into()))
        );
    }
    // serde_json hands raw text on as a struct.
    for json in [r#"{"role":"admin","exp":1}"#, "[1]"] {
        let raw: &serde_json::value::RawValue = serde_json::from_str(json).expect("JSON");
        let refused = signer.sign(&claims.clone().custom(raw));
        assert!(matches!(refused, Err(SignError::Payload(_))), "{json}");
    }
    let tuples = signer.sign(&claims.clone().custom((1, 2)));
    assert!(matches!(tuples, Err(SignError::Payload(_))));
    assert!(matches!(
        signer.sign(&None::<u8>),
        Err(SignError::Payload(_))
    ));
    signer.sign(&json!({})).expect("an object");
}

#[test]
fn audiences_are_one_string_or_several() {
    let one: Audience = ["a"].into_iter().collect();
    let two: Audience = ["a", "b"].into_iter().collect();
    let three: Audience = ["a", "b", "ab"].into_iter().collect();
    let none = Audience::default();
    for (audience, json, count) in [
        (one, r#""a""#, 1),
        (two, r#"["a","b"]"#, 2),
        (three, r#"["a","b","ab"]"#, 3),
        (none, "[]", 0),
    ] {
        assert_eq!(serde_json::to_string(&audience).ok().as_deref(), Some(json));
        assert_eq!(
            serde_json::from_str::<Audience>(json).ok().as_ref(),
            Some(&audience)
        );
        assert_eq!(audience.contains("a"), json.contains('a'));
        assert_eq!(audience.iter().len(), count);
    }
    assert_eq!(
        serde_json::from_str::<Audience>(r#"["a"]"#)
            .expect("one")
            .iter()
            .len(),
        1
    );
    for json in ["5", "null", "{}", r#"["a",{}]"#] {
        assert!(serde_json::from_str::<Audience>(json).is_err(), "{json}");
    }
    let error = serde_json::from_str::<Audience>("5").expect_err("a number");
    let words = error.to_string();
    assert!(
        words.contains("expected a string or an array of strings"),
        "{words}"
    );
}

#[test]
fn dates_in_structs_of_ones_own() {
    for (json, seconds, nanoseconds) in [
        ("0", 0, 0),
        ("-1", -1, 0),
        ("1700000000.1", 1_700_000_000, 100_000_000),
        ("-1.5", -2, 500_000_000),
    ] {
        let date: NumericDate = serde_json::from_str(json).expect("a date");
        assert_eq!(
            (date.seconds(), date.nanoseconds()),
            (seconds, nanoseconds),
            "{json}"
        );
        assert_eq!(serde_json::to_string(&date).ok().as_deref(), Some(json));
    }
    for json in ["1e300", "18446744073709551615", "\"1\"", "null", "[1]"] {
        assert!(serde_json::from_str::<NumericDate>(json).is_err(), "{json}");
    }
    let error = serde_json::from_str::<NumericDate>("null").expect_err("no number");
    let words = error.to_string();
    assert!(
        words.contains("expected a number of seconds since 1970"),
        "{words}"
    );
}

#[test]
fn new_claims_live_as_long_as_they_say() {
    let clock = clock();
    clock.advance(Duration::from_millis(900));
    let claims = Claims::new(&clock, Duration::from_secs(900));
    assert_eq!(claims.issued_at, Some(NumericDate::from_seconds(NOW)));
    assert_eq!(
        claims.expiration,
        Some(NumericDate::from_seconds(NOW + 900))
    );
}

#[test]
fn a_header_has_members_of_its_own_and_no_others() {
    let header = Header::new(Algorithm::HS256)
        .with_token_type("x+jwt")
        .with_key_id("k");
    let header = header
        .with_member("nonce", "n")
        .with_member("jwk", json!({ "kty": "EC" }));
    assert_eq!(header.member("nonce"), Some(&json!("n")));
    assert_eq!(
        (header.member("alg"), header.token_type()),
        (None, Some("x+jwt"))
    );
    let text = serde_json::to_string(&header).expect("JSON");
    let members = r#""jwk":{"kty":"EC"},"nonce":"n""#;
    assert_eq!(
        text,
        format!(r#"{{"alg":"HS256","typ":"x+jwt","kid":"k",{members}}}"#)
    );
    let unsigned = Unsigned::new(&header, &json!({})).expect("a message");
    let segment = unsigned
        .message()
        .split(|byte| *byte == b'.')
        .next()
        .expect("a segment");
    assert_eq!(
        support::decode(str::from_utf8(segment).expect("text")),
        text.as_bytes()
    );

    for name in ["alg", "typ", "kid", "crit", "b64"] {
        let refused = Unsigned::new(&header.clone().with_member(name, 1), &json!({}));
        let refused = refused.expect_err("not for the caller");
        assert_eq!(refused, SignError::ReservedMember(name.into()));
    }
}
