//! `Claims<T>`: the registered claims as fields, and the custom claims as any type that serde reads
//! from an object. `types` tests other types of claims, `signer` what may be written.

mod support;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::time::Duration;

use jwt_ring::{Algorithm, Audience, Claims, NumericDate, SigningKey, Verifier, VerifyError};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::{Map, Value, json};
use support::{NOW, clock, errors, forge};

const DOES_NOT_FIT: &str = "does not fit the type asked for";
const IS_MISSING: &str = "is missing, and the type asked for requires it";
const DECLARES_REGISTERED: &str = "does not fit, because the type of the custom claims declares a claim that is a field beside them: name the struct itself";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn verifier() -> Verifier {
    Verifier::new().issuer("me").audience("you").clock(clock())
}

/// Returns a token with these members, written after the first registered claims and before the
/// last.
fn jwt(members: &str) -> String {
    let exp = NOW + 900;
    let separator = if members.is_empty() { "" } else { "," };
    let payload =
        format!(r#"{{"iss":"me","exp":{exp},{members}{separator}"sub":"user-42","aud":["you"]}}"#);
    forge(&key(), r#"{"alg":"HS256"}"#, payload)
}

fn read<T: DeserializeOwned>(members: &str) -> Result<T, VerifyError> {
    let token = verifier().verify::<Claims<T>>(&jwt(members), &key().verifying_key())?;
    let claims = token.into_claims();
    // The type of the custom claims has no influence on the registered ones.
    assert_eq!(claims.issuer.as_deref(), Some("me"));
    assert_eq!(claims.subject.as_deref(), Some("user-42"));
    assert_eq!(claims.audience, Some(["you"].into_iter().collect()));
    assert_eq!(
        claims.expiration,
        Some(NumericDate::from_seconds(NOW + 900))
    );
    assert_eq!(
        (claims.not_before, claims.issued_at, claims.jwt_id),
        (None, None, None)
    );
    Ok(claims.custom)
}

/// Asserts that the members do not fit, and returns the error.
#[track_caller]
fn error_of<T: DeserializeOwned>(members: &str) -> String {
    errors::text(&read::<T>(members).map(drop).expect_err(members))
}

#[derive(Debug, PartialEq, Deserialize)]
struct App {
    role: String,
}

fn app() -> App {
    App {
        role: "admin".into(),
    }
}

const MEMBERS: &str = r#""role":"admin","more":[1,{"sub":2}]"#;

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

/// Reads the members as a map with serde_json alone, and as custom claims.
#[track_caller]
fn check_map<K>(members: &str)
where
    K: DeserializeOwned + Ord + Debug,
{
    // From bytes: serde_json 1.0.154 makes an invalid `str` of a name that is not ASCII when it reads
    // a `bool` key from text.
    let plain = serde_json::from_slice::<BTreeMap<K, u8>>(format!("{{{members}}}").as_bytes());
    let custom = read::<BTreeMap<K, u8>>(members);
    let name = std::any::type_name::<K>();
    match (plain, custom) {
        (Ok(plain), Ok(custom)) => assert_eq!(custom, plain, "{members}: {name}"),
        (Err(_), Err(error)) => assert_eq!(error.code(), "custom_claims", "{members}: {name}"),
        (plain, custom) => panic!("{members}: {name}: {plain:?} and {custom:?}"),
    }
}

#[test]
fn a_map_may_have_the_keys_that_serde_json_reads() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Role {
        Admin,
        Guest,
    }
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
    struct Id<T>(T);

    let levels = BTreeMap::from([(Role::Guest, 1), (Role::Admin, 2)]);
    assert_eq!(read(r#""guest":1,"admin":2"#), Ok(levels));
    let flags = BTreeMap::from([(true, 1), (false, 0)]);
    assert_eq!(read(r#""true":1,"false":0"#), Ok(flags));
    // serde_json itself does not read a number from a name with escapes.
    let numbers = BTreeMap::from([(Id(-7_i64), 1), (Id(1), 2)]);
    assert_eq!(read(r#""-7":1,"\u0031":2"#), Ok(numbers));
    for members in [
        "",
        r#""1":1,"2":2"#,
        r#""-1":1"#,
        r#""255":1,"256":1"#,
        r#""340282366920938463463374607431768211455":1"#,
        r#""01":1"#,
        r#""+1":1"#,
        r#""1.0":1"#,
        r#""1e0":1"#,
        r#""x":1"#,
        r#""":1"#,
        r#""true":1"#,
        r#""True":1"#,
        r#""admin":1"#,
        r#""admin":1,"owner":1"#,
        r#""null":1"#,
        r#""é":1"#,
    ] {
        check_map::<String>(members);
        check_map::<char>(members);
        check_map::<bool>(members);
        check_map::<u8>(members);
        check_map::<i64>(members);
        check_map::<u128>(members);
        check_map::<i128>(members);
        check_map::<Role>(members);
        check_map::<Id<u64>>(members);
        check_map::<Id<String>>(members);
        check_map::<Option<String>>(members);
        check_map::<()>(members);
    }
}

/// Two names must not become one key.
#[test]
fn a_key_that_is_a_number_has_no_white_space() {
    for members in [r#"" 1":1"#, r#""1 ":1"#, r#""1":1," 1":2"#, r#""1\t":1"#] {
        check_map::<u8>(members);
        check_map::<i128>(members);
        check_map::<bool>(&members.replace('1', "true"));
    }
}

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

/// serde buffers the members for these types and does not tell their fields.
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

#[test]
fn a_null_claim_that_counts_as_missing_is_none() {
    let verifier = Verifier::new().null_as_missing().clock(clock());
    let exp = NOW + 900;
    let nulls = r#""iss":null,"sub":null,"aud":null,"nbf":null,"iat":null,"jti":null"#;
    let token = forge(
        &key(),
        r#"{"alg":"HS256"}"#,
        format!(r#"{{"exp":{exp},{nulls}}}"#),
    );
    let token = verifier.verify::<Claims>(&token, &key().verifying_key());
    let expected = Claims::new(&clock(), Duration::from_secs(900));
    let claims = token.expect("a valid token").into_claims();
    assert_eq!(claims.expiration, expected.expiration);
    let texts = (claims.issuer, claims.subject, claims.jwt_id);
    assert_eq!(texts, (None, None, None));
    let others = (claims.audience, claims.not_before, claims.issued_at);
    assert_eq!(others, (None, None, None));
}

#[test]
fn an_audience_is_a_string_or_an_array_of_strings() {
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
    let message = error.to_string();
    assert!(
        message.contains("expected a string or an array of strings"),
        "{message}"
    );
}

#[test]
fn a_date_is_read_with_its_fraction_and_written_in_whole_seconds() {
    for (json, seconds, nanoseconds, written) in [
        ("0", 0, 0, "0"),
        ("-1", -1, 0, "-1"),
        ("1700000000.1", 1_700_000_000, 100_000_000, "1700000000"),
        ("-1.5", -2, 500_000_000, "-2"),
        ("-0.1", -1, 900_000_000, "-1"),
        ("1e3", 1000, 0, "1000"),
    ] {
        let date: NumericDate = serde_json::from_str(json).expect("a date");
        assert_eq!(
            (date.seconds(), date.nanoseconds()),
            (seconds, nanoseconds),
            "{json}"
        );
        assert_eq!(
            serde_json::to_string(&date).ok().as_deref(),
            Some(written),
            "{json}"
        );
    }
    for json in ["1e300", "18446744073709551615", "\"1\"", "null", "[1]"] {
        assert!(serde_json::from_str::<NumericDate>(json).is_err(), "{json}");
    }
    let error = serde_json::from_str::<NumericDate>("null").expect_err("no number");
    let message = error.to_string();
    assert!(
        message.contains("expected a number of seconds since 1970"),
        "{message}"
    );
}

#[test]
fn new_claims_expire_after_their_lifetime() {
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
fn claims_within_claims_are_rejected() {
    let error = read::<Claims>(r#""x":1"#).expect_err("claims as custom claims");
    assert_eq!(error.code(), "custom_claims");
    assert!(
        error.to_string().contains("name the struct itself"),
        "{error}"
    );
}
